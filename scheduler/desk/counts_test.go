package desk_test

import (
	"context"
	"strings"
	"testing"

	"duban/internal/world"
	"duban/ledger"
	"duban/rules"
	"duban/rules/calendar"
	"duban/scheduler/desk"
	"duban/scheduler/engine"
)

var head2026 = strings.Replace(world.PlanHead, "2017-06-09", "2026-01-01", 1)

const answer = "event=\"asked\"\nwithin=\"10 working days\"\npausable=true\nextendable=\"15 working days\"\npolicy=\"standard\""

// started is a world in which the event happened on that day.
func started(t *testing.T, lines, day, now string) *world.World {
	t.Helper()
	w := world.New(t, world.RulesWith(t, head2026, world.Ob("r", `["a"]`, lines)), now)
	w.TickNow()
	e := &ledger.Event{Name: "asked", Unit: "a", Key: "k", Day: world.Date(t, day)}
	if _, _, err := w.Desk.AddEvent(context.Background(), e, "test"); err != nil {
		t.Fatal(err)
	}
	return w
}

// do acts on the one occurrence and tells when it is due then.
func do(w *world.World, verb desk.Verb, in desk.Act) (calendar.Date, error) {
	in.By = "test"
	o, err := w.Desk.Do(context.Background(), verb, "r/a/k", in)
	if err != nil {
		return 0, err
	}
	return o.Due, nil
}

func dueAfter(w *world.World, want string, verb desk.Verb, in desk.Act) {
	w.T.Helper()
	if due, err := do(w, verb, in); err != nil || due != world.Date(w.T, want) {
		w.T.Errorf("due %s, %v; want %s", due, err, want)
	}
}

func TestPausesDoNotCountAgainstTheLimitOfExtensions(t *testing.T) {
	w := started(t, answer, "2026-10-20", "2026-11-25 09:00")
	more := func(n int) desk.Act {
		return desk.Act{Reason: "law", More: &rules.Within{N: n, Unit: rules.WorkingDays}}
	}
	dueAfter(w, "2026-11-10", desk.Extend, more(5))
	dueAfter(w, "2026-11-10", desk.Pause, desk.Act{Date: world.Date(t, "2026-11-06")})
	dueAfter(w, "2026-11-26", desk.Resume, desk.Act{Date: world.Date(t, "2026-11-24")})
	if first := w.Find("r/a/k").FirstDue; first != world.Date(t, "2026-11-03") {
		t.Errorf("its own count ends on %s", first)
	}
	dueAfter(w, "2026-11-27", desk.Extend, more(1))
	dueAfter(w, "2026-12-10", desk.Extend, more(9))
	if due, err := do(w, desk.Extend, more(1)); err == nil || !strings.Contains(err.Error(), "2026-12-10 at the latest") {
		t.Errorf("extended to %s, %v", due, err)
	}
}

func TestTheRollComesOnceAtTheVeryEnd(t *testing.T) {
	for _, roll := range []string{"forward", "backward", "none"} {
		w := started(t, "event=\"asked\"\nwithin=\"45 days\"\npausable=true\npolicy=\"standard\"\nroll=\""+roll+"\"", "2026-08-20", "2026-10-06 09:00")
		do(w, desk.Pause, desk.Act{Date: world.Date(t, "2026-08-21")})
		dueAfter(w, "2026-10-12", desk.Resume, desk.Act{Date: world.Date(t, "2026-08-29")})
		// The clock would have run out on 4 October; the roll leaves nothing to stop.
		w = started(t, "event=\"asked\"\nwithin=\"45 days\"\npausable=true\npolicy=\"standard\"\nroll=\""+roll+"\"", "2026-08-20", "2026-10-06 09:00")
		if _, err := do(w, desk.Pause, desk.Act{Date: world.Date(t, "2026-10-04")}); err == nil || !strings.Contains(err.Error(), "ran out on 2026-10-04") {
			t.Errorf("roll %s: paused when there was nothing left: %v", roll, err)
		}
	}
}

func TestAClockMayBeStoppedAgainOnTheDayItsLastPauseEnded(t *testing.T) {
	w := started(t, answer, "2026-10-20", "2026-11-25 09:00")
	dueAfter(w, "2026-11-03", desk.Pause, desk.Act{Date: world.Date(t, "2026-10-22")})
	dueAfter(w, "2026-11-05", desk.Resume, desk.Act{Date: world.Date(t, "2026-10-26")})
	if _, err := do(w, desk.Pause, desk.Act{Date: world.Date(t, "2026-10-25")}); err == nil || !strings.Contains(err.Error(), "before the end of its last pause, 2026-10-26") {
		t.Errorf("paused within a pause: %v", err)
	}
	dueAfter(w, "2026-11-05", desk.Pause, desk.Act{Date: world.Date(t, "2026-10-26")})
	dueAfter(w, "2026-11-09", desk.Resume, desk.Act{Date: world.Date(t, "2026-10-28")})
	// One that began and ended on one day is not begun again on it.
	dueAfter(w, "2026-11-09", desk.Pause, desk.Act{Date: world.Date(t, "2026-10-29")})
	dueAfter(w, "2026-11-09", desk.Resume, desk.Act{Date: world.Date(t, "2026-10-29")})
	if _, err := do(w, desk.Pause, desk.Act{Date: world.Date(t, "2026-10-29")}); err == nil || !strings.Contains(err.Error(), "before the end of its last pause") {
		t.Errorf("paused twice on one day: %v", err)
	}
	w.Verify()
}

