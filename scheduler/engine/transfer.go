package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"duban/ledger"
	"duban/rules"
	"duban/rules/problem"
)

// A transfer (转办) moves an open occurrence to another unit. It goes on under the
// id of that unit, with its due date and its history; the old one stays, cancelled
// for ever, and says where it went. Whom the rules ask (Occurrence.Owner) it keeps:
// so edits recount it, and its successors fall on whom it was transferred to.

// Transfer moves an open occurrence of a rule to another unit.
func Transfer(tx ledger.Tx, v View, ob *rules.Obligation, o *ledger.Occurrence, to *rules.Unit, e ledger.Entry) (*ledger.Occurrence, error) {
	if err := mayReceive(tx, ob, o, to); err != nil {
		return nil, err
	}
	moved := received(v, o, to)
	moved.NextReminder = v.NextReminder(ob, moved)
	there := *moved
	if _, err := tx.AddOccurrence(&there, e); err != nil { // or what a cancelled one left of it
		return nil, err
	}
	moved.ID, moved.Sequence = there.ID, max(there.Sequence, o.Sequence)
	e.Action = "transferred"
	if err := Save(tx, v, &there, moved, e); err != nil {
		return nil, err
	}
	if err := movePauses(tx, o, moved); err != nil {
		return nil, err
	}
	if err := tx.MoveAttachments(o.ID, moved.ID); err != nil {
		return nil, err
	}
	before := *o
	o.State, o.NextReminder, o.ClosedAt = ledger.StateCancelled, 0, v.Now
	o.Reason, o.Transferred = e.Reason, to.ID
	return moved, Save(tx, v, &before, o, e)
}

// received is an occurrence as the unit has it that it is transferred to. What was
// told to another is not told to this one; its letter says all up to now.
func received(v View, o *ledger.Occurrence, to *rules.Unit) *ledger.Occurrence {
	moved := *o
	moved.ID, moved.Unit, moved.Origin, moved.Started = 0, to.ID, o.Owner(), 0
	if from := v.Supervisor(v.Rules.Unit(o.Unit)); from == nil || from != v.Supervisor(to) {
		moved.SupervisorTold = 0
	}
	return &moved
}

func movePauses(tx ledger.Tx, o, moved *ledger.Occurrence) error {
	pauses, err := tx.Pauses(tx.Context(), o.ID)
	if err != nil {
		return err
	}
	for _, p := range pauses {
		if err := tx.AddPause(moved.ID, p.From, "before it was transferred from "+o.Unit); err != nil {
			return err
		}
		if p.To != 0 {
			if err := tx.EndPause(moved.ID, p.To); err != nil {
				return err
			}
		}
	}
	return nil
}

// mayReceive refuses a unit that has, or will have, that period itself.
func mayReceive(tx ledger.Tx, ob *rules.Obligation, o *ledger.Occurrence, to *rules.Unit) error {
	there, err := ledger.AllOccurrences(tx.Context(), tx, ledger.Query{Plan: o.Plan, Obligation: o.Obligation, Unit: to.ID, Period: o.Period})
	if err != nil {
		return err
	}
	if len(there) > 0 {
		bare, err := isBare(tx, there[0])
		switch {
		case err != nil:
			return err
		case there[0].Transferred != "":
			return problem.Refuse("unit", "%s was transferred away before, to %s: an id that was is not made again; name another unit", there[0].Key(), there[0].Transferred)
		case !bare:
			return problem.Refuse("unit", "%s has that period already: %s is %s", to.Name, there[0].Key(), there[0].State)
		}
	}
	if !ob.Cadence.Recurs() || !ob.Owes(to.ID) {
		return nil
	}
	d, err := tx.Duty(tx.Context(), o.Plan, o.Obligation, to.ID)
	if err != nil && !errors.Is(err, ledger.ErrNotFound) { // which the next tick makes
		return err
	}
	if err != nil || o.Anchor > d.MadeTo {
		return problem.Refuse("unit", "%s has that period already: it owes %s itself, and %s is yet to come", to.Name, o.Obligation, o.Period)
	}
	return nil
}

