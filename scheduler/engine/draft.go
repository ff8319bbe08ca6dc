package engine

import (
	"context"
	"slices"

	"duban/ledger"
	"duban/rules"
	"duban/rules/problem"
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
// are in force all the same: what is wrong inside them, which problems has as a
// draft's, is an error like any other. So it is where a plan that is in force is not
// among those that could be read.
func MarkDrafts(ctx context.Context, r ledger.Reader, set *rules.Set, problems *problem.List) (inForce []*rules.Plan, err error) {
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
	if len(problems.InDrafts()) == 0 {
		return inForce, nil
	}
	known, err := r.Plans(ctx)
	if err != nil {
		return nil, err
	}
	// A plan.toml that nobody can read may be that of a plan in force.
	lost := slices.ContainsFunc(known, func(id string) bool { return set.Plan(id) == nil }) &&
		slices.ContainsFunc(problems.InDrafts(), func(p problem.Problem) bool {
			return !slices.ContainsFunc(set.Plans, func(plan *rules.Plan) bool { return plan.Holds(p.File) })
		})
	problems.Draft(func(p problem.Problem) bool {
		return p.Draft && !lost && !slices.ContainsFunc(inForce, func(plan *rules.Plan) bool { return plan.Holds(p.File) })
	})
	return inForce, nil
}

// Publish lets a plan come into force: what it makes the next evaluation makes.
func Publish(tx ledger.Tx, plan string) error { return tx.SetFact(factWithdrawn+plan, "") }

// Withdraw makes a plan that is in force a draft again: what is open of it is
// cancelled, nobody is reminded of it any more, and its units hear that on the next
// mail day.
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
