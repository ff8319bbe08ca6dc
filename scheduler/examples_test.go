package scheduler

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"duban/ledger"
	"duban/rules"
	"duban/rules/calendar"
	"duban/rules/planfile"
	"duban/scheduler/desk"
	"duban/scheduler/engine"
)

// set puts rules in force and ticks an hour later.
func (w *world) set(set *rules.Set) {
	w.t.Helper()
	w.SetRules(set)
	w.now = w.now.Add(time.Hour)
	w.tickNow()
}

func (w *world) event(name, unit, day, key string) {
	w.t.Helper()
	if _, _, err := w.desk.AddEvent(context.Background(), &ledger.Event{Name: name, Unit: unit, Day: date(w.t, day), Key: key}, "test"); err != nil {
		w.t.Fatal(err)
	}
}

// stands wants an occurrence in a state and due on a day.
func (w *world) stands(key string, state ledger.State, due string) {
	w.t.Helper()
	if o := w.find(key); o.State != state || o.Due != date(w.t, due) {
		w.t.Errorf("%s is %s, due %s; want %s, %s", key, o.State, o.Due, state, due)
	}
}

func TestTwoDutiesDueOnOneDayAreBothMade(t *testing.T) {
	w := newWorld(t, rulesOf(t, ob("c", `["a"]`, "cron=\"0 0 9,10 12 *\"\npolicy=\"standard\"")), "2017-06-09 09:00")
	w.days("2017-06-09", "2017-12-11")
	w.stands("c/a/2017-12-09", ledger.StateOpen, "2017-12-11")
	w.stands("c/a/2017-12-10", ledger.StateOpen, "2017-12-11")
	w.want(slicesOnly(since(w.notices(), "2017-12-11"), "reminder"), "2017-12-11 reminder a: c/a/2017-12-09=due c/a/2017-12-10=due")
}

func TestTellingAUnitOfItsDutiesLeavesThemMade(t *testing.T) {
	w := newWorld(t, rulesOf(t, ob("m", `["a"]`, monthly)), "2017-06-09 09:00")
	w.tickNow()
	first, err := w.Ledger.Duty(t.Context(), "p", "m", "a")
	if err != nil {
		t.Fatal(err)
	}
	if !first.Told || first.Wake == 0 || first.Wake <= date(t, "2017-06-10") || first.MadeTo < date(t, "2017-06-30") {
		t.Errorf("told %v, wakes %s, made to %s", first.Told, first.Wake, first.MadeTo)
	}
}

const (
	asked  = "event=\"asked\"\nwithin=\"10 working days\"\npausable=true\nextendable=\"30 working days\"\npolicy=\"standard\""
	closed = "after=\"e\"\nwithin=\"5 working days\"\npolicy=\"standard\""
)

