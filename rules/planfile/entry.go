package planfile

import (
	"slices"

	"duban/rules"
	"duban/rules/calendar"
	"duban/rules/toml"
)

// entries are the tables of [[key]].
func entries(t *toml.Table, key string, kind rules.EntryKind) []*rules.Entry {
	var out []*rules.Entry
	for _, one := range t.Tables(key) {
		out = append(out, entry(one, kind))
	}
	return out
}

// namedEntries are the tables of [key.NAME].
func namedEntries(t *toml.Table, key string, kind rules.EntryKind) []*rules.Entry {
	all := t.Table(key)
	if all == nil {
		return nil
	}
	var out []*rules.Entry
	for _, name := range all.Keys() {
		if one := all.Table(name); one != nil {
			e := entry(one, kind)
			e.Name = name
			out = append(out, e)
		}
	}
	return out
}

// entry reads a table by the keys of its kind; what is of another type, and what
// no key is called, is a problem.
func entry(t *toml.Table, kind rules.EntryKind) *rules.Entry {
	e := &rules.Entry{Kind: kind, At: t.Pos, Source: t.Source(), Damaged: t.Damaged()}
	for _, k := range rules.KeysOf(kind) {
		if t.Has(k.Name) {
			e.Set(k.Name, value(t, k))
		}
	}
	t.Done()
	return e
}

// value is what a table says of a key.
func value(t *toml.Table, k rules.Key) rules.Value {
	v := rules.Value{At: t.At(k.Name)}
	switch k.Type {
	case rules.Names, rules.Lines:
		for _, one := range t.Strings(k.Name) {
			v.List = append(v.List, rules.Value{At: one.Pos, Text: one.Text})
		}
		v.Wrong = len(v.List) == 0 && !t.Empty(k.Name)
	case rules.Day:
		v.Day = day(t, k.Name)
		v.Wrong = v.Day == 0
	case rules.Flag:
		v.Flag = t.Bool(k.Name, false)
		v.Wrong = !t.Is(k.Name, toml.Bool)
	case rules.Entries:
		v.Entries = entries(t, k.Name, k.Of)
	case rules.Named:
		v.Entries = namedEntries(t, k.Name, k.Of)
	default:
		v.Text = t.String(k.Name)
		v.Wrong = !t.Is(k.Name, toml.String)
	}
	return v
}

// day is the date that a key holds; 0: none that is in range, which is told.
func day(t *toml.Table, key string) calendar.Date {
	s := t.Date(key)
	if s == "" {
		return 0
	}
	d, err := calendar.ParseDate(s)
	if err != nil {
		t.Errorf(key, "%v", err)
		return 0
	}
	return d
}

// addUnits reads the units and groups of one file, which may be a draft's.
func addUnits(t *toml.Table, spec *rules.Spec, draft bool) {
	units, groups := entries(t, "unit", rules.UnitEntry), entries(t, "group", rules.GroupEntry)
	for _, e := range slices.Concat(units, groups) {
		e.Draft = draft
	}
	spec.Units, spec.Groups = append(spec.Units, units...), append(spec.Groups, groups...)
	t.Done()
}
