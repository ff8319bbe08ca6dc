package scheduler

import (
	"fmt"
	"time"

	"duban/ledger"
	"duban/rules"
	"duban/rules/calendar"
)

// ahead is how many days before its first reminder an occurrence is made.
const ahead = 14

// source is what started an occurrence that the calendar did not.
type source struct{ event, cause int64 }

// materialise makes the occurrences of every duty whose reminders are near, and
// of each at least the next one. It may be repeated: what is there stays.
func (s *Scheduler) materialise(tx *ledger.Tx, now time.Time) error {
	for _, p := range s.Rules().Plans {
		today := p.Day(now)
		duties, err := tx.WakingDuties(tx.Context(), p.ID, today)
		if err != nil {
			return err
		}
		for _, d := range duties {
			o := p.Obligation(d.Obligation)
			if o == nil {
				continue
			}
			if err := s.materialiseDuty(tx, o, d, today, now); err != nil {
				return fmt.Errorf("%s/%s: %w", o.ID, d.Unit, err)
			}
		}
	}
	return nil
}

func (s *Scheduler) materialiseDuty(tx *ledger.Tx, o *rules.Obligation, d *ledger.Duty, today calendar.Date, now time.Time) error {
	early := o.Policy.Reach() + ahead
	d.Wake = 0 // unless there is another
	for in := range o.From(max(d.MadeTo+1, d.Since)) {
		if in.Due-early > today && d.MadeTo >= today {
			d.Wake = min(in.Due-early, d.MadeTo+1)
			break
		}
		if err := s.make(tx, o, d.Unit, in, d.Rule, source{}, entry(now, byDaemon)); err != nil {
			return err
		}
		d.MadeTo = in.Due
	}
	return tx.SaveDuty(d, now)
}

// make puts one occurrence into the ledger. One that had been cancelled is owed
// again; any other that is there stays as it is.
func (s *Scheduler) make(tx *ledger.Tx, ob *rules.Obligation, unit string, in rules.Instance, rule int64, from source, e ledger.Entry) error {
	o := &ledger.Occurrence{
		Plan: ob.Plan.ID, Obligation: ob.ID, Unit: unit, Period: in.Period, Rule: rule,
		Anchor: in.Anchor, FirstDue: in.Due, Due: in.Due, Provisional: in.Provisional,
		State: ledger.StateOpen, Event: from.event, Cause: from.cause,
	}
	o.NextReminder = s.nextReminder(ob, o)
	added, err := tx.AddOccurrence(o, e)
	if err != nil || added || o.State != ledger.StateCancelled {
		return err
	}
	before := *o
	o.State, o.Rule, o.Anchor, o.Provisional = ledger.StateOpen, rule, in.Anchor, in.Provisional
	if !o.Extended {
		o.FirstDue, o.Due = in.Due, in.Due
	}
	o.ClosedAt = time.Time{}
	o.NextReminder = s.nextReminder(ob, o)
	e.Action, e.Reason = "owed again", ""
	return tx.SaveOccurrence(&before, o, e)
}

// again counts an occurrence anew; the error says why it is no longer owed.
func (a *adoption) again(ob *rules.Obligation, o *ledger.Occurrence) (rules.Instance, error) {
	switch {
	case ob.Cadence.Recurs() && o.Event == 0 && o.Cause == 0:
		return ob.Period(o.Period)
	case ob.Cadence.Kind == rules.After && o.Cause != 0:
		return ob.At(o.Period, o.Anchor), nil
	case ob.Cadence.Kind == rules.ByEvent && o.Event != 0:
		ev, err := a.tx.Event(a.tx.Context(), o.Event)
		if err != nil {
			return rules.Instance{}, err
		}
		if ev.Name != ob.Cadence.Value {
			return rules.Instance{}, fmt.Errorf("the rule now starts from the event %q", ob.Cadence.Value)
		}
		if !ob.Counts(ev.Day) {
			return rules.Instance{}, fmt.Errorf("the rule does not count events on %s", ev.Day)
		}
		pauses, err := a.tx.Pauses(a.tx.Context(), o.ID)
		return ob.At(o.Period, ev.Day, pauses...), err
	}
	return rules.Instance{}, fmt.Errorf("the rule now recurs by %s", ob.Cadence.Kind)
}

// cancel ends an open occurrence that is no longer owed.
func (s *Scheduler) cancel(tx *ledger.Tx, o *ledger.Occurrence, reason string, e ledger.Entry) error {
	before := *o
	o.State, o.Reason, o.NextReminder, o.ClosedAt = ledger.StateCancelled, reason, 0, e.At
	e.Action, e.Reason = "cancelled", reason
	return tx.SaveOccurrence(&before, o, e)
}
