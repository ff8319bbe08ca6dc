package views

import (
	"cmp"

	"duban/rules"
	"duban/rules/catalogue"
)

// Obligation is a rule, its groups resolved into units.
type Obligation struct {
	Plan     string  `json:"plan" doc:"The plan, by its id"`
	ID       string  `json:"id"`
	Ref      string  `json:"ref" doc:"Its place in the document"`
	Title    string  `json:"title" doc:"What is to be done"`
	TitleEn  string  `json:"title_en" doc:"The same in English"`
	Units    []Unit  `json:"units" doc:"The units that owe it"`
	Partners []Unit  `json:"partners" doc:"Units that are kept informed"` // kept informed, owe nothing
	Cadence  Cadence `json:"cadence" doc:"What makes it recur"`
	Within   string  `json:"within" doc:"How long after the anchor"`
	Basis    string  `json:"basis" doc:"text: the document fixes the deadline; assumed: the administrator set it"`
	Policy   string  `json:"policy" doc:"Its reminder policy"`
	Deadline string  `json:"deadline" doc:"The deadline in words"` // in words: those of the plan, where it says it so
}

// Unit is one by its id, with its name.
type Unit struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

// Cadence is what makes an obligation recur.
type Cadence struct {
	Kind  string `json:"kind"`
	Value string `json:"value"`
}

// CadenceOf is that of an obligation.
func CadenceOf(o *rules.Obligation) Cadence {
	return Cadence{string(o.Cadence.Kind), o.Cadence.Value}
}

// Deadline is that of an obligation in words: as the plan says it, else in the words
// of the rule.
func Deadline(o *rules.Obligation) string { return cmp.Or(o.Deadline, o.Words(catalogue.Chinese)) }

// NewObligation is how an obligation is shown.
func NewObligation(o *rules.Obligation) Obligation {
	v := Obligation{
		Plan: o.Plan.ID, ID: o.ID, Ref: o.Ref, Title: o.Title, TitleEn: o.TitleEn, Units: []Unit{}, Partners: []Unit{},
		Cadence: CadenceOf(o), Within: o.Within.String(), Basis: string(o.Basis), Policy: o.PolicyName, Deadline: Deadline(o),
	}
	for _, u := range o.Units {
		v.Units = append(v.Units, Unit{u.ID, u.Name})
	}
	for _, u := range o.Partners {
		v.Partners = append(v.Partners, Unit{u.ID, u.Name})
	}
	return v
}

// partnersOf are the ids of those that are kept informed.
func partnersOf(o *rules.Obligation) (out []string) {
	for _, u := range o.Partners {
		out = append(out, u.ID)
	}
	return out
}
