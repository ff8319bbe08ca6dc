package scheduler

import (
	"context"
	"time"

	"duban/ledger"
)

// What this room's tests do by hand that its loops do by themselves.

type Proof = proof

const (
	ProveEvery      = proveEvery
	ProveWholeEvery = proveWholeEvery
	Stuck           = stuck
	LongestWait     = longestWait
	ProbeEvery      = probeEvery
	FactProbed      = factProbed
)

func (b *Backups) IfDue(ctx context.Context) time.Duration { return b.ifDue(ctx) }

func (p *Proofs) IfDue(ctx context.Context) time.Duration { return p.ifDue(ctx) }

func (p *Proofs) LastOne(ctx context.Context) (Proof, error) { return p.last(ctx) }

func (p *Proofs) Prove(ctx context.Context, last Proof, now time.Time) error {
	return p.prove(ctx, last, now)
}

// Turned notes that both loops did.
func (h *Health) Turned() { h.ticks(); h.delivers(ledger.ByMail) }

// TickLoopTurned notes that one did.
func (h *Health) TickLoopTurned() { h.ticks() }

// Ticked notes a tick that went well, and when the next is due.
func (h *Health) Ticked(next time.Time) {
	h.beat(&h.ticked, h.clock())
	h.beat(&h.next, next)
}

// TickFails notes what the last tick, or the last round of the outbox, came to.
func (h *Health) TickFails(err error) { h.tickFails(err) }

func (h *Health) DeliveryFails(err error) { h.deliveryFails(ledger.ByMail, err) }

// Break is what the system does when it ends a watch.
func (w *Watch) Break() error { return w.w.Close() }

// Asks has proofs ask another ledger.
func (p *Proofs) Asks(l ledger.Store) { p.ledger = l }
