package rules

import (
	"slices"

	"duban/rules/calendar"
	"duban/rules/problem"
)

// reader reads an entry and notes what is wrong with it. A key without a value,
// and one with a wrong value, give the zero value.
type reader struct {
	entry    *Entry
	problems *problem.List
}

// read begins to read an entry: what the table of keys says of each is looked at
// here, once for all.
func read(e *Entry, problems *problem.List) reader {
	r := reader{e.Clone(), problems}
	for _, k := range keys[e.Kind] {
		r.check(k)
	}
	return r
}

// check holds one key to its type.
func (r reader) check(k Key) {
	v, there := r.entry.Get(k.Name)
	switch {
	case !there && k.Missing != "":
		r.missing(k.Name, k.Missing)
		return
	case !there || v.Wrong:
		return
	}
	var err error
	switch k.Type {
	case ID:
		err = CheckID(v.Text)
	case Line:
		err = CheckLine(v.Text)
	case Note:
		err = CheckNote(v.Text)
	case Choice:
		err = k.choose(v.Text)
	}
	if err != nil {
		r.errorf(k.Name, "%v", err)
		v.Wrong, v.Text = true, ""
		r.entry.Set(k.Name, v)
	}
}

// choose refuses a word that a Choice does not take; none at all is its default.
func (k Key) choose(word string) error {
	var words []string
	for _, o := range k.Options {
		words = append(words, o.Value)
	}
	if word == "" || slices.Contains(words, word) {
		return nil
	}
	return problem.Errorf("%q is none of %q%s", problem.Clip(word), words, problem.DidYouMean(word, words))
}

func (r reader) has(key string) bool {
	_, ok := r.entry.Get(key)
	return ok
}

// wrong tells whether the key's value has been told to be so.
func (r reader) wrong(key string) bool {
	v, _ := r.entry.Get(key)
	return v.Wrong
}

func (r reader) text(key string) string {
	v, _ := r.entry.Get(key)
	return v.Text
}

// textOr is the key's text, or the other where it has none.
func (r reader) textOr(key, otherwise string) string {
	if s := r.text(key); s != "" {
		return s
	}
	return otherwise
}

func (r reader) day(key string) calendar.Date {
	v, _ := r.entry.Get(key)
	return v.Day
}

func (r reader) flag(key string) bool {
	v, _ := r.entry.Get(key)
	return v.Flag
}

func (r reader) list(key string) []Value {
	v, _ := r.entry.Get(key)
	return v.List
}

func (r reader) entries(key string) []*Entry {
	v, _ := r.entry.Get(key)
	return v.Entries
}

// texts are the texts of a list.
func (r reader) texts(key string) []string {
	var out []string
	for _, v := range r.list(key) {
		out = append(out, v.Text)
	}
	return out
}

// at is where the key's value stands, or the entry where it has none.
func (r reader) at(key string) problem.Pos {
	if v, ok := r.entry.Get(key); ok {
		return v.At
	}
	return r.entry.At
}

func (r reader) errorf(key, format string, args ...any) {
	if r.has(key) || !r.entry.Damaged {
		r.problems.AddTo(r.at(key), key, format, args...)
	}
}

// errorAt is errorf for one value of the key's list.
func (r reader) errorAt(v Value, key, format string, args ...any) {
	r.problems.AddTo(v.At, key, format, args...)
}

// warnf is errorf for what nothing fails for.
func (r reader) warnf(key, format string, args ...any) {
	r.problems.WarnOf(r.at(key), key, format, args...)
}

// missing tells of a key that has to be there; hint says what to write.
func (r reader) missing(key, hint string) {
	if !r.entry.Damaged {
		r.problems.AddTo(r.entry.At, key, "is missing: %s", problem.Word(hint))
	}
}
