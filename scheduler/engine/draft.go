package engine

import (
	"context"
	"slices"

	"duban/ledger"
	"duban/rules"
)

// Whether a plan is a draft its file says first: draft = true. Once it is in force
// the ledger says it: it goes back to a draft only by Withdraw, whoever edits the
// file, and is in force again only by Publish.

// factWithdrawn begins what the ledger notes of a plan that was withdrawn.
const factWithdrawn = "withdrawn "

// draftsAmong are the plans of a set that are drafts, by their ids.
func draftsAmong(ctx context.Context, r ledger.Reader, set *rules.Set) (map[string]bool, error) {
	known, err := r.Plans(ctx)
	if err != nil {
		return nil, err
	}
	drafts := map[string]bool{}
	for _, p := range set.Plans {
		withdrawn, err := r.Fact(ctx, factWithdrawn+p.ID)
		if err != nil {
			return nil, err
		}
		if withdrawn != "" || p.Draft && !slices.Contains(known, p.ID) {
			drafts[p.ID] = true
		}
	}
	return drafts, nil
}

// MarkDrafts makes a set that was just read say of each plan whether it is a draft
// of this ledger. It returns the plans whose file says that they are one, and that
// are in force all the same.
func MarkDrafts(ctx context.Context, r ledger.Reader, set *rules.Set) (inForce []*rules.Plan, err error) {
	drafts, err := draftsAmong(ctx, r, set)
	if err != nil {
		return nil, err
	}
	for _, p := range set.Plans {
		if p.Draft && !drafts[p.ID] {
			inForce = append(inForce, p)
		}
		p.Draft = drafts[p.ID]
	}
	return inForce, nil
}

// Publish lets a plan come into force: what it makes the next evaluation makes.
func Publish(tx ledger.Tx, plan string) error { return tx.SetFact(factWithdrawn+plan, "") }

// Withdraw makes a plan that is in force a draft again: what is open of it is
// cancelled, and nobody is told of it any more.
func Withdraw(tx ledger.Tx, v View, plan, by, reason string) error {
	if err := tx.SetFact(factWithdrawn+plan, v.Today().String()); err != nil {
		return err
	}
	e := v.Entry(by)
	e.Action, e.Subject, e.Reason = "plan withdrawn", ledger.Subject{Kind: ledger.AboutPlan, Ref: plan}, reason
	if err := tx.Journal(e); err != nil {
		return err
	}
	if signature, _, err := tx.PlanSignature(tx.Context(), plan); err != nil || signature == "" {
		return err // it had not come into force yet
	}
	a := &adoption{tx: tx, view: v}
	return a.retirePlan(plan)
}
