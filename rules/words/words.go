// Package words reads deadlines as documents write them, in Chinese and in
// English, and says any rule in both languages.
//
//	words → Parse → Rule (cadence, within, roll)
//	Rule  → Say   → words that Parse reads as the same Rule
//
// Being wrong is worse than not understanding: words that name no day, or that
// can be read in two ways, are refused with what they may mean. The package
// knows no plan and no clock; what a phrase leaves open is in its Context.
package words

import (
	"regexp"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"duban/rules/calendar"
	"duban/rules/problem"
)

// The kinds of cadence, as plans write them.
const (
	Every = "every"
	Cron  = "cron"
	RRule = "rrule"
	On    = "on"
	Event = "event"
	After = "after"
)

// Periods are those that repeat, as plans write them.
var Periods = []string{"day", "week", "month", "quarter", "half-year", "year"}

// The units of a distance.
const (
	WorkingDays = "working days"
	Days        = "days"
	Months      = "months"
	Years       = "years"
)

// The ways to roll a due date that is a day off.
const (
	Forward  = "forward"
	Backward = "backward"
	NoRoll   = "none"
)

// Rule is what a deadline means: what a plan says with a cadence, within and roll.
type Rule struct {
	Kind, Value string
	N           int
	Unit        string
	Roll        string
}

// Meaning is a Rule with what else its words say.
type Meaning struct {
	Rule
	Dated  bool          // a date that was written with its year
	Starts calendar.Date // nothing is due before; 0: the words do not say
	Hour   string        // as in 16:00; empty: close of business
}

// Context is what a phrase leaves open.
type Context struct {
	Issued calendar.Date // the day that the plan was issued
	Year   int           // the year that the plan's title names; 0: none
	// Event is the id of the event that is called so, in any language; empty, or
	// nil: none is, and the words stand for themselves.
	Event func(name string) string
	// Name is what an event is called in that language; empty, or nil: its id.
	Name func(id, language string) string
}

// Refusal says why a phrase is not understood, and what it may mean.
type Refusal struct {
	Text     *problem.Error
	Readings []Rule
	TwoWays  bool // the readings are all that it may mean
	NoDay    bool // its words name none: a rhythm has to be chosen
	Several  bool // it is a list of dates: the readings, a rule each
}

func (r *Refusal) Error() string { return r.Text.Error() }

func (r *Refusal) Unwrap() error { return r.Text }

func refuse(format string, args ...any) *Refusal {
	return &Refusal{Text: textOf(format, args...)}
}

func textOf(format string, args ...any) *problem.Error {
	return &problem.Error{Code: problem.Invalid, Key: format, Args: args}
}

// twoWays refuses a phrase that may mean any of these.
func twoWays(readings ...Rule) *Refusal {
	r := refuse("this can be read in two ways: say which")
	r.Readings, r.TwoWays = readings, true
	return r
}

// maxPhrase is the most characters of a phrase; more is a text, not a deadline.
const maxPhrase = 200

// Parse reads a deadline. The error is a *Refusal.
func Parse(phrase string, c Context) (Meaning, error) {
	m, refusal := parse(phrase, c)
	if refusal != nil {
		return Meaning{}, refusal
	}
	return m, nil
}

func parse(phrase string, c Context) (Meaning, *Refusal) {
	if c.Issued == 0 {
		c.Issued = calendar.DateOf(2000, 1, 1) // of no plan: only what needs no year is certain
	}
	s := strings.TrimSpace(phrase)
	if m, refusal := parseOwn(s); refusal != nil || m.Kind != "" {
		return m, refusal
	}
	switch {
	case s == "":
		return Meaning{}, refuse("is empty: write a deadline, as in 每月15日前 or by the 15th of each month")
	case len([]rune(s)) > maxPhrase:
		return Meaning{}, refuse("has %d characters; %d are the most", len([]rune(s)), maxPhrase)
	}
	quote := quoted.FindStringSubmatch(s)
	if quote != nil {
		s = quote[1] + inQuotes + quote[3]
	}
	read := parseEnglish
	if chinese(s) {
		read = parseChinese
	}
	m, refusal := read(s, c)
	if refusal == nil && quote != nil {
		if m.Kind != Event || m.Value != inQuotes {
			return m, refuse("%q is not understood", problem.Clip(phrase))
		}
		m.Rule, refusal = c.event(quote[2], distance{m.N, m.Unit})
	}
	if refusal == nil && m.Kind == On {
		if _, err := calendar.ParseDate(m.Value); err != nil {
			return m, refuse("%v", err)
		}
	}
	return m, refusal
}

// An event whose name is of another language stands in quotes: 事件"receipt"后10个工作日内.
var quoted = regexp.MustCompile(`^(.*)(?:event |事件)["\x{201c}]([^"\x{201c}\x{201d}「」]+)["\x{201d}](.*)$`)

// inQuotes stands for it while the rest is read.
const inQuotes = "quoted-event"

// chinese tells whether a phrase is to be read as Chinese.
func chinese(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool { return r >= 0x2E80 && r <= 0x9FFF || r >= 0x3000 && r <= 0x303F })
}

// What rows of the table mean.

func every(period string, n int, unit, roll string) Rule { return Rule{Every, period, n, unit, roll} }

// atEnd is due by the end of each period.
func atEnd(period string) Rule { return every(period, 0, Days, Backward) }

// counted is due so long after each period.
func counted(period string, d distance) Rule { return every(period, d.n, d.unit, Forward) }

func byRRule(value, roll string) Rule { return Rule{RRule, value, 0, Days, roll} }

func onDate(d calendar.Date, roll string) Rule { return Rule{On, d.String(), 0, Days, roll} }

// distance is so many of a unit.
type distance struct {
	n    int
	unit string
}

