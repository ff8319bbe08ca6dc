package postgres

import (
	"context"
	"crypto/rand"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"

	"duban/ledger"
	"duban/ledger/tables"
)

//go:embed migrations/*.sql
var migrations embed.FS

// Migrate brings the schema of the ledger up to date, if there is one and it is
// older. Daemons of the version before go on meanwhile. A copy of what was is the
// database's own business (pg_dump).
func Migrate(ctx context.Context, dsn string) error {
	l, err := connect(ctx, dsn, patient)
	if err != nil {
		return err
	}
	defer l.Close()
	if err := l.fits(ctx); !errors.Is(err, ledger.ErrOlder) {
		if errors.Is(err, ledger.ErrMissing) {
			err = nil
		}
		return err
	}
	from, err := l.Schema(ctx)
	if err == nil {
		err = l.move(ctx, from)
	}
	if err != nil {
		return l.wrong(fmt.Errorf("bringing the schema from %d to %d: %w", from, Schema(), err))
	}
	return nil
}

// move changes the schema and tells the journal of the rows that this changed. What
// did not stand as the journal said before stays named there.
func (l *Ledger) move(ctx context.Context, from int64) error {
	var before ledger.Verdict
	err := l.view(ctx, forAll, func(q tables.Questions) (err error) {
		before, err = tables.NewProof(q, true).ProveRows(ctx)
		return err
	})
	if err != nil {
		return err
	}
	if err := up(ctx, l.db); err != nil {
		return err
	}
	return l.Update(ctx, func(tx ledger.Tx) error {
		return tx.(*tables.Tx).SchemaMoved(from, Schema(), before.Problems)
	})
}

// make lays the tables of a new ledger.
func (l *Ledger) make(ctx context.Context) error {
	if err := up(ctx, l.db); err != nil {
		return err
	}
	_, err := l.db.ExecContext(ctx, `INSERT INTO fact (name, value) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING`, tables.FactRecorded, fmt.Sprint(Schema()))
	return err
}

// fits tells whether the schema is the one that this duban knows.
func (l *Ledger) fits(ctx context.Context) error {
	current, err := l.Schema(ctx)
	if err != nil {
		return err
	}
	switch target := Schema(); {
	case current == 0:
		return fmt.Errorf("%w: duban serve or duban tick makes it", ledger.ErrMissing)
	case current > target:
		return fmt.Errorf("%w: its schema is %d, this one knows %d: install the newer duban", ledger.ErrNewer, current, target)
	case current < target:
		return fmt.Errorf("%w: its schema is %d, this one needs %d: duban ledger migrate changes it; so do serve and tick", ledger.ErrOlder, current, target)
	}
	if half, err := l.halfCopied(ctx); err != nil || half {
		if half {
			err = errors.New("is a copy that was not finished: duban ledger copy goes on with it, from the ledger that it is of")
		}
		return err
	}
	recorded, err := l.Fact(ctx, tables.FactRecorded)
	if err == nil && recorded != fmt.Sprint(Schema()) { // a change that was interrupted
		err = fmt.Errorf("%w: the change of its schema was interrupted: duban ledger migrate goes on with it; so do serve and tick", ledger.ErrOlder)
	}
	return err
}

// up brings the schema up to date, and gives the ledger an identity of its own. Of
// several that do it at once one does it.
func up(ctx context.Context, db *sql.DB) error {
	p, err := provider(db)
	if err != nil {
		return err
	}
	for tried := 0; ; tried++ {
		_, err := p.Up(ctx)
		if err == nil {
			break
		}
		if !again(err) || tried > politely || ctx.Err() != nil {
			return err
		}
		time.Sleep(time.Second) // others were in its way, who go on: it is the one that steps back
	}
	if err := yearsFollow(ctx, db, nil); err != nil {
		return err
	}
	_, err = db.ExecContext(ctx, `INSERT INTO fact (name, value) VALUES ('uid', $1) ON CONFLICT (name) DO NOTHING`, rand.Text())
	return err
}

// yearsFollow brings the tables of years to the schema, with those that are named, all at
// once; of several that do it one does.
func yearsFollow(ctx context.Context, db *sql.DB, years []string) error {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }() // the first error is the one to tell
	if _, err := tx.ExecContext(ctx, `SELECT pg_advisory_xact_lock($1)`, theEnd); err != nil {
		return err
	}
	if err := tables.YearsFollow(ctx, tables.Questions{DB: outside(tx), Dialect: dialect{}}, func(statement string) error {
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
	one, err := lock.NewPostgresSessionLocker()
	if err != nil {
		return nil, err
	}
	return goose.NewProvider(goose.DialectPostgres, db, dir, goose.WithSessionLocker(one))
}

// Schema is the number of the schema that the ledger has; 0: there is none.
func (l *Ledger) Schema(ctx context.Context) (n int64, err error) {
	columns, err := l.Dialect.Columns(ctx, l.DB, "goose_db_version")
	if err != nil || len(columns) == 0 {
		return 0, explain(err)
	}
	return schemaOf(ctx, l.Questions)
}

func schemaOf(ctx context.Context, q tables.Questions) (n int64, err error) {
	err = q.DB.Row(ctx, schemaNow).Scan(&n)
	return n, explain(err)
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
