package postgres

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"duban/ledger/tables"
)

// Copy is a ledger that is being made of another one (tables.Copy). Until it is whole
// its tables have no triggers, and no daemon opens it.
type Copy struct{ l *Ledger }

var _ tables.Target = (*Copy)(nil)

// BeginCopy opens a copy in a database that is empty, or goes on with one there.
func BeginCopy(ctx context.Context, dsn string) (*Copy, error) {
	l, err := connect(ctx, dsn, patient)
	if err != nil {
		return nil, err
	}
	if err := l.beginCopy(ctx); err != nil {
		_ = l.Close() // the first error is the one to tell
		return nil, l.wrong(err)
	}
	return &Copy{l}, nil
}

func (l *Ledger) beginCopy(ctx context.Context) error {
	schema, err := l.Schema(ctx)
	if err != nil {
		return err
	}
	if schema == 0 {
		if err := up(ctx, l.db); err != nil {
			return err
		}
	}
	recorded, err := l.Fact(ctx, tables.FactRecorded)
	if err != nil {
		return err
	}
	half, err := l.halfCopied(ctx)
	if err != nil {
		return err
	}
	if recorded != "" && !half {
		return errors.New("has a ledger already: name an empty database")
	}
	return l.triggers(ctx, "DISABLE")
}

// halfCopied tells whether a copy was begun here and is not whole.
func (l *Ledger) halfCopied(ctx context.Context) (half bool, err error) {
	err = l.db.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM fact WHERE name LIKE 'copied %')`).Scan(&half)
	return half, err
}

// triggers are switched off while rows come that were told of long ago, and on again.
func (l *Ledger) triggers(ctx context.Context, how string) error {
	names, err := l.Dialect.Tables(ctx, l.DB)
	if err != nil {
		return err
	}
	for _, name := range names {
		if _, err := l.pool.Exec(ctx, `ALTER TABLE "`+name+`" `+how+` TRIGGER USER`); err != nil {
			return err
		}
	}
	return nil
}

// Asked is the copy as it is.
func (c *Copy) Asked() tables.Questions { return c.l.Questions }

func (c *Copy) Years(ctx context.Context, names []string) error {
	if len(names) == 0 {
		return nil
	}
	if err := yearsFollow(ctx, c.l.db, names); err != nil {
		return explain(err)
	}
	return c.l.triggers(ctx, "DISABLE")
}

// Fill replaces a table's rows, by COPY.
func (c *Copy) Fill(ctx context.Context, table string, columns []string, next func() ([]any, error), fact, value string) error {
	err := pgx.BeginFunc(ctx, c.l.pool, func(tx pgx.Tx) error {
		spared := `TRUE`
		if table == "fact" {
			spared = `name NOT LIKE 'copied %'`
		}
		// What refers to rows that are to come is looked at in the end, here or by Finish.
		for _, q := range []string{`SET CONSTRAINTS ALL DEFERRED`, `DELETE FROM "` + table + `" WHERE ` + spared} {
			if _, err := tx.Exec(ctx, q); err != nil {
				return err
			}
		}
		if _, err := tx.CopyFrom(ctx, pgx.Identifier{table}, columns, pgx.CopyFromFunc(func() ([]any, error) {
			row, err := next()
			if tables.IsEnd(err) {
				return nil, nil
			}
			return row, err
		})); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `INSERT INTO fact (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value`, fact, value)
		return err
	})
	return explain(err)
}

// Finish makes a ledger of the copy: rows that come are numbered on from those that
// are there, and told of again.
func (c *Copy) Finish(ctx context.Context) error {
	numbered, err := namesOf(ctx, c.l.DB, `SELECT format('SELECT setval(pg_get_serial_sequence(%L, %L), (SELECT COALESCE(MAX(%I), 0) + 1 FROM %I), false)', c.relname, a.attname, a.attname, c.relname)
		FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid WHERE a.attidentity <> '' AND c.relkind = 'r' AND c.relnamespace = current_schema()::regnamespace`)
	if err != nil {
		return explain(err)
	}
	for _, statement := range numbered {
		if _, err := c.l.pool.Exec(ctx, statement); err != nil {
			return explain(err)
		}
	}
	if err := c.l.triggers(ctx, "ENABLE"); err != nil {
		return explain(err)
	}
	if _, err := c.l.pool.Exec(ctx, `ANALYZE`); err != nil {
		return explain(err)
	}
	for _, r := range references {
		var missing bool
		err := c.l.pool.QueryRow(ctx, fmt.Sprintf(`SELECT EXISTS (SELECT FROM %[1]s t WHERE NOT EXISTS (SELECT FROM %[2]s o WHERE o.id = t.%[2]s))`, r.table, r.other)).Scan(&missing)
		if err == nil && missing {
			err = fmt.Errorf("the table %s refers to rows of %s that are not there", r.table, r.other)
		}
		if err != nil {
			return explain(err)
		}
	}
	verdict, err := c.l.Verify(ctx)
	if err == nil {
		err = tables.Proved(verdict)
	}
	if err != nil {
		return err
	}
	_, err = c.l.pool.Exec(ctx, `DELETE FROM fact WHERE name LIKE 'copied %'`) // from now on it is a ledger
	return explain(err)
}

// Close leaves what was not finished to be gone on with.
func (c *Copy) Close() error { return c.l.Close() }

// Snapshot gives f the ledger as of one moment, to be copied.
func (l *Ledger) Snapshot(ctx context.Context, f func(tables.Questions) error) error {
	return l.view(ctx, forAll, f)
}
