package web

import (
	"cmp"
	"net/url"
	"slices"
	"strings"

	"duban/rules"
	"duban/rules/calendar"
	"duban/rules/planfile"
	"duban/rules/problem"
	"duban/rules/toml"
)

// field is one key of an entry as a form shows it, in the reader's language: its
// value as people write it, which is not always what stands in the file.
type field struct {
	Key         string
	Type        fieldType
	Label, Hint string
	Options     []option // of a choice
	Known       string   // the id of the list of names that may be written
	Wide        bool
	Rare        bool // folded away
	Value       string
	Error       error
	Fixes       []fix // what may be pressed to put it right

	key rules.Key
}

// fieldType is how a form asks for a key.
type fieldType string

// The types of field.
const (
	asText     fieldType = "text"
	asArea     fieldType = "area"
	asList     fieldType = "list"     // with commas between
	asLines    fieldType = "lines"    // one a line
	asChoice   fieldType = "choice"   // a list to choose from
	asRadio    fieldType = "radio"    // a choice of which each says what it means
	asCheck    fieldType = "check"    //
	asDate     fieldType = "date"     //
	asName     fieldType = "name"     // a unit
	asNames    fieldType = "names"    // units and groups
	asDeadline fieldType = "deadline" // in words
	asAbsences fieldType = "away"     // of a unit
)

// option is one of a choice; the one without a value is none.
type option struct{ Value, Label, Hint string }

// deadlineKey stands in a form for all keys that say when something is due.
const deadlineKey = "deadline"

// fieldTypes are how forms show the types of keys. Those left out are no fields:
// an id has one of its own, other tables are edited as text.
var fieldTypes = map[rules.KeyType]fieldType{
	rules.Line: asText, rules.Text: asText, rules.Name: asText, rules.Note: asArea,
	rules.Names: asList, rules.Lines: asLines, rules.Choice: asChoice, rules.Flag: asCheck, rules.Day: asDate,
}

// rare are the keys that are folded away in the form of a kind, since few entries
// have them.
var rare = map[rules.EntryKind][]string{
	rules.ObligationEntry: {"ref", "title_en", "partners", "evidence", "starts", "ends", "remind", "overdue", "escalate", "pausable", "extendable", "note"},
	rules.UnitEntry:       {"name_en", "alias", "cc", "channels", "language", "away"},
	rules.EventEntry:      {"name_en"},
	rules.PlanEntry:       {"timezone", "calendar"},
}

// inDeadline are the keys that the words of a deadline stand for.
var inDeadline = append(cadenceKeys(), "within", "roll")

func cadenceKeys() (keys []string) {
	for _, k := range rules.CadenceKinds {
		keys = append(keys, string(k))
	}
	return keys
}

// forms show the entries of a plan to one reader.
type forms struct {
	set   *rules.Set  // whose units may be named
	plan  *rules.Plan // nil: none is chosen
	words *words
	today calendar.Date
}

// blank are the fields of an entry of that kind without their values, in the order
// in which people are asked.
func (f forms) blank(kind rules.EntryKind) []field {
	var fields []field
	for _, k := range rules.KeysOf(kind) {
		switch {
		case kind == rules.ObligationEntry && slices.Contains(inDeadline, k.Name), kind == rules.PlanEntry && k.Name == "draft":
		case k.Of == rules.AwayEntry:
			fields = append(fields, field{Key: k.Name, Type: asAbsences, Label: k.Label.In(f.words.lang), Wide: true, Rare: true, key: k})
		case fieldTypes[k.Type] != "":
			fields = append(fields, f.field(kind, k))
		}
	}
	return fields
}

