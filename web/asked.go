package web

import (
	"slices"
	"strings"

	"duban/rules"
	inwords "duban/rules/words"
)

// What the editor's template asks of its page beside the fields.

// Name is what the entry is called.
func (p *editPage) Name() string {
	for _, key := range []string{"title", "name"} {
		if one := p.Field(key); one != nil && one.Value != "" {
			return one.Value
		}
	}
	if p.Kind == rules.PolicyEntry {
		return p.forms.words.policy(p.ID)
	}
	return p.ID
}

// PlanTitle is the title of the plan that it belongs to.
func (p *editPage) PlanTitle() string {
	if p.forms.plan == nil {
		return ""
	}
	return p.forms.plan.Title
}

// HasMore tells whether some of the form is folded away; a policy's name stands
// above all.
func (p *editPage) HasMore() bool {
	return p.Kind != rules.PolicyEntry && p.Kind != rules.PlanEntry || p.hasRare()
}

func (p *editPage) hasRare() bool {
	return slices.ContainsFunc(p.Fields, func(f field) bool { return f.Rare })
}

// MoreIsWrong tells whether something that is folded away has to be put right.
func (p *editPage) MoreIsWrong() bool {
	return slices.ContainsFunc(p.Fields, func(f field) bool { return f.Rare && f.Error != nil })
}

// More is what the folded part holds, on the line that stands for it: what is set,
// then the names of the rest.
func (p *editPage) More() string {
	const most = 24
	var set, rest []string
	for _, f := range p.Fields {
		value := f.Value
		if i := slices.IndexFunc(f.Options, func(o option) bool { return o.Value == value }); i >= 0 {
			value = f.Options[i].Label
		}
		switch {
		case !f.Rare:
		case f.Value == "":
			rest = append(rest, f.Label)
		case f.Type == asCheck || f.Type == asAbsences:
			set = append(set, f.Label)
		default:
			if runes := []rune(strings.ReplaceAll(value, "\n", " ")); len(runes) > most {
				value = string(runes[:most]) + "…"
			}
			set = append(set, f.Label+" "+value)
		}
	}
	if len(rest) > 0 {
		set = append(set, p.forms.words.t("nothing yet of: %s", p.forms.words.joinNames(rest)))
	}
	return strings.Join(set, " · ")
}

// Sentence is the deadline as choices.
func (p *editPage) Sentence() sentence {
	if one := p.Field(deadlineKey); one != nil {
		return p.forms.choices(one.Value)
	}
	return sentence{}
}

// Periods and Units are what the sentence lets people choose from.
func (p *editPage) Periods() []option { return p.forms.options("sentence ", inwords.Periods) }

// Units are those of its number.
func (p *editPage) Units() []option { return p.forms.options("sentence ", sentenceUnits) }

func (f forms) options(prefix string, values []string) []option {
	out := make([]option, len(values))
	for i, v := range values {
		out[i] = option{Value: v, Label: f.words.t(prefix + v)}
	}
	return out
}

// Patterns are deadlines that stand ready.
func (p *editPage) Patterns() []string { return patterns[p.forms.words.lang] }

// WrongFields are those that have to be put right.
func (p *editPage) WrongFields() []field {
	return slices.DeleteFunc(slices.Clone(p.Fields), func(f field) bool { return f.Error == nil })
}
