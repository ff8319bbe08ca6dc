package views

import (
	"cmp"

	"duban/rules"
	"duban/rules/catalogue"
)

// Obligation is a rule, its groups resolved into units.
type Obligation struct {
	Plan     string  `json:"plan"`
	ID       string  `json:"id"`
	Ref      string  `json:"ref"`
	Title    string  `json:"title"`
	TitleEn  string  `json:"title_en"`
	Units    []Unit  `json:"units"`
	Partners []Unit  `json:"partners"` // kept informed, owe nothing
	Cadence  Cadence `json:"cadence"`
	Within   string  `json:"within"`
	Basis    string  `json:"basis"`
	Policy   string  `json:"policy"`
	Deadline string  `json:"deadline"` // in words: those of the plan, where it says it so
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
