package web

import (
	"cmp"
	"slices"
	"strings"

	"duban/ledger"
	"duban/rules"
	"duban/rules/calendar"
	"duban/rules/problem"
)

// listMark is a place in the list of occurrences: what goes on by its light and due date,
// then what has ended by its due date. The address of the next page has it, so that a
// page deep in the list costs what the first one does, and what stays as it is meanwhile is
// shown once, whatever becomes of others.
type listMark struct {
	light int // in rules.Lights
	of    ledger.Brief
}

func (m listMark) compare(than listMark) int {
	a, b := &m.of, &than.of
	return cmp.Or(cmp.Compare(m.light, than.light), cmp.Compare(a.Due, b.Due), cmp.Compare(a.Plan, b.Plan), cmp.Compare(a.Obligation, b.Obligation), cmp.Compare(a.Unit, b.Unit), cmp.Compare(a.Period, b.Period))
}

// String is the mark in an address: red 2017-07-21 PLAN:OBLIGATION/UNIT/PERIOD.
func (m listMark) String() string {
	return string(rules.Lights[m.light]) + " " + m.of.Due.String() + " " + m.of.FullKey()
}

// listMarkOf is the mark out of an address; nil: the list begins.
func listMarkOf(text string) (*listMark, error) {
	if text == "" {
		return nil, nil
	}
	parts := strings.SplitN(text, " ", 3)
	if len(parts) == 3 {
		due, err := calendar.ParseDate(parts[1])
		plan, rest, there := strings.Cut(parts[2], ":")
		key, light := strings.SplitN(rest, "/", 3), slices.Index(rules.Lights, rules.Light(parts[0]))
		if err == nil && there && len(key) == 3 && light >= 0 {
			return &listMark{light, ledger.Brief{Plan: plan, Obligation: key[0], Unit: key[1], Period: key[2], Due: due}}, nil
		}
	}
	return nil, problem.Refuse("after", "%q is no place in this list: begin it anew.", text)
}
