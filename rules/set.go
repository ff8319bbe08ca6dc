package rules

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"

	"duban/rules/problem"
)

// Set is all that is in force: the plans, and the units they share.
type Set struct {
	Plans  []*Plan
	Units  []*Unit  // in the order of the files
	Groups []*Group // likewise

	// Texts are the files that it was read from, by their cleaned paths, where those lie
	// on no disk; nil: they do.
	Texts map[string][]byte

	units map[string]*Unit
	spec  Spec
}

// Spec is what the set was made of, as somebody wrote it.
func (s *Set) Spec() Spec { return s.spec }

// New makes rules of what somebody wrote. Everything that is wrong is in the
// problems; the set is usable only if they hold no error.
func New(spec Spec) (*Set, *problem.List) {
	problems := &problem.List{}
	dir := newDirectory()
	for _, e := range spec.Units {
		dir.addUnit(e, problems)
	}
	for _, e := range spec.Groups {
		dir.addGroup(e, problems)
	}
	dir.check()
	set := &Set{spec: spec, units: dir.units, Units: dir.order, Groups: dir.groupOrder}
	for _, ps := range spec.Plans {
		set.addPlan(ps, dir, problems)
	}
	return set, problems
}

func (s *Set) addPlan(spec PlanSpec, dir *directory, problems *problem.List) {
	p := newPlan(spec, problems)
	if p.Issuer != "" && dir.units[p.Issuer] == nil {
		at := spec.Plan.At
		if v, ok := spec.Plan.Get("issuer"); ok {
			at = v.At
		}
		problems.AddTo(at, "issuer", "no unit %q%s", p.Issuer, problem.DidYouMean(p.Issuer, dir.unitIDs()))
	}
	dir.forDraft = spec.IsDraft()
	mine := &problem.List{} // chains are joined only where all of the plan's are right
	for _, e := range spec.Obligations {
		p.addObligation(e, dir, mine)
	}
	p.joinChains(mine)
	problems.Join(mine)
	if old := s.Plan(p.ID); old != nil && p.ID != "" {
		problems.AddTo(problem.Pos{File: spec.Plan.At.File}, "id", "another plan is %q already: plan ids are unique", p.ID)
		return
	}
	s.Plans = append(s.Plans, p)
}

// InForce are the plans that are no drafts.
func (s *Set) InForce() []*Plan {
	return slices.DeleteFunc(slices.Clone(s.Plans), func(p *Plan) bool { return p.Draft })
}

// Plan is the one with that id, or nil.
func (s *Set) Plan(id string) *Plan {
	for _, p := range s.Plans {
		if p.ID == id {
			return p
		}
	}
	return nil
}

// Obligation is the one with that id in that plan, or nil.
func (s *Set) Obligation(plan, id string) *Obligation {
	if p := s.Plan(plan); p != nil {
		return p.Obligation(id)
	}
	return nil
}

// FindObligation takes what a person writes: OBLIGATION or PLAN:OBLIGATION.
func (s *Set) FindObligation(name string) (*Obligation, error) {
	plan, id, qualified := strings.Cut(name, ":")
	if !qualified {
		plan, id = "", name
	}
	var found []*Obligation
	var ids []string
	for _, p := range s.Plans {
		if qualified && p.ID != plan {
			continue
		}
		if o := p.Obligation(id); o != nil {
			found = append(found, o)
		}
		for _, o := range p.Obligations {
			ids = append(ids, o.ID)
		}
	}
	switch {
	case qualified && s.Plan(plan) == nil:
		return nil, problem.New(problem.NotFound, "no plan %q", problem.Clip(plan))
	case len(found) == 0:
		return nil, problem.New(problem.NotFound, "no obligation %q%s: duban rules lists them", problem.Clip(id), problem.DidYouMean(id, ids))
	case len(found) > 1:
		names := make([]string, len(found))
		for i, o := range found {
			names[i] = o.Plan.ID + ":" + o.ID
		}
		return nil, problem.New(problem.Conflict, "%q is in several plans: say which: %s", id, strings.Join(names, " or "))
	}
	return found[0], nil
}

// Unit is the one with that id, or nil.
func (s *Set) Unit(id string) *Unit { return s.units[id] }

// FindUnit takes what a person writes; the error helps where there is none.
func (s *Set) FindUnit(id string) (*Unit, error) {
	if u := s.units[id]; u != nil {
		return u, nil
	}
	ids := make([]string, len(s.Units))
	for i, u := range s.Units {
		ids[i] = u.ID
	}
	return nil, problem.New(problem.NotFound, "no unit %q%s", problem.Clip(id), problem.DidYouMean(id, ids))
}

func fingerprint(s string) string {
	h := sha256.Sum256([]byte(s))
	return hex.EncodeToString(h[:])[:16]
}
