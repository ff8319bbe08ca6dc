// Package sqlite keeps a ledger in one SQLite file.
//
// A transaction that returned without an error is on disk (synchronous=FULL).
// There is one writer at a time; a second one waits.
//
//	ledger      transactions and questions
//	open, lock  the file, who may work on it; present: whether it still lies there
//	migrate     how the schema moves; backup, restore: copies
//	bulk        many rows at once
//	rows        which rows a transaction changed, with a hash of each, for the journal
//	verify      the proof that nothing was changed behind the journal's back
//	dialect     what is SQLite's own: pragmas, error codes, catalogue, upserts
//
// and a file for each kind of thing that is kept, as in package ledger.
package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
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
	if tx.changed {
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
	if l.lean {
		if err := keepCache(ctx, sqlTx, cacheKB); err != nil {
			return nil, errors.Join(err, sqlTx.Rollback())
		}
		l.lean = false
	}
	tx := &Tx{ctx: ctx, tx: sqlTx, ledger: l}
	tx.queries = queries{behind{tx}}
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
	duties  unwrittenDuties
	values  rows // of the statement under way
	changed bool // more than the outbox
	tables  map[string][]column

	unindexed []unindexed
	filled    []string // tables that were looked at for that

	broken     error // what a question could not tell
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

// Some of what a transaction writes waits in memory, so that one statement
// writes many rows: entries of the journal, and duties. Whatever asks for those
// tables, or writes to them otherwise, has what waits written first.

// behind is a transaction as its questions see it: what waits is written.
type behind struct{ tx *Tx }

func (b behind) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	if err := b.tx.catchUp(query); err != nil {
		return nil, err
	}
	return b.tx.tx.QueryContext(ctx, query, args...)
}

func (b behind) QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row {
	b.tx.broken = errors.Join(b.tx.broken, b.tx.catchUp(query)) // the commit tells of it
	return b.tx.tx.QueryRowContext(ctx, query, args...)
}

// catchUp writes what waits for tables that a statement names.
func (tx *Tx) catchUp(query string) error {
	if tx.duties.wait() && strings.Contains(query, "duty") {
		if err := tx.writeDuties(); err != nil {
			return err
		}
	}
	if err := tx.index(query); err != nil {
		return err
	}
	if len(tx.entries) > 0 && strings.Contains(query, "journal") {
		return tx.writeEntries("")
	}
	return nil
}

func (tx *Tx) Context() context.Context { return tx.ctx }

func (tx *Tx) exec(query string, args ...any) (sql.Result, error) {
	if err := tx.catchUp(query); err != nil {
		return nil, err
	}
	return tx.write(query, args...)
}

// write is exec of what waited.
func (tx *Tx) write(query string, args ...any) (sql.Result, error) {
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

// among is equal of one of several; none: of any.
func among[T ~string](f *filter, column string, values []T) {
	if len(values) == 0 {
		return
	}
	args := make([]any, len(values))
	for i, v := range values {
		args[i] = string(v)
	}
	f.add(column+" IN ("+marks(len(values))+")", args...)
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
	if r.args == nil {
		r.args = make([]any, 0, min(together, 16)*len(values))
	}
	r.args = append(r.args, values...)
	r.n++
}

// none forgets the rows and keeps their room for others.
func (r *rows) none() {
	clear(r.args)
	r.args, r.n = r.args[:0], 0
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
	if last := lastText.Load(); last != nil && last.at.Equal(t) {
		return last.text
	}
	text := timed{t, t.UTC().Format(time.RFC3339)}
	lastText.Store(&text)
	return text.text
}

// timed is a time with its text.
type timed struct {
	at   time.Time
	text any
}

// lastText is what timeText said last: a transaction writes one time again and
// again.
var lastText atomic.Pointer[timed]
