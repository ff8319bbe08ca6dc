package web

import (
	"context"
	"html/template"
	"sync"

	"duban/ledger"
)

// snapshot keeps of every occurrence what the board needs, so that a look at it
// does not read the ledger from end to end. It follows the journal: each change
// of an occurrence is an entry there, also those of commands beside the daemon.
type snapshot struct {
	ledger ledger.Store

	mu    sync.Mutex
	seq   int64 // of the journal, up to which it is true
	rows  []*ledger.Brief
	index map[string]int // by full key
}

func newSnapshot(l ledger.Store) *snapshot { return &snapshot{ledger: l} }

// reload is so many changes that reading all is quicker.
const reload = 5000

// look brings the snapshot up to date and calls f with it; seq changes when it
// does. f must not keep the rows.
func (s *snapshot) look(ctx context.Context, f func(rows []*ledger.Brief, seq int64) error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.refresh(ctx); err != nil {
		return err
	}
	return f(s.rows, s.seq)
}

func (s *snapshot) refresh(ctx context.Context) error {
	last, err := s.ledger.LastEntry(ctx) // first: what changes from here on comes again
	if err != nil || last == s.seq && s.index != nil {
		return err
	}
	changed := map[string]bool{}
	if s.index != nil && last-s.seq < reload {
		err := s.ledger.EntriesSince(ctx, s.seq, func(e ledger.Entry) error {
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
			s.put(b)
		}
		s.seq = last
		return nil
	}
	s.rows, s.index = nil, map[string]int{}
	if err := s.ledger.Briefs(ctx, s.put); err != nil {
		s.index = nil
		return err
	}
	s.seq = last
	return nil
}

func (s *snapshot) put(b *ledger.Brief) {
	key := b.FullKey()
	if i, ok := s.index[key]; ok {
		s.rows[i] = b
		return
	}
	s.index[key] = len(s.rows)
	s.rows = append(s.rows, b)
}

// fragments are parts of pages that were made a moment ago. What decides how
// they look is in the stamp; another stamp empties all.
type fragments struct {
	mu    sync.Mutex
	stamp any
	made  map[string]template.HTML
}

// mostFragments bounds what is kept; there are so many ways to filter a board.
const mostFragments = 200

func newFragments() *fragments { return &fragments{made: map[string]template.HTML{}} }

// get is the part of that name, made by f if need be.
func (c *fragments) get(stamp any, name string, f func() (template.HTML, error)) (template.HTML, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.stamp != stamp || len(c.made) > mostFragments {
		c.stamp = stamp
		clear(c.made)
	}
	if part, ok := c.made[name]; ok {
		return part, nil
	}
	part, err := f()
	if err == nil {
		c.made[name] = part
	}
	return part, err
}
