// Package sqlite keeps a ledger in one SQLite file.
//
// A transaction that returned without an error is on disk (synchronous=FULL).
// There is one writer at a time; a second one waits.
package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"duban/ledger"
)

var (
	_ ledger.Store = (*Ledger)(nil)
	_ ledger.File  = (*Ledger)(nil)
	_ ledger.Tx    = (*Tx)(nil)
)

func (l *Ledger) Path() string { return l.path }

func (l *Ledger) View(ctx context.Context, f func(ledger.Reader) error) error {
	tx, err := l.read.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("ledger %s: %w", l.path, explain(err))
	}
	defer func() { _ = tx.Rollback() }() // nothing was written
	return f(queries{tx})
}

func (l *Ledger) Update(ctx context.Context, f func(ledger.Tx) error) error {
	return l.update(ctx, func(tx *Tx) error { return f(tx) })
}

func (l *Ledger) update(ctx context.Context, f func(*Tx) error) error {
	tx, err := l.begin(ctx)
	if err != nil {
		return err
	}
	defer tx.end()
	if err := f(tx); err != nil {
		return err
	}
	changes := tx.changes()
	if err := tx.seal(); err != nil {
		return err
	}
	if err := l.Present(); err != nil { // what is written now nobody would find
		return err
	}
	tx.committing = true
	l.touched = nil // the next transaction may begin as soon as this one is on disk
	if err := tx.tx.Commit(); err != nil {
		return fmt.Errorf("ledger %s: %w", l.path, explain(err))
	}
	if changes {
		l.changes.Add(1)
	}
	return l.Present()
}

func (l *Ledger) Rehearse(ctx context.Context, f func(ledger.Tx) error) error {
	tx, err := l.begin(ctx)
	if err != nil {
		return err
	}
	defer tx.end()
	return f(tx)
}

func (l *Ledger) begin(ctx context.Context) (*Tx, error) {
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
	l.touched = touched{}
	tx := &Tx{ctx: ctx, tx: sqlTx, ledger: l}
	tx.queries = queries{journalled{tx}}
	return tx, nil
}

// Tx is a write transaction.
type Tx struct {
	queries
	ctx     context.Context
	tx      *sql.Tx
	ledger  *Ledger
	last    *ledger.Entry  // of the journal, once read
	entries []ledger.Entry // not written yet

	committing bool
}

// end takes back what was not committed.
func (tx *Tx) end() {
	if tx.committing {
		return // what the ledger notes now is the next transaction's
	}
	tx.ledger.touched = nil
	_ = tx.tx.Rollback() // the first error is the one to tell
}

// journalled is a transaction as its questions see it: what it has told the
// journal is in there.
type journalled struct{ tx *Tx }

func (j journalled) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	if err := j.upToDate(query); err != nil {
		return nil, err
	}
	return j.tx.tx.QueryContext(ctx, query, args...)
}

func (j journalled) QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row {
	_ = j.upToDate(query) // the commit meets the same error
	return j.tx.tx.QueryRowContext(ctx, query, args...)
}

func (j journalled) upToDate(query string) error {
	if !strings.Contains(query, "journal") {
		return nil
	}
	return j.tx.writeEntries("")
}

func (tx *Tx) Context() context.Context { return tx.ctx }

func (tx *Tx) exec(query string, args ...any) (sql.Result, error) {
	r, err := tx.tx.ExecContext(tx.ctx, query, args...)
	return r, explain(err)
}

// queries are the questions that the ledger answers, inside a transaction or out.
type queries struct{ db querier }

type querier interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// each calls scan for every row of a query.
func (q queries) each(ctx context.Context, query string, args []any, scan func(func(...any) error) error) error {
	found, err := q.db.QueryContext(ctx, query, args...)
	if err != nil {
		return explain(err)
	}
	defer found.Close()
	for found.Next() {
		if err := scan(found.Scan); err != nil {
			return err
		}
	}
	return explain(found.Err())
}

func (q queries) Fact(ctx context.Context, name string) (string, error) {
	var v string
	err := q.db.QueryRowContext(ctx, `SELECT value FROM fact WHERE name = ?`, name).Scan(&v)
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil
	}
	return v, explain(err)
}

func (tx *Tx) SetFact(name, value string) error {
	_, err := tx.exec(`INSERT INTO fact (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value`, name, value)
	return err
}

// filter builds the WHERE of a query out of what is asked.
type filter struct {
	where []string
	args  []any
}

func (f *filter) add(condition string, args ...any) {
	f.where = append(f.where, condition)
	f.args = append(f.args, args...)
}

func (f *filter) equal(column, value string) {
	if value != "" {
		f.add(column+" = ?", value)
	}
}

func (f *filter) String() string {
	if len(f.where) == 0 {
		return ""
	}
	return " WHERE " + strings.Join(f.where, " AND ")
}

// limited is a query with a limit; 0: none.
func limited(query string, args []any, limit int) (string, []any) {
	if limit == 0 {
		return query, args
	}
	return query + ` LIMIT ?`, append(args, limit)
}

// together is how many rows one statement names or writes.
const together = 500

// marks are n question marks for the list of an IN.
func marks(n int) string { return strings.TrimSuffix(strings.Repeat("?,", n), ",") }

// rows are those of an INSERT with several.
type rows struct {
	args []any
	n    int
}

func (r *rows) add(values ...any) {
	r.args = append(r.args, values...)
	r.n++
}

func (r *rows) values() string {
	one := "(" + marks(len(r.args)/r.n) + "),"
	return strings.TrimSuffix(strings.Repeat(one, r.n), ",")
}

// timeText is how a time stands in the ledger; the zero time is NULL.
func timeText(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t.UTC().Format(time.RFC3339)
}
