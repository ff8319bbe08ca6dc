// Package province makes ledgers as large as those of a province after years: 3,000
// units that owe 200 obligations each, ten million occurrences with what the journal
// tells of them, in either engine. Benchmarks measure on them what must not grow.
//
// The first tick of such a province is a real one, in a small ledger of SQLite. What
// has ended before is made beside it, while that is copied (ledger copy) into a ledger
// of the engine that is asked for: so verify proves what is there as it proves any.
//
//	go test ./scheduler/engine -run '^$' -bench Province -occurrences 10000000 -kept DIR
//
// makes it once, in minutes, and keeps it in DIR.
package province

import (
	"context"
	"database/sql"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver
	_ "github.com/mattn/go-sqlite3"    // the driver

	"duban/internal/pgtest"
	"duban/internal/world"
	"duban/ledger"
	"duban/ledger/postgres"
	"duban/ledger/sqlite"
	"duban/ledger/tables"
	"duban/rules"
)

var (
	asked = flag.Int("occurrences", 10_000, "how many a province's ledger has")
	kept  = flag.String("kept", "", "the folder in which provinces' ledgers stay between runs; none: they are made anew")
)

// Asked is how many occurrences a ledger is to have.
func Asked() int { return *asked }

// Sizes are those between which nothing may grow: a small one, and the one asked for.
func Sizes() []int {
	if *asked <= 10_000 {
		return []int{*asked}
	}
	return []int{10_000, *asked}
}

// Engines are those that ledgers are made in.
var Engines = []string{"sqlite", "postgres"}

// Size is how large a province is.
type Size struct {
	Units, Obligations int
	Months             int // of which occurrences have ended
}

// Of is the size with so many occurrences: of each duty one goes on.
func Of(occurrences int) Size {
	s := Size{Units: max(1, min(3000, occurrences/200))}
	s.Obligations = max(1, min(200, occurrences/(10*s.Units)))
	s.Months = max(1, (occurrences+s.Units*s.Obligations-1)/(s.Units*s.Obligations)-1)
	return s
}

// Duties are how many obligations of units there are.
func (s Size) Duties() int { return s.Units * s.Obligations }

// Province is a ledger of that size, and what else it is used with.
type Province struct {
	Size
	Rules *rules.Set
	Store ledger.Store
	Began time.Time // when its first tick was

	driver, dsn string
}

// Begins is when provinces meet their rules.
const Begins = "2017-06-09 09:00"

// Open opens the ledger in an engine, with so many occurrences. Whatever a benchmark
// before has put into one that was kept is still there, but for the notices.
func Open(b testing.TB, engine string, occurrences int) *Province {
	b.Helper()
	p := &Province{Size: Of(occurrences)}
	p.Rules = world.Province(b, p.Units, p.Obligations, "15 working days")
	p.Began = world.Empty(b, "").At(Begins).Now
	dir := *kept
	if dir == "" {
		dir = b.TempDir()
	}
	name := fmt.Sprintf("%s-%d", engine, occurrences)
	var err error
	if engine == "sqlite" {
		p.driver, p.dsn = "sqlite3", filepath.Join(dir, name+".db")
		err = p.inFile(b)
	} else {
		p.driver, p.dsn = "pgx", server(b, dir).DSN("postgres")
		err = p.inDatabase(b, strings.ReplaceAll(name, "-", "_"))
	}
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { p.Store.Close() })
	for _, table := range []string{"failure", "attempt", "mail", "recipient", "notice_item", "notice"} {
		if err := p.Behind(b, `DELETE FROM `+table); err != nil {
			b.Fatal(err)
		}
	}
	return p
}

func (p *Province) inFile(b testing.TB) error {
	if _, err := os.Stat(p.dsn); errors.Is(err, os.ErrNotExist) {
		to, err := sqlite.BeginCopy(b.Context(), p.dsn)
		if err != nil {
			return err
		}
		if err := p.make(b, to); err != nil {
			return err
		}
		if err := p.Behind(b, `ANALYZE`); err != nil {
			return err
		}
	}
	if err := sqlite.Migrate(b.Context(), p.dsn); err != nil { // a kept one may be older
		return err
	}
	l, err := sqlite.Open(b.Context(), p.dsn, sqlite.Options{MustExist: true})
	p.Store = l
	return err
}

// server is the one of kept databases, as an operator would set it up.
func server(b testing.TB, dir string) *pgtest.Server {
	settings := []string{"shared_buffers = '1GB'", "max_wal_size = '4GB'", "max_pred_locks_per_transaction = 256"}
	if *kept == "" {
		return pgtest.Start(b, settings...)
	}
	dir = filepath.Join(dir, "postgres")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		b.Fatal(err)
	}
	return pgtest.Kept(b, dir, settings...)
}

