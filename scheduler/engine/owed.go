package engine

import (
	"cmp"
	"fmt"
	"time"

	"duban/ledger"
	"duban/rules"
)

// What is owed. A period is owed if the last rules hold it and it is not yet
// past due, or the rules that this ledger followed at the close of its due day
// held it too. What a person starts, by an event or by closing something, is
// owed as long as the last rules hold it and its cause stands.

// ongoing are the states of what is still to be done or decided on.
var ongoing = []ledger.State{ledger.StateOpen, ledger.StateReported}

// claim is what a rule may ask of a duty.
type claim struct {
	adoption *adoption
	duty     *ledger.Duty
	rule     *rules.Obligation
}

// owes tells whether the period of an instance is owed; made: the ledger has it.
func (j *claim) owes(in rules.Instance, made bool) (bool, error) {
	end := j.rule.Plan.LateAfter(in.Due, in.Named)
	if end.After(j.adoption.view.Now) || !j.duty.Retired && !end.Before(j.duty.From) {
		return true, nil
	}
	past, err := j.adoption.past(j.duty)
	if err != nil {
		return false, err
	}
	for _, f := range past {
		if end.Before(f.From) || !end.Before(f.To) {
			continue
		}
		if f.Extent == "" { // all that is known of it is what it made
			return made, nil
		}
		return j.rule.Plan.Held(f.Extent, in.Period)
	}
	return false, nil
}

// adjustAll brings what the ledger has of a duty to what is owed.
func (a *adoption) adjustAll(ob *rules.Obligation, d *ledger.Duty) error {
	if a.standing == nil {
		if err := a.stand(ob); err != nil {
			return err
		}
	}
	j := &claim{adoption: a, duty: d, rule: ob}
	for _, o := range a.standing[d.Unit] {
		if err := a.adjust(j, o); err != nil {
			return err
		}
	}
	return nil
}

// standing is what the ledger has of an obligation that an edit may change, by unit.
type standing map[string][]*ledger.Occurrence

// stand asks for all of it at once: an edit mostly concerns all units. What is done
// to the occurrences of one unit touches those of no other.
func (a *adoption) stand(ob *rules.Obligation) error {
	a.standing = standing{}
	return a.tx.EachOccurrence(a.tx.Context(), ledger.Query{
		Plan: ob.Plan.ID, Obligation: ob.ID, States: append([]ledger.State{ledger.StateCancelled}, ongoing...),
	}, func(o *ledger.Occurrence) error {
		if o.Origin == "" && o.Transferred == "" { // of such adjustReceived sees
			a.standing[o.Unit] = append(a.standing[o.Unit], o)
		}
		return nil
	})
}

// adjust recounts, cancels or opens again one occurrence.
func (a *adoption) adjust(j *claim, o *ledger.Occurrence) error {
	in, whyNot, err := Again(a.tx, a.view, j.rule, o)
	if err != nil {
		return err
	}
	// What is ongoing stays so while the rules hold it, also where they count it
	// shorter than before: no edit silences what somebody is being told of.
	switch {
	case o.State != ledger.StateCancelled && whyNot != "":
		return a.drop(o, whyNot)
	case o.State != ledger.StateCancelled:
		return a.recount(j.rule, o, in, j.duty.Rule)
	case whyNot != "":
		return nil
	}
	due := in
	if o.Granted > in.Due {
		due.Due, due.Named = o.Granted, 0
	}
	if a.waitsForBackfill(j.rule, due) {
		a.waiting = append(a.waiting, Change{Action: "waits", Occurrence: o.FullKey(), Due: due.Due, ID: o.ID})
		return nil
	}
	if o.Event == 0 && o.Cause == 0 {
		if owed, err := j.owes(due, true); err != nil || !owed {
			return err
		}
	}
	a.changes = append(a.changes, Change{
		Action: "owed again", Occurrence: o.FullKey(), Due: due.Due, Before: o.Due, Provisional: in.Provisional, ID: o.ID,
	})
	return restore(a.tx, a.view, j.rule, *o, o, in, j.duty.Rule, a.view.Entry(ByDaemon))
}

// drop cancels what no rule asks for any more.
func (a *adoption) drop(o *ledger.Occurrence, reason string) error {
	a.changes = append(a.changes, Change{Action: "cancelled", Occurrence: o.FullKey(), Due: o.Due, ID: o.ID})
	return dropReceived(a.tx, a.view, o, reason, a.view.Entry(ByDaemon))
}

