package rules

import (
	"fmt"
	"slices"
	"strings"

	"duban/rules/calendar"
	"duban/rules/problem"
	"duban/rules/toml"
	"duban/rules/words"
)

// Basis says who fixed a deadline.
type Basis string

// The bases of a deadline.
const (
	InText  Basis = "text"    // the document itself
	Assumed Basis = "assumed" // the administrator
)

// Obligation is a 事项: one duty in a plan, as an administrator wrote it.
type Obligation struct {
	Plan    *Plan
	ID      string
	Ref     string // section.item in the document
	Title   string
	TitleEn string
	Units   []*Unit // groups resolved, each unit once
	Cadence Cadence
	Within  Within
	Roll    Roll
	Basis   Basis
	// PolicyName is empty where the reminders stand on the obligation itself.
	PolicyName string
	Policy     Policy

	EvidenceRequired bool // a report must carry a link to what was published
	Note             string
	Pausable         bool    // events only: the law stops this clock
	Extendable       *Within // events only: the most that extensions may add in all

	Deadline string // in words, as the plan says it; empty: it says it otherwise
	Source   string // as it stands in the file
	// Odd is what is allowed, and probably not meant.
	Odd []problem.Problem

	starts, ends calendar.Date // the plan's and its own together; 0: open
	predecessor  *Obligation   // of a chain
	sameUnits    bool          // an "after" without units of its own
	pos          problem.Pos
	afterPos     problem.Pos // where the predecessor is named
}

// DisplayTitle is the title in that language.
func (o *Obligation) DisplayTitle(language string) string {
	if language == "en" && o.TitleEn != "" {
		return o.TitleEn
	}
	return o.Title
}

// Pos is where the obligation stands.
func (o *Obligation) Pos() problem.Pos { return o.pos }

// Owes tells whether the unit is one of those that owe it.
func (o *Obligation) Owes(unit string) bool {
	return slices.ContainsFunc(o.Units, func(u *Unit) bool { return u.ID == unit })
}

// Predecessor is the obligation whose closing starts this one, or nil.
func (o *Obligation) Predecessor() *Obligation { return o.predecessor }

// Successors are the obligations that the closing of an occurrence of o by unit
// starts, each with the units it falls on: the same unit where it owes the
// successor, else all that do.
func (o *Obligation) Successors(unit string) map[*Obligation][]*Unit {
	out := map[*Obligation][]*Unit{}
	for _, s := range o.Plan.Obligations {
		if s.predecessor != o {
			continue
		}
		if i := slices.IndexFunc(s.Units, func(u *Unit) bool { return u.ID == unit }); i >= 0 {
			out[s] = []*Unit{s.Units[i]}
		} else if !s.sameUnits {
			out[s] = s.Units
		}
	}
	return out
}

// Fingerprint changes when anything of the rule does that an open occurrence
// depends on.
func (o *Obligation) Fingerprint() string {
	var s strings.Builder
	fmt.Fprintln(&s, o.Cadence.Kind, o.Cadence.Value, o.Within, o.Roll, o.Basis, o.starts, o.ends,
		o.Policy.String(), o.Pausable, o.Extendable, o.Plan.Starts, o.Title, o.TitleEn, o.Ref, o.Note, o.EvidenceRequired)
	for _, u := range o.Units {
		s.WriteString(u.ID + "\n")
	}
	return fingerprint(s.String())
}

// readObligation reads one [[obligation]]. Chains are joined when all are read.
func (p *Plan) readObligation(t *toml.Table, dir *directory, problems *problem.List) {
	o := &Obligation{
		Plan: p, ID: identifier(t, "id"), Ref: oneLine(t, "ref"), Title: oneLine(t, "title"), TitleEn: oneLine(t, "title_en"),
		Source: t.Source(), pos: t.At("id"), afterPos: t.At("after"),
	}
	if !t.Has("title") {
		t.Missing("title", "say in a few words what is owed")
	}
	o.Note = t.String("note")
	if err := CheckNote(o.Note); err != nil {
		t.Errorf("note", "%v", err)
	}
	said, inWords := o.readWords(t)
	o.readUnits(t, dir, problems, t.Has("after") || inWords && said.Kind == words.After)
	if !t.Has("deadline") {
		o.Cadence = readCadence(t, p.Starts)
	}
	o.readDeadline(t)
	if inWords {
		o.afterPos = t.At("deadline")
		o.useWords(t, said)
	}
	o.readClock(t)
	o.readReminders(t)
	t.Done()
	if o.Cadence.Kind != "" {
		o.checkDates(t)
	}
	if o.ID == "" {
		return
	}
	if old := p.Obligation(o.ID); old != nil {
		t.Errorf("id", "%q is already the id of an obligation at %s: ids are unique in a plan", o.ID, old.pos)
		return
	}
	p.add(o)
}

