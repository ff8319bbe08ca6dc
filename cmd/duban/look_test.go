package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/rs/zerolog"

	"duban/ledger"
	"duban/ledger/sqlite"
	"duban/rules/planfile"
	"duban/scheduler/desk"
	"duban/scheduler/engine"
)

// livedIn gives a site a ledger of some months: most items were reported, some
// late, some not yet.
func (s *site) livedIn() {
	s.t.Helper()
	for _, at := range []string{"2026-06-01T09:00", "2026-08-03T09:00", "2026-10-08T09:00"} {
		s.run("tick", "--at", at)
	}
	set, problems := planfile.Load(planfile.Sources{Plans: []string{s.path("plan")}})
	if err := problems.Err(); err != nil {
		s.t.Fatal(err)
	}
	book, err := sqlite.Open(s.t.Context(), s.path("var/duban.db"), sqlite.Options{MustExist: true})
	if err != nil {
		s.t.Fatal(err)
	}
	defer book.Close()
	zone := set.Plans[0].Timezone
	view := func() engine.View {
		return engine.View{Rules: set, Settings: engine.Settings{Timezone: zone}, Now: time.Now()}
	}
	at := desk.New(book, view, zerolog.Nop())
	today := set.Plans[0].Day(time.Now())
	found, err := ledger.AllOccurrences(s.t.Context(), book, ledger.Query{States: []ledger.State{ledger.StateOpen}, DueTo: today - 1})
	if err != nil {
		s.t.Fatal(err)
	}
	for i, o := range found {
		day := o.Due
		switch {
		case i%19 == 0:
			continue // overdue
		case i%7 == 0:
			day = min(o.Due+6, today)
		}
		if _, err := at.Do(s.t.Context(), desk.Done, o.FullKey(), desk.Act{By: o.Unit, Date: day, Evidence: "https://www.zs.example/" + o.Obligation}); err != nil {
			s.t.Fatal(err)
		}
	}
}

func TestWhatPeopleSee(t *testing.T) {
	ctx := browser(t, true, 1280)
	axe, err := os.ReadFile("testdata/axe.min.js")
	if err != nil {
		t.Fatal(err)
	}
	port := freePort(t)
	s := newSite(t, fmt.Sprintf("[web]\nlisten = \"127.0.0.1:%d\"\n", port)+reachedOut)
	s.write("group.url", "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=0f3bd5aa-5ec2-4c1e-97b1-2b0c1a9d77e4\n")
	s.write("oa.secret", hookSecret+"\n")
	s.livedIn()
	s.run("token", "add", "oa", "--role", "admin")
	s.run("webhook", "retry", "oa", "--from", "1")
	d := s.serve()
	line := d.logs("makes the first account")
	d.logs(`"message":"page"`)
	v := &visitor{t, ctx, fmt.Sprintf("http://127.0.0.1:%d", port)}
	v.open(regexp.MustCompile(`http://[^"]*/first/\w+`).FindString(line))
	v.fill("input[name=name]", "admin")
	v.fill("input[name=password]", "correct horse battery")
	// With the keyboard alone: Enter sends the form.
	if _, err := chromedp.RunResponse(ctx, chromedp.SendKeys(chromedp.CSS("input[name=password]"), "\r")); err != nil {
		t.Fatal(err)
	}
	v.sees("h1", "谁逾期了")
	v.do("a tall window", chromedp.EmulateViewport(1280, 1560))
	v.picture("board")
	if *screenshots {
		notice, err := os.ReadFile("../../rules/calendar/testdata/circulars/2026.txt")
		if err != nil {
			t.Fatal(err)
		}
		v.open("/calendar")
		v.fill("textarea[name=text]", string(notice))
		v.press("button[value=preview]")
		v.picture("holidays")
		v.open("/")
	}
	v.do("the window as it was", chromedp.EmulateViewport(1280, 900))
	red := s.dues("status", "--light", "red")
	told := 0 // of the daily ones nobody is ever told, and they light no lamp here
	for _, o := range red {
		if !strings.HasPrefix(o.ID, "21.2-site-watch/") {
			told++
		}
	}
	v.sees(".totals", fmt.Sprint(told))

	item := red[0]
	parts := strings.Split(item.ID, "/")
	pages := []string{
		"/", "/?by=item", "/?unit=czj", "/?plan=zhongshan-2017&obligation=1.3-budget", "/year/2026", "/occurrences?light=red", "/register?unit=czj", "/occurrence/zhongshan-2017/" + item.ID, "/work", "/rules", "/rules?kind=unit", "/rules?kind=policy",
		"/plans", "/plans/new", "/plans/new?from=zhongshan-2017", "/plans/zhongshan-2017/units", "/edit/zhongshan-2017/plan?id=zhongshan-2017", "/edit/zhongshan-2017/obligation", "/edit/zhongshan-2017/unit?id=czj",
		"/rules/zhongshan-2017/obligation/1.3-budget", "/edit/zhongshan-2017/obligation?id=1.3-budget", "/edit/zhongshan-2017/obligation?id=1.3-budget&mode=text",
		"/edit/zhongshan-2017/obligation?id=1.3-budget&retire=1", "/calendar", "/events", "/outbox", "/outbox/1", "/journal", "/report", "/bulletin?from=2026-07&to=2026-10", "/accounts", "/api/", "/webhooks", "/import", "/link", "/signin", "/nothing-here",
		strings.TrimSpace(s.run("link", item.ID)), strings.TrimSpace(s.run("link", parts[1])), strings.TrimSpace(s.run("link", "zfb", "--supervisor")),
	}
	eachPageIsAmong(t, pages)
	for _, path := range pages {
		v.open(path)
		v.scheme("light")
		v.accessible(string(axe), path)
		v.hasChineseMarks(path)
		v.scheme("dark") // which changes colours and nothing else
		v.axe(`{type:"rule", values:["color-contrast"]}`, "dark "+path)
		v.fitsAPhone(path)
	}
	v.tellsWithinAScreen(strings.TrimSpace(s.run("link", item.ID)))
	for _, path := range []string{"/api/?lang=en", "/webhooks?lang=en"} { // which those read who write programs
		v.open(path)
		v.scheme("light")
		v.accessible(string(axe), path)
		v.scheme("dark")
		v.axe(`{type:"rule", values:["color-contrast"]}`, "dark "+path)
		v.fitsAPhone(path)
	}
	if err := d.end(os.Interrupt); err != nil {
		t.Error(err)
	}
}

