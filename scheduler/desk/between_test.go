package desk_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"duban/internal/world"
	"duban/ledger"
	"duban/notify"
	"duban/rules"
	"duban/scheduler/desk"
	"duban/scheduler/figures"
)

// act does something, and fails unless that is refused as the word in it says;
// empty: it has to be done.
func act(w *world.World, verb desk.Verb, key string, in desk.Act, refused string) *ledger.Occurrence {
	w.T.Helper()
	if in.By == "" {
		in.By = "test"
	}
	o, err := w.Desk.Do(context.Background(), verb, key, in)
	switch {
	case refused == "" && err != nil:
		w.T.Fatalf("%s %s: %v", verb, key, err)
	case refused != "" && (err == nil || !strings.Contains(err.Error(), refused)):
		w.T.Fatalf("%s %s: %v; want %q", verb, key, err, refused)
	}
	return o
}

// letters are those that have left to a unit since the last look: subject and text.
func letters(w *world.World, unit string) (out []string) {
	w.T.Helper()
	for _, n := range w.Listed(ledger.Sent) {
		if n.Kind == ledger.Letter && n.Unit == unit {
			out = append(out, n.Subject)
		}
	}
	return out
}

func to(unit string) desk.Act { return desk.Act{Unit: unit, Reason: "职责已调整"} }

func TestATransferMovesAnOccurrenceUnderANewID(t *testing.T) {
	set := world.Rules(t, world.Ob("m", `["a"]`, world.Monthly)+world.Ob("n", `["a","b"]`, world.Monthly))
	w := world.New(t, set, "2017-07-12 09:00")
	w.TickNow()
	act(w, desk.Extend, "m/a/2017-06", desk.Act{Reason: "r", To: world.Date(t, "2017-07-31")}, "")
	for _, tc := range []struct {
		key, unit, reason, want string
	}{
		{"m/a/2017-06", "", "r", "to which unit"},
		{"m/a/2017-06", "x", "r", `no unit "x"`},
		{"m/a/2017-06", "a", "r", "has it already"},
		{"m/a/2017-06", "b", "", "say why"},
		{"m/a/2017-06", "b", " \t", "say why"},
		{"n/a/2017-06", "b", "r", "has that period already"},
	} {
		act(w, desk.Transfer, tc.key, desk.Act{Unit: tc.unit, Reason: tc.reason}, tc.want)
	}
	o := act(w, desk.Transfer, "m/a/2017-06", to("b"), "")
	if o.Key() != "m/b/2017-06" || o.FirstDue != world.Date(t, "2017-07-21") || !o.Extended() {
		t.Errorf("it goes on as %+v", o)
	}
	w.Stands("m/b/2017-06", ledger.StateOpen, "2017-07-31")
	w.Stands("m/a/2017-06", ledger.StateCancelled, "2017-07-31")
	if old := w.Find("m/a/2017-06"); old.TransferredTo() != "p:m/b/2017-06" {
		t.Errorf("the old one says it went to %q", old.TransferredTo())
	}
	act(w, desk.Reopen, "m/a/2017-06", desk.Act{Reason: "r"}, "goes on as p:m/b/2017-06")
	act(w, desk.Done, "m/a/2017-06", desk.Act{}, "transferred to m/b/2017-06")
	act(w, desk.Transfer, "m/b/2017-06", to("a"), "transferred away before")
	w.TickNow()
	w.Want(letters(w, "a"), "【转办】甲局\uff1a1项已转其他单位办理")
	w.Want(letters(w, "b"), "[Transfer] Bureau B: 1 item is transferred to you")
	w.Verify()

	// Edits recount it, and neither take it back nor cancel it; the old id is not made again.
	for _, edit := range []struct{ lines, units, due string }{
		{strings.Replace(world.Monthly, "15", "20", 1), `["a"]`, "2017-07-31"}, // its own count ends on the 28th
		{strings.Replace(world.Monthly, "15", "25", 1), `["a"]`, "2017-08-04"},
		{world.Monthly, `["c"]`, "2017-07-31"},
		{strings.Replace(world.Monthly, "month", "quarter", 1), `["a"]`, "2017-07-31"},
		{world.Monthly, `["a","b"]`, "2017-07-31"},
		{world.Monthly, `["a"]`, "2017-07-31"}, // who received it owed it itself for a while
	} {
		w.Set(world.Rules(t, world.Ob("m", edit.units, edit.lines)+world.Ob("n", `["a","b"]`, world.Monthly)))
		w.Stands("m/b/2017-06", ledger.StateOpen, edit.due)
		w.Stands("m/a/2017-06", ledger.StateCancelled, "2017-07-31")
		w.Verify()
	}
	w.Set(world.Rules(t, world.Ob("n", `["a","b"]`, world.Monthly)))
	w.Stands("m/b/2017-06", ledger.StateCancelled, "2017-07-31")
	w.Set(set)
	w.Stands("m/b/2017-06", ledger.StateOpen, "2017-07-31")
	w.Stands("m/a/2017-06", ledger.StateCancelled, "2017-07-31")

	// Who has it is reminded of it, and nobody else.
	w.Days("2017-07-13", "2017-08-10")
	for _, n := range w.Listed("") {
		for _, it := range n.Items {
			o, err := w.Ledger.Occurrence(context.Background(), it.Occurrence)
			if err == nil && o.Obligation == "m" && o.Period == "2017-06" && n.Kind == ledger.Reminder && n.Day > world.Date(t, "2017-07-12") && n.Unit != "b" {
				t.Errorf("%s is reminded of it on %s", n.Unit, n.Day)
			}
		}
	}
	w.Done("m/b/2017-06", "")
	w.Verify()
}

