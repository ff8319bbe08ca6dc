package web

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"duban/ledger"
	"duban/rules"
	"duban/rules/calendar"
	"duban/rules/problem"
)

// words is the language of a page. Templates and messages are written in
// English; the tables say it in others.
type words struct {
	lang  string
	table map[string]string
}

var allWords = map[string]*words{"zh-CN": {"zh-CN", zh}, "en": {"en", en}}

func wordsOf(lang string) *words { return allWords[lang] }

// en has English where the English of the command line does not fit a page.
var en = map[string]string{
	"%s is %s%s":                        "%[1]s is %[2]s: this cannot be done to it.",
	"not found":                         "There is nothing here.",
	"the disk is full":                  "The disk is full: nothing was saved. Tell whoever runs duban.",
	"the ledger is gone from its place": "The ledger is gone from its place: nothing was saved. Whoever runs duban has to start it again; the log says how.",
	"%s needs a link to what was published: add --evidence URL": "A link to what was published is needed.",
	"say why: add --reason":             "Say why.",
	"say what is missing: add --reason": "Say what is missing.",
	"say until when: add --to DATE":     "Say until when.",
	"evidence %.60q is no link: give the address of what was published, starting with https:// or http://": "%.60q is no link: give the address of what was published, starting with https:// or http://.",

	"role admin": "administrator", "role viewer": "viewer", "basis text": "the document", "basis assumed": "the administrator",
	"state open": "open", "state reported": "reported, to be decided", "state closed": "closed", "state waived": "waived", "state cancelled": "cancelled",
	"request extension": "asks for an extension", "request not-ours": "says it is not theirs",
	"decision open": "waits", "decision granted": "granted", "decision refused": "refused",
	"reminder upcoming": "upcoming", "reminder due": "due", "reminder overdue": "overdue", "reminder escalation": "escalation",
	"thanks done": "Reported. Thank you.", "thanks extend": "The extension has been asked for.", "thanks not-ours": "Said; the answer is awaited.",
	"thanks extended": "Extended.", "thanks grant": "Granted.", "thanks refuse": "Refused.", "thanks accept": "Accepted.", "thanks return": "Returned.",
	"mail pending": "pending", "mail sending": "sending", "mail sent": "sent", "mail failed": "failed", "mail held": "held", "mail dropped": "dropped",
	"notice assignment": "assignment", "notice reminder": "reminder", "notice escalation": "escalation", "notice admin": "admin",
	"cadence every": "every", "cadence cron": "cron", "cadence rrule": "rrule", "cadence on": "on", "cadence event": "event", "cadence after": "after",
}

// t says something.
func (w *words) t(format string, args ...any) string {
	if s, ok := w.table[format]; ok {
		format = s
	} else if s, ok := strings.CutPrefix(format, "action "); ok {
		format = s // what the journal calls it
	}
	if len(args) == 0 || !strings.Contains(format, "%") {
		return format
	}
	for i, a := range args {
		if err, ok := a.(error); ok {
			args[i] = w.problem(err)
		} else if d, ok := a.(calendar.Date); ok {
			args[i] = w.date(d)
		} else if st, ok := a.(ledger.State); ok {
			args[i] = w.state(st)
		}
	}
	return fmt.Sprintf(strings.ReplaceAll(format, "%w", "%v"), args...)
}

// problem is an error in words; what no table knows stays as it is.
func (w *words) problem(err error) string {
	var e *problem.Error
	var list problem.Errors
	switch {
	case err == nil:
		return ""
	case errors.As(err, &e):
		return w.said(e)
	case errors.As(err, &list):
		return w.list(list)
	}
	return err.Error()
}

// said is what an error says, without its field.
func (w *words) said(e *problem.Error) string { return w.t(e.Key, slices.Clone(e.Args)...) }

// wrong is what is wrong with a rule, after the key that it is about.
func (w *words) wrong(e *problem.Error) string {
	if e.Field == "" {
		return w.said(e)
	}
	return e.Field + ": " + w.said(e)
}

// list is what is wrong with a text that somebody pasted, a line each.
func (w *words) list(all problem.Errors) string {
	lines := make([]string, len(all))
	for i, p := range all {
		if lines[i] = w.wrong(p.Said); p.Line > 0 {
			lines[i] = w.t("line %d: %s", p.Line, lines[i])
		}
	}
	return strings.Join(lines, "\n")
}

func (w *words) zh() bool { return w.lang == "zh-CN" }

var weekdays = [7]string{"周日", "周一", "周二", "周三", "周四", "周五", "周六"}

func (w *words) weekday(d calendar.Date) string {
	if w.zh() {
		return weekdays[d.Weekday()]
	}
	return d.Weekday().String()[:3]
}

// date is a day with its weekday.
func (w *words) date(d calendar.Date) string {
	if d.IsZero() {
		return "–"
	}
	return d.String() + " " + w.weekday(d)
}

// clock is a moment, to the minute; times come in the zone to show them in.
func (w *words) clock(t time.Time) string {
	if t.IsZero() {
		return "–"
	}
	return t.Format("2006-01-02 15:04")
}

func (w *words) light(l rules.Light) string {
	return w.t(map[rules.Light]string{rules.Red: "red", rules.Yellow: "yellow", rules.Green: "green", rules.Grey: "closed (grey)"}[l])
}

func (w *words) state(s ledger.State) string { return w.t("state " + string(s)) }

var numbered = regexp.MustCompile(`^(\d{4})-(\d\d)$`)

// month is 2017-07 as a column's head.
func (w *words) month(m string) string {
	p := numbered.FindStringSubmatch(m)
	if p == nil {
		return m
	}
	n, _ := strconv.Atoi(p[2])
	if w.zh() {
		return strconv.Itoa(n) + "月"
	}
	return time.Month(n).String()[:3]
}

// distance is a within or an interval in words.
func (w *words) distance(in rules.Within) string {
	if !w.zh() {
		return in.String()
	}
	return strconv.Itoa(in.N) + map[rules.CountUnit]string{rules.WorkingDays: "个工作日", rules.Days: "日", rules.Months: "个月", rules.Years: "年"}[in.Unit]
}

// why is the reason of a step: one word of ours, or several with commas between.
func (w *words) why(s string) string {
	if said, ok := w.table[s]; ok {
		return said
	}
	parts := strings.Split(s, ", ")
	for i := range parts {
		parts[i] = w.t(parts[i])
	}
	return strings.Join(parts, w.t(", "))
}
