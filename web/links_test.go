package web

import (
	"net/http"
	"os"
	"regexp"
	"strings"
	"testing"

	ics "github.com/arran4/golang-ical"

	"duban/ledger"
	"duban/notify"
	"duban/scheduler/desk"
	"duban/scheduler/engine"
)

// path is what of an address comes after the host.
func (w *world) after(address string) string { return strings.TrimPrefix(address, w.http.URL) }

func TestAUnitReportsByTheLinkInItsMail(t *testing.T) {
	w := newWorld(t)
	w.at("2026-06-09 09:00") // three working days before 12 June
	w.tick()
	link := ""
	for _, m := range w.mail.mails {
		text, err := notify.ReadText(m.Raw)
		if err != nil {
			t.Fatal(err)
		}
		if found := regexp.MustCompile(w.http.URL + `/o/\S+`).FindString(text); found != "" && strings.Contains(text, "1.1-budget/a/2026-05") {
			link = found
		}
	}
	if link == "" {
		t.Fatal("no mail carries a link")
	}
	b := w.browser()
	code, body := b.get(link + "?lang=en")
	wants(t, code, body, 200, "Publish figures", "2026-06-12", "working days left", "2026-05")
	code, body = b.post(link + "/done")
	wants(t, code, body, 422, "A link to what was published is needed.")
	code, body = b.post(link+"/done", "evidence", "javascript:alert(1)")
	wants(t, code, body, 422, "is no link")
	code, body = b.post(link+"/done", "evidence", "https://x.example/1", "note", "two\r\nlines", "date", "2026-06-02")
	wants(t, code, body, 303)
	o := w.find("1.1-budget/a/2026-05")
	if o.State != ledger.StateClosed || o.Evidence != "https://x.example/1" || o.Note != "two\nlines" || o.ReportedBy != "a" {
		t.Errorf("after the report: %+v", o)
	}
	if !o.ReportedAt.Equal(w.now()) {
		t.Errorf("a unit reported into the past: %s", o.ReportedAt)
	}
	code, body = b.get(link)
	wants(t, code, body, 200, "closed", "https://x.example/1")

	// Replayed: it says how it stands, and changes nothing.
	mark := w.ledgerMark()
	code, body = b.post(link+"/done", "evidence", "https://evil.example/")
	wants(t, code, body, 422, "closed")
	if w.ledgerMark() != mark {
		t.Error("a replayed report changed something")
	}
}

