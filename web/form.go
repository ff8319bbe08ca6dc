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

// field is one key of a block as a form shows it.
type field struct {
	Key      string
	Type     string // text, area, list, lines, choice, check or date
	Label    string
	Hint     string
	Choices  []string
	Wide     bool
	Required bool
	Value    string
	Error    error
}

// The fields of each kind of block, in the order of the form. Two are not keys:
// an obligation has exactly one cadence, whose key is chosen by "kind".
var fieldsOf = map[rules.EntryKind][]field{
	rules.ObligationEntry: {
		{Key: "ref", Type: "text", Label: "Ref", Hint: "where it stands in the document: 1.3"},
		{Key: "title", Type: "text", Label: "Title", Wide: true, Required: true},
		{Key: "title_en", Type: "text", Label: "Title in English", Wide: true},
		{Key: "units", Type: "list", Label: "Units", Hint: "unit ids, and groups as @towns, with commas between", Wide: true},
		{Key: "deadline", Type: "text", Label: "Deadline in words", Wide: true, Hint: "in place of cadence, within and roll: 每月15日前 · within 10 working days after each quarter"},
		{Key: "kind", Type: "choice", Label: "Cadence", Choices: []string{"every", "cron", "rrule", "on", "event", "after"}},
		{Key: "value", Type: "text", Label: "of what", Hint: "month · 0 0 25 * * · FREQ=MONTHLY;BYDAY=-1FR · 2017-12-31 · file-repealed · 5.7-mark"},
		{Key: "within", Type: "text", Label: "Within", Hint: "15 working days · 10 days · 1 month · -5 days: before"},
		{Key: "roll", Type: "choice", Label: "On a day off", Choices: []string{"", "forward", "backward", "none"}},
		{Key: "basis", Type: "choice", Label: "Deadline set by", Choices: []string{"", "text", "assumed"}},
		{Key: "policy", Type: "choice", Label: "Policy"},
		{Key: "evidence", Type: "choice", Label: "Evidence", Choices: []string{"", "required", "optional"}},
		{Key: "starts", Type: "date", Label: "Counts from"},
		{Key: "ends", Type: "date", Label: "Counts until"},
		{Key: "remind", Type: "lines", Label: "Reminders of its own", Hint: "one a line: 7 working days before · on the day; “-”: none at all"},
		{Key: "overdue", Type: "text", Label: "When overdue", Hint: "every 2 working days"},
		{Key: "escalate", Type: "text", Label: "Escalation", Hint: "3 working days after"},
		{Key: "pausable", Type: "check", Label: "The clock can be stopped"},
		{Key: "extendable", Type: "text", Label: "Extensions add at most", Hint: "15 working days"},
		{Key: "note", Type: "area", Label: "Note", Wide: true, Hint: "shown in mails"},
	},
	rules.UnitEntry: {
		{Key: "name", Type: "text", Label: "Name", Required: true, Wide: true},
		{Key: "name_en", Type: "text", Label: "Name in English", Wide: true},
		{Key: "kind", Type: "text", Label: "Kind", Hint: "department · town"},
		{Key: "mail", Type: "list", Label: "Mail", Required: true, Wide: true, Hint: "addresses, with commas between"},
		{Key: "cc", Type: "list", Label: "Copies to", Wide: true},
		{Key: "supervisor", Type: "text", Label: "Supervisor", Hint: "a unit id"},
		{Key: "language", Type: "choice", Label: "Language", Choices: []string{"", "zh-CN", "en"}},
	},
	rules.GroupEntry: {
		{Key: "name", Type: "text", Label: "Name", Wide: true},
		{Key: "members", Type: "list", Label: "Members", Required: true, Wide: true, Hint: "unit ids, with commas between"},
	},
	rules.PolicyEntry: {
		{Key: "remind", Type: "lines", Label: "Reminders", Hint: "one a line: 7 working days before · on the day; “-”: none at all"},
		{Key: "overdue", Type: "text", Label: "When overdue", Hint: "every 2 working days"},
		{Key: "escalate", Type: "text", Label: "Escalation", Hint: "3 working days after"},
	},
}

// cadences are the keys of which an obligation has exactly one.
var cadences = []string{"every", "cron", "rrule", "on", "event", "after"}

// noReminders stands in a form for remind = [].
const noReminders = "-"

// formOf fills the fields from a block's text.
func formOf(b planfile.Passage, text string, policies []string) []field {
	t := tableOf(b, text)
	fields := slices.Clone(fieldsOf[b.Kind])
	for i := range fields {
		f := &fields[i]
		switch {
		case b.Kind == rules.ObligationEntry && (f.Key == "kind" || f.Key == "value"):
			kind, value := cadenceOf(t)
			f.Value = map[string]string{"kind": kind, "value": value}[f.Key]
		default:
			f.Value = valueOf(t, *f)
		}
		if f.Key == "policy" {
			f.Choices = append([]string{""}, policies...)
		}
		if f.Type == "choice" && !slices.Contains(f.Choices, f.Value) {
			f.Choices = append(slices.Clone(f.Choices), f.Value) // a mistake stays to be seen
		}
	}
	return fields
}

// tableOf is a block's table; what is wrong with it others say.
func tableOf(b planfile.Passage, text string) *toml.Table {
	var problems problem.List
	root := toml.Parse("", []byte(text), &problems)
	if b.Kind == rules.PolicyEntry {
		if all := root.Table("policy"); all != nil {
			if t := all.Table(b.ID); t != nil {
				return t
			}
		}
	} else if all := root.Tables(string(b.Kind)); len(all) > 0 {
		return all[0]
	}
	return toml.Parse("", nil, &problems)
}

func cadenceOf(t *toml.Table) (kind, value string) {
	for _, k := range cadences {
		if t.Has(k) {
			if d := t.Date(k); k == "on" && d != "" {
				return k, d
			}
			return k, t.String(k)
		}
	}
	return "every", ""
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

// changesOf are the keys in which the posted form differs from a block's text.
func changesOf(b planfile.Passage, text string, posted url.Values) []toml.Change {
	var sets []toml.Change
	for _, f := range formOf(b, text, nil) {
		if b.Kind == rules.ObligationEntry && (f.Key == "kind" || f.Key == "value") {
			continue
		}
		was := f.Value
		if _, there := posted[f.Key]; !there && f.Type != "check" {
			continue // the form had no such field
		}
		f.Value = strings.TrimSpace(strings.ReplaceAll(posted.Get(f.Key), "\r\n", "\n"))
		if f.Value != was {
			sets = append(sets, toml.Change{Key: f.Key, Value: f.toml()})
		}
	}
	if b.Kind == rules.ObligationEntry && posted.Has("kind") {
		sets = append(sets, cadenceChanges(tableOf(b, text), posted.Get("kind"), strings.TrimSpace(posted.Get("value")))...)
	}
	return sets
}

// cadenceChanges puts one cadence in place of another.
func cadenceChanges(t *toml.Table, kind, value string) []toml.Change {
	oldKind, oldValue := cadenceOf(t)
	if kind == oldKind && value == oldValue || !slices.Contains(cadences, kind) {
		return nil
	}
	written := toml.Quote(value)
	if kind == "on" {
		written = dateOrText(value)
	}
	switch {
	case value == "" && oldValue == "":
		return nil
	case value == "":
		return []toml.Change{{Key: oldKind}} // said in words, or missing, as the rules then tell
	}
	sets := []toml.Change{{Key: kind, Value: written}}
	if kind != oldKind {
		sets = append([]toml.Change{{Key: oldKind}}, sets...)
	}
	return sets
}
