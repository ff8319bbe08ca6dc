package rules

import (
	"regexp"
	"strconv"
	"strings"
)

// Words is the policy as a sentence of that language: 提前7、3个工作日和当日提醒……
func (p Policy) Words(language string) string {
	if language == "en" {
		return p.inEnglish()
	}
	return p.inChinese()
}

func (p Policy) inChinese() string {
	var parts []string
	before, today := p.steps(func(w Within) string { return strconv.Itoa(-w.N) }, func(numbers []string, unit CountUnit) string {
		return "提前" + strings.Join(numbers, "、") + zhUnit(unit)
	})
	if today {
		before = append(before, "当日")
	}
	if len(before) > 0 {
		parts = append(parts, strings.Join(before, "和")+"提醒")
	}
	if p.Overdue != nil {
		parts = append(parts, "逾期后每"+zhCount(*p.Overdue)+"提醒")
	}
	said := strings.Join(parts, "\uff1b")
	if p.Escalate != nil {
		said += "\uff0c第" + strconv.Itoa(p.Escalate.N) + zhUnit(p.Escalate.Unit) + "起报督办单位"
	}
	if said == "" {
		return "只登记\uff0c不提醒"
	}
	return strings.TrimPrefix(said, "\uff0c")
}

func zhUnit(u CountUnit) string {
	if u == WorkingDays {
		return "个工作日"
	}
	return "个自然日"
}

// zhCount is so many days, or each of them.
func zhCount(w Within) string {
	if w.N == 1 {
		return strings.TrimPrefix(zhUnit(w.Unit), "个")
	}
	return strconv.Itoa(w.N) + zhUnit(w.Unit)
}

// steps are the reminders before the day, those of one unit together; today: there
// is one on the day itself.
func (p Policy) steps(number func(Within) string, say func([]string, CountUnit) string) (before []string, today bool) {
	for _, unit := range []CountUnit{WorkingDays, Days} {
		var numbers []string
		for _, w := range p.Remind {
			if w.N == 0 {
				today = true
			} else if w.Unit == unit {
				numbers = append(numbers, number(w))
			}
		}
		if len(numbers) > 0 {
			before = append(before, say(numbers, unit))
		}
	}
	return before, today
}

func (p Policy) inEnglish() string {
	var parts []string
	before, today := p.steps(func(w Within) string { return strconv.Itoa(-w.N) }, func(numbers []string, unit CountUnit) string {
		return strings.Join(numbers, ", ") + " " + string(unit) + " before"
	})
	if today {
		before = append(before, "on the day")
	}
	if len(before) > 0 {
		parts = append(parts, "reminded "+strings.Join(before, " and "))
	}
	if p.Overdue != nil {
		parts = append(parts, "once overdue "+sayReminder("overdue", *p.Overdue))
	}
	if p.Escalate != nil {
		parts = append(parts, "the supervisor is told "+sayReminder("escalate", *p.Escalate))
	}
	if len(parts) == 0 {
		return "kept in the ledger, never mailed"
	}
	return strings.Join(parts, "; ")
}

// sayReminder is a reminder as plans write it.
func sayReminder(key string, w Within) string {
	n := max(w.N, -w.N)
	count := Within{n, w.Unit}.String()
	switch {
	case key == "remind" && n == 0:
		return "on the day"
	case key == "remind":
		return count + " before"
	case key == "overdue" && n == 1:
		return "every " + strings.TrimSuffix(string(w.Unit), "s")
	case key == "overdue":
		return "every " + count
	}
	return count + " after"
}

// IsReminder tells whether a key's texts are reminders, which forms show and take
// in words.
func IsReminder(key string) bool { return key == "remind" || key == "overdue" || key == "escalate" }

// ReminderInWords is a reminder of a plan in words of that language; what is none
// stays as it is.
func ReminderInWords(key, text, language string) string {
	if language == "en" {
		return text
	}
	w, ok := readReminder(key, text)
	switch {
	case !ok:
		return text
	case key == "remind" && w.N == 0:
		return "当日"
	case key == "remind":
		return "提前" + strconv.Itoa(-w.N) + zhUnit(w.Unit)
	case key == "overdue":
		return "每" + zhCount(w)
	}
	return strconv.Itoa(w.N) + zhUnit(w.Unit) + "后"
}

func readReminder(key, text string) (Within, bool) {
	if key == "remind" {
		w, err := parseRemind(text)
		return w, err == nil
	}
	read := parseOverdue
	if key == "escalate" {
		read = parseEscalate
	}
	w, err := read(text)
	if err != nil {
		return Within{}, false
	}
	return *w, true
}

const (
	zhNumberForm = `([0-9]{1,3}|[一二两三四五六七八九十]{1,3})`
	zhUnitForm   = `个?(工作日|自然日|日|天)`
)

var zhReminders = map[string]*regexp.Regexp{
	"remind":   regexp.MustCompile(`^(?:提前|截止日?前|到期前)?` + zhNumberForm + zhUnitForm + `(?:前|以前|之前)?(?:提醒)?$`),
	"overdue":  regexp.MustCompile(`^(?:逾期后)?(?:每隔?|每)` + zhNumberForm + `?` + zhUnitForm + `(?:一次)?(?:提醒|催办)?(?:一次)?$`),
	"escalate": regexp.MustCompile(`^(?:逾期后?)?第?` + zhNumberForm + zhUnitForm + `(?:后|起|之后)?(?:报督办单位|上报)?$`),
}

var zhToday = regexp.MustCompile(`^(?:到期|截止)?(?:日|当日|当天)(?:提醒)?$`)

// ReminderFromWords is what a plan writes for a reminder that somebody said in
// Chinese; what is not understood stays as it is, for the rules to refuse.
func ReminderFromWords(key, said string) string {
	plain := plainName(said)
	if key == "remind" && zhToday.MatchString(plain) {
		return "on the day"
	}
	m := zhReminders[key].FindStringSubmatch(plain)
	if m == nil {
		return said
	}
	n := 1
	if m[1] != "" {
		n = zhNumber(m[1])
	}
	if n < 1 {
		return said
	}
	unit := Days
	if m[2] == "工作日" {
		unit = WorkingDays
	}
	return sayReminder(key, Within{n, unit})
}

var zhDigits = map[string]int{"": 0, "一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9}

// zhNumber is a number up to 99; 0: it is none.
func zhNumber(s string) int {
	if n, err := strconv.Atoi(s); err == nil {
		return n
	}
	tens, ones, ten := strings.Cut(s, "十")
	if !ten {
		return zhDigits[s]
	}
	many, known := zhDigits[tens]
	rest, also := zhDigits[ones]
	switch {
	case !known || !also:
		return 0
	case tens == "":
		many = 1
	}
	return 10*many + rest
}
