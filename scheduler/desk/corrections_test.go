package desk_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"duban/internal/world"
	"duban/ledger"
	"duban/rules"
	"duban/rules/calendar"
	"duban/scheduler/desk"
	"duban/scheduler/engine"
)

// What was done to one event's occurrence is not done to another's.
func TestAnEventOfAnotherNameInheritsNothing(t *testing.T) {
	build := func(name string) *rules.Set {
		return world.Rules(t, world.Ob("e", `["a"]`, strings.Replace(world.Asked, "asked", name, 1))+world.Ob("g", `["a"]`, strings.Replace(world.Asked, "asked", "heard", 1))+world.Ob("h", `["a"]`, world.Asked))
	}
	w := world.New(t, build("asked"), "2017-11-10 09:00")
	ctx := context.Background()
	w.TickNow()
	for _, key := range []string{"extended", "paused"} {
		w.Event("asked", "a", "2017-11-01", key)
		w.Event("heard", "a", "2017-11-06", key)
	}
	if _, err := w.Desk.Do(ctx, desk.Extend, "e/a/extended", desk.Act{By: "test", Reason: "r", To: world.Date(t, "2017-12-15")}); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Desk.Do(ctx, desk.Pause, "e/a/paused", desk.Act{By: "test", Date: world.Date(t, "2017-11-02")}); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Desk.Do(ctx, desk.Resume, "e/a/paused", desk.Act{By: "test", Date: world.Date(t, "2017-11-08")}); err != nil {
		t.Fatal(err)
	}
	paused := w.Find("e/a/paused").Due.String()
	w.Set(build("heard"))
	w.Stands("e/a/extended", ledger.StateCancelled, "2017-12-15")
	w.Stands("e/a/extended.heard", ledger.StateOpen, "2017-11-20")
	w.Stands("e/a/paused.heard", ledger.StateOpen, "2017-11-20")
	w.Set(build("asked"))
	w.Stands("e/a/extended", ledger.StateOpen, "2017-12-15")
	w.Stands("e/a/paused", ledger.StateOpen, paused)
	w.Stands("e/a/extended.heard", ledger.StateCancelled, "2017-11-20")
	w.Verify()
}

func TestAPauseBeforeACorrectedEventStopsNothing(t *testing.T) {
	for _, tc := range []struct{ day, due string }{
		{"2026-11-12", "2026-11-26"}, // the pause had ended
		{"2026-11-10", "2026-11-24"}, // on the day it ended
		{"2026-11-06", "2026-11-24"}, // in the midst of it
	} {
		w := started(t, answer, "2026-11-02", "2026-11-24 09:00")
		do(w, desk.Pause, desk.Act{Date: world.Date(t, "2026-11-04")})
		do(w, desk.Resume, desk.Act{Date: world.Date(t, "2026-11-10")})
		if _, err := w.Desk.WithdrawEvent(context.Background(), "k", "typo", "test"); err != nil {
			t.Fatal(err)
		}
		w.Event("asked", "a", tc.day, "k")
		w.Stands("r/a/k", ledger.StateOpen, tc.due)
	}
}

func TestAShorterLimitSilencesNothing(t *testing.T) {
	build := func(within string) *rules.Set {
		return world.Rules(t, world.Ob("m", `["a"]`, strings.Replace(world.Monthly, "15", within, 1)))
	}
	w := world.New(t, build("15"), "2017-07-10 09:00") // June is due on the 21st
	w.Days("2017-07-10", "2017-07-26")
	w.Set(build("5")) // and now on the 7th, before the ledger began
	w.Stands("m/a/2017-06", ledger.StateOpen, "2017-07-07")
	if o := w.Find("m/a/2017-06"); o.NextReminder == 0 {
		t.Error("nobody is told of it any more")
	}
}

func TestAReportFromBeforeACorrectedEventIsNone(t *testing.T) {
	head := strings.Replace(world.PlanHead, "\n[policy.standard]", "\nreview = true\n[policy.standard]", 1)
	w := world.New(t, world.RulesWith(t, head, world.Ob("e", `["a"]`, world.Asked)), "2017-11-20 09:00")
	w.TickNow()
	w.Event("asked", "a", "2017-11-02", "k")
	w.Done("e/a/k", "2017-11-06")
	if _, err := w.Desk.WithdrawEvent(context.Background(), "k", "typo", "test"); err != nil {
		t.Fatal(err)
	}
	w.Event("asked", "a", "2017-11-16", "k")
	w.Stands("e/a/k", ledger.StateOpen, "2017-11-30")
}

