package rules

import (
	"maps"

	"duban/rules/calendar"
	"duban/rules/problem"
)

// Spec is what rules are made of, as somebody wrote them in whatever form: plain
// values, each with the place where it stands. New makes rules of it, or says what
// is wrong.
type Spec struct {
	Units  []*Entry // of all plans, and those that plans share
	Groups []*Entry
	Plans  []PlanSpec
}

// PlanSpec is one plan's part of a Spec; the orders are those of the files.
type PlanSpec struct {
	Dir         string // the folder that holds it; empty: it is in the binary
	Calendar    *calendar.Calendar
	Plan        *Entry // with its events and policies
	Obligations []*Entry
}

// IsDraft tells whether the plan says that it is a draft, however badly: what nobody
// can read is not put in force.
func (p PlanSpec) IsDraft() bool {
	v, said := p.Plan.Get("draft")
	return said && (v.Flag || v.Wrong)
}

// Entry is one thing that rules are made of, by the keys of its kind.
type Entry struct {
	Kind    EntryKind
	Name    string // of a policy, which has no key for it
	At      problem.Pos
	Source  string // as it was written
	Damaged bool   // a part could not be read: what is missing may have stood there
	Draft   bool   // a unit or group that stands in a draft: what is in force may not lean on it

	values map[string]Value
}

// Value is what a key was given. Which of its fields holds it the type of the key
// says.
type Value struct {
	At      problem.Pos
	Wrong   bool // it has been told that this cannot be read
	Text    string
	Day     calendar.Date
	Flag    bool
	List    []Value // texts
	Entries []*Entry
}

// Set gives a key its value. A key that the kind does not have is a mistake of
// whoever reads the form: it panics.
func (e *Entry) Set(key string, v Value) {
	e.mustKnow(key)
	if e.values == nil {
		e.values = map[string]Value{}
	}
	e.values[key] = v
}

// Drop takes a key's value away.
func (e *Entry) Drop(key string) {
	e.mustKnow(key)
	delete(e.values, key)
}

// Clone is an entry that says the same; what is set in one the other does not see.
func (e *Entry) Clone() *Entry {
	mine := *e
	mine.values = maps.Clone(e.values)
	return &mine
}

// Get is what a key was given, right or wrong; ok: it was given something.
func (e *Entry) Get(key string) (v Value, ok bool) {
	e.mustKnow(key)
	v, ok = e.values[key]
	return v, ok
}

func (e *Entry) mustKnow(key string) {
	if _, ok := keyOf(e.Kind, key); !ok {
		panic("rules: " + string(e.Kind) + " has no key " + key)
	}
}
