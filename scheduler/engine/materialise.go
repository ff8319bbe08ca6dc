package engine

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"time"

	"duban/ledger"
	"duban/rules"
	"duban/rules/calendar"
)

// ahead is how many days before its first reminder an occurrence is made.
const ahead = 14

// source is what started an occurrence that the calendar did not.
type source struct {
	event, cause int64
	origin       string        // the unit that the rules ask, where it falls on another; empty: itself
	recorded     calendar.Date // the day on which its unit has yet to hear of the event; 0: it need not
}

// of tells whether an occurrence has that source.
func (s source) of(o *ledger.Occurrence) bool { return s.event == o.Event && s.cause == o.Cause }

// waking is a duty of which occurrences are to be made.
type waking struct {
	*ledger.Duty
	changed bool     // by this adoption: it is written when it is known how far it has been made
	there   []string // the periods of it that go on
}

// followers are duties that follow another rule now, by plan.
type followers map[string]map[dutyKey]waking

type dutyKey struct{ obligation, unit string }

// followLater brings what the ledger has of a known duty to what is owed; materialise
// makes the rest and writes the duty.
func (a *adoption) followLater(o *rules.Obligation, d *ledger.Duty) error {
	if err := a.adjustAll(o, d); err != nil {
		return err
	}
	w := waking{Duty: d, changed: true}
	for _, had := range a.standing[d.Unit] {
		if had.State != ledger.StateCancelled {
			w.there = append(w.there, had.Period)
		}
	}
	if a.followers == nil {
		a.followers = followers{}
	}
	if a.followers[d.Plan] == nil {
		a.followers[d.Plan] = map[dutyKey]waking{}
	}
	a.followers[d.Plan][dutyKey{d.Obligation, d.Unit}] = w
	return nil
}

// dutyOf is the duty that an occurrence is of, as the adoption leaves it: of a follower the
// ledger has what it was.
func (f followers) dutyOf(tx ledger.Tx, o *ledger.Occurrence) (*ledger.Duty, error) {
	if w, follows := f[o.Plan][dutyKey{o.Obligation, o.Owner()}]; follows {
		return w.Duty, nil
	}
	return tx.Duty(tx.Context(), o.Plan, o.Obligation, o.Owner())
}

// waking are the duties of a plan that are awake, by obligation and unit.
func (f followers) waking(tx ledger.Tx, p *rules.Plan, today calendar.Date) ([]waking, error) {
	known, err := tx.WakingDuties(tx.Context(), p.ID, today)
	if err != nil {
		return nil, err
	}
	all := slices.Collect(maps.Values(f[p.ID]))
	for _, d := range known {
		if _, follows := f[p.ID][dutyKey{d.Obligation, d.Unit}]; !follows { // else the ledger has what it was
			all = append(all, waking{Duty: d})
		}
	}
	slices.SortFunc(all, func(w, v waking) int {
		return cmp.Or(cmp.Compare(w.Obligation, v.Obligation), cmp.Compare(w.Unit, v.Unit))
	})
	return all, nil
}

// materialise makes the occurrences of every duty whose reminders are near, and
// of each at least the next one. It may be repeated: what is there stays.
func (a *adoption) materialise() error {
	for _, p := range a.view.Rules.Plans {
		today := p.Day(a.view.Now)
		duties, err := a.followers.waking(a.tx, p, today)
		if err != nil {
			return err
		}
		for _, d := range duties {
			o := p.Obligation(d.Obligation)
			if o == nil {
				continue
			}
			if err := a.materialiseDuty(o, d, today); err != nil {
				return fmt.Errorf("%s/%s: %w", o.ID, d.Unit, err)
			}
		}
		if err := a.addMade(); err != nil {
			return err
		}
	}
	return nil
}

// together is how many occurrences are made at once.
const together = 500

// made is an occurrence that a rule has made and the ledger has yet to take.
type made struct {
	obligation *rules.Obligation
	rule       int64
	instance   rules.Instance
	occurrence *ledger.Occurrence
}

// addMade puts what has been made into the ledger.
func (a *adoption) addMade() error {
	if len(a.made) == 0 {
		return nil
	}
	all := make([]*ledger.Occurrence, len(a.made))
	for i, m := range a.made {
		all[i] = m.occurrence
	}
	added, err := a.tx.AddOccurrences(all, a.view.Entry(ByDaemon))
	if err != nil {
		return err
	}
	for i, m := range a.made {
		if !added[i] {
			if err := owedAgain(a.tx, a.view, m.obligation, m.occurrence, m.instance, m.rule, source{}, a.view.Entry(ByDaemon)); err != nil {
				return err
			}
		}
	}
	a.made = a.made[:0]
	return nil
}

// materialiseDuty makes what is near of one duty.
func (a *adoption) materialiseDuty(o *rules.Obligation, d waking, today calendar.Date) error {
	if err := a.makeNear(o, d.Duty, today, d.there...); err != nil {
		return err
	}
	if d.changed {
		return a.tx.SaveDuty(d.Duty, a.view.Now)
	}
	return a.tx.DutyMade(d.Duty)
}

