// Package figures tells who was on time: of what was due in some time, by unit and
// obligation; as JSON, CSV and Excel (file.go). The bulletin (bulletin.go, paper.go) is
// the same of some months, with what changed since the months before.
package figures

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"duban/ledger"
	"duban/rules/calendar"
	"duban/scheduler/engine"
)

// Figure is how one unit did with one obligation.
type Figure struct {
	Plan       string   `json:"plan" doc:"The plan, by its id"`
	Unit       string   `json:"unit" doc:"The unit that owes it, by its id"`
	UnitName   string   `json:"unit_name" doc:"What the unit is called"`
	Obligation string   `json:"obligation" doc:"The obligation, by its id"`
	Title      string   `json:"title" doc:"What is to be done"`
	Due        int      `json:"due" doc:"How many were due"`
	OnTime     int      `json:"on_time" doc:"Done in time"`
	Late       int      `json:"late" doc:"Done after the deadline"`        // done after the due date
	Overdue    int      `json:"overdue" doc:"Not done, past the deadline"` // not done, past the due date
	Open       int      `json:"open" doc:"Not done, and there is time"`    // not done, not yet past
	Waived     int      `json:"waived" doc:"Waived"`
	Rate       *float64 `json:"on_time_rate" doc:"Done in time, of all that are done or overdue; null: none are"` // on time of all that are done or overdue; null: none
}

// Of what was due in that time, both days included, by unit and obligation.
func Of(ctx context.Context, r ledger.Reader, v engine.View, from, to calendar.Date) ([]Figure, error) {
	var all *table
	err := ledger.AsOfOneMoment(ctx, r, func(r ledger.Reader) error {
		all = newTable(r, v)
		return each(ctx, r, v, from, to, func(o *ledger.Occurrence, late bool) error { return all.add(ctx, o, late) })
	})
	if err != nil {
		return nil, err
	}
	return all.figures(), nil
}

// each calls f with what was due in some time and counts, and whether it was late.
func each(ctx context.Context, r ledger.Reader, v engine.View, from, to calendar.Date, f func(o *ledger.Occurrence, late bool) error) error {
	return r.EachOccurrence(ctx, ledger.Query{DueFrom: from, DueTo: to}, func(o *ledger.Occurrence) error {
		if o.State == ledger.StateCancelled {
			return nil
		}
		return f(o, v.Late(o))
	})
}

// table is figures that are being counted.
type table struct {
	from  ledger.Reader
	view  engine.View
	byKey map[string]*Figure
	texts map[int64]ledger.RuleText
}

func newTable(r ledger.Reader, v engine.View) *table {
	return &table{r, v, map[string]*Figure{}, map[int64]ledger.RuleText{}}
}

func (t *table) text(ctx context.Context, rule int64) (ledger.RuleText, error) {
	text, ok := t.texts[rule]
	if ok {
		return text, nil
	}
	text, err := t.from.RuleText(ctx, rule)
	if err == nil {
		t.texts[rule] = text
	}
	return text, err
}

func (t *table) add(ctx context.Context, o *ledger.Occurrence, late bool) error {
	unit, err := engine.HadWhenDue(ctx, t.from, t.view, o)
	if err != nil {
		return err
	}
	key := unit + "/" + o.Plan + ":" + o.Obligation
	f := t.byKey[key]
	if f == nil {
		f = &Figure{Plan: o.Plan, Unit: unit, UnitName: t.unit(unit), Obligation: o.Obligation}
		text, err := t.text(ctx, o.Rule)
		if err != nil {
			return err
		}
		f.Title = text.Title
		t.byKey[key] = f
	}
	f.count(o, late)
	return nil
}

func (t *table) figures() []Figure {
	out := make([]Figure, 0, len(t.byKey))
	for _, f := range t.byKey {
		f.rate()
		out = append(out, *f)
	}
	slices.SortFunc(out, func(a, b Figure) int {
		return cmp.Or(strings.Compare(a.Unit, b.Unit), strings.Compare(a.Obligation, b.Obligation), strings.Compare(a.Plan, b.Plan))
	})
	return out
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
		out[len(out)-1].join(f)
	}
	return out
}

// join adds another's counts.
func (f *Figure) join(o Figure) {
	f.Due, f.OnTime, f.Late, f.Overdue, f.Open, f.Waived = f.Due+o.Due, f.OnTime+o.OnTime, f.Late+o.Late, f.Overdue+o.Overdue, f.Open+o.Open, f.Waived+o.Waived
	f.rate()
}

// Percent is a rate as people read it, to a tenth.
func Percent(rate *float64) string {
	if rate == nil {
		return ""
	}
	return fmt.Sprintf("%.1f%%", *rate*100)
}