func TestAnEditTakenBackLeavesNothingChanged(t *testing.T) {
	build := func(units string) *rules.Set {
		return rulesOf(t, ob("m", units, monthly)+ob("e", units, asked)+ob("s", units, closed))
	}
	w := newWorld(t, build(`["a"]`), "2017-06-09 09:00")
	ctx := context.Background()
	w.days("2017-06-09", "2017-08-01") // June is overdue
	w.event("asked", "a", "2017-07-31", "paused")
	w.event("asked", "a", "2017-07-31", "extended")
	w.event("asked", "a", "2017-07-31", "resumed")
	w.event("asked", "a", "2017-07-31", "done")
	act := func(verb desk.Verb, key string, in desk.Act) {
		t.Helper()
		in.By = "test"
		if _, err := w.desk.Do(ctx, verb, key, in); err != nil {
			t.Fatal(err)
		}
	}
	act(desk.Pause, "e/a/resumed", desk.Act{Date: date(t, "2017-08-01")})
	act(desk.Extend, "e/a/extended", desk.Act{Reason: "r", To: date(t, "2017-09-01")})
	w.done("e/a/done", "")
	w.days("2017-08-02", "2017-08-07")
	act(desk.Resume, "e/a/resumed", desk.Act{Date: date(t, "2017-08-07")})
	act(desk.Pause, "e/a/paused", desk.Act{})
	w.tick("2017-08-08 09:00")
	before, err := ledger.AllOccurrences(ctx, w.Ledger, ledger.Query{})
	if err != nil {
		t.Fatal(err)
	}
	w.set(build(`["b"]`))
	if o := w.find("e/a/paused"); o.State != ledger.StateCancelled {
		t.Fatalf("the edit did nothing: %s", o.State)
	}
	w.tick("2017-08-09 09:00")
	w.set(build(`["a"]`))
	for _, was := range before {
		is := w.find(was.Key())
		is.ToldThrough, is.SupervisorTold, is.NextReminder, is.Sequence = was.ToldThrough, was.SupervisorTold, was.NextReminder, was.Sequence
		is.Reason, was.Reason = "", ""
		if *is != *was {
			t.Errorf("%s was\n%+v and is\n%+v", was.Key(), was, is)
		}
	}
	if o := w.find("m/a/2017-06"); o.NextReminder == 0 {
		t.Error("what is overdue is never told of again")
	}
	w.verify()
}

func TestAReportOutlivesAnEditTakenBack(t *testing.T) {
	head := strings.Replace(planHead, "\n[policy.standard]", "\nreview = true\n[policy.standard]", 1)
	build := func(units string) *rules.Set { return rulesWith(t, head, ob("m", units, monthly)) }
	w := newWorld(t, build(`["a"]`), "2017-06-09 09:00")
	w.days("2017-06-09", "2017-07-03")
	w.done("m/a/2017-06", "")
	w.set(build(`["b"]`))
	w.stands("m/a/2017-06", ledger.StateCancelled, "2017-07-21")
	w.set(build(`["a"]`))
	w.stands("m/a/2017-06", ledger.StateReported, "2017-07-21")
	// And a rule that is gone for good leaves no report that nobody can decide on.
	w.set(rulesWith(t, head, ob("other", `["a"]`, monthly)))
	if _, err := w.desk.Do(context.Background(), desk.Return, "m/a/2017-06", desk.Act{By: "test", Reason: "r"}); err == nil {
		t.Error("returned to a unit that owes it no more")
	}
	w.stands("m/a/2017-06", ledger.StateCancelled, "2017-07-21")
}

func TestWhatIsOpenAgainIsCountedByTheLastRules(t *testing.T) {
	build := func(within string) *rules.Set {
		return rulesOf(t, ob("m", `["a"]`, strings.Replace(monthly, "15", within, 1)))
	}
	w := newWorld(t, build("5"), "2017-06-09 09:00")
	w.days("2017-06-09", "2017-07-03")
	w.done("m/a/2017-06", "")
	w.set(build("15"))
	w.stands("m/a/2017-06", ledger.StateClosed, "2017-07-07")
	if _, err := w.desk.Do(context.Background(), desk.Reopen, "m/a/2017-06", desk.Act{By: "test"}); err != nil {
		t.Fatal(err)
	}
	w.stands("m/a/2017-06", ledger.StateOpen, "2017-07-21")
}

