package rules

import (
	"fmt"
	"iter"

	"duban/rules/calendar"
)

// Instance is one period or event of an obligation, before it is laid on units.
type Instance struct {
	Period      string
	Anchor      calendar.Date // never counted itself
	Due         calendar.Date
	Provisional bool // the count touched a year whose holidays are not published
}

// Pause is a time in which a clock stood still: from the end of the day From to
// the end of the day To; To is 0 while it lasts.
type Pause struct{ From, To calendar.Date }

// Due counts the deadline from anchor. A pause stops the clock at the end of
// its first day; it runs again from the day after its last.
func (o *Obligation) Due(anchor calendar.Date, pauses ...Pause) (due calendar.Date, provisional bool) {
	due, provisional = o.Within.end(o.Plan.Calendar, anchor, o.Roll)
	for _, p := range pauses {
		if p.To != 0 {
			var guess bool
			due, guess = o.Resume(due, p)
			provisional = provisional || guess
		}
	}
	return due, provisional
}

// Resume is where a due date goes when a pause ends: what was left of the count
// at the end of the pause's first day starts again after its last.
func (o *Obligation) Resume(due calendar.Date, p Pause) (calendar.Date, bool) {
	c := o.Plan.Calendar
	if p.From >= due || p.To <= p.From {
		return due, false
	}
	if o.Within.Unit == WorkingDays {
		return Within{c.Count(p.From, due), WorkingDays}.end(c, p.To, o.Roll)
	}
	return Within{int(due - p.From), Days}.end(c, p.To, o.Roll)
}

// Extended is due moved on by w, counted as every period is.
func (o *Obligation) Extended(due calendar.Date, w Within) calendar.Date {
	end, _ := w.end(o.Plan.Calendar, due, o.Roll)
	return end
}

// Trusts tells whether every year from a's to b's has published holidays.
func (o *Obligation) Trusts(a, b calendar.Date) bool { return o.Plan.Calendar.Knows(a, b) }

// Counts tells whether a period that ends, or an event, on that day is owed.
func (o *Obligation) Counts(anchor calendar.Date) bool {
	return anchor >= o.starts && (o.ends == 0 || anchor <= o.ends)
}

// Span is the first and the last day on which a period may end or an event
// happen for this obligation to be owed; 0: open.
func (o *Obligation) Span() (starts, ends calendar.Date) { return o.starts, o.ends }

// At is the instance that a period or an event on that day makes.
func (o *Obligation) At(period string, anchor calendar.Date, pauses ...Pause) Instance {
	due, provisional := o.Due(anchor, pauses...)
	return Instance{period, anchor, due, provisional}
}

// Period is the instance of a recurring obligation with that period.
func (o *Obligation) Period(period string) (Instance, error) {
	if !o.Cadence.Recurs() {
		return Instance{}, fmt.Errorf("%s starts from %s %q, not from a period", o.ID, o.Cadence.Kind, o.Cadence.Value)
	}
	anchor, err := o.Cadence.anchor(o.Plan.Calendar, period)
	if err != nil {
		return Instance{}, err
	}
	if !o.Counts(anchor) {
		return Instance{}, fmt.Errorf("%s is not owed for %s: it counts from %s%s", o.ID, period, o.starts, untilText(o.ends))
	}
	return o.At(period, anchor), nil
}

func untilText(ends calendar.Date) string {
	if ends == 0 {
		return ""
	}
	return " to " + ends.String()
}

// From are the instances that are due on that day or later, in the order of
// their due dates. They may never end; obligations that do not recur have none.
func (o *Obligation) From(day calendar.Date) iter.Seq[Instance] {
	return func(yield func(Instance) bool) {
		if !o.Cadence.Recurs() {
			return
		}
		from := max(o.starts, day-o.Within.reach())
		for period, anchor := range o.Cadence.anchors(o.Plan.Calendar, from) {
			if o.ends != 0 && anchor > o.ends {
				return
			}
			if in := o.At(period, anchor); in.Due >= day && !yield(in) {
				return
			}
		}
	}
}

// Between are the instances due from one day to another, both included.
func (o *Obligation) Between(from, to calendar.Date) iter.Seq[Instance] {
	return func(yield func(Instance) bool) {
		for in := range o.From(from) {
			if in.Due > to || !yield(in) {
				return
			}
		}
	}
}
