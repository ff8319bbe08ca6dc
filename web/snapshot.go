package web

import (
	"context"
	"encoding/json"
	"iter"
	"maps"
	"slices"
	"strings"
	"sync/atomic"

	"golang.org/x/sync/singleflight"

	"duban/ledger"
	"duban/rules/calendar"
)

// snapshot keeps what the board needs: the occurrences that go on, and how many
// have ended, so that neither a look at it nor its room grows with what is past. It
// follows the journal: each change of an occurrence is an entry there, also those of
// commands beside the daemon. Nobody waits for who looks: a picture that was made is
// never changed.
type snapshot struct {
	ledger ledger.Store
	latest atomic.Pointer[picture]
	making singleflight.Group
}

// picture is how the ledger stood at an entry of its journal, by unit: of the next
// picture only those units are others of which something changed.
type picture struct {
	seq      int64
	units    map[string]*owing
	reported int // of all units
}

// owing is what a unit owes, and how many it has behind it.
type owing struct {
	rows     []goingOn      // in no order
	ended    []ledger.Ended // what has ended, by month
	reported int            // of the rows
}

func newSnapshot(l ledger.Store) *snapshot { return &snapshot{ledger: l} }

// ongoing is what goes on of all units, in no order.
func (p *picture) ongoing() iter.Seq[ledger.Brief] {
	return func(yield func(ledger.Brief) bool) {
		for id := range p.units {
			for b := range p.of(id) {
				if !yield(b) {
					return
				}
			}
		}
	}
}

// of is what goes on of one unit.
func (p *picture) of(unit string) iter.Seq[ledger.Brief] {
	return func(yield func(ledger.Brief) bool) {
		u := p.units[unit]
		for i := range u.going() {
			if !yield(u.rows[i].brief(unit)) {
				return
			}
		}
	}
}

func (o *owing) going() int {
	if o == nil {
		return 0
	}
	return len(o.rows)
}

// ended are the counts of what has ended, in no order.
func (p *picture) ended() iter.Seq[ledger.Ended] {
	return func(yield func(ledger.Ended) bool) {
		for _, u := range p.units {
			for _, e := range u.ended {
				if !yield(e) {
					return
				}
			}
		}
	}
}

// reload is so many changes that reading all is quicker.
const reload = 5000

// look is how the ledger stands now; seq changes when it does. Nobody may change it.
func (s *snapshot) look(ctx context.Context) (*picture, error) {
	last, err := s.ledger.LastEntry(ctx)
	if err != nil {
		return nil, err
	}
	now := s.latest.Load()
	for now == nil || now.seq < last { // the picture that others are at may be of before
		made, err, _ := s.making.Do("", func() (any, error) { return s.picture(context.WithoutCancel(ctx)) })
		if err != nil {
			return nil, err
		}
		now = made.(*picture)
	}
	return now, nil
}

// picture makes the next one; one at a time.
func (s *snapshot) picture(ctx context.Context) (next *picture, err error) {
	err = s.ledger.View(ctx, func(r ledger.Reader) error {
		last, err := r.LastEntry(ctx)
		if err != nil {
			return err
		}
		if old := s.latest.Load(); old != nil && last-old.seq < reload {
			next = &picture{last, maps.Clone(old.units), old.reported}
			if all, err := next.follow(ctx, r, old); err != nil || !all {
				return err
			}
		}
		next = &picture{last, map[string]*owing{}, 0}
		return next.read(ctx, r)
	})
	if err != nil {
		return nil, err
	}
	s.latest.Store(next)
	return next, nil
}

// read takes all that is there.
func (p *picture) read(ctx context.Context, r ledger.Reader) error {
	unit := func(id string) *owing {
		if p.units[id] == nil {
			p.units[id] = &owing{}
		}
		return p.units[id]
	}
	if err := r.Ongoing(ctx, func(b *ledger.Brief) {
		u := unit(b.Unit)
		u.rows = append(u.rows, goingOnOf(b))
	}); err != nil {
		return err
	}
	for _, u := range p.units {
		u.rows = slices.Clip(slices.Clone(u.rows)) // it stays for long, and had grown
		p.reported += u.countReported()
	}
	return r.CountEnded(ctx, ledger.EndedQuery{Monthly: true}, func(e ledger.Ended) {
		u := unit(e.Unit)
		u.ended = append(u.ended, e)
	})
}

