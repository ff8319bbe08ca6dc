package web

import (
	"net/url"
	"slices"
	"strings"

	"duban/rules"
	"duban/rules/calendar"
	"duban/rules/planfile"
	"duban/rules/problem"
	"duban/rules/toml"
)

// field is one key of an entry as a form shows it, in the reader's language.
type field struct {
	Key         string
	Type        string // text, area, list, lines, choice, check or date
	Label, Hint string
	Options     []option // of a choice
	Wide        bool
	Value       string
	Error       error
}

// option is one of a choice; the one without a value is none.
type option struct{ Value, Label string }

// An obligation has exactly one of several cadence keys: in its form they are two
// fields, which key and what value.
const (
	cadenceKind  = "kind"
	cadenceValue = "value"
)

// fieldTypes are how forms show the types of keys. Those left out are no fields:
// an id has one of its own, tables are edited as text.
var fieldTypes = map[rules.KeyType]string{
	rules.Line: "text", rules.Text: "text", rules.Name: "text", rules.Note: "area",
	rules.Names: "list", rules.Lines: "lines", rules.Choice: "choice", rules.Flag: "check", rules.Day: "date",
}

// blank are the fields of an entry of that kind without their values; policies
// are those that an obligation can name.
func blank(kind rules.EntryKind, policies []string, lang string) []field {
	var fields []field
	for _, k := range rules.KeysOf(kind) {
		switch {
		case fieldTypes[k.Type] == "":
		case k.Cadence() && kind == rules.ObligationEntry:
			if k.Name == string(rules.CadenceKinds[0]) {
				fields = append(fields, cadenceFields(lang)...)
			}
		default:
			fields = append(fields, fieldOf(k, policies, lang))
		}
	}
	return fields
}

func fieldOf(k rules.Key, policies []string, lang string) field {
	f := field{Key: k.Name, Type: fieldTypes[k.Type], Label: k.Label.In(lang), Hint: k.Hint.In(lang)}
	f.Wide = k.Type == rules.Names || k.Type == rules.Note || slices.Contains([]string{"title", "title_en", "name", "name_en", "deadline"}, k.Name)
	if k.Of == rules.PolicyEntry && k.Type == rules.Name {
		f.Type = "choice"
		for _, p := range policies {
			f.Options = append(f.Options, option{p, p})
		}
	}
	for _, o := range k.Options {
		f.Options = append(f.Options, option{o.Value, o.Label.In(lang)})
	}
	if f.Type == "choice" {
		f.Options = append([]option{{"", "–"}}, f.Options...)
	}
	return f
}

// cadenceFields ask which of the cadence keys, and what value it has.
func cadenceFields(lang string) []field {
	words := wordsOf(lang)
	kind := field{Key: cadenceKind, Type: "choice", Label: words.t("Cadence")}
	var examples []string
	for _, k := range rules.KeysOf(rules.ObligationEntry) {
		if k.Cadence() {
			kind.Options = append(kind.Options, option{k.Name, k.Label.In(lang)})
			examples = append(examples, k.Hint.In(lang))
		}
	}
	return []field{kind, {Key: cadenceValue, Type: "text", Label: words.t("of what"), Hint: strings.Join(examples, " · ")}}
}

// noReminders stands in a form for remind = [].
const noReminders = "-"

// formOf fills the fields from an entry's text.
func formOf(p planfile.Passage, text string, policies []string, lang string) []field {
	t := tableOf(p, text)
	fields := blank(p.Kind, policies, lang)
	kind, value := cadenceOf(t)
	for i := range fields {
		f := &fields[i]
		switch {
		case p.Kind == rules.ObligationEntry && f.Key == cadenceKind:
			f.Value = kind
		case p.Kind == rules.ObligationEntry && f.Key == cadenceValue:
			f.Value = value
		default:
			f.Value = valueOf(t, *f)
		}
		if f.Type == "choice" && !slices.ContainsFunc(f.Options, func(o option) bool { return o.Value == f.Value }) {
			f.Options = append(f.Options, option{f.Value, f.Value}) // a mistake stays to be seen
		}
	}
	return fields
}