func TestMidnightBelongsToTheDayItEnds(t *testing.T) {
	head := strings.Replace(head2026, "\n[policy.standard]", "\nclose_of_business = \"24:00\"\n[policy.standard]", 1)
	chain := world.Ob("m", `["a"]`, "every=\"month\"\nwithin=\"15 working days\"\npolicy=\"standard\"") + world.Ob("next", `["a"]`, "after=\"m\"\nwithin=\"3 working days\"\npolicy=\"standard\"")
	w := world.New(t, world.RulesWith(t, head, chain), "2026-11-02 09:00")
	w.TickNow()
	w.At("2026-11-25 09:00")
	w.Done("m/a/2026-10", "2026-11-19")
	o := w.Find("m/a/2026-10")
	if day := calendar.DayOf(o.ClosedAt.In(w.Settings().Timezone)); day != world.Date(t, "2026-11-19") || w.View().Late(o) {
		t.Errorf("closed on %s, late %v; due %s", day, w.View().Late(o), o.Due)
	}
	if next := w.Find("next/a/2026-10"); next.Anchor != world.Date(t, "2026-11-19") || next.Due != world.Date(t, "2026-11-24") {
		t.Errorf("the next step counts from %s to %s", next.Anchor, next.Due)
	}
}

func TestLateBeginsAfterTheDayThatWasNamed(t *testing.T) {
	w := world.New(t, world.Rules(t, world.Ob("y", `["a"]`, "on=2017-12-31\nroll=\"backward\"\nremind=[\"3 working days before\", \"on the day\"]\noverdue=\"every 1 day\"\nescalate=\"1 day after\"")), "2017-12-01 09:00")
	w.Settings().Weekends = true
	w.TickNow()
	key := "y/a/2017-12-31"
	if o := w.Find(key); o.Due != world.Date(t, "2017-12-29") || o.Named != world.Date(t, "2017-12-31") {
		t.Fatalf("due %s, named %s", o.Due, o.Named)
	}
	for _, tc := range []struct {
		now   string
		light rules.Light
		kind  rules.ReminderKind
	}{
		{"2017-12-25 09:00", rules.Green, rules.Upcoming},
		{"2017-12-28 09:00", rules.Yellow, rules.Upcoming},
		{"2017-12-29 18:00", rules.Yellow, rules.DueToday},
		{"2017-12-31 23:59", rules.Yellow, rules.DueToday},
		{"2018-01-01 00:01", rules.Red, rules.Overdue},
	} {
		w.At(tc.now)
		o := w.Find(key)
		said, err := engine.Say(t.Context(), w.Ledger, w.View(), &ledger.Notice{Kind: ledger.Reminder, Unit: "a", Items: []ledger.Item{{Occurrence: o.ID}}}, nil)
		if err != nil {
			t.Fatal(err)
		}
		if light, kind := w.View().Light(o), said.Items[0].Kind; light != tc.light || kind != tc.kind {
			t.Errorf("%s: %s, %s; want %s, %s", tc.now, light, kind, tc.light, tc.kind)
		}
	}
	w.Days("2017-12-26", "2018-01-03")
	for _, n := range world.Since(w.Notices(), "2017-12-26") {
		if day := n[:10]; strings.Contains(n, "overdue") && day <= "2017-12-31" || strings.Contains(n, "escalation") && day <= "2017-12-31" {
			t.Errorf("told too early: %s", n)
		}
	}
	w.At("2017-12-30 10:00")
	if _, err := w.Desk.Ask(context.Background(), ledger.ExtensionRequest, key, desk.Act{By: "a", Reason: "r", To: world.Date(t, "2018-01-10")}); err != nil {
		t.Errorf("an extension on the day before the one named: %v", err)
	}
	w.At("2017-12-31 10:00")
	w.Done(key, "")
	if o := w.Find(key); w.View().Late(o) {
		t.Error("reported on the day named, and late")
	}
}

func TestAnExtensionOutOfRangeIsRefused(t *testing.T) {
	w := started(t, "event=\"asked\"\nwithin=\"10 working days\"\npolicy=\"standard\"", "2026-10-20", "2026-10-26 09:00")
	years := rules.Within{N: 50, Unit: rules.Years}
	refused := false
	for range 5 {
		if _, err := do(w, desk.Extend, desk.Act{Reason: "r", More: &years}); err != nil {
			refused = strings.Contains(err.Error(), "is out of range: dates lie from 1970-01-01 to 2199-12-31")
			break
		}
	}
	if !refused {
		t.Error("it was extended for ever")
	}
	w.TickNow()
	w.Verify()
}
