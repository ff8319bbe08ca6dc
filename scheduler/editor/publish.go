package editor

import (
	"context"
	"path/filepath"
	"strings"

	"duban/ledger"
	"duban/rules"
	"duban/rules/planfile"
	"duban/rules/problem"
	"duban/scheduler/engine"
)

// RehearsePublish tells what comes of a draft that is published: what would be
// made, and how many notices at once. All that is wrong inside it is in the
// problems: it is not published like that.
func (ed *Editor) RehearsePublish(ctx context.Context, plan string) (*Rehearsal, *problem.List, error) {
	_, _, set, problems, err := ed.published(ctx, plan)
	if err != nil || problems.Err() != nil {
		return &Rehearsal{}, problems, err
	}
	v := ed.view()
	without, err := rehearse(ctx, ed.ledger, v, engine.Work{Adopt: true, NewDay: true})
	if err != nil {
		return &Rehearsal{}, problems, err
	}
	v.Rules = set
	r := &Rehearsal{Set: set}
	err = ed.ledger.Rehearse(ctx, func(tx ledger.Tx) error {
		if err := engine.Publish(tx, plan); err != nil {
			return err
		}
		return r.evaluate(tx, v, engine.Work{Adopt: true, NewDay: true})
	})
	r.Notices = max(0, r.Notices-without.Notices) // the rest leaves in any case
	return r, problems, err
}

// Makes tells whether a change is that an occurrence of the plan is made or owed
// again.
func (r *Rehearsal) Makes(c engine.Change, plan string) bool {
	return (c.Action == "made" || c.Action == "owed again") && strings.HasPrefix(c.Occurrence, plan+":")
}

// Publish brings a draft into force: its file says so no longer, the journal tells
// who did it, and what follows is made at once where a daemon runs, else by its
// next tick.
func (ed *Editor) Publish(ctx context.Context, plan, by string) (*problem.List, error) {
	done, err := ed.begin(ctx)
	if err != nil {
		return &problem.List{}, err
	}
	defer done()
	file, data, _, problems, err := ed.published(ctx, plan)
	if err != nil || problems.Err() != nil {
		return problems, err
	}
	e := ledger.Entry{Action: "plan published", Subject: ledger.Subject{Kind: ledger.AboutPlan, Ref: plan}, Actor: by}
	if err := ed.keep(ctx, file, data, []ledger.Entry{e}, func(tx ledger.Tx) error { return engine.Publish(tx, plan) }); err != nil {
		return problems, err
	}
	ed.inForce(ctx)
	return problems, nil
}

// published is the file of a draft without that word, and the rules as they would
// be; whatever is wrong with the draft is an error now.
func (ed *Editor) published(ctx context.Context, plan string) (file string, data []byte, set *rules.Set, problems *problem.List, err error) {
	p, err := planNamed(ed, plan)
	switch {
	case err != nil:
		return "", nil, nil, nil, err
	case !p.Draft:
		return "", nil, nil, nil, problem.Refuse("plan", "the plan %s is in force already", plan)
	}
	if file, data, err = withDraft(ctx, ed, p, false); err != nil {
		return "", nil, nil, nil, err
	}
	set, problems = ed.load(func(src *planfile.Sources) { src.Instead = map[string][]byte{filepath.Clean(file): data} })
	return file, data, set, problems, nil
}

// Withdraw makes a plan that is in force a draft again: what is open of it is
// cancelled.
func (ed *Editor) Withdraw(ctx context.Context, plan, by, reason string) error {
	done, err := ed.begin(ctx)
	if err != nil {
		return err
	}
	defer done()
	if reason = strings.TrimSpace(reason); reason == "" {
		return problem.Refuse("reason", "say why: add --reason")
	}
	if err := rules.CheckNote(reason); err != nil {
		return problem.Refuse("reason", "--reason %w", err)
	}
	p, err := planNamed(ed, plan)
	switch {
	case err != nil:
		return err
	case p.Draft:
		return problem.Refuse("plan", "the plan %s is a draft already", plan)
	}
	file, data, err := withDraft(ctx, ed, p, true)
	if err != nil {
		return err
	}
	// The ledger first: it is what decides, whatever becomes of the file.
	v := ed.view()
	if err := ed.ledger.Update(ctx, func(tx ledger.Tx) error { return engine.Withdraw(tx, v, plan, by, reason) }); err != nil {
		return err
	}
	e := ledger.Entry{Action: "plan edited", Subject: ledger.Subject{Kind: ledger.AboutPlan, Ref: plan}, Actor: by, Reason: reason}
	if err := ed.keep(ctx, file, data, []ledger.Entry{e}); err != nil {
		return err
	}
	ed.inForce(ctx)
	return nil
}

// plan is one of those that are there.
func planNamed(ed *Editor, id string) (*rules.Plan, error) {
	set := ed.view().Rules
	if p := set.Plan(id); p != nil {
		return p, nil
	}
	ids := make([]string, len(set.Plans))
	for i, p := range set.Plans {
		ids[i] = p.ID
	}
	return nil, problem.New(problem.NotFound, "no plan %q%s", problem.Clip(id), problem.DidYouMean(id, ids))
}

// withDraft is the plan's file as it says, or no longer says, that it is a draft.
func withDraft(ctx context.Context, ed *Editor, p *rules.Plan, draft bool) (file string, data []byte, err error) {
	if file, err = planfile.PlanFile(p); err != nil {
		return "", nil, err
	}
	if data, err = ed.read(ctx, file); err != nil {
		return "", nil, err
	}
	data, err = planfile.SetDraft(data, draft)
	return file, data, err
}