// Whoever has it when it is due is judged by it.
func TestFiguresCountATransferForWhoHadItWhenDue(t *testing.T) {
	for _, tc := range []struct{ day, unit string }{{"2017-07-20", "b"}, {"2017-07-25", "a"}} {
		w := world.New(t, world.Rules(t, world.Ob("m", `["a"]`, world.Monthly)), "2017-07-12 09:00")
		w.TickNow()
		w.Tick(tc.day + " 09:00")
		act(w, desk.Transfer, "m/a/2017-06", to("b"), "")
		w.Tick("2017-07-26 09:00")
		w.Done("m/b/2017-06", "")
		got, err := figures.Of(context.Background(), w.Ledger, w.View(), world.Date(t, "2017-07-01"), world.Date(t, "2017-07-31"))
		if err != nil || len(got) != 1 || got[0].Unit != tc.unit || got[0].Late != 1 {
			t.Errorf("transferred on %s: %+v, %v", tc.day, got, err)
		}
	}
}

func TestSuccessorsFollowWhomItWasTransferredTo(t *testing.T) {
	w := world.Chained(t)
	w.Event("asked", "a", "2017-11-16", "k")
	act(w, desk.Transfer, "e/a/k", to("b"), "")
	w.Done("e/b/k", "")
	w.Stands("s/b/k", ledger.StateOpen, "2017-11-27")
	w.Done("s/b/k", "")
	w.Stands("u/b/k", ledger.StateOpen, "2017-11-27")
	for _, key := range []string{"s/a/k", "u/a/k"} {
		if _, err := w.Ledger.Find(context.Background(), key); err == nil {
			t.Errorf("%s was made", key)
		}
	}
	act(w, desk.Reopen, "e/b/k", desk.Act{Reason: "r"}, "")
	w.Stands("u/b/k", ledger.StateCancelled, "2017-11-27")
	w.Done("e/b/k", "")
	w.Stands("u/b/k", ledger.StateOpen, "2017-11-27")
	act(w, desk.Transfer, "u/b/k", to("c"), "")
	w.Verify()

	// An event that is corrected takes what was transferred with it.
	if _, err := w.Desk.WithdrawEvent(context.Background(), "k", "typo", "test"); err != nil {
		t.Fatal(err)
	}
	w.Stands("u/c/k", ledger.StateCancelled, "2017-11-27")
	w.Event("asked", "a", "2017-11-17", "k")
	w.Stands("u/c/k", ledger.StateOpen, "2017-11-27")
	w.Stands("u/b/k", ledger.StateCancelled, "2017-11-27")
	w.Verify()
}