func TestAReturnedReportIsCountedByTheYearThatArrived(t *testing.T) {
	head := strings.Replace(strings.Replace(planHead, "2017-06-09", "2026-11-01", 1), "\n[policy.standard]", "\nreview = true\n[policy.standard]", 1)
	year := calendar.Year{Year: 2027, Source: []string{"test"}, Days: []calendar.Day{{Date: date(t, "2027-01-04"), Name: "closed", Off: true}}}
	build := func(years ...calendar.Year) *rules.Set {
		return rulesWith(t, head, ob("m", `["a"]`, "every=\"month\"\nwithin=\"5 working days\"\npolicy=\"standard\""), years...)
	}
	w := newWorld(t, build(), "2026-11-25 09:00")
	w.days("2026-11-25", "2027-01-02")
	w.now = w.now.Add(time.Hour)
	before := w.find("m/a/2026-12")
	if !before.Provisional {
		t.Fatalf("due %s, not provisional", before.Due)
	}
	w.done("m/a/2026-12", "")
	w.set(build(year))
	if o := w.find("m/a/2026-12"); o.State != ledger.StateReported || o.Provisional || o.Due <= before.Due {
		t.Errorf("reported: %s, due %s (before %s), provisional %v", o.State, o.Due, before.Due, o.Provisional)
	}
	if _, err := w.desk.Do(context.Background(), desk.Return, "m/a/2026-12", desk.Act{By: "test", Reason: "r"}); err != nil {
		t.Fatal(err)
	}
	if o := w.find("m/a/2026-12"); o.Provisional {
		t.Error("returned, and provisional again")
	}
}

func TestASupervisorNamedLateHearsOfWhatIsOpen(t *testing.T) {
	build := func(boss string) *rules.Set {
		dir := t.TempDir()
		units := "[[unit]]\nid=\"boss\"\nname=\"B\"\nmail=[\"boss@x.example\"]\n[[unit]]\nid=\"a\"\nname=\"A\"\nmail=[\"a@x.example\"]\n" + boss
		writeAll(t, dir, map[string]string{"plan.toml": planHead, "units.toml": units, "obligations/01.toml": ob("m", `["a"]`, monthly)})
		set, problems := planfile.Load(planfile.Sources{Plans: []string{dir}})
		if problems.Err() != nil {
			t.Fatal(problems.Err())
		}
		return set
	}
	w := newWorld(t, build(""), "2017-06-09 09:00")
	w.days("2017-06-09", "2017-08-01")
	w.set(build("supervisor=\"boss\"\n"))
	w.days("2017-08-02", "2017-08-03")
	if got := slicesOnly(since(w.notices(), "2017-08-01"), "escalation"); len(got) == 0 || !strings.HasSuffix(got[0], "boss: m/a/2017-06=escalation") {
		t.Errorf("told: %v", got)
	}
}

func TestAnExtensionThatNobodyAsksForAnyMoreGoes(t *testing.T) {
	w := newWorld(t, rulesOf(t, ob("o", `["a"]`, "on=2017-09-20\npolicy=\"standard\"")), "2017-09-01 09:00")
	w.tickNow()
	if _, err := w.desk.Do(context.Background(), desk.Extend, "o/a/2017-09-20", desk.Act{By: "test", Reason: "r", To: date(t, "2017-10-20")}); err != nil {
		t.Fatal(err)
	}
	w.set(rulesOf(t, ob("o", `["a"]`, "on=2017-09-27\npolicy=\"standard\"")))
	w.stands("o/a/2017-09-20", ledger.StateCancelled, "2017-10-20")
	w.stands("o/a/2017-09-27", ledger.StateOpen, "2017-09-27")
}

func TestAnExtendedOneIsNoLongerProvisionalWhenItsYearIsKnown(t *testing.T) {
	head := strings.Replace(planHead, "2017-06-09", "2026-01-01", 1)
	rule := ob("o", `["a"]`, "on=2026-12-10\npolicy=\"standard\"")
	w := newWorld(t, rulesWith(t, head, rule), "2026-11-25 09:00")
	w.tickNow()
	if _, err := w.desk.Do(context.Background(), desk.Extend, "o/a/2026-12-10", desk.Act{By: "test", Reason: "r", To: date(t, "2027-01-20")}); err != nil {
		t.Fatal(err)
	}
	if !w.find("o/a/2026-12-10").Provisional {
		t.Fatal("it is due in a year that is not known, and not provisional")
	}
	w.set(rulesWith(t, head, rule, calendar.Year{Year: 2027, Source: []string{"test"}, Days: []calendar.Day{{Date: date(t, "2027-01-01"), Name: "n", Off: true}}}))
	if o := w.find("o/a/2026-12-10"); o.Provisional || o.Due != date(t, "2027-01-20") {
		t.Errorf("due %s, provisional %v", o.Due, o.Provisional)
	}
}

