package rules

import (
	"strings"
	"time"

	"duban/rules/calendar"
	"duban/rules/problem"
)

// lookAhead is how many years of due dates are looked at for what is odd.
const lookAhead = 10

// checkDates refuses an obligation that has no due date at all, and warns of one
// that is never owed, or is due outside the period that it seems to name.
func (o *Obligation) checkDates(r reader) {
	if o.ends != 0 && o.starts > o.ends {
		o.warn(r, "starts", "%s is after %s, the last day that counts: this is never owed", o.starts, o.ends)
		return
	}
	if !o.Cadence.Recurs() {
		return
	}
	for in := range o.From(calendar.First) {
		o.warnOfRolls(r, in)
		return
	}
	key := o.cadenceKey(r)
	switch a, ok := o.firstInSpan(); {
	case ok:
		r.errorf(key, "%s + %s has no due date from %s to %s", a, o.Within, calendar.First, calendar.Last)
	case o.Cadence.Kind == OnDate && o.Cadence.on < o.starts:
		o.warn(r, key, "%s is before %s, the first day that counts: this is never owed", o.Cadence.on, o.starts)
	case o.Cadence.Kind == OnDate:
		o.warn(r, key, "%s is after %s, the last day that counts: this is never owed", o.Cadence.on, o.ends)
	case o.ends == 0:
		r.errorf(key, "%q has no day from %s to %s", problem.Clip(o.Cadence.Value), o.starts, calendar.Last)
	default:
		o.warn(r, key, "%q has no day from %s to %s: this is never owed", problem.Clip(o.Cadence.Value), o.starts, o.ends)
	}
}

// cadenceKey is the key that says how the obligation recurs.
func (o *Obligation) cadenceKey(r reader) string {
	if r.has("deadline") {
		return "deadline"
	}
	return string(o.Cadence.Kind)
}

// firstInSpan is the first anchor that counts, wherever it is due.
func (o *Obligation) firstInSpan() (calendar.Date, bool) {
	for _, a := range o.Cadence.anchors(o.Plan.Calendar, o.starts) {
		return a, o.ends == 0 || a <= o.ends
	}
	return 0, false
}

// warnOfRolls warns where the end of a period is meant and a day off there moves
// the due date into the next one.
func (o *Obligation) warnOfRolls(r reader, first Instance) {
	if o.Within.N != 0 || o.Roll != Forward {
		return
	}
	for in := range o.From(first.Due) {
		if in.Due.Year() > first.Due.Year()+lookAhead {
			return
		}
		if out := o.rolledOut(in); out != "" {
			key := "roll"
			if !r.has(key) {
				key = o.cadenceKey(r)
			}
			o.warn(r, key, `%s is a day off, so the due date is %s, outside %s: to stay inside it write within = "0 days" and roll = "backward"`, in.Anchor, in.Due, out)
			return
		}
	}
}

// rolledOut is the period that an instance names by its last day, where a roll
// forward moved the due date out of it; empty: it did not.
func (o *Obligation) rolledOut(in Instance) string {
	a := in.Anchor
	switch {
	case o.Within.N != 0 || o.Roll != Forward || in.Due <= a:
		return ""
	case o.Cadence.Kind == ByPeriod:
		return o.Cadence.every.name(a)
	case a.Month() == time.December && a.Day() == 31:
		return EveryYear.name(a)
	case o.Cadence.Kind == ByRRule && a == EveryMonth.last(a) && strings.Contains(o.Cadence.Value, "=-1"):
		return EveryMonth.name(a) // not the 31st, which names a day
	}
	return ""
}

func (o *Obligation) warn(r reader, key, format string, args ...any) {
	r.warnf(key, format, args...)
	o.Odd = append(o.Odd, problem.Problem{Pos: r.at(key), Warning: true, Said: &problem.Error{Code: problem.Invalid, Field: key, Key: format, Args: args}})
}
