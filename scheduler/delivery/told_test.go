package delivery_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"duban/internal/series"
	"duban/internal/world"
	"duban/ledger"
	"duban/notify"
	"duban/rules/address"
	"duban/rules/calendar"
	"duban/scheduler/desk"
)

// readText is a mail's text part.
func readText(t testing.TB, raw []byte) string {
	t.Helper()
	text, err := notify.ReadText(raw)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func TestAdministratorsWithNamesAreReached(t *testing.T) {
	w, s := assigned(t)
	w.Settings().Admins = []address.Address{address.Must("管理员 <admin@x.example>"), address.Must("王 <wang@财政.中国>")}
	fill(t, w, 1)
	w.Deliver()
	for _, m := range s.Mails() {
		if !slices.Contains(m.To, "admin@x.example") {
			continue
		}
		if !slices.Equal(m.To, []string{"admin@x.example", "wang@财政.中国"}) && !slices.Equal(m.To, []string{"admin@x.example", "wang@xn--5bvu10g.xn--fiqs8s"}) {
			t.Errorf("the envelope names %q", m.To)
		}
		if head, _, _ := bytes.Cut(m.Raw, []byte("\r\n\r\n")); !bytes.Contains(head, []byte("=?utf-8?")) || !bytes.Contains(head, []byte("<wang@xn--5bvu10g.xn--fiqs8s>")) {
			t.Errorf("the names are not in the headers:\n%s", head)
		}
		return
	}
	t.Error("no mail to the administrators arrived")
}

// post is a mail system in which some addresses are bad: it refuses for good, or
// for the time being. It knows nothing of the ledger.
type post struct {
	bad   map[string]int // address: the code that it answers with
	mails []notify.Message
	// What was refused for good, by Message-ID and address.
	refused map[[2]string]bool
}

func (p *post) answer(m notify.Message) notify.Outcome {
	out := notify.Outcome{Reply: "250 ok", Refused: map[string]error{}}
	for _, to := range m.To {
		code, bad := p.bad[to]
		if !bad {
			continue
		}
		var err error = fmt.Errorf("%d no", code)
		if code >= 500 {
			err = &notify.RefusedError{Err: err}
		}
		out.Refused[to] = err
		if code >= 500 {
			p.refused[[2]string{m.Name, to}] = true
		}
	}
	if len(out.Refused) < len(m.To) {
		p.mails = append(p.mails, m)
	}
	return out
}

var numbered = regexp.MustCompile(`(?m)^(\d+)  `)

// A failure is named with whom it was for: a unit by its id, administrators as such.
func TestAFailureNamesWhomItWasFor(t *testing.T) {
	w := world.New(t, world.Rules(t, world.Ob("m", `["@all"]`, world.Monthly)), "2017-06-09 09:00")
	w.Settings().Admins = []address.Address{address.Must("admin@x.example"), address.Must("second@x.example")}
	p := &post{bad: map[string]int{"second@x.example": 550, "a@x.example": 550, "b@x.example": 550, "b2@x.example": 550}, refused: map[[2]string]bool{}}
	w.Mail.Answer(p.answer)
	w.TickNow()
	fill(t, w, 1)
	w.Deliver()
	for _, at := range []string{"09:00", "09:10"} {
		w.Tick(w.View().Workdays().Add(calendar.DayOf(w.Now), 1).String() + " " + at)
		w.Deliver()
	}
	said := ""
	for _, m := range p.mails {
		if slices.Contains(m.To, "admin@x.example") {
			said += readText(t, m.Raw)
		}
	}
	for _, want := range []string{`(?m)^\d+  \x{7ba1}\x{7406}\x{5458}  second@x\.example  `, `(?m)^\d+  b  b@x\.example  `} {
		if !regexp.MustCompile(want).MatchString(said) {
			t.Errorf("no %s in\n%s", want, said)
		}
	}
	if lines, named := numbered.FindAllString(said, -1), regexp.MustCompile(`(?m)^\d+  \S+  \S+@\S+  `).FindAllString(said, -1); len(lines) != len(named) {
		t.Errorf("%d failures are told, %d with their address, in\n%s", len(lines), len(named), said)
	}
}

// TestEveryFailureIsToldToSomebodyWithinADay is property (3) of issue 10: units,
// letters, administrators; refused at once, given up, or come back later.
func TestEveryFailureIsToldToSomebodyWithinADay(t *testing.T) {
	series.Of(t, 100)
	set := world.Rules(t, world.Ob("m", `["@all"]`, world.Monthly)+world.Ob("d", `["@all"]`, "cron=\"0 0 * * 1-5\"\npolicy=\"plain\"")+world.Ob("e", `["a"]`, "event=\"asked\"\nwithin=\"20 working days\"\npolicy=\"standard\""))
	addresses := []string{"a@x.example", "b@x.example", "b2@x.example", "copy@x.example", "c@x.example", "boss@x.example", "admin@x.example", "second@x.example"}
	rapid.Check(t, func(rt *rapid.T) {
		w := world.New(t, set, "2017-06-09 09:00")
		w.Settings().Admins = []address.Address{address.Must("admin@x.example"), address.Must("第二 <second@x.example>")}
		p := &post{bad: map[string]int{}, refused: map[[2]string]bool{}}
		w.Mail.Answer(p.answer)
		in := &inbox{}
		w.Sending.Inbox = in
		w.Reopen()
		known := map[[2]string]calendar.Date{} // refused: the day it was first seen
		told := func() map[string]bool {
			// Told is what stands in a mail that arrived at an administrator, or, where
			// mail reaches none of them, what doctor and board show.
			out := map[string]bool{}
			for _, m := range p.mails {
				if strings.Contains(strings.Join(m.To, " "), "admin@") || strings.Contains(strings.Join(m.To, " "), "second@") {
					for _, n := range numbered.FindAllStringSubmatch(readText(t, m.Raw), -1) {
						out[n[1]] = true
					}
				}
			}
			shown, err := w.Ledger.AdminFailures(context.Background())
			if err != nil {
				t.Fatal(err)
			}
			for _, f := range shown {
				out[fmt.Sprint(f.Notice)] = true
			}
			return out
		}
		check := func(today calendar.Date) {
			seen := told()
			_, adminBad := p.bad["admin@x.example"]
			_, secondBad := p.bad["second@x.example"]
			for key, since := range known {
				n, err := w.Ledger.NoticeByMessageID(context.Background(), key[0])
				if err != nil {
					t.Fatal(err)
				}
				if today > since && !seen[fmt.Sprint(n.ID)] && !(adminBad && secondBad) {
					rt.Fatalf("%s: notice %d (%s to %q) failed at %s on %s, and nobody was told", today, n.ID, n.Kind, n.Unit, key[1], since)
				}
			}
			for key := range p.refused {
				if _, ok := known[key]; !ok {
					known[key] = today
				}
			}
		}
		days := rapid.IntRange(3, 7).Draw(rt, "days")
		d := world.Date(t, "2017-06-12")
		for i := 0; i < days; d++ {
			if !w.View().Workdays().IsWorkingDay(d) {
				continue
			}
			i++
			for _, a := range addresses {
				switch rapid.IntRange(0, 5).Draw(rt, a) {
				case 0:
					p.bad[a] = 550
				case 1:
					p.bad[a] = 451
				case 2:
					delete(p.bad, a)
				}
			}
			for _, clock := range []string{" 09:00", " 12:00", " 17:00"} {
				w.Tick(d.String() + clock)
				if rapid.Bool().Draw(rt, "act") {
					letterAbout(w, "d/a/"+d.String())
				}
				if len(p.mails) > 0 && rapid.IntRange(0, 3).Draw(rt, "bounce") == 0 {
					m := p.mails[rapid.IntRange(0, len(p.mails)-1).Draw(rt, "of")]
					n, err := w.Ledger.NoticeByMessageID(context.Background(), m.Name)
					if err != nil {
						t.Fatal(err)
					}
					in.mails = []string{bounceOf(n, m.To[0])}
					if err := w.Daemon.Courier.ReadBounces(context.Background()); err != nil {
						t.Fatal(err)
					}
					p.refused[[2]string{m.Name, m.To[0]}] = true
				}
			}
			check(d)
		}
		// Once the addresses are right, all is told, mail to administrators too.
		p.bad = map[string]int{}
		for range 8 {
			for !w.View().Workdays().IsWorkingDay(d) {
				d++
			}
			w.Tick(d.String() + " 09:00")
			w.Tick(d.String() + " 15:00")
			d++
		}
		check(d)
		w.Verify()
	})
}

// letterAbout makes a letter where it can: a request about an occurrence.
func letterAbout(w *world.World, key string) {
	w.T.Helper()
	r, err := w.Desk.Ask(context.Background(), ledger.NotOursRequest, key, desk.Act{By: "a", Reason: "不归我们"})
	if err != nil {
		return // nothing open there, or asked already
	}
	if _, err := w.Desk.Decide(context.Background(), r.ID, false, desk.Act{By: "boss", Reason: "归"}); err != nil {
		w.T.Fatal(err)
	}
}

func TestFailuresAreFoundByNumbers(t *testing.T) {
	// Twelve failures of one second: as text, 10 sorts before 9.
	w := world.New(t, world.Rules(t, world.Ob("m", `["a"]`, world.Monthly)), "2017-06-09 09:00")
	w.Mail.Answer(func(m notify.Message) notify.Outcome {
		if slices.Contains(m.To, "a@x.example") {
			return notify.Outcome{Refused: map[string]error{"a@x.example": &notify.RefusedError{Err: errors.New("550 no")}}}
		}
		return notify.Outcome{}
	})
	add := func(from, to int) {
		err := w.Ledger.Update(context.Background(), func(tx ledger.Tx) error {
			for i := from; i <= to; i++ {
				n := &ledger.Notice{Kind: ledger.Letter, Day: w.View().Today(), State: ledger.Pending, Created: w.Now, NextTry: w.Now, GiveUp: w.View().GiveUp()}
				n.Unit, n.Subject, n.Text, n.MessageID = "a", "s", "t", fmt.Sprintf("n%d@x", i)
				if err := tx.AddNotice(n, ledger.Entry{At: w.Now, Actor: "test"}); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	add(1, 9)
	w.TickNow() // the nine and the assignment fail
	add(10, 13)
	w.Deliver() // in the same second
	w.Tick("2017-06-12 09:00")
	w.Tick("2017-06-13 09:00")
	told := map[string]bool{}
	for _, m := range w.Mail.Mails() {
		if m.To[0] == "admin@x.example" {
			for _, n := range numbered.FindAllStringSubmatch(readText(t, m.Raw), -1) {
				told[n[1]] = true
			}
		}
	}
	if len(told) != 14 {
		t.Errorf("%d failures were told, want 14: %v", len(told), told)
	}
}

func TestLettersSayTheirActInTheLanguageOfTheirFirstAttempt(t *testing.T) {
	w := world.New(t, world.RulesWith(t, strings.Replace(world.PlanHead, "title", "review = true\ntitle", 1), world.Ob("m", `["b"]`, world.Monthly)), "2017-06-09 09:00")
	w.Settings().Links.Unit = func(unit string, _ time.Time) string { return "https://d.example/u/" + unit }
	w.Settings().Links.Supervisor = func(unit string, _ time.Time) string { return "https://d.example/s/" + unit }
	w.Settings().Links.Item = func(o *ledger.Occurrence, _ time.Time) string { return "https://d.example/o/" + o.Key() }
	w.TickNow()
	ctx := context.Background()
	key := "m/b/2017-06"
	last := func() notify.Message { return w.Mail.Mails()[len(w.Mail.Mails())-1] }
	want := func(to, subject string, parts ...string) {
		t.Helper()
		w.Deliver()
		m := last()
		n, err := w.Ledger.NoticeByMessageID(ctx, m.Name)
		if err != nil {
			t.Fatal(err)
		}
		if n.Kind != ledger.Letter || m.To[0] != to || n.Subject != subject {
			t.Errorf("%s to %s: %s; want %s", n.Kind, m.To[0], n.Subject, subject)
		}
		text := readText(t, m.Raw)
		for _, p := range parts {
			if !strings.Contains(text, p) {
				t.Errorf("%q is missing in\n%s", p, text)
			}
		}
	}
	r, err := w.Desk.Ask(ctx, ledger.ExtensionRequest, key, desk.Act{By: "b", To: world.Date(t, "2017-08-01"), Reason: "缺数据"})
	if err != nil {
		t.Fatal(err)
	}
	want("boss@x.example", "【待审】乙局：申请延期", "申请延至：2017-08-01", "理由：缺数据", "https://d.example/s/boss")
	if _, err := w.Desk.Decide(ctx, r.ID, true, desk.Act{By: "boss"}); err != nil {
		t.Fatal(err)
	}
	want("b@x.example", "[Extension] Bureau B: the extension is granted", "Item: Item m", "Due: 2017-08-01")
	if _, err := w.Desk.Do(ctx, desk.Done, key, desk.Act{By: "b", Evidence: "https://x.example/1"}); err != nil {
		t.Fatal(err)
	}
	want("boss@x.example", "【待审】乙局：已报告办结，请审核", "链接：https://x.example/1")
	if _, err := w.Desk.Do(ctx, desk.Return, key, desk.Act{By: "boss", Reason: "附件不全"}); err != nil {
		t.Fatal(err)
	}
	// The unit wants Chinese before the letter leaves, and English again once it was tried.
	units := func(language string) {
		set := w.Daemon.Rules()
		set.Unit("b").Language = language
		w.Daemon.SetRules(set)
	}
	units("zh-CN")
	w.Mail.Answer(func(m notify.Message) notify.Outcome {
		return notify.Outcome{Err: errors.New("451 later")}
	})
	w.Deliver()
	units("en")
	w.Mail.Answer(nil)
	w.Now = w.Now.Add(5 * time.Minute)
	want("b@x.example", "【退回】乙局：报告被退回", "理由：附件不全", "https://d.example/o/m/b/2017-06")
	w.Verify()
}

func TestALetterThatIsSettledDoesNotLeave(t *testing.T) {
	w := world.New(t, world.Rules(t, world.Ob("m", `["a"]`, world.Monthly)), "2017-06-09 09:00")
	w.TickNow()
	w.At("2017-06-09 18:00") // after hours
	ctx := context.Background()
	r, err := w.Desk.Ask(ctx, ledger.NotOursRequest, "m/a/2017-06", desk.Act{By: "a", Reason: "x"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Desk.Decide(ctx, r.ID, false, desk.Act{By: "boss", Reason: "归你们"}); err != nil {
		t.Fatal(err)
	}
	before := len(w.Mail.Mails())
	w.Tick("2017-06-12 09:00")
	if sent := w.Mail.Mails()[before:]; len(sent) != 1 || sent[0].To[0] != "a@x.example" {
		t.Errorf("%d mails left; only the answer was true", len(sent))
	}
}

func TestMailGoesToTheAddressOfItsFirstAttempt(t *testing.T) {
	set := world.Rules(t, world.Ob("m", `["a"]`, world.Monthly))
	w := world.New(t, set, "2017-06-09 18:00") // after hours
	w.TickNow()
	move := func(to string) {
		set.Unit("a").Mail = []string{to}
		w.Daemon.SetRules(set)
	}
	move("new@x.example")
	w.Mail.Answer(func(notify.Message) notify.Outcome {
		return notify.Outcome{Err: errors.New("451 later")}
	})
	w.Tick("2017-06-12 09:00")
	if n := w.NoticeTo("a"); n.Attempts != 1 || n.Recipients[0].Address != "new@x.example" {
		t.Fatalf("first tried for %+v", n.Recipients)
	}
	move("newest@x.example")
	w.Mail.Answer(nil)
	w.Tick("2017-06-12 10:00")
	if to := w.Mail.Mails()[0].To; !slices.Equal(to, []string{"new@x.example"}) || w.NoticeTo("a").State != ledger.Sent {
		t.Errorf("a mail that was tried went on to %v", to)
	}

	// A server that is down was asked nothing about the mail; a person's retry composes anew.
	set = world.Rules(t, world.Ob("m", `["a"]`, world.Monthly))
	w = world.New(t, set, "2017-06-09 09:00")
	w.Mail.Answer(func(notify.Message) notify.Outcome {
		return notify.Outcome{Err: &notify.DownError{Err: fmt.Errorf("refused")}}
	})
	w.TickNow()
	move("new@x.example")
	w.Mail.Answer(func(notify.Message) notify.Outcome {
		return notify.Outcome{Refused: map[string]error{"new@x.example": &notify.RefusedError{Err: errors.New("550 no")}}}
	})
	w.Tick("2017-06-09 10:00")
	if n := w.NoticeTo("a"); n.State != ledger.Failed || n.Recipients[0].Address != "new@x.example" {
		t.Fatalf("%s %+v", n.State, n.Recipients)
	}
	move("newest@x.example")
	w.Mail.Answer(nil)
	if err := w.Desk.MoveNotice(context.Background(), w.NoticeTo("a").ID, ledger.Pending, "test", ledger.Failed); err != nil {
		t.Fatal(err)
	}
	w.Tick("2017-06-09 11:00")
	if n := w.NoticeTo("a"); n.State != ledger.Sent || len(n.Recipients) != 1 || n.Recipients[0].Address != "newest@x.example" || !bytes.Contains(w.Mail.Mails()[0].Raw, []byte("newest@x.example")) {
		t.Errorf("%s %+v", n.State, n.Recipients)
	}
	w.Verify()
}

// A mail says until what time of the day, by the plan's close of business.
func TestAMailSaysTheHourOfItsPlan(t *testing.T) {
	for head, want := range map[string]string{"": "17:30", "close_of_business = \"12:00\"\n": "12:00"} {
		w := world.New(t, world.RulesWith(t, head+world.PlanHead, world.Ob("m", `["a"]`, world.Monthly)), "2017-06-09 09:00")
		w.TickNow()
		w.Days("2017-07-03", "2017-07-19")
		said := 0
		for _, m := range w.Mail.Mails() {
			if text := readText(t, m.Raw); slices.Contains(m.To, "a@x.example") && strings.Contains(text, "m/a/2017-06") && strings.Contains(text, want) {
				said++
			}
		}
		if said == 0 {
			t.Errorf("no mail says %s", want)
		}
	}
}

// Who answers a mail answers its supervisor, and where there is none the first administrator.
func TestWhoAnswersReachesWhoSupervises(t *testing.T) {
	for supervisor, want := range map[string]string{"": "admin@x.example", "supervisor=\"zfb\"\n": "zfb@x.example"} {
		w := world.New(t, world.RulesFrom(t, world.PlanHead, "[[unit]]\nid=\"zfb\"\nname=\"府办\"\nmail=[\"zfb@x.example\"]\n[[unit]]\nid=\"a\"\nname=\"甲局\"\nmail=[\"a@x.example\"]\n"+supervisor, world.Ob("m", `["a"]`, world.Monthly)), "2017-06-09 09:00")
		w.Settings().Admins = []address.Address{address.Must("admin@x.example"), address.Must("second@x.example")}
		w.TickNow()
		answers := 0
		for _, m := range w.Mail.Mails() {
			if slices.Contains(m.To, "a@x.example") && bytes.Contains(m.Raw, []byte("Reply-To: <"+want+">")) {
				answers++
			}
		}
		if answers != 1 {
			t.Errorf("with %q, %d mails are answered to %s", supervisor, answers, want)
		}
	}
}

// Sent again by a person, a mail goes to the addresses of now, but for those that have it.
func TestWhatIsSentAgainGoesToThoseWhoHaveItNot(t *testing.T) {
	set := world.Rules(t, world.Ob("m", `["b"]`, world.Monthly))
	w := world.New(t, set, "2017-06-09 09:00")
	w.Mail.Answer(func(m notify.Message) notify.Outcome {
		return notify.Outcome{Refused: map[string]error{"b@x.example": &notify.RefusedError{Err: errors.New("550 no")}}}
	})
	w.TickNow()
	w.Mail.Answer(nil)
	set.Unit("b").Mail = []string{"fresh@x.example", "b2@x.example"}
	w.Daemon.SetRules(set)
	before := len(w.Mail.Mails())
	n := w.NoticeTo("b")
	if err := w.Desk.MoveNotice(context.Background(), n.ID, ledger.Pending, "test", n.State); err != nil {
		t.Fatal(err)
	}
	w.Deliver()
	var to [][]string
	for _, m := range w.Mail.Mails()[before:] {
		to = append(to, m.To)
	}
	if n := w.NoticeTo("b"); n.State != ledger.Sent || len(to) != 1 || !slices.Equal(to[0], []string{"fresh@x.example"}) {
		t.Errorf("%s: it went to %v", n.State, to)
	}
	w.Verify()
}

func TestWhatNoMailCanBeMadeOfFailsByItself(t *testing.T) {
	set := world.Rules(t, world.Ob("m", `["@all"]`, world.Monthly))
	w := world.New(t, set, "2017-06-09 09:00")
	set.Unit("a").Mail = nil                      // with a channel an address is not needed
	set.Unit("c").Mail = []string{"c at nowhere"} // of an older version
	w.TickNow()
	if got := w.States(); got[ledger.Sent] != 1 || got[ledger.Failed] != 2 {
		t.Errorf("%v", got)
	}
	w.Tick("2017-06-12 09:00")
	text := readText(t, w.Mail.Mails()[len(w.Mail.Mails())-1].Raw)
	if !strings.Contains(text, "no address") || !strings.Contains(text, "c at nowhere") {
		t.Errorf("the administrators hear\n%s", text)
	}
}
