package notify

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"duban/rules"
	"duban/rules/calendar"
)

// words is the language of a mail.
type words struct {
	adminTag, assignTag, escalateTag, remindTag string
	subject                                     string // unit, what, when
	nDuties, nEscalated                         string
	nDue, nOverdue, nUpcoming, join             string

	Hello, Assigned, Escalated, Closing, ClosingSupervisor, Automatic string
	Plan, Ref, Period, Due, Basis, Note, ID, Unit, Cadence, NextDates string
	Provisional, Extended, New, Report, By, All                       string
	Handle, AllOfUnits                                                string // of a supervisor's own links
	Colon, Open, Close                                                string // punctuation: full-width in Chinese

	lights  map[rules.Light]string
	kinds   map[rules.ReminderKind]string
	bases   map[rules.Basis]string
	every   map[string]string
	weekday [7]string
}

var zh = &words{
	adminTag: "【督办管理】", assignTag: "【督办交办】", escalateTag: "【督办督促】", remindTag: "【督办提醒】",
	subject: "%s：%s（%s）", nDuties: "%d项事项", nEscalated: "%d项逾期未结",
	nDue: "%d项今日到期", nOverdue: "%d项逾期", nUpcoming: "%d项即将到期", join: "，",
	Hello: "%s：", Assigned: "贵单位承担以下事项，请按期办理。", Escalated: "以下事项逾期未结，请督促办理。",
	Closing: "办结后请及时报告。", ClosingSupervisor: "办结后请向督办单位%s报告；直接回复本邮件即可送达。", Automatic: "本邮件由督办系统自动发出。",
	Plan: "方案", Ref: "条目", Period: "期次", Due: "截止", Basis: "期限依据", Note: "说明", ID: "编号", Unit: "责任单位", Cadence: "频次", NextDates: "近期截止日",
	Provisional: "暂定：相关年度的节假日安排尚未公布", Extended: "已延期", New: "新增事项", Report: "报告办结", By: "前", All: "本单位全部事项",
	Handle: "办理", AllOfUnits: "所督办单位的事项",
	Colon: "：", Open: "（", Close: "）",
	lights:  map[rules.Light]string{rules.Red: "红灯", rules.Yellow: "黄灯", rules.Green: "绿灯", rules.Grey: "已结"},
	kinds:   map[rules.ReminderKind]string{rules.Overdue: "逾期", rules.DueToday: "今日到期", rules.Upcoming: "即将到期"},
	bases:   map[rules.Basis]string{rules.InText: "文件规定", rules.Assumed: "管理员设定"},
	every:   map[string]string{"day": "每个工作日", "week": "每周", "month": "每月", "quarter": "每季度", "half-year": "每半年", "year": "每年"},
	weekday: [7]string{"星期日", "星期一", "星期二", "星期三", "星期四", "星期五", "星期六"},
}

var en = &words{
	adminTag: "[Duban admin] ", assignTag: "[Duban assignment] ", escalateTag: "[Duban escalation] ", remindTag: "[Duban reminder] ",
	subject: "%s: %s (%s)", nDuties: "%d items", nEscalated: "%d overdue and open",
	nDue: "%d due today", nOverdue: "%d overdue", nUpcoming: "%d coming up", join: ", ",
	Hello: "%s,", Assigned: "Your unit is responsible for the following. Please see to each in time.", Escalated: "The following are overdue and still open. Please see that they are done.",
	Closing: "Please report when done.", ClosingSupervisor: "When done, please report to %s; a reply to this mail reaches it.", Automatic: "This mail was sent automatically by duban.",
	Plan: "Plan", Ref: "Item", Period: "Period", Due: "Due", Basis: "Deadline set by", Note: "Note", ID: "Id", Unit: "Unit", Cadence: "How often", NextDates: "Next due dates",
	Provisional: "provisional: the holidays of a year it touches are not published yet", Extended: "extended", New: "new", Report: "Report it done", By: "", All: "All that your unit owes",
	Handle: "Handle it", AllOfUnits: "All that the units you supervise owe",
	Colon: ": ", Open: " (", Close: ")",
	lights:  map[rules.Light]string{rules.Red: "red", rules.Yellow: "yellow", rules.Green: "green", rules.Grey: "closed"},
	kinds:   map[rules.ReminderKind]string{rules.Overdue: "Overdue", rules.DueToday: "Due today", rules.Upcoming: "Coming up"},
	bases:   map[rules.Basis]string{rules.InText: "the document", rules.Assumed: "the administrator"},
	every:   map[string]string{"day": "every working day", "week": "every week", "month": "every month", "quarter": "every quarter", "half-year": "every half-year", "year": "every year"},
	weekday: [7]string{"Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"},
}

func wordsOf(language string) *words {
	if language == "en" {
		return en
	}
	return zh
}

func (w *words) zh() bool { return w == zh }

// tally is "1 due today, 2 overdue".
func (w *words) tally(n *Notice) string {
	var parts []string
	for _, k := range []struct {
		kind   rules.ReminderKind
		format string
	}{{rules.DueToday, w.nDue}, {rules.Overdue, w.nOverdue}, {rules.Upcoming, w.nUpcoming}} {
		if c := n.count(k.kind); c > 0 {
			parts = append(parts, fmt.Sprintf(k.format, c))
		}
	}
	return strings.Join(parts, w.join)
}

