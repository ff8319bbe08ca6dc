package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"

	"duban/internal/need"
	"duban/notify"
)

var screenshots = flag.Bool("screenshots", false, "take the pictures of the README anew")

// browser starts Debian's Chromium, with JavaScript or without.
func browser(t *testing.T, scripts bool, width int64) context.Context {
	t.Helper()
	path := ""
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if p, err := exec.LookPath(name); err == nil {
			path = p
			break
		}
	}
	if path == "" {
		need.Missing(t, "no Chromium here: apt install chromium fonts-noto-cjk to run this")
	}
	options := append(slices.Clone(chromedp.DefaultExecAllocatorOptions[:]), chromedp.ExecPath(path), chromedp.NoSandbox,
		chromedp.Flag("lang", "zh-CN"), chromedp.Flag("accept-lang", "zh-CN"), chromedp.WindowSize(int(width), 900))
	ctx, cancel := chromedp.NewExecAllocator(context.Background(), options...)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	if err := chromedp.Do(ctx, chromedp.EmulateViewport(width, 900)); err != nil {
		t.Fatal(err)
	}
	if _, err := chromedp.Call(ctx, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: !scripts}); err != nil {
		t.Fatal(err)
	}
	return ctx
}

// visitor is somebody at a browser.
type visitor struct {
	t    *testing.T
	ctx  context.Context
	base string
}

func (v *visitor) do(what string, steps ...chromedp.Action[chromedp.Void]) {
	v.t.Helper()
	ctx, cancel := context.WithTimeout(v.ctx, patience)
	defer cancel()
	if err := chromedp.Do(ctx, steps...); err != nil {
		v.t.Fatalf("%s: %v", what, err)
	}
}

// ask runs what has an answer.
func ask[T any](v *visitor, what string, a chromedp.Action[T]) T {
	v.t.Helper()
	ctx, cancel := context.WithTimeout(v.ctx, patience)
	defer cancel()
	out, err := chromedp.Run(ctx, a)
	if err != nil {
		v.t.Fatalf("%s: %v", what, err)
	}
	return out
}

// open goes to an address of the page.
func (v *visitor) open(path string) {
	v.t.Helper()
	if !strings.HasPrefix(path, "http") {
		path = v.base + path
	}
	v.do("open "+path, chromedp.Navigate(path), chromedp.WaitReady(chromedp.CSS("main")))
}

// press clicks what leads to another page.
func (v *visitor) press(selector string) {
	v.t.Helper()
	v.do("press "+selector, chromedp.ScrollIntoView(chromedp.CSS(selector)))
	ctx, cancel := context.WithTimeout(v.ctx, patience)
	defer cancel()
	if _, err := chromedp.RunResponse(ctx, chromedp.Click(chromedp.CSS(selector))); err != nil {
		v.t.Fatalf("press %s: %v", selector, err)
	}
	v.do("press "+selector, chromedp.WaitReady(chromedp.CSS("main")))
}

// fill puts a text into a field, in place of what is there.
func (v *visitor) fill(selector, text string) {
	v.t.Helper()
	if ask(v, "read "+selector, chromedp.Value(chromedp.CSS(selector))) != "" {
		v.do("empty "+selector, chromedp.Clear(chromedp.CSS(selector)))
	}
	v.do("fill "+selector, chromedp.SendKeys(chromedp.CSS(selector), text))
}

// sees waits until the selector's text holds all these words.
func (v *visitor) sees(selector string, words ...string) {
	v.t.Helper()
	limit := time.Now().Add(patience)
	for {
		// What htmx is just putting in its place cannot be read: look again.
		ctx, cancel := context.WithTimeout(v.ctx, patience)
		text, err := chromedp.Run(ctx, chromedp.Text(chromedp.CSS(selector)))
		cancel()
		if err == nil && !slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(text, w) }) {
			return
		}
		if time.Now().After(limit) {
			v.t.Fatalf("%s does not show %q: %v\n%s", selector, words, err, text)
		}
	}
}