// unitMonth is a month whose counts of a unit are to be read again.
type unitMonth struct {
	unit  string
	first calendar.Date
}

// follow brings in what the journal tells of since another picture; all: it tells of
// more than single occurrences, so all is to be read.
func (p *picture) follow(ctx context.Context, r ledger.Reader, since *picture) (all bool, err error) {
	changed, months := map[string]bool{}, map[unitMonth]bool{}
	err = r.EntriesSince(ctx, since.seq, func(e ledger.Entry) error {
		switch e.Subject.Kind {
		case ledger.AboutOccurrence:
			changed[e.Subject.Ref] = true
			if due := dueBefore(e); due != 0 {
				all = all || due == calendar.Last // nobody can tell where it was counted
				months[unitMonth{unitIn(e.Subject.Ref), due.FirstOfMonth()}] = true
			}
		case ledger.AboutLedger, ledger.AboutPlan:
			all = all || !e.OnlyRows()
		}
		return nil
	})
	if err != nil || all {
		return all, err
	}
	fresh := map[string]*owing{} // those that this picture does not share with the one before
	unit := func(id string) *owing {
		if fresh[id] == nil {
			fresh[id] = &owing{}
			if old := since.units[id]; old != nil {
				fresh[id] = &owing{slices.Clone(old.rows), slices.Clone(old.ended), 0}
				p.reported -= old.reported
			}
			p.units[id] = fresh[id]
		}
		return fresh[id]
	}
	for key := range changed {
		b, err := r.Brief(ctx, key)
		if err != nil {
			return false, err
		}
		if unit(b.Unit).put(b); b.State.Ended() {
			months[unitMonth{b.Unit, b.Due.FirstOfMonth()}] = true
		}
	}
	for m := range months {
		if err := unit(m.unit).recount(ctx, r, m); err != nil {
			return false, err
		}
	}
	for _, u := range fresh {
		p.reported += u.countReported()
	}
	return false, nil
}

func (o *owing) countReported() int {
	o.reported = 0
	for i := range o.rows {
		if o.rows[i].reported {
			o.reported++
		}
	}
	return o.reported
}

// put takes an occurrence as it is now.
func (o *owing) put(b *ledger.Brief) {
	i := slices.IndexFunc(o.rows, func(r goingOn) bool { return r.id == b.ID })
	switch {
	case i < 0 && !b.State.Ended():
		o.rows = append(o.rows, goingOnOf(b))
	case i >= 0 && b.State.Ended():
		o.rows = slices.Delete(o.rows, i, i+1)
	case i >= 0:
		o.rows[i] = goingOnOf(b)
	}
}

// recount reads anew what of a month has ended.
func (o *owing) recount(ctx context.Context, r ledger.Reader, m unitMonth) error {
	o.ended = slices.DeleteFunc(o.ended, func(e ledger.Ended) bool { return monthOf(e.Due) == monthOf(m.first) })
	q := ledger.EndedQuery{Unit: m.unit, DueFrom: m.first, DueTo: lastOfMonth(m.first), Monthly: true}
	return r.CountEnded(ctx, q, func(e ledger.Ended) { o.ended = append(o.ended, e) })
}

// unitIn is whose an occurrence is, by its full key.
func unitIn(fullKey string) string {
	if parts := strings.SplitN(fullKey, "/", 3); len(parts) == 3 {
		return parts[1]
	}
	return ""
}

// dueBefore is when an occurrence was due that had ended before an entry; 0: it had
// not.
func dueBefore(e ledger.Entry) calendar.Date {
	var was struct {
		State ledger.State
		Due   string
	}
	if e.Before == "" || json.Unmarshal([]byte(e.Before), &was) != nil || !was.State.Ended() {
		return 0
	}
	due, err := calendar.ParseDate(was.Due)
	if err != nil {
		return calendar.Last // it could not be read
	}
	return due
}

func lastOfMonth(d calendar.Date) calendar.Date {
	return min(calendar.DateOf(d.Year(), d.Month()+1, 1)-1, calendar.Last)
}
