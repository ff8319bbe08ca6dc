package rules

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"duban/rules/calendar"
	"duban/rules/problem"
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
	Plan     *Plan
	ID       string
	Place    int    // in its plan, from 0
	Ref      string // section.item in the document
	Title    string
	TitleEn  string
	Units    []*Unit // groups resolved, each unit once
	Partners []*Unit // kept informed, owe nothing; groups resolved
	Cadence  Cadence
	Within   Within
	Roll     Roll
	Basis    Basis
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
	entry        *Entry
	said         sync.Map               // its words, by saying
	fingerprint  atomic.Pointer[string] // nil: not counted yet
}

// Given is what the rule itself says of a key, apart from its policy, its plan and
// its predecessor; ok: it says something.
func (o *Obligation) Given(key string) (v Value, ok bool) { return o.entry.Get(key) }

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
	if known := o.fingerprint.Load(); known != nil {
		return *known
	}
	is := o.countFingerprint()
	o.fingerprint.Store(&is)
	return is
}

func (o *Obligation) countFingerprint() string {
	var s strings.Builder
	fmt.Fprintln(&s, o.Cadence.Kind, o.Cadence.Value, o.Within, o.Roll, o.Basis, o.starts, o.ends,
		o.Policy.String(), o.Pausable, o.Extendable, o.Plan.Starts, o.Title, o.TitleEn, o.Ref, o.Note, o.EvidenceRequired)
	for _, u := range o.Units {
		s.WriteString(u.ID + "\n")
	}
	return fingerprint(s.String())
}

// addObligation reads one. Chains are joined when all are read.
func (p *Plan) addObligation(e *Entry, dir *directory, problems *problem.List) {
	r := read(e, problems)
	o := &Obligation{
		Plan: p, ID: r.text("id"), Ref: r.text("ref"), Title: r.text("title"), TitleEn: r.text("title_en"),
		Note: r.text("note"), Source: e.Source, pos: r.at("id"), afterPos: r.at("after"), entry: e,
	}
	said, inWords := o.readWords(r)
	o.readUnits(r, dir, r.has("after") || inWords && said.Kind == words.After)
	if !r.has("deadline") {
		o.Cadence = readCadence(r, p.Starts)
	}
	o.readDeadline(r)
	if inWords {
		o.afterPos = r.at("deadline")
		o.useWords(r, said)
	}
	o.readClock(r)
	o.readReminders(r)
	if o.Cadence.Kind != "" {
		o.checkCadence(r)
		o.checkDates(r)
	}
	if o.ID == "" {
		return
	}
	if old := p.Obligation(o.ID); old != nil {
		r.errorf("id", "%q is already the id of an obligation at %s: ids are unique in a plan", o.ID, old.pos)
		return
	}
	p.add(o)
}

// readUnits reads who owes it, and who is kept informed; chained: the units of
// what comes before do, where none is named.
func (o *Obligation) readUnits(r reader, dir *directory, chained bool) {
	o.Partners = dir.resolve(r, "partners")
	switch {
	case len(r.list("units")) > 0:
		o.Units = dir.resolve(r, "units")
	case chained && !r.has("units"):
		o.sameUnits = true
	case r.has("units") && !r.wrong("units"):
		r.errorf("units", `is empty: write units = ["unit-id"] or ["@group"]`)
	case !r.has("units"):
		r.missing("units", `say who owes it: units = ["unit-id"] or ["@group"]`)
	}
}

func (o *Obligation) readDeadline(r reader) {
	o.Within = Within{0, Days}
	if s := r.text("within"); s != "" {
		w, err := ParseWithin(s)
		if err != nil {
			r.errorf("within", "%v", err)
		}
		o.Within = w
	}
	o.Roll = Roll(r.textOr("roll", string(Forward)))
	o.Basis = Basis(r.textOr("basis", string(Assumed)))
	o.EvidenceRequired = r.text("evidence") == "required"
	own, ends := r.day("starts"), r.day("ends")
	if own != 0 && ends != 0 && ends < own {
		r.errorf("ends", "%s is before starts, %s", ends, own)
	}
	o.starts = max(o.Plan.Starts, own)
	o.ends = o.Plan.Ends
	if ends != 0 && (o.ends == 0 || ends < o.ends) {
		o.ends = ends
	}
}

// readClock reads what law may do to the clock of an event.
func (o *Obligation) readClock(r reader) {
	o.Pausable = r.flag("pausable")
	s := r.text("extendable")
	if s == "" {
		return
	}
	w, err := ParseWithin(s)
	if err == nil && w.N <= 0 {
		err = problem.Errorf(`%q adds nothing: write "15 working days"`, problem.Clip(s))
	}
	if err != nil {
		r.errorf("extendable", "%v", err)
		return
	}
	o.Extendable = &w
}

// checkCadence refuses keys that do not go with the cadence.
func (o *Obligation) checkCadence(r reader) {
	for _, k := range keys[ObligationEntry] {
		if k.Only != "" && k.Only != o.Cadence.Kind && r.has(k.Name) {
			r.errorf(k.Name, "only the clock of an event can be stopped or stretched: this obligation recurs by %s", o.Cadence.Kind)
		}
	}
}

func (o *Obligation) readReminders(r reader) {
	o.PolicyName = r.text("policy")
	policy, ok := o.Plan.Policies[o.PolicyName]
	switch {
	case o.PolicyName != "" && !ok:
		r.errorf("policy", "no [policy.%s] in plan.toml%s", problem.Clip(o.PolicyName), problem.DidYouMean(o.PolicyName, o.Plan.PolicyNames()))
	case o.PolicyName == "" && !r.has("policy") && !r.has("remind"):
		r.missing("policy", "name a policy of plan.toml, or write remind = [] to track without mail")
	}
	o.Policy = policy.over(r)
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
			problems.AddTo(o.afterPos, "after", "no obligation %q in this plan%s", problem.Clip(o.Cadence.Value), problem.DidYouMean(o.Cadence.Value, ids))
		}
	}
	for _, o := range p.Obligations {
		for next, steps := o.predecessor, 0; next != nil && steps <= len(p.Obligations); next, steps = next.predecessor, steps+1 {
			if next == o {
				problems.AddTo(o.afterPos, "after", "the chain comes back to %q itself: one of its links must start from a period or an event", o.ID)
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
