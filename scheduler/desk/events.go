package desk

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"duban/ledger"
	"duban/rules"
	"duban/rules/calendar"
	"duban/rules/problem"
	"duban/scheduler/engine"
)

// Recorded is what became of an event of one unit.
type Recorded struct {
	Event   *ledger.Event
	Started []*ledger.Occurrence
	Added   bool // it is new
}

// AddEvent records something that starts clocks, and starts them. The same key
// twice is one event: added tells whether it is new.
func (d *Desk) AddEvent(ctx context.Context, e *ledger.Event, by string) (started []*ledger.Occurrence, added bool, err error) {
	all, err := d.AddEvents(ctx, e, false, by)
	if err != nil {
		return nil, false, err
	}
	*e = *all[0].Event
	return all[0].Started, all[0].Added, nil
}

// AddEvents records an event of a unit, or where its unit is "@group" of each member
// that owes what it starts: all at once. An event without a key has its day's; another
// says that one of that day may be there, and this is a second one.
func (d *Desk) AddEvents(ctx context.Context, e *ledger.Event, another bool, by string) ([]Recorded, error) {
	v := d.view()
	units, err := eventUnits(v, e)
	if err != nil {
		return nil, err
	}
	var all []Recorded
	err = d.ledger.Update(ctx, func(tx ledger.Tx) error {
		all = nil
		for _, unit := range units {
			one := *e
			one.Unit, one.Recorded = unit, v.Now
			if one.Key == "" {
				one.Key = one.Day.String()
				if another {
					var err error
					if one.Key, err = freeEventKey(tx.Context(), tx, one.Name, unit, one.Day); err != nil {
						return err
					}
				}
			}
			if err := checkEvent(v, &one); err != nil {
				return err
			}
			r, err := addEvent(tx, v, &one, by)
			if err != nil {
				return err
			}
			all = append(all, r)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	for _, r := range all {
		if r.Added {
			d.log.Info().Str("event", r.Event.Name).Str("unit", r.Event.Unit).Str("key", r.Event.Key).Int("started", len(r.Started)).Msg("event recorded")
		}
	}
	return all, nil
}

// eventUnits are those that an event is recorded of.
func eventUnits(v engine.View, e *ledger.Event) ([]string, error) {
	name, isGroup := strings.CutPrefix(e.Unit, "@")
	if !isGroup {
		return []string{e.Unit}, nil
	}
	var names, out []string
	for _, g := range v.Rules.Groups {
		if names = append(names, g.ID); g.ID != name {
			continue
		}
		for _, unit := range g.Members {
			if len(v.StartedBy(e.Name, unit)) > 0 {
				out = append(out, unit)
			}
		}
		if len(out) > 0 {
			return out, nil
		}
		if err := checkEventName(v, e.Name); err != nil {
			return nil, err
		}
		return nil, problem.Refuse("unit", "no obligation of %s starts from an event %q", e.Unit, e.Name)
	}
	return nil, problem.Wrong("unit", "no group %.60q%s", name, problem.DidYouMean(name, names))
}

// addEvent records one, and starts its clocks if it is new.
func addEvent(tx ledger.Tx, v engine.View, e *ledger.Event, by string) (r Recorded, err error) {
	r.Event = e
	known, err := ledger.AllEvents(tx.Context(), tx, ledger.EventQuery{Name: e.Name, Unit: e.Unit, Key: e.Key})
	if err != nil {
		return r, err
	}
	switch {
	case len(known) == 0:
		r.Added = true
		err = tx.AddEvent(e, v.Entry(by))
	case !known[0].Withdrawn.IsZero(): // a correction where the date is another
		r.Added = true
		e.ID = known[0].ID
		err = tx.RecordAgain(known[0], e, v.Entry(by))
	case known[0].Day != e.Day:
		err = problem.Refuse("key", "the event %s of %s with the key %q is recorded for %s: withdraw it first, or give --key for another", e.Name, e.Unit, e.Key, known[0].Day)
	default:
		*e = *known[0]
	}
	if err == nil && r.Added {
		err = engine.StartClocks(tx, v, e, by)
	}
	if err != nil {
		return r, err
	}
	r.Started, err = tx.StartedBy(tx.Context(), e.ID)
	return r, err
}

// freeEventKey is a key for another event of that name, unit and day: the day,
// or DAY-2, DAY-3 where that is taken.
func freeEventKey(ctx context.Context, r ledger.Reader, name, unit string, day calendar.Date) (string, error) {
	for key, n := day.String(), 2; ; key, n = fmt.Sprintf("%s-%d", day, n), n+1 {
		known, err := ledger.AllEvents(ctx, r, ledger.EventQuery{Name: name, Unit: unit, Key: key})
		if err != nil || len(known) == 0 {
			return key, err
		}
	}
}

// checkEvent refuses what would start nothing or could not be named.
func checkEvent(v engine.View, e *ledger.Event) error {
	if v.Rules.Unit(e.Unit) == nil {
		var ids []string
		for _, u := range v.Rules.Units {
			ids = append(ids, u.ID)
		}
		return problem.Wrong("unit", "no unit %.60q%s", e.Unit, problem.DidYouMean(e.Unit, ids))
	}
	if strings.ContainsAny(e.Key, "/ \t") || len(e.Key) > 100 || rules.CheckLine(e.Key) != nil {
		return problem.Refuse("key", "the key %.60q becomes part of occurrence ids: use up to 100 characters without / and spaces", e.Key)
	}
	if err := rules.CheckLine(e.Title); err != nil {
		return problem.Refuse("title", "the title %w", err)
	}
	if today := v.Today(); e.Day > today {
		return problem.Refuse("date", "%s has not come yet: record an event when it has happened", e.Day)
	}
	if err := checkEventName(v, e.Name); err != nil {
		return err
	}
	started := v.StartedBy(e.Name, e.Unit)
	if len(started) == 0 {
		return problem.Refuse("unit", "no obligation of %s starts from an event %q", e.Unit, e.Name)
	}
	if !slices.ContainsFunc(started, func(o *rules.Obligation) bool { return o.Counts(e.Day) }) {
		starts, ends := started[0].Span()
		return problem.Refuse("date", "%s is outside the time that %s counts: %s to %s", e.Day, started[0].ID, starts, ends)
	}
	return nil
}

// checkEventName refuses an event that starts nothing of anybody.
func checkEventName(v engine.View, name string) error {
	var names []string
	for _, p := range v.Rules.InForce() {
		for _, o := range p.Obligations {
			if o.Cadence.Kind == rules.ByEvent && !slices.Contains(names, o.Cadence.Value) {
				names = append(names, o.Cadence.Value)
			}
		}
	}
	if !slices.Contains(names, name) {
		return problem.Wrong("name", "no obligation starts from an event %q%s: the plans know %s", name, problem.DidYouMean(name, names), strings.Join(names, ", "))
	}
	return nil
}

// WithdrawEvent says that an event did not count; the open occurrences that it
// started are cancelled.
func (d *Desk) WithdrawEvent(ctx context.Context, key, reason, by string) (*ledger.Event, error) {
	if reason == "" {
		return nil, problem.Refuse("reason", "say why: add --reason")
	}
	if err := rules.CheckNote(reason); err != nil {
		return nil, problem.Refuse("reason", "--reason %w", err)
	}
	v := d.view()
	var e *ledger.Event
	err := d.ledger.Update(ctx, func(tx ledger.Tx) error {
		var err error
		if e, err = findEvent(ctx, tx, key); err != nil {
			return err
		}
		e.Withdrawn, e.Reason = v.Now, reason
		if err := tx.WithdrawEvent(e, v.Entry(by)); err != nil {
			return err
		}
		return engine.StopClocks(tx, v, e, by)
	})
	if err == nil {
		d.log.Info().Str("event", e.Name).Str("unit", e.Unit).Str("key", e.Key).Msg("event withdrawn")
	}
	return e, err
}

// findEvent takes KEY, or NAME/UNIT/KEY where several have that key.
func findEvent(ctx context.Context, tx ledger.Tx, key string) (*ledger.Event, error) {
	q := ledger.EventQuery{Key: key}
	if parts := strings.Split(key, "/"); len(parts) == 3 {
		q = ledger.EventQuery{Name: parts[0], Unit: parts[1], Key: parts[2]}
	}
	found, err := ledger.AllEvents(tx.Context(), tx, q)
	if err != nil {
		return nil, err
	}
	known := len(found) > 0
	found = slices.DeleteFunc(found, func(e *ledger.Event) bool { return !e.Withdrawn.IsZero() })
	switch {
	case !known:
		return nil, &problem.Error{Code: problem.NotFound, Field: "key", Key: "no event with the key %q is in force: duban event list shows them", Args: []any{problem.Clip(key)}}
	case len(found) == 0:
		return nil, problem.Refuse("key", "the event with the key %q was withdrawn already", problem.Clip(key))
	case len(found) == 1:
		return found[0], nil
	}
	names := make([]string, len(found))
	for i, e := range found {
		names[i] = e.Name + "/" + e.Unit + "/" + e.Key
	}
	return nil, problem.Refuse("key", "several events have the key %q: say which: %s", key, strings.Join(names, " or "))
}
