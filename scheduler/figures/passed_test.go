package figures_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"duban/internal/world"
	"duban/scheduler/desk"
	"duban/scheduler/figures"
)

// June is due on 2017-07-21. What is handed on after that counts for who had it then,
// and only what is due in the time asked for, of the units asked for, is told.
func TestWhatWasPassedOnAfterItsDayIsTold(t *testing.T) {
	w := world.New(t, world.Rules(t, world.Ob("m", `["a", "b"]`, world.Monthly)+world.Ob("n", `["a", "b"]`, world.Monthly)), "2017-06-09 09:00")
	w.TickNow()
	w.Tick("2017-07-03 09:00")
	to := func(unit, key string) {
		t.Helper()
		if _, err := w.Desk.Do(t.Context(), desk.Transfer, key, desk.Act{Unit: unit, Reason: "r", By: "li"}); err != nil {
			t.Fatal(err)
		}
	}
	to("boss", "n/a/2017-06") // in time: it is theirs
	w.Tick("2017-07-24 09:00")
	to("c", "m/a/2017-06")
	w.Tick("2017-07-25 09:00")
	to("boss", "m/c/2017-06") // through c
	to("c", "n/b/2017-06")
	for _, c := range []struct{ what, units, from, till, want string }{
		{"by who had it", "a", "2017-07-21", "2017-07-21", "m/boss/2017-06 had a"},
		{"by who has it", "boss", "2017-07-21", "2017-07-21", "m/boss/2017-06 had a"},
		{"by whom it went through, and what it has", "c", "2017-07-21", "2017-07-21", "m/boss/2017-06 had a, n/c/2017-06 had b"},
		{"of all, each once", "a b c boss", "2017-07-01", "2017-07-31", "m/boss/2017-06 had a, n/c/2017-06 had b"},
		{"due later", "a b c boss", "2017-07-22", "2017-07-31", ""},
		{"due earlier", "a b c boss", "2017-07-01", "2017-07-20", ""},
	} {
		passed, err := figures.PassedBy(t.Context(), w.Ledger, w.View(), func(id string) bool { return slices.Contains(strings.Fields(c.units), id) }, world.Date(t, c.from), world.Date(t, c.till))
		var got []string
		for _, p := range passed {
			got = append(got, fmt.Sprintf("%s had %s", p.Key(), p.Had))
		}
		slices.Sort(got)
		if err != nil || strings.Join(got, ", ") != c.want {
			t.Errorf("%s: %q, %v", c.what, got, err)
		}
	}
}
