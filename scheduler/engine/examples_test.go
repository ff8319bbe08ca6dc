package engine_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"duban/internal/world"
	"duban/ledger"
	"duban/rules"
	"duban/rules/calendar"
	"duban/rules/planfile"
	"duban/scheduler/desk"
)

func TestTwoDutiesDueOnOneDayAreBothMade(t *testing.T) {
	w := world.New(t, world.Rules(t, world.Ob("c", `["a"]`, "cron=\"0 0 9,10 12 *\"\npolicy=\"standard\"")), "2017-06-09 09:00")
	w.Days("2017-06-09", "2017-12-11")
	w.Stands("c/a/2017-12-09", ledger.StateOpen, "2017-12-11")
	w.Stands("c/a/2017-12-10", ledger.StateOpen, "2017-12-11")
	w.Want(slicesOnly(world.Since(w.Notices(), "2017-12-11"), "reminder"), "2017-12-11 reminder a: c/a/2017-12-09=due c/a/2017-12-10=due")
}

func TestTellingAUnitOfItsDutiesLeavesThemMade(t *testing.T) {
	w := world.New(t, world.Rules(t, world.Ob("m", `["a"]`, world.Monthly)), "2017-06-09 09:00")
	w.TickNow()
	first, err := w.Ledger.Duty(t.Context(), "p", "m", "a")
	if err != nil {
		t.Fatal(err)
	}
	if !first.Told || first.Wake == 0 || first.Wake <= world.Date(t, "2017-06-10") || first.MadeTo < world.Date(t, "2017-06-30") {
		t.Errorf("told %v, wakes %s, made to %s", first.Told, first.Wake, first.MadeTo)
	}
}

func TestAnEditTakenBackLeavesNothingChanged(t *testing.T) {
	build := func(units string) *rules.Set {
		return world.Rules(t, world.Ob("m", units, world.Monthly)+world.Ob("e", units, world.Asked)+world.Ob("s", units, world.Closed))
	}
	w := world.New(t, build(`["a"]`), "2017-06-09 09:00")
	ctx := context.Background()
	w.Days("2017-06-09", "2017-08-01") // June is overdue
	w.Event("asked", "a", "2017-07-31", "paused")
	w.Event("asked", "a", "2017-07-31", "extended")
	w.Event("asked", "a", "2017-07-31", "resumed")
	w.Event("asked", "a", "2017-07-31", "done")
	act := func(verb desk.Verb, key string, in desk.Act) {
		t.Helper()
		in.By = "test"
		if _, err := w.Desk.Do(ctx, verb, key, in); err != nil {
			t.Fatal(err)
		}
	}
	act(desk.Pause, "e/a/resumed", desk.Act{Date: world.Date(t, "2017-08-01")})
	act(desk.Extend, "e/a/extended", desk.Act{Reason: "r", To: world.Date(t, "2017-09-01")})
	w.Done("e/a/done", "")
	w.Days("2017-08-02", "2017-08-07")
	act(desk.Resume, "e/a/resumed", desk.Act{Date: world.Date(t, "2017-08-07")})
	act(desk.Pause, "e/a/paused", desk.Act{})
	w.Tick("2017-08-08 09:00")
	before, err := ledger.AllOccurrences(ctx, w.Ledger, ledger.Query{})
	if err != nil {
		t.Fatal(err)
	}
	w.Set(build(`["b"]`))
	if o := w.Find("e/a/paused"); o.State != ledger.StateCancelled {
		t.Fatalf("the edit did nothing: %s", o.State)
	}
	w.Tick("2017-08-09 09:00")
	w.Set(build(`["a"]`))
	for _, was := range before {
		is := w.Find(was.Key())
		is.ToldThrough, is.SupervisorTold, is.NextReminder, is.Sequence = was.ToldThrough, was.SupervisorTold, was.NextReminder, was.Sequence
		is.Reason, was.Reason = "", ""
		if *is != *was {
			t.Errorf("%s was\n%+v and is\n%+v", was.Key(), was, is)
		}
	}
	if o := w.Find("m/a/2017-06"); o.NextReminder == 0 {
		t.Error("what is overdue is never told of again")
	}
	w.Verify()
}

