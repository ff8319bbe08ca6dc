package scheduler

import (
	"context"
	"fmt"
	"sync"
	"time"

	"duban/ledger"
)

// Observer hears what the scheduler does, for figures. Its methods may be called
// from many goroutines.
type Observer interface {
	Ticked(took time.Duration, err error)
	Tried(outcome string) // sent, partly sent, retry or failed
}

// stuck is how long a loop may go without turning; each turns at least every
// 15 s, and no step of a mail takes longer than its timeout.
const stuck = 3 * time.Minute

// overdueTick is how long after its time a tick may still be on its way.
const overdueTick = 2 * time.Minute

// health is when the loops last turned.
type health struct {
	mu       sync.Mutex
	tick     time.Time // the tick loop turned
	delivery time.Time // the outbox was looked at, or a mail got somewhere
	ticked   time.Time // a tick went well
	next     time.Time // the next one is due
	started  chan struct{}
}

func (h *health) beat(which *time.Time, now time.Time) {
	h.mu.Lock()
	defer h.mu.Unlock()
	*which = now
}

// Started is closed when the daemon has evaluated for the first time. It runs
// once.
func (s *Scheduler) Started() <-chan struct{} { return s.health.started }

// LastTick is when the last tick went well, and NextTick when the next is due;
// zero: there was none yet.
func (s *Scheduler) LastTick() time.Time {
	s.health.mu.Lock()
	defer s.health.mu.Unlock()
	return s.health.ticked
}

// NextTick is when the next tick is due.
func (s *Scheduler) NextTick() time.Time {
	s.health.mu.Lock()
	defer s.health.mu.Unlock()
	return s.health.next
}

// Alive tells whether ticks and delivery turn; the error says which does not.
func (s *Scheduler) Alive(now time.Time) error {
	s.health.mu.Lock()
	defer s.health.mu.Unlock()
	for _, loop := range []struct {
		name string
		last time.Time
	}{{"ticks", s.health.tick}, {"delivery", s.health.delivery}} {
		switch {
		case loop.last.IsZero():
			return fmt.Errorf("%s: not started", loop.name)
		case now.Sub(loop.last) > stuck:
			return fmt.Errorf("%s: nothing has moved since %s", loop.name, loop.last.Format(time.RFC3339))
		}
	}
	return nil
}

// Ready tells whether duban does its work: the ledger can be written and ticks
// come when they are due. The error says what is wrong.
func (s *Scheduler) Ready(ctx context.Context) error {
	now := s.Clock()
	last, next := s.LastTick(), s.NextTick()
	switch {
	case last.IsZero():
		return fmt.Errorf("no tick has gone well yet")
	case now.Sub(next) > overdueTick:
		return fmt.Errorf("the tick of %s has not gone well; the last that did was at %s", next.Format(time.RFC3339), last.Format(time.RFC3339))
	}
	err := s.Ledger.Rehearse(ctx, func(tx *ledger.Tx) error { return tx.SetFact("ready", now.String()) })
	if err != nil {
		return fmt.Errorf("the ledger cannot be written: %w", err)
	}
	return nil
}
