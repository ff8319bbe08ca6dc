package rules

import (
	"reflect"

	"duban/rules/calendar"
	"duban/rules/problem"
)

// Unit is a 责任单位: it owes obligations and gets the mail.
type Unit struct {
	ID         string
	Name       string
	NameEn     string
	Kind       string
	Mail       []string // bare addresses, at least one where there are no channels
	CC         []string
	Supervisor string // unit id, or empty: nobody is told of its lateness
	Language   string // "zh-CN", "en", or empty: the configuration's

	Alias          []string // other names that tables and people use
	Channels       []string // of the configuration, beside mail
	Contact, Phone string   // for supervisors and administrators alone
	Away           []Absence

	pos   problem.Pos
	draft bool // it stands in a draft
}

// Absence is a time in which mail to a unit goes to a deputy too.
type Absence struct {
	From, To calendar.Date // both included
	Mail     []string
}

// Pos is where the unit stands.
func (u *Unit) Pos() problem.Pos { return u.pos }

// Deputies are the addresses that mail goes to besides on a day, because somebody is
// away.
func (u *Unit) Deputies(on calendar.Date) (out []string) {
	for _, a := range u.AwayOn(on) {
		out = append(out, a.Mail...)
	}
	return out
}

// AwayOn are the absences that a day lies in.
func (u *Unit) AwayOn(on calendar.Date) (out []Absence) {
	for _, a := range u.Away {
		if a.From <= on && on <= a.To {
			out = append(out, a)
		}
	}
	return out
}

// DisplayName is the unit's name in that language.
func (u *Unit) DisplayName(language string) string {
	if language == "en" && u.NameEn != "" {
		return u.NameEn
	}
	return u.Name
}

// Languages that mails and pages are written in; the first is the default.
var Languages = []string{"zh-CN", "en"}

// Group is a 单位组: a named set of units; an obligation on it fans out.
type Group struct {
	ID      string
	Name    string
	Members []string // unit ids

	pos   problem.Pos
	draft bool // it stands in a draft
}

// Pos is where the group stands.
func (g *Group) Pos() problem.Pos { return g.pos }

// same tells whether two entries with one id say the same.
func (u *Unit) same(o *Unit) bool {
	a, b := *u, *o
	a.pos, b.pos, a.draft, b.draft = problem.Pos{}, problem.Pos{}, false, false
	return reflect.DeepEqual(a, b)
}
