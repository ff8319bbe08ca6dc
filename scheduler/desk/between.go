package desk

import (
	"context"
	"slices"
	"time"

	"duban/ledger"
	"duban/rules"
	"duban/rules/calendar"
	"duban/rules/problem"
	"duban/scheduler/engine"
)

// What goes on between people about one occurrence: it is handed over, taken back,
// told of, urged.

// unit is the one of that id, which has to be in a plan.
func (a *action) unit(id string) (*rules.Unit, error) {
	if u := a.view.Rules.Unit(id); u != nil {
		return u, nil
	}
	var ids []string
	for _, u := range a.view.Rules.Units {
		ids = append(ids, u.ID)
	}
	return nil, problem.Wrong("unit", "no unit %.60q%s", id, problem.DidYouMean(id, ids))
}

func (a *action) transfer() error {
	if err := a.want(ledger.StateOpen); err != nil {
		return err
	}
	if a.in.Unit == "" {
		return problem.Refuse("unit", "say to which unit: add --to UNIT")
	}
	to, err := a.unit(a.in.Unit)
	switch {
	case err != nil:
		return err
	case to.ID == a.o.Unit:
		return problem.Refuse("unit", "%s has it already", to.ID)
	case a.in.Reason == "":
		return problem.Refuse("reason", "say why: add --reason")
	case a.rule == nil:
		return problem.Refuse("", "%s cannot be transferred: its rule is gone", a.o.Key())
	}
	e := a.view.Entry(a.in.By)
	e.Reason = a.in.Reason
	moved, err := engine.Transfer(a.tx, a.view, a.rule, a.o, to, e)
	if err != nil {
		return err
	}
	if err := a.settleRequests(a.o, to); err != nil {
		return err
	}
	if err := a.tell().ofTransfer(a.o, moved); err != nil {
		return err
	}
	if err := a.tell().ofNoSupervisor(a.o, moved); err != nil {
		return err
	}
	a.o = moved
	return nil
}

// retractDays is how many working days a unit has to take back a report that nobody
// has to accept.
const retractDays = 3

// MayRetract tells whether a unit may take its report back, and until the end of
// which day; 0: until it is accepted.
func MayRetract(v engine.View, o *ledger.Occurrence) (until calendar.Date, may bool) {
	ob := v.Obligation(o)
	switch {
	case o.State == ledger.StateReported:
		return 0, true
	case o.State != ledger.StateClosed || ob == nil || ob.Plan.Review || o.ReportedAt.IsZero() || !o.ClosedAt.Equal(o.ReportedAt): // accepted, or waived
		return 0, false
	}
	until = ob.Plan.Calendar.Add(ob.Plan.Day(o.ReportedAt), retractDays)
	return until, ob.Plan.Day(v.Now) <= until
}

func (a *action) retract() error {
	if err := a.want(ledger.StateReported, ledger.StateClosed); err != nil {
		return err
	}
	until, may := MayRetract(a.view, a.o)
	switch {
	case a.in.Reason == "":
		return problem.Refuse("reason", "say why: add --reason")
	case !may && until != 0:
		return problem.Refuse("", "%s was reported too long ago to be taken back: that was possible until %s; duban reopen opens it", a.o.Key(), until)
	case !may:
		return problem.Refuse("", "%s was accepted: only its supervisor opens it again, by duban reopen", a.o.Key())
	}
	a.o.State, a.o.ReportedAt, a.o.ClosedAt, a.o.Reason = ledger.StateOpen, time.Time{}, time.Time{}, a.in.Reason
	if err := a.recount(); err != nil {
		return err
	}
	return a.tell().ofRetraction()
}

func (a *action) progress() error {
	if err := a.want(ledger.StateOpen, ledger.StateReported); err != nil {
		return err
	}
	if a.in.Note == "" {
		return problem.Refuse("note", "say how far it has come: add --note")
	}
	a.in.Reason = a.in.Note
	return nil
}

// Urged is what an urging came to.
type Urged struct {
	Unit  string
	Day   calendar.Date        // its letter leaves
	Fresh []*ledger.Occurrence // that were put into it
	Again []*ledger.Occurrence // that were in it
}