// picture keeps what is to be seen for the README, when asked to.
func (v *visitor) picture(name string) {
	v.t.Helper()
	if !*screenshots {
		return
	}
	if err := os.WriteFile(filepath.Join("../../docs/pictures", name+".png"), ask(v, "picture", chromedp.CaptureScreenshot()), 0o644); err != nil {
		v.t.Fatal(err)
	}
}

// printed is what a page says on A4, sheet by sheet.
func (v *visitor) printed(path string) []string {
	v.t.Helper()
	if _, err := exec.LookPath("pdftotext"); err != nil {
		need.Missing(v.t, "no pdftotext here: apt install poppler-utils to run this")
	}
	v.open(path)
	yes := true
	pdf, err := chromedp.Call(v.ctx, page.PrintToPDF, page.PrintToPDFParams{PreferCSSPageSize: &yes, PrintBackground: &yes})
	if err != nil {
		v.t.Fatal(err)
	}
	file := filepath.Join(v.t.TempDir(), "a4.pdf")
	if err := os.WriteFile(file, pdf.Data, 0o600); err != nil {
		v.t.Fatal(err)
	}
	text, err := exec.Command("pdftotext", "-layout", file, "-").Output()
	if err != nil {
		v.t.Fatal(err)
	}
	return strings.Split(strings.TrimSuffix(string(text), "\f"), "\f")
}

// freePort is one that was free a moment ago.
func freePort(t testing.TB) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}

// pageSite is a site with a page; its address, and the link to make the first
// account.
func pageSite(t testing.TB) (s *site, d *daemon, base, first string) {
	t.Helper()
	port := freePort(t)
	s = newSite(t, fmt.Sprintf("[web]\nlisten = \"127.0.0.1:%d\"\n", port))
	d = s.serve()
	line := d.logs("makes the first account")
	var entry struct{ Open string }
	if err := json.Unmarshal([]byte(line), &entry); err != nil {
		t.Fatal(err)
	}
	d.logs(`"message":"page"`)
	return s, d, fmt.Sprintf("http://127.0.0.1:%d", port), entry.Open
}

// linksIn are the addresses of the page in the mails that were delivered.
func (s *site) linksIn(unit string) []string {
	s.t.Helper()
	var out []string
	for _, name := range s.mails() {
		raw, err := os.ReadFile(s.path("var/mail/new/" + name))
		if err != nil {
			s.t.Fatal(err)
		}
		text, err := notify.ReadText(raw)
		if err != nil {
			s.t.Fatal(err)
		}
		for _, link := range regexp.MustCompile(`http://127\.0\.0\.1\S+`).FindAllString(text, -1) {
			if unit == "" || strings.Contains(link, "/u/"+unit+"/") {
				out = append(out, link)
			}
		}
	}
	return out
}

type dueRow struct{ ID, Unit, Period, Due, State, Light string }

// dues are occurrences as a command prints them.
func (s *site) dues(args ...string) []dueRow {
	s.t.Helper()
	var rows []dueRow
	if err := json.Unmarshal([]byte(s.run(append(args, "--json")...)), &rows); err != nil {
		s.t.Fatal(err)
	}
	return rows
}

const budgetFile = "plan/obligations/01-expectations.toml"

func TestAnAdministratorEditsARuleAndAUnitReports(t *testing.T) {
	for name, scripts := range map[string]bool{"with JavaScript": true, "without": false} {
		t.Run(name, func(t *testing.T) { editAndReport(t, scripts) })
	}
}

