package desk

import (
	"duban/ledger"
	"duban/rules"
	"duban/rules/calendar"
	"duban/rules/problem"
	"duban/scheduler/engine"
)

func (a *action) extend() error {
	if err := a.want(ledger.StateOpen, ledger.StateReported); err != nil {
		return err
	}
	if a.in.Reason == "" {
		return problem.Refuse("reason", "say why: add --reason")
	}
	to, named := a.in.To, calendar.Date(0)
	if a.in.More != nil && a.rule != nil {
		to, named = a.rule.Extended(a.o.Due, *a.in.More)
	}
	if err := a.mayExtend(to); err != nil {
		return err
	}
	a.o.Due, a.o.Granted, a.o.Named, a.o.Reason = to, to, named, a.in.Reason
	a.o.Provisional = !a.rule.Trusts(a.o.Anchor, to)
	if a.answers != nil {
		return nil
	}
	return a.tell().ofExtension()
}

// mayExtend refuses a new due date that the rule does not allow.
func (a *action) mayExtend(to calendar.Date) error {
	switch {
	case !a.o.PausedOn.IsZero():
		return problem.Refuse("", "%s is paused: resume it first", a.o.Key())
	case a.rule == nil:
		return problem.Refuse("", "%s cannot be extended: its rule is gone", a.o.Key())
	case to > calendar.Last:
		return problem.Refuse("to", "%s is out of range: dates lie from %s to %s", to, calendar.First, calendar.Last)
	case to <= a.o.Due:
		return problem.Refuse("to", "%s is not later than the due date, %s", to, a.o.Due)
	}
	pauses, err := a.tx.Pauses(a.tx.Context(), a.o.ID)
	if err != nil {
		return err
	}
	if most := a.rule.Latest(a.o.Anchor, pauses...); most != 0 && to > most {
		return problem.Refuse("to", "%s is too late: extensions of %s may add %s in all, to %s at the latest", to, a.o.Obligation, a.rule.Extendable, most)
	}
	return nil
}

func (a *action) pause() error {
	if err := a.want(ledger.StateOpen); err != nil {
		return err
	}
	day := a.in.Date
	if day == 0 {
		day = dayOfAct(a, a.view.Now)
	}
	switch {
	case a.rule == nil || !a.rule.Pausable:
		return problem.Refuse("", "%s: its clock cannot be stopped: the obligation is not pausable", a.o.Key())
	case !a.o.PausedOn.IsZero():
		return problem.Refuse("", "%s is paused already, since %s", a.o.Key(), a.o.PausedOn)
	case day > dayOfAct(a, a.view.Now):
		return problem.Refuse("date", "%s has not come yet", day)
	case day < a.o.Anchor:
		return problem.Refuse("date", "%s is before its clock started, %s", day, a.o.Anchor)
	}
	pauses, err := a.tx.Pauses(a.tx.Context(), a.o.ID)
	if err != nil {
		return err
	}
	ranOut := a.o.Due
	if !a.o.Extended() {
		ranOut = a.rule.RanOut(a.o.Anchor, pauses...)
	}
	last := stoppableFrom(pauses)
	switch {
	case day >= ranOut:
		return problem.Refuse("date", "its clock ran out on %s: there is nothing left to stop", ranOut)
	case day < last:
		return problem.Refuse("date", "%s is before the end of its last pause, %s", day, last)
	}
	a.o.PausedOn = day
	return a.tx.AddPause(a.o.ID, day, a.in.Reason)
}

// stoppableFrom is the first day on which the clock may be stopped after the pauses:
// the day the last of them ended, but no day twice.
func stoppableFrom(pauses []rules.Pause) calendar.Date {
	last := calendar.Date(0)
	for _, p := range pauses {
		last = max(last, p.From+1, p.To)
	}
	return last
}

func (a *action) resume() error {
	if a.o.PausedOn.IsZero() {
		return problem.Refuse("", "%s is not paused", a.o.Key())
	}
	day := a.in.Date
	if day == 0 {
		day = dayOfAct(a, a.view.Now)
	}
	switch {
	case day > dayOfAct(a, a.view.Now):
		return problem.Refuse("date", "%s has not come yet", day)
	case day < a.o.PausedOn:
		return problem.Refuse("date", "%s is before it was paused, %s", day, a.o.PausedOn)
	}
	return a.endPause(day)
}

// endPause ends a pause that lasts and moves the due date by it.
func (a *action) endPause(day calendar.Date) error {
	if a.o.PausedOn.IsZero() {
		return nil
	}
	day = max(day, a.o.PausedOn)
	pause := rules.Pause{From: a.o.PausedOn, To: day}
	a.o.PausedOn = 0
	if err := a.tx.EndPause(a.o.ID, day); err != nil || a.rule == nil {
		return err
	}
	pauses, err := a.tx.Pauses(a.tx.Context(), a.o.ID)
	if err != nil {
		return err
	}
	if a.o.Extended() {
		a.o.Granted, a.o.Named = a.rule.Resume(a.o.Granted, pause)
		a.o.Granted = min(a.o.Granted, calendar.Last)
	}
	engine.Count(a.rule, a.o, a.rule.At(a.o.Period, a.o.Anchor, pauses...))
	return nil
}