func TestAReportOutlivesAnEditTakenBack(t *testing.T) {
	head := strings.Replace(world.PlanHead, "\n[policy.standard]", "\nreview = true\n[policy.standard]", 1)
	build := func(units string) *rules.Set { return world.RulesWith(t, head, world.Ob("m", units, world.Monthly)) }
	w := world.New(t, build(`["a"]`), "2017-06-09 09:00")
	w.Days("2017-06-09", "2017-07-03")
	w.Done("m/a/2017-06", "")
	w.Set(build(`["b"]`))
	w.Stands("m/a/2017-06", ledger.StateCancelled, "2017-07-21")
	w.Set(build(`["a"]`))
	w.Stands("m/a/2017-06", ledger.StateReported, "2017-07-21")
	// And a rule that is gone for good leaves no report that nobody can decide on.
	w.Set(world.RulesWith(t, head, world.Ob("other", `["a"]`, world.Monthly)))
	if _, err := w.Desk.Do(context.Background(), desk.Return, "m/a/2017-06", desk.Act{By: "test", Reason: "r"}); err == nil {
		t.Error("returned to a unit that owes it no more")
	}
	w.Stands("m/a/2017-06", ledger.StateCancelled, "2017-07-21")
}

func TestWhatIsOpenAgainIsCountedByTheLastRules(t *testing.T) {
	build := func(within string) *rules.Set {
		return world.Rules(t, world.Ob("m", `["a"]`, strings.Replace(world.Monthly, "15", within, 1)))
	}
	w := world.New(t, build("5"), "2017-06-09 09:00")
	w.Days("2017-06-09", "2017-07-03")
	w.Done("m/a/2017-06", "")
	w.Set(build("15"))
	w.Stands("m/a/2017-06", ledger.StateClosed, "2017-07-07")
	if _, err := w.Desk.Do(context.Background(), desk.Reopen, "m/a/2017-06", desk.Act{By: "test"}); err != nil {
		t.Fatal(err)
	}
	w.Stands("m/a/2017-06", ledger.StateOpen, "2017-07-21")
}

func TestAReturnedReportIsCountedByTheYearThatArrived(t *testing.T) {
	head := strings.Replace(strings.Replace(world.PlanHead, "2017-06-09", "2026-11-01", 1), "\n[policy.standard]", "\nreview = true\n[policy.standard]", 1)
	year := calendar.Year{Year: 2027, Source: []string{"test"}, Days: []calendar.Day{{Date: world.Date(t, "2027-01-04"), Name: "closed", Off: true}}}
	build := func(years ...calendar.Year) *rules.Set {
		return world.RulesWith(t, head, world.Ob("m", `["a"]`, "every=\"month\"\nwithin=\"5 working days\"\npolicy=\"standard\""), years...)
	}
	w := world.New(t, build(), "2026-11-25 09:00")
	w.Days("2026-11-25", "2027-01-02")
	w.Now = w.Now.Add(time.Hour)
	before := w.Find("m/a/2026-12")
	if !before.Provisional {
		t.Fatalf("due %s, not provisional", before.Due)
	}
	w.Done("m/a/2026-12", "")
	w.Set(build(year))
	if o := w.Find("m/a/2026-12"); o.State != ledger.StateReported || o.Provisional || o.Due <= before.Due {
		t.Errorf("reported: %s, due %s (before %s), provisional %v", o.State, o.Due, before.Due, o.Provisional)
	}
	if _, err := w.Desk.Do(context.Background(), desk.Return, "m/a/2026-12", desk.Act{By: "test", Reason: "r"}); err != nil {
		t.Fatal(err)
	}
	if o := w.Find("m/a/2026-12"); o.Provisional {
		t.Error("returned, and provisional again")
	}
}

