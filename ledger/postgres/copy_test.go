package postgres

import (
	"context"
	"database/sql"
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"duban/internal/pgtest"
	"duban/ledger"
	"duban/ledger/sqlite"
	"duban/ledger/tables"
	"duban/rules/calendar"
)

// lived is a ledger in a file with something in many tables.
func lived(t testing.TB) *sqlite.Ledger {
	t.Helper()
	l, err := sqlite.Open(ctx, filepath.Join(t.TempDir(), "l.db"), sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	fillAny(t, l)
	return l
}

func fillAny(t testing.TB, l ledger.Store) {
	t.Helper()
	err := l.Update(ctx, func(tx ledger.Tx) error {
		e := &ledger.Event{Name: "received", Unit: "a", Key: "k", Day: 17357, Title: "T \u4e8b\u4ef6", Recorded: noon}
		if err := tx.AddEvent(e, entry("x")); err != nil {
			return err
		}
		return errors.Join(
			tx.SaveAccount(&ledger.Account{Name: "li", Role: ledger.RoleAdmin, Password: "p", Created: noon}, entry("account added")),
			tx.SaveSession("token", []byte{0, 1, 255}, noon, noon), tx.SetFact("f", "v"), tx.SavePlan("p", "s", noon),
			tx.AddNotice(&ledger.Notice{Kind: ledger.Reminder, Unit: "a", Day: 17357, MessageID: "m", Subject: "S", State: ledger.Pending, Created: noon, NextTry: noon, GiveUp: noon,
				Items: []ledger.Item{{Kind: "upcoming", Plan: "p", Obligation: "m"}}, Recipients: []ledger.Recipient{{Address: "a@x.example"}, {Address: "b@x.example", Copy: true}}}, entry("x")),
		)
	})
	if err != nil {
		t.Fatal(err)
	}
}

func quiet(string, int64, int64) {}

// putAside puts what is old into a table of its year.
func putAside(t testing.TB, l ledger.Store) {
	t.Helper()
	n := 0
	err := l.Update(ctx, func(tx ledger.Tx) (err error) {
		n, err = tx.PutAside(calendar.DateOf(2050, 1, 1), 10, entry("put aside"))
		return err
	})
	if err != nil || n != 1 {
		t.Fatal(n, err)
	}
}

// There and back every row is the same, and the journal ends with the same entry.
func TestALedgerIsCopiedThereAndBack(t *testing.T) {
	first := lived(t)
	all := owedIn(t, first, 30)
	err := first.Update(ctx, func(tx ledger.Tx) error {
		o, err := tx.Occurrence(ctx, all[0].ID)
		if err != nil {
			return err
		}
		before := *o
		o.State, o.ClosedAt, o.Cause = ledger.StateClosed, noon, all[9].ID // which comes later
		return errors.Join(tx.SaveOccurrence(&before, o, entry("closed")), tx.AddPause(all[1].ID, 17001, "r"), tx.Withhold(all[2].ID))
	})
	if err != nil {
		t.Fatal(err)
	}
	putAside(t, first)
	dsn := pgtest.Database(t)
	there, err := BeginCopy(ctx, dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer there.Close()
	var told, most int64
	err = first.Snapshot(ctx, func(q tables.Questions) error {
		return tables.Copy(ctx, q, there, func(_ string, done, all int64) { told, most = done, all })
	})
	if err != nil || told != most || told < 50 {
		t.Fatalf("%v, %d of %d rows told of", err, told, most)
	}
	l := at(t, dsn)
	want, err := first.Verify(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if v := proved(t, l); v.Head != want.Head || v.Rows != want.Rows || v.Occurrences != want.Occurrences {
		t.Errorf("%+v, want %+v", v, want)
	}
	// What is written there goes on with the numbers and the chain.
	if err := l.Update(ctx, func(tx ledger.Tx) error { return tx.AddPause(all[3].ID, 17002, "later") }); err != nil {
		t.Fatal(err)
	}
	owedIn(t, l, 31)
	want = proved(t, l)
	file := filepath.Join(t.TempDir(), "back.db")
	back, err := sqlite.BeginCopy(ctx, file)
	if err != nil {
		t.Fatal(err)
	}
	if err := l.Snapshot(ctx, func(q tables.Questions) error { return tables.Copy(ctx, q, back, quiet) }); err != nil {
		t.Fatal(err)
	}
	again, err := sqlite.Open(ctx, file, sqlite.Options{MustExist: true})
	if err != nil {
		t.Fatal(err)
	}
	defer again.Close()
	v, err := again.Verify(ctx)
	if err != nil || len(v.Problems) > 0 || v.Head != want.Head || v.Rows != want.Rows {
		t.Errorf("%+v, want %+v, %v", v, want, err)
	}
	owedIn(t, again, 32)
	if v, err := again.Verify(ctx); err != nil || len(v.Problems) > 0 {
		t.Error(v.Problems, err)
	}
	if _, err := BeginCopy(ctx, dsn); err == nil || !strings.Contains(err.Error(), "has a ledger already") {
		t.Errorf("over another ledger: %v", err)
	}
	if _, err := sqlite.BeginCopy(ctx, file); err == nil || !strings.Contains(err.Error(), "is there already") {
		t.Errorf("over another file: %v", err)
	}
}

func owedIn(t testing.TB, l ledger.Store, n int) []*ledger.Occurrence {
	t.Helper()
	all, err := owe(l, n)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// A copy that is interrupted, wherever, goes on where it was; until it is whole nobody
// takes it for a ledger, and one that another ledger was begun with begins anew.
func TestACopyThatIsInterruptedGoesOn(t *testing.T) {
	first := lived(t)
	owedIn(t, first, 30)
	head := func() string { return must(first.Verify(ctx)).Head }
	for _, to := range []begun{begunIn(t), begunAt(t, filepath.Join(t.TempDir(), "copy.db"))} {
		for _, after := range []int{1, 3, 7, 11, 19} {
			target, closes, err := to.begin()
			if err != nil {
				t.Fatal(err)
			}
			short, cancel := context.WithCancel(ctx)
			seen := map[string]bool{}
			err = first.Snapshot(ctx, func(q tables.Questions) error {
				return tables.Copy(short, q, target, func(table string, _, _ int64) {
					if seen[table] = true; len(seen) > after {
						cancel()
					}
				})
			})
			cancel()
			if err == nil {
				t.Fatalf("%s: it was not interrupted", to.name)
			}
			if err := closes(); err != nil {
				t.Fatal(err)
			}
			if l, err := to.opens(); err == nil {
				l.Close()
				t.Fatalf("%s: half a copy was taken for a ledger", to.name)
			}
			switch after {
			case 7: // the ledger goes on
				owedIn(t, first, 40)
			case 11: // and somebody signs in, of which there is no entry
				if err := first.Update(ctx, func(tx ledger.Tx) error {
					return tx.SaveSession("later "+to.name, []byte{2}, noon.Add(time.Hour), noon)
				}); err != nil {
					t.Fatal(err)
				}
			}
		}
		target, closes, err := to.begin()
		if err == nil {
			err = first.Snapshot(ctx, func(q tables.Questions) error { return tables.Copy(ctx, q, target, quiet) })
		}
		if err != nil {
			t.Fatal(to.name, err)
		}
		_ = closes() // which Finish may have done
		l, err := to.opens()
		if err != nil {
			t.Fatal(err)
		}
		if v, err := l.Verify(ctx); err != nil || len(v.Problems) > 0 || v.Head != head() {
			t.Errorf("%s: %+v, %v", to.name, v, err)
		}
		if err := l.Close(); err != nil {
			t.Error(err)
		}
	}
}

// A copy is none that has rows which refer to what did not come with them.
func TestACopyHasWhatItRefersTo(t *testing.T) {
	first := lived(t)
	owedIn(t, first, 3)
	for statement, want := range map[string]string{
		`INSERT INTO duty (plan, obligation, unit, rule, followed_from, made_to, told, rowid) VALUES ('p', 'o', 'u', 77, '', '', 0, 77)`: "duty refers to rows of rule",
		`UPDATE occurrence SET rule = 77`: "occurrence refers to rows of rule",
		`INSERT INTO notice_item (notice, position, kind, plan, obligation, rowid) VALUES (77, 9, '', '', '', 77)`: "notice_item refers to rows of notice",
	} {
		target, err := BeginCopy(ctx, pgtest.Database(t))
		if err != nil {
			t.Fatal(err)
		}
		err = first.Snapshot(ctx, func(q tables.Questions) error { return tables.Fill(ctx, q, target, quiet) })
		if err == nil {
			_, err = target.l.pool.Exec(ctx, statement)
		}
		if err != nil {
			t.Fatal(err)
		}
		if err := target.Finish(ctx); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", statement, err)
		}
		_ = target.Close()
	}
}

// What was changed behind the journal's back comes with the copy, which says where to look.
func TestALedgerThatWasForgedIsNotCopied(t *testing.T) {
	first := lived(t)
	db, err := sql.Open("sqlite3", first.Path()+"?_busy_timeout=10000")
	if err == nil {
		_, err = db.Exec(`UPDATE notice SET subject = 'forged'`)
		err = errors.Join(err, db.Close())
	}
	if err != nil {
		t.Fatal(err)
	}
	for _, to := range []begun{begunIn(t), begunAt(t, filepath.Join(t.TempDir(), "copy.db"))} {
		target, closes, err := to.begin()
		if err != nil {
			t.Fatal(err)
		}
		err = first.Snapshot(ctx, func(q tables.Questions) error { return tables.Copy(ctx, q, target, quiet) })
		if err == nil || !strings.Contains(err.Error(), "notice 1") || !strings.Contains(err.Error(), "duban verify") {
			t.Errorf("%s: %v", to.name, err)
		}
		_ = closes() // which Finish may have done
		if l, err := to.opens(); err == nil {
			l.Close()
			t.Errorf("%s: the copy is taken for a ledger", to.name)
		}
	}
}

type begun = struct {
	name  string
	begin func() (tables.Target, func() error, error)
	opens func() (ledger.Store, error)
}

func begunIn(t testing.TB) begun {
	dsn := pgtest.Database(t)
	return begun{"postgres", func() (tables.Target, func() error, error) {
		c, err := BeginCopy(ctx, dsn)
		if err != nil {
			return nil, nil, err
		}
		return c, c.Close, nil
	}, func() (ledger.Store, error) { return Open(ctx, dsn, Options{}) }}
}

func begunAt(t testing.TB, path string) begun {
	return begun{"sqlite", func() (tables.Target, func() error, error) {
		c, err := sqlite.BeginCopy(ctx, path)
		if err != nil {
			return nil, nil, err
		}
		return c, c.Close, nil
	}, func() (ledger.Store, error) { return sqlite.Open(ctx, path, sqlite.Options{MustExist: true}) }}
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}
