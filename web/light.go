package web

import (
	"slices"

	"duban/ledger"
	"duban/rules"
	"duban/rules/calendar"
	"duban/scheduler/engine"
)

// itemRow is one occurrence in a list.
type itemRow struct {
	Plan, Obligation, Unit, Period string
	Title, UnitName                string
	Due                            calendar.Date
	Provisional, Extended, Late    bool
	Paused                         bool
	State                          ledger.State
	Light                          rules.Light
	Days                           int // working days left; negative: late
}

// lighter tells lights: those of open occurrences of one obligation that are
// due on the same day are the same.
type lighter struct {
	view engine.View
	memo map[lightKey]rules.Light
	told map[[2]string]bool // by plan and obligation: units are reminded of it
}

type lightKey struct {
	plan, obligation string
	due, paused      calendar.Date
}

func (l *lighter) light(b *ledger.Brief) rules.Light {
	o := b.Occurrence()
	if b.State != ledger.StateOpen {
		return l.view.Light(&o)
	}
	k := lightKey{b.Plan, b.Obligation, b.Due, b.PausedOn}
	light, ok := l.memo[k]
	if !ok {
		light = l.view.Light(&o)
		l.memo[k] = light
	}
	return light
}

func newLighter(v engine.View) *lighter {
	return &lighter{v, map[lightKey]rules.Light{}, map[[2]string]bool{}}
}

func lightIndex(l rules.Light) int { return slices.Index(rules.Lights, l) }

// tracked tells whether nobody is ever reminded of it: it stands in lists, and lights
// no lamp on the board.
func (l *lighter) tracked(b *ledger.Brief) bool {
	k := [2]string{b.Plan, b.Obligation}
	told, ok := l.told[k]
	if !ok {
		ob := l.view.Rules.Obligation(b.Plan, b.Obligation)
		told = ob == nil || ob.Policy.Tells()
		l.told[k] = told
	}
	return !told
}

// has tells whether the filter has what goes on, and what its light is.
func (l *lighter) has(f filter, b *ledger.Brief) (light rules.Light, ok bool) {
	if !f.has(b, l.view.Rules) || f.As != "" && !f.counts(l.tracked(b)) {
		return "", false
	}
	light = l.light(b)
	return light, f.Light == "" || light == f.Light
}

// row is one occurrence as lists show it.
func (l *lighter) row(b *ledger.Brief, w *words) itemRow {
	o := b.Occurrence()
	r := itemRow{
		Plan: b.Plan, Obligation: b.Obligation, Unit: b.Unit, Period: b.Period, Title: b.Obligation, UnitName: b.Unit, Due: b.Due,
		Provisional: b.Provisional, Extended: !b.Granted.IsZero(), Paused: !b.PausedOn.IsZero(), State: b.State, Light: l.light(b), Late: l.view.Late(&o),
	}
	if u := l.view.Rules.Unit(b.Unit); u != nil {
		r.UnitName = u.DisplayName(w.lang)
	}
	if ob := l.view.Rules.Obligation(b.Plan, b.Obligation); ob != nil {
		r.Title = ob.DisplayTitle(w.lang)
		r.Days = ob.Plan.Calendar.Count(ob.Plan.Day(l.view.Now), b.Due)
	}
	return r
}
