package scheduler_test

import (
	"fmt"
	"strings"
	"testing"

	"duban/internal/world"
	"duban/ledger"
	"duban/scheduler/desk"
	"duban/scheduler/figures"
)

// The daemon puts aside what has been over for so many years, a part a tick, and nobody
// sees a difference: not in the figures, and not who acts upon it.
func TestWhatEndedYearsAgoIsPutAside(t *testing.T) {
	w := world.New(t, world.Rules(t, world.Ob("e", `["a"]`, world.Asked)+world.Ob("m", `["a", "b"]`, world.Monthly)), "2017-06-09 09:00")
	w.TickNow()
	w.Tick("2017-06-12 09:00")
	w.Event("asked", "a", "2017-06-12", "k")
	w.Tick("2017-06-14 09:00")
	w.Done("e/a/k", "")
	w.Days("2017-07-03", "2017-07-05")
	w.Done("m/a/2017-06", "")
	w.Settings().OccurrenceYears = 2
	said := func() string {
		found, err := figures.Of(t.Context(), w.Ledger, w.View(), world.Date(t, "2017-01-01"), world.Date(t, "2017-12-31"))
		if err != nil {
			t.Fatal(err)
		}
		for i := range found {
			if found[i].Rate != nil {
				found[i].Title += fmt.Sprint(" ", *found[i].Rate)
				found[i].Rate = nil
			}
		}
		return fmt.Sprint(found)
	}
	aside := func() (n int) {
		t.Helper()
		if err := w.Ledger.EntriesSince(t.Context(), 0, func(e ledger.Entry) error {
			if e.Action == "put aside" {
				n++
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		return n
	}
	w.Tick("2019-06-10 09:00")
	if n := aside(); n != 0 {
		t.Errorf("%d entries tell of something put aside before its time", n)
	}
	w.At("2019-07-08 09:00")
	before := said()
	w.TickNow()
	if n := aside(); n != 1 {
		t.Errorf("%d entries tell of what was put aside, want 1", n)
	}
	if after := said(); after != before || !strings.Contains(after, "m") {
		t.Errorf("the figures were %s and are %s", before, after)
	}
	w.Stands("e/a/k", ledger.StateClosed, "2017-06-26")
	w.Verify()
	if _, err := w.Desk.Do(t.Context(), desk.Reopen, "e/a/k", desk.Act{By: "test", Reason: "r"}); err != nil {
		t.Fatal(err)
	}
	w.Stands("e/a/k", ledger.StateOpen, "2017-06-26")
	w.Tick("2019-07-09 09:00")
	w.Done("e/a/k", "")
	w.Verify()
}