// Heir is the occurrence as which a transferred one goes on.
func Heir(ctx context.Context, r ledger.Reader, o *ledger.Occurrence) (*ledger.Occurrence, error) {
	for range mostSteps {
		if o.Transferred == "" {
			return o, nil
		}
		var err error
		if o, err = r.Find(ctx, o.TransferredTo()); err != nil {
			return nil, err
		}
	}
	return nil, fmt.Errorf("%s was transferred in a circle", o.FullKey())
}

// HadWhenDue is the unit that had an occurrence when it fell due: that which it was
// transferred to later is not judged by it.
func HadWhenDue(ctx context.Context, r ledger.Reader, v View, o *ledger.Occurrence) (string, error) {
	if o.Origin == "" {
		return o.Unit, nil
	}
	if o.Cause != 0 {
		return hadStepWhenDue(ctx, r, v, o)
	}
	had := *o
	had.Unit = o.Origin
	for range mostSteps {
		past, err := r.Find(ctx, had.FullKey())
		switch {
		case problem.CodeOf(err) == problem.NotFound:
			return o.Unit, nil
		case err != nil:
			return "", err
		case past.Transferred == "": // it is the one, or what that unit has is another
			return o.Unit, nil
		case past.ClosedAt.After(v.LateAfter(o)):
			return past.Unit, nil
		}
		had.Unit = past.Transferred
	}
	return o.Unit, nil
}

// hadStepWhenDue is the same of a step. It may have fallen on whichever unit its cause had
// gone to, so it is followed back to there from the unit that has it now.
func hadStepWhenDue(ctx context.Context, r ledger.Reader, v View, o *ledger.Occurrence) (string, error) {
	steps, err := r.CausedBy(ctx, o.Cause)
	had, when := o.Unit, o.Unit
	for range mostSteps {
		i := slices.IndexFunc(steps, func(past *ledger.Occurrence) bool { return past.Transferred == had && past.Obligation == o.Obligation })
		if i < 0 {
			break
		}
		if had = steps[i].Unit; steps[i].ClosedAt.After(v.LateAfter(o)) {
			when = had
		}
	}
	return when, err
}

// asItStands is an instance that changes nothing of what the ledger has: where an
// edit asks for something else, what was transferred stays.
func asItStands(o *ledger.Occurrence) rules.Instance {
	return rules.Instance{Period: o.Period, Anchor: o.Anchor, Due: o.FirstDue, Named: o.Named, Provisional: o.Provisional}
}

// adjustReceived brings what was transferred of an obligation to what the rule says:
// it is recounted, and opened again where the obligation was gone for a while.
func (a *adoption) adjustReceived(ob *rules.Obligation, rule int64) error {
	all, err := receivedOf(a.tx.Context(), a.tx, ob.Plan.ID, ob.ID)
	if err != nil {
		return err
	}
	for _, o := range all {
		d, err := a.followers.dutyOf(a.tx, o)
		if err != nil {
			return err
		}
		asked := *d
		asked.Rule = rule
		if err := a.adjust(&claim{adoption: a, duty: &asked, rule: ob}, o); err != nil {
			return err
		}
	}
	return nil
}

// dropReceived cancels what was transferred of an obligation that is gone.
func (a *adoption) dropReceived(plan, obligation string) error {
	all, err := receivedOf(a.tx.Context(), a.tx, plan, obligation)
	if err != nil {
		return err
	}
	for _, o := range all {
		if o.State == ledger.StateCancelled {
			continue
		}
		if err := a.drop(o, "no rule asks for it any more"); err != nil {
			return err
		}
	}
	return nil
}

// receivedOf is what was transferred of an obligation, has not ended, and was not
// passed on.
func receivedOf(ctx context.Context, r ledger.Reader, plan, obligation string) ([]*ledger.Occurrence, error) {
	all, err := ledger.AllOccurrences(ctx, r, ledger.Query{
		Plan: plan, Obligation: obligation, Received: true, States: append([]ledger.State{ledger.StateCancelled}, ongoing...),
	})
	var out []*ledger.Occurrence
	for _, o := range all {
		if o.Transferred == "" {
			out = append(out, o)
		}
	}
	return out, err
}