// A unit that a saved rule names, and that no tick has met yet, will owe the period itself.
func TestAPeriodThatAUnitIsYetToOweIsNotTransferredToIt(t *testing.T) {
	w := world.New(t, world.Rules(t, world.Ob("m", `["a"]`, world.Monthly)), "2017-07-12 09:00")
	w.TickNow()
	w.Daemon.SetRules(world.Rules(t, world.Ob("m", `["a","b"]`, world.Monthly)))
	act(w, desk.Transfer, "m/a/2017-06", to("b"), "is yet to come")
	w.Tick("2017-07-12 10:00")
	act(w, desk.Transfer, "m/a/2017-06", to("b"), "has that period already")
	w.Verify()
}

func TestATransferredClockGoesOn(t *testing.T) {
	w := started(t, answer, "2026-11-02", "2026-11-24 09:00")
	do(w, desk.Pause, desk.Act{Date: world.Date(t, "2026-11-04")})
	do(w, desk.Resume, desk.Act{Date: world.Date(t, "2026-11-10")})
	do(w, desk.Pause, desk.Act{Date: world.Date(t, "2026-11-12")})
	act(w, desk.Transfer, "r/a/k", to("b"), "")
	act(w, desk.Resume, "r/b/k", desk.Act{Date: world.Date(t, "2026-11-20")}, "")
	w.Stands("r/b/k", ledger.StateOpen, "2026-11-30")
	if _, err := w.Desk.WithdrawEvent(context.Background(), "k", "typo", "test"); err != nil {
		t.Fatal(err)
	}
	w.Stands("r/b/k", ledger.StateCancelled, "2026-11-30")
	w.Event("asked", "a", "2026-11-02", "k")
	w.Stands("r/b/k", ledger.StateOpen, "2026-11-30")
	w.Verify()
}

// urge urges, and tells how many were new to the letter.
func urge(w *world.World, refused string, keys ...string) int {
	w.T.Helper()
	out, err := w.Desk.Urge(context.Background(), keys, desk.Act{By: "市政府办公室", Note: "请于本周内公布"})
	if refused != "" && (err == nil || !strings.Contains(err.Error(), refused)) || refused == "" && err != nil {
		w.T.Fatalf("urge %v: %v; want %q", keys, err, refused)
	}
	n := 0
	for _, u := range out {
		n += len(u.Fresh)
	}
	return n
}

func TestAUnitIsUrgedOnceADay(t *testing.T) {
	w := world.New(t, world.Rules(t, world.Ob("m", `["a","b"]`, world.Monthly)+world.Ob("n", `["a"]`, world.Monthly)), "2017-07-12 09:00")
	w.TickNow()
	w.Tick("2017-07-25 07:00")
	if n := urge(w, "", "m/a/2017-06"); n != 1 {
		t.Errorf("%d are new", n)
	}
	if n := urge(w, "", "m/a/2017-06", "m/b/2017-06"); n != 1 { // before the window: it has not left
		t.Errorf("%d are new", n)
	}
	if n := urge(w, "", "n/a/2017-06"); n != 1 {
		t.Errorf("%d join", n)
	}
	w.Done("m/b/2017-06", "")
	w.Mail.Empty()
	w.Tick("2017-07-25 09:00")
	w.Want(letters(w, "a"), "【催办】甲局\uff1a2项请尽快办理")
	w.Want(letters(w, "b")) // what is done is not urged
	if n := urge(w, "", "m/a/2017-06", "n/a/2017-06"); n != 0 {
		t.Errorf("%d are new, of what was urged", n)
	}
	w.Tick("2017-07-25 10:00")
	w.Want(letters(w, "a"), "【催办】甲局\uff1a2项请尽快办理")
	act(w, desk.Reopen, "m/b/2017-06", desk.Act{Reason: "r"}, "")
	act(w, desk.Transfer, "m/b/2017-06", to("c"), "")
	urge(w, "", "m/c/2017-06")
	urge(w, "is cancelled", "m/b/2017-06")
	w.Tick("2017-07-25 16:00")
	w.Want(letters(w, "c"), "【催办】丙镇\uff1a1项请尽快办理", "【转办】丙镇\uff1a1项转由贵单位办理")
	act(w, desk.Transfer, "n/a/2017-06", to("c"), "")
	urge(w, "can be urged again from 2017-07-26", "n/c/2017-06")
	w.At("2017-07-25 18:00") // which leaves tomorrow
	if n := urge(w, "", "n/c/2017-06", "m/a/2017-06"); n != 2 {
		t.Errorf("%d are new the next day", n)
	}
	if n := urge(w, "", "n/c/2017-06"); n != 0 {
		t.Errorf("%d are new to tomorrow's letter", n)
	}
	w.Tick("2017-07-26 08:30")
	if got := len(letters(w, "c")); got != 4 {
		t.Errorf("%d letters to c", got)
	}
	w.Verify()
}

