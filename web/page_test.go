package web

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"duban/ledger"
	"duban/notify"
	"duban/rules"
	"duban/rules/calendar"
	"duban/rules/catalogue"
	"duban/scheduler/desk"
)

// What the page puts together out of names of ours has words in both languages.
func TestEveryNameHasWords(t *testing.T) {
	var keys []string
	add := func(prefix string, names ...string) {
		for _, n := range names {
			keys = append(keys, prefix+n)
		}
	}
	add("basis ", "text", "assumed")
	add("role ", "admin", "viewer")
	add("notice ", "assignment", "reminder", "escalation", "admin")
	add("request ", "extension", "not-ours")
	add("decision ", "open", "granted", "refused")
	add("reminder ", "upcoming", "due", "overdue", "escalation")
	add("thanks ", "done", "extend", "not-ours", "grant", "refuse", "accept", "return")
	for _, s := range ledger.States {
		keys = append(keys, s.TextKey())
	}
	for _, s := range mailStates {
		add("mail ", string(s))
	}
	for _, key := range keys {
		for _, language := range rules.Languages {
			if !catalogue.In(language).Has(key) {
				t.Errorf("%s has no words for %q", language, key)
			}
		}
	}
}

func TestTextStandsOutFromItsGround(t *testing.T) {
	data, err := files.ReadFile("static/style.css")
	if err != nil {
		t.Fatal(err)
	}
	schemes := regexp.MustCompile(`:root \{([^}]*)\}`).FindAllStringSubmatch(string(data), -1)
	if len(schemes) != 2 {
		t.Fatalf("%d colour schemes, want light and dark", len(schemes))
	}
	for i, s := range schemes {
		colour := map[string]string{}
		for _, m := range regexp.MustCompile(`--([a-z-]+): (#[0-9a-f]{6})`).FindAllStringSubmatch(s[1], -1) {
			colour[m[1]] = m[2]
		}
		for _, pair := range [][2]string{
			{"text", "back"}, {"text", "panel"}, {"quiet", "back"}, {"quiet", "panel"}, {"link", "back"}, {"link", "panel"}, {"red", "back"}, {"red", "panel"},
			{"red", "red-back"}, {"yellow", "yellow-back"}, {"green", "green-back"}, {"grey", "grey-back"}, {"yellow", "back"},
		} {
			// WCAG 2.2, 1.4.3: at least 4.5 to 1.
			if c := contrast(t, colour[pair[0]], colour[pair[1]]); c < 4.5 {
				t.Errorf("scheme %d: %s on %s has a contrast of %.1f", i, pair[0], pair[1], c)
			}
		}
	}
}

// contrast of two colours (WCAG 2.2, "contrast ratio").
func contrast(t *testing.T, a, b string) float64 {
	t.Helper()
	luminance := func(s string) float64 {
		n, err := strconv.ParseUint(strings.TrimPrefix(s, "#"), 16, 32)
		if err != nil {
			t.Fatalf("colour %q: %v", s, err)
		}
		sum := 0.0
		for i, weight := range []float64{0.0722, 0.7152, 0.2126} {
			c := float64(n>>(8*i)&0xff) / 255
			if c <= 0.04045 {
				c /= 12.92
			} else {
				c = math.Pow((c+0.055)/1.055, 2.4)
			}
			sum += weight * c
		}
		return sum
	}
	x, y := luminance(a), luminance(b)
	return (max(x, y) + 0.05) / (min(x, y) + 0.05)
}

func TestTheBoardAgreesWithTheLedger(t *testing.T) {
	w := newWorld(t)
	b := w.signedInAs("root", ledger.RoleAdmin)
	counts := func() map[rules.Light]int {
		out := map[rules.Light]int{}
		found, err := ledger.AllOccurrences(t.Context(), w.ledger, ledger.Query{})
		if err != nil {
			t.Fatal(err)
		}
		for _, o := range found {
			if o.State != ledger.StateCancelled {
				out[w.standing.view().Light(o)]++
			}
		}
		return out
	}
	check := func(when string) {
		t.Helper()
		code, body := b.get("/")
		wants(t, code, body, 200)
		for light, n := range counts() {
			if !strings.Contains(body, fmt.Sprintf(`class="light %s"><span class="big">%d</span>`, light, n)) {
				t.Errorf("%s: the board does not show %d %s:\n%s", when, n, light, plain(body))
			}
		}
	}
	check("at first")
	w.at("2026-06-09 09:00")
	check("when yellow has come")
	if _, err := w.desk.Do(t.Context(), desk.Done, "1.1-budget/a/2026-05", desk.Act{By: "t", Evidence: "https://x.example/"}); err != nil {
		t.Fatal(err)
	}
	check("after a report")
	w.at("2026-06-12 17:31")
	check("a minute after close of business")
	code, body := b.get("/?unit=a&light=grey")
	wants(t, code, body, 200)
	if strings.Contains(body, "乙镇</a></th>") {
		t.Error("the filter lets other units through")
	}
	code, body = b.get("/occurrences?light=red")
	wants(t, code, body, 200, "/occurrence/p/1.1-budget/b/2026-05", "late")
	code, body = b.get("/year/2026?lang=zh-CN")
	wants(t, code, body, 200, "2026-06-12", "端午节", "调休上班")
}