func TestASupervisorNamedLateHearsOfWhatIsOpen(t *testing.T) {
	build := func(boss string) *rules.Set {
		dir := t.TempDir()
		units := "[[unit]]\nid=\"boss\"\nname=\"B\"\nmail=[\"boss@x.example\"]\n[[unit]]\nid=\"a\"\nname=\"A\"\nmail=[\"a@x.example\"]\n" + boss
		world.WriteAll(t, dir, map[string]string{"plan.toml": world.PlanHead, "units.toml": units, "obligations/01.toml": world.Ob("m", `["a"]`, world.Monthly)})
		set, problems := planfile.Load(planfile.Sources{Plans: []string{dir}})
		if problems.Err() != nil {
			t.Fatal(problems.Err())
		}
		return set
	}
	w := world.New(t, build(""), "2017-06-09 09:00")
	w.Days("2017-06-09", "2017-08-01")
	w.Set(build("supervisor=\"boss\"\n"))
	w.Days("2017-08-02", "2017-08-03")
	if got := slicesOnly(world.Since(w.Notices(), "2017-08-01"), "escalation"); len(got) == 0 || !strings.HasSuffix(got[0], "boss: m/a/2017-06=escalation") {
		t.Errorf("told: %v", got)
	}
}

func TestAnExtensionThatNobodyAsksForAnyMoreGoes(t *testing.T) {
	w := world.New(t, world.Rules(t, world.Ob("o", `["a"]`, "on=2017-09-20\npolicy=\"standard\"")), "2017-09-01 09:00")
	w.TickNow()
	if _, err := w.Desk.Do(context.Background(), desk.Extend, "o/a/2017-09-20", desk.Act{By: "test", Reason: "r", To: world.Date(t, "2017-10-20")}); err != nil {
		t.Fatal(err)
	}
	w.Set(world.Rules(t, world.Ob("o", `["a"]`, "on=2017-09-27\npolicy=\"standard\"")))
	w.Stands("o/a/2017-09-20", ledger.StateCancelled, "2017-10-20")
	w.Stands("o/a/2017-09-27", ledger.StateOpen, "2017-09-27")
}

func TestAnExtendedOneIsNoLongerProvisionalWhenItsYearIsKnown(t *testing.T) {
	head := strings.Replace(world.PlanHead, "2017-06-09", "2026-01-01", 1)
	rule := world.Ob("o", `["a"]`, "on=2026-12-10\npolicy=\"standard\"")
	w := world.New(t, world.RulesWith(t, head, rule), "2026-11-25 09:00")
	w.TickNow()
	if _, err := w.Desk.Do(context.Background(), desk.Extend, "o/a/2026-12-10", desk.Act{By: "test", Reason: "r", To: world.Date(t, "2027-01-20")}); err != nil {
		t.Fatal(err)
	}
	if !w.Find("o/a/2026-12-10").Provisional {
		t.Fatal("it is due in a year that is not known, and not provisional")
	}
	w.Set(world.RulesWith(t, head, rule, calendar.Year{Year: 2027, Source: []string{"test"}, Days: []calendar.Day{{Date: world.Date(t, "2027-01-01"), Name: "n", Off: true}}}))
	if o := w.Find("o/a/2026-12-10"); o.Provisional || o.Due != world.Date(t, "2027-01-20") {
		t.Errorf("due %s, provisional %v", o.Due, o.Provisional)
	}
}