// Whatever is said with an urging reaches the unit, as long as its letter has not left.
func TestWhatIsSaidWithASecondUrgingJoinsTheFirst(t *testing.T) {
	w := world.New(t, world.Rules(t, world.Ob("m", `["a"]`, world.Monthly)), "2017-07-12 09:00")
	w.TickNow()
	w.At("2017-07-24 18:00") // the letter leaves tomorrow
	say := func(note string) {
		t.Helper()
		out, err := w.Desk.Urge(context.Background(), []string{"m/a/2017-06"}, desk.Act{By: "boss", Note: note})
		if err != nil || len(out) != 1 {
			t.Fatalf("%+v, %v", out, err)
		}
	}
	for _, note := range []string{"请抓紧", "周三开会要用", "周三开会要用", ""} {
		say(note)
	}
	w.Mail.Empty()
	w.Tick("2017-07-25 09:00")
	said := 0
	for _, m := range w.Mail.Mails() {
		text, err := notify.ReadText(m.Raw)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(text, "催办以下事项") {
			said++
			if strings.Count(text, "请抓紧") != 1 || strings.Count(text, "周三开会要用") != 1 {
				t.Errorf("the letter says\n%s", text)
			}
		}
	}
	if said != 1 {
		t.Errorf("%d letters", said)
	}
	say("晚了") // it has left: that is nothing new, and no error
	w.Verify()
}

// A unit hears of what others decide about what it owes: of a later due date always,
// of a waiver where it had been reminded; of what it asked for itself in one letter.
func TestAUnitHearsWhatIsDecidedAboutItsItems(t *testing.T) {
	w := world.New(t, world.Rules(t, world.Ob("m", `["a", "b", "c"]`, world.Monthly)), "2017-07-03 09:00")
	w.TickNow()
	act(w, desk.Waive, "m/c/2017-06", desk.Act{By: "li", Reason: "本期不报"}, "") // green: it never heard of it
	w.Tick("2017-07-18 09:00")
	act(w, desk.Extend, "m/a/2017-06", desk.Act{By: "li", To: world.Date(t, "2017-07-28"), Reason: "系统升级"}, "")
	act(w, desk.Waive, "m/b/2017-06", desk.Act{By: "li", Reason: "本期不报"}, "")
	w.Tick("2017-07-18 10:00")
	w.Want(letters(w, "a"), "【延期】甲局\uff1a截止日已延后")
	w.Want(letters(w, "b"), "[Waived] Bureau B: 1 item is waived: nothing is to be done")
	w.Want(letters(w, "c"))
	r, err := w.Desk.Ask(context.Background(), ledger.ExtensionRequest, "m/a/2017-06", desk.Act{By: "甲局", Reason: "r", To: world.Date(t, "2017-07-31")})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Desk.Decide(context.Background(), r.ID, true, desk.Act{By: "boss"}); err != nil {
		t.Fatal(err)
	}
	w.Tick("2017-07-19 09:00")
	w.Want(letters(w, "a"), "【延期】甲局\uff1a截止日已延后", "【延期】甲局\uff1a延期申请已批准")
	act(w, desk.Extend, "m/a/2017-06", desk.Act{By: "li", To: world.Date(t, "2017-08-04"), Reason: "r"}, "")
	act(w, desk.Waive, "m/a/2017-06", desk.Act{By: "li"}, "")
	act(w, desk.Reopen, "m/a/2017-06", desk.Act{By: "li"}, "") // before its letter left
	w.Tick("2017-07-20 09:00")
	if got := letters(w, "a"); slices.ContainsFunc(got, func(s string) bool { return strings.Contains(s, "豁免") }) {
		t.Errorf("it is told of a waiver that was taken back: %q", got)
	}
	w.Verify()
}

