package scheduler

import (
	"context"
	"strings"
	"time"

	"duban/ledger"
	"duban/rules"
	"duban/rules/calendar"
)

// adoption brings the ledger to what the rules and the calendar say: new
// duties, recounts of open occurrences, cancellations of what is no longer owed.
type adoption struct {
	*Scheduler
	tx       *ledger.Tx
	now      time.Time
	backfill bool

	assign      map[string][]*ledger.Duty // duties of plans that first meet the ledger, by unit
	recountsAll bool                      // not only what the edit touched
	changes     int
}

// needsAdoption tells whether anything in force differs from what the ledger
// last adopted.
func (s *Scheduler) needsAdoption(ctx context.Context) (bool, error) {
	if s.adopted.Load() {
		return false, nil
	}
	known, err := s.Ledger.Plans(ctx)
	if err != nil {
		return false, err
	}
	if len(known) != len(s.Rules().Plans) {
		return true, nil
	}
	for _, p := range s.Rules().Plans {
		signature, _, err := s.Ledger.PlanSignature(ctx, p.ID)
		if err != nil || signature != p.Signature() {
			return true, err
		}
	}
	s.adopted.Store(true)
	return false, nil
}

func (a *adoption) run() error {
	a.assign = map[string][]*ledger.Duty{}
	for _, p := range a.Rules().Plans {
		signature, met, err := a.tx.PlanSignature(a.tx.Context(), p.ID)
		if err != nil {
			return err
		}
		if signature == p.Signature() && !a.backfill {
			continue
		}
		a.recountsAll = a.backfill || !strings.HasPrefix(signature, p.CountsBy()+"/")
		if err := a.plan(p, met); err != nil {
			return err
		}
		if err := a.tx.SavePlan(p.ID, p.Signature(), a.now); err != nil {
			return err
		}
	}
	known, err := a.tx.Plans(a.tx.Context())
	if err != nil {
		return err
	}
	for _, id := range known {
		if a.Rules().Plan(id) == nil {
			if err := a.retirePlan(id); err != nil {
				return err
			}
		}
	}
	return nil
}

// firstDay is the earliest due date that is still to come in that plan.
func (a *adoption) firstDay(p *rules.Plan) calendar.Date {
	today := p.Day(a.now)
	if a.now.After(p.Deadline(today)) {
		today++
	}
	return today
}

func (a *adoption) plan(p *rules.Plan, met bool) error {
	old, err := a.tx.Duties(a.tx.Context(), p.ID)
	if err != nil {
		return err
	}
	known := make(map[[2]string]*ledger.Duty, len(old))
	for _, d := range old {
		known[[2]string{d.Obligation, d.Unit}] = d
	}
	for _, o := range p.Obligations {
		rule, err := a.tx.Rule(o, a.now)
		if err != nil {
			return err
		}
		for _, u := range o.Units {
			key := [2]string{o.ID, u.ID}
			d := known[key]
			delete(known, key)
			if err := a.duty(o, u, d, rule, met); err != nil {
				return err
			}
		}
	}
	for _, d := range old {
		if known[[2]string{d.Obligation, d.Unit}] != nil && !d.Retired {
			if err := a.retire(d); err != nil {
				return err
			}
		}
	}
	if !met {
		e := entry(a.now, byDaemon)
		e.Action, e.Subject, e.After = "plan adopted", "plan "+p.ID, p.Signature()
		return a.tx.Journal(e)
	}
	return nil
}

// duty makes or adjusts what the ledger knows of one obligation of one unit.
func (a *adoption) duty(o *rules.Obligation, u *rules.Unit, d *ledger.Duty, rule int64, met bool) error {
	first := a.firstDay(o.Plan)
	switch {
	case d == nil:
		d = &ledger.Duty{Plan: o.Plan.ID, Obligation: o.ID, Unit: u.ID, Rule: rule, Since: first, MadeTo: first - 1}
		d.Told = !met && !a.AssignOnStart
		if !met && a.AssignOnStart {
			d.Told = true // by the assignment notice made in this very transaction
			a.assign[u.ID] = append(a.assign[u.ID], d)
		}
	case d.Retired:
		d.Retired, d.Told, d.Rule, d.Since = false, false, rule, first
		d.MadeTo = min(d.MadeTo, first-1)
	case d.Rule == rule && !a.recountsAll:
		return nil
	default:
		d.Rule = rule
		// What the old rule has not made yet, up to now, the new one makes.
		d.MadeTo = min(d.MadeTo, first-1)
	}
	if a.backfill {
		starts, _ := o.Span()
		d.Since, d.MadeTo = starts, min(d.MadeTo, starts-1)
	}
	d.Wake = 0
	if o.Cadence.Recurs() {
		d.Wake = o.Plan.Day(a.now) // at once
	}
	if err := a.tx.SaveDuty(d, a.now); err != nil {
		return err
	}
	if err := a.recountAll(o, u, rule); err != nil {
		return err
	}
	if o.Cadence.Kind == rules.ByEvent {
		return a.pastEvents(o, u, rule, d.Since)
	}
	return nil
}

