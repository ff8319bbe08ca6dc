package engine_test

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

func TestAFirstStartMakesNoBacklogAndOneAssignmentAUnit(t *testing.T) {
	w := world.New(t, world.Rules(t, world.Ob("m", `["@all"]`, world.Monthly)+world.Ob("q", `["a"]`, "every=\"quarter\"\npolicy=\"standard\"")), "2018-03-14 09:00")
	w.TickNow()
	w.Want(w.Notices(),
		"2018-03-14 assignment a: m q", "2018-03-14 assignment b: m", "2018-03-14 assignment c: m")
	for _, o := range w.Open() {
		if o.Due < world.Date(t, "2018-03-14") {
			t.Errorf("%s was due on %s, before the plan met the ledger", o.Key(), o.Due)
		}
	}
	// February is due on 2018-03-21: its first reminder was on the 12th, and the assignment tells of it.
	if o := w.Find("m/a/2018-02"); o.NextReminder != world.Date(t, "2018-03-16") {
		t.Errorf("the next reminder is %s", o.NextReminder)
	}
	w.Tick("2018-03-14 10:00")
	w.Tick("2018-03-15 09:00")
	if n := len(w.Notices()); n != 3 {
		t.Errorf("%d notices after a quiet day, want 3", n)
	}
	w.Tick("2018-03-16 09:00")
	w.Want(world.Since(w.Notices(), "2018-03-16"),
		"2018-03-16 reminder a: m/a/2018-02=upcoming", "2018-03-16 reminder b: m/b/2018-02=upcoming", "2018-03-16 reminder c: m/c/2018-02=upcoming")
	w.Verify()
}

func TestWithoutAnAssignmentWhatIsInTheWindowIsToldByOneReminder(t *testing.T) {
	w := world.New(t, world.Rules(t, world.Ob("m", `["a"]`, world.Monthly)), "2017-07-19 09:00")
	w.Settings().AssignOnStart = false
	w.TickNow()
	w.Want(w.Notices(), "2017-07-19 reminder a: m/a/2017-06=upcoming")
	w.Tick("2017-07-20 09:00")
	w.Tick("2017-07-21 09:00")
	w.Want(world.Since(w.Notices(), "2017-07-20"), "2017-07-21 reminder a: m/a/2017-06=due")
}

func TestBackfillMakesWhatWasDueBefore(t *testing.T) {
	w := world.New(t, world.Rules(t, world.Ob("m", `["a"]`, world.Monthly)), "2017-10-10 09:00")
	if _, err := w.Daemon.Backfill(context.Background(), w.Now, engine.Backfill{}); err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, o := range w.Open() {
		got = append(got, o.Period)
	}
	if s := strings.Join(got, " "); s != "2017-06 2017-07 2017-08 2017-09 2017-10" {
		t.Errorf("made %s", s)
	}
}

func TestNothingLeavesOutsideTheWindowOrOnDaysOff(t *testing.T) {
	set := world.Rules(t, world.Ob("m", `["a"]`, world.Monthly))
	w := world.New(t, set, "2017-06-10 09:00") // a Saturday
	w.TickNow()
	w.Want(w.Notices(), "2017-06-12 assignment a: m") // made at once, for Monday
	if len(w.Mail.Mails()) != 0 {
		t.Error("mail left on a Saturday")
	}
	w.Tick("2017-06-12 08:25")
	if len(w.Mail.Mails()) != 0 {
		t.Error("mail left before the window")
	}
	w.Tick("2017-06-12 08:30")
	if len(w.Mail.Mails()) != 1 {
		t.Errorf("%d mails when the window opened, want 1", len(w.Mail.Mails()))
	}
	w.Tick("2017-07-12 17:30")
	if len(w.Mail.Mails()) != 1 {
		t.Error("mail left after the window")
	}
	w.Tick("2017-07-13 08:30")
	w.Want(world.Since(w.Notices(), "2017-07-01"), "2017-07-13 reminder a: m/a/2017-06=upcoming")
}

func TestAMakeUpSaturdayIsADayForMail(t *testing.T) {
	w := world.New(t, world.Rules(t, world.Ob("o", `["a"]`, "on=2017-09-30\npolicy=\"standard\"")), "2017-09-01 09:00")
	w.Days("2017-09-01", "2017-10-10")
	w.Want(world.Since(w.Notices(), "2017-09-29"),
		"2017-09-30 reminder a: o/a/2017-09-30=due", "2017-10-09 reminder a: o/a/2017-09-30=overdue")
}

