package rules

import (
	"encoding/json"
	"fmt"
	"iter"
	"strconv"
	"strings"

	"duban/rules/calendar"
)

// extent is which periods and events a rule holds, whatever it counts from
// them: what a ledger keeps of a rule to know later what it asked for.
type extent struct {
	Cadence string        `json:"cadence"` // as a line of TOML
	From    calendar.Date `json:"from"`    // the day from which an rrule counts
	Starts  calendar.Date `json:"starts"`
	Ends    calendar.Date `json:"ends,omitempty"`
}

// Extent is which periods and events o holds, as a text that Held reads.
func (o *Obligation) Extent() string {
	value := strconv.Quote(o.Cadence.Value)
	if o.Cadence.Kind == OnDate {
		value = o.Cadence.Value
	}
	b, err := json.Marshal(extent{string(o.Cadence.Kind) + " = " + value, o.Plan.Starts, o.starts, o.ends})
	if err != nil {
		panic(err) // plain values always marshal
	}
	return string(b)
}

// cadence is what the line says.
func (e extent) cadence() (Cadence, error) {
	kind, value, _ := strings.Cut(e.Cadence, " = ")
	if CadenceKind(kind) != OnDate {
		var err error
		if value, err = strconv.Unquote(value); err != nil {
			return Cadence{}, fmt.Errorf("the extent of a rule: %q: %w", e.Cadence, err)
		}
	}
	return newCadence(CadenceKind(kind), value, e.From)
}

// Held tells whether a rule with that extent held the period. Working days, for
// periods of a day, are those of the plan's calendar as it now stands.
func (p *Plan) Held(text, period string) (bool, error) {
	var e extent
	if err := json.Unmarshal([]byte(text), &e); err != nil {
		return false, fmt.Errorf("the extent of a rule: %w", err)
	}
	c, err := e.cadence()
	if err != nil || !c.Recurs() {
		return false, nil // what is no rule any more holds nothing
	}
	anchor, err := c.anchor(p.Calendar, period)
	if err != nil {
		return false, nil // no such period
	}
	return anchor >= e.Starts && (e.Ends == 0 || anchor <= e.Ends), nil
}

// SameCadence tells whether two extents are of rules with the same periods,
// between which only the days differ on which they start and end.
func SameCadence(a, b string) bool {
	if a == b && a != "" { // mostly: an edit of a deadline, for each unit
		return true
	}
	var x, y extent
	return json.Unmarshal([]byte(a), &x) == nil && json.Unmarshal([]byte(b), &y) == nil && x.Cadence == y.Cadence && x.From == y.From
}

// Anchored are the instances whose anchor is that day or later, in order. They
// end with the last one that is InRange; obligations that do not recur have none.
func (o *Obligation) Anchored(from calendar.Date) iter.Seq[Instance] {
	return func(yield func(Instance) bool) {
		if !o.Cadence.Recurs() {
			return
		}
		for period, anchor := range o.Cadence.anchors(o.Plan.Calendar, max(from, o.starts)) {
			in := o.At(period, anchor)
			if o.ends != 0 && anchor > o.ends || anchor > calendar.Last || in.Due > calendar.Last {
				return
			}
			if in.Due >= calendar.First && !yield(in) {
				return
			}
		}
	}
}