func chained(t *testing.T) *world {
	w := newWorld(t, rulesOf(t, ob("e", `["a"]`, asked)+ob("s", `["a"]`, closed)+ob("u", `["a"]`, strings.Replace(closed, `"e"`, `"s"`, 1))), "2017-06-09 09:00")
	w.tickNow()
	w.tick("2017-11-20 09:00")
	return w
}

func TestAWithdrawnKeyRecordedAgainIsACorrection(t *testing.T) {
	w := chained(t)
	w.event("asked", "a", "2017-11-16", "No7")
	w.stands("e/a/No7", ledger.StateOpen, "2017-11-30")
	if _, err := w.desk.WithdrawEvent(context.Background(), "No7", "typo", "test"); err != nil {
		t.Fatal(err)
	}
	w.stands("e/a/No7", ledger.StateCancelled, "2017-11-30")
	w.event("asked", "a", "2017-11-17", "No7")
	w.stands("e/a/No7", ledger.StateOpen, "2017-12-01")
	if events, err := ledger.AllEvents(t.Context(), w.Ledger, ledger.EventQuery{Key: "No7"}); err != nil || len(events) != 1 || events[0].Day != date(t, "2017-11-17") {
		t.Errorf("events %v, %v", events, err)
	}
	w.verify()
}

func TestSuccessorsFollowTheirCause(t *testing.T) {
	w := chained(t)
	ctx := context.Background()
	w.event("asked", "a", "2017-11-16", "k")
	w.done("e/a/k", "2017-11-17")
	w.stands("s/a/k", ledger.StateOpen, "2017-11-24")
	w.done("s/a/k", "2017-11-20")
	w.stands("u/a/k", ledger.StateOpen, "2017-11-27")
	if _, err := w.desk.WithdrawEvent(ctx, "k", "wrong", "test"); err != nil {
		t.Fatal(err)
	}
	w.stands("u/a/k", ledger.StateCancelled, "2017-11-27")
	w.event("asked", "a", "2017-11-16", "k")
	w.stands("u/a/k", ledger.StateOpen, "2017-11-27")
	// Reopened, the first step takes back what hangs on it; closed later, it dates it anew.
	if _, err := w.desk.Do(ctx, desk.Reopen, "s/a/k", desk.Act{By: "test"}); err != nil {
		t.Fatal(err)
	}
	w.stands("u/a/k", ledger.StateCancelled, "2017-11-27")
	if _, err := w.desk.Do(ctx, desk.Extend, "s/a/k", desk.Act{By: "test", Reason: "r", To: date(t, "2017-11-28")}); err != nil {
		t.Fatal(err)
	}
	if _, err := w.desk.Do(ctx, desk.Reopen, "e/a/k", desk.Act{By: "test"}); err != nil {
		t.Fatal(err)
	}
	w.stands("s/a/k", ledger.StateCancelled, "2017-11-28")
	w.tick("2017-11-24 09:00")
	w.done("e/a/k", "")
	w.stands("s/a/k", ledger.StateOpen, "2017-12-01") // its own count is later than what was granted
	if o := w.find("s/a/k"); o.FirstDue != date(t, "2017-12-01") {
		t.Errorf("its own count: %s", o.FirstDue)
	}
	w.verify()
}

func TestAStepAddedAfterItsCauseClosedIsStarted(t *testing.T) {
	w := newWorld(t, rulesOf(t, ob("e", `["a"]`, asked)), "2017-11-01 09:00")
	w.tickNow()
	w.event("asked", "a", "2017-10-30", "k")
	w.done("e/a/k", "")
	w.set(rulesOf(t, ob("e", `["a"]`, asked)+ob("s", `["a"]`, closed)))
	w.stands("s/a/k", ledger.StateOpen, "2017-11-08")
}