// Urge puts open occurrences into letters to the units that have them, one a unit.
func (d *Desk) Urge(ctx context.Context, keys []string, in Act) (out []Urged, err error) {
	return d.urge(ctx, in, func(tx ledger.Tx, v engine.View) (all []*ledger.Occurrence, err error) {
		for _, key := range keys {
			o, err := tx.Find(tx.Context(), key)
			if err != nil {
				return nil, err
			}
			a := newAction(tx, v, o, in)
			if err := a.want(ledger.StateOpen); err != nil {
				return nil, err
			}
			if !o.PausedOn.IsZero() {
				return nil, problem.Refuse("", "%s is paused: resume it first", o.Key())
			}
			all = append(all, o)
		}
		return all, nil
	})
}

// UrgeUnit urges all that a unit has open; light: only what has that light.
func (d *Desk) UrgeUnit(ctx context.Context, unit string, light rules.Light, in Act) (out []Urged, err error) {
	return d.urge(ctx, in, func(tx ledger.Tx, v engine.View) ([]*ledger.Occurrence, error) {
		if _, err := v.Rules.FindUnit(unit); err != nil {
			return nil, err
		}
		all, err := ledger.AllOccurrences(tx.Context(), tx, ledger.Query{Unit: unit, States: []ledger.State{ledger.StateOpen}})
		all = slices.DeleteFunc(all, func(o *ledger.Occurrence) bool {
			return !o.PausedOn.IsZero() || light != "" && v.Light(o) != light || v.Obligation(o) == nil
		})
		if err == nil && len(all) == 0 {
			err = problem.Refuse("unit", "%s has nothing open that could be urged", unit)
		}
		return all, err
	})
}

func (d *Desk) urge(ctx context.Context, in Act, which func(ledger.Tx, engine.View) ([]*ledger.Occurrence, error)) (out []Urged, err error) {
	if in.Note == "" {
		in.Note = in.Reason
	}
	if err := in.check(); err != nil {
		return nil, err
	}
	err = d.ledger.Update(ctx, func(tx ledger.Tx) error {
		v := d.view()
		all, err := which(tx, v)
		if err != nil {
			return err
		}
		out = nil
		for _, of := range byUnit(all) {
			u, err := urgeUnit(tx, v, of, in)
			if err != nil {
				return err
			}
			out = append(out, u)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	for _, u := range out {
		d.log.Info().Str("unit", u.Unit).Int("items", len(u.Fresh)).Stringer("day", u.Day).Msg("urged")
	}
	return out, nil
}

// byUnit parts occurrences by unit, each once, in the order in which they come.
func byUnit(all []*ledger.Occurrence) (out [][]*ledger.Occurrence) {
	at, seen := map[string]int{}, map[int64]bool{}
	for _, o := range all {
		if seen[o.ID] {
			continue
		}
		seen[o.ID] = true
		i, known := at[o.Unit]
		if !known {
			i = len(out)
			at[o.Unit], out = i, append(out, nil)
		}
		out[i] = append(out[i], o)
	}
	return out
}

func urgeUnit(tx ledger.Tx, v engine.View, all []*ledger.Occurrence, in Act) (Urged, error) {
	out := Urged{Unit: all[0].Unit}
	unit, err := v.Rules.FindUnit(out.Unit)
	if err != nil {
		return out, err
	}
	if out.Day, out.Fresh, err = engine.Urge(tx, v, unit, all, engine.Urging{By: in.By, Note: in.Note}); err != nil {
		return out, err
	}
	for _, o := range all {
		if !slices.Contains(out.Fresh, o) {
			out.Again = append(out.Again, o)
			continue
		}
		e := v.Entry(in.By)
		e.Action, e.Subject, e.Reason = "urged", o.Subject(), in.Note
		e.Before, e.After = o.Snapshot(), o.Snapshot()
		if err := tx.Journal(e); err != nil {
			return out, err
		}
	}
	return out, nil
}
