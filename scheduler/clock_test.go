package scheduler

import (
	"context"
	"strings"
	"testing"
	"time"

	"duban/ledger"
	"duban/rules"
	"duban/scheduler/editor"
	"duban/scheduler/engine"
)

// mailed are the days on which anybody was reminded, and of what.
func mailed(w *world, from, to string) []string {
	return before(since(slicesOnly(w.notices(ledger.Sent), "reminder"), from), to)
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
	rule := ob("m", `["@all"]`, monthly) + ob("d", `["a"]`, "every=\"week\"\nwithin=\"2 working days\"\npolicy=\"standard\"")
	right := newWorld(t, rulesOf(t, rule), "2017-06-09 09:00")
	right.days("2017-06-09", "2017-10-31")

	w := newWorld(t, rulesOf(t, rule), "2017-06-09 09:00")
	w.days("2017-06-09", "2017-06-20")
	w.tick("2018-06-01 09:00")
	made := len(w.notices())
	w.tick("2017-06-21 09:00") // the administrators are told; nothing else
	w.tick("2017-06-21 09:05")
	if got := w.notices()[made:]; len(got) != 1 || got[0] != "2017-06-21 admin :" {
		t.Errorf("a clock in doubt made %v", got)
	}
	if found, last, err := engine.Doubt(t.Context(), w.Ledger); err != nil || found.IsZero() || last.Year() != 2018 {
		t.Errorf("doubt: found %s, last %s, %v", found, last, err)
	}
	w.tick("2017-06-21 09:12") // the same again: the ledger is set right
	if found, _, _ := engine.Doubt(t.Context(), w.Ledger); !found.IsZero() {
		t.Error("still in doubt")
	}
	w.days("2017-06-22", "2017-10-31")
	// From then on the same is told as if nothing had been.
	got, want := mailed(w, "2017-06-24", "2017-11-01"), mailed(right, "2017-06-24", "2017-11-01")
	if d := difference(got, want); d != "" {
		t.Error(d)
	}
	w.verify()
}

func TestWhatAClockAheadLeftUnsentIsHeld(t *testing.T) {
	w := newWorld(t, rulesOf(t, ob("m", `["a"]`, monthly)), "2017-06-09 09:00")
	w.days("2017-06-09", "2017-06-20")
	w.at("2017-07-21 09:00", w.Settings.Timezone)
	if _, err := w.Tick(context.Background(), w.now); err != nil { // and nothing is delivered
		t.Fatal(err)
	}
	w.tick("2017-06-21 09:00")
	w.tick("2017-06-21 10:00")
	w.want(slicesOnly(w.notices(ledger.Held), "reminder"), "2017-06-21 reminder a: m/a/2017-06=due")
	w.days("2017-06-22", "2017-07-21")
	w.want(since(slicesOnly(w.notices(ledger.Sent), "reminder"), "2017-06-21"),
		"2017-07-12 reminder a: m/a/2017-06=upcoming", "2017-07-18 reminder a: m/a/2017-06=upcoming", "2017-07-21 reminder a: m/a/2017-06=due")
}

func TestAClockBeforeTheProgramIsNotBelieved(t *testing.T) {
	w := newWorld(t, rulesOf(t, ob("m", `["a"]`, monthly)), "2017-06-09 09:00")
	w.Settings.NotBefore = w.now.Add(time.Second)
	if _, err := w.Tick(context.Background(), w.now); err == nil || !strings.Contains(err.Error(), "set it right") {
		t.Errorf("ticked: %v", err)
	}
	w.now = w.now.Add(time.Second)
	w.tickNow()
}