// fits tells whether a plan takes the distance.
func (d distance) fits() bool {
	n := max(d.n, -d.n)
	return n <= map[string]int{WorkingDays: 20000, Days: 20000, Months: 600, Years: 50}[d.unit]
}

// monthly is due on that day of each month; the 31st is its end.
func monthly(day int) (Rule, *Refusal) {
	switch {
	case day >= 1 && day <= 28:
		return counted("month", distance{day, Days}), nil
	case day == 29:
		return byRRule("FREQ=MONTHLY;BYMONTHDAY=28,29;BYSETPOS=-1", Forward), nil
	case day == 30:
		return byRRule("FREQ=MONTHLY;BYMONTHDAY=28,29,30;BYSETPOS=-1", Forward), nil
	case day == 31:
		return atEnd("month"), nil
	}
	return Rule{}, noDay(day)
}

func noDay(day int) *Refusal { return refuse("no month has a day %d", day) }

// monthEnds is due on the last day of these months.
func monthEnds(months ...int) Rule {
	return byRRule("FREQ="+freqOf(months)+";BYMONTH="+list(months)+";BYMONTHDAY=-1", Backward)
}

// monthDays is due on that day of these months.
func monthDays(day int, months ...int) (Rule, *Refusal) {
	for _, m := range months {
		if m < 1 || m > 12 {
			return Rule{}, refuse("there is no month %d", m)
		}
		if most := daysOf(m); day < 1 || day > most || m == 2 && day == 29 {
			r := refuse("month %d does not have a day %d every year", m, day)
			r.Readings = []Rule{monthEnds(months...)}
			return Rule{}, r
		}
	}
	return byRRule("FREQ="+freqOf(months)+";BYMONTH="+list(months)+";BYMONTHDAY="+itoa(day), Forward), nil
}

// freqOf is how a rule over these months is written: yearly, and monthly where
// they are those of the quarters, as the table has it.
func freqOf(months []int) string {
	switch list(months) {
	case "1,4,7,10", "2,5,8,11", "3,6,9,12":
		return "MONTHLY"
	}
	return "YEARLY"
}

// daysOf is the number of days of a month in a leap year.
func daysOf(month int) int {
	return calendar.DateOf(2000, time.Month(month)+1, 0).Day()
}

// yearly is due on that day of each year; 31 December is the year's end.
func yearly(month, day int) (Rule, *Refusal) {
	if month == 12 && day == 31 {
		return atEnd("year"), nil
	}
	return monthDays(day, month)
}

// yearlyEnd is due by the end of that month of each year.
func yearlyEnd(month int) (Rule, *Refusal) {
	if month < 1 || month > 12 {
		return Rule{}, refuse("there is no month %d", month)
	}
	if month == 12 {
		return atEnd("year"), nil
	}
	return monthEnds(month), nil
}

// date is that day in a year, or where none is written (0) in the one that the
// context gives: by its title, else the first on or after it was issued.
func (c Context) date(year, month, day int) (Rule, *Refusal) {
	if month < 1 || month > 12 {
		return Rule{}, refuse("there is no month %d", month)
	}
	if day < 1 || day > daysOf(month) {
		return Rule{}, refuse("month %d has no day %d", month, day)
	}
	roll := Forward
	if month == 12 && day == 31 {
		roll = Backward // the year's end
	}
	if year == 0 {
		year = c.year(month, day)
	}
	d := calendar.DateOf(year, time.Month(month), day)
	if d.Day() != day {
		return Rule{}, refuse("%d has no 29 February", year)
	}
	return c.in(d, roll)
}

func (c Context) in(d calendar.Date, roll string) (Rule, *Refusal) {
	if !d.InRange() {
		return Rule{}, refuse("%s is out of range: dates lie from %s to %s", outOfRange(d), calendar.First, calendar.Last)
	}
	return onDate(d, roll), nil
}

func outOfRange(d calendar.Date) string { return itoa(d.Year()) }

// end is the last day of that month, in a year or where none is written in the
// one that the context gives.
func (c Context) end(year, month int) (Rule, *Refusal) {
	if month < 1 || month > 12 {
		return Rule{}, refuse("there is no month %d", month)
	}
	if year == 0 {
		year = c.year(month, calendar.DateOf(c.Issued.Year(), time.Month(month)+1, 0).Day())
	}
	return c.in(calendar.DateOf(year, time.Month(month)+1, 0), Backward)
}

// year is the one in which a day without a year is.
func (c Context) year(month, day int) int {
	if c.Year != 0 {
		return c.Year
	}
	y := c.Issued.Year()
	if calendar.DateOf(y, time.Month(month), day) < c.Issued {
		y++
	}
	return y
}

// isName tells whether an event can be called so.
func isName(s string) bool {
	if n := utf8.RuneCountInString(s); n > 80 || !utf8.ValidString(s) {
		return false
	}
	for _, r := range s {
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune(" -.·、《》'/&_", r) {
			return false
		}
	}
	return true
}

// event is a count from something that happens.
func (c Context) event(name string, d distance) (Rule, *Refusal) {
	name = strings.TrimSpace(name)
	if name == "" {
		return Rule{}, refuse("%d %s of what? say what the days are counted from", d.n, d.unit)
	}
	if !isName(name) {
		return Rule{}, refuse("%q is no name of an event: letters, digits, spaces and - . 、 《》 alone", problem.Clip(name))
	}
	if !d.fits() {
		return Rule{}, refuse("%d %s is too far", d.n, d.unit)
	}
	if c.Event != nil {
		if id := c.Event(name); id != "" {
			name = id
		}
	}
	roll := Forward
	if d.n < 0 && d.unit != WorkingDays {
		roll = Backward
	}
	return Rule{Event, name, d.n, d.unit, roll}, nil
}
