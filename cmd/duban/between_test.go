package main

import (
	"encoding/json"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"duban/notify"
)

// mailsAbout are the mails to a unit whose subject has that in it: their texts.
func (s *site) mailsAbout(unit, subject string) (out []string) {
	s.t.Helper()
	var rows []struct {
		To      []string
		Subject string
		State   string
	}
	if err := json.Unmarshal([]byte(s.run("mail", "list", "--json")), &rows); err != nil {
		s.t.Fatal(err)
	}
	for _, r := range rows {
		if r.State == "sent" && slices.Contains(r.To, unit+"@zs.example") && strings.Contains(r.Subject, subject) {
			out = append(out, r.Subject)
		}
	}
	return out
}

// waitFor waits until there are that many mails about something.
func (s *site) waitFor(n int, unit, subject string) {
	s.t.Helper()
	limit := time.Now().Add(patience)
	for len(s.mailsAbout(unit, subject)) != n {
		if time.Now().After(limit) {
			s.t.Fatalf("mails to %s about %s: %q, want %d", unit, subject, s.mailsAbout(unit, subject), n)
		}
		time.Sleep(200 * time.Millisecond)
	}
}

// saidTo is what the mails in the box say that have that word in them.
func (s *site) saidTo(word string) (out string) {
	s.t.Helper()
	for _, name := range s.mails() {
		raw, err := os.ReadFile(s.path("var/mail/new/" + name))
		if err != nil {
			s.t.Fatal(err)
		}
		text, err := notify.ReadText(raw)
		if err != nil {
			s.t.Fatal(err)
		}
		if strings.Contains(text, word) {
			out += text
		}
	}
	return out
}

