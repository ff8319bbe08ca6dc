package rules

import (
	"iter"
	"slices"
	"strings"
	"time"

	"github.com/robfig/cron/v3"
	"github.com/teambition/rrule-go"

	"duban/rules/calendar"
	"duban/rules/tomldoc"
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

var cadenceKinds = []CadenceKind{ByPeriod, ByCron, ByRRule, OnDate, ByEvent, After}

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

// cronParser takes the five classic fields and nothing else.
var cronParser = cron.NewParser(cron.Minute | cron.Hour | cron.Dom | cron.Month | cron.Dow)

// readCadence reads the one key that makes t recur; starts is the day from
// which an rrule counts.
func readCadence(t *tomldoc.Table, starts calendar.Date) Cadence {
	var kinds []CadenceKind
	for _, k := range cadenceKinds {
		if t.Has(string(k)) {
			kinds = append(kinds, k)
		}
	}
	if len(kinds) == 0 {
		t.Missing("every", `say what makes it recur with one of every, cron, rrule, on, event, after`)
		return Cadence{}
	}
	for _, k := range kinds[1:] {
		t.Errorf(string(k), "a second cadence beside %s: an obligation has exactly one", kinds[0])
	}
	key := string(kinds[0])
	c := Cadence{Kind: kinds[0]}
	if c.Kind == OnDate {
		c.on = calendar.DayOf(t.Date(key))
		c.Value = c.on.String()
		return c
	}
	c.Value = t.String(key)
	if c.Value == "" {
		if !t.Invalid(key) {
			t.Errorf(key, "is empty")
		}
		return Cadence{}
	}
	var err error
	switch c.Kind {
	case ByPeriod:
		c.every = Every(c.Value)
		if !slices.Contains(everyValues, c.Value) {
			err = tomldoc.Errorf("%q is no period: write one of %s%s", clip(c.Value), strings.Join(everyValues, ", "), tomldoc.DidYouMean(c.Value, everyValues))
		}
	case ByCron:
		if strings.Contains(c.Value, "TZ=") || len(strings.Fields(c.Value)) != 5 {
			err = tomldoc.Errorf(`%q: write five fields: minute, hour, day of month, month, day of week, as in "0 0 25 * *"`, clip(c.Value))
		} else if c.schedule, err = cronParser.Parse(c.Value); err != nil {
			err = tomldoc.Errorf("%q: %v", clip(c.Value), err)
		} else if c.schedule.Next(starts.Time(time.UTC)).IsZero() {
			err = tomldoc.Errorf("%q never fires: there is no such day", clip(c.Value))
		}
	case ByRRule:
		c.rule, err = parseRRule(c.Value, starts)
	case ByEvent:
		if !identifierForm.MatchString(c.Value) {
			err = tomldoc.Errorf(`%q is no event name: small letters, digits, "." and "-", as in "file-repealed"`, clip(c.Value))
		}
	}
	if err != nil {
		t.Errorf(key, "%v", err)
		return Cadence{}
	}
	return c
}

func parseRRule(s string, starts calendar.Date) (*rrule.RRule, error) {
	opt, err := rrule.StrToROption(s)
	switch {
	case err != nil:
		return nil, tomldoc.Errorf("%q: %v", clip(s), err)
	case strings.ContainsAny(s, "\n:"):
		return nil, tomldoc.Errorf(`%q: write the rule alone, as in "FREQ=MONTHLY;BYDAY=-1FR"; it counts from the plan's starts`, clip(s))
	case opt.Freq > rrule.DAILY:
		return nil, tomldoc.Errorf("%q: days are the smallest step: write FREQ=DAILY, WEEKLY, MONTHLY or YEARLY", clip(s))
	}
	opt.Dtstart = starts.Time(time.UTC)
	opt.Byhour, opt.Byminute, opt.Bysecond = nil, nil, nil
	r, err := rrule.NewRRule(*opt)
	if err != nil {
		return nil, tomldoc.Errorf("%q: %v", clip(s), err)
	}
	if _, ok := r.Iterator()(); !ok {
		return nil, tomldoc.Errorf("%q never happens after %s: there is no such day", clip(s), starts)
	}
	return r, nil
}

// anchors are the periods whose anchor is from or later, in order.
func (c Cadence) anchors(cal *calendar.Calendar, from calendar.Date) iter.Seq2[string, calendar.Date] {
	return func(yield func(string, calendar.Date) bool) {
		switch c.Kind {
		case ByPeriod:
			for d := c.every.last(from); ; d = c.every.last(d + 1) {
				if c.every == EveryDay && !cal.IsWorkingDay(d) {
					continue
				}
				if !yield(c.every.name(d), d) {
					return
				}
			}
		case ByCron:
			// Next is strictly later: from a minute before midnight the day itself counts.
			for t := from.Time(time.UTC).Add(-time.Minute); ; {
				t = c.schedule.Next(t)
				if t.IsZero() {
					return
				}
				d := calendar.DayOf(t)
				if !yield(d.String(), d) {
					return
				}
				t = (d + 1).Time(time.UTC).Add(-time.Minute) // two firings on one day are one
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
		return 0, tomldoc.Errorf("%s = %q has no period %q; the next one is %s", c.Kind, c.Value, clip(period), name)
	}
	return 0, tomldoc.Errorf("%s = %q has no period %q", c.Kind, c.Value, clip(period))
}
