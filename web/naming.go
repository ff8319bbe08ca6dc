package web

import (
	"slices"
	"strconv"
	"strings"

	"duban/rules/pinyin"
	"duban/rules/problem"
	"duban/rules/toml"
)

// People name units and groups; what is saved are their ids.

// known are the names that a form's fields may be filled with.
type known struct {
	Owners, Units, Kinds []option // Hint: what else it is found by
}

// unitKinds are the kinds of unit that have words.
var unitKinds = []string{"department", "town"}

// splitNames are the names in a field: people write 、 between them, or a comma, a
// semicolon or a line's end.
func splitNames(s string) []string {
	var out []string
	for name := range strings.FieldsFuncSeq(s, func(r rune) bool { return strings.ContainsRune("、,;\uff0c\uff1b\n", r) }) {
		if name = strings.TrimSpace(name); name != "" {
			out = append(out, name)
		}
	}
	return out
}

func (w *words) joinNames(names []string) string {
	if w.zh() {
		return strings.Join(names, "、")
	}
	return strings.Join(names, ", ")
}

// namesOf are the names of ids, a line each.
func (f forms) namesOf(ids string) string {
	var names []string
	for id := range strings.SplitSeq(ids, "\n") {
		if id != "" {
			names = append(names, f.set.NameOf(id, f.words.lang))
		}
	}
	return f.words.joinNames(names)
}

// idsOf are the ids of names; one that nobody has stays as it is.
func (f forms) idsOf(names []string) []string {
	out := slices.Clone(names)
	for i, name := range names {
		if id, ok := f.set.Called(name); ok {
			out[i] = id
		}
	}
	return slices.DeleteFunc(out, func(s string) bool { return s == "" })
}

// mostNear is how many near names are offered for one that nobody has.
const mostNear = 3

// fix is a button that puts a field right: Do says how, in terms of the form's.
type fix struct {
	Do, Label, Hint string
	Mail            bool // it wants a mail address beside it
}

// name notes which names of a field nobody has, with what may have been meant.
func (f forms) name(one *field) {
	if one.Type != asNames && one.Type != asName {
		return
	}
	names := splitNames(one.Value)
	if one.Type == asName && one.Value != "" {
		names = []string{one.Value}
	}
	for i, name := range names {
		if _, ok := f.set.Called(name); ok {
			continue
		}
		at := one.Key + "/" + strconv.Itoa(i) + "/"
		near := slices.DeleteFunc(f.set.Nearest(name, mostNear), func(id string) bool { return one.Known != "known-owners" && strings.HasPrefix(id, "@") })
		if one.Error == nil && len(near) > 0 {
			one.Error = &problem.Error{Code: problem.Invalid, Field: one.Key, Key: "nobody is called %q: is it one of these?", Args: []any{problem.Clip(name)}}
		} else if one.Error == nil {
			one.Error = &problem.Error{Code: problem.Invalid, Field: one.Key, Key: "nobody is called %q", Args: []any{problem.Clip(name)}}
		}
		for _, id := range near {
			one.Fixes = append(one.Fixes, fix{Do: at + "use/" + id, Label: f.set.NameOf(id, f.words.lang), Hint: f.alias(id, name)})
		}
		one.Fixes = append(one.Fixes, fix{Do: at + "new", Label: f.words.t("Make a new unit, %s", name), Mail: true}, fix{Do: at + "drop", Label: f.words.t("Leave %s out", name)})
	}
}

// alias is the other name of a unit that is nearest to what was written.
func (f forms) alias(id, name string) string {
	u := f.set.Unit(id)
	if u == nil {
		return ""
	}
	if near := problem.Nearest(name, u.Alias, 1); len(near) > 0 {
		return f.words.t("also called %s", near[0])
	}
	return ""
}

// known are all names that the forms take.
func (f forms) known() known {
	var k known
	for _, g := range f.set.Groups {
		k.Owners = append(k.Owners, option{Value: f.set.NameOf("@"+g.ID, f.words.lang), Label: f.words.t("%d units", len(g.Members)), Hint: g.ID})
	}
	for _, u := range f.set.Units {
		o := option{Value: f.set.NameOf(u.ID, f.words.lang), Label: strings.Join(u.Alias, "、"), Hint: strings.Join(append([]string{u.ID, u.NameEn, u.Name, pinyin.Initials(u.Name)}, u.Alias...), " ")}
		k.Owners, k.Units = append(k.Owners, o), append(k.Units, o)
	}
	for _, kind := range unitKinds {
		k.Kinds = append(k.Kinds, option{Value: f.words.t(kind)})
	}
	for _, u := range f.set.Units {
		if o := (option{Value: u.Kind}); u.Kind != "" && !slices.Contains(unitKinds, u.Kind) && !slices.Contains(k.Kinds, o) {
			k.Kinds = append(k.Kinds, o)
		}
	}
	return k
}

// pressed does what a button beside a field says to the text that was written in
// it; name: whom it was about.
func (f forms) pressed(do, written string) (key, now, name, what string, ok bool) {
	parts := strings.SplitN(do, "/", 4)
	if len(parts) < 3 {
		return "", "", "", "", false
	}
	names := splitNames(written)
	i, err := strconv.Atoi(parts[1])
	if err != nil || i < 0 || i >= len(names) {
		return "", "", "", "", false
	}
	name = names[i]
	switch {
	case parts[2] == "use" && len(parts) == 4:
		names[i] = f.set.NameOf(parts[3], f.words.lang)
	case parts[2] == "drop":
		names = slices.Delete(names, i, i+1)
	}
	return parts[0], f.words.joinNames(names), name, parts[2], true
}

// unitText is a unit of which the name is known and hardly more, as its file has it.
func unitText(id, name, mail, supervisor string) string {
	addresses := strings.FieldsFunc(mail, func(r rune) bool { return strings.ContainsRune(",;、\uff0c\uff1b \t\n", r) })
	text := "[[unit]]\nid         = " + toml.Quote(id) + "\nname       = " + toml.Quote(name) + "\nmail       = " + toml.QuoteList(addresses)
	if supervisor != "" {
		text += "\nsupervisor = " + toml.Quote(supervisor)
	}
	return text
}