func TestAnEventOfAnotherNameTakesTheOccurrenceOver(t *testing.T) {
	w := newWorld(t, rulesOf(t, ob("e", `["a"]`, asked)+ob("x", `["a"]`, strings.Replace(asked, "asked", "heard", 1))), "2017-11-10 09:00")
	w.tickNow()
	w.event("asked", "a", "2017-11-01", "k")
	w.event("heard", "a", "2017-11-06", "k")
	w.set(rulesOf(t, ob("e", `["a"]`, strings.Replace(asked, "asked", "heard", 1))+ob("x", `["a"]`, strings.Replace(asked, "asked", "heard", 1))))
	w.stands("e/a/k", ledger.StateOpen, "2017-11-20")
	heard, err := ledger.AllEvents(t.Context(), w.Ledger, ledger.EventQuery{Name: "heard"})
	if err != nil || w.find("e/a/k").Event != heard[0].ID {
		t.Errorf("started by event %d, %v", w.find("e/a/k").Event, err)
	}
}

func TestNothingIsDoneBeforeItBegan(t *testing.T) {
	w := chained(t)
	w.event("asked", "a", "2017-11-16", "k")
	for _, tc := range []struct{ key, day, want string }{
		{"e/a/k", "2017-11-15", "before the event"},
		{"s/a/k", "2017-11-16", "before the closing"},
	} {
		if tc.key == "s/a/k" {
			w.done("e/a/k", "2017-11-17")
		}
		if _, err := w.desk.Do(context.Background(), desk.Done, tc.key, desk.Act{By: "test", Date: date(t, tc.day)}); err == nil || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("done on %s: %v", tc.day, err)
		}
	}
	w = newWorld(t, rulesOf(t, ob("m", `["a"]`, monthly)), "2017-06-30 09:00")
	w.tickNow()
	if _, err := w.desk.Do(context.Background(), desk.Done, "m/a/2017-06", desk.Act{By: "test", Date: date(t, "2017-06-08")}); err == nil || !strings.Contains(err.Error(), "before the plan starts") {
		t.Errorf("done before the plan starts: %v", err)
	}
}

func TestAKeyWithAColonIsAKey(t *testing.T) {
	w := chained(t)
	w.event("asked", "a", "2017-11-16", "2017:7")
	w.done("e/a/2017:7", "")
	w.stands("s/a/2017:7", ledger.StateOpen, "2017-11-27")
	if _, err := w.desk.Do(context.Background(), desk.Done, "p:s/a/2017:7", desk.Act{By: "test"}); err != nil {
		t.Error(err)
	}
}

func TestTheSupervisorsDigestDoesNotDelayTheUnit(t *testing.T) {
	w := newWorld(t, rulesOf(t, ob("e", `["a"]`, asked)+ob("m", `["b"]`, monthly)), "2017-06-09 09:00")
	w.days("2017-06-09", "2017-07-25")
	w.tick("2017-07-26 09:00") // the boss has had the day's digest, about b
	w.event("asked", "a", "2017-07-03", "k")
	w.tick("2017-07-26 10:00") // long overdue, and recorded only now
	w.tick("2017-07-27 09:00")
	w.want(slices.DeleteFunc(since(w.notices(), "2017-07-26"), func(n string) bool { return strings.Contains(n, "reminder b") }),
		"2017-07-26 escalation boss: m/b/2017-06=escalation",
		"2017-07-26 reminder a: e/a/k=overdue",
		"2017-07-27 escalation boss: e/a/k=escalation")
}

