// Package engines opens ledgers for tests: in files, or as the environment says,
//
//	DUBAN_TEST_LEDGER=postgres   in PostgreSQL
//	DUBAN_TEST_LEDGER=again      in files, every transaction begun twice, as an engine
//	                             does that others are in the way of
//
// So the same tests of the scheduler, of delivery and of the page are run with each.
package engines

import (
	"context"
	"database/sql"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver
	_ "github.com/mattn/go-sqlite3"    // the driver

	"duban/internal/pgtest"
	"duban/ledger"
	"duban/ledger/postgres"
	"duban/ledger/sqlite"
)

const variable = "DUBAN_TEST_LEDGER"

// Postgres tells whether ledgers are in PostgreSQL.
func Postgres() bool { return os.Getenv(variable) == "postgres" }

// dsns are the databases that stand for files, by path.
var dsns sync.Map

// Open opens the ledger at path, which is made where there is none, and closes it when
// the test ends.
func Open(t testing.TB, path string) ledger.Store {
	t.Helper()
	var l ledger.Store
	var err error
	if Postgres() {
		dsn, known := dsns.Load(path)
		if !known {
			dsn = Empty(t)
			dsns.Store(path, dsn)
		}
		var shared *postgres.Ledger
		if shared, err = postgres.Open(context.Background(), dsn.(string), postgres.Options{}); err == nil {
			l = alone{shared}
		}
	} else {
		var file *sqlite.Ledger
		if file, err = sqlite.Open(context.Background(), path, sqlite.Options{Throwaway: true}); err == nil {
			l = file
			if os.Getenv(variable) == "again" {
				l = again{file}
			}
		}
	}
	if err != nil {
		t.Fatal(err)
	}
	paths.Store(l, path)
	t.Cleanup(func() {
		paths.Delete(l)
		_ = l.Close() // a test may have closed or broken it
	})
	return l
}

// alone is a ledger of which nobody knows that others may have it: these tests turn the
// clock, and a daemon that shares goes by the server's.
type alone struct{ ledger.Store }

// again begins every transaction twice: what the first did is taken back, and the
// second must do the same.
type again struct{ *sqlite.Ledger }

func (a again) Update(ctx context.Context, f func(ledger.Tx) error) error {
	_ = a.Rehearse(ctx, f) // what comes of it the second tells
	return a.Ledger.Update(ctx, f)
}

// Empty is a database with a ledger in which nothing has happened yet.
func Empty(t testing.TB) (dsn string) {
	t.Helper()
	return pgtest.Like(t, "ledger", func(dsn string) error {
		l, err := postgres.Open(context.Background(), dsn, postgres.Options{})
		if err != nil {
			return err
		}
		return l.Close()
	})
}

// InFiles keeps the ledgers of a test in files, whatever the environment says: of one
// that is about files, or lives in a bubble of testing/synctest, where no server does.
func InFiles(t testing.TB) {
	t.Helper()
	if Postgres() {
		t.Setenv(variable, "")
	}
}

// paths are those of the ledgers that are open.
var paths sync.Map

// Hand writes into a ledger past everything that checks, and looks.
type Hand struct {
	*sql.DB
	numbered bool
}

// Behind is one for a ledger that Open opened.
func Behind(t testing.TB, l ledger.Store) Hand {
	t.Helper()
	path, known := paths.Load(l)
	if !known {
		t.Fatal("this ledger was not opened by engines.Open")
	}
	return At(t, path.(string))
}

// At is one for the ledger at path.
func At(t testing.TB, path string) Hand {
	t.Helper()
	driver, dsn := "sqlite3", path+"?_busy_timeout=10000"
	if Postgres() {
		known, ok := dsns.Load(path)
		if !ok {
			t.Fatalf("no ledger was opened at %s", path)
		}
		driver, dsn = "pgx", known.(string)
	}
	db, err := sql.Open(driver, dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return Hand{db, Postgres()}
}

// Exec runs a statement with ? for its values.
func (h Hand) Exec(query string, args ...any) (sql.Result, error) {
	return h.DB.Exec(h.words(query), args...)
}

// QueryRow asks likewise.
func (h Hand) QueryRow(query string, args ...any) *sql.Row {
	return h.DB.QueryRow(h.words(query), args...)
}

func (h Hand) words(query string) string {
	if !h.numbered {
		return query
	}
	parts := strings.Split(query, "?")
	for i := range parts[:len(parts)-1] {
		parts[i] += "$" + strconv.Itoa(i+1)
	}
	return strings.Join(parts, "")
}

// Unguard is the statement that lets entries of the journal be changed.
func Unguard() string {
	if Postgres() {
		return `DROP TRIGGER journal_keeps ON journal`
	}
	return `DROP TRIGGER journal_keeps`
}

// Full lets nothing more be put into a table, as if the disk were full; Room ends that.
func (h Hand) Full(table string) error {
	if !h.numbered {
		_, err := h.DB.Exec(`CREATE TRIGGER full_disk BEFORE INSERT ON ` + table + ` BEGIN SELECT RAISE(ABORT, 'the disk is full'); END`)
		return err
	}
	_, err := h.DB.Exec(`CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'the disk is full'; END $$;
		CREATE TRIGGER full_disk BEFORE INSERT ON ` + table + ` FOR EACH ROW EXECUTE FUNCTION full_disk()`)
	return err
}

// Room is there again.
func (h Hand) Room(table string) error {
	if !h.numbered {
		_, err := h.DB.Exec(`DROP TRIGGER full_disk`)
		return err
	}
	_, err := h.DB.Exec(`DROP TRIGGER full_disk ON ` + table + `; DROP FUNCTION full_disk`)
	return err
}
