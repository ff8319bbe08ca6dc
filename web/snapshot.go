package web

import (
	"context"
	"encoding/json"
	"fmt"
	"html/template"
	"maps"
	"slices"
	"sync"
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
	index  map[string]int // of the latest picture's rows by full key; the maker's own
}

// picture is how the ledger stood at an entry of its journal.
type picture struct {
	seq   int64
	rows  []*ledger.Brief        // what goes on, in no order
	ended map[int][]ledger.Ended // what has ended, by the month it was due in (monthOf)
}

func newSnapshot(l ledger.Store) *snapshot { return &snapshot{ledger: l} }

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
		if old := s.latest.Load(); old != nil && s.index != nil && last-old.seq < reload {
			next = &picture{last, slices.Clone(old.rows), maps.Clone(old.ended)}
			if all, err := s.follow(ctx, r, next, old.seq); err != nil || !all {
				return err
			}
		}
		next, s.index = &picture{seq: last, ended: map[int][]ledger.Ended{}}, map[string]int{}
		if err := r.Ongoing(ctx, func(b *ledger.Brief) { s.put(next, b) }); err != nil {
			return err
		}
		return r.CountEnded(ctx, ledger.EndedQuery{Monthly: true}, next.count)
	})
	if err != nil {
		s.index = nil // half followed: all is read again
		return nil, err
	}
	s.latest.Store(next)
	return next, nil
}

func (p *picture) count(e ledger.Ended) {
	m := monthOf(e.Due)
	p.ended[m] = append(p.ended[m], e)
}

// follow brings in what the journal tells of since an entry; all: it tells of more
// than single occurrences, so all is to be read.
func (s *snapshot) follow(ctx context.Context, r ledger.Reader, p *picture, since int64) (all bool, err error) {
	changed, months := map[string]bool{}, map[int]calendar.Date{}
	err = r.EntriesSince(ctx, since, func(e ledger.Entry) error {
		switch e.Subject.Kind {
		case ledger.AboutOccurrence:
			changed[e.Subject.Ref] = true
			if due := dueBefore(e); due != 0 {
				months[monthOf(due)] = due
			}
		case ledger.AboutLedger, ledger.AboutPlan:
			all = all || !e.OnlyRows()
		}
		return nil
	})
	if err != nil || all {
		return all, err
	}
	for key := range changed {
		b, err := r.Brief(ctx, key)
		if err != nil {
			return false, err
		}
		if b.State.Ended() {
			months[monthOf(b.Due)] = b.Due
			s.drop(p, key)
		} else {
			s.put(p, b)
		}
	}
	for m, due := range months {
		if due == calendar.Last { // nobody can tell where it was counted
			return true, nil
		}
		delete(p.ended, m)
		first := due - calendar.Date(due.Day()-1)
		if err := r.CountEnded(ctx, ledger.EndedQuery{DueFrom: first, DueTo: lastOfMonth(first), Monthly: true}, p.count); err != nil {
			return false, err
		}
	}
	return false, nil
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

func (s *snapshot) put(p *picture, b *ledger.Brief) {
	key := b.FullKey()
	if i, ok := s.index[key]; ok {
		p.rows[i] = b
		return
	}
	s.index[key] = len(p.rows)
	p.rows = append(p.rows, b)
}

func (s *snapshot) drop(p *picture, key string) {
	i, ok := s.index[key]
	if !ok {
		return
	}
	last := len(p.rows) - 1
	p.rows[i] = p.rows[last]
	s.index[p.rows[i].FullKey()] = i
	p.rows[last] = nil
	p.rows = p.rows[:last]
	delete(s.index, key)
}

// fragments are parts of pages that were made a moment ago. What decides how
// they look is in the stamp; another stamp empties all. Those who want the same
// part share its making; nobody waits for another's.
type fragments struct {
	making singleflight.Group

	mu    sync.Mutex
	stamp any
	made  map[string]template.HTML
}

// mostFragments bounds what is kept; there are so many ways to filter a board.
const mostFragments = 200

func newFragments() *fragments { return &fragments{made: map[string]template.HTML{}} }

// get is the part of that name, made by f if need be.
func (c *fragments) get(stamp any, name string, f func() (template.HTML, error)) (template.HTML, error) {
	if part, ok := c.kept(stamp, name); ok {
		return part, nil
	}
	made, err, _ := c.making.Do(fmt.Sprint(stamp, name), func() (any, error) {
		part, err := f()
		if err == nil {
			c.keep(stamp, name, part)
		}
		return part, err
	})
	return made.(template.HTML), err
}

func (c *fragments) kept(stamp any, name string) (template.HTML, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.stamp != stamp {
		return "", false
	}
	part, ok := c.made[name]
	return part, ok
}

func (c *fragments) keep(stamp any, name string, part template.HTML) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.stamp != stamp || len(c.made) > mostFragments {
		c.stamp = stamp
		clear(c.made)
	}
	c.made[name] = part
}