func editAndReport(t *testing.T, scripts bool) {
	ctx := browser(t, scripts, 1280)
	s, d, base, first := pageSite(t)
	d.logs(`"sent":53`)
	v := &visitor{t, ctx, base}

	// The first account, by the link that serve prints, which works once.
	v.open(first)
	v.fill("input[name=name]", "admin")
	v.fill("input[name=password]", "correct horse battery")
	v.press("button.primary")
	v.sees("h1", "谁逾期了")
	v.open(first)
	v.sees("main", "该链接已使用")

	// Sign out and in.
	v.open("/")
	v.press("button.plain")
	v.sees("h1", "登录")
	v.fill("input[name=name]", "admin")
	v.fill("input[name=password]", "correct horse battery")
	v.press("button.primary")
	v.sees("h1", "谁逾期了")

	// A bad value: the error stands beside its field, nothing is saved.
	before, err := os.ReadFile(s.path(budgetFile))
	if err != nil {
		t.Fatal(err)
	}
	v.open("/rules/zhongshan-2017/obligation/1.3-budget")
	v.press(`a[href="/edit/zhongshan-2017/obligation?id=1.3-budget"]`)
	v.fill("#f-deadline", "每月第十五个月亮日前")
	if scripts {
		v.sees("#e-deadline", "月亮日")
	}
	v.press(`button.primary[value=save]`)
	v.sees("#e-deadline", "月亮日", "请写作每月15日前")
	if now, err := os.ReadFile(s.path(budgetFile)); err != nil || string(now) != string(before) {
		t.Fatalf("a bad value was saved: %v", err)
	}

	// Put right: the preview shows the dates that the rules then give.
	copied := newSite(t, "")
	copied.edit(budgetFile, `within   = "15 working days"`, `within   = "20 working days"`)
	var want []string
	for _, row := range copied.dues("preview", "--obligation", "1.3-budget") {
		want = append(want, row.Due)
	}
	v.fill("#f-deadline", "每月结束后20个工作日内")
	if !scripts {
		v.press(`button[value=preview]`)
	}
	v.sees("#live", "读作", "每月结束后20个工作日内", want[0], want[1], want[5], "1.3-budget/czj/", "重算")
	v.picture("editor")

	// Saved: just that line differs, the ledger is recounted.
	v.fill("#f-reason", "市财政局来函")
	v.press(`button.primary[value=save]`)
	v.sees("main", "已保存并生效")
	after, err := os.ReadFile(s.path(budgetFile))
	if err != nil {
		t.Fatal(err)
	}
	if string(after) != strings.Replace(string(before), "title_en = \"Publish monthly general public budget figures\"\nunits    = [\"czj\"]\nevery    = \"month\"\nwithin   = \"15 working days\"", "title_en = \"Publish monthly general public budget figures\"\nunits    = [\"czj\"]\ndeadline = \"每月结束后20个工作日内\"", 1) {
		t.Errorf("more than one line changed:\n%s", after)
	}
	open := s.dues("status", "--obligation", "1.3-budget", "--state", "open")
	due := want[0]
	if at := zhongshan(); due == at.Format(time.DateOnly) && at.Format("15:04") >= "17:30" {
		due = want[1] // today's is past since the offices closed: it is not asked for without a word
	}
	if len(open) == 0 || open[0].Due != due {
		t.Errorf("the ledger was not recounted: %v, want %s", open, due)
	}

	// The unit opens the link in its mail, and reports.
	unit := &visitor{t, browser(t, scripts, 420), base}
	links := s.linksIn("czj")
	if len(links) == 0 {
		t.Fatal("the mail carries no link")
	}
	unit.open(links[0])
	unit.sees("h1", "市财政局")
	unit.open(ask(unit, "find the item", chromedp.AttributeValue(`//a[contains(., "公布一般公共预算收支完成情况")]`, "href")).Value)
	unit.sees("main", "期次", open[0].Period, due)
	unit.picture("unit")
	unit.fill("input[name=evidence]", "https://www.zs.example/budget/2026-11")
	unit.fill("textarea[name=note]", "已公布")
	unit.press("section.box button.primary")
	unit.sees("main", "已报告", "已办结")
	if got := s.dues("status", "--obligation", "1.3-budget", "--light", "grey"); len(got) != 1 || got[0].ID != open[0].ID || got[0].State != "closed" {
		t.Errorf("after the report: %v", got)
	}

	// The administrator sees it.
	v.open("/journal?subject=zhongshan-2017:" + open[0].ID)
	v.sees("main", "办结", "czj")
	v.open("/journal?subject=obligation")
	v.sees("main", "修改规则", "admin", "市财政局来函", "1.3-budget")
	s.run("verify")
	if err := d.end(os.Interrupt); err != nil {
		t.Error(err)
	}
}
