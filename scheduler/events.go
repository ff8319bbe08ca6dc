package scheduler

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"duban/ledger"
	"duban/rules"
	"duban/rules/calendar"
	"duban/rules/problem"
)

// AddEvent records something that starts clocks, and starts them. The same key
// twice is one event: added tells whether it is new.
func (s *Scheduler) AddEvent(ctx context.Context, e *ledger.Event, by string) (started []*ledger.Occurrence, added bool, err error) {
	e.Recorded = s.Clock()
	if e.Key == "" {
		e.Key = e.Day.String()
	}
	if err := s.checkEvent(e); err != nil {
		return nil, false, err
	}
	err = s.Ledger.Update(ctx, func(tx ledger.Tx) error {
		known, err := tx.Events(tx.Context(), ledger.EventQuery{Name: e.Name, Unit: e.Unit, Key: e.Key})
		if err != nil {
			return err
		}
		switch {
		case len(known) == 0:
			added = true
			if err := tx.AddEvent(e, entry(e.Recorded, by)); err != nil {
				return err
			}
		case !known[0].Withdrawn.IsZero(): // a correction where the date is another
			added = true
			e.ID = known[0].ID
			if err := tx.RecordAgain(known[0], e, entry(e.Recorded, by)); err != nil {
				return err
			}
		case known[0].Day != e.Day:
			return refuse("key", "the event %s of %s with the key %q is recorded for %s: withdraw it first, or give --key for another", e.Name, e.Unit, e.Key, known[0].Day)
		default:
			*e = *known[0]
		}
		if added {
			if err := s.startClocks(tx, e, by); err != nil {
				return err
			}
		}
		started, err = tx.StartedBy(tx.Context(), e.ID)
		return err
	})
	if err == nil && added {
		s.Log.Info().Str("event", e.Name).Str("unit", e.Unit).Str("key", e.Key).Int("started", len(started)).Msg("event recorded")
	}
	return started, added, err
}

// FreeEventKey is a key for another event of that name, unit and day: the day,
// or DAY-2, DAY-3 where that is taken.
func (s *Scheduler) FreeEventKey(ctx context.Context, name, unit string, day calendar.Date) (string, error) {
	for key, n := day.String(), 2; ; key, n = fmt.Sprintf("%s-%d", day, n), n+1 {
		known, err := s.Ledger.Events(ctx, ledger.EventQuery{Name: name, Unit: unit, Key: key})
		if err != nil || len(known) == 0 {
			return key, err
		}
	}
}

func (s *Scheduler) startClocks(tx ledger.Tx, e *ledger.Event, by string) error {
	for _, ob := range s.startedBy(e.Name, e.Unit) {
		if !ob.Counts(e.Day) {
			continue
		}
		rule, err := tx.Rule(ob, e.Recorded)
		if err != nil {
			return err
		}
		if err := s.startClock(tx, ob, e, rule, entry(e.Recorded, by)); err != nil {
			return err
		}
	}
	return s.followAll(tx, e, by)
}

// startClock makes the occurrence of one obligation that an event starts.
func (s *Scheduler) startClock(tx ledger.Tx, ob *rules.Obligation, e *ledger.Event, rule int64, entry ledger.Entry) error {
	from := source{event: e.ID}
	period, err := freePeriod(tx, ob, e.Unit, e.Key, e.Name, from)
	if err != nil {
		return err
	}
	return s.make(tx, ob, e.Unit, ob.At(period, e.Day), rule, from, entry)
}

// followAll brings the successors of what an event started, and was closed, to
// what the event says.
func (s *Scheduler) followAll(tx ledger.Tx, e *ledger.Event, by string) error {
	started, err := tx.StartedBy(tx.Context(), e.ID)
	if err != nil {
		return err
	}
	c := chain{s, tx, s.Clock(), by, nil}
	for _, o := range started {
		if o.State != ledger.StateClosed {
			continue
		}
		if err := c.follow(o); err != nil {
			return err
		}
	}
	return nil
}

// startedBy are the obligations of the unit that an event of that name starts.
func (s *Scheduler) startedBy(name, unit string) []*rules.Obligation {
	var out []*rules.Obligation
	for _, p := range s.Rules().Plans {
		for _, o := range p.Obligations {
			if o.Cadence.Kind == rules.ByEvent && o.Cadence.Value == name && o.Owes(unit) {
				out = append(out, o)
			}
		}
	}
	return out
}