// A transfer to a unit without a supervisor ends escalations: not without a word.
func TestATransferThatEndsEscalationsIsTold(t *testing.T) {
	for supervisor, want := range map[string]int{"": 1, "supervisor=\"zfb\"\n": 0} {
		w := world.New(t, world.RulesFrom(t, world.PlanHead, "[[unit]]\nid=\"zfb\"\nname=\"府办\"\nmail=[\"zfb@x.example\"]\n[[unit]]\nid=\"a\"\nname=\"甲局\"\nmail=[\"a@x.example\"]\nsupervisor=\"zfb\"\n"+
			"[[unit]]\nid=\"b\"\nname=\"乙局\"\nmail=[\"b@x.example\"]\n"+supervisor, world.Ob("m", `["a"]`, world.Monthly)), "2017-07-12 09:00")
		w.TickNow()
		act(w, desk.Transfer, "m/a/2017-06", to("b"), "")
		told := 0
		for _, n := range w.Listed("") {
			if n.Kind == ledger.Admin && strings.Contains(n.Text, "m/b/2017-06") && strings.Contains(n.Text, "府办") {
				told++
			}
		}
		if told != want {
			t.Errorf("with %q the administrators are told %d times, want %d", supervisor, told, want)
		}
	}
}

// Who supervises hears with what is overdue how much of its units' waits for its word, and
// nothing of what waits for others.
func TestASupervisorHearsHowManyWaitForItsWord(t *testing.T) {
	unit := func(id, supervisor string) string {
		return "[[unit]]\nid=\"" + id + "\"\nname=\"" + id + "\"\nmail=[\"" + id + "@x.example\"]\nsupervisor=\"" + supervisor + "\"\n"
	}
	units := "[[unit]]\nid=\"zfb\"\nname=\"zfb\"\nmail=[\"zfb@x.example\"]\n[[unit]]\nid=\"other\"\nname=\"other\"\nmail=[\"other@x.example\"]\n" +
		unit("a", "zfb") + unit("b", "zfb") + unit("c", "other")
	w := world.New(t, world.RulesFrom(t, world.PlanHead, units, world.Ob("m", `["a", "b", "c"]`, world.Monthly)), "2017-07-12 09:00")
	w.TickNow()
	for _, unit := range []string{"a", "b", "c"} {
		if _, err := w.Desk.Ask(context.Background(), ledger.ExtensionRequest, "m/"+unit+"/2017-06", desk.Act{By: unit, Reason: "r", To: world.Date(t, "2017-08-31")}); err != nil {
			t.Fatal(err)
		}
	}
	w.Days("2017-07-13", "2017-07-27")
	heard := map[string]bool{}
	for _, m := range w.Mail.Mails() {
		text, err := notify.ReadText(m.Raw)
		if err != nil {
			t.Fatal(err)
		}
		for boss, says := range map[string][]string{"zfb": {"另有2件申请", "2 requests"}, "other": {"另有1件申请", "1 requests"}} {
			if slices.Contains(m.To, boss+"@x.example") && slices.ContainsFunc(says, func(s string) bool { return strings.Contains(text, s) }) {
				heard[boss] = true
			}
		}
	}
	if len(heard) != 2 {
		t.Errorf("only %v heard how many wait", heard)
	}
}

func TestAUnitIsUrgedByLight(t *testing.T) {
	w := world.New(t, world.Rules(t, world.Ob("m", `["a"]`, world.Monthly)+world.Ob("q", `["a"]`, strings.Replace(world.Monthly, "15", "20", 1))), "2017-07-12 09:00")
	w.TickNow()
	w.Tick("2017-07-25 09:00")
	ctx := context.Background()
	if _, err := w.Desk.UrgeUnit(ctx, "b", "", desk.Act{By: "test"}); err == nil || !strings.Contains(err.Error(), "nothing open") {
		t.Errorf("a unit that owes nothing: %v", err)
	}
	out, err := w.Desk.UrgeUnit(ctx, "a", rules.Red, desk.Act{By: "test"})
	if err != nil || len(out) != 1 || len(out[0].Fresh) != 1 || out[0].Fresh[0].Key() != "m/a/2017-06" {
		t.Errorf("red: %+v, %v", out, err)
	}
	out, err = w.Desk.UrgeUnit(ctx, "a", "", desk.Act{By: "test"})
	if err != nil || len(out) != 1 || len(out[0].Fresh) < 1 || len(out[0].Again) != 1 {
		t.Errorf("all: %+v, %v", out, err)
	}
}

