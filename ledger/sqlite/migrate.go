package sqlite

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

	"github.com/pressly/goose/v3"

	"duban/ledger"
	"duban/ledger/tables"
)

//go:embed migrations/*.sql
var migrations embed.FS

// Migrate brings the schema of the ledger at path up to date, if there is one
// and it is older. What it was is kept beside it first (CopyBefore). The caller
// holds the Lock.
func Migrate(ctx context.Context, path string) error {
	return migrateAt(ctx, path, (*Ledger).beforeMigration)
}

// migrateAt is Migrate, after first has been done.
func migrateAt(ctx context.Context, path string, first func(*Ledger, context.Context) error) (err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("ledger %s: %w", path, explain(err))
		}
	}()
	if there, err := isThere(path); err != nil || !there {
		return err
	}
	done, err := lockFolder(filepath.Dir(path)) // nobody opens it meanwhile
	if err != nil {
		return err
	}
	defer done()
	if err := upToDate(ctx, path); !errors.Is(err, ledger.ErrOlder) {
		return err
	}
	l := &Ledger{path: path}
	if err = errors.Join(l.connect(ctx, Options{}), l.hold()); err == nil {
		err = l.migrate(ctx, first)
	}
	return errors.Join(err, l.Close())
}

func (l *Ledger) migrate(ctx context.Context, first func(*Ledger, context.Context) error) error {
	if err := first(l, ctx); err != nil {
		return fmt.Errorf("a copy before the schema is changed: %w", err)
	}
	current, err := l.Schema(ctx)
	if err == nil {
		err = l.moveSchema(ctx, current)
	}
	if err != nil {
		return fmt.Errorf("bringing the schema from %d to %d: %w", current, Schema(), err)
	}
	return nil
}

// CopyBefore is where the ledger at path is kept as it was before its schema
// became that one.
func CopyBefore(path string, schema int64) string {
	return fmt.Sprintf("%s.before-schema-%d", path, schema)
}

// beforeMigration copies a ledger that a newer duban is about to change; an
// earlier copy, of a migration that was interrupted, is the one to keep.
func (l *Ledger) beforeMigration(ctx context.Context) error {
	file := CopyBefore(l.path, Schema())
	if _, err := os.Stat(file); err == nil {
		return nil
	}
	return l.Backup(ctx, file)
}

// schemaFits tells whether the schema is the one that this duban knows.
func (l *Ledger) schemaFits(ctx context.Context) error {
	current, err := l.Schema(ctx)
	if err != nil {
		return err
	}
	return fits(current, Schema())
}

func fits(current, target int64) error {
	switch {
	case current > target:
		return fmt.Errorf("%w: its schema is %d, this one knows %d: install the newer duban again, or restore a backup made before", ledger.ErrNewer, current, target)
	case current < target:
		return fmt.Errorf("%w: its schema is %d, this one needs %d: duban ledger migrate changes it and keeps a copy of what was; so do serve and tick", ledger.ErrOlder, current, target)
	}
	return nil
}

// upToDate tells whether the ledger at path has this duban's schema, and changes
// nothing. A change of the schema that was interrupted before the journal was
// told of it is to be taken up again.
func upToDate(ctx context.Context, path string) error {
	l := &Ledger{path: path}
	err := l.openToRead(ctx)
	if err == nil {
		var recorded string
		if recorded, err = l.Fact(ctx, tables.FactRecorded); err == nil && recorded != fmt.Sprint(Schema()) {
			err = fits(Schema()-1, Schema())
		}
	}
	return errors.Join(err, l.Close())
}

// up brings the schema up to date, and gives the ledger an identity of its own.
func up(ctx context.Context, db *sql.DB) error {
	p, err := provider(db)
	if err != nil {
		return err
	}
	if _, err := p.Up(ctx); err != nil {
		return err
	}
	if err := yearsFollow(ctx, db, nil); err != nil {
		return err
	}
	_, err = db.ExecContext(ctx, `INSERT INTO fact (name, value) VALUES ('uid', ?) ON CONFLICT (name) DO NOTHING`, rand.Text())
	return err
}

// yearsFollow brings the tables of years to the schema, with those that are named, all at
// once.
func yearsFollow(ctx context.Context, db *sql.DB, years []string) error {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }() // the first error is the one to tell
	if err := tables.YearsFollow(ctx, tables.Questions{DB: tables.Asking{DB: tx}, Dialect: dialect{}}, func(statement string) error {
		_, err := tx.ExecContext(ctx, statement)
		return err
	}, years); err != nil {
		return err
	}
	return tx.Commit()
}

func provider(db *sql.DB) (*goose.Provider, error) {
	dir, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return nil, err
	}
	if db == nil {
		db = &sql.DB{} // which is not asked for the list of migrations
	}
	return goose.NewProvider(goose.DialectSQLite3, db, dir)
}

// Schema is the number of the schema that the ledger has.
func (l *Ledger) Schema(ctx context.Context) (n int64, err error) {
	there, err := hasTable(ctx, l.DB, "goose_db_version")
	if err != nil {
		return 0, err
	}
	if !there {
		return 0, errors.New("is not a ledger, but a database of another program: check [ledger] path")
	}
	err = l.DB.Row(ctx, `SELECT COALESCE(MAX(version_id), 0) FROM goose_db_version WHERE is_applied`).Scan(&n)
	return n, err
}

// Schema is the number of the schema that this duban knows.
func Schema() int64 {
	p, err := provider(nil)
	if err != nil {
		panic(err) // the migrations are in the binary
	}
	all := p.ListSources()
	return all[len(all)-1].Version
}

// moveSchema brings the schema up to date, and tells the journal of the rows that
// this changed. What did not stand as the journal said before stays named there:
// a change of the schema proves nothing right.
func (l *Ledger) moveSchema(ctx context.Context, from int64) error {
	before := ledger.Verdict{}
	if has, err := l.TellsOfRows(ctx); err != nil {
		return err
	} else if has {
		if before, err = l.prove(ctx, (*tables.Proof).ProveRows); err != nil {
			return err
		}
	}
	if err := up(ctx, l.write); err != nil {
		return err
	}
	return l.update(ctx, func(tx *Tx) error { return tx.SchemaMoved(from, Schema(), before.Problems) })
}