func TestALinkThatIsNotGoodOpensNothing(t *testing.T) {
	w := newWorld(t)
	a, other := w.find("1.1-budget/a/2026-05"), w.find("1.1-budget/b/2026-05")
	good := w.after(w.Links.Item(a, w.now()))
	parts := strings.Split(good, "/") // "", o, id, expires, mac
	unit := strings.Split(w.after(w.Links.Unit("a", w.now())), "/")
	foreign := strings.Split(w.after(w.Links.Item(other, w.now())), "/")
	boss := strings.Split(w.after(w.Links.Supervisor("boss", w.now())), "/")
	feed := strings.Split(w.after(w.Links.Feed("a", lastDay(w.now()))), "/") // "", feed, unit, expires, mac, duban.ics
	expired := w.after(w.Links.Item(a, w.now().AddDate(0, 0, -linkDays-1)))
	mark := w.ledgerMark()
	for rule, c := range map[string]struct {
		path string
		code int
	}{
		"another signature":               {strings.Join([]string{"", "o", parts[2], parts[3], strings.Repeat("A", len(parts[4]))}, "/"), 403},
		"a cut signature":                 {good[:len(good)-1], 403},
		"none":                            {strings.Join([]string{"", "o", parts[2], parts[3], "x"}, "/"), 403},
		"a later last day":                {strings.Join([]string{"", "o", parts[2], "99999", parts[4]}, "/"), 403},
		"a last day that is none":         {strings.Join([]string{"", "o", parts[2], "soon", parts[4]}, "/"), 403},
		"another occurrence":              {strings.Join([]string{"", "o", foreign[2], parts[3], parts[4]}, "/"), 403},
		"an occurrence that is not there": {strings.Join([]string{"", "o", "4711", parts[3], parts[4]}, "/"), 403},
		"expired":                         {expired, 410},
		"another unit":                    {strings.Join([]string{"", "u", "b", unit[3], unit[4]}, "/"), 403},
		"an item's for a unit":            {strings.Join([]string{"", "u", "a", parts[3], parts[4]}, "/"), 403},
		"a feed's for a unit":             {strings.Join([]string{"", "u", "a", feed[3], feed[4]}, "/"), 403},
		"a unit's for a feed":             {strings.Join([]string{"", "feed", "a", unit[3], unit[4], "duban.ics"}, "/"), 403},
		"another unit's feed":             {strings.Join([]string{"", "feed", "b", feed[3], feed[4], "duban.ics"}, "/"), 403},
		"a unit's for a supervisor":       {strings.Join([]string{"", "s", "a", unit[3], unit[4]}, "/"), 403},
		"a supervisor's for a unit":       {strings.Join([]string{"", "u", "boss", boss[3], boss[4]}, "/"), 403},
		"a supervisor's for another":      {strings.Join([]string{"", "s", "a", boss[3], boss[4]}, "/"), 403},
	} {
		b := w.browser()
		code, body := b.get(c.path)
		wants(t, code, body, c.code)
		if strings.Contains(body, "公布收支") || strings.Contains(body, "Publish figures") {
			t.Errorf("%s: it shows the item", rule)
		}
		if strings.Contains(c.path, "/feed/") || strings.Contains(c.path, "/u/") { // where nothing is posted
			continue
		}
		for _, what := range []string{"done", "extend", "not-ours", "grant", "accept"} {
			if code, _ := b.post(c.path+"/"+what, "evidence", "https://x.example/", "reason", "r", "to", "2026-07-01", "id", "1"); code != c.code {
				t.Errorf("%s: POST %s answered %d, want %d", rule, what, code, c.code)
			}
		}
	}
	if w.ledgerMark() != mark {
		t.Error("a bad link changed something")
	}
	// A new key kills every link, at once.
	all := []string{good, w.after(w.Links.Unit("a", w.now())), w.after(w.Links.Feed("a", lastDay(w.now())))}
	for _, link := range all {
		if code, _ := w.browser().get(link); code != 200 {
			t.Errorf("%s: %d before the rotation", link, code)
		}
	}
	if err := RotateKey(w.path("link.key"), true); err != nil {
		t.Fatal(err)
	}
	for _, link := range all {
		if code, _ := w.browser().get(link); code != 403 {
			t.Errorf("%s: %d after the rotation", link, code)
		}
	}
	if info, err := os.Stat(w.path("link.key")); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the key may be read by others: %v %v", info.Mode(), err)
	}
}

func TestAScannerThatOpensEveryLinkChangesNothing(t *testing.T) {
	w := newWorld(t)
	for _, now := range []string{"2026-06-09 09:00", "2026-06-12 09:00", "2026-06-17 09:00", "2026-06-22 09:00"} {
		w.at(now)
		w.tick()
	}
	links := map[string]bool{}
	for _, m := range w.mail.mails {
		for _, link := range regexp.MustCompile(w.http.URL+`[^\s"'<>\\#]+`).FindAllString(string(decoded(t, m.Raw)), -1) {
			links[link] = true
		}
	}
	if len(links) < 5 {
		t.Fatalf("the mails carry %d links", len(links))
	}
	mark := w.ledgerMark()
	b := w.browser()
	seen := map[string]bool{}
	for len(links) > 0 { // and all that those pages link to
		for link := range links {
			delete(links, link)
			seen[link] = true
			for _, method := range []string{http.MethodHead, http.MethodGet} {
				code, body := b.do(b.request(method, link))
				if code != 200 {
					t.Errorf("%s %s: %d", method, link, code)
				}
				for _, m := range regexp.MustCompile(`(?:href|action)="([^"#?]+)`).FindAllStringSubmatch(body, -1) {
					next := m[1]
					if strings.HasPrefix(next, "/o/") || strings.HasPrefix(next, "/u/") || strings.HasPrefix(next, "/s/") {
						next = w.http.URL + next
					}
					if strings.HasPrefix(next, w.http.URL) && !seen[next] && !regexp.MustCompile(`/(done|extend|not-ours|grant|refuse|accept|return|progress|retract|urge|transfer|waive)$`).MatchString(next) {
						links[next] = true
					}
				}
			}
		}
	}
	// Even the addresses that forms go to do nothing when they are opened.
	for link := range seen {
		for _, what := range []string{"done", "not-ours", "extend", "grant"} {
			if code, _ := b.get(link + "/" + what + "?evidence=https://x.example&reason=r&to=2026-09-01&id=1"); code == 200 || code == 303 {
				t.Errorf("GET %s/%s: %d", link, what, code)
			}
		}
	}
	if w.ledgerMark() != mark {
		t.Error("opening links changed something")
	}
}

