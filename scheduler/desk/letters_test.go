package desk_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"duban/internal/world"
	"duban/ledger"
	"duban/notify"
	"duban/scheduler/desk"
	"duban/scheduler/figures"
)

// severalWorld has two items of a and one of b, reported where the plan has reviews,
// and a page.
func severalWorld(t *testing.T, reported bool) *world.World {
	t.Helper()
	head := world.PlanHead
	if reported {
		head = strings.Replace(head, "\n[policy.standard]", "\nreview = true\n[policy.standard]", 1)
	}
	w := world.New(t, world.RulesWith(t, head, world.Ob("m", `["a", "b"]`, world.Monthly)+world.Ob("n", `["a"]`, world.Monthly)), "2017-07-03 09:00")
	links := &w.Settings().Links
	links.Item = func(o *ledger.Occurrence, _ time.Time) string { return "https://x.example/i/" + o.Key() }
	links.Unit = func(unit string, _ time.Time) string { return "https://x.example/u/" + unit }
	links.Supervisor = func(unit string, _ time.Time) string { return "https://x.example/s/" + unit }
	w.TickNow()
	w.Tick("2017-07-18 09:00")
	if reported {
		all(t, w, desk.Done, desk.Act{By: "甲局", Note: "已印发"}, "m/a/2017-06", "n/a/2017-06")
	}
	w.Mail.Empty()
	return w
}

func all(t *testing.T, w *world.World, verb desk.Verb, in desk.Act, keys ...string) {
	t.Helper()
	if _, err := w.Desk.DoAll(context.Background(), verb, keys, in); err != nil {
		t.Fatal(err)
	}
}

// written are the letters of the mailbox to an address, in words: subject, then text.
func written(t *testing.T, w *world.World, address, act string) (out []string) {
	t.Helper()
	for _, m := range w.Mail.Mails() {
		text, err := notify.ReadText(m.Raw)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(text, act) && slices.Contains(m.To, address) {
			out = append(out, text)
		}
	}
	return out
}

// What one hand does to several items of a unit at once is one letter to it, which
// names each; each has its entry in the journal.
func TestOneActOnSeveralItemsIsOneLetterThatNamesEach(t *testing.T) {
	for verb, c := range map[desk.Verb]struct {
		in       desk.Act
		reported bool
		entry    string
		says     map[string]string // the opening, by address
	}{
		desk.Extend:   {desk.Act{To: world.Date(t, "2017-07-28"), Reason: "系统升级"}, false, "extended", map[string]string{"a@x.example": "延长了以下事项的期限", "b@x.example": "has extended the following"}},
		desk.Waive:    {desk.Act{Reason: "本期不报"}, false, "waived", map[string]string{"a@x.example": "以下事项已豁免", "b@x.example": "The following is waived"}},
		desk.Transfer: {desk.Act{Unit: "c", Reason: "职能调整"}, false, "transferred", map[string]string{"a@x.example": "以下事项已转其他单位办理"}},
		desk.Return:   {desk.Act{Reason: "缺附件"}, true, "returned", map[string]string{"a@x.example": "办结报告被退回"}},
		desk.Done:     {desk.Act{}, true, "reported", map[string]string{"boss@x.example": "报告以下事项已办结"}},
	} {
		t.Run(string(verb), func(t *testing.T) {
			w := severalWorld(t, c.reported)
			keys := []string{"m/a/2017-06", "n/a/2017-06"}
			if _, ok := c.says["b@x.example"]; ok {
				keys = append(keys, "m/b/2017-06")
			}
			c.in.By = "li"
			if verb != desk.Done { // which severalWorld does
				all(t, w, verb, c.in, keys...)
			}
			w.Tick("2017-07-18 10:00")
			for address, opening := range c.says {
				got := written(t, w, address, opening)
				if len(got) != 1 {
					t.Fatalf("%d letters to %s: %q", len(got), address, got)
				}
				for _, key := range keys {
					if mine := !strings.Contains(key, "/b/") == (address != "b@x.example"); strings.Contains(got[0], key) != mine {
						t.Errorf("%s is named to %s: %t\n%s", key, address, !mine, got[0])
					}
				}
				if n := strings.Count(got[0], c.in.Reason); c.in.Reason != "" && n != 1 {
					t.Errorf("the reason is said %d times:\n%s", n, got[0])
				}
			}
			for _, key := range keys {
				n := 0
				err := w.Ledger.Entries(t.Context(), w.Find(key).Subject(), func(e ledger.Entry) error {
					if e.Action == c.entry {
						n++
					}
					return nil
				})
				if err != nil || n != 1 {
					t.Errorf("%s has %d entries of it (%v)", key, n, err)
				}
			}
			w.Verify()
		})
	}
}

