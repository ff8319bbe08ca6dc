package scheduler

import (
	"context"
	"database/sql"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"duban/ledger"
	"duban/ledger/sqlite"
	"duban/rules/planfile"
	"duban/scheduler/editor"
	"duban/scheduler/engine"
)

// oldWorld opens a ledger that the version before this one made, kept as SQL,
// with faults of that version in it; change may put in another.
func oldWorld(t *testing.T, now string, change ...string) *world {
	t.Helper()
	w := &world{t: t, mail: &mailbox{}, dir: t.TempDir()}
	dump, err := os.ReadFile("testdata/ledger-schema-3/ledger.sql")
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(w.dir, "ledger.db")
	db, err := sql.Open("sqlite3", path)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range append([]string{string(dump)}, change...) {
		if _, err := db.Exec(s); err != nil {
			t.Fatal(err)
		}
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	set, problems := planfile.Load(planfile.Sources{Plans: []string{"testdata/ledger-schema-3/plan"}})
	if problems.Err() != nil {
		t.Fatal(problems.Err())
	}
	if err := sqlite.Migrate(context.Background(), path); err != nil {
		t.Fatal(err)
	}
	l, err := sqlite.Open(context.Background(), path, sqlite.Options{Throwaway: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	w.at(now, settings().Timezone)
	w.with(l, set)
	return w
}

func TestAnOldLedgerIsRecountedToldAndLosesNothing(t *testing.T) {
	w := oldWorld(t, "2026-11-26 09:00")
	before, err := ledger.AllOccurrences(t.Context(), w.Ledger, ledger.Query{})
	if err != nil {
		t.Fatal(err)
	}
	w.tickNow()

	// What is open is recounted; what nobody made, and is still to come, is made.
	w.stands("e/a/paused", ledger.StateOpen, "2026-10-12")
	w.stands("w/b/2026-09", ledger.StateOpen, "2026-10-27")
	w.stands("mv/b/2026-11-27", ledger.StateCancelled, "2026-12-20")
	w.stands("mv/b/2026-12-01", ledger.StateOpen, "2026-12-01")
	w.stands("s/a/gone", ledger.StateCancelled, "2026-12-18")
	w.stands("ahead/a/2026-12-05", ledger.StateOpen, "2026-12-07")
	w.stands("ahead/a/2026-12-06", ledger.StateOpen, "2026-12-07")
	if o := w.find("yearend/b/2026-12-30"); !o.Provisional {
		t.Error("30 December before a year that is not published is not provisional")
	}
	w.stands("bad/b/2026-12-10", ledger.StateOpen, "2026-12-10") // it was due in the year 12025
	// What was past due waits to be asked for.
	w.stands("past/a/2026-11-07", ledger.StateOpen, "2026-11-09")
	if _, err := w.Ledger.Find(t.Context(), "past/a/2026-11-08"); err == nil {
		t.Error("past due, and made by nobody's wish")
	}
	w.stands("m/a/2026-08", ledger.StateCancelled, "2026-09-20")

	after, err := ledger.AllOccurrences(t.Context(), w.Ledger, ledger.Query{})
	if err != nil || len(after) < len(before) {
		t.Errorf("%d occurrences, %d before; %v", len(after), len(before), err)
	}

	// The administrators are told all of it, and notices about it are held.
	var told string
	for _, n := range w.listed(ledger.Sent) {
		if n.Kind == ledger.Admin {
			told += n.Text
		}
	}
	for _, key := range []string{"m/a/2026-08", "e/a/paused", "w/b/2026-09", "mv/b/2026-11-27", "s/a/gone", "yearend/b/2026-12-30", "bad/b/2026-12-10"} {
		if !strings.Contains(told, key) {
			t.Errorf("the administrators are not told of %s:\n%s", key, told)
		}
	}
	for _, key := range []string{"past/a/2026-11-07"} {
		if strings.Contains(told, key+" ") {
			t.Errorf("told of %s, which is as it was", key)
		}
	}
	changed := []string{"e/a/paused", "w/b/2026-09", "yearend"}
	for _, n := range since(w.notices(ledger.Sent), "2026-11-26") {
		for _, key := range changed {
			if strings.Contains(n, key) {
				t.Errorf("left although it is counted otherwise now: %s", n)
			}
		}
	}
	held := strings.Join(since(w.notices(ledger.Held), "2026-11-26"), "\n")
	if !strings.Contains(held, "e/a/paused=overdue") || strings.Contains(held, "past/a/2026-11-07") {
		t.Errorf("held: %s", held)
	}
	w.tick("2026-11-27 09:00")
	if got := since(w.notices(ledger.Sent), "2026-11-27"); !strings.Contains(strings.Join(got, "\n"), "admin") {
		t.Errorf("the administrators are not told again: %s", got)
	}
	if _, err := w.desk.ReleaseHeld(context.Background(), nil, "test"); err != nil {
		t.Fatal(err)
	}
	w.tick("2026-11-30 09:00")
	sent := strings.Join(since(w.notices(ledger.Sent), "2026-11-26"), "\n")
	if !strings.Contains(sent, "e/a/paused=overdue") {
		t.Errorf("released, and not sent: %s", sent)
	}
	w.verify()
	missing, err := editor.Missing(t.Context(), w.Ledger, w.View(), engine.Backfill{From: date(t, "2026-09-01")})
	if err != nil {
		t.Fatal(err)
	}
	var keys []string
	for _, c := range missing {
		keys = append(keys, c.Occurrence)
	}
	if list := strings.Join(keys, " "); !strings.Contains(list, "p:past/a/2026-11-08") || !strings.Contains(list, "p:m/a/2026-08") {
		t.Errorf("backfill lists %s", list)
	}
	if _, err := w.Backfill(t.Context(), w.now, engine.Backfill{From: date(t, "2026-09-01")}); err != nil {
		t.Fatal(err)
	}
	w.stands("past/a/2026-11-08", ledger.StateOpen, "2026-11-09")
	w.stands("m/a/2026-08", ledger.StateOpen, "2026-09-20")
	w.verify()
}

func TestAnOldLedgerWhoseClockWasAheadIsNotBelievedEither(t *testing.T) {
	w := oldWorld(t, "2026-11-26 09:00", `UPDATE fact SET value = '2028-06-01' WHERE name = 'day'`)
	w.tickNow()
	if got := since(w.notices(), "2026-11-26"); len(got) != 1 || !strings.Contains(got[0], "admin") {
		t.Errorf("made: %s", got)
	}
	w.tick("2026-11-26 09:15")
	w.stands("e/a/paused", ledger.StateOpen, "2026-10-12")
}

// listed are the notices in a state, whole.
func (w *world) listed(state ledger.MailState) []*ledger.Notice {
	w.t.Helper()
	all, err := ledger.AllNotices(context.Background(), w.Ledger, state)
	if err != nil {
		w.t.Fatal(err)
	}
	return all
}