func TestSuccessorsFollowTheirCause(t *testing.T) {
	w := world.Chained(t)
	ctx := context.Background()
	w.Event("asked", "a", "2017-11-16", "k")
	w.Done("e/a/k", "2017-11-17")
	w.Stands("s/a/k", ledger.StateOpen, "2017-11-24")
	w.Done("s/a/k", "2017-11-20")
	w.Stands("u/a/k", ledger.StateOpen, "2017-11-27")
	if _, err := w.Desk.WithdrawEvent(ctx, "k", "wrong", "test"); err != nil {
		t.Fatal(err)
	}
	w.Stands("u/a/k", ledger.StateCancelled, "2017-11-27")
	w.Event("asked", "a", "2017-11-16", "k")
	w.Stands("u/a/k", ledger.StateOpen, "2017-11-27")
	// Reopened, the first step takes back what hangs on it; closed later, it dates it anew.
	if _, err := w.Desk.Do(ctx, desk.Reopen, "s/a/k", desk.Act{By: "test"}); err != nil {
		t.Fatal(err)
	}
	w.Stands("u/a/k", ledger.StateCancelled, "2017-11-27")
	if _, err := w.Desk.Do(ctx, desk.Extend, "s/a/k", desk.Act{By: "test", Reason: "r", To: world.Date(t, "2017-11-28")}); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Desk.Do(ctx, desk.Reopen, "e/a/k", desk.Act{By: "test"}); err != nil {
		t.Fatal(err)
	}
	w.Stands("s/a/k", ledger.StateCancelled, "2017-11-28")
	w.Tick("2017-11-24 09:00")
	w.Done("e/a/k", "")
	w.Stands("s/a/k", ledger.StateOpen, "2017-12-01") // its own count is later than what was granted
	if o := w.Find("s/a/k"); o.FirstDue != world.Date(t, "2017-12-01") {
		t.Errorf("its own count: %s", o.FirstDue)
	}
	w.Verify()
}

func TestAStepAddedAfterItsCauseClosedIsStarted(t *testing.T) {
	w := world.New(t, world.Rules(t, world.Ob("e", `["a"]`, world.Asked)), "2017-11-01 09:00")
	w.TickNow()
	w.Event("asked", "a", "2017-10-30", "k")
	w.Done("e/a/k", "")
	w.Set(world.Rules(t, world.Ob("e", `["a"]`, world.Asked)+world.Ob("s", `["a"]`, world.Closed)))
	w.Stands("s/a/k", ledger.StateOpen, "2017-11-08")
}

func TestAnEventOfAnotherNameTakesTheOccurrenceOver(t *testing.T) {
	w := world.New(t, world.Rules(t, world.Ob("e", `["a"]`, world.Asked)+world.Ob("x", `["a"]`, strings.Replace(world.Asked, "asked", "heard", 1))), "2017-11-10 09:00")
	w.TickNow()
	w.Event("asked", "a", "2017-11-01", "k")
	w.Event("heard", "a", "2017-11-06", "k")
	w.Set(world.Rules(t, world.Ob("e", `["a"]`, strings.Replace(world.Asked, "asked", "heard", 1))+world.Ob("x", `["a"]`, strings.Replace(world.Asked, "asked", "heard", 1))))
	w.Stands("e/a/k", ledger.StateOpen, "2017-11-20")
	heard, err := ledger.AllEvents(t.Context(), w.Ledger, ledger.EventQuery{Name: "heard"})
	if err != nil || w.Find("e/a/k").Event != heard[0].ID {
		t.Errorf("started by event %d, %v", w.Find("e/a/k").Event, err)
	}
}

func TestTheSupervisorsDigestDoesNotDelayTheUnit(t *testing.T) {
	w := world.New(t, world.Rules(t, world.Ob("e", `["a"]`, world.Asked)+world.Ob("m", `["b"]`, world.Monthly)), "2017-06-09 09:00")
	w.Days("2017-06-09", "2017-07-25")
	w.Tick("2017-07-26 09:00") // the boss has had the day's digest, about b
	w.Event("asked", "a", "2017-07-03", "k")
	w.Tick("2017-07-26 10:00") // long overdue, and recorded only now
	w.Tick("2017-07-27 09:00")
	w.Want(slices.DeleteFunc(world.Since(w.Notices(), "2017-07-26"), func(n string) bool { return strings.Contains(n, "reminder b") }),
		"2017-07-26 escalation boss: m/b/2017-06=escalation",
		"2017-07-26 reminder a: e/a/k=overdue (new)",
		"2017-07-27 escalation boss: e/a/k=escalation")
}

