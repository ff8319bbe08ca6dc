package figures

import (
	"context"

	"duban/ledger"
	"duban/rules/calendar"
	"duban/scheduler/engine"
)

// Whatever is counted of what was due counts for the unit that had it then (contract,
// section 5): here, by report, in bulletins and by the API. Lamps
// and lists are about who has it now.

// Passed is an occurrence that counts for another unit than that which has it: it was
// transferred after its due date.
type Passed struct {
	*ledger.Occurrence
	Had string // the unit that it counts for
}

// longestExtension is how much earlier what was passed on may have been due than what
// became of it, or later, where a rule has been shortened since.
const longestExtension = 3 * 366

// PassedBy is what was due in some time, both days included, and came to one of these
// units, or went from one, after it was due.
func PassedBy(ctx context.Context, r ledger.Reader, v engine.View, units func(id string) bool, from, to calendar.Date) (out []Passed, err error) {
	seen := map[int64]bool{}
	take := func(o *ledger.Occurrence) error {
		if seen[o.ID] || o.State == ledger.StateCancelled || o.Due < from || o.Due > to {
			return nil
		}
		seen[o.ID] = true
		had, err := engine.HadWhenDue(ctx, r, v, o)
		if err == nil && had != o.Unit {
			out = append(out, Passed{o, had})
		}
		return err
	}
	err = r.EachOccurrence(ctx, ledger.Query{Received: true, DueFrom: from, DueTo: to}, func(o *ledger.Occurrence) error {
		if !units(o.Unit) {
			return nil
		}
		return take(o)
	})
	if err != nil {
		return nil, err
	}
	gone := ledger.Query{HandedOn: true, DueFrom: max(from-longestExtension, calendar.First), DueTo: min(to, calendar.Last-longestExtension) + longestExtension}
	err = r.EachOccurrence(ctx, gone, func(o *ledger.Occurrence) error {
		if !units(o.Unit) {
			return nil
		}
		now, err := engine.Heir(ctx, r, o)
		if err != nil {
			return err
		}
		return take(now)
	})
	return out, err
}
