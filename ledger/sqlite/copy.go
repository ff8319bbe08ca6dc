package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"duban/ledger/tables"

	"github.com/mattn/go-sqlite3"
)

// Copy is a ledger that is being made of another one (tables.Copy), under a name of
// its own until it is whole.
type Copy struct {
	path string // where it will lie
	db   *sql.DB
}

var _ tables.Target = (*Copy)(nil)

// unfinished is where a copy lies until it is whole.
func unfinished(path string) string { return path + ".copying" }

// BeginCopy opens a copy that will lie at path, or goes on with one.
func BeginCopy(ctx context.Context, path string) (*Copy, error) {
	fail := func(err error) (*Copy, error) { return nil, fmt.Errorf("ledger %s: %w", path, explain(err)) }
	if _, err := os.Lstat(path); err == nil {
		return fail(errors.New("is there already: name a file that is not"))
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
		return fail(err)
	}
	// References are looked at when all is there; the counts that triggers make of what
	// is put in are replaced by the table of counts, which comes after.
	db, err := openSQLite(unfinished(path), "mode=rwc&_journal_mode=WAL&_synchronous=NORMAL", cacheKB, 1, func(c *sqlite3.SQLiteConn) {
		_, _ = c.Exec("PRAGMA foreign_keys = OFF", nil) // else the check in the end is one too many
	})
	if err != nil {
		return fail(err)
	}
	if err := up(ctx, db); err != nil {
		_ = db.Close() // the first error is the one to tell
		return fail(err)
	}
	return &Copy{path, db}, nil
}

// Asked is the copy as it is.
func (c *Copy) Asked() tables.Questions {
	return tables.Questions{DB: tables.Asking{DB: c.db}, Dialect: dialect{}}
}

func (c *Copy) Years(ctx context.Context, names []string) error {
	return explain(yearsFollow(ctx, c.db, names))
}

// Fill replaces a table's rows.
func (c *Copy) Fill(ctx context.Context, table string, columns []string, next func() ([]any, error), fact, value string) error {
	tx, err := c.db.BeginTx(context.WithoutCancel(ctx), nil) // else database/sql takes it back beside us, and Close does not wait for that
	if err != nil {
		return explain(err)
	}
	defer func() { _ = tx.Rollback() }() // the first error is the one to tell
	if err := empty(ctx, tx, table); err != nil {
		return explain(err)
	}
	indexes, made, err := indexesOf(ctx, tables.Asking{DB: tx}, table) // made once the table is full, sorted and not row by row
	if err != nil {
		return err
	}
	for _, name := range indexes {
		if _, err := tx.ExecContext(ctx, `DROP INDEX `+name); err != nil {
			return explain(err)
		}
	}
	if err := fillWith(ctx, tx, `INSERT INTO "`+table+`" ("`+strings.Join(columns, `", "`)+`") VALUES `, len(columns), next); err != nil {
		return explain(err)
	}
	for _, statement := range made {
		if _, err := tx.ExecContext(ctx, statement); err != nil {
			return explain(err)
		}
	}
	if _, err := tx.ExecContext(ctx, `INSERT INTO fact (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value`, fact, value); err != nil {
		return explain(err)
	}
	return explain(tx.Commit())
}

// fillWith inserts rows, many with one statement.
func fillWith(ctx context.Context, tx *sql.Tx, insert string, columns int, next func() ([]any, error)) error {
	quick := context.WithoutCancel(ctx) // for every statement that could be interrupted the driver starts a goroutine
	one := ", (" + strings.TrimSuffix(strings.Repeat("?, ", columns), ", ") + ")"
	many, err := tx.PrepareContext(quick, insert+strings.TrimPrefix(strings.Repeat(one, atOnce), ", "))
	if err != nil {
		return err
	}
	defer many.Close()
	values := make([]any, 0, atOnce*columns)
	for {
		row, err := next()
		end := tables.IsEnd(err)
		switch {
		case end && len(values) > 0:
			_, err = tx.ExecContext(quick, insert+strings.TrimPrefix(strings.Repeat(one, len(values)/columns), ", "), values...)
		case end:
			err = nil
		case err == nil:
			if values = append(values, row...); len(values) == cap(values) {
				_, err = many.ExecContext(quick, values...)
				values = values[:0]
			}
		}
		if err := errors.Join(err, ctx.Err()); err != nil || end {
			return err
		}
	}
}

// atOnce is how many rows one statement inserts.
const atOnce = 100

// empty takes a table's rows away, also from the journal, of what was begun of another
// copy.
func empty(ctx context.Context, tx *sql.Tx, table string) error {
	const guard = "journal_stays"
	var again string
	if table == "journal" {
		if err := tx.QueryRowContext(ctx, `SELECT sql FROM sqlite_master WHERE type = 'trigger' AND name = ?`, guard).Scan(&again); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, `DROP TRIGGER `+guard); err != nil {
			return err
		}
	}
	_, err := tx.ExecContext(ctx, `DELETE FROM "`+table+`" WHERE `+spared(table))
	if err == nil && again != "" {
		_, err = tx.ExecContext(ctx, again)
	}
	return err
}

// spared are the rows that stay where a table is filled: what is noted of the copy.
func spared(table string) string {
	if table == "fact" {
		return `name NOT LIKE 'copied %'`
	}
	return `TRUE`
}

// Finish gives the copy its name, when it stands as its own journal says.
func (c *Copy) Finish(ctx context.Context) error {
	for _, q := range []string{
		`DELETE FROM fact WHERE name LIKE 'copied %'`,
		`INSERT INTO fact (name, value) SELECT '` + tables.FactEnd + `', seq || ':' || hash FROM journal WHERE TRUE ORDER BY seq DESC LIMIT 1
			ON CONFLICT (name) DO UPDATE SET value = excluded.value`,
	} {
		if _, err := c.db.ExecContext(ctx, q); err != nil {
			return explain(err)
		}
	}
	broken, err := namesOf(ctx, tables.Asking{DB: c.db}, `SELECT "table" FROM pragma_foreign_key_check LIMIT 1`)
	if err == nil && len(broken) > 0 {
		err = fmt.Errorf("the table %s refers to rows that are not there", broken[0])
	}
	if err == nil {
		err = standAlone(ctx, c.db)
	}
	if err := errors.Join(err, c.db.Close()); err != nil {
		return fmt.Errorf("ledger %s: %w", c.path, explain(err))
	}
	l, err := Open(ctx, unfinished(c.path), Options{MustExist: true})
	if err != nil {
		return err
	}
	verdict, err := l.Verify(ctx)
	if err := errors.Join(err, l.Close()); err != nil {
		return err
	}
	if err := tables.Proved(verdict); err != nil {
		return err
	}
	if err := syncFile(unfinished(c.path)); err != nil {
		return err
	}
	if err := os.Link(unfinished(c.path), c.path); err != nil { // which refuses to replace one
		return err
	}
	removeSQLite(unfinished(c.path))
	return syncFile(filepath.Dir(c.path))
}

// Close leaves what was not finished to be gone on with.
func (c *Copy) Close() error { return c.db.Close() }

// Snapshot gives f the ledger as of one moment, to be copied.
func (l *Ledger) Snapshot(ctx context.Context, f func(tables.Questions) error) error {
	tx, err := l.read.BeginTx(ctx, nil)
	if err != nil {
		return explain(err)
	}
	defer func() { _ = tx.Rollback() }() // nothing was written
	return f(tables.Questions{DB: tables.Asking{DB: tx}, Dialect: dialect{}})
}
