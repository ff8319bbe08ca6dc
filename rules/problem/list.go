package problem

import (
	"slices"
	"strings"
)

// List collects what is wrong with a set of files.
type List struct{ list []Problem }

// Add notes a problem at a place.
func (ps *List) Add(at Pos, key string, args ...any) { ps.AddTo(at, "", key, args...) }

// AddTo notes a problem of a field.
func (ps *List) AddTo(at Pos, field, key string, args ...any) {
	ps.list = append(ps.list, Problem{Pos: at, Said: &Error{Invalid, field, key, args}})
}

// WarnOf notes something about a field that is allowed but probably not meant.
func (ps *List) WarnOf(at Pos, field, key string, args ...any) {
	ps.list = append(ps.list, Problem{Pos: at, Warning: true, Said: &Error{Invalid, field, key, args}})
}

// Join adds all that others holds.
func (ps *List) Join(others *List) { ps.list = append(ps.list, others.list...) }

// Warnings are the problems nothing fails for, in file order.
func (ps *List) Warnings() []Problem {
	return ps.sorted(func(p Problem) bool { return p.Warning })
}

// Errors are the problems that make the files unusable, in file order.
func (ps *List) Errors() []Problem {
	return ps.sorted(func(p Problem) bool { return !p.Warning && !p.Draft })
}

// InDrafts are the errors inside drafts, in file order: what is in force does
// not stop for them.
func (ps *List) InDrafts() []Problem {
	return ps.sorted(func(p Problem) bool { return !p.Warning && p.Draft })
}

// Draft says which problems are a draft's alone.
func (ps *List) Draft(is func(Problem) bool) {
	for i := range ps.list {
		ps.list[i].Draft = is(ps.list[i])
	}
}

// Err is nil when there are no errors, else an error that prints them all, a
// line each.
func (ps *List) Err() error {
	if e := ps.Errors(); len(e) > 0 {
		return Errors(e)
	}
	return nil
}

func (ps *List) sorted(are func(Problem) bool) []Problem {
	var out []Problem
	for _, p := range ps.list {
		if are(p) {
			out = append(out, p)
		}
	}
	slices.SortStableFunc(out, func(a, b Problem) int { return a.Compare(b.Pos) })
	out = slices.CompactFunc(out, func(a, b Problem) bool { return a.Pos == b.Pos && a.Message() == b.Message() })
	if more := len(out) - mostTold; more > 0 {
		said := &Error{Key: "… and %d more problems of this kind or another", Args: []any{more}}
		last := out[mostTold]
		last.Said = said
		out = append(out[:mostTold], last)
	}
	return out
}

// mostTold is how many problems anybody reads.
const mostTold = 999

// Errors is a list of problems as one error.
type Errors []Problem

func (e Errors) Error() string {
	lines := make([]string, len(e))
	for i, p := range e {
		lines[i] = p.String()
	}
	return strings.Join(lines, "\n")
}
