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

// AddEvent records something that starts clocks, and starts them. The same key
// twice is one event: added tells whether it is new.
func (d *Desk) AddEvent(ctx context.Context, e *ledger.Event, by string) (started []*ledger.Occurrence, added bool, err error) {
	v := d.view()
	e.Recorded = v.Now
	if e.Key == "" {
		e.Key = e.Day.String()
	}
	if err := checkEvent(v, e); err != nil {
		return nil, false, err
	}
	err = d.ledger.Update(ctx, func(tx ledger.Tx) error {
		added = false
		known, err := ledger.AllEvents(tx.Context(), tx, ledger.EventQuery{Name: e.Name, Unit: e.Unit, Key: e.Key})
		if err != nil {
			return err
		}
		switch {
		case len(known) == 0:
			added = true
			if err := tx.AddEvent(e, v.Entry(by)); err != nil {
				return err
			}
		case !known[0].Withdrawn.IsZero(): // a correction where the date is another
			added = true
			e.ID = known[0].ID
			if err := tx.RecordAgain(known[0], e, v.Entry(by)); err != nil {
				return err
			}
		case known[0].Day != e.Day:
			return problem.Refuse("key", "the event %s of %s with the key %q is recorded for %s: withdraw it first, or give --key for another", e.Name, e.Unit, e.Key, known[0].Day)
		default:
			*e = *known[0]
		}
		if added {
			if err := engine.StartClocks(tx, v, e, by); err != nil {
				return err
			}
		}
		started, err = tx.StartedBy(tx.Context(), e.ID)
		return err
	})
	if err == nil && added {
		d.log.Info().Str("event", e.Name).Str("unit", e.Unit).Str("key", e.Key).Int("started", len(started)).Msg("event recorded")
	}
	return started, added, err
}

// FreeEventKey is a key for another event of that name, unit and day: the day,
// or DAY-2, DAY-3 where that is taken.
func (d *Desk) FreeEventKey(ctx context.Context, name, unit string, day calendar.Date) (string, error) {
	for key, n := day.String(), 2; ; key, n = fmt.Sprintf("%s-%d", day, n), n+1 {
		known, err := ledger.AllEvents(ctx, d.ledger, ledger.EventQuery{Name: name, Unit: unit, Key: key})
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
		return problem.Refuse("unit", "no unit %.60q%s", e.Unit, problem.DidYouMean(e.Unit, ids))
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
	var names []string
	for _, p := range v.Rules.InForce() {
		for _, o := range p.Obligations {
			if o.Cadence.Kind == rules.ByEvent && !slices.Contains(names, o.Cadence.Value) {
				names = append(names, o.Cadence.Value)
			}
		}
	}
	if !slices.Contains(names, e.Name) {
		return problem.Refuse("name", "no obligation starts from an event %q%s: the plans know %s", e.Name, problem.DidYouMean(e.Name, names), strings.Join(names, ", "))
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
	found = slices.DeleteFunc(found, func(e *ledger.Event) bool { return !e.Withdrawn.IsZero() })
	switch len(found) {
	case 0:
		return nil, problem.Refuse("key", "no event with the key %q is in force: duban event list shows them", key)
	case 1:
		return found[0], nil
	}
	names := make([]string, len(found))
	for i, e := range found {
		names[i] = e.Name + "/" + e.Unit + "/" + e.Key
	}
	return nil, problem.Refuse("key", "several events have the key %q: say which: %s", key, strings.Join(names, " or "))
}