func TestAPauseDoesNotCarryAGrantOutOfRange(t *testing.T) {
	w := started(t, "event=\"asked\"\nwithin=\"10 working days\"\npausable=true\npolicy=\"standard\"", "2026-11-10", "2026-11-24 09:00")
	do(w, desk.Extend, desk.Act{Reason: "r", To: calendar.Last})
	do(w, desk.Pause, desk.Act{Date: world.Date(t, "2026-11-12")})
	dueAfter(w, "2199-12-31", desk.Resume, desk.Act{Date: world.Date(t, "2026-11-20")})
	w.TickNow()
	w.Verify()
}

func TestNothingIsDoneBeforeItBegan(t *testing.T) {
	w := world.Chained(t)
	w.Event("asked", "a", "2017-11-16", "k")
	for _, tc := range []struct{ key, day, want string }{
		{"e/a/k", "2017-11-15", "before the event"},
		{"s/a/k", "2017-11-16", "before the closing"},
	} {
		if tc.key == "s/a/k" {
			w.Done("e/a/k", "2017-11-17")
		}
		if _, err := w.Desk.Do(context.Background(), desk.Done, tc.key, desk.Act{By: "test", Date: world.Date(t, tc.day)}); err == nil || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("done on %s: %v", tc.day, err)
		}
	}
	w = world.New(t, world.Rules(t, world.Ob("m", `["a"]`, world.Monthly)), "2017-06-30 09:00")
	w.TickNow()
	if _, err := w.Desk.Do(context.Background(), desk.Done, "m/a/2017-06", desk.Act{By: "test", Date: world.Date(t, "2017-06-08")}); err == nil || !strings.Contains(err.Error(), "before the plan starts") {
		t.Errorf("done before the plan starts: %v", err)
	}
	if _, err := w.Desk.Do(context.Background(), desk.Done, "m/a/2017-06", desk.Act{By: "test", Date: world.Date(t, "2017-06-09")}); err != nil {
		t.Errorf("done on the plan's first day: %v", err)
	}
}

func TestAKeyWithAColonIsAKey(t *testing.T) {
	w := world.Chained(t)
	w.Event("asked", "a", "2017-11-16", "2017:7")
	w.Done("e/a/2017:7", "")
	w.Stands("s/a/2017:7", ledger.StateOpen, "2017-11-27")
	if _, err := w.Desk.Do(context.Background(), desk.Done, "p:s/a/2017:7", desk.Act{By: "test"}); err != nil {
		t.Error(err)
	}
}

func TestTheJournalSaysWhatWasDecidedAndByWhom(t *testing.T) {
	w := world.New(t, world.Rules(t, world.Ob("m", `["a"]`, world.Monthly)), "2017-07-03 09:00")
	ctx := context.Background()
	w.TickNow()
	r, err := w.Desk.Ask(ctx, ledger.ExtensionRequest, "m/a/2017-06", desk.Act{By: "甲局", Reason: "数据未齐", To: world.Date(t, "2017-08-04")})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Desk.Decide(ctx, r.ID, true, desk.Act{By: "市政府办公室", Reason: "同意", To: world.Date(t, "2017-08-02")}); err != nil {
		t.Fatal(err)
	}
	var lines []string
	if err := w.Ledger.Entries(ctx, ledger.Subject{}, func(e ledger.Entry) error {
		if e.Actor != engine.ByDaemon {
			lines = append(lines, strings.Join([]string{e.Actor, e.Action, e.Subject.String(), e.Reason, e.After}, "|"))
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	for _, want := range [][]string{
		{"甲局|", "asked", "数据未齐", "2017-08-04"},
		{"市政府办公室|extended", "p:m/a/2017-06", "数据未齐", "2017-08-02"},
		{"市政府办公室|", "granted", "同意", "2017-08-02"},
	} {
		if !slices.ContainsFunc(lines, func(line string) bool {
			return !slices.ContainsFunc(want, func(part string) bool { return !strings.Contains(line, part) })
		}) {
			t.Errorf("nowhere %q in\n%s", want, strings.Join(lines, "\n"))
		}
	}
}

func TestAWithdrawnKeyRecordedAgainIsACorrection(t *testing.T) {
	w := world.Chained(t)
	w.Event("asked", "a", "2017-11-16", "No7")
	w.Stands("e/a/No7", ledger.StateOpen, "2017-11-30")
	if _, err := w.Desk.WithdrawEvent(context.Background(), "No7", "typo", "test"); err != nil {
		t.Fatal(err)
	}
	w.Stands("e/a/No7", ledger.StateCancelled, "2017-11-30")
	w.Event("asked", "a", "2017-11-17", "No7")
	w.Stands("e/a/No7", ledger.StateOpen, "2017-12-01")
	if events, err := ledger.AllEvents(t.Context(), w.Ledger, ledger.EventQuery{Key: "No7"}); err != nil || len(events) != 1 || events[0].Day != world.Date(t, "2017-11-17") {
		t.Errorf("events %v, %v", events, err)
	}
	w.Verify()
}