// A red item is urged, transferred, extended by its supervisor, reported with files,
// taken back, reported again and accepted: by links alone, without JavaScript.
func TestWhatGoesOnBetweenPeople(t *testing.T) {
	ctx := browser(t, false, 1280)
	port := freePort(t)
	s := newSite(t, fmt.Sprintf("[web]\nlisten = \"127.0.0.1:%d\"\n", port))
	s.edit("plan/plan.toml", "review     = false", "review     = true")
	start := time.Now().AddDate(0, 0, -50)
	s.run("tick", "--at", start.Format("2006-01-02T09:00"))
	d := s.serve()
	first := regexp.MustCompile(`http://[^"]*/first/\w+`).FindString(d.logs("makes the first account"))
	d.logs(`"message":"page"`)
	base := fmt.Sprintf("http://127.0.0.1:%d", port)
	red := s.dues("status", "--obligation", "1.3-budget", "--light", "red")
	if len(red) == 0 {
		t.Fatalf("red: %v", red)
	}
	period := red[0].Period
	desk := strings.TrimSpace(s.run("link", "zfb", "--supervisor"))
	old := strings.TrimSpace(s.run("link", red[0].ID))

	boss := &visitor{t, ctx, base}
	tick := func(unit string) {
		t.Helper()
		id := map[string]string{"市财政局": "czj", "市统计局": "tjj"}[unit]
		boss.open(desk + "?unit=" + id)
		row := fmt.Sprintf(`//tbody[contains(., %q)]//tr[contains(., "公布一般公共预算收支完成情况")]//input[@name="id"]`, unit)
		boss.do("tick", chromedp.ScrollIntoView(row), chromedp.Click(row))
	}
	for range 2 { // however often it is pressed
		tick("市财政局")
		boss.fill(`fieldset.desk input[name=reason]`, "请于本周内公布")
		boss.press(`fieldset.desk button.primary`)
		boss.sees("main", "已催办")
	}
	s.waitFor(1, "czj", "催办")
	if text := s.saidTo("请于本周内公布"); !strings.Contains(text, red[0].ID) || !strings.Contains(text, "市政府办公室") && !strings.Contains(text, "zfb") {
		t.Errorf("the letter says:\n%s", text)
	}

	tick("市财政局")
	boss.fill(`fieldset.desk input[name=reason]`, "职责已调整")
	boss.do("choose", chromedp.SetValue(chromedp.CSS(`fieldset.desk select[name=unit]`), "tjj"))
	boss.press(`fieldset.desk button[formaction$="/transfer"]`)
	boss.sees("main", "已转办")
	s.waitFor(1, "czj", "转办")
	s.waitFor(1, "tjj", "转办")
	unit := &visitor{t, browser(t, false, 390), base}
	unit.open(old)
	unit.sees("main", "该事项已转市统计局办理")

	tick("市统计局")
	due := zhongshan().AddDate(0, 0, 20).Format(time.DateOnly)
	boss.fill(`fieldset.desk input[name=reason]`, "移交需要时间")
	boss.do("the day", chromedp.SetValue(chromedp.CSS(`fieldset.desk input[name=to]`), due))
	boss.press(`fieldset.desk button[formaction$="/extend"]`)
	boss.sees("main", "已延期")
	s.waitFor(1, "tjj", "延期")
	now := "1.3-budget/tjj/" + period
	if got := s.dues("status", "--unit", "tjj", "--obligation", "1.3-budget"); len(got) != 1 || got[0].Due != due || got[0].Light == "red" {
		t.Errorf("extended: %v", got)
	}

	s.write("照片.jpg", "\xff\xd8\xff\xe0\x00\x10JFIF\x00")
	s.write("月报.pdf", "%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
	item := strings.TrimSpace(s.run("link", now))
	report := func() {
		t.Helper()
		unit.open(item)
		unit.fill("section.box input[name=evidence]", "https://www.zs.example/budget")
		unit.do("files", chromedp.SetUploadFiles(chromedp.CSS("section.box input[name=files]"), []string{s.path("照片.jpg"), s.path("月报.pdf")}))
		unit.press("section.box button.primary")
		unit.sees("main", "已报告", "照片.jpg", "月报.pdf")
	}
	report()
	unit.do("unfold", chromedp.Click(`//summary[contains(., "撤回报告")]`))
	unit.fill(`form[action$="/retract"] textarea`, "数据有误")
	unit.press(`form[action$="/retract"] button`)
	unit.sees("main", "已撤回")
	s.waitFor(1, "zfb", "撤回")
	report()

	boss.open(desk)
	boss.sees("#decide", "公布一般公共预算收支完成情况", "月报.pdf")
	boss.press(`#decide form[action$="/accept"] button.primary`)
	boss.sees("main", "已通过")
	got := s.dues("status", "--unit", "tjj", "--obligation", "1.3-budget")
	if len(got) != 1 || got[0].State != "closed" {
		t.Errorf("at last: %v", got)
	}
	if text := s.run("journal", "--occurrence", now); !strings.Contains(text, "zfb") || !strings.Contains(text, "retracted") {
		t.Errorf("the journal:\n%s", text)
	}
	s.run("verify")

	// The office prints the register: heads and numbers on every sheet, who printed it.
	office := &visitor{t, ctx, base}
	office.open(first)
	office.fill("input[name=name]", "li")
	office.fill("input[name=password]", "correct horse battery")
	office.press("button.primary")
	sheets := office.printed("/register")
	if len(sheets) < 2 {
		t.Errorf("the register has %d sheets", len(sheets))
	}
	for i, sheet := range sheets {
		for _, want := range []string{"责任单位", "截止日", fmt.Sprintf("%d / %d", i+1, len(sheets))} {
			if !strings.Contains(sheet, want) {
				t.Errorf("sheet %d lacks %q:\n%s", i+1, want, sheet)
			}
		}
	}
	whole := strings.Join(sheets, "")
	for _, want := range []string{"督办台账", "市统计局", "公布一般公共预算收支完成情况", "已办结", "li"} {
		if !strings.Contains(whole, want) {
			t.Errorf("the register on paper lacks %q", want)
		}
	}
	if text := strings.Join(office.printed("/occurrence/zhongshan-2017/"+now), ""); !strings.Contains(text, "月报.pdf") || !strings.Contains(text, "https://www.zs.example/budget") {
		t.Errorf("the item on paper:\n%s", text)
	}
	if err := d.end(os.Interrupt); err != nil {
		t.Error(err)
	}
}