// noPage are addresses that people do not look at, and pages that others look at.
var noPage = regexp.MustCompile(`^/(static/|healthz|readyz|metrics|feed/|file/|files/|signin/oidc|first/)|/(\{file\}|file/\{file\})$` +
	`|^/publish/\{plan\}$`) // of a draft: TestAnAdministratorWhoTypesOnlyChineseMakesAPlanOfATable

// eachPageIsAmong wants every page that the server has to be one of these.
func eachPageIsAmong(t *testing.T, pages []string) {
	t.Helper()
	routes, err := os.ReadFile("../../web/web.go")
	if err != nil {
		t.Fatal(err)
	}
	mux, seen, all := http.NewServeMux(), map[string]bool{}, []string{}
	for _, g := range regexp.MustCompile(`\("GET (/[^"]*)"`).FindAllStringSubmatch(string(routes), -1) {
		if !noPage.MatchString(g[1]) {
			all = append(all, g[1])
			mux.Handle(g[1], http.NotFoundHandler())
		}
	}
	for _, page := range pages {
		_, pattern := mux.Handler(httptest.NewRequest(http.MethodGet, page, nil))
		seen[pattern] = true
	}
	if len(all) < 25 {
		t.Errorf("only %d pages are found in web.go", len(all))
	}
	for _, pattern := range all {
		if !seen[pattern] {
			t.Errorf("nobody looks at %s", pattern)
		}
	}
}

// tellsWithinAScreen: on a phone an item's page says within one screen what is owed, how
// it stands, by when and by whom, and where it is reported begins.
func (v *visitor) tellsWithinAScreen(link string) {
	v.t.Helper()
	v.do("a phone", chromedp.EmulateViewport(390, 844))
	v.open(link)
	for _, what := range []string{"h1", ".standing", "dl.facts dd:nth-of-type(1)", "dl.facts dd:nth-of-type(2)", "form[action$='/done']"} {
		top := ask(v, what, chromedp.Evaluate[float64](fmt.Sprintf(`document.querySelector(%q)?.getBoundingClientRect().top ?? 1e6`, what)))
		if top > 844 {
			v.t.Errorf("on a phone %s begins %.0f pixels down: beyond the first screen", what, top)
		}
	}
	v.do("the window as it was", chromedp.EmulateViewport(1280, 900))
}

