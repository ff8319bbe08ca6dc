package rules

import (
	"time"

	"duban/rules/calendar"
)

// Step is one day of a count.
type Step struct {
	Date    calendar.Date `json:"date"`
	Counted int           `json:"counted"` // which counted day it is; 0: not counted
	Why     string        `json:"why"`
	Holiday string        `json:"holiday,omitempty"` // the holiday that takes or makes up the day
}

// The reasons of a step.
const (
	WhyAnchor      = "anchor, not counted"
	WhyWorkingDay  = "working day"
	WhyMakeUpDay   = "make-up working day"
	WhyWeekend     = "weekend"
	WhyHoliday     = "public holiday"
	WhyDay         = "day"
	WhyLanded      = "last day of the count"
	WhyRolled      = "due: the last day was a day off"
	WhyPaused      = "clock stopped"
	WhyUnpublished = "holidays not yet published"
)

// Explain counts a due date day by day, from the anchor to the due date, or
// backwards where the count does.
func (o *Obligation) Explain(anchor calendar.Date, pauses ...Pause) []Step {
	c := o.Plan.Calendar
	due, _ := o.Due(anchor, pauses...)
	w := o.Within
	steps := []Step{{Date: anchor, Why: WhyAnchor}}
	if w.N == 0 && due == anchor {
		steps[0].Why = WhyLanded
		return steps
	}
	step := calendar.Date(1)
	if due < anchor {
		step = -1
	}
	landed := w.plain(anchor)
	for _, p := range pauses {
		if p.To != 0 && p.From < landed {
			landed += p.To - p.From
		}
	}
	n := 0
	for d := anchor + step; d != due+step; d += step {
		s := Step{Date: d}
		s.Why, s.Holiday = dayKind(c, d)
		switch {
		case paused(pauses, d):
			s.Why = WhyPaused
		case w.Unit == WorkingDays:
			if c.IsWorkingDay(d) {
				n++
				s.Counted = n
			}
		case (d-landed)*step <= 0:
			n++
			s.Counted = n
			if d == landed {
				s.Why = WhyLanded + ", " + s.Why
			}
		case d == due:
			s.Why = WhyRolled
		}
		steps = append(steps, s)
	}
	return steps
}

func paused(pauses []Pause, d calendar.Date) bool {
	for _, p := range pauses {
		if d > p.From && (p.To == 0 || d <= p.To) {
			return true
		}
	}
	return false
}

// dayKind says what kind of day it is, and which holiday made it one.
func dayKind(c *calendar.Calendar, d calendar.Date) (why, holiday string) {
	if x, ok := c.Exception(d); ok {
		if x.Off {
			return WhyHoliday, x.Name
		}
		return WhyMakeUpDay, x.Name
	}
	suffix := ""
	if !c.Knows(d, d) {
		suffix = ", " + WhyUnpublished
	}
	if wd := d.Weekday(); wd == time.Saturday || wd == time.Sunday {
		return WhyWeekend + suffix, ""
	}
	return WhyWorkingDay + suffix, ""
}