// readUnits reads who owes it; chained: the units of what comes before do, where
// none is named.
func (o *Obligation) readUnits(t *toml.Table, dir *directory, problems *problem.List, chained bool) {
	refs := t.Strings("units")
	switch {
	case len(refs) > 0:
		o.Units = dir.resolve(refs, problems)
	case chained && !t.Has("units"):
		o.sameUnits = true
	case t.Empty("units"):
		t.Errorf("units", `is empty: write units = ["unit-id"] or ["@group"]`)
	case !t.Has("units"):
		t.Missing("units", `say who owes it: units = ["unit-id"] or ["@group"]`)
	}
}

func (o *Obligation) readDeadline(t *toml.Table) {
	o.Within = Within{0, Days}
	if s := t.String("within"); s != "" {
		w, err := ParseWithin(s)
		if err != nil {
			t.Errorf("within", "%v", err)
		}
		o.Within = w
	}
	o.Roll = Roll(choice(t, "roll", string(Forward), string(Backward), string(NoRoll)))
	o.Basis = Basis(choice(t, "basis", string(Assumed), string(InText)))
	o.EvidenceRequired = choice(t, "evidence", "optional", "required") == "required"
	own, ends := date(t, "starts"), date(t, "ends")
	if own != 0 && ends != 0 && ends < own {
		t.Errorf("ends", "%s is before starts, %s", ends, own)
	}
	o.starts = max(o.Plan.Starts, own)
	o.ends = o.Plan.Ends
	if ends != 0 && (o.ends == 0 || ends < o.ends) {
		o.ends = ends
	}
}

func (o *Obligation) readClock(t *toml.Table) {
	o.Pausable = t.Bool("pausable", false)
	if s := t.String("extendable"); s != "" {
		w, err := ParseWithin(s)
		if err == nil && w.N <= 0 {
			err = problem.Errorf(`%q adds nothing: write "15 working days"`, clip(s))
		}
		if err != nil {
			t.Errorf("extendable", "%v", err)
		} else {
			o.Extendable = &w
		}
	}
	if o.Cadence.Kind == ByEvent || o.Cadence.Kind == "" {
		return
	}
	for _, key := range []string{"pausable", "extendable"} {
		if t.Has(key) {
			t.Errorf(key, "only the clock of an event can be stopped or stretched: this obligation recurs by %s", o.Cadence.Kind)
		}
	}
}

func (o *Obligation) readReminders(t *toml.Table) {
	o.PolicyName = t.String("policy")
	known := o.Plan.policyNames()
	policy, ok := o.Plan.Policies[o.PolicyName]
	switch {
	case o.PolicyName != "" && !ok:
		t.Errorf("policy", "no [policy.%s] in plan.toml%s", clip(o.PolicyName), problem.DidYouMean(o.PolicyName, known))
	case o.PolicyName == "" && !t.Has("policy") && !t.Has("remind"):
		t.Missing("policy", "name a policy of plan.toml, or write remind = [] to track without mail")
	}
	o.Policy = policy.over(t)
}

// choice is one of a few words; the first is the default.
func choice(t *toml.Table, key string, words ...string) string {
	s := t.String(key)
	if s == "" && !t.Has(key) || t.Invalid(key) {
		return words[0]
	}
	if !slices.Contains(words, s) {
		t.Errorf(key, "%q is none of %q%s", clip(s), words, problem.DidYouMean(s, words))
		return words[0]
	}
	return s
}

// joinChains gives every "after" its predecessor and refuses loops.
func (p *Plan) joinChains(problems *problem.List) {
	ids := make([]string, len(p.Obligations))
	for i, o := range p.Obligations {
		ids[i] = o.ID
	}
	for _, o := range p.Obligations {
		if o.Cadence.Kind != After {
			continue
		}
		if o.predecessor = p.Obligation(o.Cadence.Value); o.predecessor == nil {
			problems.Add(o.afterPos, "after: no obligation %q in this plan%s", clip(o.Cadence.Value), problem.DidYouMean(o.Cadence.Value, ids))
		}
	}
	for _, o := range p.Obligations {
		for next, steps := o.predecessor, 0; next != nil && steps <= len(p.Obligations); next, steps = next.predecessor, steps+1 {
			if next == o {
				problems.Add(o.afterPos, "after: the chain comes back to %q itself: one of its links must start from a period or an event", o.ID)
				break
			}
		}
	}
	if problems.Err() != nil {
		return
	}
	for _, o := range p.Obligations {
		if o.sameUnits {
			first := o.predecessor
			for first.sameUnits {
				first = first.predecessor
			}
			o.Units = first.Units
		}
	}
}