func (f forms) field(kind rules.EntryKind, k rules.Key) field {
	out := field{Key: k.Name, Type: fieldTypes[k.Type], Label: k.Label.In(f.words.lang), Hint: k.Hint.In(f.words.lang), key: k}
	out.Wide = k.Type == rules.Names || k.Type == rules.Note || slices.Contains([]string{"title", "title_en", "name", "name_en", "contact"}, k.Name)
	out.Rare = slices.Contains(rare[kind], k.Name)
	if label := "form " + string(kind) + "." + k.Name; f.words.in.Has(label) {
		out.Label = f.words.t(label)
	}
	if hint := "hint " + string(kind) + "." + k.Name; f.words.in.Has(hint) {
		out.Hint = f.words.t(hint)
	}
	switch {
	case k.Of == rules.UnitEntry && k.Type == rules.Names:
		out.Type, out.Known = asNames, "known-owners"
		if kind == rules.GroupEntry {
			out.Known = "known-units"
		}
	case k.Of == rules.UnitEntry:
		out.Type, out.Known = asName, "known-units"
	case k.Of == rules.PolicyEntry:
		out.Type, out.Options = asRadio, f.policies()
	case kind == rules.ObligationEntry && k.Name == deadlineKey:
		out.Type = asDeadline
	case kind == rules.UnitEntry && k.Name == "kind":
		out.Known = "known-kinds"
	case k.Name == "basis":
		out.Type = asRadio
	}
	for _, o := range k.Options {
		shown := option{Value: o.Value, Label: o.Label.In(f.words.lang)}
		if say := "form " + k.Name + " " + o.Value; f.words.in.Has(say) {
			shown.Label, shown.Hint = f.words.t(say), f.words.t("hint "+k.Name+" "+o.Value)
		}
		out.Options = append(out.Options, shown)
	}
	if out.Type == asChoice {
		out.Options = append([]option{{Label: "–"}}, out.Options...)
	}
	return out
}

// policies are those that an obligation can name, each with what it says.
func (f forms) policies() []option {
	var out []option
	if f.plan == nil {
		return nil
	}
	names := f.plan.PolicyNames()
	slices.SortStableFunc(names, func(a, b string) int { return cmp.Compare(usual(a), usual(b)) })
	for _, name := range names {
		out = append(out, option{name, f.words.policy(name), f.plan.Policies[name].Words(f.words.lang)})
	}
	return append(out, option{"", f.words.t("Reminders of its own"), f.words.t("as “more” says below")})
}

// usual is where a policy stands among those to choose from: the standard one
// first.
func usual(policy string) int { return 1 - strings.Count(policy, "standard") }

// policy is what people call a policy: those of the shipped plan have words.
func (w *words) policy(name string) string {
	if key := "policy " + name; w.in.Has(key) {
		return w.t(key)
	}
	return name
}

// of fills the fields from an entry's text.
func (f forms) of(p planfile.Passage, text string) []field {
	t := tableOf(p, text)
	fields := f.blank(p.Kind)
	for i := range fields {
		one := &fields[i]
		one.Value = f.shown(*one, f.raw(t, *one))
		if (one.Type == asChoice || one.Type == asRadio) && !slices.ContainsFunc(one.Options, func(o option) bool { return o.Value == one.Value }) {
			one.Options = append(one.Options, option{Value: one.Value, Label: one.Value}) // a mistake stays to be seen
		}
		f.name(one)
	}
	return fields
}

// tableOf is an entry's table; what is wrong with it others say.
func tableOf(p planfile.Passage, text string) *toml.Table {
	var problems problem.List
	root := toml.Parse("", []byte(text), &problems)
	switch all := root.Tables(string(p.Kind)); {
	case p.Kind == rules.PlanEntry:
		return root
	case p.Kind == rules.PolicyEntry:
		if all := root.Table("policy"); all != nil {
			if t := all.Table(p.ID); t != nil {
				return t
			}
		}
	case len(all) > 0:
		return all[0]
	}
	return toml.Parse("", nil, &problems)
}

// noReminders stands in a form for remind = [].
const noReminders = "-"

// raw is a field's value as it stands in the file; lists have a line each.
func (f forms) raw(t *toml.Table, one field) string {
	switch {
	case one.Type == asDeadline:
		return f.deadlineOf(t)
	case one.Type == asAbsences:
		return absencesOf(t)
	case !t.Has(one.Key):
		return ""
	}
	switch one.Type {
	case asList, asLines, asNames:
		var parts []string
		for _, v := range t.Strings(one.Key) {
			parts = append(parts, v.Text)
		}
		if len(parts) == 0 && one.Type == asLines {
			return noReminders
		}
		return strings.Join(parts, "\n")
	case asCheck:
		if t.Bool(one.Key, false) {
			return "true"
		}
		return ""
	case asDate:
		return t.Date(one.Key)
	}
	return t.String(one.Key)
}