// Both units of a transfer hear of all of it in one letter each; of what is settled
// before that leaves it says nothing.
func TestALetterOfSeveralItemsNamesWhatIsStillTrue(t *testing.T) {
	w := severalWorld(t, false)
	w.At("2017-07-18 18:00") // tomorrow's mail
	all(t, w, desk.Transfer, desk.Act{By: "li", Unit: "c", Reason: "职能调整"}, "m/a/2017-06", "n/a/2017-06")
	all(t, w, desk.Extend, desk.Act{By: "li", To: world.Date(t, "2017-07-28"), Reason: "r"}, "m/c/2017-06", "n/c/2017-06")
	w.Done("n/c/2017-06", "")
	w.Tick("2017-07-19 09:00")
	w.Want(letters(w, "a"), "【转办】甲局\uff1a2项已转其他单位办理")
	w.Want(letters(w, "c"), "【转办】丙镇\uff1a1项转由贵单位办理", "【延期】丙镇\uff1a截止日已延后")
	got := written(t, w, "c@x.example", "转由贵单位办理")
	if len(got) != 1 || !strings.Contains(got[0], "m/c/2017-06") || strings.Contains(got[0], "n/c/2017-06") || !strings.Contains(got[0], "https://x.example/i/m/c/2017-06") {
		t.Errorf("c reads %q", got)
	}
	if got := written(t, w, "a@x.example", "已转其他单位办理"); len(got) != 1 || !strings.Contains(got[0], "m/a/2017-06") || !strings.Contains(got[0], "n/a/2017-06") {
		t.Errorf("a reads %q", got)
	}
}

// A withdrawn event is one letter to the unit, whatever number of clocks it started.
func TestAnEventThatDidNotCountIsOneLetter(t *testing.T) {
	w := world.New(t, world.Rules(t, world.Ob("e", `["a"]`, world.Asked)+world.Ob("f", `["a"]`, world.Asked)), "2017-06-12 09:00")
	w.TickNow()
	w.Event("asked", "a", "2017-06-12", "k")
	w.Tick("2017-06-14 09:00")
	if _, err := w.Desk.WithdrawEvent(t.Context(), "k", "记错了", "li"); err != nil {
		t.Fatal(err)
	}
	w.TickNow()
	w.Want(letters(w, "a"), "【撤回】甲局\uff1a事件已撤销\uff0c2项无须再办")
}

// What waits for an answer when an item goes to another unit is answered by that: the
// extension falls, and who asked hears of it; that it is not its own is granted.
func TestATransferAnswersWhatWasAskedAboutAnItem(t *testing.T) {
	w := severalWorld(t, false)
	ctx := t.Context()
	later, err := w.Desk.Ask(ctx, ledger.ExtensionRequest, "m/a/2017-06", desk.Act{By: "甲局", Reason: "来不及", To: world.Date(t, "2017-07-31")})
	if err != nil {
		t.Fatal(err)
	}
	others, err := w.Desk.Ask(ctx, ledger.NotOursRequest, "n/a/2017-06", desk.Act{By: "甲局", Reason: "属乙局", Unit: "b"})
	if err != nil {
		t.Fatal(err)
	}
	all(t, w, desk.Transfer, desk.Act{By: "boss", Unit: "c", Reason: "职能调整"}, "m/a/2017-06", "n/a/2017-06")
	w.Tick("2017-07-18 10:00")
	if got := strings.Join(written(t, w, "a@x.example", "已转其他单位办理"), "\n----\n"); strings.Count(got, "延期申请随转办失效") != 1 || !strings.Contains(got, "n/a/2017-06") {
		t.Errorf("a reads\n%s", got)
	}
	for id, want := range map[int64]ledger.RequestState{later.ID: ledger.RequestRefused, others.ID: ledger.RequestGranted} {
		r, err := w.Ledger.Request(ctx, id)
		if err != nil || r.State != want || r.Answer != "职能调整" || r.DecidedBy != "boss" {
			t.Errorf("%+v, %v; want it %s", r, err, want)
		}
		if _, err := w.Desk.Decide(ctx, id, true, desk.Act{By: "boss"}); err == nil {
			t.Error("it can be decided again")
		}
	}
	w.Verify()
}

