package scheduler

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/rs/zerolog"

	"duban/ledger"
	"duban/scheduler/delivery"
)

// stuck is how long a loop may go without turning; each turns at least every
// 15 s. A mail in hand may take longer: a server has ten minutes for its last
// answer (RFC 5321, 4.5.3.2.6).
const (
	stuck       = 3 * time.Minute
	stuckInHand = stuck + 10*time.Minute
)

// overdueTick is how long after its time a tick may still be on its way.
const overdueTick = 2 * time.Minute

// Health is how the daemon is: when its loops last turned, and what came of it.
type Health struct {
	ledger  ledger.Store
	courier *delivery.Courier
	role    *Role
	clock   Clock
	log     zerolog.Logger
	started chan struct{}

	mu       sync.Mutex
	tick     time.Time            // the tick loop turned
	delivery map[string]time.Time // by channel: the outbox was looked at, or a notice got somewhere
	ticked   time.Time            // a tick went well
	next     time.Time            // the next one is due

	tickErr     error            // of the last tick
	deliveryErr map[string]error // by channel: of its last round of the outbox

	probe         sync.Mutex
	probed        time.Time // the ledger was written to, to see whether that works
	probeErr      error     // what came of it
	gone, rescued bool      // the ledger's file is not where it was; what it held is kept
}

func newHealth(l ledger.Store, c *delivery.Courier, role *Role, clock Clock, log zerolog.Logger) *Health {
	return &Health{
		ledger: l, courier: c, role: role, clock: clock, log: log, started: make(chan struct{}),
		delivery: map[string]time.Time{}, deliveryErr: map[string]error{},
	}
}

// ticks notes that the tick loop turns, delivers that the delivery by a channel does.
func (h *Health) ticks() { h.beat(&h.tick, h.clock()) }

func (h *Health) delivers(channel string) {
	now := h.clock()
	h.mu.Lock()
	defer h.mu.Unlock()
	h.delivery[channel] = now
}

func (h *Health) beat(which *time.Time, now time.Time) {
	h.mu.Lock()
	defer h.mu.Unlock()
	*which = now
}

// tickFails keeps what the last tick came to, deliveryFails what the last round of a
// channel did.
func (h *Health) tickFails(err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.tickErr = err
}

func (h *Health) deliveryFails(channel string, err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.deliveryErr[channel] = err
}

// Started is closed when the daemon has evaluated for the first time. It runs
// once.
func (h *Health) Started() <-chan struct{} { return h.started }

// LastTick is when the last tick went well; zero: none has yet.
func (h *Health) LastTick() time.Time {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.ticked
}

// NextTick is when the next tick is due.
func (h *Health) NextTick() time.Time {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.next
}

// Alive tells whether ticks and delivery turn; the error says which does not.
func (h *Health) Alive() error {
	now := h.clock()
	h.mu.Lock()
	defer h.mu.Unlock()
	type loop struct {
		name     string
		last     time.Time
		patience time.Duration
	}
	loops := []loop{{"ticks", h.tick, stuck}}
	for _, lane := range h.courier.Lanes() {
		patience := stuck
		if lane.InHand() > 0 {
			patience = stuckInHand
		}
		loops = append(loops, loop{called("delivery", lane.Name()), h.delivery[lane.Name()], patience})
	}
	for _, loop := range loops {
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
func (h *Health) Ready(ctx context.Context) error {
	now := h.clock()
	if err := h.ledger.Present(); err != nil {
		return err
	}
	if err := errors.Join(h.role.well(), h.works(now)); err != nil {
		return err
	}
	return h.probeLedger(ctx, now)
}

// works tells whether the last tick, if this daemon is the one that ticks, and the last
// round went well.
func (h *Health) works(now time.Time) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	switch {
	case !h.role.Evaluates():
	case h.tickErr != nil:
		return fmt.Errorf("the last tick failed: %w", h.tickErr)
	case h.ticked.IsZero():
		return fmt.Errorf("no tick has gone well yet")
	case now.Sub(h.next) > overdueTick:
		return fmt.Errorf("the tick of %s has not gone well; the last that did was at %s", h.next.Format(time.RFC3339), h.ticked.Format(time.RFC3339))
	}
	for _, lane := range h.courier.Lanes() {
		if err := h.deliveryErr[lane.Name()]; err != nil {
			return fmt.Errorf("%s is interrupted: %w", called("delivery", lane.Name()), err)
		}
	}
	return nil
}

// called names the channel that is meant, where it is not mail.
func called(what, channel string) string {
	if channel == ledger.ByMail {
		return what
	}
	return what + " by " + channel
}

// probeEvery is how often a probe commits to the ledger, however often it is
// asked for.
const probeEvery = 10 * time.Second

const factProbed = "probed" // when a probe last committed

// probeLedger commits something small: a disk that is full takes a transaction
// and refuses its commit.
func (h *Health) probeLedger(ctx context.Context, now time.Time) error {
	h.probe.Lock()
	defer h.probe.Unlock()
	if since := now.Sub(h.probed); since >= 0 && since < probeEvery {
		return h.probeErr
	}
	var err error
	if file, ok := h.ledger.(ledger.File); ok {
		err = file.Room()
	}
	if err == nil {
		err = h.ledger.Update(ctx, func(tx ledger.Tx) error { return tx.SetFact(factProbed, now.UTC().Format(time.RFC3339)) })
	}
	if err != nil {
		err = fmt.Errorf("the ledger cannot be written: %w", err)
	}
	h.probed, h.probeErr = now, err
	return err
}

// watchLedger notices that the ledger's file is gone from its place. What is
// open can still be read until the daemon ends: it is kept in a file beside, as
// soon as there is room for one.
func (h *Health) watchLedger(ctx context.Context) {
	file, ok := h.ledger.(ledger.File)
	err := h.ledger.Present()
	if err == nil || h.rescued || !ok {
		return
	}
	kept, failed := file.Rescue(ctx, h.clock())
	if h.rescued = failed == nil; h.rescued {
		h.log.Error().Err(err).Str("kept", kept).Msg("the ledger is gone; what it held is kept: stop duban, duban restore that file, and start it again")
	} else if !h.gone {
		h.log.Error().Err(err).AnErr("rescue", failed).Msg("the ledger is gone; what it held is kept as soon as that is possible, if duban goes on until then")
	}
	h.gone = true
}