func TestAfterAWeekOfOutageOnlyWhatIsTrueIsTold(t *testing.T) {
	w := world.New(t, world.Rules(t, world.Ob("m", `["a"]`, world.Monthly)), "2017-06-09 09:00")
	w.Days("2017-06-09", "2017-07-17")
	w.Days("2017-07-25", "2017-07-27") // away from the 18th to the 24th: the deadline passed
	w.Want(world.Since(w.Notices(), "2017-07-01"),
		"2017-07-12 reminder a: m/a/2017-06=upcoming",
		"2017-07-25 reminder a: m/a/2017-06=overdue",
		"2017-07-26 reminder a: m/a/2017-06=overdue",
		"2017-07-26 escalation boss: m/a/2017-06=escalation")
}

func TestMonthsOfOutageLoseNoPeriod(t *testing.T) {
	w := world.New(t, world.Rules(t, world.Ob("m", `["a"]`, world.Monthly)), "2017-06-09 09:00")
	w.Days("2017-06-09", "2017-06-30")
	w.Tick("2017-08-28 09:00")
	for _, p := range []string{"2017-06", "2017-07", "2017-08"} {
		w.Find("m/a/" + p)
	}
	w.Want(world.Since(w.Notices(), "2017-07-01"),
		"2017-08-28 reminder a: m/a/2017-06=overdue m/a/2017-07=overdue",
		"2017-08-28 escalation boss: m/a/2017-06=escalation m/a/2017-07=escalation")
}

func TestClocksThatJump(t *testing.T) {
	w := world.New(t, world.Rules(t, world.Ob("m", `["@all"]`, world.Monthly)), "2017-06-09 09:00")
	w.Days("2017-06-09", "2017-07-17")
	w.Tick("2017-07-18 09:00")
	before := len(w.Notices())
	w.Tick("2017-07-19 09:00") // a day ahead
	w.Tick("2017-07-18 10:00") // and back
	w.Tick("2017-07-17 10:00") // too far back
	if got := w.Notices()[before:]; len(got) != 1 || got[0] != "2017-07-18 admin :" {
		t.Errorf("made by turning the clock: %s", got)
	}
	w.Days("2017-07-19", "2017-07-20")
	w.Tick("2017-07-21 09:00")
	w.Tick("2017-07-20 09:00") // the administrators are told, once
	w.Tick("2017-07-20 09:05")
	w.Tick("2017-07-21 11:00") // right again
	w.Want(world.Since(w.Notices(), "2017-07-19"),
		"2017-07-20 admin :",
		"2017-07-21 reminder a: m/a/2017-06=due", "2017-07-21 reminder b: m/b/2017-06=due", "2017-07-21 reminder c: m/c/2017-06=due")
}

func TestATickIsIdempotent(t *testing.T) {
	w := world.New(t, world.Rules(t, world.Ob("m", `["@all"]`, world.Monthly)), "2017-07-12 09:00")
	for range 5 {
		w.TickNow()
	}
	if n := len(w.Mail.Mails()); n != 3 {
		t.Errorf("%d mails, want one a unit", n)
	}
}

func TestAUnitGetsOneNoticeADayHoweverManyItems(t *testing.T) {
	w := world.New(t, world.Rules(t, world.Ob("m", `["@all"]`, world.Monthly)+world.Ob("e", `["a"]`, "event=\"request\"\nwithin=\"2 working days\"\npolicy=\"standard\"")), "2017-06-09 09:00")
	w.Days("2017-06-09", "2017-07-12")
	if _, _, err := w.Desk.AddEvent(context.Background(), &ledger.Event{Name: "request", Unit: "a", Day: world.Date(t, "2017-07-12")}, "test"); err != nil {
		t.Fatal(err)
	}
	w.Tick("2017-07-12 10:00") // a has had today's notice
	w.Tick("2017-07-13 09:00")
	w.Want(world.Since(w.Notices(), "2017-07-12"),
		"2017-07-12 reminder a: m/a/2017-06=upcoming", "2017-07-12 reminder b: m/b/2017-06=upcoming", "2017-07-12 reminder c: m/c/2017-06=upcoming",
		"2017-07-13 assignment a: e/a/2017-07-12=upcoming (new)")
}