func decoded(t *testing.T, raw []byte) []byte {
	t.Helper()
	text, err := notify.ReadText(raw)
	if err != nil {
		t.Fatal(err)
	}
	return []byte(text)
}

func TestAUnitAsksAndItsSupervisorDecides(t *testing.T) {
	w := newWorld(t)
	b, boss := w.browser(), w.browser()
	item := w.Links.Item(w.find("1.1-budget/a/2026-05"), w.now())
	code, body := b.post(item+"/extend", "to", "2026-06-01", "reason", "系统检修")
	wants(t, code, body, 422, "is not later than the due date")
	code, body = b.post(item+"/extend", "to", "2026-06-19")
	wants(t, code, body, 422, "Say why.")
	code, body = b.post(item+"/extend", "to", "next week", "reason", "系统检修")
	wants(t, code, body, 422, "is no date")
	code, body = b.post(item+"/extend", "to", "2026-06-19", "reason", "系统检修")
	wants(t, code, body, 303)
	code, body = b.post(item+"/extend", "to", "2026-06-26", "reason", "again")
	wants(t, code, body, 422, "already")
	code, body = b.get(item)
	wants(t, code, body, 200, "waits for an answer")
	if due := w.find("1.1-budget/a/2026-05").Due; due != day(t, "2026-06-12") {
		t.Errorf("asking moved the due date to %s", due)
	}

	// The supervisor is told by mail, and decides behind its own link.
	w.tick()
	last := w.mail.mails[len(w.mail.mails)-1]
	text := string(decoded(t, last.Raw))
	link := regexp.MustCompile(w.http.URL + `/s/boss/\S+`).FindString(text)
	if last.To[0] != "boss@x.example" || link == "" || !strings.Contains(text, "系统检修") || !strings.Contains(text, "2026-06-19") {
		t.Fatalf("the supervisor's mail to %v:\n%s", last.To, text)
	}
	code, body = boss.get(link)
	wants(t, code, body, 200, "系统检修", "2026-06-19")
	code, body = boss.post(link+"/refuse", "id", "1")
	wants(t, code, body, 422, "Say why.")
	code, body = boss.post(link+"/grant", "id", "1", "to", "2026-06-18")
	wants(t, code, body, 303)
	if o := w.find("1.1-budget/a/2026-05"); o.Due != day(t, "2026-06-18") || o.FirstDue != day(t, "2026-06-12") || !o.Extended() {
		t.Errorf("granted: %+v", o)
	}
	code, body = boss.post(link+"/grant", "id", "1")
	wants(t, code, body, 422, "granted already")
	// The unit hears of it.
	w.tick()
	last = w.mail.mails[len(w.mail.mails)-1]
	if text := string(decoded(t, last.Raw)); last.To[0] != "a@x.example" || !strings.Contains(text, "已批准") || !strings.Contains(text, "2026-06-18") {
		t.Errorf("the unit's mail to %v:\n%s", last.To, text)
	}

	// Another unit's link decides on nothing.
	foreign := w.Links.Supervisor("b", w.now())
	code, body = b.post(item+"/not-ours", "reason", "属乙镇")
	wants(t, code, body, 303)
	code, body = w.browser().post(foreign+"/grant", "id", "2")
	wants(t, code, body, 404)
	code, body = boss.post(link+"/refuse", "id", "2", "reason", "按方案仍由贵局承担")
	wants(t, code, body, 303)
	if o := w.find("1.1-budget/a/2026-05"); o.State != ledger.StateOpen {
		t.Errorf("refused, but it is %s", o.State)
	}
	code, body = b.post(item+"/not-ours", "reason", "确属乙镇")
	wants(t, code, body, 303)
	code, body = boss.post(link+"/grant", "id", "3")
	wants(t, code, body, 422, "Say to which unit")
	code, body = boss.post(link+"/grant", "id", "3", "unit", "boss")
	wants(t, code, body, 303)
	if o := w.find("1.1-budget/boss/2026-05"); o.State != ledger.StateOpen {
		t.Errorf("granted that it is not theirs, but it is %s", o.State)
	}

	// After the due date nobody asks for more time.
	w.at("2026-06-12 17:31")
	late := w.Links.Item(w.find("1.1-budget/b/2026-05"), w.now())
	code, body = b.post(late+"/extend", "to", "2026-06-19", "reason", "late")
	wants(t, code, body, 422, "before the due date")
	if v, err := w.ledger.Verify(t.Context()); err != nil || len(v.Problems) > 0 {
		t.Errorf("verify: %v %v", v.Problems, err)
	}
}

