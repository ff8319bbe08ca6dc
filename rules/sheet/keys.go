package sheet

import (
	"regexp"
	"strconv"
	"strings"

	"duban/rules"
	"duban/rules/calendar"
	"duban/rules/problem"
)

// What the cells of keys say, in words of both languages; the first that fits a
// value is the one that is written.
type word struct{ value, zh, en string }

var (
	basisWords    = []word{{"text", "原文", "document"}, {"assumed", "自定", "administrator"}, {"text", "文件规定", "the document"}, {"assumed", "管理员设定", "the administrator"}, {"text", "文件", "text"}, {"assumed", "督办单位设定", "assumed"}}
	evidenceWords = []word{{"required", "必须", "required"}, {"optional", "可选", "optional"}, {"required", "必须提供", "yes"}, {"optional", "可不提供", "no"}, {"required", "是", "true"}, {"optional", "否", "false"}, {"required", "需要", "必需"}, {"optional", "不需要", "无需"}}
	flagWords     = []word{{"true", "是", "yes"}, {"false", "否", "no"}, {"true", "可", "true"}, {"false", "不可", "false"}, {"true", "可以", "√"}, {"false", "不可以", "×"}}
)

// noPolicy stands for the policy of a rule that has none, and noReminders for the
// reminders of one that is never mailed.
var (
	noPolicy    = word{"", "（无）", "(none)"}
	noReminders = word{"", "不提醒", "no reminders"}
)

// in is the word in that language.
func (w word) in(language string) string {
	if language == "en" {
		return w.en
	}
	return w.zh
}

// is tells whether a cell says the word.
func (w word) is(cell string) bool {
	p := plain(cell)
	return p != "" && (p == plain(w.zh) || p == plain(w.en))
}

// valueOf is what a cell says in words; empty: none of them.
func valueOf(words []word, cell string) string {
	for _, w := range words {
		if w.is(cell) {
			return w.value
		}
	}
	return ""
}

// wordFor is a value in words.
func wordFor(words []word, value, language string) string {
	for _, w := range words {
		if w.value == value {
			return w.in(language)
		}
	}
	return value
}

// keys takes over the columns that tables of duban's own have.
func (l *line) keys(e *rules.Entry) {
	c := l.row.Cells
	if basis := valueOf(basisWords, c[Basis]); basis != "" {
		e.Set("basis", rules.Value{Text: basis})
	} else if c[Basis] != "" { // of another kind: 公开依据
		l.row.Other = append(l.row.Other, "依据："+oneLine(c[Basis]))
	}
	l.policy(e)
	if c[Evidence] != "" {
		if v := valueOf(evidenceWords, c[Evidence]); v != "" {
			e.Set("evidence", rules.Value{Text: v})
		} else {
			l.unread(Evidence, "必须 / 可选")
		}
	}
	for _, day := range []Column{Starts, Ends} {
		if c[day] == "" {
			continue
		}
		if d, ok := parseDay(c[day]); ok {
			e.Set(string(day), rules.Value{Day: d, At: e.At})
		} else {
			l.unread(day, "2017-06-09")
		}
	}
	if c[Pausable] != "" {
		switch valueOf(flagWords, c[Pausable]) {
		case "true":
			e.Set("pausable", rules.Value{Flag: true, At: e.At})
		case "":
			l.unread(Pausable, "是 / 否")
		}
	}
	if c[Extendable] != "" {
		if s, ok := parseDistance(c[Extendable]); ok {
			e.Set("extendable", rules.Value{Text: s, At: e.At})
		} else {
			l.unread(Extendable, "15个工作日")
		}
	}
}

// unread tells of a cell that is none of what its column takes.
func (l *line) unread(c Column, example string) {
	l.trouble(Trouble{Column: c, Hinders: true}, "%q is not understood: write it as in %s", problem.Clip(l.row.Cells[c]), example)
}