// recount dates an ongoing occurrence by the rule as it now stands.
func (a *adoption) recount(ob *rules.Obligation, o *ledger.Occurrence, in rules.Instance, rule int64) error {
	before := *o
	Count(ob, o, in)
	o.Rule = rule
	o.NextReminder = a.view.NextReminder(ob, o)
	if *o == before {
		return nil
	}
	if o.Due != before.Due || o.Provisional != before.Provisional {
		a.changes = append(a.changes, Change{
			Action: "recounted", Occurrence: o.FullKey(), Due: o.Due, Before: before.Due, Provisional: o.Provisional, ID: o.ID,
		})
	}
	e := a.view.Entry(ByDaemon)
	e.Action = "recounted"
	return Save(a.tx, a.view, &before, o, e)
}

// Count dates an occurrence by an instance. An extension holds where it is the
// later day; the first due date is the count's own.
func Count(ob *rules.Obligation, o *ledger.Occurrence, in rules.Instance) {
	granted := o.Named
	o.Damage = ""
	o.Anchor, o.FirstDue, o.Due, o.Named, o.Provisional = in.Anchor, in.Due, in.Due, in.Named, in.Provisional
	if o.Granted > o.Due {
		o.Due, o.Named = o.Granted, 0
		if granted > o.Granted {
			o.Named = granted
		}
		o.Provisional = !ob.Trusts(o.Anchor, o.Due)
	}
}

// Again counts what the ledger has anew; whyNot says why it is no longer owed,
// whatever its dates. Where an edit asks for something else, what was transferred
// stays as it is.
func Again(tx ledger.Tx, v View, ob *rules.Obligation, o *ledger.Occurrence) (in rules.Instance, whyNot string, err error) {
	in, edited, whyNot, err := again(tx, v, ob, o)
	if edited != "" && o.Origin != "" {
		return asItStands(o), "", err
	}
	return in, cmp.Or(whyNot, edited), err
}

// again tells apart what an edit takes away from what somebody did.
func again(tx ledger.Tx, v View, ob *rules.Obligation, o *ledger.Occurrence) (in rules.Instance, edited, whyNot string, err error) {
	switch {
	case ob.Cadence.Recurs() && o.Event == 0 && o.Cause == 0:
		in, err := ob.Period(o.Period)
		if err != nil {
			return in, err.Error(), "", nil
		}
		return in, "", "", nil
	case ob.Cadence.Kind == rules.After && o.Cause != 0:
		return causedAgain(tx, v, ob, o)
	case ob.Cadence.Kind != rules.ByEvent || o.Event == 0:
		return in, fmt.Sprintf("the rule now recurs by %s", ob.Cadence.Kind), "", nil
	}
	ev, err := tx.Event(tx.Context(), o.Event)
	switch {
	case err != nil:
		return in, "", "", err
	case ev.Name != ob.Cadence.Value:
		return in, fmt.Sprintf("the rule now starts from the event %q", ob.Cadence.Value), "", nil
	case !ev.Withdrawn.IsZero():
		return in, "", withdrawn(ev.Reason), nil
	case !ob.Counts(ev.Day):
		return in, fmt.Sprintf("the rule does not count events on %s", ev.Day), "", nil
	}
	pauses, err := tx.Pauses(tx.Context(), o.ID)
	return ob.At(o.Period, ev.Day, pauses...), "", "", err
}

// withdrawn is why an occurrence is cancelled whose event is withdrawn.
func withdrawn(reason string) string { return "its event was withdrawn: " + reason }

// cancel ends an occurrence that is no longer owed. Its pauses, its extension
// and its report stay, for the case that it is owed again.
func cancel(tx ledger.Tx, o *ledger.Occurrence, reason string, e ledger.Entry) error {
	before := *o
	o.State, o.Reason, o.NextReminder, o.ClosedAt = ledger.StateCancelled, reason, 0, e.At
	o.Late = false
	e.Action, e.Reason = "cancelled", reason
	return tx.SaveOccurrence(&before, o, e)
}

// restore makes a cancelled occurrence owed again, as it stood; before is what the ledger has.
func restore(tx ledger.Tx, v View, ob *rules.Obligation, before ledger.Occurrence, o *ledger.Occurrence, in rules.Instance, rule int64, e ledger.Entry) error {
	o.State, o.Reason, o.ClosedAt, o.Rule = ledger.StateOpen, "", time.Time{}, rule
	switch {
	case o.ReportedAt.IsZero():
	case (o.Event != 0 || o.Cause != 0) && ob.Plan.Day(o.ReportedAt) < in.Anchor:
		o.ReportedAt = time.Time{} // the clock starts after that report
	default:
		o.State = ledger.StateReported
	}
	Count(ob, o, in)
	o.NextReminder = v.NextReminder(ob, o)
	e.Action, e.Reason = "owed again", ""
	return Save(tx, v, &before, o, e)
}
