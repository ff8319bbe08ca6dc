package rules

import (
	"iter"
	"slices"
	"strings"

	"github.com/robfig/cron/v3"
	"github.com/teambition/rrule-go"

	"duban/rules/calendar"
	"duban/rules/problem"
	"duban/rules/words"
)

// CadenceKind is the key that an obligation's cadence stands under.
type CadenceKind string

// The kinds of cadence (频次).
const (
	ByPeriod CadenceKind = "every" // the end of each period
	ByCron   CadenceKind = "cron"  // each firing's date
	ByRRule  CadenceKind = "rrule" // each instance of RFC 5545, section 3.3.10
	OnDate   CadenceKind = "on"    // one date
	ByEvent  CadenceKind = "event" // something recorded
	After    CadenceKind = "after" // the closing of another obligation's occurrence
)

// CadenceKinds are all of them.
var CadenceKinds = []CadenceKind{ByPeriod, ByCron, ByRRule, OnDate, ByEvent, After}

// Cadence is what makes an obligation recur.
type Cadence struct {
	Kind  CadenceKind
	Value string // as the plan says it

	every    Every
	schedule cron.Schedule
	rule     *rrule.RRule
	on       calendar.Date
}

// Recurs tells whether the calendar alone makes the occurrences; else events or
// closings do.
func (c Cadence) Recurs() bool { return c.Kind != ByEvent && c.Kind != After }

// readCadence reads the one key that makes an obligation recur; starts is the day
// from which an rrule counts.
func readCadence(r reader, starts calendar.Date) Cadence {
	var kinds []CadenceKind
	for _, k := range CadenceKinds {
		if r.has(string(k)) {
			kinds = append(kinds, k)
		}
	}
	if len(kinds) == 0 {
		r.missing("every", `say what makes it recur with one of every, cron, rrule, on, event, after`)
		return Cadence{}
	}
	for _, k := range kinds[1:] {
		r.errorf(string(k), "a second cadence beside %s: an obligation has exactly one", kinds[0])
	}
	kind, key := kinds[0], string(kinds[0])
	if r.wrong(key) {
		return Cadence{} // told already
	}
	value := r.text(key)
	if kind == OnDate {
		value = r.day(key).String()
	}
	if value == "" {
		r.errorf(key, "is empty")
		return Cadence{}
	}
	c, err := newCadence(kind, value, starts)
	if err != nil {
		r.errorf(key, "%v", err)
		return Cadence{}
	}
	return c
}

// newCadence makes a cadence of what a plan says; starts is the day from which an
// rrule counts.
func newCadence(kind CadenceKind, value string, starts calendar.Date) (Cadence, error) {
	c := Cadence{Kind: kind, Value: value}
	var err error
	switch kind {
	case ByPeriod:
		c.every = Every(value)
		if !slices.Contains(words.Periods, value) {
			err = problem.Errorf("%q is no period: write one of %s%s", problem.Clip(value), strings.Join(words.Periods, ", "), problem.DidYouMean(value, words.Periods))
		}
	case ByCron:
		c.schedule, err = parseCron(value, starts)
	case ByRRule:
		c.rule, err = parseRRule(value, starts)
	case OnDate:
		c.on, err = calendar.ParseDate(value)
	case ByEvent:
		if !identifierForm.MatchString(value) {
			err = problem.Errorf(`%q is no event name: small letters, digits, "." and "-", as in "file-repealed"`, problem.Clip(value))
		}
	}
	return c, err
}

// anchors are the periods whose anchor is from or later, in order, up to the last
// that is InRange.
func (c Cadence) anchors(cal *calendar.Calendar, from calendar.Date) iter.Seq2[string, calendar.Date] {
	return func(yield func(string, calendar.Date) bool) {
		switch c.Kind {
		case ByPeriod:
			for d := c.every.last(from); d <= calendar.Last; d = c.every.last(d + 1) {
				if c.every == EveryDay && !cal.IsWorkingDay(d) {
					continue
				}
				if !yield(c.every.name(d), d) {
					return
				}
			}
		case ByCron:
			// Two firings on one day are one.
			for d := nextFiring(c.schedule, from); d != 0; d = nextFiring(c.schedule, d+1) {
				if !yield(d.String(), d) {
					return
				}
			}
		case ByRRule:
			next := c.rule.Iterator()
			for t, ok := next(); ok; t, ok = next() {
				if d := calendar.DayOf(t); d >= from && !yield(d.String(), d) {
					return
				}
			}
		case OnDate:
			if c.on >= from {
				yield(c.on.String(), c.on)
			}
		}
	}
}

// anchor is the day that a period written by a person counts from.
func (c Cadence) anchor(cal *calendar.Calendar, period string) (calendar.Date, error) {
	d, err := periodEnd(period)
	if err != nil {
		return 0, err
	}
	for name, a := range c.anchors(cal, d) {
		if name == period {
			return a, nil
		}
		return 0, problem.Errorf("%s = %q has no period %q; the next one is %s", c.Kind, c.Value, problem.Clip(period), name)
	}
	return 0, problem.Errorf("%s = %q has no period %q", c.Kind, c.Value, problem.Clip(period))
}
