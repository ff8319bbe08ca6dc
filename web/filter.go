package web

import (
	"net/url"
	"slices"

	"duban/ledger"
	"duban/rules"
)

// filter is what a board or list is about; it lives in the address.
type filter struct {
	Plan, Unit, Kind, Obligation string
	Search                       string // what items or units are called
	Light                        rules.Light
	State                        ledger.State
	From                         string // first month of the grid, 2017-07
	By                           string // rows of the grid: "item" or "unit"
	Rows                         string // the grid goes on after that unit
	As                           string // asBoard or asTracked; empty: all

	units map[string]bool    // what a search found, by id; nil: it is not of units
	items map[[2]string]bool // likewise obligations, by plan and id
}

// What a filter has besides: the board counts nothing that was cancelled, and what is
// only tracked, which nobody is reminded of, lights no lamp there unless its item is
// asked for by name. Lists that the board leads to say so, and have what it counts.
const (
	asBoard   = "board"
	asTracked = "tracked"
)

func filterOf(q url.Values) filter {
	f := filter{Plan: q.Get("plan"), Unit: q.Get("unit"), Kind: q.Get("kind"), Obligation: q.Get("obligation"), Search: q.Get("q"), From: q.Get("from"), Rows: q.Get("rows")}
	if by := q.Get("by"); by == "item" || by == "unit" {
		f.By = by
	}
	if as := q.Get("as"); as == asBoard || as == asTracked {
		f.As = as
	}
	if l := rules.Light(q.Get("light")); slices.Contains(rules.Lights, l) {
		f.Light = l
	}
	if s := ledger.State(q.Get("state")); slices.Contains(ledger.States, s) {
		f.State = s
	}
	return f
}

// With is the address of path with the filter, and other keys besides.
func (f filter) With(path string, pairs ...string) string {
	q := url.Values{}
	for k, v := range map[string]string{"plan": f.Plan, "unit": f.Unit, "kind": f.Kind, "obligation": f.Obligation, "q": f.Search, "light": string(f.Light), "state": string(f.State), "by": f.By, "as": f.As} {
		if v != "" {
			q.Set(k, v)
		}
	}
	for i := 0; i+1 < len(pairs); i += 2 {
		if q.Set(pairs[i], pairs[i+1]); pairs[i+1] == "" {
			q.Del(pairs[i])
		}
	}
	if len(q) == 0 {
		return path
	}
	return path + "?" + q.Encode()
}

// list is the address of the occurrences that the board counts under the filter, and
// other keys besides.
func (f filter) list(pairs ...string) string {
	f = f.boards()
	f.By = ""
	return f.With("/occurrences", pairs...)
}

func (f filter) has(b *ledger.Brief, set *rules.Set) bool {
	return (f.Obligation == "" || b.Obligation == f.Obligation) && (f.items == nil || f.items[[2]string{b.Plan, b.Obligation}]) && f.hasSome(b.Plan, b.Unit, b.State, set)
}

// boards is the filter as the board counts.
func (f filter) boards() filter {
	if f.As == "" {
		f.As = asBoard
	}
	return f
}

// counts tells whether what goes on counts under the filter, by whether its unit is
// ever reminded of it.
func (f filter) counts(tracked bool) bool {
	return f.As == "" || (f.As == asTracked) == tracked || f.As == asBoard && f.Obligation != ""
}

// hasSome is has, whatever the obligation.
func (f filter) hasSome(plan, unit string, state ledger.State, set *rules.Set) bool {
	if f.As != "" && state == ledger.StateCancelled || f.As == asTracked && state.Ended() {
		return false
	}
	return (f.Plan == "" || plan == f.Plan) && (f.State == "" || state == f.State) && f.hasUnit(unit, set)
}

// hasUnit tells whether it is about that unit.
func (f filter) hasUnit(unit string, set *rules.Set) bool {
	if f.Unit != "" && unit != f.Unit || f.units != nil && !f.units[unit] {
		return false
	}
	if f.Kind != "" {
		u := set.Unit(unit)
		return u != nil && u.Kind == f.Kind
	}
	return true
}

// ended asks the ledger for what has ended that the filter has; not ok: that is
// none.
func (f filter) ended(set *rules.Set) (q ledger.Query, ok bool) {
	q = ledger.Query{Plan: f.Plan, Unit: f.Unit, Obligation: f.Obligation, Ended: true}
	switch {
	case f.State != "":
		q.States = []ledger.State{f.State}
	case f.As != "":
		q.States = []ledger.State{ledger.StateClosed, ledger.StateWaived}
	}
	if f.Kind != "" || f.units != nil {
		for _, u := range set.Units {
			if (f.Kind == "" || u.Kind == f.Kind) && (f.units == nil || f.units[u.ID]) {
				q.Units = append(q.Units, u.ID)
			}
		}
	}
	for item := range f.items {
		q.Of = append(q.Of, item)
	}
	if f.As == asTracked || f.As != "" && f.State == ledger.StateCancelled {
		return q, false
	}
	return q, (f.Light == "" || f.Light == rules.Grey) && (f.State == "" || f.State.Ended()) && (f.Kind == "" && f.units == nil || len(q.Units) > 0)
}
