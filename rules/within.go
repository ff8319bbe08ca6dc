package rules

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"duban/rules/calendar"
	"duban/rules/problem"
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

// The most that a Within may be.
const (
	mostYears = 50
	mostDays  = 20000
)

var withinForm = regexp.MustCompile(`^(-?\d{1,9}) (working day|day|month|year)s?$`)

// ParseWithin reads "15 working days", "-5 days", "1 month": at most 50 years or
// 20,000 days.
func ParseWithin(s string) (Within, error) {
	m := withinForm.FindStringSubmatch(strings.TrimSpace(s))
	if m == nil {
		return Within{}, problem.Errorf(`%q is no distance: write "N working days", "N days", "N months" or "N years"`, problem.Clip(s))
	}
	n, err := strconv.Atoi(m[1])
	if err != nil {
		return Within{}, err
	}
	w := Within{n, CountUnit(m[2] + "s")}
	if n = max(n, -n); n > map[CountUnit]int{WorkingDays: mostDays, Days: mostDays, Months: 12 * mostYears, Years: mostYears}[w.Unit] {
		return Within{}, problem.Errorf("%q is too far: %d years or %d days are the most", problem.Clip(s), mostYears, mostDays)
	}
	return w, nil
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

// landing is the last day of the count from anchor, before any roll.
func (w Within) landing(c *calendar.Calendar, anchor calendar.Date) calendar.Date {
	switch w.Unit {
	case WorkingDays:
		return c.Add(anchor, w.N)
	case Months:
		return anchor.AddMonths(w.N)
	case Years:
		return anchor.AddMonths(12 * w.N)
	}
	return anchor + calendar.Date(w.N)
}

// due is where a count that landed there is due.
func (w Within) due(c *calendar.Calendar, landed calendar.Date, roll Roll) calendar.Date {
	switch {
	case w.Unit == WorkingDays || roll == NoRoll:
		return landed
	case roll == Backward:
		return c.OnOrBefore(landed)
	}
	return c.Add(landed, 0)
}

// left is what remains of a count at the end of a day.
func (w Within) left(c *calendar.Calendar, day, landed calendar.Date) Within {
	if w.Unit == WorkingDays {
		return Within{c.Count(day, landed), WorkingDays}
	}
	return Within{int(landed - day), Days}
}

// pausedBy is where a count lands that pauses stop, and the pauses that come
// after its end. What was left of the count at the end of a pause's first day
// goes on from its last; a pause that lasts moves nothing yet. What of a pause
// lies before the anchor stops nothing: an event that is corrected may start the
// clock later than it was once stopped.
func (w Within) pausedBy(c *calendar.Calendar, anchor, landed calendar.Date, pauses []Pause) (calendar.Date, []Pause) {
	var after []Pause
	for _, p := range pauses {
		p.From = max(p.From, anchor)
		switch {
		case p.To != 0 && p.To <= anchor:
		case p.From >= landed:
			after = append(after, p)
		case p.To > p.From:
			landed = w.left(c, p.From, landed).landing(c, p.To)
		}
	}
	return landed, after
}

// final tells whether no circular on holidays can still move the due date of a
// count.
func (w Within) final(c *calendar.Calendar, anchor, landed, due calendar.Date, roll Roll) bool {
	switch {
	case w.Unit == WorkingDays && w.N > 0:
		return c.Final(anchor+1, due)
	case w.Unit == WorkingDays && w.N < 0:
		return c.Final(due, anchor-1)
	case w.Unit == WorkingDays:
		return c.Final(anchor, due)
	case roll == NoRoll:
		return true
	}
	return c.Final(landed, due) && (w.N == 0 || c.Final(anchor, due))
}