func TestAfterALongAbsenceWhatIsOverdueWaitsForAPerson(t *testing.T) {
	w := newWorld(t, rulesOf(t, ob("m", `["a"]`, monthly)+ob("soon", `["a", "b"]`, "on=2017-11-08\npolicy=\"standard\"")), "2017-06-09 09:00")
	w.days("2017-06-09", "2017-08-31")
	w.tick("2017-11-06 09:00")
	overdue := "m/a/2017-06=overdue m/a/2017-07=overdue m/a/2017-08=overdue m/a/2017-09=overdue"
	w.want(since(w.notices(ledger.Held), "2017-11-01"),
		"2017-11-06 reminder a: "+overdue, "2017-11-06 escalation boss: "+strings.ReplaceAll(overdue, "overdue", "escalation"))
	w.want(since(w.notices(ledger.Sent), "2017-11-01"), "2017-11-06 admin :",
		"2017-11-06 reminder a: soon/a/2017-11-08=upcoming", "2017-11-06 reminder b: soon/b/2017-11-08=upcoming")
	told := len(since(slicesOnly(w.notices(), "admin"), "2017-11-01"))
	w.tick("2017-11-06 15:00")
	w.tick("2017-11-07 09:00")
	if n := len(since(slicesOnly(w.notices(), "admin"), "2017-11-01")); n != told+1 {
		t.Errorf("the administrators were told %d times more, want once on the next working day", n-told)
	}
	if n, err := w.desk.ReleaseHeld(context.Background(), nil, "test"); err != nil || n < 2 {
		t.Errorf("released %d, %v", n, err)
	}
	w.tick("2017-11-07 10:00")
	w.tick("2017-11-08 09:00")
	if n := len(since(slicesOnly(w.notices(), "admin"), "2017-11-08")); n != 0 {
		t.Errorf("told of held notices after their release: %d", n)
	}
}

// Rules that a clock met which was ahead are met when the clock is right again:
// nothing that the preview promises from then on is missing.
func TestRulesMetByAClockThatWasAheadAreMetAnew(t *testing.T) {
	week := "every=\"week\"\nwithin=\"2 days\"\npolicy=\"standard\""
	both := rulesOf(t, ob("m", `["a"]`, monthly)+ob("w", `["a"]`, week))
	for _, tc := range []struct {
		name   string
		before *rules.Set // in force until the clock went wrong; nil: no ledger yet
	}{
		{"a new ledger", nil},
		{"a new obligation", rulesOf(t, ob("m", `["a"]`, monthly))},
		{"another cadence", rulesOf(t, ob("m", `["a"]`, monthly)+ob("w", `["a"]`, strings.Replace(week, "week", "day", 1)))},
		{"it ends earlier", rulesOf(t, ob("m", `["a"]`, monthly)+ob("w", `["a"]`, week+"\nends=2018-01-31"))},
	} {
		t.Run(tc.name, func(t *testing.T) {
			set := both
			if tc.before != nil {
				set = tc.before
			}
			w := newWorld(t, set, "2017-06-09 09:00")
			if tc.before != nil {
				w.days("2017-06-09", "2017-06-20")
			}
			w.SetRules(both)
			w.at("2018-06-01 20:00", w.Settings.Timezone) // nothing leaves at that hour
			if _, err := w.Tick(context.Background(), w.now); err != nil {
				t.Fatal(err)
			}
			w.tick("2017-06-21 09:00")
			w.tick("2017-06-21 09:11")
			w.days("2017-06-22", "2017-08-31")
			for _, o := range both.Plans[0].Obligations {
				for in := range o.Between(date(t, "2017-06-21"), date(t, "2017-08-31")) {
					w.stands(o.ID+"/a/"+in.Period, ledger.StateOpen, in.Due.String())
				}
			}
			told := strings.Join(since(w.notices(ledger.Sent), "2017-06-21"), "\n")
			if tc.before == nil && !strings.Contains(told, "assignment a: m w") && !strings.Contains(told, "(new)") {
				t.Errorf("the unit was never told of its duties:\n%s", told)
			}
			w.verify()
			missing, err := editor.Missing(t.Context(), w.Ledger, w.View(), engine.Backfill{})
			if err != nil {
				t.Fatal(err)
			}
			for _, c := range missing {
				if c.Due >= date(t, "2017-06-21") {
					t.Errorf("backfill lists %s, due %s", c.Occurrence, c.Due)
				}
			}
		})
	}
}