// What the command lines of the contract ask a reason for, the desk does, for all who
// come to it; a waiver may have none.
func TestWhichActsWantAReason(t *testing.T) {
	for verb, c := range map[desk.Verb]struct {
		in    desk.Act
		wants bool
	}{
		desk.Waive:    {desk.Act{}, false},
		desk.Transfer: {desk.Act{Unit: "c"}, true},
		desk.Return:   {desk.Act{}, true},
		desk.Retract:  {desk.Act{}, true},
		desk.Progress: {desk.Act{}, true},
	} {
		for _, reason := range []string{"", " \n", "因故"} {
			w := severalWorld(t, verb == desk.Return || verb == desk.Retract)
			c.in.By, c.in.Reason = "li", reason
			if verb == desk.Progress {
				c.in.Reason, c.in.Note = "", reason
			}
			_, err := w.Desk.Do(t.Context(), verb, "m/a/2017-06", c.in)
			if refused := c.wants && strings.TrimSpace(reason) == ""; (err != nil) != refused {
				t.Errorf("%s because of %q: %v", verb, reason, err)
			}
			w.Ledger.Close()
		}
	}
}

// A step follows the unit that its cause has gone to, also where it had begun with the
// other one; the figures find who had it.
func TestAStepFollowsItsCauseToAnotherUnit(t *testing.T) {
	begun := func(w *world.World) {
		all(t, w, desk.Done, desk.Act{By: "甲局"}, "e/a/k")
		all(t, w, desk.Reopen, desk.Act{By: "li", Reason: "r"}, "e/a/k")
	}
	for name, c := range map[string]struct {
		acts func(w *world.World)
		then []string // the units that the step is handed to after its day
	}{
		"which had never begun":                {func(*world.World) {}, []string{"c"}},
		"and goes to whom the rules ask":       {func(*world.World) {}, []string{"a"}},
		"and goes on from there":               {func(*world.World) {}, []string{"a", "c"}},
		"and comes there by a third":           {func(*world.World) {}, []string{"c", "a"}},
		"which had begun with the first":       {begun, []string{"c"}},
		"which had begun, and goes to several": {begun, []string{"c", "boss"}},
	} {
		t.Run(name, func(t *testing.T) {
			w := world.New(t, world.Rules(t, world.Ob("e", `["a", "b"]`, world.Asked)+world.Ob("s", `["a", "b"]`, world.Closed)), "2017-06-12 09:00")
			w.TickNow()
			w.Event("asked", "a", "2017-06-12", "k")
			c.acts(w)
			all(t, w, desk.Transfer, desk.Act{By: "li", Unit: "b", Reason: "r"}, "e/a/k")
			all(t, w, desk.Done, desk.Act{By: "乙局"}, "e/b/k")
			w.Stands("s/b/k", ledger.StateOpen, "2017-06-19")
			w.Tick("2017-06-30 09:00")
			counts := func(when string) {
				t.Helper()
				got, err := figures.Of(t.Context(), w.Ledger, w.View(), world.Date(t, "2017-06-19"), world.Date(t, "2017-06-19"))
				if err != nil || len(got) != 1 || got[0].Unit != "b" || got[0].Overdue != 1 {
					t.Errorf("%s: %+v, %v", when, got, err)
				}
			}
			counts("late")
			has := "b"
			for _, to := range c.then {
				all(t, w, desk.Transfer, desk.Act{By: "li", Unit: to, Reason: "r"}, "s/"+has+"/k")
				has = to
				counts("handed to " + to + " when it was late")
			}
			w.Verify()
		})
	}
}
