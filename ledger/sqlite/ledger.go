// Package sqlite is the ledger in a file.
//
// A file has one writer: an Update waits for the one before. Nobody reads half of
// what it writes, and what is read while it writes is as of before.
package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"duban/ledger"
	"duban/ledger/tables"
)

var (
	_ ledger.Store = (*Ledger)(nil)
	_ ledger.File  = (*Ledger)(nil)
)

func (l *Ledger) Path() string { return l.path }

func (l *Ledger) View(ctx context.Context, f func(ledger.Reader) error) error {
	tx, err := l.read.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("ledger %s: %w", l.path, explain(err))
	}
	defer func() { _ = tx.Rollback() }() // nothing was written
	return f(tables.Questions{DB: tables.Asking{DB: tx}, Dialect: dialect{}})
}

func (l *Ledger) Update(ctx context.Context, f func(ledger.Tx) error) error {
	return l.update(ctx, func(tx *Tx) error { return f(tx.Tx) })
}

func (l *Ledger) update(ctx context.Context, f func(*Tx) error) error {
	tx, err := l.begin(ctx, 0)
	if err != nil {
		return err
	}
	defer tx.end()
	if err := f(tx); err != nil {
		return err
	}
	if err := tx.Seal(); err != nil {
		return err
	}
	if err := l.Present(); err != nil { // what is written now nobody would find
		return err
	}
	tx.committing = true
	l.touched = nil // the next transaction may begin as soon as this one is on disk
	if err := tx.engine.tx.Commit(); err != nil {
		return fmt.Errorf("ledger %s: %w", l.path, explain(err))
	}
	if tx.Changed {
		l.changes.Add(1)
	}
	return l.Present()
}

func (l *Ledger) Rehearse(ctx context.Context, f func(ledger.Tx) error) error {
	tx, err := l.begin(ctx, entriesRehearsed)
	if err != nil {
		return err
	}
	defer tx.end()
	return f(tx.Tx)
}

// entriesRehearsed is how many entries of the journal a rehearsal keeps in memory: an edit
// of a rule that all units follow has a few thousand, and none of them stays.
const entriesRehearsed = 20_000

// begin begins a transaction; up to keep entries of the journal wait for its end.
func (l *Ledger) begin(ctx context.Context, keep int) (*Tx, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if l.write == nil {
		return nil, fmt.Errorf("ledger %s: is open to be read only", l.path)
	}
	ctx = context.WithoutCancel(ctx) // for every statement that could be interrupted the driver starts a goroutine
	sqlTx, err := l.write.BeginTx(ctx, nil)
	if err != nil {
		return nil, fmt.Errorf("ledger %s: %w", l.path, explain(err))
	}
	if l.lean {
		if err := keepCache(ctx, sqlTx, cacheKB); err != nil {
			return nil, errors.Join(err, sqlTx.Rollback())
		}
		l.lean = false
	}
	e := &engine{Asking: tables.Asking{DB: sqlTx}, tx: sqlTx, ctx: ctx, ledger: l}
	tx := &Tx{Tx: tables.NewTx(ctx, e, dialect{}, keep), engine: e, ledger: l}
	l.touched = tx.Touched
	return tx, nil
}

// Tx is a write transaction.
type Tx struct {
	*tables.Tx
	engine     *engine
	ledger     *Ledger
	committing bool
}

// end takes back what was not committed.
func (tx *Tx) end() {
	if tx.committing {
		return // what the ledger notes now is the next transaction's
	}
	tx.ledger.touched = nil
	_ = tx.engine.tx.Rollback() // the first error is the one to tell
}

// engine runs a transaction's statements.
type engine struct {
	tables.Asking
	tx     *sql.Tx
	ctx    context.Context
	ledger *Ledger

	unindexed []unindexed
	filled    []string // tables that were looked at for that
}

func (e *engine) Exec(query string, args ...any) (sql.Result, error) {
	return e.tx.ExecContext(e.ctx, query, args...)
}

// Queue need not wait: nothing lies between this and the file.
func (e *engine) Queue(query string, args ...any) error {
	_, err := e.Exec(query, args...)
	return err
}

func (e *engine) QueueGiving(query string, args []any, scan tables.Scan, then func()) error {
	err := e.Each(e.ctx, query, args, scan)
	if err == nil {
		then()
	}
	return err
}

func (*engine) Flush() error { return nil }

// Load knows no shorter way: nothing lies between this and the file.
func (e *engine) Load(table string, columns []string, values []any) error {
	query, args := dialect{}.Values(make([]tables.Type, len(columns)), tables.Cleaned(values))
	_, err := e.Exec(`INSERT INTO `+table+` (`+strings.Join(columns, ", ")+`) `+query, args...)
	return err
}

// NoteEnd notes it in the transaction itself.
func (e *engine) NoteEnd(head string) error {
	_, err := e.Exec(`INSERT INTO fact (name, value) VALUES ('`+tables.FactEnd+`', ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value`, head)
	return err
}

// HolderOf needs no lock: nobody else writes.
func (e *engine) HolderOf(task string) (string, error) {
	held, err := tables.Questions{DB: e, Dialect: dialect{}}.LeaseOf(e.ctx, task)
	return held.Owner, err
}

// Last needs no lock: nobody else writes.
func (e *engine) Last() (ledger.Entry, error) {
	return tables.Questions{DB: e, Dialect: dialect{}}.LastOf(e.ctx)
}