// A Shanghai plan beside one of New York is reminded by Shanghai's days.
func TestEachPlanIsRemindedByItsOwnDays(t *testing.T) {
	plans := map[string]string{"far": ob("f", `["a"]`, "on=2017-08-15\npolicy=\"plain\""), "p": ob("m", `["c"]`, "on=2017-08-15\npolicy=\"plain\"")}
	set := tryRules(t, plans)
	if set == nil || set.Plans[0].ID != "far" {
		t.Fatal("plans in another order")
	}
	w := newWorld(t, set, "2017-07-01 09:00")
	w.Settings.Weekends, w.Settings.WindowFrom, w.Settings.WindowTo = true, 0, 24*60
	w.Settings.Timezone = set.Plans[0].Timezone // of the ticks: New York
	w.now = date(t, "2017-07-01").At(9*60, w.Settings.Timezone)
	w.tickNow()
	shanghai := set.Plans[1].Timezone
	told := map[string]string{}
	for at := date(t, "2017-08-14").At(0, shanghai); at.Before(date(t, "2017-08-18").At(0, shanghai)); at = at.Add(time.Hour) {
		w.now = at
		before := len(w.notices())
		w.tickNow()
		for _, n := range w.notices()[before:] {
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
	m := rulesOf(t, ob("m", `["a"]`, monthly))
	w := newWorld(t, m, "2017-06-09 09:00")
	w.days("2017-06-09", "2017-06-12")
	w.at("2017-10-09 09:00", w.Settings.Timezone)
	w.set(rulesOf(t, ob("m", `["b"]`, monthly)))
	w.set(m)
	w.stands("m/a/2017-06", ledger.StateOpen, "2017-07-21")
	w.stands("m/a/2017-07", ledger.StateOpen, "2017-08-21")
	w.stands("m/a/2017-08", ledger.StateOpen, "2017-09-21")
	w.stands("m/a/2017-09", ledger.StateOpen, "2017-10-27")
	if _, err := w.Ledger.Find(t.Context(), "m/b/2017-08"); err == nil {
		t.Error("an edit made what was past due")
	}
}

func TestOfEachDutyTheNextIsThere(t *testing.T) {
	w := newWorld(t, rulesOf(t, ob("y", `["a"]`, "every=\"year\"\nwithin=\"1 month\"\npolicy=\"standard\"")), "2017-06-09 09:00")
	w.days("2017-06-09", "2018-02-05")
	w.stands("y/a/2018", ledger.StateOpen, "2019-01-31")
}

func TestTheJournalSaysWhatWasDecidedAndByWhom(t *testing.T) {
	w := newWorld(t, rulesOf(t, ob("m", `["a"]`, monthly)), "2017-07-03 09:00")
	ctx := context.Background()
	w.tickNow()
	r, err := w.desk.Ask(ctx, ledger.ExtensionRequest, "m/a/2017-06", desk.Act{By: "甲局", Reason: "数据未齐", To: date(t, "2017-08-04")})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.desk.Decide(ctx, r.ID, true, desk.Act{By: "市政府办公室", Reason: "同意", To: date(t, "2017-08-02")}); err != nil {
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

// What was done to one event's occurrence is not done to another's.
func TestAnEventOfAnotherNameInheritsNothing(t *testing.T) {
	build := func(name string) *rules.Set {
		return rulesOf(t, ob("e", `["a"]`, strings.Replace(asked, "asked", name, 1))+ob("g", `["a"]`, strings.Replace(asked, "asked", "heard", 1))+ob("h", `["a"]`, asked))
	}
	w := newWorld(t, build("asked"), "2017-11-10 09:00")
	ctx := context.Background()
	w.tickNow()
	for _, key := range []string{"extended", "paused"} {
		w.event("asked", "a", "2017-11-01", key)
		w.event("heard", "a", "2017-11-06", key)
	}
	if _, err := w.desk.Do(ctx, desk.Extend, "e/a/extended", desk.Act{By: "test", Reason: "r", To: date(t, "2017-12-15")}); err != nil {
		t.Fatal(err)
	}
	if _, err := w.desk.Do(ctx, desk.Pause, "e/a/paused", desk.Act{By: "test", Date: date(t, "2017-11-02")}); err != nil {
		t.Fatal(err)
	}
	if _, err := w.desk.Do(ctx, desk.Resume, "e/a/paused", desk.Act{By: "test", Date: date(t, "2017-11-08")}); err != nil {
		t.Fatal(err)
	}
	paused := w.find("e/a/paused").Due.String()
	w.set(build("heard"))
	w.stands("e/a/extended", ledger.StateCancelled, "2017-12-15")
	w.stands("e/a/extended.heard", ledger.StateOpen, "2017-11-20")
	w.stands("e/a/paused.heard", ledger.StateOpen, "2017-11-20")
	w.set(build("asked"))
	w.stands("e/a/extended", ledger.StateOpen, "2017-12-15")
	w.stands("e/a/paused", ledger.StateOpen, paused)
	w.stands("e/a/extended.heard", ledger.StateCancelled, "2017-11-20")
	w.verify()
}

func TestAPauseBeforeACorrectedEventStopsNothing(t *testing.T) {
	for _, tc := range []struct{ day, due string }{
		{"2026-11-12", "2026-11-26"}, // the pause had ended
		{"2026-11-10", "2026-11-24"}, // on the day it ended
		{"2026-11-06", "2026-11-24"}, // in the midst of it
	} {
		w := started(t, answer, "2026-11-02", "2026-11-24 09:00")
		w.do(desk.Pause, desk.Act{Date: date(t, "2026-11-04")})
		w.do(desk.Resume, desk.Act{Date: date(t, "2026-11-10")})
		if _, err := w.desk.WithdrawEvent(context.Background(), "k", "typo", "test"); err != nil {
			t.Fatal(err)
		}
		w.event("asked", "a", tc.day, "k")
		w.stands("r/a/k", ledger.StateOpen, tc.due)
	}
}

func TestAShorterLimitSilencesNothing(t *testing.T) {
	build := func(within string) *rules.Set {
		return rulesOf(t, ob("m", `["a"]`, strings.Replace(monthly, "15", within, 1)))
	}
	w := newWorld(t, build("15"), "2017-07-10 09:00") // June is due on the 21st
	w.days("2017-07-10", "2017-07-26")
	w.set(build("5")) // and now on the 7th, before the ledger began
	w.stands("m/a/2017-06", ledger.StateOpen, "2017-07-07")
	if o := w.find("m/a/2017-06"); o.NextReminder == 0 {
		t.Error("nobody is told of it any more")
	}
}

func TestAReportFromBeforeACorrectedEventIsNone(t *testing.T) {
	head := strings.Replace(planHead, "\n[policy.standard]", "\nreview = true\n[policy.standard]", 1)
	w := newWorld(t, rulesWith(t, head, ob("e", `["a"]`, asked)), "2017-11-20 09:00")
	w.tickNow()
	w.event("asked", "a", "2017-11-02", "k")
	w.done("e/a/k", "2017-11-06")
	if _, err := w.desk.WithdrawEvent(context.Background(), "k", "typo", "test"); err != nil {
		t.Fatal(err)
	}
	w.event("asked", "a", "2017-11-16", "k")
	w.stands("e/a/k", ledger.StateOpen, "2017-11-30")
}

func TestAPauseDoesNotCarryAGrantOutOfRange(t *testing.T) {
	w := started(t, "event=\"asked\"\nwithin=\"10 working days\"\npausable=true\npolicy=\"standard\"", "2026-11-10", "2026-11-24 09:00")
	w.do(desk.Extend, desk.Act{Reason: "r", To: calendar.Last})
	w.do(desk.Pause, desk.Act{Date: date(t, "2026-11-12")})
	w.dueAfter("2199-12-31", desk.Resume, desk.Act{Date: date(t, "2026-11-20")})
	w.tickNow()
	w.verify()
}