func TestMoreThanTheLimitIsHeldUntilReleased(t *testing.T) {
	w := world.New(t, world.Rules(t, world.Ob("m", `["@all"]`, world.Monthly)), "2017-06-09 09:00")
	w.Settings().MaxNoticesPerTick = 2
	if r := w.TickNow(); r.Held != 3 {
		t.Errorf("%d held, want 3", r.Held)
	}
	if n := len(w.Mail.Mails()); n != 1 || !strings.Contains(strings.Join(w.Mail.Mails()[0].To, " "), "admin@") {
		t.Errorf("%d mails, want only the one to the administrators", n)
	}
	w.Tick("2017-06-09 09:05")
	if n, err := w.Desk.ReleaseHeld(context.Background(), nil, "test"); err != nil || n != 3 {
		t.Fatalf("released %d, %v", n, err)
	}
	w.Tick("2017-06-09 09:10")
	if n := len(w.Mail.Mails()); n != 4 {
		t.Errorf("%d mails after the release, want 4", n)
	}
}

func TestAnEditRecountsCancelsAndAnnounces(t *testing.T) {
	w := world.New(t, world.Rules(t, world.Ob("m", `["a"]`, world.Monthly)+world.Ob("gone", `["b"]`, world.Monthly)), "2017-06-09 09:00")
	w.Days("2017-06-09", "2017-07-03")
	w.Done("m/a/2017-06", "")
	w.Days("2017-07-04", "2017-08-01")
	if o := w.Find("m/a/2017-07"); o.Due != world.Date(t, "2017-08-21") {
		t.Fatalf("July is due on %s", o.Due)
	}
	// m gets five more working days and a second unit; gone goes; new comes.
	w.Daemon.SetRules(world.Rules(t, world.Ob("m", `["a", "c"]`, strings.Replace(world.Monthly, "15", "20", 1))+world.Ob("new", `["a"]`, "every=\"year\"\nwithin=\"1 month\"\npolicy=\"standard\"")))
	w.Tick("2017-08-01 10:00")
	if o := w.Find("m/a/2017-07"); o.Due != world.Date(t, "2017-08-28") || o.Sequence != 1 || o.FirstDue != o.Due {
		t.Errorf("recounted: due %s, first due %s, sequence %d", o.Due, o.FirstDue, o.Sequence)
	}
	if o := w.Find("m/a/2017-06"); o.State != ledger.StateClosed || o.Due != world.Date(t, "2017-07-21") {
		t.Errorf("a closed occurrence changed: %s, due %s", o.State, o.Due)
	}
	if o := w.Find("gone/b/2017-07"); o.State != ledger.StateCancelled || o.NextReminder != 0 {
		t.Errorf("no longer owed: %s, next reminder %s", o.State, o.NextReminder)
	}
	w.Want(slicesOnly(world.Since(w.Notices(), "2017-08-01"), "assignment"))
	if _, err := w.Ledger.Find(context.Background(), "m/c/2017-06"); err == nil {
		t.Error("a period already past due was made for a new unit")
	}
	w.Verify()
	// It comes back: what had been cancelled is owed again, also what was due
	// while the rule still asked for it.
	w.Daemon.SetRules(world.Rules(t, world.Ob("m", `["a", "c"]`, strings.Replace(world.Monthly, "15", "20", 1))+world.Ob("gone", `["b"]`, world.Monthly)))
	w.Tick("2017-08-02 09:00")
	if o := w.Find("gone/b/2017-07"); o.State != ledger.StateOpen {
		t.Errorf("owed again: %s", o.State)
	}
	if o := w.Find("gone/b/2017-06"); o.State != ledger.StateOpen || o.NextReminder == 0 {
		t.Errorf("what was overdue when the rule went: %s, next reminder %s", o.State, o.NextReminder)
	}
	w.Verify()
}

func TestSomethingNewIsToldInTheNextNoticeWhereOneIsDueSoon(t *testing.T) {
	w := world.New(t, world.Rules(t, world.Ob("m", `["a"]`, world.Monthly)), "2017-06-09 09:00")
	w.Days("2017-06-09", "2017-07-10") // a's next notice is on the 12th
	w.Daemon.SetRules(world.Rules(t, world.Ob("m", `["a"]`, world.Monthly)+world.Ob("new", `["a"]`, "every=\"year\"\nwithin=\"1 month\"\npolicy=\"standard\"")))
	w.Days("2017-07-11", "2017-07-13")
	w.Want(world.Since(w.Notices(), "2017-07-10"), "2017-07-12 reminder a: m/a/2017-06=upcoming new")
}

