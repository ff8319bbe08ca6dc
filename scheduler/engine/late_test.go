package engine_test

import (
	"strings"
	"testing"

	"duban/internal/world"
	"duban/scheduler/desk"
	"duban/scheduler/engine"
	"duban/scheduler/figures"
)

// head is a plan whose day ends at that hour.
func head(closes string) string {
	return strings.Replace(world.PlanHead, "[policy.standard]", "close_of_business = \""+closes+"\"\n[policy.standard]", 1)
}

func TestWhatWasClosedLateStaysLate(t *testing.T) {
	monthly := world.Ob("m", `["a", "b"]`, world.Monthly)
	w := world.New(t, world.RulesWith(t, head("17:00"), monthly), "2017-07-12 09:00")
	w.TickNow()
	w.At("2017-07-21 18:00")
	w.Done("m/a/2017-06", "") // an hour late
	w.At("2017-07-21 16:00")
	w.Done("m/b/2017-06", "")
	late := func() string {
		out := ""
		for _, f := range must(figures.Of(t.Context(), w.Ledger, w.View(), world.Date(t, "2017-07-01"), world.Date(t, "2017-07-31"))) {
			if f.Late > 0 {
				out += f.Unit
			}
		}
		return out
	}
	if got := late(); got != "a" {
		t.Fatalf("late: %s", got)
	}
	w.Set(world.RulesWith(t, head("19:00"), monthly))
	if got := late(); got != "a" {
		t.Errorf("after the day got longer, late: %s", got)
	}
	w.Set(world.RulesWith(t, head("12:00"), monthly))
	if got := late(); got != "a" {
		t.Errorf("after it got shorter, late: %s", got)
	}
	w.Verify()

	if _, err := w.Desk.Do(t.Context(), desk.Reopen, "m/a/2017-06", desk.Act{By: "test"}); err != nil {
		t.Fatal(err)
	}
	if got := late(); got != "" {
		t.Errorf("reopened, late: %s", got)
	}
}

func TestWhatAnOlderVersionClosedIsJudgedOnce(t *testing.T) {
	w := world.New(t, world.Rules(t, world.Ob("m", `["a", "b"]`, world.Monthly)), "2017-07-12 09:00")
	w.TickNow()
	w.At("2017-07-24 09:00")
	w.Done("m/a/2017-06", "")
	w.Done("m/b/2017-06", "2017-07-20")
	w.Behind(`UPDATE occurrence SET late = 0`, `DELETE FROM fact WHERE name = 'lateness kept'`)
	w.Reopen()
	if needs := must(engine.NeedsAdoption(t.Context(), w.Ledger, w.View())); !needs {
		t.Error("nothing is to be done about it")
	}
	w.Tick("2017-07-24 10:00")
	if a, b := w.Find("m/a/2017-06"), w.Find("m/b/2017-06"); !a.Late || b.Late {
		t.Errorf("late: a %v, b %v", a.Late, b.Late)
	}
	w.Verify()
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}
