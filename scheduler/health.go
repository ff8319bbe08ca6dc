package scheduler

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
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
// 15 s. A mail in hand may take longer: a server has ten minutes for its last
// answer (RFC 5321, 4.5.3.2.6).
const (
	stuck       = 3 * time.Minute
	stuckInHand = stuck + 10*time.Minute
)

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

	tickErr, deliveryErr error // of the last tick, and of the last round of the outbox
	proofErr             error // what the last proof of the ledger found
	probe                sync.Mutex
	probed               time.Time // the ledger was written to, to see whether that works
	probeErr             error     // what came of it
	gone, rescued        bool      // the ledger's file is not where it was; what it held is kept

	sending atomic.Int32 // mails in hand
}

// fails keeps what the last tick or round came to.
func (h *health) fails(which *error, err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	*which = err
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
	delivery := stuck
	if s.health.sending.Load() > 0 {
		delivery = stuckInHand
	}
	for _, loop := range []struct {
		name     string
		last     time.Time
		patience time.Duration
	}{{"ticks", s.health.tick, stuck}, {"delivery", s.health.delivery, delivery}} {
		switch {
		case loop.last.IsZero():
			return fmt.Errorf("%s: not started", loop.name)
		case now.Sub(loop.last) > loop.patience:
			return fmt.Errorf("%s: nothing has moved since %s", loop.name, loop.last.Format(time.RFC3339))
		}
	}
	return nil
}

// Ready tells whether duban does its work: ticks come when they are due and go
// well, what became of mail can be written down, and the ledger is there and
// takes a commit. The error says what is wrong.
func (s *Scheduler) Ready(ctx context.Context) error {
	now := s.Clock()
	last, next := s.LastTick(), s.NextTick()
	s.health.mu.Lock()
	tickErr, deliveryErr := s.health.tickErr, s.health.deliveryErr
	s.health.mu.Unlock()
	if err := s.Ledger.Present(); err != nil {
		return err
	}
	switch {
	case tickErr != nil:
		return fmt.Errorf("the last tick failed: %w", tickErr)
	case last.IsZero():
		return fmt.Errorf("no tick has gone well yet")
	case now.Sub(next) > overdueTick:
		return fmt.Errorf("the tick of %s has not gone well; the last that did was at %s", next.Format(time.RFC3339), last.Format(time.RFC3339))
	case deliveryErr != nil:
		return fmt.Errorf("delivery is interrupted: %w", deliveryErr)
	}
	return s.probeLedger(ctx, now)
}

// probeEvery is how often a probe commits to the ledger, however often it is
// asked for.
const probeEvery = 10 * time.Second

// probeLedger commits something small: a disk that is full takes a transaction
// and refuses its commit.
func (s *Scheduler) probeLedger(ctx context.Context, now time.Time) error {
	h := &s.health
	h.probe.Lock()
	defer h.probe.Unlock()
	if since := now.Sub(h.probed); since >= 0 && since < probeEvery {
		return h.probeErr
	}
	var err error
	if book, ok := s.Ledger.(ledger.File); ok {
		err = book.Room()
	}
	if err == nil {
		err = s.Ledger.Update(ctx, func(tx ledger.Tx) error { return tx.SetFact(factProbed, now.UTC().Format(time.RFC3339)) })
	}
	if err != nil {
		err = fmt.Errorf("the ledger cannot be written: %w", err)
	}
	h.probed, h.probeErr = now, err
	return err
}

const factProbed = "probed" // when a probe last committed

// watchLedger notices that the ledger's file is gone from its place. What is
// open can still be read until the daemon ends: it is kept in a file beside, as
// soon as there is room for one.
func (s *Scheduler) watchLedger(ctx context.Context) {
	h := &s.health
	book, ok := s.Ledger.(ledger.File)
	err := s.Ledger.Present()
	if err == nil || h.rescued || !ok {
		return
	}
	file, failed := book.Rescue(ctx, s.Clock())
	if h.rescued = failed == nil; h.rescued {
		s.Log.Error().Err(err).Str("kept", file).Msg("the ledger is gone; what it held is kept: stop duban, duban restore that file, and start it again")
	} else if !h.gone {
		s.Log.Error().Err(err).AnErr("rescue", failed).Msg("the ledger is gone; what it held is kept as soon as that is possible, if duban goes on until then")
	}
	h.gone = true
}