func (p *Province) inDatabase(b testing.TB, name string) error {
	db, err := sql.Open(p.driver, p.dsn)
	if err != nil {
		return err
	}
	defer db.Close()
	var there bool
	if err := db.QueryRow(`SELECT EXISTS (SELECT 1 FROM pg_database WHERE datname = $1)`, name).Scan(&there); err != nil {
		return err
	}
	p.dsn = strings.Replace(p.dsn, "/postgres?", "/"+name+"?", 1)
	if !there {
		if _, err := db.Exec(`CREATE DATABASE ` + name); err != nil {
			return err
		}
		to, err := postgres.BeginCopy(b.Context(), p.dsn)
		if err != nil {
			return err
		}
		if err := p.make(b, to); err != nil {
			return err
		}
		if err := to.Close(); err != nil {
			return err
		}
		if err := p.Behind(b, `VACUUM ANALYZE`, `CHECKPOINT`); err != nil {
			return err
		}
	}
	if err := postgres.Migrate(b.Context(), p.dsn); err != nil { // a kept one may be older
		return err
	}
	l, err := postgres.Open(b.Context(), p.dsn, postgres.Options{MustExist: true})
	p.Store = l
	return err
}

// make fills an empty ledger.
func (p *Province) make(b testing.TB, to tables.Target) error {
	ctx := b.Context()
	first, err := sqlite.Open(ctx, filepath.Join(b.TempDir(), "first.db"), sqlite.Options{Throwaway: true})
	if err != nil {
		return err
	}
	defer first.Close()
	w := world.Empty(b, b.TempDir()).At(Begins)
	w.With(first, p.Rules)
	w.Settings().AssignOnStart = false
	if _, err := w.Daemon.Tick(ctx, w.Now); err != nil {
		return err
	}
	return first.Snapshot(ctx, func(q tables.Questions) error {
		with, err := newPast(ctx, q, to, p.Rules, p.Size)
		if err != nil {
			return err
		}
		if err := tables.Fill(ctx, q, with, func(table string, done, all int64) {
			if done > 0 && done%1_000_000 == 0 {
				b.Logf("%s: %d", table, done)
			}
		}); err != nil {
			return err
		}
		return to.Finish(ctx)
	})
}

// Behind runs statements past everything that checks; ? stands for values.
func (p *Province) Behind(b testing.TB, statements ...string) error {
	b.Helper()
	dsn := p.dsn
	if p.driver == "sqlite3" {
		dsn += "?_busy_timeout=10000"
	}
	db, err := sql.Open(p.driver, dsn)
	if err != nil {
		return err
	}
	defer db.Close()
	for _, s := range statements {
		if _, err := db.ExecContext(context.Background(), s); err != nil {
			return fmt.Errorf("%s: %w", s, err)
		}
	}
	return nil
}

// Quiet makes it a day on which nobody is to be told of anything and nothing is to be
// made: all that is in a hundred years, and what was said before is sent.
func (p *Province) Quiet(b testing.TB) {
	b.Helper()
	if err := p.Behind(b,
		`UPDATE occurrence SET next_reminder = '2099-12-31' WHERE next_reminder < '2099-01-01'`,
		`UPDATE duty SET wake = '2099-12-31' WHERE wake < '2099-01-01'`,
		`UPDATE notice SET state = 'sent', next_attempt = NULL WHERE state IN ('pending', 'held', 'sending')`,
	); err != nil {
		b.Fatal(err)
	}
}

// Tidy copies back and writes down what waits for that, and clears away what the rows were
// that Quiet changed, as the server does by itself in the minutes after: nobody is measured
// with it.
func (p *Province) Tidy(b testing.TB) {
	b.Helper()
	statements := []string{`VACUUM occurrence, duty, notice`, `CHECKPOINT`}
	if p.driver == "sqlite3" {
		statements = []string{`PRAGMA wal_checkpoint(TRUNCATE)`}
	}
	if err := p.Behind(b, statements...); err != nil {
		b.Fatal(err)
	}
}

// Some are the numbers of so many open occurrences, of twenty obligations of as many
// units as that takes.
func (p *Province) Some(b testing.TB, n int) []int64 {
	b.Helper()
	each := min(20, p.Obligations)
	var out []int64
	for u := range (n + each - 1) / each {
		err := p.Store.EachOccurrence(b.Context(), ledger.Query{Unit: "u" + strconv.Itoa(u*(p.Units*each/max(n, 1))%p.Units), States: []ledger.State{ledger.StateOpen}, Limit: each}, func(o *ledger.Occurrence) error {
			out = append(out, o.ID)
			return nil
		})
		if err != nil {
			b.Fatal(err)
		}
	}
	if len(out) < n {
		b.Fatalf("only %d of %d go on", len(out), n)
	}
	return out[:n]
}

// Last is when the last tick was: a ledger that is kept has seen those of benchmarks
// before.
func (p *Province) Last(b testing.TB) time.Time {
	b.Helper()
	text, err := p.Store.Fact(b.Context(), "tick")
	if err != nil {
		b.Fatal(err)
	}
	last, err := time.Parse(time.RFC3339, text)
	if err != nil || last.Before(p.Began) {
		return p.Began
	}
	return last.In(p.Began.Location())
}

// In is what an IN asks for.
func In(ids []int64) string {
	text := make([]string, len(ids))
	for i, id := range ids {
		text[i] = strconv.FormatInt(id, 10)
	}
	return "(" + strings.Join(text, ",") + ")"
}