func TestAnEditWithAnExtensionKeepsTheExtendedDate(t *testing.T) {
	w := world.New(t, world.Rules(t, world.Ob("m", `["a"]`, world.Monthly)), "2017-06-09 09:00")
	w.Days("2017-06-09", "2017-07-12")
	if _, err := w.Desk.Do(context.Background(), desk.Extend, "m/a/2017-06", desk.Act{By: "test", Reason: "r", To: world.Date(t, "2017-08-04")}); err != nil {
		t.Fatal(err)
	}
	w.Daemon.SetRules(world.Rules(t, world.Ob("m", `["a"]`, strings.Replace(world.Monthly, "15", "20", 1))))
	w.Tick("2017-07-13 09:00")
	if o := w.Find("m/a/2017-06"); o.Due != world.Date(t, "2017-08-04") || o.FirstDue != world.Date(t, "2017-07-28") {
		t.Errorf("due %s, first due %s", o.Due, o.FirstDue)
	}
	w.Days("2017-07-14", "2017-07-27")
	w.Want(world.Since(w.Notices(), "2017-07-13"), "2017-07-26 reminder a: m/a/2017-06=upcoming")
}

func TestAPublishedYearRecountsWhatWasProvisional(t *testing.T) {
	rule := world.Ob("e", `["a"]`, "event=\"request\"\nwithin=\"10 working days\"\npolicy=\"standard\"")
	w := world.New(t, world.Rules(t, rule), "2026-12-28 09:00")
	w.TickNow()
	if _, _, err := w.Desk.AddEvent(context.Background(), &ledger.Event{Name: "request", Unit: "a", Day: world.Date(t, "2026-12-28")}, "test"); err != nil {
		t.Fatal(err)
	}
	if o := w.Find("e/a/2026-12-28"); o.Due != world.Date(t, "2027-01-11") || !o.Provisional {
		t.Fatalf("due %s, provisional %v", o.Due, o.Provisional)
	}
	year := calendar.Year{Year: 2027, Days: []calendar.Day{
		{Date: world.Date(t, "2027-01-01"), Name: "元旦", Off: true}, {Date: world.Date(t, "2027-01-04"), Name: "元旦", Off: true}, {Date: world.Date(t, "2027-01-09"), Name: "元旦"},
	}}
	w.Daemon.SetRules(world.Rules(t, rule, year))
	w.Tick("2026-12-29 09:00")
	// Off on the 1st and 4th, on duty on Saturday the 9th: 29 30 31 | 5 6 7 8 9 | 11 12.
	if o := w.Find("e/a/2026-12-28"); o.Due != world.Date(t, "2027-01-12") || o.Provisional {
		t.Errorf("recounted: due %s, provisional %v", o.Due, o.Provisional)
	}
	found := false
	err := w.Ledger.Entries(context.Background(), ledger.ParseSubject("p:e/a/2026-12-28"), func(e ledger.Entry) error {
		found = found || e.Action == "recounted" && strings.Contains(e.Before, "2027-01-11") && strings.Contains(e.After, "2027-01-12")
		return nil
	})
	if err != nil || !found {
		t.Errorf("the journal does not say so: %v", err)
	}
}

func TestFromDecemberTheAdministratorsAreAskedWeeklyForTheNextYear(t *testing.T) {
	w := world.New(t, world.Rules(t, world.Ob("t", `["a"]`, "every=\"year\"\npolicy=\"tracked\"")), "2026-11-20 09:00")
	w.Settings().AssignOnStart = false
	w.Days("2026-11-20", "2026-12-31")
	var days []string
	for _, n := range w.Notices() {
		days = append(days, n[:10])
	}
	if s := strings.Join(days, " "); s != "2026-12-01 2026-12-08 2026-12-15 2026-12-22 2026-12-29" {
		t.Errorf("asked on %s", s)
	}
}

func TestTrackedIsNeverMailed(t *testing.T) {
	w := world.New(t, world.Rules(t, world.Ob("t", `["a"]`, "every=\"day\"\npolicy=\"tracked\"")), "2017-06-09 09:00")
	w.Settings().AssignOnStart = false
	w.Days("2017-06-09", "2017-07-31")
	if n := w.Notices(); len(n) != 0 {
		t.Errorf("mailed: %v", n)
	}
	if n := len(w.Open()); n < 30 {
		t.Errorf("%d occurrences tracked", n)
	}
}