// checkEvent refuses what would start nothing or could not be named.
func (s *Scheduler) checkEvent(e *ledger.Event) error {
	if s.Rules().Unit(e.Unit) == nil {
		var ids []string
		for _, u := range s.Rules().Units {
			ids = append(ids, u.ID)
		}
		return refuse("unit", "no unit %.60q%s", e.Unit, problem.DidYouMean(e.Unit, ids))
	}
	if strings.ContainsAny(e.Key, "/ \t") || len(e.Key) > 100 || rules.CheckLine(e.Key) != nil {
		return refuse("key", "the key %.60q becomes part of occurrence ids: use up to 100 characters without / and spaces", e.Key)
	}
	if err := rules.CheckLine(e.Title); err != nil {
		return refuse("title", "the title %w", err)
	}
	if today := s.today(e.Recorded); e.Day > today {
		return refuse("date", "%s has not come yet: record an event when it has happened", e.Day)
	}
	var names []string
	for _, p := range s.Rules().Plans {
		for _, o := range p.Obligations {
			if o.Cadence.Kind == rules.ByEvent && !slices.Contains(names, o.Cadence.Value) {
				names = append(names, o.Cadence.Value)
			}
		}
	}
	if !slices.Contains(names, e.Name) {
		return refuse("name", "no obligation starts from an event %q%s: the plans know %s", e.Name, problem.DidYouMean(e.Name, names), strings.Join(names, ", "))
	}
	started := s.startedBy(e.Name, e.Unit)
	if len(started) == 0 {
		return refuse("unit", "no obligation of %s starts from an event %q", e.Unit, e.Name)
	}
	if !slices.ContainsFunc(started, func(o *rules.Obligation) bool { return o.Counts(e.Day) }) {
		starts, ends := started[0].Span()
		return refuse("date", "%s is outside the time that %s counts: %s to %s", e.Day, started[0].ID, starts, ends)
	}
	return nil
}

// WithdrawEvent says that an event did not count; the open occurrences that it
// started are cancelled.
func (s *Scheduler) WithdrawEvent(ctx context.Context, key, reason, by string) (*ledger.Event, error) {
	if reason == "" {
		return nil, refuse("reason", "say why: add --reason")
	}
	if err := rules.CheckNote(reason); err != nil {
		return nil, refuse("reason", "--reason %w", err)
	}
	now := s.Clock()
	var e *ledger.Event
	err := s.Ledger.Update(ctx, func(tx ledger.Tx) error {
		var err error
		if e, err = findEvent(ctx, tx, key); err != nil {
			return err
		}
		e.Withdrawn, e.Reason = now, reason
		if err := tx.WithdrawEvent(e, entry(now, by)); err != nil {
			return err
		}
		started, err := tx.StartedBy(tx.Context(), e.ID)
		if err != nil {
			return err
		}
		for _, o := range started {
			if o.State != ledger.StateOpen && o.State != ledger.StateReported {
				continue
			}
			if err := s.cancel(tx, o, withdrawn(reason), entry(now, by)); err != nil {
				return err
			}
		}
		return s.followAll(tx, e, by)
	})
	if err == nil {
		s.Log.Info().Str("event", e.Name).Str("unit", e.Unit).Str("key", e.Key).Msg("event withdrawn")
	}
	return e, err
}

// findEvent takes KEY, or NAME/UNIT/KEY where several have that key.
func findEvent(ctx context.Context, tx ledger.Tx, key string) (*ledger.Event, error) {
	q := ledger.EventQuery{Key: key}
	if parts := strings.Split(key, "/"); len(parts) == 3 {
		q = ledger.EventQuery{Name: parts[0], Unit: parts[1], Key: parts[2]}
	}
	found, err := tx.Events(tx.Context(), q)
	if err != nil {
		return nil, err
	}
	found = slices.DeleteFunc(found, func(e *ledger.Event) bool { return !e.Withdrawn.IsZero() })
	switch len(found) {
	case 0:
		return nil, refuse("key", "no event with the key %q is in force: duban event list shows them", key)
	case 1:
		return found[0], nil
	}
	names := make([]string, len(found))
	for i, e := range found {
		names[i] = e.Name + "/" + e.Unit + "/" + e.Key
	}
	return nil, refuse("key", "several events have the key %q: say which: %s", key, strings.Join(names, " or "))
}