// pastEvents starts the clocks of events that were recorded before the
// obligation was there and are not past due.
func (a *adoption) pastEvents(o *rules.Obligation, u *rules.Unit, rule int64, since calendar.Date) error {
	events, err := a.tx.Events(a.tx.Context(), ledger.EventQuery{Name: o.Cadence.Value, Unit: u.ID})
	if err != nil {
		return err
	}
	for _, e := range events {
		if !e.Withdrawn.IsZero() || !o.Counts(e.Day) {
			continue
		}
		if in := o.At(e.Key, e.Day); in.Due >= since {
			if err := a.make(a.tx, o, u.ID, in, rule, source{event: e.ID}, entry(a.now, byDaemon)); err != nil {
				return err
			}
		}
	}
	return nil
}

func (a *adoption) retirePlan(id string) error {
	duties, err := a.tx.Duties(a.tx.Context(), id)
	if err != nil {
		return err
	}
	for _, d := range duties {
		if d.Retired {
			continue
		}
		if err := a.retire(d); err != nil {
			return err
		}
	}
	e := entry(a.now, byDaemon)
	e.Action, e.Subject, e.Reason = "plan retired", "plan "+id, "it is no longer in the configuration"
	if err := a.tx.Journal(e); err != nil {
		return err
	}
	return a.tx.SavePlan(id, "", a.now)
}

// retire ends a duty that no rule asks for any more; what is open is cancelled.
func (a *adoption) retire(d *ledger.Duty) error {
	d.Retired = true
	if err := a.tx.SaveDuty(d, a.now); err != nil {
		return err
	}
	open, err := a.tx.Occurrences(a.tx.Context(), ledger.Query{Plan: d.Plan, Obligation: d.Obligation, Unit: d.Unit, States: []ledger.State{ledger.StateOpen}})
	if err != nil {
		return err
	}
	for _, o := range open {
		if err := a.cancel(a.tx, o, "no rule asks for it any more", entry(a.now, byDaemon)); err != nil {
			return err
		}
		a.changes++
	}
	return nil
}

func (a *adoption) recountAll(ob *rules.Obligation, u *rules.Unit, rule int64) error {
	open, err := a.tx.Occurrences(a.tx.Context(), ledger.Query{Plan: ob.Plan.ID, Obligation: ob.ID, Unit: u.ID, States: []ledger.State{ledger.StateOpen}})
	if err != nil {
		return err
	}
	for _, o := range open {
		if err := a.recount(ob, o, rule); err != nil {
			return err
		}
	}
	return nil
}

// recount counts an open occurrence again by the rule as it now stands; one
// with an extension keeps its date.
func (a *adoption) recount(ob *rules.Obligation, o *ledger.Occurrence, rule int64) error {
	before := *o
	e := entry(a.now, byDaemon)
	e.Action = "recounted"
	if !o.Extended {
		in, err := a.again(ob, o)
		if err != nil {
			a.changes++
			return a.cancel(a.tx, o, err.Error(), entry(a.now, byDaemon))
		}
		o.Anchor, o.Due, o.FirstDue, o.Provisional = in.Anchor, in.Due, in.Due, in.Provisional
	}
	o.Rule = rule
	o.NextReminder = a.nextReminder(ob, o)
	if *o == before {
		return nil
	}
	if o.Due != before.Due || o.Provisional != before.Provisional {
		a.changes++
		a.Log.Info().Str("occurrence", o.FullKey()).Stringer("before", before.Due).Stringer("after", o.Due).Msg("due date recounted")
	}
	return a.tx.SaveOccurrence(&before, o, e)
}