func TestAChainGoesOnWhenALinkCloses(t *testing.T) {
	w := world.New(t, world.Rules(t,
		world.Ob("ask", `["@all"]`, "event=\"repeal\"\nwithin=\"10 working days\"\npolicy=\"standard\"")+
			world.Ob("office", `["boss"]`, "after=\"ask\"\nwithin=\"5 working days\"\npolicy=\"standard\"")+
			world.Ob("own", `["@all"]`, "after=\"ask\"\nwithin=\"3 working days\"\npolicy=\"standard\"")), "2017-09-20 09:00")
	w.TickNow()
	ctx := context.Background()
	for _, u := range []string{"a", "b"} {
		if _, added, err := w.Desk.AddEvent(ctx, &ledger.Event{Name: "repeal", Unit: u, Day: world.Date(t, "2017-09-20")}, "test"); err != nil || !added {
			t.Fatal(added, err)
		}
	}
	if _, added, err := w.Desk.AddEvent(ctx, &ledger.Event{Name: "repeal", Unit: "a", Day: world.Date(t, "2017-09-20")}, "test"); err != nil || added {
		t.Errorf("the same key twice: added %v, %v", added, err)
	}
	if o := w.Find("ask/a/2017-09-20"); o.Due != world.Date(t, "2017-10-10") {
		t.Errorf("due %s", o.Due)
	}
	w.At("2017-09-26 10:00")
	w.Done("ask/a/2017-09-20", "2017-09-25")
	w.Done("ask/b/2017-09-20", "")
	// Both repealed on one day: the office owes it once for each.
	first, second := w.Find("office/boss/2017-09-20"), w.Find("office/boss/2017-09-20.b")
	if first.Anchor != world.Date(t, "2017-09-25") || first.Due != world.Date(t, "2017-09-30") || second.Anchor != world.Date(t, "2017-09-26") {
		t.Errorf("the office's clocks: %s → %s, %s", first.Anchor, first.Due, second.Anchor)
	}
	w.Find("own/a/2017-09-20") // the same unit
	if _, err := w.Ledger.Find(ctx, "own/c/2017-09-20"); err == nil {
		t.Error("a unit that closed nothing owes the next link")
	}
	if _, err := w.Desk.Do(ctx, desk.Reopen, "ask/a/2017-09-20", desk.Act{By: "test", Reason: "r"}); err != nil {
		t.Fatal(err)
	}
	if o := w.Find("office/boss/2017-09-20"); o.State != ledger.StateCancelled {
		t.Errorf("after its cause was reopened: %s", o.State)
	}
	w.Done("ask/a/2017-09-20", "2017-09-26")
	if o := w.Find("office/boss/2017-09-20"); o.State != ledger.StateOpen || o.Anchor != world.Date(t, "2017-09-26") {
		t.Errorf("after it was closed again: %s from %s", o.State, o.Anchor)
	}
	w.Verify()
}

func TestEscalationsReachTheSupervisorAsOneDigestADay(t *testing.T) {
	w := world.New(t, world.Rules(t, world.Ob("m", `["@all"]`, world.Monthly)), "2017-06-09 09:00")
	w.Days("2017-06-09", "2017-07-28")
	w.Want(slicesOnly(w.Notices(), "escalation"),
		"2017-07-26 escalation boss: m/a/2017-06=escalation m/b/2017-06=escalation m/c/2017-06=escalation",
		"2017-07-28 escalation boss: m/a/2017-06=escalation m/b/2017-06=escalation m/c/2017-06=escalation")
}

func slicesOnly(notices []string, kind string) []string {
	var out []string
	for _, n := range notices {
		if strings.Contains(n, " "+kind+" ") {
			out = append(out, n)
		}
	}
	return out
}

func TestReportAfterCloseOfBusinessIsLate(t *testing.T) {
	for _, tc := range []struct {
		at   string
		late bool
	}{{"2017-07-21 17:29", false}, {"2017-07-21 17:30", false}, {"2017-07-21 17:31", true}, {"2017-07-24 09:00", true}} {
		w := world.New(t, world.Rules(t, world.Ob("m", `["a"]`, world.Monthly)), "2017-06-09 09:00")
		w.TickNow()
		w.Tick("2017-07-20 09:00")
		w.At(tc.at)
		w.Done("m/a/2017-06", "")
		if o := w.Find("m/a/2017-06"); w.View().Late(o) != tc.late || w.View().Light(o) != rules.Grey {
			t.Errorf("reported at %s: late %v, light %s", tc.at, w.View().Late(o), w.View().Light(o))
		}
	}
}
