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
	WhyRolledPast  = "due: the last day was a day off, and the roll went past the anchor"
	WhyExtended    = "due: extended"
	WhyPaused      = "clock stopped"
	WhyUnpublished = "holidays not yet published"
)

// Explain counts a due date day by day: from the anchor to where the count ends,
// backwards where the count does, and from there to where the roll leads and to
// the day that an extension granted; extended 0: none did.
func (o *Obligation) Explain(anchor, extended calendar.Date, pauses ...Pause) []Step {
	c := o.Plan.Calendar
	landed := o.RanOut(anchor, pauses...)
	due := o.Within.due(c, landed, o.Roll)
	steps := []Step{{Date: anchor, Why: WhyAnchor}}
	if landed == anchor {
		steps[0].Why = WhyLanded
	}
	steps = append(steps, o.countSteps(anchor, landed, pauses)...)
	last := Step{Date: due, Why: WhyRolled}
	if landed < anchor && due > anchor || landed > anchor && due < anchor {
		last.Why = WhyRolledPast
	}
	steps = append(steps, walk(c, landed, due, last)...)
	if extended > due {
		more := walk(c, due, extended, Step{Date: extended, Why: WhyExtended})
		for i := range more {
			if paused(pauses, more[i].Date) && more[i].Date != extended {
				more[i].Why, more[i].Holiday = WhyPaused, ""
			}
		}
		steps = append(steps, more...)
	}
	return steps
}

// countSteps are the days of the count itself, without its anchor.
func (o *Obligation) countSteps(anchor, landed calendar.Date, pauses []Pause) []Step {
	c := o.Plan.Calendar
	var steps []Step
	n, step := 0, direction(anchor, landed)
	for d := anchor; d != landed; {
		d += step
		s := Step{Date: d}
		s.Why, s.Holiday = dayKind(c, d)
		switch {
		case paused(pauses, d):
			s.Why, s.Holiday = WhyPaused, ""
		case o.Within.Unit != WorkingDays:
			n++
			s.Counted = n
			if d == landed {
				s.Why = WhyLanded + ", " + s.Why
			}
		case c.IsWorkingDay(d):
			n++
			s.Counted = n
		}
		steps = append(steps, s)
	}
	return steps
}

// walk are the days after one up to another, which is last; none are counted.
func walk(c *calendar.Calendar, from, to calendar.Date, last Step) []Step {
	var steps []Step
	for d, step := from, direction(from, to); d != to; {
		d += step
		s := Step{Date: d}
		s.Why, s.Holiday = dayKind(c, d)
		if d == to {
			s = last
		}
		steps = append(steps, s)
	}
	return steps
}

func direction(from, to calendar.Date) calendar.Date {
	if to < from {
		return -1
	}
	return 1
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
	if !c.Final(d, d) {
		suffix = ", " + WhyUnpublished
	}
	if wd := d.Weekday(); wd == time.Saturday || wd == time.Sunday {
		return WhyWeekend + suffix, ""
	}
	return WhyWorkingDay + suffix, ""
}
