package engine_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"duban/internal/world"
	"duban/ledger"
	"duban/rules"
	"duban/scheduler/editor"
	"duban/scheduler/engine"
)

// mailed are the days on which anybody was reminded, and of what.
func mailed(w *world.World, from, to string) []string {
	return before(world.Since(slicesOnly(w.Notices(ledger.Sent), "reminder"), from), to)
}

// before leaves out the notices of that day and later.
func before(notices []string, day string) []string {
	for i, n := range notices {
		if n >= day {
			return notices[:i]
		}
	}
	return notices
}

func TestAClockThatWasAheadOnceDoesNoHarmForLong(t *testing.T) {
	rule := world.Ob("m", `["@all"]`, world.Monthly) + world.Ob("d", `["a"]`, "every=\"week\"\nwithin=\"2 working days\"\npolicy=\"standard\"")
	right := world.New(t, world.Rules(t, rule), "2017-06-09 09:00")
	right.Days("2017-06-09", "2017-10-31")

	w := world.New(t, world.Rules(t, rule), "2017-06-09 09:00")
	w.Days("2017-06-09", "2017-06-20")
	w.Tick("2018-06-01 09:00")
	made := len(w.Notices())
	w.Tick("2017-06-21 09:00") // the administrators are told; nothing else
	w.Tick("2017-06-21 09:05")
	if got := w.Notices()[made:]; len(got) != 1 || got[0] != "2017-06-21 admin :" {
		t.Errorf("a clock in doubt made %v", got)
	}
	if found, last, err := engine.Doubt(t.Context(), w.Ledger); err != nil || found.IsZero() || last.Year() != 2018 {
		t.Errorf("doubt: found %s, last %s, %v", found, last, err)
	}
	w.Tick("2017-06-21 09:12") // the same again: the ledger is set right
	if found, _, _ := engine.Doubt(t.Context(), w.Ledger); !found.IsZero() {
		t.Error("still in doubt")
	}
	w.Days("2017-06-22", "2017-10-31")
	// From then on the same is told as if nothing had been.
	got, want := mailed(w, "2017-06-24", "2017-11-01"), mailed(right, "2017-06-24", "2017-11-01")
	if d := difference(got, want); d != "" {
		t.Error(d)
	}
	w.Verify()
}

func TestWhatAClockAheadLeftUnsentIsHeld(t *testing.T) {
	w := world.New(t, world.Rules(t, world.Ob("m", `["a"]`, world.Monthly)), "2017-06-09 09:00")
	w.Days("2017-06-09", "2017-06-20")
	w.At("2017-07-21 09:00")
	if _, err := w.Daemon.Tick(context.Background(), w.Now); err != nil { // and nothing is delivered
		t.Fatal(err)
	}
	w.Tick("2017-06-21 09:00")
	w.Tick("2017-06-21 10:00")
	w.Want(slicesOnly(w.Notices(ledger.Held), "reminder"), "2017-06-21 reminder a: m/a/2017-06=due")
	w.Days("2017-06-22", "2017-07-21")
	w.Want(world.Since(slicesOnly(w.Notices(ledger.Sent), "reminder"), "2017-06-21"),
		"2017-07-12 reminder a: m/a/2017-06=upcoming", "2017-07-18 reminder a: m/a/2017-06=upcoming", "2017-07-21 reminder a: m/a/2017-06=due")
}

func TestAClockBeforeTheProgramIsNotBelieved(t *testing.T) {
	w := world.New(t, world.Rules(t, world.Ob("m", `["a"]`, world.Monthly)), "2017-06-09 09:00")
	w.Settings().NotBefore = w.Now.Add(time.Second)
	if _, err := w.Daemon.Tick(context.Background(), w.Now); err == nil || !strings.Contains(err.Error(), "set it right") {
		t.Errorf("ticked: %v", err)
	}
	w.Now = w.Now.Add(time.Second)
	w.TickNow()
}