func TestAReportIsTakenBackWhileItMayBe(t *testing.T) {
	review := strings.Replace(world.PlanHead, "\n[policy.standard]", "\nreview = true\n[policy.standard]", 1)
	for name, tc := range map[string]struct {
		head, now string
		accepted  bool
		refused   string
	}{
		"nobody accepts, same day":   {world.PlanHead, "2017-07-14 15:00", false, ""},
		"nobody accepts, third day":  {world.PlanHead, "2017-07-19 23:59", false, ""},
		"nobody accepts, too late":   {world.PlanHead, "2017-07-20 00:00", false, "until 2017-07-19"},
		"to be accepted, much later": {review, "2017-08-20 10:00", false, ""},
		"accepted":                   {review, "2017-07-14 15:00", true, "was accepted"},

		"accepted as of the same day": {review, "2017-07-17 15:00", true, "was accepted"},
	} {
		t.Run(name, func(t *testing.T) {
			w := world.New(t, world.RulesWith(t, tc.head, world.Ob("m", `["a"]`, world.Monthly)), "2017-07-12 09:00")
			w.TickNow()
			act(w, desk.Retract, "m/a/2017-06", desk.Act{Reason: "r"}, "is open")
			w.At("2017-07-14 10:00")
			w.Done("m/a/2017-06", "")
			if tc.accepted && name == "accepted as of the same day" { // both then count for its close of business
				day := world.Date(t, "2017-07-14")
				act(w, desk.Return, "m/a/2017-06", desk.Act{Reason: "r"}, "")
				w.At("2017-07-17 10:00")
				w.Done("m/a/2017-06", "2017-07-14")
				act(w, desk.Accept, "m/a/2017-06", desk.Act{Date: day}, "")
			} else if tc.accepted {
				w.At("2017-07-14 11:00")
				act(w, desk.Accept, "m/a/2017-06", desk.Act{}, "")
			}
			w.At(tc.now)
			act(w, desk.Retract, "m/a/2017-06", desk.Act{Reason: "数据有误"}, tc.refused)
		})
	}
}

// What a closing had started follows, and late is judged by the report that stands.
func TestWhatAReportStartedGoesWithIt(t *testing.T) {
	w := world.Chained(t)
	w.Event("asked", "a", "2017-11-16", "k") // due on the 30th
	w.Done("e/a/k", "")
	w.Stands("s/a/k", ledger.StateOpen, "2017-11-27")
	act(w, desk.Retract, "e/a/k", desk.Act{Reason: "数据有误"}, "")
	w.Stands("e/a/k", ledger.StateOpen, "2017-11-30")
	w.Stands("s/a/k", ledger.StateCancelled, "2017-11-27")
	w.TickNow()
	w.Want(letters(w, "boss"), "【撤回】甲局\uff1a撤回办结报告")
	w.Tick("2017-12-04 09:00")
	if o := w.Find("e/a/k"); w.View().Light(o) != rules.Red {
		t.Errorf("its light is %s", w.View().Light(o))
	}
	w.Done("e/a/k", "")
	if o := w.Find("e/a/k"); !o.Late {
		t.Error("the report that stands was late")
	}
	w.Verify()
}