func TestWithReviewTheSupervisorAcceptsOrReturns(t *testing.T) {
	w := newWorld(t)
	w.write("plan/plan.toml", strings.Replace(planText, "title =", "review = true\ntitle =", 1))
	w.s.Reload(t.Context(), w.load)
	w.tick()
	b := w.browser()
	item, boss := w.Links.Item(w.find("1.1-budget/a/2026-05"), w.now()), w.Links.Supervisor("boss", w.now())
	code, body := b.post(item+"/done", "evidence", "https://x.example/1")
	wants(t, code, body, 303)
	code, body = b.get(boss)
	wants(t, code, body, 200, "https://x.example/1", "Reported done")
	id := w.find("1.1-budget/a/2026-05").ID
	code, body = b.post(boss+"/return", "id", itoa(int(id)), "reason", "缺附件")
	wants(t, code, body, 303)
	if o := w.find("1.1-budget/a/2026-05"); o.State != ledger.StateOpen || o.Reason != "缺附件" {
		t.Errorf("returned: %+v", o)
	}
	w.tick()
	if text := string(decoded(t, w.mail.mails[len(w.mail.mails)-1].Raw)); !strings.Contains(text, "缺附件") || !strings.Contains(text, "/o/") {
		t.Errorf("the unit is not told what is missing:\n%s", text)
	}
	code, body = b.post(item+"/done", "evidence", "https://x.example/2")
	wants(t, code, body, 303)
	code, body = b.post(boss+"/accept", "id", itoa(int(id)))
	wants(t, code, body, 303)
	if o := w.find("1.1-budget/a/2026-05"); o.State != ledger.StateClosed {
		t.Errorf("accepted: %+v", o)
	}
}

func TestTheFeedIsACalendarThatFollowsTheLedger(t *testing.T) {
	w := newWorld(t)
	read := func() map[string]*ics.VEvent {
		t.Helper()
		code, body := w.browser().get(w.Links.Feed("a", lastDay(w.now())))
		wants(t, code, body, 200)
		cal, err := ics.ParseCalendar(strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		out := map[string]*ics.VEvent{}
		for _, e := range cal.Events() {
			out[e.Id()] = e
		}
		return out
	}
	uid := engine.UID("p", "1.1-budget/a/2026-05")
	before := read()[uid]
	if before == nil || before.GetProperty(ics.ComponentPropertyDtStart).Value != "20260612" || before.GetProperty(ics.ComponentPropertySequence).Value != "0" {
		t.Fatalf("before: %v", before)
	}
	if _, err := w.desk.Do(t.Context(), desk.Extend, "1.1-budget/a/2026-05", desk.Act{By: "t", To: day(t, "2026-06-18"), Reason: "r"}); err != nil {
		t.Fatal(err)
	}
	after := read()[uid]
	if after.GetProperty(ics.ComponentPropertyDtStart).Value != "20260618" || after.GetProperty(ics.ComponentPropertySequence).Value != "1" {
		t.Errorf("after an extension: %v", after)
	}
	for id := range read() {
		if strings.Contains(id, "/b/") {
			t.Errorf("the feed shows another unit's %s", id)
		}
	}
}
