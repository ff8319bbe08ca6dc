// Package calendar counts working days (工作日): Monday to Friday less public
// holidays, plus make-up working days (调休上班).
//
// A Calendar is made from years, each as its published arrangement gives it,
// and never changes after that. Every question costs the same however far apart
// the days are: inside the years it knows a table answers, outside them
// arithmetic on whole weeks. A year it does not know is counted by weekends
// alone; Knows tells whether a count can be trusted.
package calendar

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"time"
)

// Day is one exception to the plain week.
type Day struct {
	Date Date
	Name string // of the holiday it belongs to
	Off  bool   // a day off; else a make-up working day
}

// Year is one year's published arrangement. It may name days of the
// neighbouring years: a New Year's break can begin in December.
type Year struct {
	Year   int
	Source []string // addresses of the published circulars
	Days   []Day
}

// Calendar answers questions about working days. The zero value is not usable.
type Calendar struct {
	years map[int]Year
	days  map[Date]Day

	first, last Date    // the days that the tables cover
	rank        []int32 // rank[i]: working days up to and including first+i
	nth         []Date  // the working days from first to last
	before      int     // rank of the day before first
	drift       int     // what exceptions add to plain weekdays, beyond last
	firstYear   int
	unknown     []int32 // unknown[i]: unknown years before firstYear+i
}

// New makes a calendar. Where two years name the same day, the later year's
// circular is the newer word.
func New(years ...Year) *Calendar {
	c := &Calendar{years: map[int]Year{}, days: map[Date]Day{}}
	for _, y := range years {
		c.years[y.Year] = y
	}
	c.build()
	return c
}

// With is the calendar with these years added, or replaced.
func (c *Calendar) With(years ...Year) *Calendar {
	all := slices.Collect(maps.Values(c.years))
	return New(append(all, years...)...)
}

func (c *Calendar) build() {
	years := c.Years()
	if len(years) == 0 {
		c.first, c.last = 1, 0
		c.before = weekdays(0)
		return
	}
	for _, y := range years {
		for _, d := range c.years[y].Days {
			c.days[d.Date] = d
		}
	}
	c.firstYear = years[0]
	c.first, c.last = DateOf(years[0], 1, 1), DateOf(years[len(years)-1], 12, 31)
	for d := range c.days {
		c.first, c.last = min(c.first, d), max(c.last, d)
	}
	c.before = weekdays(c.first - 1)
	n := c.before
	for d := c.first; d <= c.last; d++ {
		if c.works(d) {
			n++
			c.nth = append(c.nth, d)
		}
		c.rank = append(c.rank, int32(n))
	}
	c.drift = n - weekdays(c.last)
	gap := int32(0)
	for y := years[0]; y <= years[len(years)-1]; y++ {
		c.unknown = append(c.unknown, gap)
		if _, ok := c.years[y]; !ok {
			gap++
		}
	}
	c.unknown = append(c.unknown, gap)
}

func (c *Calendar) works(d Date) bool {
	if x, ok := c.days[d]; ok {
		return !x.Off
	}
	wd := d.Weekday()
	return wd != time.Saturday && wd != time.Sunday
}

// IsWorkingDay tells whether people work on that day.
func (c *Calendar) IsWorkingDay(d Date) bool { return c.rankOf(d) > c.rankOf(d-1) }

// Add is the n-th working day after d; d itself is not counted (Civil Code of
// China, art. 201). Zero is d if it is a working day, else the next one; a
// negative n is the n-th working day before d.
func (c *Calendar) Add(d Date, n int) Date {
	switch {
	case n > 0:
		return c.dayOf(c.rankOf(d) + n)
	case n < 0:
		return c.dayOf(c.rankOf(d-1) + n + 1)
	case c.IsWorkingDay(d):
		return d
	}
	return c.dayOf(c.rankOf(d) + 1)
}

// OnOrBefore is d if it is a working day, else the last one before it.
func (c *Calendar) OnOrBefore(d Date) Date { return c.dayOf(c.rankOf(d)) }

// Count is the number of working days after a, up to and including b; negative
// where b is before a.
func (c *Calendar) Count(a, b Date) int { return c.rankOf(b) - c.rankOf(a) }

// Knows tells whether every year from a's to b's has a published arrangement.
func (c *Calendar) Knows(a, b Date) bool {
	from, to := a.Year()-c.firstYear, b.Year()-c.firstYear
	if from > to {
		from, to = to, from
	}
	if from < 0 || to+1 >= len(c.unknown) {
		return false
	}
	return c.unknown[to+1] == c.unknown[from]
}

// Final tells whether no circular can still move a day from a's to b's: every
// year has its arrangement, and for 28 to 31 December so has the year after,
// whose circular has moved those days before now (2018-12-31 was made a day off in
// December 2018).
func (c *Calendar) Final(a, b Date) bool {
	return c.Knows(min(a, b), max(a, b)+4)
}

// Years are the years with a published arrangement, in order.
func (c *Calendar) Years() []int { return slices.Sorted(maps.Keys(c.years)) }

// Year is one year's arrangement.
func (c *Calendar) Year(year int) (Year, bool) {
	y, ok := c.years[year]
	return y, ok
}

// Exception is what a circular says of that day, if any does.
func (c *Calendar) Exception(d Date) (Day, bool) {
	x, ok := c.days[d]
	return x, ok
}

// Signature changes when any day of the calendar does.
func (c *Calendar) Signature() string {
	h := sha256.New()
	for _, y := range c.Years() {
		fmt.Fprintln(h, y)
	}
	for _, d := range slices.Sorted(maps.Keys(c.days)) {
		fmt.Fprintln(h, d, c.days[d].Off)
	}
	return hex.EncodeToString(h.Sum(nil))[:16]
}

// rankOf numbers the working days: it is the number of the last one not after d.
func (c *Calendar) rankOf(d Date) int {
	switch {
	case d < c.first:
		return weekdays(d)
	case d > c.last:
		return weekdays(d) + c.drift
	}
	return int(c.rank[d-c.first])
}

// dayOf is the working day with that number.
func (c *Calendar) dayOf(rank int) Date {
	i := rank - c.before
	switch {
	case i <= 0:
		return weekday(rank)
	case i <= len(c.nth):
		return c.nth[i-1]
	}
	return weekday(rank - c.drift)
}

// weekdays numbers Mondays to Fridays; 1 is Monday 1970-01-05.
func weekdays(d Date) int {
	days := int(d-First) - 4
	weeks, day := (days-mod(days, 7))/7, mod(days, 7)
	return weeks*5 + min(day+1, 5)
}

// weekday is the day with that number.
func weekday(n int) Date {
	day := mod(n-1, 5)
	return First + Date((n-1-day)/5*7+day+4)
}
