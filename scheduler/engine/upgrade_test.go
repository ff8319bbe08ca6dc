package engine_test

import (
	"context"
	"database/sql"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"duban/internal/world"
	"duban/ledger"
	"duban/ledger/sqlite"
	"duban/rules/planfile"
	"duban/scheduler/editor"
	"duban/scheduler/engine"
)

// oldWorld opens a ledger that the version before this one made, kept as SQL,
// with faults of that version in it; change may put in another.
func oldWorld(t *testing.T, now string, change ...string) *world.World {
	t.Helper()
	w := world.Empty(t, t.TempDir())
	dump, err := os.ReadFile("testdata/ledger-schema-3/ledger.sql")
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(w.Dir, "ledger.db")
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
	w.At(now)
	w.With(l, set)
	return w
}

func TestAnOldLedgerIsRecountedToldAndLosesNothing(t *testing.T) {
	w := oldWorld(t, "2026-11-26 09:00")
	before, err := ledger.AllOccurrences(t.Context(), w.Ledger, ledger.Query{})
	if err != nil {
		t.Fatal(err)
	}
	w.TickNow()

	// What is open is recounted; what nobody made, and is still to come, is made.
	w.Stands("e/a/paused", ledger.StateOpen, "2026-10-12")
	w.Stands("w/b/2026-09", ledger.StateOpen, "2026-10-27")
	w.Stands("mv/b/2026-11-27", ledger.StateCancelled, "2026-12-20")
	w.Stands("mv/b/2026-12-01", ledger.StateOpen, "2026-12-01")
	w.Stands("s/a/gone", ledger.StateCancelled, "2026-12-18")
	w.Stands("ahead/a/2026-12-05", ledger.StateOpen, "2026-12-07")
	w.Stands("ahead/a/2026-12-06", ledger.StateOpen, "2026-12-07")
	if o := w.Find("yearend/b/2026-12-30"); !o.Provisional {
		t.Error("30 December before a year that is not published is not provisional")
	}
	w.Stands("bad/b/2026-12-10", ledger.StateOpen, "2026-12-10") // it was due in the year 12025
	// What was past due waits to be asked for.
	w.Stands("past/a/2026-11-07", ledger.StateOpen, "2026-11-09")
	if _, err := w.Ledger.Find(t.Context(), "past/a/2026-11-08"); err == nil {
		t.Error("past due, and made by nobody's wish")
	}
	w.Stands("m/a/2026-08", ledger.StateCancelled, "2026-09-20")

	after, err := ledger.AllOccurrences(t.Context(), w.Ledger, ledger.Query{})
	if err != nil || len(after) < len(before) {
		t.Errorf("%d occurrences, %d before; %v", len(after), len(before), err)
	}

	// The administrators are told all of it, and notices about it are held.
	var told string
	for _, n := range w.Listed(ledger.Sent) {
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
	for _, n := range world.Since(w.Notices(ledger.Sent), "2026-11-26") {
		for _, key := range changed {
			if strings.Contains(n, key) {
				t.Errorf("left although it is counted otherwise now: %s", n)
			}
		}
	}
	held := strings.Join(world.Since(w.Notices(ledger.Held), "2026-11-26"), "\n")
	if !strings.Contains(held, "e/a/paused=overdue") || strings.Contains(held, "past/a/2026-11-07") {
		t.Errorf("held: %s", held)
	}
	w.Tick("2026-11-27 09:00")
	if got := world.Since(w.Notices(ledger.Sent), "2026-11-27"); !strings.Contains(strings.Join(got, "\n"), "admin") {
		t.Errorf("the administrators are not told again: %s", got)
	}
	if _, err := w.Desk.ReleaseHeld(context.Background(), nil, "test"); err != nil {
		t.Fatal(err)
	}
	w.Tick("2026-11-30 09:00")
	sent := strings.Join(world.Since(w.Notices(ledger.Sent), "2026-11-26"), "\n")
	if !strings.Contains(sent, "e/a/paused=overdue") {
		t.Errorf("released, and not sent: %s", sent)
	}
	w.Verify()
	missing, err := editor.Missing(t.Context(), w.Ledger, w.View(), engine.Backfill{From: world.Date(t, "2026-09-01")})
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
	if _, err := w.Daemon.Backfill(t.Context(), w.Now, engine.Backfill{From: world.Date(t, "2026-09-01")}); err != nil {
		t.Fatal(err)
	}
	w.Stands("past/a/2026-11-08", ledger.StateOpen, "2026-11-09")
	w.Stands("m/a/2026-08", ledger.StateOpen, "2026-09-20")
	w.Verify()
}

func TestAnOldLedgerWhoseClockWasAheadIsNotBelievedEither(t *testing.T) {
	w := oldWorld(t, "2026-11-26 09:00", `UPDATE fact SET value = '2028-06-01' WHERE name = 'day'`)
	w.TickNow()
	if got := world.Since(w.Notices(), "2026-11-26"); len(got) != 1 || !strings.Contains(got[0], "admin") {
		t.Errorf("made: %s", got)
	}
	w.Tick("2026-11-26 09:15")
	w.Stands("e/a/paused", ledger.StateOpen, "2026-10-12")
}
