package scheduler_test

import (
	"strings"
	"testing"

	"duban/internal/world"
	"duban/ledger"
	"duban/notify"
	"duban/rules/catalogue"
	"duban/scheduler/desk"
)

// mailsTo are the texts of the mails that an address got since the last look.
func mailsTo(t *testing.T, w *world.World, address string) (out []string) {
	t.Helper()
	w.Deliver()
	for _, m := range w.Mail.Mails() {
		for _, to := range m.To {
			if to == address {
				text, err := notify.ReadText(m.Raw)
				if err != nil {
					t.Fatal(err)
				}
				out = append(out, text)
			}
		}
	}
	return out
}

// A partner hears of an item when it turns yellow, when it is due, once when it is
// overdue, and when it is closed; in between, and of what is only tracked, never.
func TestAPartnerHearsWhatItIsToHear(t *testing.T) {
	rule := world.Ob("m", `["a"]`, world.Monthly+"\npartners = [\"c\", \"a\"]") + world.Ob("n", `["a"]`, "every=\"month\"\nwithin=\"15 working days\"\npolicy=\"tracked\"\npartners=[\"c\"]")
	w := world.New(t, world.Rules(t, rule), "2017-06-09 09:00")
	w.TickNow()
	as := catalogue.In(catalogue.Chinese).Say("mail: partner")
	for _, step := range []struct {
		at, what string
		done     bool
		want     bool
	}{
		{"2017-07-03 09:00", "while it is green", false, false},
		{"2017-07-12 09:00", "when it turns yellow", false, true},
		{"2017-07-12 15:00", "twice a day", false, false},
		{"2017-07-18 09:00", "at the next reminder", false, false},
		{"2017-07-21 09:00", "when it is due", false, true},
		{"2017-07-24 09:00", "when it is overdue", false, true},
		{"2017-07-26 09:00", "when it is overdue still", false, false},
		{"2017-07-28 09:00", "when it is overdue still", false, false},
		{"2017-07-31 09:00", "when it is closed", true, true},
		{"2017-08-01 09:00", "when it is closed still", false, false},
	} {
		w.Mail.Empty()
		w.At(step.at)
		if step.done {
			if _, err := w.Desk.Do(t.Context(), desk.Done, "m/a/2017-06", desk.Act{By: "a", Evidence: "https://x.example/"}); err != nil {
				t.Fatal(err)
			}
		}
		w.Tick(step.at)
		heard := false
		for _, text := range mailsTo(t, w, "c@x.example") {
			if strings.Contains(text, "\u4e8b\u9879n") {
				t.Errorf("%s: of what is only tracked: %s", step.at, text)
			}
			if !strings.Contains(text, as) || !strings.Contains(text, "\u4e8b\u9879m") || !strings.Contains(text, "\u7532\u5c40") {
				t.Errorf("%s: what is it? %s", step.at, text)
			}
			heard = true
		}
		if heard != step.want {
			t.Errorf("%s, %s: the partner heard: %v", step.at, step.what, heard)
		}
		for _, text := range mailsTo(t, w, "a@x.example") {
			if strings.Contains(text, as) {
				t.Errorf("%s: the unit that owes it is told as a partner: %s", step.at, text)
			}
		}
	}
	owed, err := ledger.AllOccurrences(t.Context(), w.Ledger, ledger.Query{Unit: "c"})
	if err != nil || len(owed) != 0 {
		t.Errorf("a partner owes %v, %v", owed, err)
	}
}

// What partners have to hear stands in their own notice of the day, after what they
// owe themselves.
func TestAPartnersItemsStandInItsNoticeOfTheDay(t *testing.T) {
	w := world.New(t, world.Rules(t, world.Ob("m", `["a"]`, world.Monthly+"\npartners = [\"b\"]")+world.Ob("o", `["b"]`, world.Monthly)), "2017-06-09 09:00")
	w.TickNow()
	w.Tick("2017-07-03 09:00")
	w.Deliver()
	w.Mail.Empty()
	w.Tick("2017-07-12 09:00")
	w.Tick("2017-07-12 09:30")
	w.Tick("2017-07-13 09:00")
	texts := mailsTo(t, w, "b@x.example")
	if len(texts) != 1 {
		t.Fatalf("%d mails: %q", len(texts), texts)
	}
	own, partner := strings.Index(texts[0], "Item o"), strings.Index(texts[0], "Item m")
	if own < 0 || partner < own || !strings.Contains(texts[0][partner:], "Bureau A") {
		t.Errorf("%s", texts[0])
	}
}

// While somebody is away the deputy has the mail too, and no longer.
func TestTheDeputyHasTheMailWhileSomebodyIsAway(t *testing.T) {
	units := strings.Replace(world.PlanUnits, "mail = [\"a@x.example\"]\nsupervisor = \"boss\"", "mail = [\"a@x.example\"]\nsupervisor = \"boss\"\ncontact = \"Zhang San\"\nphone = \"0760-1\"\n[[unit.away]]\nfrom = 2017-07-12\nto = 2017-07-18\nmail = [\"li@x.example\", \"a@x.example\"]", 1)
	w := world.New(t, world.RulesFrom(t, world.PlanHead, units, world.Ob("m", `["a"]`, world.Monthly)), "2017-06-09 09:00")
	w.TickNow()
	w.Tick("2017-07-03 09:00")
	for _, step := range []struct {
		at   string
		want int
	}{{"2017-07-12 09:00", 1}, {"2017-07-18 09:00", 1}, {"2017-07-21 09:00", 0}} {
		w.Deliver()
		w.Mail.Empty()
		w.Tick(step.at)
		if got := mailsTo(t, w, "li@x.example"); len(got) != step.want {
			t.Errorf("%s: the deputy has %d mails", step.at, len(got))
		}
		own := mailsTo(t, w, "a@x.example")
		if len(own) != 1 || strings.Contains(own[0], "Zhang") || strings.Contains(own[0], "0760") {
			t.Errorf("%s: the unit has %q", step.at, own)
		}
	}
}
