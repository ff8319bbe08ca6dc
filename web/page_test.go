package web

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io/fs"
	"math"
	"net/textproto"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"duban/ledger"
	"duban/rules"
	"duban/rules/problem"
	"duban/rules/toml"
	"duban/scheduler/desk"
)

// keysUsed are all that templates and code say.
func keysUsed(t *testing.T) map[string]string {
	t.Helper()
	out := map[string]string{}
	take := func(name string, data []byte, form string) {
		for _, m := range regexp.MustCompile(form).FindAllSubmatch(data, -1) {
			var key string
			if err := json.Unmarshal([]byte(`"`+string(m[1])+`"`), &key); err != nil {
				t.Fatal(err)
			}
			out[key] = name
		}
	}
	names, err := fs.Glob(files, "templates/*.html")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		data, err := files.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		take(name, data, `\bt "((?:[^"\\]|\\.)*)"`)
	}
	const text = `"((?:[^"\\]|\\.)*)"`
	for _, dir := range []string{".", "../scheduler/engine", "../scheduler/desk", "../scheduler/editor"} {
		names, err := fs.Glob(os.DirFS(dir), "*.go")
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range names {
			if strings.HasSuffix(name, "_test.go") || strings.HasPrefix(name, "words") {
				continue
			}
			data, err := os.ReadFile(dir + "/" + name)
			if err != nil {
				t.Fatal(err)
			}
			for _, form := range []string{`Refuse\("?[a-z_]*"?, ` + text, `problem\.New\(problem\.[A-Za-z]+, ` + text, `problem\.Errorf\(` + text, `problem\.Error{[^}]*Key: ` + text, `\.t\(` + text, `\.done\(w, r, [^,]*, ` + text} {
				take(name, data, form)
			}
		}
	}
	return out
}

func TestEverythingIsSaidInChineseToo(t *testing.T) {
	used := keysUsed(t)
	if len(used) < 250 {
		t.Fatalf("only %d texts were found", len(used))
	}
	for key, where := range used {
		if strings.HasSuffix(key, " ") || regexp.MustCompile(`^[0-9·% -]*$|^(15|3) working days( after)?$|^every 2 working days$|^department · town$`).MatchString(key) {
			continue // put together, or an example of what to write
		}
		if _, ok := zh[key]; !ok {
			t.Errorf("%s says %q, which has no Chinese", where, key)
		}
	}
	// Names of ours that are put together.
	words := map[string][]string{
		"state ": nil, "basis ": {"text", "assumed"}, "role ": {"admin", "viewer"}, "mail ": nil, "notice ": {"assignment", "reminder", "escalation", "admin"},
		"request ": {"extension", "not-ours"}, "decision ": {"open", "granted", "refused"}, "reminder ": {"upcoming", "due", "overdue", "escalation"},
		"thanks ": {"done", "extend", "not-ours", "grant", "refuse", "accept", "return"}, "cadence ": nil,
	}
	for _, s := range ledger.States {
		words["state "] = append(words["state "], string(s))
	}
	for _, s := range mailStates {
		words["mail "] = append(words["mail "], string(s))
	}
	for _, k := range rules.CadenceKinds {
		words["cadence "] = append(words["cadence "], string(k))
	}
	for prefix, list := range words {
		for _, word := range list {
			for lang, table := range map[string]map[string]string{"zh-CN": zh, "en": en} {
				if table[prefix+word] == "" {
					t.Errorf("%s has no word for %q", lang, prefix+word)
				}
			}
		}
	}
}

func TestTranslationsTakeTheSameArguments(t *testing.T) {
	verbs := regexp.MustCompile(`%[^%]*?[a-zA-Z]`)
	for key, said := range zh {
		if strings.Contains(said, "%[") || !strings.Contains(said, "%") {
			continue // named by number, or said without any
		}
		if a, b := len(verbs.FindAllString(key, -1)), len(verbs.FindAllString(said, -1)); a != b {
			t.Errorf("%q has %d arguments, its translation %q has %d", key, a, said, b)
		}
	}
	w := wordsOf("zh-CN")
	got := w.problem(&problem.Error{Key: "%s is %s%s", Args: []any{"1.1/a/x", ledger.StateClosed, ": duban reopen opens it again"}})
	if got != "1.1/a/x：当前状态为“已办结”，不能这样办理。" {
		t.Errorf("a refusal reads %q", got)
	}
}

func TestWhatIsWrongWithRulesIsSaidInChinese(t *testing.T) {
	// The formats of messages, where they are made.
	forms := regexp.MustCompile("(?:refuse|textOf|problem\\.Errorf|t\\.Errorf|r\\.errorf|r\\.errorAt|r\\.warnf|r\\.missing|o\\.warn|problems\\.Add(?:To)?|found\\.Add(?:To)?)\\((?:[^\"`\\n]*\"[a-z_]+\", |[^\"`\\n]*)(\"(?:[^\"\\\\]|\\\\.)*\"|`[^`]*`)")
	count := 0
	for _, name := range []string{"obligation", "cadence", "cron", "rrule", "odd", "deadline", "words/words", "words/zh", "words/zh_table", "words/zh_event", "words/en", "words/en_table", "words/own", "calendar/date", "within", "policy", "unit", "directory", "event", "reader", "plan", "text", "toml/table", "toml/parse"} {
		data, err := os.ReadFile("../rules/" + name + ".go")
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range forms.FindAllStringSubmatch(string(data), -1) {
			format, err := strconv.Unquote(m[1])
			if err != nil {
				t.Fatal(err)
			}
			count++
			if _, ok := zhRules[format]; !ok && !strings.Contains(format, "has no period %q") {
				t.Errorf("%s.go says %q, which has no Chinese", name, format)
			}
		}
	}
	if count < 50 {
		t.Errorf("only %d messages were found", count)
	}
	w := wordsOf("zh-CN")
	for want, said := range map[string]*problem.Error{
		"within: \"ten\"不是期限，请写作 N working days（工作日）、N days（日）、N months（月）或 N years（年）": {Field: "within", Key: "%v", Args: []any{parseError("ten")}},
		"units: units.toml 中没有单位\"czjj\"（是不是 \"czj\"？）":                                 {Field: "units", Key: "no unit %q in units.toml%s", Args: []any{"czjj", problem.DidYouMean("czjj", []string{"czj"})}},
		"title: 缺少：请简要写明应办的事项":                                                          {Field: "title", Key: "is missing: %s", Args: []any{problem.Word("say in a few words what is owed")}},
		"ends: 应为日期，如 2017-06-09":                                                       {Field: "ends", Key: "want %s", Args: []any{problem.Word(toml.Date.String())}},
	} {
		if got := w.wrong(said); got != want {
			t.Errorf("said %q, want %q", got, want)
		}
	}
}

func parseError(s string) error {
	_, err := rules.ParseWithin(s)
	return err
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
	code, body := b.send("/edit/p/obligation", form, "within", "12 working days", "do", "save")
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
	w.mail.refuse = map[string]error{"admin@x.example": &textproto.Error{Code: 550, Msg: "no such user"}}
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
