package postgres

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"duban/ledger"
	"duban/ledger/sqlite"
	"duban/ledger/tables"
)

// A row is the same row in both engines, with the same hash, only if both have the
// same columns with the same defaults; and what changes has the same number in both.
func TestBothEnginesHaveTheSameTables(t *testing.T) {
	l := open(t)
	other, err := sqlite.Open(ctx, filepath.Join(t.TempDir(), "l.db"), sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	if Schema() != sqlite.Schema() {
		t.Errorf("schema %d, and SQLite's is %d: a migration is missing in one of them", Schema(), sqlite.Schema())
	}
	all := func(q tables.Questions) (out []string) {
		names, err := q.Dialect.Tables(ctx, q.DB)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range names {
			columns, err := q.Dialect.Columns(ctx, q.DB, name)
			if err != nil {
				t.Fatal(err)
			}
			if name == "goose_db_version" {
				continue
			}
			for _, c := range columns {
				out = append(out, fmt.Sprintf("%s.%s %#v", name, c.Name, c.Unset))
			}
		}
		return out
	}
	here, there := all(l.Questions), all(other.Questions)
	for _, c := range here {
		if !slices.Contains(there, c) {
			t.Errorf("%s is not in SQLite", c)
		}
	}
	for _, c := range there {
		if !slices.Contains(here, c) {
			t.Errorf("%s is not in PostgreSQL", c)
		}
	}
}

// What the migrations name to number the rows of a table is what is read here.
func TestTheRowsOfEachTableAreNumberedAsTheTriggersSay(t *testing.T) {
	l := open(t)
	found, err := namesOf(ctx, l.DB, `SELECT c.relname || ' ' || encode(t.tgargs, 'escape') FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid WHERE t.tgname LIKE '%\_made' AND t.tgnargs = 1`)
	if err != nil || len(found) < 10 {
		t.Fatal(found, err)
	}
	for _, one := range found {
		table, number, _ := strings.Cut(one, " ")
		if got := (dialect{}).Number(table) + `\000`; got != number {
			t.Errorf("%s: %q, and its triggers say %q", table, got, number)
		}
	}
	names, err := dialect{}.Tables(ctx, l.DB)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		if tables.Covers(name) && !slices.ContainsFunc(found, func(one string) bool { return strings.HasPrefix(one, name+" ") }) {
			t.Errorf("the table %s tells of no rows: tell_of is missing in its migration", name)
		}
	}
}

// All that a tick makes is due at one moment: who claims some of it sorts none of it.
func TestWhatIsDueIsClaimedInTheOrderOfAnIndex(t *testing.T) {
	l := open(t)
	x, err := l.exchange(ctx, `begin`)
	if err != nil {
		t.Fatal(err)
	}
	defer x.end(ctx)
	x.say(`SET LOCAL enable_sort = off`) // which it does all the same where no index has the order
	x.say(`SET LOCAL enable_seqscan = off`)
	plan, err := namesOf(ctx, x, `EXPLAIN `+tables.Claimable+dialect{}.Passing("n"), ledger.ByMail, "2017-07-14T01:00:00Z", "a", 8)
	if text := strings.Join(plan, "\n"); err != nil || strings.Contains(text, "Sort") || !strings.Contains(text, "notice_in_order") {
		t.Errorf("%v\n%s", err, text)
	}
}

// Whether a table has anything of an obligation is asked of its key, also where it has
// nothing of one and all of another, and whatever values the server plans for.
func TestWhatIsThereOfAnObligationIsAskedOfTheKey(t *testing.T) {
	l := open(t)
	owed(t, l, 5000)
	x, err := l.exchange(ctx, `begin`)
	if err != nil {
		t.Fatal(err)
	}
	defer x.end(ctx)
	x.say(`ANALYZE occurrence`)
	x.say(`SET LOCAL plan_cache_mode = force_generic_plan`)
	x.say(`PREPARE any_of AS ` + numbered(tables.AnyOf("occurrence")))
	plan, err := namesOf(ctx, x, `EXPLAIN EXECUTE any_of('p', 'none')`)
	if text := strings.Join(plan, "\n"); err != nil || !strings.Contains(text, "Index") {
		t.Errorf("%v\n%s", err, text)
	}
}