// policy takes over how people are reminded.
func (l *line) policy(e *rules.Entry) {
	c := l.row.Cells
	name := strings.TrimSpace(c[Policy])
	switch {
	case contains(l.r.policy, name):
	case name == "":
		name = l.r.opt.Policy
	case noPolicy.is(name) && c[Remind] != "":
		name = ""
	default:
		l.trouble(Trouble{Column: Policy, Hinders: true}, "no policy %q%s", problem.Clip(name), problem.DidYouMean(name, l.r.policy))
		name = l.r.opt.Policy
	}
	if name != "" {
		e.Set("policy", rules.Value{Text: name, At: e.At})
	}
	switch {
	case noReminders.is(c[Remind]):
		e.Set("remind", rules.Value{At: e.At})
	case c[Remind] != "":
		var list []rules.Value
		for _, part := range strings.FieldsFunc(width(c[Remind]), func(r rune) bool { return strings.ContainsRune("、,;\n", r) }) {
			list = append(list, rules.Value{Text: rules.ReminderFromWords("remind", strings.TrimSpace(part)), At: e.At})
		}
		e.Set("remind", rules.Value{List: list, At: e.At})
	}
	if s := c[Overdue]; s != "" {
		e.Set("overdue", rules.Value{Text: rules.ReminderFromWords("overdue", strings.TrimSpace(s)), At: e.At})
	}
	if s := c[Escalate]; s != "" {
		e.Set("escalate", rules.Value{Text: rules.ReminderFromWords("escalate", strings.TrimSpace(s)), At: e.At})
	}
}

var distanceForm = regexp.MustCompile(`^(-?[0-9]{1,5})(个?工作日|个?自然日|天|日|个月|月|年)$`)

// unitOf is what is counted, as rules have it.
func unitOf(zh string) rules.CountUnit {
	switch {
	case strings.Contains(zh, "工作日"):
		return rules.WorkingDays
	case strings.HasSuffix(zh, "月"):
		return rules.Months
	case zh == "年":
		return rules.Years
	}
	return rules.Days
}

// parseDistance reads "15个工作日" or "15 working days".
func parseDistance(s string) (string, bool) {
	if w, err := rules.ParseWithin(strings.TrimSpace(s)); err == nil {
		return w.String(), true
	}
	g := distanceForm.FindStringSubmatch(plain(s))
	if g == nil {
		return "", false
	}
	n, _ := strconv.Atoi(g[1]) // the form holds digits
	text := rules.Within{N: n, Unit: unitOf(g[2])}.String()
	_, err := rules.ParseWithin(text)
	return text, err == nil
}

var dayForm = regexp.MustCompile(`^([0-9]{4})(?:年|[-./])([0-9]{1,2})(?:月|[-./])([0-9]{1,2})日?$`)

// parseDay reads 2017-06-09, 2017/6/9 and 2017年6月9日.
func parseDay(s string) (calendar.Date, bool) {
	g := dayForm.FindStringSubmatch(plain(s))
	if g == nil {
		return 0, false
	}
	two := func(s string) string {
		if len(s) == 1 {
			return "0" + s
		}
		return s
	}
	d, err := calendar.ParseDate(g[1] + "-" + two(g[2]) + "-" + two(g[3]))
	return d, err == nil
}

// In words, for tables that are written.

func remindWords(list []rules.Value, language string) string {
	if len(list) == 0 {
		return noReminders.in(language)
	}
	var out []string
	for _, v := range list {
		out = append(out, rules.ReminderInWords("remind", v.Text, language))
	}
	if language == "en" {
		return strings.Join(out, ", ")
	}
	return strings.Join(out, "、")
}

// zhCount is "2 working days" in Chinese.
func zhCount(s string) string {
	n, unit, ok := strings.Cut(s, " ")
	if _, err := strconv.Atoi(n); err != nil || !ok {
		n, unit = "", s
	}
	unit = strings.TrimSuffix(unit, "s")
	return n + map[string]string{"working day": "个工作日", "day": "天", "month": "个月", "year": "年"}[unit]
}
