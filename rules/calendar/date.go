package calendar

import (
	"regexp"
	"time"

	"duban/rules/problem"
)

// Date is a day of the Gregorian calendar without time or zone, counted in
// days: 1 is First. Its zero value means "no date".
type Date int32

// Every date that enters or is counted lies from First to Last: 1970-01-01 to
// 2199-12-31.
const (
	First Date = 1
	Last  Date = 84006
)

// InRange tells whether d is a day that this package counts with.
func (d Date) InRange() bool { return First <= d && d <= Last }

const secondsPerDay = 24 * 60 * 60

// DateOf is the day with this year, month and day of month; values out of
// range carry over, as in time.Date.
func DateOf(year int, month time.Month, day int) Date {
	return Date(time.Date(year, month, day, 0, 0, 0, 0, time.UTC).Unix()/secondsPerDay) + First
}

// DayOf is the day it is at t in t's own location; the zero time is no date.
func DayOf(t time.Time) Date {
	if t.IsZero() {
		return 0
	}
	return DateOf(t.Year(), t.Month(), t.Day())
}

// ParseDate reads 2017-06-09. Dates that are not InRange are refused.
func ParseDate(s string) (Date, error) {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		if farDate.MatchString(s) {
			return 0, tooFar(s)
		}
		return 0, problem.Errorf("%q is not a date: write it like 2017-06-09", s)
	}
	d := DateOf(t.Year(), t.Month(), t.Day())
	if !d.InRange() {
		return 0, tooFar(s)
	}
	return d, nil
}

// farDate is a date of a year that four digits cannot hold.
var farDate = regexp.MustCompile(`^[+-]?\d{5,}-\d\d-\d\d$`)

func tooFar(s string) error {
	return problem.Errorf("%s is out of range: dates lie from %s to %s", s, First, Last)
}

// Epoch is the number of days since 1970-01-01.
func (d Date) Epoch() int { return int(d - First) }

func (d Date) utc() time.Time { return time.Unix(int64(d-First)*secondsPerDay, 0).UTC() }

// String is 2017-06-09, or empty for no date.
func (d Date) String() string {
	if d == 0 {
		return ""
	}
	year, month, day := d.utc().Date()
	digit := func(n int) byte { return byte('0' + n%10) }
	return string([]byte{
		digit(year / 1000), digit(year / 100), digit(year / 10), digit(year), '-', digit(int(month) / 10), digit(int(month)), '-', digit(day / 10), digit(day),
	})
}

// IsZero tells whether there is no date.
func (d Date) IsZero() bool { return d == 0 }

// Year is the calendar year.
func (d Date) Year() int { return d.utc().Year() }

// Month is the month of the year.
func (d Date) Month() time.Month { return d.utc().Month() }

// Day is the day of the month.
func (d Date) Day() int { return d.utc().Day() }

// ISOWeek is the week of ISO 8601 and the year it belongs to.
func (d Date) ISOWeek() (year, week int) { return d.utc().ISOWeek() }

// Weekday is the day of the week.
func (d Date) Weekday() time.Weekday {
	return time.Weekday(mod(int(d-First)+4, 7)) // 1970-01-01 was a Thursday
}

// Time is midnight at the start of the day in loc.
func (d Date) Time(loc *time.Location) time.Time { return d.At(0, loc) }

// At is the moment that is so many minutes after midnight on a clock in loc.
func (d Date) At(minutes int, loc *time.Location) time.Time {
	y, m, day := d.utc().Date()
	return time.Date(y, m, day, minutes/60, minutes%60, 0, 0, loc)
}

// Clock is what a clock of that day shows at t, as in 17:30: the midnight that
// ends the day is its 24:00, not the next day's 00:00.
func (d Date) Clock(t time.Time) string {
	if DayOf(t) == d+1 && t.Hour() == 0 && t.Minute() == 0 {
		return "24:00"
	}
	return t.Format("15:04")
}

// AddMonths is the corresponding day n months on, or the last day of that
// month where it has none (Civil Code of China, art. 202).
func (d Date) AddMonths(n int) Date {
	y, m, day := d.utc().Date()
	last := DateOf(y, m+time.Month(n)+1, 0)
	return min(DateOf(y, m+time.Month(n), 1)+Date(day-1), last)
}

// FirstOfMonth is the first day of its month.
func (d Date) FirstOfMonth() Date { return d - Date(d.Day()-1) }

// MarshalText writes 2017-06-09.
func (d Date) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText reads what MarshalText writes.
func (d *Date) UnmarshalText(b []byte) (err error) {
	if len(b) == 0 {
		*d = 0
		return nil
	}
	*d, err = ParseDate(string(b))
	return err
}

// mod is the remainder that is never negative.
func mod(a, b int) int { return ((a % b) + b) % b }
