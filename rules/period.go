package rules

import (
	"fmt"
	"regexp"
	"strconv"
	"time"

	"duban/rules/calendar"
	"duban/rules/problem"
)

// Every is the length of a repeating period.
type Every string

// The periods that repeat.
const (
	EveryDay      Every = "day"
	EveryWeek     Every = "week"
	EveryMonth    Every = "month"
	EveryQuarter  Every = "quarter"
	EveryHalfYear Every = "half-year"
	EveryYear     Every = "year"
)

// last is the last day of the period that d lies in.
func (e Every) last(d calendar.Date) calendar.Date {
	y, m := d.Year(), d.Month()
	switch e {
	case EveryWeek: // ISO 8601: Monday to Sunday
		return d + calendar.Date((7-int(d.Weekday()))%7)
	case EveryMonth:
		return calendar.DateOf(y, m+1, 0)
	case EveryQuarter:
		return calendar.DateOf(y, (m-1)/3*3+4, 0)
	case EveryHalfYear:
		return calendar.DateOf(y, (m-1)/6*6+7, 0)
	case EveryYear:
		return calendar.DateOf(y, time.December, 31)
	}
	return d
}

// name is the period that ends on last: 2017-07, 2017-Q3, 2017-H2, 2017,
// 2017-W28 or 2017-07-14.
func (e Every) name(last calendar.Date) string {
	y, m := last.Year(), int(last.Month())
	switch e {
	case EveryWeek:
		y, w := last.ISOWeek()
		return fmt.Sprintf("%04d-W%02d", y, w)
	case EveryMonth:
		return fmt.Sprintf("%04d-%02d", y, m)
	case EveryQuarter:
		return fmt.Sprintf("%04d-Q%d", y, m/3)
	case EveryHalfYear:
		return fmt.Sprintf("%04d-H%d", y, m/6)
	case EveryYear:
		return fmt.Sprintf("%04d", y)
	}
	return last.String()
}

var periodForm = regexp.MustCompile(`^(\d{4})(?:-(?:(\d\d)|Q([1-4])|H([12])|W(\d\d)))?$`)

var dateForm = regexp.MustCompile(`^\d{4,}-\d\d-\d\d$`)

// periodEnd is the last day of a period written as name does.
func periodEnd(s string) (calendar.Date, error) {
	d, err := calendar.ParseDate(s)
	if err == nil {
		return d, nil
	}
	m := periodForm.FindStringSubmatch(s)
	if m == nil {
		if dateForm.MatchString(s) {
			return 0, err
		}
		return 0, problem.Errorf("%q is no period: write 2017-07, 2017-Q3, 2017-H2, 2017, 2017-W28 or 2017-07-14", problem.Clip(s))
	}
	num := func(i int) int { n, _ := strconv.Atoi(m[i]); return n }
	y := num(1)
	switch {
	case y < calendar.First.Year() || y > calendar.Last.Year():
		return 0, problem.Errorf("%q is out of range: dates lie from %s to %s", s, calendar.First, calendar.Last)
	case m[2] != "" && num(2) >= 1 && num(2) <= 12:
		return EveryMonth.last(calendar.DateOf(y, time.Month(num(2)), 1)), nil
	case m[2] != "":
		return 0, problem.Errorf("%q: there is no month %s", s, m[2])
	case m[3] != "":
		return EveryQuarter.last(calendar.DateOf(y, time.Month(num(3)*3), 1)), nil
	case m[4] != "":
		return EveryHalfYear.last(calendar.DateOf(y, time.Month(num(4)*6), 1)), nil
	case m[5] != "":
		// 4 January is always in week 1 (ISO 8601).
		d := EveryWeek.last(calendar.DateOf(y, 1, 4)) + calendar.Date(7*(num(5)-1))
		if EveryWeek.name(d) != s {
			return 0, problem.Errorf("%q: there is no such week", s)
		}
		return d, nil
	}
	return EveryYear.last(calendar.DateOf(y, 1, 1)), nil
}
