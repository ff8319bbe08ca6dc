// Package toml reads TOML files that people write by hand, and edits them.
//
// A decoder that fills structs stops at its first wrong value. Here a file
// becomes a tree of tables whose keys and values know where they stand; the
// reader asks each table for the keys it knows, and whatever does not fit is
// added to a list of problems. Keys nobody asked for are problems too (Done). An
// edit changes the keys that it names and no other byte.
package toml

import (
	"slices"
	"strings"

	"duban/rules/problem"
)

// Kind is the type of a value.
type Kind int

// The kinds of value. Invalid has been reported already.
const (
	Invalid Kind = iota
	String
	Bool
	Int
	Date
	List
	Sub
	Other // floats and times: no key of ours takes them
)

var kindNames = [...]string{"", "text in quotes", "true or false", "a whole number", "a date such as 2017-06-09", "a list in [ ]", "a table", "some other value"}

func (k Kind) String() string { return kindNames[k] }

// Value is what a key holds, and where it stands.
type Value struct {
	Pos   problem.Pos
	Kind  Kind
	Text  string // a String's text; the source of an Int, Bool or Date, which is a day of the calendar
	Int   int64
	Bool  bool
	List  []*Value
	Table *Table

	tables bool // a List made of [[headers]]
}

// Table is one TOML table. Its getters return the zero value where a key is
// missing or wrong; wrong ones are reported.
type Table struct {
	Pos problem.Pos

	keys     []string
	at       map[string]problem.Pos
	values   map[string]*Value
	known    []string
	problems *problem.List
	header   bool
	damaged  bool // a line of it could not be read: do not ask for what it may have held
	text     string
}

func newTable(at problem.Pos, problems *problem.List) *Table {
	return &Table{Pos: at, at: map[string]problem.Pos{}, values: map[string]*Value{}, problems: problems}
}

func (t *Table) find(key string) *Value { return t.values[key] }

func (t *Table) set(key string, at problem.Pos, v *Value) *Value {
	t.keys = append(t.keys, key)
	t.at[key], t.values[key] = at, v
	return v
}

// Source is the table as it stands in the file, from its header to the line
// before the next one.
func (t *Table) Source() string { return t.text }

// Has tells whether the key is there, right or wrong.
func (t *Table) Has(key string) bool {
	t.known = append(t.known, key)
	return t.values[key] != nil
}

// Is tells whether the key holds a value of that kind.
func (t *Table) Is(key string, kind Kind) bool {
	v := t.values[key]
	return v != nil && v.Kind == kind
}

// Invalid tells whether the key's value has been reported as unreadable or of
// the wrong kind for a text.
func (t *Table) Invalid(key string) bool { return t.values[key] != nil && !t.Is(key, String) }

// Empty tells whether the key holds a list without anything in it.
func (t *Table) Empty(key string) bool { return t.Is(key, List) && len(t.values[key].List) == 0 }

// Damaged tells whether a line of the table could not be read.
func (t *Table) Damaged() bool { return t.damaged }

// At is where the key's value stands, or the table if the key is not there.
func (t *Table) At(key string) problem.Pos {
	if v := t.values[key]; v != nil {
		return v.Pos
	}
	return t.Pos
}

// Keys are the table's keys in the order of the file. They count as known.
func (t *Table) Keys() []string {
	t.known = append(t.known, t.keys...)
	return t.keys
}

// Errorf reports a problem with a key's value, or with its absence.
func (t *Table) Errorf(key, format string, args ...any) {
	if t.values[key] == nil && t.damaged {
		return
	}
	t.problems.AddTo(t.At(key), key, format, args...)
}

// ErrorAt reports a problem with one value of a key's list.
func (t *Table) ErrorAt(v *Value, key, format string, args ...any) {
	t.problems.AddTo(v.Pos, key, format, args...)
}

// Warnf is Errorf for what nothing fails for.
func (t *Table) Warnf(key, format string, args ...any) {
	t.problems.WarnOf(t.At(key), key, format, args...)
}

// Missing reports a key that has to be there; hint says what to write.
func (t *Table) Missing(key, hint string) {
	if !t.damaged {
		t.problems.AddTo(t.Pos, key, "is missing: %s", problem.Word(hint))
	}
}

func (t *Table) get(key string, want Kind) *Value {
	t.known = append(t.known, key)
	v := t.values[key]
	if v == nil || v.Kind == Invalid {
		return nil
	}
	if v.Kind != want {
		t.problems.AddTo(v.Pos, key, "want %s", problem.Word(want.String()))
		return nil
	}
	return v
}

// String is a text.
func (t *Table) String(key string) string {
	if v := t.get(key, String); v != nil {
		return v.Text
	}
	return ""
}

// Bool is true or false; otherwise is returned where the key is not there.
func (t *Table) Bool(key string, otherwise bool) bool {
	if v := t.get(key, Bool); v != nil {
		return v.Bool
	}
	return otherwise
}

// Int is a whole number; otherwise is returned where the key is not there.
func (t *Table) Int(key string, otherwise int) int {
	if v := t.get(key, Int); v != nil {
		return int(v.Int)
	}
	return otherwise
}

// Date is a day as the file writes it, or empty.
func (t *Table) Date(key string) string {
	if v := t.get(key, Date); v != nil {
		return v.Text
	}
	return ""
}

// Strings are the texts of a list, each with its place.
func (t *Table) Strings(key string) []*Value { return t.list(key, String) }

// Dates are the days of a list, each with its place.
func (t *Table) Dates(key string) []*Value { return t.list(key, Date) }

func (t *Table) list(key string, want Kind) []*Value {
	v := t.get(key, List)
	if v == nil {
		return nil
	}
	var out []*Value
	for _, e := range v.List {
		switch e.Kind {
		case want:
			out = append(out, e)
		case Invalid:
		default:
			t.problems.AddTo(e.Pos, key, "want %s in the list", problem.Word(want.String()))
		}
	}
	return out
}

// Table is a sub-table, or nil.
func (t *Table) Table(key string) *Table {
	if v := t.get(key, Sub); v != nil {
		return v.Table
	}
	return nil
}

// Tables are the tables of [[key]].
func (t *Table) Tables(key string) []*Table {
	var out []*Table
	for _, v := range t.list(key, Sub) {
		out = append(out, v.Table)
	}
	return out
}

// Done reports every key that no getter has asked for.
func (t *Table) Done() {
	slices.Sort(t.known)
	known := slices.Compact(t.known)
	for _, k := range t.keys {
		if _, ok := slices.BinarySearch(known, k); !ok {
			t.problems.AddTo(t.at[k], k, "unknown key%s; known here: %s", problem.DidYouMean(k, known), strings.Join(known, ", "))
		}
	}
}
