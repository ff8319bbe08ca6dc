package engine

import (
	"duban/ledger"
	"duban/notify"
	"duban/rules"
)

// StartedBy are the obligations of the unit that an event of that name starts.
func (v View) StartedBy(name, unit string) []*rules.Obligation {
	var out []*rules.Obligation
	for _, p := range v.Rules.InForce() {
		for _, o := range p.Obligations {
			if o.Cadence.Kind == rules.ByEvent && o.Cadence.Value == name && o.Owes(unit) {
				out = append(out, o)
			}
		}
	}
	return out
}

// StartClocks makes the occurrences that an event starts.
func StartClocks(tx ledger.Tx, v View, e *ledger.Event, by string) error {
	for _, ob := range v.StartedBy(e.Name, e.Unit) {
		if !ob.Counts(e.Day) {
			continue
		}
		rule, err := tx.Rule(ob, v.Now)
		if err != nil {
			return err
		}
		from := source{event: e.ID, recorded: ob.Plan.Day(v.Now)}
		if err := startClock(tx, v, ob, e, from, rule, v.Entry(by)); err != nil {
			return err
		}
	}
	return followAll(tx, v, e, by)
}

// startClock makes the occurrence of one obligation that an event starts.
func startClock(tx ledger.Tx, v View, ob *rules.Obligation, e *ledger.Event, from source, rule int64, entry ledger.Entry) error {
	period, err := freePeriod(tx, ob, e.Unit, e.Key, e.Name, from)
	if err != nil {
		return err
	}
	return add(tx, v, ob, e.Unit, ob.At(period, e.Day), rule, from, entry)
}

// StopClocks cancels what a withdrawn event started and is not done. A unit that had
// heard of it hears that it is over.
func StopClocks(tx ledger.Tx, v View, e *ledger.Event, by string) error {
	started, err := tx.StartedBy(tx.Context(), e.ID)
	if err != nil {
		return err
	}
	letters := &Letters{}
	for _, o := range started {
		if o.State != ledger.StateOpen && o.State != ledger.StateReported {
			continue
		}
		told := !o.ToldThrough.IsZero() || o.Origin != ""
		if err := cancel(tx, o, withdrawn(e.Reason), v.Entry(by)); err != nil {
			return err
		}
		if told {
			if err := tellWithdrawn(letters, v, o, by, e.Reason); err != nil {
				return err
			}
		}
	}
	if err := letters.Post(tx, v); err != nil {
		return err
	}
	return followAll(tx, v, e, by)
}

// tellWithdrawn tells a unit by letter that what it had heard of is over.
func tellWithdrawn(letters *Letters, v View, o *ledger.Occurrence, by, reason string) error {
	unit := v.Rules.Unit(o.Unit)
	if unit == nil {
		return nil
	}
	return letters.Add(Letter{Act: notify.Withdrawn, By: by, Reason: reason}, unit, o, by, "withdrawn "+o.FullKey()+v.Now.String())
}

// dropReceived cancels what no rule asks for any more. Who received it by transfer has
// no duty that he would be relieved of with the others: he hears of it by letter.
func dropReceived(tx ledger.Tx, v View, o *ledger.Occurrence, reason string, e ledger.Entry) error {
	if err := cancel(tx, o, reason, e); err != nil || o.Origin == "" {
		return err
	}
	letters := &Letters{}
	if err := tellWithdrawn(letters, v, o, e.Actor, reason); err != nil {
		return err
	}
	return letters.Post(tx, v)
}

// followAll brings the successors of what an event started, and was closed, to
// what the event says.
func followAll(tx ledger.Tx, v View, e *ledger.Event, by string) error {
	started, err := tx.StartedBy(tx.Context(), e.ID)
	if err != nil {
		return err
	}
	for _, o := range started {
		if o.State != ledger.StateClosed {
			continue
		}
		if err := Follow(tx, v, o, by); err != nil {
			return err
		}
	}
	return nil
}
