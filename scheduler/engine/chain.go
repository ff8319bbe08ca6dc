package engine

import (
	"maps"
	"slices"

	"duban/ledger"
	"duban/rules"
	"duban/rules/calendar"
)

// chain brings the steps that a closing starts to what that closing says: they
// follow it when it is taken back, redated or made again.
type chain struct {
	tx    ledger.Tx
	view  View
	by    string
	waits func(*rules.Obligation, rules.Instance) bool // what is past due and not to be made; nil: none
}

// Follow brings the successors of an occurrence to what it says.
func Follow(tx ledger.Tx, v View, cause *ledger.Occurrence, by string) error {
	return chain{tx: tx, view: v, by: by}.follow(cause)
}

// mostSteps bounds a chain of causes: the rules have no longer ones.
const mostSteps = 1000

// step is a successor of an occurrence: one obligation for one unit.
type step struct {
	rule *rules.Obligation
	unit *rules.Unit
}

// follow brings the successors of an occurrence, and theirs, to what it says.
func (c chain) follow(cause *ledger.Occurrence) error {
	started, err := c.tx.CausedBy(c.tx.Context(), cause.ID)
	if err != nil {
		return err
	}
	whyNot, err := c.startsNothing(cause)
	if err != nil {
		return err
	}
	steps := map[[2]string]step{}
	if ob := c.view.Obligation(cause); whyNot == "" && ob != nil {
		steps = successors(ob, cause.Owner())
	}
	for _, o := range started {
		if o.Transferred != "" {
			continue // it goes on elsewhere
		}
		key := [2]string{o.Obligation, o.Owner()}
		next, wanted := steps[key]
		delete(steps, key)
		if err := c.adjust(cause, o, next, wanted, whyNot); err != nil {
			return err
		}
	}
	for _, key := range slices.SortedFunc(maps.Keys(steps), func(a, b [2]string) int { return slices.Compare(a[:], b[:]) }) {
		if err := c.start(cause, steps[key]); err != nil {
			return err
		}
	}
	return nil
}

func successors(ob *rules.Obligation, unit string) map[[2]string]step {
	out := map[[2]string]step{}
	for next, units := range ob.Successors(unit) {
		for _, u := range units {
			out[[2]string{next.ID, u.ID}] = step{next, u}
		}
	}
	return out
}

// startsNothing says why an occurrence has no successors; empty: it has.
func (c chain) startsNothing(o *ledger.Occurrence) (string, error) {
	for range mostSteps {
		switch {
		case o.State == ledger.StateCancelled:
			return o.Key() + " was cancelled", nil
		case o.State != ledger.StateClosed:
			return o.Key() + " was reopened", nil
		case o.Event != 0:
			ev, err := c.tx.Event(c.tx.Context(), o.Event)
			if err != nil || ev.Withdrawn.IsZero() {
				return "", err
			}
			return withdrawn(ev.Reason), nil
		case o.Cause == 0:
			return "", nil
		}
		var err error
		if o, err = c.tx.Occurrence(c.tx.Context(), o.Cause); err != nil {
			return "", err
		}
	}
	return "its chain never began", nil
}

// adjust makes one successor that the ledger has what its cause says.
func (c chain) adjust(cause, o *ledger.Occurrence, next step, wanted bool, whyNot string) error {
	anchor := c.view.closedOn(cause)
	if o.Origin != "" && whyNot == "" && c.view.Obligation(o) != nil && !(wanted && next.rule.Counts(anchor)) {
		return nil // no edit takes back what was transferred
	}
	if wanted && !next.rule.Counts(anchor) {
		wanted, whyNot = false, cause.Key()+" closed when the rule does not count"
	}
	if whyNot == "" {
		whyNot = "no rule asks for it any more"
	}
	switch {
	case o.State == ledger.StateClosed || o.State == ledger.StateWaived:
		return c.follow(o) // what it started hangs on the same causes
	case !wanted && o.State == ledger.StateCancelled:
		return nil
	case !wanted:
		return dropReceived(c.tx, c.view, o, whyNot, c.view.Entry(c.by))
	}
	in := next.rule.At(o.Period, anchor)
	if o.State == ledger.StateCancelled {
		if c.waits != nil && c.waits(next.rule, in) {
			return nil
		}
		return restore(c.tx, c.view, next.rule, *o, o, in, o.Rule, c.view.Entry(c.by))
	}
	before := *o
	Count(next.rule, o, in)
	o.NextReminder = c.view.NextReminder(next.rule, o)
	if *o == before {
		return nil
	}
	e := c.view.Entry(c.by)
	e.Action = "recounted"
	return Save(c.tx, c.view, &before, o, e)
}

// start makes the occurrence of the next link. It bears the period of the one
// that closed; where another unit's has taken that, the unit is added to it.
func (c chain) start(cause *ledger.Occurrence, next step) error {
	anchor := c.view.closedOn(cause)
	if !next.rule.Counts(anchor) {
		return nil
	}
	unit, from := next.unit.ID, source{cause: cause.ID}
	if cause.Origin != "" && unit == cause.Origin { // it follows the unit that it was transferred to
		unit, from.origin = cause.Unit, cause.Origin
	}
	period, err := freePeriod(c.tx, next.rule, unit, cause.Period, cause.Owner(), from)
	if err != nil {
		return err
	}
	in := next.rule.At(period, anchor)
	if c.waits != nil && c.waits(next.rule, in) {
		return nil
	}
	rule, err := c.tx.Rule(next.rule, c.view.Now)
	if err != nil {
		return err
	}
	return add(c.tx, c.view, next.rule, unit, in, rule, from, c.view.Entry(c.by))
}

// closedOn is the day on which an occurrence was closed, where its plan applies.
func (v View) closedOn(o *ledger.Occurrence) calendar.Date {
	if p := v.Rules.Plan(o.Plan); p != nil {
		return p.Day(o.ClosedAt)
	}
	return v.dayOf(o.ClosedAt)
}

// causedAgain counts a step of a chain anew, or says why no rule, or no closing,
// asks for it.
func causedAgain(tx ledger.Tx, v View, ob *rules.Obligation, o *ledger.Occurrence) (in rules.Instance, edited, whyNot string, err error) {
	cause, err := tx.Occurrence(tx.Context(), o.Cause)
	if err != nil {
		return in, "", "", err
	}
	if whyNot, err := (chain{tx: tx, view: v}).startsNothing(cause); whyNot != "" || err != nil {
		return in, "", whyNot, err
	}
	p := ob.Predecessor()
	if p == nil || p.ID != cause.Obligation || p.Plan.ID != cause.Plan {
		return in, "the rule now follows another one", "", nil
	}
	if _, ok := successors(p, cause.Owner())[[2]string{ob.ID, o.Owner()}]; !ok {
		return in, "no rule asks for it any more", "", nil
	}
	anchor := v.closedOn(cause)
	if !ob.Counts(anchor) {
		return in, "the rule does not count what closed on " + anchor.String(), "", nil
	}
	return ob.At(o.Period, anchor), "", "", nil
}
