package scheduler_test

import (
	"strings"
	"testing"

	"github.com/robfig/cron/v3"

	"duban/internal/world"
	"duban/ledger"
	"duban/notify"
	"duban/scheduler/engine"
	"duban/scheduler/figures"
)

// bulletins are all that are in the outbox, by whom and of which months.
func bulletins(w *world.World) (out []string) {
	w.T.Helper()
	err := w.Ledger.EachNotice(w.T.Context(), ledger.NoticeQuery{}, func(n *ledger.Notice) error {
		if n.Kind == ledger.Bulletin {
			out = append(out, n.Unit+" "+n.Letter)
		}
		return nil
	})
	if err != nil {
		w.T.Fatal(err)
	}
	return out
}

func scheduled(t *testing.T, w *world.World, spec string, to ...string) {
	at, err := cron.ParseStandard(spec)
	if err != nil {
		t.Fatal(err)
	}
	w.Settings().Bulletin = engine.Bulletins{At: at, Spec: spec, To: to, Say: figures.Say}
}

// A bulletin is made once a period: whatever began anew, however late.
func TestABulletinIsMadeOnceAPeriod(t *testing.T) {
	w := world.New(t, world.Rules(t, world.Ob("m", `["a", "b"]`, world.Monthly)), "2017-06-09 09:00")
	scheduled(t, w, "0 9 5 * *")
	for _, step := range []struct {
		at   string
		want int
		what string
	}{
		{"2017-06-09 09:00", 0, "the schedule begins with its next turn"},
		{"2017-07-05 08:59", 0, "before its time"},
		{"2017-07-05 09:05", 1, "at its time"},
		{"2017-07-05 09:10", 1, "and once"},
		{"2017-08-04 17:00", 1, "before the next"},
		{"2017-08-07 09:00", 2, "on the next mail day: the 5th was a Saturday"},
		{"2017-11-20 09:00", 3, "of several missed turns the last"},
	} {
		w.Reopen()
		w.Tick(step.at)
		if got := bulletins(w); len(got) != step.want {
			t.Fatalf("%s, %s: %q", step.at, step.what, got)
		}
	}
	if got := strings.Join(bulletins(w), "\n"); got != `boss {"from":"2017-06","to":"2017-06"}
boss {"from":"2017-07","to":"2017-07"}
boss {"from":"2017-10","to":"2017-10"}` {
		t.Errorf("%s", got)
	}
	if _, err := w.Desk.SendBulletin(t.Context(), engine.Months{From: "2017-10", To: "2017-10"}, "test"); err != nil {
		t.Fatal(err)
	}
	if got := bulletins(w); len(got) != 4 {
		t.Errorf("one that a person sends again: %q", got)
	}
}

// It is in the language of whom it goes to, with a workbook, and shows links of no
// unit.
func TestABulletinIsMailedToWhoSupervises(t *testing.T) {
	w := world.New(t, world.Rules(t, world.Ob("m", `["a", "b"]`, world.Monthly)), "2017-06-09 09:00")
	scheduled(t, w, "0 9 5 * *", "boss", "b")
	w.TickNow()
	w.Tick("2017-07-03 09:00")
	w.Tick("2017-08-01 09:00")
	w.Done("m/a/2017-06", "2017-07-20")
	w.Deliver()
	w.Mail.Empty()
	w.Tick("2017-08-07 09:00")
	w.Deliver()
	found := 0
	for _, m := range w.Mail.Mails() {
		body, err := notify.ReadText(m.Raw)
		if err != nil {
			t.Fatal(err)
		}
		switch {
		case strings.Contains(body, "2017\u5e747\u6708\u7763\u529e\u60c5\u51b5\u901a\u62a5"):
			found++
			if m.To[0] != "boss@x.example" || !strings.Contains(body, "100.0%") || !strings.Contains(body, "\u4e59\u5c40") {
				t.Errorf("%v: %s", m.To, body)
			}
		case strings.Contains(body, "Bulletin of supervision, July 2017"):
			found++
			if m.To[0] != "b@x.example" || !strings.Contains(body, "Bureau A") {
				t.Errorf("%v: %s", m.To, body)
			}
		default:
			continue
		}
		if !strings.Contains(string(m.Raw), "duban-bulletin-2017-07.xlsx") {
			t.Errorf("%v: no workbook", m.To)
		}
	}
	if found != 2 {
		t.Errorf("%d bulletins", found)
	}
}
