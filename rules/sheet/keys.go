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
			list = append(list, rules.Value{Text: remindOf(strings.TrimSpace(part)), At: e.At})
		}
		e.Set("remind", rules.Value{List: list, At: e.At})
	}
	if s := c[Overdue]; s != "" {
		e.Set("overdue", rules.Value{Text: inEnglish(overdueForm, s, "every %d %s", "every %s"), At: e.At})
	}
	if s := c[Escalate]; s != "" {
		e.Set("escalate", rules.Value{Text: inEnglish(escalateForm, s, "%d %s after", ""), At: e.At})
	}
}

var (
	remindForm   = regexp.MustCompile(`^(?:提前|期限前)([0-9]{1,3})(个?工作日|天|日)$`)
	overdueForm  = regexp.MustCompile(`^(?:逾期后)?每([0-9]{1,3})?(个?工作日|天|日)(?:一次)?$`)
	escalateForm = regexp.MustCompile(`^(?:逾期)?([0-9]{1,3})(个?工作日|天|日)后$`)
	distanceForm = regexp.MustCompile(`^(-?[0-9]{1,5})(个?工作日|个?自然日|天|日|个月|月|年)$`)
)

// units are the words for what is counted, in Chinese.
func unitOf(zh string) string {
	switch {
	case strings.Contains(zh, "工作日"):
		return "working day"
	case strings.HasSuffix(zh, "月"):
		return "month"
	case zh == "年":
		return "year"
	}
	return "day"
}

func counted2(n int, unit string) string {
	if n == 1 || n == -1 {
		return unit
	}
	return unit + "s"
}

// remindOf is a reminder as rules have it; what is none stays as it is, for the
// rules to refuse.
func remindOf(s string) string {
	switch p := plain(s); {
	case p == "当日", p == "当天", p == "到期日":
		return "on the day"
	default:
		return inEnglish(remindForm, s, "%d %s before", "")
	}
}

// inEnglish is a count as rules have it; what is none stays as it is.
func inEnglish(form *regexp.Regexp, s, format, alone string) string {
	g := form.FindStringSubmatch(plain(s))
	if g == nil {
		return strings.TrimSpace(s)
	}
	if g[1] == "" {
		return strings.ReplaceAll(alone, "%s", unitOf(g[2]))
	}
	n, _ := strconv.Atoi(g[1]) // the form holds digits
	return strings.NewReplacer("%d", strconv.Itoa(n), "%s", counted2(n, unitOf(g[2]))).Replace(format)
}

// parseDistance reads "15个工作日" or "15 working days".
func parseDistance(s string) (string, bool) {
	if w, err := rules.ParseWithin(strings.TrimSpace(s)); err == nil {
		return w.String(), true
	}
	text := inEnglish(distanceForm, s, "%d %s", "")
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
		out = append(out, v.Text)
		if language == "en" {
			continue
		}
		if v.Text == "on the day" {
			out[len(out)-1] = "当日"
		} else if zh, ok := strings.CutSuffix(v.Text, " before"); ok {
			out[len(out)-1] = "提前" + zhCount(zh)
		}
	}
	if language == "en" {
		return strings.Join(out, ", ")
	}
	return strings.Join(out, "、")
}

func overdueWords(s, language string) string {
	if count, ok := strings.CutPrefix(s, "every "); ok && language != "en" {
		return "每" + zhCount(count)
	}
	return s
}

func escalateWords(s, language string) string {
	if count, ok := strings.CutSuffix(s, " after"); ok && language != "en" {
		return zhCount(count) + "后"
	}
	return s
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
