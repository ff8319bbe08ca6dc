// Package figures tells who was on time: of what was due in some time, by unit and
// obligation; as JSON, CSV and Excel (file.go).
package figures

import (
	"context"
	"slices"
	"strings"

	"duban/ledger"
	"duban/rules/calendar"
	"duban/scheduler/engine"
)

// Figure is how one unit did with one obligation.
type Figure struct {
	Unit       string   `json:"unit"`
	UnitName   string   `json:"unit_name"`
	Obligation string   `json:"obligation"`
	Title      string   `json:"title"`
	Due        int      `json:"due"`
	OnTime     int      `json:"on_time"`
	Late       int      `json:"late"`    // done after the due date
	Overdue    int      `json:"overdue"` // not done, past the due date
	Open       int      `json:"open"`    // not done, not yet past
	Waived     int      `json:"waived"`
	Rate       *float64 `json:"on_time_rate"` // on time of all that are done or overdue; null: none
}

// Of what was due in that time, both days included, by unit and obligation.
func Of(ctx context.Context, r ledger.Reader, v engine.View, from, to calendar.Date) ([]Figure, error) {
	found, err := ledger.AllOccurrences(ctx, r, ledger.Query{DueFrom: from, DueTo: to})
	if err != nil {
		return nil, err
	}
	byKey := map[string]*Figure{}
	for _, o := range found {
		if o.State == ledger.StateCancelled {
			continue
		}
		unit, err := engine.HadWhenDue(ctx, r, v, o)
		if err != nil {
			return nil, err
		}
		key := unit + "/" + o.Plan + ":" + o.Obligation
		f := byKey[key]
		if f == nil {
			f = &Figure{Unit: unit, UnitName: unit, Obligation: o.Obligation}
			if u := v.Rules.Unit(unit); u != nil {
				f.UnitName = u.Name
			}
			text, err := r.RuleText(ctx, o.Rule)
			if err != nil {
				return nil, err
			}
			f.Title = text.Title
			byKey[key] = f
		}
		f.count(o, v.Late(o))
	}
	out := make([]Figure, 0, len(byKey))
	for _, f := range byKey {
		f.rate()
		out = append(out, *f)
	}
	slices.SortFunc(out, func(a, b Figure) int {
		return strings.Compare(a.Unit+"/"+a.Obligation, b.Unit+"/"+b.Obligation)
	})
	return out, nil
}

func (f *Figure) count(o *ledger.Occurrence, late bool) {
	f.Due++
	switch {
	case o.State == ledger.StateWaived:
		f.Waived++
	case o.State == ledger.StateOpen && late:
		f.Overdue++
	case o.State == ledger.StateOpen:
		f.Open++
	case late:
		f.Late++
	default:
		f.OnTime++
	}
}

// rate is how many of those that are done or overdue were on time.
func (f *Figure) rate() {
	if judged := f.OnTime + f.Late + f.Overdue; judged > 0 {
		rate := float64(f.OnTime) / float64(judged)
		f.Rate = &rate
	}
}

// ByUnit sums figures up to one a unit, in the same order.
func ByUnit(all []Figure) []Figure {
	var out []Figure
	for _, f := range all {
		if len(out) == 0 || out[len(out)-1].Unit != f.Unit {
			out = append(out, Figure{Unit: f.Unit, UnitName: f.UnitName})
		}
		u := &out[len(out)-1]
		u.Due, u.OnTime, u.Late, u.Overdue, u.Open, u.Waived = u.Due+f.Due, u.OnTime+f.OnTime, u.Late+f.Late, u.Overdue+f.Overdue, u.Open+f.Open, u.Waived+f.Waived
		u.rate()
	}
	return out
}
