// Package delivery takes notices from the outbox to whom they are for, by mail and
// by what other channels there are: each at least once, as the same bytes when it
// may have arrived, only while the window is open, and only while what it says is
// true. Channels know nothing of each other: each has its own pace, its own tries,
// and a breaker of its own.
//
//	delivery.go   the courier
//	lane.go       one channel of it: its pace, its breaker, and when it runs
//	round.go      one run of the outbox: a feeder, workers, a settler
//	claim.go      a notice is made true, and durable before its first byte leaves
//	compose.go    its bytes
//	outcome.go    what an answer makes of it: sent, again later, failed
//	shared.go     several daemons deliver; hand.go: what this one has claimed
//	breaker.go    a server that is down is not asked for every notice
//	bounces.go    mail that came back
package delivery

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/rs/zerolog"

	"duban/ledger"
	"duban/notify"
	"duban/notify/mail"
	"duban/rules/address"
	"duban/scheduler/engine"
)

// Settings says how notices leave.
type Settings struct {
	EnvelopeFrom address.Address  // that bounces go to; zero: From
	MaxPerMinute int              // mails; 0: no limit
	Inbox        mail.Inbox       // of delivery reports; nil: none is read
	Owner        string           // this daemon among those that share the ledger
	Leases       func() time.Time // the clock by which claims last; nil: the view's
	Beside       []Way            // the channels beside mail
}

// Way is a channel by its name in the configuration.
type Way struct {
	Name         string
	Channel      notify.Channel
	MaxPerMinute int // 0: no limit
}

// Courier takes notices from the outbox to whom they are for.
type Courier struct {
	settings Settings
	ledger   ledger.Store
	shared   bool    // by several daemons, all of which deliver
	lanes    []*Lane // mail is the first
	view     func() engine.View
	tried    func(channel, outcome string)
	log      zerolog.Logger
}

// New makes a courier; view is what it goes by at each step of a notice, and
// tried, if not nil, hears of every attempt: sent, partly sent, retry or failed.
func New(s Settings, l ledger.Store, mail notify.Channel, view func() engine.View, tried func(channel, outcome string), log zerolog.Logger) *Courier {
	c := &Courier{settings: s, ledger: l, view: view, tried: tried, log: log}
	_, c.shared = l.(ledger.Shared)
	for _, w := range append([]Way{{ledger.ByMail, mail, s.MaxPerMinute}}, s.Beside...) {
		c.lanes = append(c.lanes, newLane(c, w))
	}
	return c
}

// Lanes are the channels, each of which delivers on its own; mail is the first.
func (c *Courier) Lanes() []*Lane { return c.lanes }

// Tally is what a delivery came to.
type Tally struct {
	Sent, Failed, Retried, Dropped int
}

func (t Tally) plus(u Tally) Tally {
	return Tally{t.Sent + u.Sent, t.Failed + u.Failed, t.Retried + u.Retried, t.Dropped + u.Dropped}
}

// Any tells whether anything came of it.
func (t Tally) Any() bool { return t != Tally{} }

// Deliver sends what may leave by all channels, each at its own pace, until nothing
// more can be sent at present. One delivery by a channel runs at a time.
func (c *Courier) Deliver(ctx context.Context) (Tally, error) {
	tallies, errs := make([]Tally, len(c.lanes)), make([]error, len(c.lanes))
	var all sync.WaitGroup
	for i, l := range c.lanes {
		all.Go(func() { tallies[i], errs[i] = l.Deliver(ctx) })
	}
	all.Wait()
	total, err := c.FailStrays(ctx)
	for _, t := range tallies {
		total = total.plus(t)
	}
	return total, errors.Join(append(errs, err)...)
}

// FailStrays fails what waits for a channel that the configuration no longer has.
func (c *Courier) FailStrays(ctx context.Context) (total Tally, err error) {
	waiting, err := c.ledger.WaitingChannels(ctx)
	if err != nil {
		return total, err
	}
	for _, name := range waiting {
		if slices.ContainsFunc(c.lanes, func(l *Lane) bool { return l.name == name }) {
			continue
		}
		t, err := newLane(c, Way{Name: name, Channel: gone{name}}).Deliver(ctx)
		if total = total.plus(t); err != nil {
			return total, err
		}
	}
	return total, nil
}

// Resume puts what was being sent when a daemon ended back, to go again as it was, and
// tells how much that is: what this one left when it ended last, or, where others share
// the ledger, what one of them left whose lease has ended.
func (c *Courier) Resume(ctx context.Context) (n int, err error) {
	owner := c.settings.Owner
	if c.shared {
		owner = "" // what is this one's own it has in hand
	}
	err = c.ledger.Update(ctx, func(tx ledger.Tx) error {
		n, err = tx.ResumeSending(owner, c.now())
		return err
	})
	return n, err
}

// Bytes are what n would leave as now; nil where nothing in it is true any more.
// What may have arrived already stays as it is.
func (c *Courier) Bytes(ctx context.Context, n *ledger.Notice) ([]byte, error) {
	by := Composer(gone{n.Channel}.Compose)
	for _, l := range c.lanes {
		if l.name == n.Channel {
			by = l.channel.Compose
		}
	}
	return Bytes(ctx, c.ledger, c.view(), by, n)
}

// lease is one that begins now.
func (c *Courier) lease() ledger.Lease {
	lasts := ledger.LongestLease
	if c.shared {
		lasts = claimLasts
	}
	return ledger.Lease{Owner: c.settings.Owner, Until: c.now().Add(lasts)}
}

// envelopeFrom is the address that bounces go to.
func (c *Courier) envelopeFrom() address.Address {
	if c.settings.EnvelopeFrom.IsZero() {
		return c.view().Settings.From
	}
	return c.settings.EnvelopeFrom
}
