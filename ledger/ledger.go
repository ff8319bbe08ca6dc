// Package ledger keeps what was owed, told and done: occurrences, events, the
// outbox and the journal, in one SQLite file.
//
// What it promises: a change and its journal entry are one transaction; nothing
// is deleted; a transaction that returned without an error is on disk
// (synchronous=FULL). There is one writer at a time; a second one waits. The
// ledger stores; it decides nothing and sends nothing.
package ledger

import (
	"context"
	"crypto/rand"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/pressly/goose/v3"
)

//go:embed migrations/*.sql
var migrations embed.FS

// Errors that callers tell apart.
var (
	ErrMissing  = errors.New("there is no ledger")
	ErrNewer    = errors.New("the ledger was written by a newer duban")
	ErrNotFound = errors.New("not found")
)

// Options of a ledger.
type Options struct {
	MustExist bool // an error instead of a new file
	Throwaway bool // nobody will miss it: no waiting for the disk

	copied bool // there is another: no copy before a migration
}

// Ledger is an open ledger. Its methods may be called from many goroutines.
type Ledger struct {
	queries
	path  string
	write *sql.DB
	read  *sql.DB
}

// Open opens the ledger at path, makes it if need be, and brings its schema up
// to date.
func Open(ctx context.Context, path string, opt Options) (*Ledger, error) {
	l := &Ledger{path: path}
	if err := l.open(ctx, opt); err != nil {
		if l.write != nil {
			_ = l.Close() // the first error is the one to tell
		}
		return nil, fmt.Errorf("ledger %s: %w", path, explain(err))
	}
	return l, nil
}

func (l *Ledger) open(ctx context.Context, opt Options) error {
	info, err := os.Stat(l.path)
	switch {
	case err == nil && info.IsDir():
		return fmt.Errorf("is a folder: give the path of a file in [ledger]")
	case errors.Is(err, fs.ErrNotExist) && opt.MustExist:
		return fmt.Errorf("%w: duban serve or duban tick makes it", ErrMissing)
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return err
	}
	if err := os.MkdirAll(filepath.Dir(l.path), 0o750); err != nil {
		return err
	}
	if l.write, err = openSQLite(l.path, opt.Throwaway, 1); err != nil {
		return err
	}
	if l.read, err = openSQLite(l.path, opt.Throwaway, 4); err != nil {
		return err
	}
	l.queries = queries{l.read}
	if err := l.migrate(ctx, opt); err != nil {
		return err
	}
	return l.Update(ctx, func(tx *Tx) error {
		_, err := tx.exec(`INSERT INTO fact (name, value) VALUES ('uid', ?) ON CONFLICT (name) DO NOTHING`, rand.Text())
		return err
	})
}

func (l *Ledger) migrate(ctx context.Context, opt Options) error {
	// Two processes that start at once do it one after the other.
	done, err := lockFolder(filepath.Dir(l.path))
	if err != nil {
		return err
	}
	defer done()
	dir, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return err
	}
	p, err := goose.NewProvider(goose.DialectSQLite3, l.write, dir)
	if err != nil {
		return err
	}
	current, target, err := p.GetVersions(ctx)
	if err != nil {
		return err
	}
	if current > target {
		return fmt.Errorf("%w: its schema is %d, this one knows %d: install the newer duban again, or restore a backup made before", ErrNewer, current, target)
	}
	if current == target {
		return nil
	}
	if current > 0 && !opt.Throwaway && !opt.copied {
		if err := l.beforeMigration(ctx, target); err != nil {
			return fmt.Errorf("a copy before the schema is changed: %w", err)
		}
	}
	if _, err = p.Up(ctx); err != nil {
		return fmt.Errorf("bringing the schema from %d to %d: %w", current, target, err)
	}
	return nil
}

// Path is where the ledger's file lies.
func (l *Ledger) Path() string { return l.path }

// Close closes the file.
func (l *Ledger) Close() error {
	var errs []error
	for _, db := range []*sql.DB{l.read, l.write} {
		if db != nil {
			errs = append(errs, db.Close())
		}
	}
	return errors.Join(errs...)
}

// Update runs f in one write transaction: all that it does happens, or nothing.
// Once begun it is not interrupted: transactions are short, and the driver
// starts a goroutine for every statement that could be.
func (l *Ledger) Update(ctx context.Context, f func(*Tx) error) error {
	tx, err := l.begin(ctx)
	if err != nil {
		return err
	}
	if err := f(tx); err != nil {
		_ = tx.tx.Rollback() // the first error is the one to tell
		return err
	}
	if err := tx.tx.Commit(); err != nil {
		return fmt.Errorf("ledger %s: %w", l.path, explain(err))
	}
	return nil
}

// Rehearse runs f as Update does and then takes everything back.
func (l *Ledger) Rehearse(ctx context.Context, f func(*Tx) error) error {
	tx, err := l.begin(ctx)
	if err != nil {
		return err
	}
	return errors.Join(f(tx), tx.tx.Rollback())
}

func (l *Ledger) begin(ctx context.Context) (*Tx, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	ctx = context.WithoutCancel(ctx)
	sqlTx, err := l.write.BeginTx(ctx, nil)
	if err != nil {
		return nil, fmt.Errorf("ledger %s: %w", l.path, explain(err))
	}
	return &Tx{queries: queries{sqlTx}, ctx: ctx, tx: sqlTx}, nil
}

// Tx is a write transaction.
type Tx struct {
	queries
	ctx      context.Context
	tx       *sql.Tx
	lastSeq  int64 // of the journal, once read
	lastHash string
}

// Context is the one the transaction was begun with.
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

// Fact is a value the ledger keeps by name, or empty.
func (q queries) Fact(ctx context.Context, name string) (string, error) {
	var v string
	err := q.db.QueryRowContext(ctx, `SELECT value FROM fact WHERE name = ?`, name).Scan(&v)
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil
	}
	return v, explain(err)
}

// SetFact keeps a value by name.
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