// makeNear makes what is near, in the order of the anchors: several may be due on
// one day. Those of periods that are there go on as they are. How far it has come is
// written in d, not in the ledger.
func (a *adoption) makeNear(o *rules.Obligation, d *ledger.Duty, today calendar.Date, there ...string) error {
	line := o.Timeline(a.view.Settings.Weekends)
	j := &claim{adoption: a, duty: d, rule: o}
	last := calendar.Date(0) // the latest due date that has been made
	d.Wake = 0               // unless there is another
	for in := range o.Anchored(d.MadeTo) {
		if in.Anchor == d.MadeTo {
			last = in.Due
			continue
		}
		if early := min(in.Due-o.Policy.Reach(), line.First(in.Due)) - ahead; early > today && last >= today {
			d.Wake = min(early, last+1)
			break
		}
		owed, err := j.owes(in, false)
		if err != nil {
			return err
		}
		if owed && !slices.Contains(there, in.Period) {
			a.made = append(a.made, made{o, d.Rule, in, newOccurrence(a.view, o, d.Unit, in, d.Rule, source{})})
		}
		if owed {
			last = in.Due
		}
		d.MadeTo = in.Anchor
	}
	if len(a.made) >= together {
		return a.addMade()
	}
	return nil
}

// add puts one occurrence into the ledger. One that had been cancelled is owed
// again; any other that is there stays as it is.
func add(tx ledger.Tx, v View, ob *rules.Obligation, unit string, in rules.Instance, rule int64, from source, e ledger.Entry) error {
	o := newOccurrence(v, ob, unit, in, rule, from)
	added, err := tx.AddOccurrence(o, e)
	if err != nil || added {
		return err
	}
	return owedAgain(tx, v, ob, o, in, rule, from, e)
}

// newOccurrence is one that the ledger does not have yet.
func newOccurrence(v View, ob *rules.Obligation, unit string, in rules.Instance, rule int64, from source) *ledger.Occurrence {
	o := &ledger.Occurrence{
		Plan: ob.Plan.ID, Obligation: ob.ID, Unit: unit, Period: in.Period, Rule: rule,
		Anchor: in.Anchor, FirstDue: in.Due, Due: in.Due, Named: in.Named, Provisional: in.Provisional,
		State: ledger.StateOpen, Event: from.event, Cause: from.cause, Origin: from.origin,
	}
	if ob.Policy.Tells() {
		o.Started = from.recorded
	}
	o.NextReminder = v.NextReminder(ob, o)
	return o
}

// owedAgain is what becomes of an occurrence that is there already: one that had
// been cancelled is owed again, any other stays as it is.
func owedAgain(tx ledger.Tx, v View, ob *rules.Obligation, o *ledger.Occurrence, in rules.Instance, rule int64, from source, e ledger.Entry) error {
	o, err := Heir(tx.Context(), tx, o)
	if err != nil || o.State != ledger.StateCancelled {
		return err
	}
	before := *o
	if !from.of(o) { // what was done to it was done to something else
		o.Granted, o.PausedOn, o.ReportedAt = 0, 0, time.Time{}
		o.Event, o.Cause, o.Origin = from.event, from.cause, from.origin
	}
	if ob.Policy.Tells() {
		o.Started = from.recorded
	}
	if ob.Pausable {
		pauses, err := tx.Pauses(tx.Context(), o.ID)
		if err != nil {
			return err
		}
		in = ob.At(in.Period, in.Anchor, pauses...)
	}
	return restore(tx, v, ob, before, o, in, rule, e)
}

// freePeriod is the period that what from starts bears: the wanted one, or where
// another event or closing has taken that, the wanted one with what sets it apart.
func freePeriod(tx ledger.Tx, ob *rules.Obligation, unit, wanted, apart string, from source) (string, error) {
	taken, err := ledger.AllOccurrences(tx.Context(), tx, ledger.Query{Plan: ob.Plan.ID, Obligation: ob.ID, Unit: unit, Period: wanted})
	if err != nil || len(taken) == 0 {
		return wanted, err
	}
	o := taken[0]
	if from.of(o) {
		return wanted, nil
	}
	if bare, err := isBare(tx, o); err != nil || bare && (from.event != 0 || o.Cause == 0) {
		return wanted, err
	}
	return wanted + "." + apart, nil
}

// isBare tells whether a cancelled occurrence has no history that belongs to
// what started it: nobody extended, stopped or reported it.
func isBare(tx ledger.Tx, o *ledger.Occurrence) (bool, error) {
	if o.State != ledger.StateCancelled || o.Extended() || !o.ReportedAt.IsZero() {
		return false, nil
	}
	pauses, err := tx.Pauses(tx.Context(), o.ID)
	return len(pauses) == 0, err
}
