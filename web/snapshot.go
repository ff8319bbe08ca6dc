package web

import (
	"context"
	"fmt"
	"html/template"
	"slices"
	"sync"
	"sync/atomic"

	"duban/ledger"

	"golang.org/x/sync/singleflight"
)

// snapshot keeps of every occurrence what the board needs, so that a look at it
// does not read the ledger from end to end. It follows the journal: each change
// of an occurrence is an entry there, also those of commands beside the daemon.
// Nobody waits for who looks: a picture that was made is never changed.
type snapshot struct {
	ledger ledger.Store
	latest atomic.Pointer[picture]
	making singleflight.Group
	index  map[string]int // of the latest picture's rows by full key; the maker's own
}

// picture is how the ledger stood at an entry of its journal.
type picture struct {
	seq  int64
	rows []*ledger.Brief
}

func newSnapshot(l ledger.Store) *snapshot { return &snapshot{ledger: l} }

// reload is so many changes that reading all is quicker.
const reload = 5000

// look calls f with how the ledger stands now; seq changes when it does. f must
// not change the rows.
func (s *snapshot) look(ctx context.Context, f func(rows []*ledger.Brief, seq int64) error) error {
	last, err := s.ledger.LastEntry(ctx)
	if err != nil {
		return err
	}
	now := s.latest.Load()
	for now == nil || now.seq < last { // the picture that others are at may be of before
		made, err, _ := s.making.Do("", func() (any, error) { return s.picture(context.WithoutCancel(ctx)) })
		if err != nil {
			return err
		}
		now = made.(*picture)
	}
	return f(now.rows, now.seq)
}

// picture makes the next one; one at a time.
func (s *snapshot) picture(ctx context.Context) (*picture, error) {
	last, err := s.ledger.LastEntry(ctx) // first: what changes from here on comes again
	if err != nil {
		return nil, err
	}
	next := &picture{seq: last}
	if old := s.latest.Load(); old != nil && s.index != nil && last-old.seq < reload {
		next.rows = slices.Clone(old.rows)
		err = s.follow(ctx, next, old.seq)
	} else {
		s.index = map[string]int{}
		err = s.ledger.Briefs(ctx, func(b *ledger.Brief) { s.put(next, b) })
	}
	if err != nil {
		s.index = nil // half followed: all is read again
		return nil, err
	}
	s.latest.Store(next)
	return next, nil
}

// follow brings in what the journal tells of since an entry.
func (s *snapshot) follow(ctx context.Context, p *picture, since int64) error {
	changed := map[string]bool{}
	err := s.ledger.EntriesSince(ctx, since, func(e ledger.Entry) error {
		if e.Subject.Kind == ledger.AboutOccurrence {
			changed[e.Subject.Ref] = true
		}
		return nil
	})
	if err != nil {
		return err
	}
	for key := range changed {
		b, err := s.ledger.Brief(ctx, key)
		if err != nil {
			return err
		}
		s.put(p, b)
	}
	return nil
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
