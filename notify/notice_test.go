package notify

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	ics "github.com/arran4/golang-ical"

	"duban/rules"
	"duban/rules/address"
	"duban/rules/calendar"
)

var update = flag.Bool("update", false, "write the golden files anew")

var shanghai = func() *time.Location {
	l, err := time.LoadLocation("Asia/Shanghai")
	if err != nil {
		panic(err)
	}
	return l
}()

func day(y int, m time.Month, d int) calendar.Date { return calendar.DateOf(y, m, d) }

func item(kind rules.ReminderKind, light rules.Light, title, id string, due calendar.Date, days int) Item {
	parts := strings.Split(id, "/")
	return Item{
		ID: id, UID: "p:" + id + "@duban", Kind: kind, Light: light, Plan: "方案", Title: title, Ref: "1.3", Unit: "市财政局", Period: parts[2],
		Due: due, Deadline: due.At(17*60+30, shanghai), Days: days, Basis: rules.Assumed,
	}
}

// specimens are one notice of each kind.
func specimens() map[string]*Notice {
	today := day(2017, 7, 14)
	overdue := item(rules.Overdue, rules.Red, "公布电力市场交易名单", "2.2-power-market/czj/2017-Q2", day(2017, 7, 11), -3)
	due := item(rules.DueToday, rules.Yellow, "公布一般公共预算收支完成情况", "1.3-budget/czj/2017-06", today, 0)
	due.Basis, due.Note = rules.InText, "原文定为“按月”。\n第二行。"
	soon := item(rules.Upcoming, rules.Yellow, "答复公开申请", "22.1-answer/czj/粤府函65号", day(2027, 1, 11), 5)
	soon.Provisional, soon.Extended, soon.New, soon.Sequence, soon.Link = true, true, true, 2, "https://duban.example/o?t=a&x=1"
	reminder := &Notice{Kind: Reminder, Language: "zh-CN", Unit: "市财政局", Supervisor: "市政府办公室", Day: today, Items: []Item{soon, due, overdue}}
	english := *reminder
	english.Language, english.Unit, english.Supervisor = "en", "Municipal Finance Bureau", "Municipal Government Office"
	english.Items = append([]Item(nil), reminder.Items...)
	for i, title := range []string{"Answer a request for disclosure", "Publish monthly general public budget figures", "Publish the list of the power market"} {
		english.Items[i].Title = title
	}
	english.Items[1].Note = "The document says \u201cmonthly\u201d.\nA second line."
	other := overdue
	other.Unit, other.ID = "市统计局", "1.4/tjj/2017-Q2"
	assignment := &Notice{Kind: Assignment, Language: "zh-CN", Unit: "市财政局", Supervisor: "市政府办公室", Day: day(2017, 6, 9), All: "https://duban.example/u/czj/1/x", Duties: []Duty{
		{Plan: "分工方案", Title: "公布一般公共预算收支完成情况", Ref: "1.3", Deadline: "每月结束后15个工作日内", Basis: rules.Assumed, Note: "管理员定为月后15个工作日内。",
			Next: []NextDate{{"2017-06", day(2017, 7, 21), false}, {"2027-01", day(2027, 2, 22), true}}},
		{Plan: "分工方案", Title: "提请标注废止文件", Ref: "5.7", Deadline: "文件废止或宣布失效之日起10个工作日内", Basis: rules.InText},
		{Plan: "分工方案", Title: "在门户网站标注", Ref: "5.7", Deadline: "「提请标注废止文件」办结后5个自然日内", Basis: rules.Assumed},
		{Plan: "分工方案", Title: "落实措施", Ref: "0.1", Deadline: "方案印发之日起30个工作日内", Basis: rules.InText},
	}}
	assignmentEn := *assignment
	assignmentEn.Language, assignmentEn.Unit, assignmentEn.Supervisor = "en", "Municipal Finance Bureau", "Municipal Government Office"
	assignmentEn.Duties = slices.Clone(assignment.Duties)
	for i, said := range [][2]string{
		{"Publish monthly general public budget figures", "within 15 working days of the end of each month"}, {"Mark the repealed file", "within 10 working days of the repeal"},
		{"Mark it on the portal", "within 5 days of \u201cMark the repealed file\u201d"}, {"Put measures into practice", "within 30 working days of the plan"},
	} {
		d := &assignmentEn.Duties[i]
		d.Plan, d.Title, d.Deadline = "Division of work", said[0], said[1]
	}
	assignmentEn.Duties[0].Note = "The administrator made it 15 working days."
	released := &Notice{Kind: Assignment, Language: "zh-CN", Unit: "市财政局", Supervisor: "市政府办公室", Day: day(2017, 6, 9), Relieved: []Duty{{Plan: "分工方案", Title: "落实措施", Ref: "0.1"}}}
	changed := *assignment
	changed.Items, changed.Relieved = []Item{soon}, released.Relieved
	return map[string]*Notice{
		"released-zh": released, "changed-zh": &changed,
		"reminder-zh": reminder, "reminder-en": &english, "assignment-zh": assignment, "assignment-en": &assignmentEn,
		"escalation-zh": {Kind: Escalation, Language: "zh-CN", Unit: "市政府办公室", Day: today, Items: []Item{other, overdue}},
		"admin-zh":      {Kind: Admin, Language: "zh-CN", Day: today, Title: AdminSubject("zh-CN", "通知过多，已暂扣"), Text: "第一段。\n\n<b>第二段</b>"},
	}
}