func (w *words) shortDate(d calendar.Date) string {
	if w.zh() {
		return fmt.Sprintf("%d月%d日", d.Month(), d.Day())
	}
	return fmt.Sprintf("%d %s", d.Day(), d.Month())
}

// date is a day with its weekday.
func (w *words) date(d calendar.Date) string {
	if w.zh() {
		return fmt.Sprintf("%d年%d月%d日 %s", d.Year(), d.Month(), d.Day(), w.weekday[d.Weekday()])
	}
	return fmt.Sprintf("%s, %d %s %d", w.weekday[d.Weekday()], d.Day(), d.Month(), d.Year())
}

// dueText is the due date with its weekday and close of business.
func (w *words) dueText(it Item) string {
	clock := it.Due.Clock(it.Deadline)
	if w.zh() {
		return w.date(it.Due) + " " + clock + w.By
	}
	return w.date(it.Due) + ", " + clock
}

// left says how many working days are left, or by how many it is late.
func (w *words) left(it Item) string {
	switch {
	case it.Kind == rules.DueToday:
		return w.kinds[rules.DueToday]
	case it.Kind == rules.Overdue && it.Days >= 0:
		return w.kinds[rules.Overdue]
	case it.Kind == rules.Overdue && w.zh():
		return fmt.Sprintf("已逾期%d个工作日", -it.Days)
	case it.Kind == rules.Overdue:
		return plural(-it.Days, "working day") + " late"
	case w.zh():
		return fmt.Sprintf("还有%d个工作日", it.Days)
	}
	return plural(it.Days, "working day") + " left"
}

func plural(n int, word string) string {
	if n == 1 {
		return "1 " + word
	}
	return strconv.Itoa(n) + " " + word + "s"
}

var (
	periodForm = regexp.MustCompile(`^(\d{4})(?:-(?:(\d\d)(?:-(\d\d))?|Q(\d)|H(\d)|W(\d\d)))?$`)
	halves     = map[string]string{"1": "上", "2": "下"}
)

// periodText is a period as people say it; an event's key stays as it is.
func (w *words) periodText(p string) string {
	m := periodForm.FindStringSubmatch(p)
	if m == nil {
		return p
	}
	num := func(s string) int { n, _ := strconv.Atoi(s); return n }
	month := time.Month(num(m[2])).String()
	switch {
	case m[3] != "" && w.zh():
		return fmt.Sprintf("%s年%d月%d日", m[1], num(m[2]), num(m[3]))
	case m[3] != "":
		return fmt.Sprintf("%d %s %s", num(m[3]), month, m[1])
	case m[2] != "" && w.zh():
		return fmt.Sprintf("%s年%d月", m[1], num(m[2]))
	case m[2] != "":
		return month + " " + m[1]
	case m[4] != "" && w.zh():
		return m[1] + "年第" + m[4] + "季度"
	case m[4] != "":
		return "Q" + m[4] + " " + m[1]
	case m[5] != "" && w.zh():
		return m[1] + "年" + halves[m[5]] + "半年"
	case m[5] != "":
		return "H" + m[5] + " " + m[1]
	case m[6] != "" && w.zh():
		return fmt.Sprintf("%s年第%d周", m[1], num(m[6]))
	case m[6] != "":
		return fmt.Sprintf("week %d of %s", num(m[6]), m[1])
	case w.zh():
		return m[1] + "年"
	}
	return m[1]
}

// cadenceText says how often something is owed and by when.
func (w *words) cadenceText(d Duty) string {
	within := w.withinText(d.Within)
	c := d.Cadence
	if w.zh() {
		switch c.Kind {
		case rules.ByPeriod:
			return w.every[c.Value] + w.afterwards(d.Within, "期末", within)
		case rules.OnDate:
			return "一次性，" + c.Value + w.afterwards(d.Within, "", within)
		case rules.ByEvent:
			return "发生“" + d.Event + "”后" + within
		case rules.After:
			return "“" + d.Predecessor + "”办结后" + within
		}
		return string(c.Kind) + " " + c.Value + w.afterwards(d.Within, "", within)
	}
	switch c.Kind {
	case rules.ByPeriod:
		return w.every[c.Value] + w.afterwards(d.Within, " of its end", within)
	case rules.OnDate:
		return "once, " + c.Value + w.afterwards(d.Within, " of it", within)
	case rules.ByEvent:
		return fmt.Sprintf("%s of “%s”", within, d.Event)
	case rules.After:
		return fmt.Sprintf("%s of the closing of “%s”", within, d.Predecessor)
	}
	return string(c.Kind) + " " + c.Value + w.afterwards(d.Within, " of it", within)
}

func (w *words) afterwards(in rules.Within, frame, within string) string {
	switch {
	case in.N == 0:
		return ""
	case in.N < 0 && w.zh():
		return "，" + frame + "前" + within
	case in.N < 0:
		return ", " + within + " before its end"
	case w.zh() && frame == "":
		return "后" + within
	case w.zh():
		return "，" + frame + "后" + within
	}
	return ", " + within + frame
}

// withinText is a distance as people say it.
func (w *words) withinText(in rules.Within) string {
	n := max(in.N, -in.N)
	if w.zh() {
		return strconv.Itoa(n) + map[rules.CountUnit]string{rules.WorkingDays: "个工作日内", rules.Days: "日内", rules.Months: "个月内", rules.Years: "年内"}[in.Unit]
	}
	return "within " + plural(n, strings.TrimSuffix(string(in.Unit), "s"))
}
