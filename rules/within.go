package rules

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"duban/rules/calendar"
	"duban/rules/tomldoc"
)

// CountUnit is what a Within counts.
type CountUnit string

// What can be counted.
const (
	WorkingDays CountUnit = "working days"
	Days        CountUnit = "days"
	Months      CountUnit = "months"
	Years       CountUnit = "years"
)

// Within is a distance from an anchor; negative before it.
type Within struct {
	N    int
	Unit CountUnit
}

func (w Within) String() string {
	unit := string(w.Unit)
	if w.N == 1 || w.N == -1 {
		unit = strings.TrimSuffix(unit, "s")
	}
	return fmt.Sprintf("%d %s", w.N, unit)
}

var withinForm = regexp.MustCompile(`^(-?\d{1,4}) (working day|day|month|year)s?$`)

// ParseWithin reads "15 working days", "-5 days", "1 month".
func ParseWithin(s string) (Within, error) {
	m := withinForm.FindStringSubmatch(strings.TrimSpace(s))
	if m == nil {
		return Within{}, tomldoc.Errorf(`%q is no distance: write "N working days", "N days", "N months" or "N years"`, clip(s))
	}
	n, err := strconv.Atoi(m[1])
	if err != nil {
		return Within{}, err
	}
	return Within{n, CountUnit(m[2] + "s")}, nil
}

// Roll says what happens to a due date, not counted in working days, that is a
// day off.
type Roll string

// The ways to roll.
const (
	Forward  Roll = "forward" // to the next working day (Civil Code, art. 203)
	Backward Roll = "backward"
	NoRoll   Roll = "none"
)

// end is the last day of the count from anchor, and the days that the calendar
// was asked about: with an unknown year among them the end is provisional.
func (w Within) end(c *calendar.Calendar, anchor calendar.Date, roll Roll) (end calendar.Date, provisional bool) {
	if w.Unit == WorkingDays {
		end = c.Add(anchor, w.N)
		from, to := anchor+1, end
		switch {
		case w.N < 0:
			from, to = end, anchor-1
		case w.N == 0:
			from = anchor
		}
		return end, !c.Knows(from, to)
	}
	landed := w.plain(anchor)
	switch roll {
	case NoRoll:
		return landed, false
	case Backward:
		end = c.OnOrBefore(landed)
	default:
		end = c.Add(landed, 0)
	}
	return end, !c.Knows(landed, end) || w.N != 0 && !c.Knows(min(anchor, end), max(anchor, end))
}

// plain is the end without any regard to days off.
func (w Within) plain(anchor calendar.Date) calendar.Date {
	switch w.Unit {
	case Months:
		return anchor.AddMonths(w.N)
	case Years:
		return anchor.AddMonths(12 * w.N)
	}
	return anchor + calendar.Date(w.N)
}

// reach is a number of days that w never exceeds, before or after its anchor,
// however the holidays lie.
func (w Within) reach() calendar.Date {
	n := max(w.N, -w.N)
	switch w.Unit {
	case WorkingDays:
		n *= 2
	case Months:
		n *= 31
	case Years:
		n *= 366
	}
	return calendar.Date(n + 31)
}
