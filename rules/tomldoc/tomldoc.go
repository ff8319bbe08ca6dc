// Package tomldoc reads TOML files that people write by hand and tells them
// everything that is wrong in one run, each problem with file, line and column.
//
// A decoder that fills structs stops at its first wrong value. Here a file
// becomes a tree of tables whose keys and values know where they stand; the
// reader asks each table for the keys it knows, and whatever does not fit is
// added to a list of problems. Keys nobody asked for are problems too (Done).
package tomldoc

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/agnivade/levenshtein"
)

// Pos is a place in a file. Line and Col start at 1; Col counts characters.
type Pos struct {
	File      string
	Line, Col int
}

// String is the usual file:line:col, or only the file where there is no line.
func (p Pos) String() string {
	if p.Line == 0 {
		return p.File
	}
	return fmt.Sprintf("%s:%d:%d", p.File, p.Line, p.Col)
}

// Compare orders places by file, line and column.
func (p Pos) Compare(o Pos) int {
	return cmp.Or(cmp.Compare(p.File, o.File), cmp.Compare(p.Line, o.Line), cmp.Compare(p.Col, o.Col))
}

// Text is something to say to people, as a format of package fmt and its
// arguments: a page can say it in another language. Arguments may be Texts too.
type Text struct {
	Format string
	Args   []any
}

func (t *Text) Error() string { return fmt.Sprintf(t.Format, t.Args...) }

// Errorf makes an error that keeps its format.
func Errorf(format string, args ...any) error { return &Text{format, args} }

// Problem is one thing that is wrong, where, and what would be right.
type Problem struct {
	Pos
	Message string
	Warning bool  // worth telling, but nothing fails for it
	Said    *Text // Message, before it was put into words
}

func (p Problem) String() string {
	if p.Warning {
		return p.Pos.String() + ": warning: " + p.Message
	}
	return p.Pos.String() + ": " + p.Message
}

// Problems collects what is wrong with a set of files.
type Problems struct{ list []Problem }

// Add notes a problem at a place.
func (ps *Problems) Add(at Pos, format string, args ...any) {
	ps.list = append(ps.list, Problem{Pos: at, Message: fmt.Sprintf(format, args...), Said: &Text{format, args}})
}

// Warn notes something that is allowed but probably not meant.
func (ps *Problems) Warn(at Pos, format string, args ...any) {
	ps.list = append(ps.list, Problem{Pos: at, Message: fmt.Sprintf(format, args...), Warning: true, Said: &Text{format, args}})
}

// Join adds all that others holds.
func (ps *Problems) Join(others *Problems) { ps.list = append(ps.list, others.list...) }

// Warnings are the problems nothing fails for, in file order.
func (ps *Problems) Warnings() []Problem { return ps.sorted(true) }

// Errors are the problems that make the files unusable, in file order.
func (ps *Problems) Errors() []Problem { return ps.sorted(false) }

// Err is nil when there are no errors, else an error that prints them all, a
// line each.
func (ps *Problems) Err() error {
	if e := ps.Errors(); len(e) > 0 {
		return Error(e)
	}
	return nil
}

func (ps *Problems) sorted(warnings bool) []Problem {
	var out []Problem
	for _, p := range ps.list {
		if p.Warning == warnings {
			out = append(out, p)
		}
	}
	slices.SortStableFunc(out, func(a, b Problem) int { return a.Compare(b.Pos) })
	out = slices.CompactFunc(out, func(a, b Problem) bool { return a.Pos == b.Pos && a.Message == b.Message })
	if more := len(out) - mostTold; more > 0 {
		said := &Text{"… and %d more problems of this kind or another", []any{more}}
		out = append(out[:mostTold], Problem{Pos: out[mostTold].Pos, Message: said.Error(), Warning: warnings, Said: said})
	}
	return out
}

// mostTold is how many problems anybody reads.
const mostTold = 999

// Error is a list of problems as one error.
type Error []Problem

func (e Error) Error() string {
	lines := make([]string, len(e))
	for i, p := range e {
		lines[i] = p.String()
	}
	return strings.Join(lines, "\n")
}

// DidYouMean is ` (did you mean "x"?)` for the candidate nearest to word, or
// nothing when none is near.
func DidYouMean(word string, candidates []string) string {
	best, distance := "", max(2, len(word)/3)+1
	for _, c := range candidates {
		if d := levenshtein.ComputeDistance(word, c); d < distance {
			best, distance = c, d
		}
	}
	if best == "" {
		return ""
	}
	return fmt.Sprintf(" (did you mean %q?)", best)
}
