package rules

import (
	"iter"
	"sort"

	"duban/rules/calendar"
	"duban/rules/problem"
)

// Instance is one period or event of an obligation, before it is laid on units.
type Instance struct {
	Period      string
	Anchor      calendar.Date // never counted itself
	Due         calendar.Date
	Named       calendar.Date // the day off after Due that the rule names; late begins after it. 0: Due itself
	Provisional bool          // the count touched days that a circular of holidays may still move
}

// Pause is a time in which a clock stood still: from the end of the day From to
// the end of the day To; To is 0 while it lasts.
type Pause struct{ From, To calendar.Date }

// At is the instance that a period or an event on that day makes. A pause stops
// the clock at the end of its first day; it runs again from the day after its
// last. The roll comes once, at the very end.
func (o *Obligation) At(period string, anchor calendar.Date, pauses ...Pause) Instance {
	c := o.Plan.Calendar
	landed, _ := o.Within.pausedBy(c, anchor, o.Within.landing(c, anchor), pauses)
	due := o.Within.due(c, landed, o.Roll)
	return Instance{period, anchor, due, namedDay(landed, due), !o.Within.final(c, anchor, landed, due, o.Roll)}
}

// namedDay is where a count landed if the due date was rolled back from there.
func namedDay(landed, due calendar.Date) calendar.Date {
	if due < landed {
		return landed
	}
	return 0
}

// Due counts the deadline from anchor, as At does.
func (o *Obligation) Due(anchor calendar.Date, pauses ...Pause) (due calendar.Date, provisional bool) {
	in := o.At("", anchor, pauses...)
	return in.Due, in.Provisional
}

// RanOut is the day on which the clock that started on anchor has run out,
// before any roll: from the end of that day there is nothing left to stop.
func (o *Obligation) RanOut(anchor calendar.Date, pauses ...Pause) calendar.Date {
	c := o.Plan.Calendar
	landed, _ := o.Within.pausedBy(c, anchor, o.Within.landing(c, anchor), pauses)
	return landed
}

// Resume is where a due date that was granted goes when a pause ends: what was
// left until then at the end of the pause's first day goes on after its last.
func (o *Obligation) Resume(granted calendar.Date, p Pause) (due, named calendar.Date) {
	c := o.Plan.Calendar
	landed, after := o.Within.pausedBy(c, p.From, granted, []Pause{p})
	if len(after) > 0 || landed == granted {
		return granted, 0
	}
	due = o.Within.due(c, landed, o.Roll)
	return due, namedDay(landed, due)
}

// Extended is a due date moved on by w, counted as every period is.
func (o *Obligation) Extended(due calendar.Date, w Within) (to, named calendar.Date) {
	c := o.Plan.Calendar
	landed := w.landing(c, due)
	to = w.due(c, landed, o.Roll)
	return to, namedDay(landed, to)
}

// Latest is the last day to which the deadline that started on anchor may be
// extended; 0: the rule sets no limit. The limit is added to the obligation's
// own count; days of pauses do not count against it.
func (o *Obligation) Latest(anchor calendar.Date, pauses ...Pause) calendar.Date {
	if o.Extendable == nil {
		return 0
	}
	c := o.Plan.Calendar
	landed, after := o.Within.pausedBy(c, anchor, o.Within.landing(c, anchor), pauses)
	most := o.Extendable.landing(c, o.Within.due(c, landed, o.Roll))
	most, _ = o.Extendable.pausedBy(c, anchor, most, after)
	return o.Extendable.due(c, most, o.Roll)
}

// Trusts tells whether no circular on holidays can still move a day from a to b.
func (o *Obligation) Trusts(a, b calendar.Date) bool { return o.Plan.Calendar.Final(a, b) }

// Counts tells whether a period that ends, or an event, on that day is owed. One
// whose due date would not be InRange never is.
func (o *Obligation) Counts(anchor calendar.Date) bool {
	if anchor < o.starts || o.ends != 0 && anchor > o.ends || !anchor.InRange() {
		return false
	}
	due, _ := o.Due(anchor)
	return due.InRange()
}

// Span is the first and the last day on which a period may end or an event
// happen for this obligation to be owed; 0: open.
func (o *Obligation) Span() (starts, ends calendar.Date) { return o.starts, o.ends }

// Period is the instance of a recurring obligation with that period.
func (o *Obligation) Period(period string) (Instance, error) {
	if !o.Cadence.Recurs() {
		return Instance{}, problem.Errorf("%s starts from %s %q, not from a period", o.ID, o.Cadence.Kind, o.Cadence.Value)
	}
	anchor, err := o.Cadence.anchor(o.Plan.Calendar, period)
	if err != nil {
		return Instance{}, err
	}
	if !o.Counts(anchor) {
		return Instance{}, problem.Errorf("%s is not owed for %s: it counts from %s%s", o.ID, period, o.starts, untilText(o.ends))
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
// their due dates. They end with the last one that is InRange; obligations that
// do not recur have none.
func (o *Obligation) From(day calendar.Date) iter.Seq[Instance] {
	return func(yield func(Instance) bool) {
		for in := range o.Anchored(o.firstAnchor(day)) {
			if in.Due >= day && !yield(in) {
				return
			}
		}
	}
}

// firstAnchor is the first day that a count due on that day or later can start
// from. A later anchor is never due earlier, whatever the holidays.
func (o *Obligation) firstAnchor(day calendar.Date) calendar.Date {
	n := sort.Search(int(calendar.Last), func(i int) bool {
		due, _ := o.Due(calendar.First + calendar.Date(i))
		return due >= day
	})
	return calendar.First + calendar.Date(n)
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