func TestAfterALongAbsenceWhatIsOverdueWaitsForAPerson(t *testing.T) {
	w := world.New(t, world.Rules(t, world.Ob("m", `["a"]`, world.Monthly)+world.Ob("soon", `["a", "b"]`, "on=2017-11-08\npolicy=\"standard\"")), "2017-06-09 09:00")
	w.Days("2017-06-09", "2017-08-31")
	w.Tick("2017-11-06 09:00")
	overdue := "m/a/2017-06=overdue m/a/2017-07=overdue m/a/2017-08=overdue m/a/2017-09=overdue"
	w.Want(world.Since(w.Notices(ledger.Held), "2017-11-01"),
		"2017-11-06 reminder a: "+overdue, "2017-11-06 escalation boss: "+strings.ReplaceAll(overdue, "overdue", "escalation"))
	w.Want(world.Since(w.Notices(ledger.Sent), "2017-11-01"), "2017-11-06 admin :",
		"2017-11-06 reminder a: soon/a/2017-11-08=upcoming", "2017-11-06 reminder b: soon/b/2017-11-08=upcoming")
	told := len(world.Since(slicesOnly(w.Notices(), "admin"), "2017-11-01"))
	w.Tick("2017-11-06 15:00")
	w.Tick("2017-11-07 09:00")
	if n := len(world.Since(slicesOnly(w.Notices(), "admin"), "2017-11-01")); n != told+1 {
		t.Errorf("the administrators were told %d times more, want once on the next working day", n-told)
	}
	if n, err := w.Desk.ReleaseHeld(context.Background(), nil, "test"); err != nil || n < 2 {
		t.Errorf("released %d, %v", n, err)
	}
	w.Tick("2017-11-07 10:00")
	w.Tick("2017-11-08 09:00")
	if n := len(world.Since(slicesOnly(w.Notices(), "admin"), "2017-11-08")); n != 0 {
		t.Errorf("told of held notices after their release: %d", n)
	}
}

// Rules that a clock met which was ahead are met when the clock is right again:
// nothing that the preview promises from then on is missing.
func TestRulesMetByAClockThatWasAheadAreMetAnew(t *testing.T) {
	week := "every=\"week\"\nwithin=\"2 days\"\npolicy=\"standard\""
	both := world.Rules(t, world.Ob("m", `["a"]`, world.Monthly)+world.Ob("w", `["a"]`, week))
	for _, tc := range []struct {
		name   string
		before *rules.Set // in force until the clock went wrong; nil: no ledger yet
	}{
		{"a new ledger", nil},
		{"a new obligation", world.Rules(t, world.Ob("m", `["a"]`, world.Monthly))},
		{"another cadence", world.Rules(t, world.Ob("m", `["a"]`, world.Monthly)+world.Ob("w", `["a"]`, strings.Replace(week, "week", "day", 1)))},
		{"it ends earlier", world.Rules(t, world.Ob("m", `["a"]`, world.Monthly)+world.Ob("w", `["a"]`, week+"\nends=2018-01-31"))},
	} {
		t.Run(tc.name, func(t *testing.T) {
			set := both
			if tc.before != nil {
				set = tc.before
			}
			w := world.New(t, set, "2017-06-09 09:00")
			if tc.before != nil {
				w.Days("2017-06-09", "2017-06-20")
			}
			w.Daemon.SetRules(both)
			w.At("2018-06-01 20:00") // nothing leaves at that hour
			if _, err := w.Daemon.Tick(context.Background(), w.Now); err != nil {
				t.Fatal(err)
			}
			w.Tick("2017-06-21 09:00")
			w.Tick("2017-06-21 09:11")
			w.Days("2017-06-22", "2017-08-31")
			for _, o := range both.Plans[0].Obligations {
				for in := range o.Between(world.Date(t, "2017-06-21"), world.Date(t, "2017-08-31")) {
					w.Stands(o.ID+"/a/"+in.Period, ledger.StateOpen, in.Due.String())
				}
			}
			told := strings.Join(world.Since(w.Notices(ledger.Sent), "2017-06-21"), "\n")
			if tc.before == nil && !strings.Contains(told, "assignment a: m w") && !strings.Contains(told, "(new)") {
				t.Errorf("the unit was never told of its duties:\n%s", told)
			}
			w.Verify()
			missing, err := editor.Missing(t.Context(), w.Ledger, w.View(), engine.Backfill{})
			if err != nil {
				t.Fatal(err)
			}
			for _, c := range missing {
				if c.Due >= world.Date(t, "2017-06-21") {
					t.Errorf("backfill lists %s, due %s", c.Occurrence, c.Due)
				}
			}
		})
	}
}