// shown is a raw value as people read and write it.
func (f forms) shown(one field, raw string) string {
	switch {
	case one.Type == asNames || one.Type == asName:
		return f.namesOf(raw)
	case one.Type == asList:
		return strings.ReplaceAll(raw, "\n", ", ")
	case rules.IsReminder(one.Key) && raw != noReminders:
		return eachLine(raw, func(s string) string { return rules.ReminderInWords(one.Key, s, f.words.lang) })
	case one.Known == "known-kinds" && f.words.in.Has(raw):
		return f.words.t(raw)
	case one.Key == "basis" && raw == "":
		return string(rules.Assumed)
	}
	return raw
}

// taken is the raw value of what somebody wrote.
func (f forms) taken(one field, raw, written string) string {
	switch {
	case one.Type == asNames:
		return strings.Join(f.idsOf(splitNames(written)), "\n")
	case one.Type == asName:
		return strings.Join(f.idsOf([]string{written}), "\n")
	case one.Type == asList:
		return strings.Join(strings.FieldsFunc(written, func(r rune) bool { return strings.ContainsRune(",;、\uff0c\uff1b \t\n", r) }), "\n")
	case rules.IsReminder(one.Key) && written != noReminders:
		return eachLine(written, func(s string) string { return rules.ReminderFromWords(one.Key, s) })
	case one.Type == asLines && written != noReminders:
		return eachLine(written, func(s string) string { return s })
	case one.Known == "known-kinds":
		for _, kind := range unitKinds {
			if written == f.words.t(kind) {
				return kind
			}
		}
	case one.Key == "basis" && raw == "" && written == string(rules.Assumed):
		return ""
	}
	return written
}

func eachLine(s string, say func(string) string) string {
	var lines []string
	for line := range strings.SplitSeq(s, "\n") {
		if line = strings.TrimSpace(line); line != "" {
			lines = append(lines, say(line))
		}
	}
	return strings.Join(lines, "\n")
}

// toml is a raw value as it stands in a file; empty: the key goes.
func (one field) toml(raw string) string {
	switch {
	case raw == "":
		return ""
	case one.Type == asLines && raw == noReminders:
		return "[]"
	case one.Type == asList || one.Type == asLines || one.Type == asNames:
		return toml.QuoteList(strings.Split(raw, "\n"))
	case one.Type == asCheck:
		return "true"
	case one.Type == asDate:
		return dateOrText(raw)
	}
	return toml.Quote(raw)
}

// dateOrText is a TOML date, or a text that the rules will then refuse.
func dateOrText(s string) string {
	if d, err := calendar.ParseDate(s); err == nil {
		return d.String()
	}
	return toml.Quote(s)
}

// edited is a text with what the posted form says otherwise than base does.
func (f forms) edited(p planfile.Passage, base, text string, posted url.Values) (string, error) {
	t := tableOf(p, base)
	var changes []toml.Change
	for _, one := range f.blank(p.Kind) {
		raw := f.raw(t, one)
		written := strings.TrimSpace(strings.ReplaceAll(posted.Get(one.Key), "\r\n", "\n"))
		_, there := posted[one.Key]
		switch {
		case one.Type == asDeadline:
			changes = append(changes, f.deadlineChanges(t, tableOf(p, text), posted)...)
		case one.Type == asAbsences:
			var err error
			if text, err = f.absencesEdited(p, raw, text, posted); err != nil {
				return text, err
			}
		case !there && one.Type != asCheck: // the form had no such field
		default:
			if now := f.taken(one, raw, written); now != raw {
				changes = append(changes, toml.Change{Key: one.Key, Value: one.toml(now)})
			}
		}
	}
	return toml.SetKeys(text, changes...)
}