func TestProgressIsNotedAndEndsNothing(t *testing.T) {
	w := world.New(t, world.Rules(t, world.Ob("m", `["a"]`, world.Monthly)), "2017-07-12 09:00")
	w.TickNow()
	act(w, desk.Progress, "m/a/2017-06", desk.Act{}, "how far it has come")
	before := *w.Find("m/a/2017-06")
	act(w, desk.Progress, "m/a/2017-06", desk.Act{Note: "已整理数据", By: "甲局"}, "")
	if after := *w.Find("m/a/2017-06"); after != before {
		t.Errorf("it is %+v, and was %+v", after, before)
	}
	entries, err := w.Ledger.LatestEntries(context.Background(), ledger.EntryQuery{Subject: "p:m/a/2017-06", Limit: 1})
	if err != nil || len(entries) != 1 || entries[0].Action != "progress" || entries[0].Reason != "已整理数据" || entries[0].Actor != "甲局" {
		t.Errorf("the journal says %+v, %v", entries, err)
	}
	w.Done("m/a/2017-06", "")
	act(w, desk.Progress, "m/a/2017-06", desk.Act{Note: "x"}, "is closed")
	w.Verify()
}

// Who says that an item is not its own proposes a transfer.
func TestNotOursIsAnsweredByATransfer(t *testing.T) {
	w := world.New(t, world.Rules(t, world.Ob("m", `["a"]`, world.Monthly)), "2017-07-12 09:00")
	w.TickNow()
	ctx := context.Background()
	ask := func(unit string) *ledger.Request {
		t.Helper()
		r, err := w.Desk.Ask(ctx, ledger.NotOursRequest, "m/a/2017-06", desk.Act{By: "甲局", Reason: "属乙局", Unit: unit})
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	for _, unit := range []string{"a", "x"} {
		if _, err := w.Desk.Ask(ctx, ledger.NotOursRequest, "m/a/2017-06", desk.Act{By: "甲局", Reason: "r", Unit: unit}); err == nil {
			t.Errorf("proposing %s is not refused", unit)
		}
	}
	r := ask("")
	if _, err := w.Desk.Decide(ctx, r.ID, true, desk.Act{By: "boss"}); err == nil || !strings.Contains(err.Error(), "to which unit") {
		t.Errorf("granted to nobody: %v", err)
	}
	if _, err := w.Desk.Decide(ctx, r.ID, false, desk.Act{By: "boss", Reason: "是你们的"}); err != nil {
		t.Fatal(err)
	}
	w.Stands("m/a/2017-06", ledger.StateOpen, "2017-07-21")
	r = ask("b")
	if r, err := w.Desk.Decide(ctx, r.ID, true, desk.Act{By: "boss"}); err != nil || r.Unit != "b" || r.State != ledger.RequestGranted {
		t.Fatalf("%+v, %v", r, err)
	}
	w.Stands("m/b/2017-06", ledger.StateOpen, "2017-07-21")
	w.Stands("m/a/2017-06", ledger.StateCancelled, "2017-07-21")
	w.TickNow()
	if got := letters(w, "a"); len(got) != 2 || !strings.HasPrefix(got[1], string("【转办】")) {
		t.Errorf("told %q", got)
	}
	w.Verify()
}

// What was transferred to a unit that no plan has any more nobody is reminded of: the
// administrators hear of it, each day, until somebody has it.
func TestWhatNobodyHasAnyMoreTheAdministratorsHearOf(t *testing.T) {
	w := world.New(t, world.Rules(t, world.Ob("m", `["a"]`, world.Monthly)), "2017-07-03 09:00")
	w.TickNow()
	act(w, desk.Transfer, "m/a/2017-06", desk.Act{By: "li", Unit: "b", Reason: "r"}, "")
	w.With(w.Ledger, world.RulesFrom(t, world.PlanHead, "[[unit]]\nid=\"zfb\"\nname=\"zfb\"\nmail=[\"zfb@x.example\"]\n[[unit]]\nid=\"a\"\nname=\"a\"\nmail=[\"a@x.example\"]\nsupervisor=\"zfb\"\n", world.Ob("m", `["a"]`, world.Monthly)))
	told := func() (n int) {
		for _, notice := range w.Listed("") {
			if notice.Kind == ledger.Admin && strings.Contains(notice.Text, "m/b/2017-06") {
				n++
			}
		}
		return n
	}
	for i, day := range []string{"2017-07-21 09:00", "2017-07-21 10:00", "2017-07-24 09:00"} {
		w.Tick(day)
		if n, want := told(), []int{1, 1, 2}[i]; n != want {
			t.Errorf("%s: told %d times, want %d", day, n, want)
		}
	}
}
