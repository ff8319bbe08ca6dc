package engine

import (
	"context"
	"fmt"

	"duban/ledger"
	"duban/rules"
)

// Verify proves the ledger, and that the dates in it follow from the rules, if
// those in force are the ones that it last adopted. expect and since are SEQ:HASH
// of earlier ends of the journal: one that it must have had, and one from which
// on it is to be proved; empty: none.
func Verify(ctx context.Context, l ledger.Store, v View, expect, since string) (ledger.Verdict, error) {
	checks := ledger.Checks{Expect: expect, Since: since}
	adopts, err := NeedsAdoption(ctx, l, v)
	if err != nil {
		return ledger.Verdict{}, err
	}
	if !adopts && since == "" {
		checks.Derived = func(r ledger.Reader, o *ledger.Occurrence) (string, error) { return derives(ctx, r, v, o) }
	}
	verdict, err := l.Verify(ctx, checks)
	if adopts {
		verdict.NotProved = append(verdict.NotProved, "the rules in force are not those that the ledger last adopted: its dates were not counted again")
	}
	return verdict, err
}

// derives tells what is wrong with the dates of an open occurrence: that they do
// not follow from the rules. Empty: nothing is.
func derives(ctx context.Context, r ledger.Reader, v View, o *ledger.Occurrence) (string, error) {
	ob := v.Obligation(o)
	if ob == nil || o.State != ledger.StateOpen {
		return "", nil
	}
	if want := v.NextReminder(ob, o); want != o.NextReminder {
		return fmt.Sprintf("is to be told next on %q, and by the rules on %q", o.NextReminder, want), nil
	}
	in, known, err := counted(ctx, r, ob, o)
	if err != nil || !known {
		return "", err
	}
	right := *o
	if Count(ob, &right, in); right.Due != o.Due || right.FirstDue != o.FirstDue {
		return fmt.Sprintf("is due on %s (first %s), and by the rules on %s (first %s)", o.Due, o.FirstDue, right.Due, right.FirstDue), nil
	}
	return "", nil
}

// counted is what the rule makes of the period or the event that an occurrence
// stands for; not known: another occurrence started it, or its clock stands still.
func counted(ctx context.Context, r ledger.Reader, ob *rules.Obligation, o *ledger.Occurrence) (in rules.Instance, known bool, err error) {
	switch {
	case !o.PausedOn.IsZero() || o.Cause != 0:
		return in, false, nil
	case o.Event != 0:
		ev, err := r.Event(ctx, o.Event)
		if err != nil {
			return in, false, err
		}
		if o.Origin != "" && (ob.Cadence.Kind != rules.ByEvent || ev.Name != ob.Cadence.Value || !ob.Counts(ev.Day)) {
			return in, false, nil // an edit left it as it stood
		}
		pauses, err := r.Pauses(ctx, o.ID)
		return ob.At(o.Period, ev.Day, pauses...), err == nil, err
	case ob.Cadence.Recurs():
		in, err := ob.Period(o.Period)
		return in, err == nil, nil // another rule's period: adoption cancels it
	}
	return in, false, nil
}