// A Shanghai plan beside one of New York is reminded by Shanghai's days.
func TestEachPlanIsRemindedByItsOwnDays(t *testing.T) {
	plans := map[string]string{"far": world.Ob("f", `["a"]`, "on=2017-08-15\npolicy=\"plain\""), "p": world.Ob("m", `["c"]`, "on=2017-08-15\npolicy=\"plain\"")}
	set := tryRules(t, plans)
	if set == nil || set.Plans[0].ID != "far" {
		t.Fatal("plans in another order")
	}
	w := world.New(t, set, "2017-07-01 09:00")
	w.Settings().Weekends, w.Settings().WindowFrom, w.Settings().WindowTo = true, 0, 24*60
	w.Settings().Timezone = set.Plans[0].Timezone // of the ticks: New York
	w.Now = world.Date(t, "2017-07-01").At(9*60, w.Settings().Timezone)
	w.TickNow()
	shanghai := set.Plans[1].Timezone
	told := map[string]string{}
	for at := world.Date(t, "2017-08-14").At(0, shanghai); at.Before(world.Date(t, "2017-08-18").At(0, shanghai)); at = at.Add(time.Hour) {
		w.Now = at
		before := len(w.Notices())
		w.TickNow()
		for _, n := range w.Notices()[before:] {
			for _, key := range []string{"f/a/2017-08-15=due", "m/c/2017-08-15=due", "m/c/2017-08-15=overdue"} {
				if strings.Contains(n, key) && told[key] == "" {
					told[key] = at.In(shanghai).Format("2006-01-02 15:04")
				}
			}
		}
	}
	want := map[string]string{"m/c/2017-08-15=due": "2017-08-15 00:00", "f/a/2017-08-15=due": "2017-08-15 12:00", "m/c/2017-08-15=overdue": "2017-08-16 00:00"}
	for key, at := range want {
		if told[key] != at {
			t.Errorf("%s was told at %q, want %s (Shanghai)", key, told[key], at)
		}
	}
}

// What fell due while nobody ticked was owed by the rules followed then, also
// where the first tick after it saw an edit that was taken back.
func TestAnEditDuringAnOutageLosesNoPeriod(t *testing.T) {
	m := world.Rules(t, world.Ob("m", `["a"]`, world.Monthly))
	w := world.New(t, m, "2017-06-09 09:00")
	w.Days("2017-06-09", "2017-06-12")
	w.At("2017-10-09 09:00")
	w.Set(world.Rules(t, world.Ob("m", `["b"]`, world.Monthly)))
	w.Set(m)
	w.Stands("m/a/2017-06", ledger.StateOpen, "2017-07-21")
	w.Stands("m/a/2017-07", ledger.StateOpen, "2017-08-21")
	w.Stands("m/a/2017-08", ledger.StateOpen, "2017-09-21")
	w.Stands("m/a/2017-09", ledger.StateOpen, "2017-10-27")
	if _, err := w.Ledger.Find(t.Context(), "m/b/2017-08"); err == nil {
		t.Error("an edit made what was past due")
	}
}

func TestOfEachDutyTheNextIsThere(t *testing.T) {
	w := world.New(t, world.Rules(t, world.Ob("y", `["a"]`, "every=\"year\"\nwithin=\"1 month\"\npolicy=\"standard\"")), "2017-06-09 09:00")
	w.Days("2017-06-09", "2018-02-05")
	w.Stands("y/a/2018", ledger.StateOpen, "2019-01-31")
}
