package views

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"duban/rules"
	"duban/rules/calendar"
	"duban/rules/problem"
	"duban/scheduler/engine"
)

// Selection is which due dates are asked for; empty fields select all.
type Selection struct {
	From, To         calendar.Date // both included
	Unit, Obligation string        // ids; an obligation's may be PLAN:ID
}

// Check refuses names that the rules do not know and dates the wrong way round.
func (s Selection) Check(set *rules.Set) error {
	if s.From != 0 && s.To != 0 && s.From > s.To {
		return &problem.Error{Code: problem.Invalid, Field: "from", Key: "%s is after %s", Args: []any{s.From, s.To}}
	}
	if s.Unit != "" {
		if _, err := set.FindUnit(s.Unit); err != nil {
			return &problem.Error{Code: problem.Invalid, Field: "unit", Key: "%w", Args: []any{err}}
		}
	}
	if s.Obligation != "" {
		if _, err := set.FindObligation(s.Obligation); err != nil {
			return &problem.Error{Code: problem.Invalid, Field: "obligation", Key: "%w", Args: []any{err}}
		}
	}
	return nil
}

// Bound asks for a year from today where no dates are given.
func (s *Selection) Bound(set *rules.Set, now time.Time) {
	if s.From == 0 {
		s.From = set.Plans[0].Day(now)
		if s.To != 0 && s.To < s.From {
			s.From = set.Plans[0].Starts
		}
	}
	if s.To == 0 {
		s.To = min(s.From.AddMonths(12), calendar.Last)
	}
}

// Has tells whether an obligation is asked for.
func (s Selection) Has(o *rules.Obligation) bool {
	return s.Obligation == "" || s.Obligation == o.ID || s.Obligation == o.Plan.ID+":"+o.ID
}

// Planned are the due dates that are selected, by date, as the plans have them.
func (s Selection) Planned(set *rules.Set, weekends bool) []Planned {
	rows := []Planned{}
	for _, p := range set.Plans {
		for _, o := range p.Obligations {
			if !s.Has(o) {
				continue
			}
			for in := range o.Between(s.From, s.To) {
				for _, u := range o.Units {
					if s.Unit == "" || s.Unit == u.ID {
						rows = append(rows, NewPlanned(o, u.ID, u.Name, in, weekends))
					}
				}
			}
		}
	}
	slices.SortStableFunc(rows, func(a, b Planned) int { return int(a.Due - b.Due) })
	return rows
}

// First are the first n that are selected and not to be left out, by date, plan and id.
// No more than some weeks of them are in memory at once, however long the time is.
func (s Selection) First(v engine.View, n int, out func(Planned) bool) []Planned {
	rows := []Planned{}
	some := s
	for days := calendar.Date(31); some.From <= s.To && len(rows) < n; days *= 2 {
		some.To = min(some.From+days-1, s.To)
		more := slices.DeleteFunc(some.Planned(v.Rules, v.Settings.Weekends), out)
		slices.SortFunc(more, func(a, b Planned) int {
			return cmp.Or(int(a.Due-b.Due), strings.Compare(a.Plan+":"+a.ID, b.Plan+":"+b.ID))
		})
		rows = append(rows, more...)
		some.From = some.To + 1
	}
	return rows[:min(n, len(rows))]
}