func TestEventsComePageByPageTheLatestFirst(t *testing.T) {
	w := newWorld(t)
	b := w.signedInAs("someone", ledger.RoleViewer)
	err := w.ledger.Update(t.Context(), func(tx ledger.Tx) error {
		for i := range 2*listRows + 50 {
			e := &ledger.Event{Name: "request", Unit: "a", Key: fmt.Sprintf("number-%03d.", i), Day: calendar.DateOf(2026, 1, 1+i/9), Recorded: w.clock()}
			if err := tx.AddEvent(e, ledger.Entry{At: w.clock(), Actor: "t"}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	next, pages, n := regexp.MustCompile(`href="(/events\?after=\d+)"`), 0, 2*listRows+50
	for path := "/events"; path != ""; pages++ {
		code, body := b.get(path)
		if code != 200 {
			t.Fatalf("%s: %d", path, code)
		}
		for _, key := range regexp.MustCompile(`<td data-label="[^"]*">number-(\d+)\.</td>`).FindAllStringSubmatch(body, -1) {
			if n--; key[1] != fmt.Sprintf("%03d", n) {
				t.Fatalf("%s shows %s, where %03d should come", path, key[1], n)
			}
		}
		if path = ""; next.MatchString(body) {
			path = next.FindStringSubmatch(body)[1]
		}
	}
	if n != 0 || pages != 3 {
		t.Errorf("%d were not shown, on %d pages", n, pages)
	}
	if code, _ := b.get("/events?after=99999"); code != 404 {
		t.Errorf("after one that is not there: %d", code)
	}
}

func TestASecondEventOfOneDayIsAskedForAndStored(t *testing.T) {
	w := newWorld(t)
	b := w.signedInAs("root", ledger.RoleAdmin)
	code, body := b.post("/events", "name", "request", "unit", "a", "date", "2026-05-28")
	wants(t, code, body, 303)
	code, body = b.post("/events", "name", "request", "unit", "a", "date", "2026-05-28")
	wants(t, code, body, 422, "recorded already", "Record a second one")
	code, body = b.post("/events", "name", "request", "unit", "a", "date", "2026-05-28", "another", "1")
	wants(t, code, body, 303)
	if events, err := ledger.AllEvents(t.Context(), w.ledger, ledger.EventQuery{Key: "2026-05-28-2"}); err != nil || len(events) != 1 {
		t.Errorf("a second event of one day: %v, %v", events, err)
	}
	code, body = b.post("/events", "name", "request", "unit", "a", "date", "2026-05-28", "key", "2026-05-28-2")
	wants(t, code, body, 422, "another key")
}

func TestAnAdministratorDoesTheWork(t *testing.T) {
	w := newWorld(t)
	b := w.signedInAs("root", ledger.RoleAdmin)
	const item = "/occurrence/p/1.1-budget/a/2026-05"
	code, body := b.post(item+"/waive", "reason", "no longer asked for")
	wants(t, code, body, 303)
	code, body = b.get(item)
	wants(t, code, body, 200, "waived", "no longer asked for", "How the date was counted")
	code, body = b.post(item+"/done", "evidence", "https://x.example/")
	wants(t, code, body, 422, "waived")
	code, body = b.post(item + "/reopen")
	wants(t, code, body, 303)
	code, body = b.post(item+"/extend", "by", "5 working days", "reason", "agreed")
	wants(t, code, body, 303)
	if o := w.find("1.1-budget/a/2026-05"); o.Due != day(t, "2026-06-22") {
		t.Errorf("extended to %s", o.Due)
	}
	code, body = b.post(item+"/extend", "by", "some days", "reason", "agreed")
	wants(t, code, body, 422, "is no distance")

	// Events start clocks; they can be stopped, and events withdrawn.
	code, body = b.post("/events", "name", "request", "unit", "a", "date", "2026-07-01", "title", "粤府函65号")
	wants(t, code, body, 422, "has not come yet")
	code, body = b.post("/events", "name", "request", "unit", "a", "date", "2026-05-29", "title", "粤府函65号", "key", "65")
	wants(t, code, body, 303)
	const answer = "/occurrence/p/1.2-answer/a/65"
	code, body = b.post(answer+"/pause", "reason", "补正")
	wants(t, code, body, 303)
	w.at("2026-06-05 09:00")
	code, body = b.post(answer + "/resume")
	wants(t, code, body, 303)
	code, body = b.get(answer)
	wants(t, code, body, 200, "clock stopped")
	code, body = b.post("/events/withdraw", "key", "request/a/65")
	wants(t, code, body, 422, "Say why.")
	code, body = b.post("/events/withdraw", "key", "request/a/65", "reason", "误登")
	wants(t, code, body, 303)
	if o := w.find("1.2-answer/a/65"); o.State != ledger.StateCancelled {
		t.Errorf("its event is withdrawn, but it is %s", o.State)
	}

	// The outbox.
	code, body = b.get("/outbox/1")
	wants(t, code, body, 200, "sent", "甲局")
	code, body = b.post("/outbox/1/drop")
	wants(t, code, body, 409)
	code, body = b.get("/outbox/4711")
	wants(t, code, body, 404)
	// The report.
	code, body = b.get("/report?from=2026-06-01&to=2026-06-30")
	wants(t, code, body, 200, "公布收支")
	code, body = b.get("/report?from=2026-07-01&to=2026-06-30")
	wants(t, code, body, 422, "is before")
	code, body = b.get("/report/duban.csv?from=2026-06-01&to=2026-06-30")
	wants(t, code, body, 200, "\ufeffunit,unit_name", "1.1-budget")
	code, body = b.get("/report/duban.xlsx?from=2026-06-01&to=2026-06-30")
	wants(t, code, body, 200)
	book, err := excelize.OpenReader(bytes.NewReader([]byte(body)))
	if err != nil {
		t.Fatal(err)
	}
	rows, err := book.GetRows("Sheet1")
	if err != nil || len(rows) != 3 {
		t.Errorf("the workbook has %d rows: %v", len(rows), err)
	}
	code, body = b.get("/report/passwd")
	wants(t, code, body, 404)
	v, err := w.ledger.Verify(t.Context())
	if err != nil || len(v.Problems) > 0 {
		t.Errorf("verify: %v %v", v.Problems, err)
	}
}

func TestAnUnreadableRuleFileIsSaidAndNothingIsLost(t *testing.T) {
	w := newWorld(t)
	b := w.signedInAs("root", ledger.RoleAdmin)
	form := b.editor("/edit/p/obligation?id=1.1-budget")
	// Somebody breaks the file by hand, elsewhere in it.
	broken := w.read("plan/obligations/01.toml") + "\n[[obligation]]\nid = \n"
	w.write("plan/obligations/01.toml", broken)
	code, body := b.send("/edit/p/obligation", form, "deadline", "within 12 working days after each month", "do", "save")
	if code == 303 || w.read("plan/obligations/01.toml") != broken {
		t.Errorf("%d: it was saved over a broken file: %s", code, plain(body))
	}
}

func TestTheBoardSaysWhenMailDoesNotReachTheAdministrators(t *testing.T) {
	w := newWorld(t)
	b := w.signedInAs("anna", ledger.RoleAdmin)
	_, before := b.get("/")
	if strings.Contains(before, "role=\"alert\"") {
		t.Error("an alarm without a cause")
	}
	w.mail.refuse = map[string]error{"admin@x.example": &notify.RefusedError{Err: errors.New("550 no such user")}}
	err := w.ledger.Update(t.Context(), func(tx ledger.Tx) error {
		n := &ledger.Notice{Kind: ledger.Admin, Day: day(t, "2026-06-01"), MessageID: "x@x", Subject: "s", Text: "t", State: ledger.Pending, Created: w.time, NextTry: w.time, GiveUp: w.time.Add(time.Hour)}
		return tx.AddNotice(n, ledger.Entry{At: w.time, Actor: "test"})
	})
	if err != nil {
		t.Fatal(err)
	}
	w.tick()
	code, body := b.get("/")
	wants(t, code, body, 200, "role=\"alert\"", "no such user")
}

// A recorded event has no page of its own; an entry of a plan has its rule's.
func TestTheJournalLinksToWhatIsThere(t *testing.T) {
	for text, want := range map[string]string{
		"event file-repealed/czj/2017-07-01": "", "event-name p:file-repealed": rulePath("p", rules.EventEntry, "file-repealed"),
		"obligation p:1.1": rulePath("p", rules.ObligationEntry, "1.1"), "notice 7": "/outbox/7",
	} {
		if got := subjectPath(ledger.ParseSubject(text)); got != want {
			t.Errorf("%s: %q, want %q", text, got, want)
		}
	}
}

// Each page is read when it is shown first: here all are, in both languages.
func TestEveryPageCanBeRead(t *testing.T) {
	templates, err := parseTemplates()
	if err != nil {
		t.Fatal(err)
	}
	for lang, pages := range templates {
		for name, read := range pages.byName {
			if _, err := read(); err != nil {
				t.Errorf("%s in %s: %v", name, lang, err)
			}
		}
	}
}