// tableOf is an entry's table; what is wrong with it others say.
func tableOf(p planfile.Passage, text string) *toml.Table {
	var problems problem.List
	root := toml.Parse("", []byte(text), &problems)
	if p.Kind == rules.PolicyEntry {
		if all := root.Table("policy"); all != nil {
			if t := all.Table(p.ID); t != nil {
				return t
			}
		}
	} else if all := root.Tables(string(p.Kind)); len(all) > 0 {
		return all[0]
	}
	return toml.Parse("", nil, &problems)
}

func cadenceOf(t *toml.Table) (kind, value string) {
	for _, k := range rules.CadenceKinds {
		key := string(k)
		if !t.Has(key) {
			continue
		}
		if d := t.Date(key); k == rules.OnDate && d != "" {
			return key, d
		}
		return key, t.String(key)
	}
	return string(rules.ByPeriod), ""
}

func valueOf(t *toml.Table, f field) string {
	if !t.Has(f.Key) {
		return ""
	}
	switch f.Type {
	case "list", "lines":
		var parts []string
		for _, v := range t.Strings(f.Key) {
			parts = append(parts, v.Text)
		}
		if f.Type == "list" {
			return strings.Join(parts, ", ")
		}
		if len(parts) == 0 {
			return noReminders
		}
		return strings.Join(parts, "\n")
	case "check":
		if t.Bool(f.Key, false) {
			return "true"
		}
		return ""
	case "date":
		return t.Date(f.Key)
	}
	return t.String(f.Key)
}

// toml is the field's value as it stands in a file; empty: the key goes.
func (f field) toml() string {
	switch {
	case f.Value == "":
		return ""
	case f.Type == "list":
		return toml.QuoteList(strings.FieldsFunc(f.Value, func(r rune) bool { return strings.ContainsRune(",;、\uff0c\uff1b \t\n", r) }))
	case f.Type == "lines" && f.Value == noReminders:
		return "[]"
	case f.Type == "lines":
		var lines []string
		for l := range strings.SplitSeq(f.Value, "\n") {
			if l = strings.TrimSpace(l); l != "" {
				lines = append(lines, l)
			}
		}
		return toml.QuoteList(lines)
	case f.Type == "check":
		return "true"
	case f.Type == "date":
		return dateOrText(f.Value)
	}
	return toml.Quote(f.Value)
}

// dateOrText is a TOML date, or a text that the rules will then refuse.
func dateOrText(s string) string {
	if d, err := calendar.ParseDate(s); err == nil {
		return d.String()
	}
	return toml.Quote(s)
}

// changesOf are the keys in which the posted form differs from an entry's text.
func changesOf(p planfile.Passage, text string, posted url.Values) []toml.Change {
	var changes []toml.Change
	cadence := p.Kind == rules.ObligationEntry
	for _, f := range formOf(p, text, nil, "en") {
		if cadence && (f.Key == cadenceKind || f.Key == cadenceValue) {
			continue
		}
		was := f.Value
		if _, there := posted[f.Key]; !there && f.Type != "check" {
			continue // the form had no such field
		}
		f.Value = strings.TrimSpace(strings.ReplaceAll(posted.Get(f.Key), "\r\n", "\n"))
		if f.Value != was {
			changes = append(changes, toml.Change{Key: f.Key, Value: f.toml()})
		}
	}
	if cadence && posted.Has(cadenceKind) {
		changes = append(changes, cadenceChanges(tableOf(p, text), posted.Get(cadenceKind), strings.TrimSpace(posted.Get(cadenceValue)))...)
	}
	return changes
}

// cadenceChanges puts one cadence in place of another.
func cadenceChanges(t *toml.Table, kind, value string) []toml.Change {
	oldKind, oldValue := cadenceOf(t)
	if kind == oldKind && value == oldValue || !slices.Contains(rules.CadenceKinds, rules.CadenceKind(kind)) {
		return nil
	}
	written := toml.Quote(value)
	if kind == string(rules.OnDate) {
		written = dateOrText(value)
	}
	switch {
	case value == "" && oldValue == "":
		return nil
	case value == "":
		return []toml.Change{{Key: oldKind}} // said in words, or missing, as the rules then tell
	}
	changes := []toml.Change{{Key: kind, Value: written}}
	if kind != oldKind {
		changes = append([]toml.Change{{Key: oldKind}}, changes...)
	}
	return changes
}