// reachedOut is a channel beside mail, which nothing leaves by here, and a program that
// is told, and is not there.
const reachedOut = "[channel.group]\nservice = \"wecom\"\nurl_file = \"group.url\"\n[[webhook]]\nname = \"oa\"\nurl = \"http://127.0.0.1:1/hooks\"\nsecret_file = \"oa.secret\"\n"

// scheme has the browser prefer light or dark pages.
func (v *visitor) scheme(name string) {
	v.t.Helper()
	_, err := chromedp.Call(v.ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: name}}})
	if err != nil {
		v.t.Fatal(err)
	}
}

// hasChineseMarks: a Chinese page has Chinese marks, except in what is code or
// somebody's own text.
func (v *visitor) hasChineseMarks(where string) {
	v.t.Helper()
	found := ask(v, "marks", chromedp.Evaluate[string](`(() => { const b = document.body.cloneNode(true);
		b.querySelectorAll("pre, code, textarea, .pre, svg").forEach(e => e.remove());
		document.body.append(b); const text = b.innerText; b.remove();
		return [...text.matchAll(/.{0,20}[\u3400-\u9fff][,:;(].{0,20}/g)].map(m => m[0]).slice(0, 5).join("\n"); })()`))
	if found != "" {
		v.t.Errorf("%s has half-width marks:\n%s", where, found)
	}
}

// fitsAPhone: on a phone nothing is wider than the screen.
func (v *visitor) fitsAPhone(where string) {
	v.t.Helper()
	v.do("a phone", chromedp.EmulateViewport(390, 844))
	if w := ask(v, "width", chromedp.Evaluate[int](`document.documentElement.scrollWidth`)); w > 390 {
		wide := ask(v, "what is wide", chromedp.Evaluate[string](`[...document.querySelectorAll("body *")].filter(e => e.getBoundingClientRect().right > 390)
			.map(e => e.tagName + "." + e.className + "#" + e.id + " " + e.textContent.trim().slice(0, 30)).slice(0, 8).join("\n")`))
		v.t.Errorf("%s is %d pixels wide on a phone of 390:\n%s", where, w, wide)
	}
	v.do("the window as it was", chromedp.EmulateViewport(1280, 900))
}

// accessible lets axe-core look for what keeps people out (WCAG 2.2, A and AA),
// and checks what it does not: every control can be reached with Tab.
func (v *visitor) accessible(axe, where string) {
	v.t.Helper()
	ask(v, "axe", chromedp.Evaluate[any](axe+";0"))
	v.axe(`["wcag2a","wcag2aa","wcag21a","wcag21aa","wcag22aa","best-practice"]`, where)
	if odd := ask(v, "formats", chromedp.Evaluate[string](`document.body.innerText.match(/.{0,20}%!.{0,20}/)?.[0] ?? ""`)); odd != "" {
		v.t.Errorf("%s has a value that its words do not fit: %s", where, odd)
	}
	kept := ask(v, "tab order", chromedp.Evaluate[int](`document.querySelectorAll("a[tabindex='-1'], input[tabindex='-1'], select[tabindex='-1'], textarea[tabindex='-1'], [tabindex]:not([tabindex='0']):not([tabindex='-1']), a:not([href])").length`))
	if kept > 0 {
		v.t.Errorf("%s: %d controls are out of the order of Tab", where, kept)
	}
}

// axe runs some of axe-core's rules on a page that has loaded it.
func (v *visitor) axe(rules, where string) {
	v.t.Helper()
	out := ask(v, "axe", chromedp.Evaluate[string](
		`axe.run({runOnly:`+rules+`}).then(r => JSON.stringify(r.violations.map(v => v.id+": "+v.help+": "+v.nodes.slice(0,3).map(n => n.html).join(" | "))))`,
		chromedp.EvalAwaitPromise))
	var found []string
	if err := json.Unmarshal([]byte(out), &found); err != nil {
		v.t.Fatal(err)
	}
	for _, f := range found {
		v.t.Errorf("%s: %s", where, f)
	}
}