// readable is all that a notice says: its words, and its due dates as a file.
func readable(t testing.TB, n *Notice) string {
	t.Helper()
	n.Sort()
	said, err := n.Say()
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	fmt.Fprintf(&b, "Subject: %s\n\n--- text\n%s\n--- HTML\n%s", said.Subject, said.Text, said.HTML)
	if entries := n.Entries(); len(entries) > 0 {
		b.WriteString("\n--- calendar\n")
		var file bytes.Buffer
		if err := WriteCalendar(&file, "", address.Must("督办提醒 <duban@zs.example>"), entries, time.Date(2017, 7, 14, 8, 30, 0, 0, shanghai)); err != nil {
			t.Fatal(err)
		}
		b.WriteString(strings.ReplaceAll(file.String(), "\r\n", "\n"))
	}
	return b.String()
}

func TestNoticesReadAsTheGoldenOnes(t *testing.T) {
	for name, n := range specimens() {
		t.Run(name, func(t *testing.T) {
			got := readable(t, n)
			file := filepath.Join("testdata", name+".golden")
			if *update {
				if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if got != string(want) {
				t.Errorf("the notice differs from %s (go test -update writes it anew):\n%s", file, got)
			}
		})
	}
}

func TestSubjectSaysWhomWhatAndWhen(t *testing.T) {
	n := &Notice{Kind: Reminder, Language: "zh-CN", Unit: "市财政局", Day: day(2017, 7, 14), Items: []Item{{Kind: rules.Overdue}, {Kind: rules.DueToday}, {Kind: rules.Overdue}}}
	if s := n.Subject(); s != "【督办提醒】市财政局：1项今日到期，2项逾期（7月14日）" {
		t.Errorf("subject %s", s)
	}
	n.Language, n.Unit = "en", "Finance"
	n.Items = append(n.Items, Item{Kind: rules.Upcoming})
	if s := n.Subject(); s != "[Duban reminder] Finance: 1 due today, 2 overdue, 1 coming up (14 July)" {
		t.Errorf("subject %s", s)
	}
}

func TestTextAndHTMLSayTheSame(t *testing.T) {
	tags := regexp.MustCompile(`(?s)<(style|title)[^>]*>.*?</(style|title)>|<[^>]+>`)
	for name, n := range specimens() {
		n.Sort()
		said, err := n.Say()
		html := said.HTML
		if err != nil {
			t.Fatal(err)
		}
		plain := tags.ReplaceAllString(html, " ")
		for _, it := range n.Items {
			w := wordsOf(n.Language)
			for _, s := range []string{it.Title, it.ID, w.dueText(it), w.left(it), w.lights[it.Light], w.bases[it.Basis], w.in.Period(it.Period)} {
				said, err := n.Say()
				text := said.Text
				if err != nil || !strings.Contains(text, s) || !strings.Contains(plain, s) {
					t.Errorf("%s: %q is not in both parts", name, s)
				}
			}
		}
	}
}

func TestHostileTextStaysText(t *testing.T) {
	n := specimens()["reminder-zh"]
	n.Items[0].Title = `"><script>alert(1)</script>`
	n.Items[0].Note = "a\n.\nb"
	said, err := n.Say()
	html := said.HTML
	if err != nil || strings.Contains(html, "<script>") {
		t.Errorf("script in the HTML part, %v", err)
	}
}

func TestCalendarEntriesAreStableAndCountUp(t *testing.T) {
	n := specimens()["reminder-zh"]
	raw := readable(t, n)
	_, file, ok := strings.Cut(raw, "--- calendar\n")
	if !ok {
		t.Fatal("no calendar attached")
	}
	cal, err := ics.ParseCalendar(strings.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	events := cal.Events()
	if len(events) != 3 {
		t.Fatalf("%d events, want 3", len(events))
	}
	for _, e := range events {
		if e.Id() != "p:22.1-answer/czj/粤府函65号@duban" {
			continue
		}
		if s := e.GetProperty(ics.ComponentPropertySequence).Value; s != "2" {
			t.Errorf("sequence %s, want 2", s)
		}
		if d, err := e.GetAllDayStartAt(); err != nil || d.Format(time.DateOnly) != "2027-01-11" {
			t.Errorf("starts %s, %v", d, err)
		}
		return
	}
	t.Error("the entry with the stable UID is missing")
}

func TestPeriodsReadAsPeopleSayThem(t *testing.T) {
	for period, want := range map[string][2]string{
		"2017-07": {"2017年7月", "July 2017"}, "2017-Q3": {"2017年第3季度", "Q3 2017"}, "2017-H2": {"2017年下半年", "H2 2017"},
		"2017": {"2017年", "2017"}, "2017-W28": {"2017年第28周", "week 28 of 2017"}, "2017-07-14": {"2017年7月14日", "14 July 2017"}, "粤府函65号": {"粤府函65号", "粤府函65号"},
	} {
		if z, e := wordsOf("zh-CN").in.Period(period), wordsOf("en").in.Period(period); z != want[0] || e != want[1] {
			t.Errorf("%s: %s, %s", period, z, e)
		}
	}
}

func TestADeadlineAtMidnightBelongsToTheDayItEnds(t *testing.T) {
	it := item(rules.DueToday, rules.Yellow, "答复", "1.1/czj/2026-11-19", day(2026, 11, 19), 0)
	it.Deadline = it.Due.At(24*60, shanghai)
	for _, language := range []string{"zh-CN", "en"} {
		if said := wordsOf(language).dueText(it); !strings.Contains(said, "19") || !strings.Contains(said, "24:00") {
			t.Errorf("%s: %s", language, said)
		}
	}
}
