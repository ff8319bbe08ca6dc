// Package delivery takes notices from the outbox to mailboxes: each at least once,
// as the same bytes when it may have arrived, only while the window is open, and
// only while what it says is true.
//
//	delivery.go   the courier, and when it runs
//	round.go      one run of the outbox: a feeder, workers, a settler
//	claim.go      a notice is made true, and durable before its first byte leaves
//	compose.go    its bytes
//	outcome.go    what an answer makes of it: sent, again later, failed
//	breaker.go    a server that is down is not asked for every notice
//	bounces.go    mail that came back
package delivery

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/rs/zerolog"
	"golang.org/x/time/rate"

	"duban/ledger"
	"duban/notify"
	"duban/notify/mail"
	"duban/rules/address"
	"duban/scheduler/engine"
)

// Settings says how mail leaves.
type Settings struct {
	EnvelopeFrom address.Address // that bounces go to; zero: From
	MaxPerMinute int             // mails; 0: no limit
	Inbox        mail.Inbox      // of delivery reports; nil: none is read
	Owner        string          // this daemon among those that share the ledger
}

// Courier takes notices from the outbox to mailboxes.
type Courier struct {
	settings Settings
	ledger   ledger.Store
	channel  notify.Channel
	view     func() engine.View
	tried    func(outcome string)
	log      zerolog.Logger

	breaker   breaker
	pace      *rate.Limiter // of mails; nil: no limit
	inHand    atomic.Int32  // mails at a connection
	unsettled []result      // outcomes that could not be written: the next round writes them first
}

// New makes a courier; view is what it goes by at each step of a mail, and
// tried, if not nil, hears of every attempt: sent, partly sent, retry or failed.
func New(s Settings, l ledger.Store, channel notify.Channel, view func() engine.View, tried func(outcome string), log zerolog.Logger) *Courier {
	c := &Courier{settings: s, ledger: l, channel: channel, view: view, tried: tried, log: log}
	if s.MaxPerMinute > 0 {
		c.pace = rate.NewLimiter(rate.Limit(float64(s.MaxPerMinute)/60), 1)
	}
	return c
}

// Tally is what a delivery came to.
type Tally struct {
	Sent, Failed, Retried, Dropped int
}

func (t Tally) plus(u Tally) Tally {
	return Tally{t.Sent + u.Sent, t.Failed + u.Failed, t.Retried + u.Retried, t.Dropped + u.Dropped}
}

// Any tells whether anything came of it.
func (t Tally) Any() bool { return t != Tally{} }

// Deliver sends what may leave, until nothing more can be sent at present: the
// outbox is empty, the window closes, the server is in trouble, or ctx ends,
// whereupon the mails in hand have a few seconds. One delivery runs at a time.
func (c *Courier) Deliver(ctx context.Context) (Tally, error) {
	if v := c.view(); !v.MailMayLeave() || c.breaker.open(v.Now) {
		return Tally{}, nil
	}
	if err := c.settleLeft(); err != nil {
		return Tally{}, err
	}
	var total Tally
	for {
		r, err := c.runRound(ctx)
		total = total.plus(r.total)
		if err != nil || !r.stale.Load() || ctx.Err() != nil {
			return total, err
		}
	}
}

// settleLeft writes the outcomes that an earlier round could not write. Until
// that is done nothing more is sent.
func (c *Courier) settleLeft() error {
	if len(c.unsettled) == 0 {
		return nil
	}
	if err := (&round{c: c}).write(c.unsettled); err != nil {
		return err
	}
	c.unsettled = nil
	return nil
}

// Settled tells whether all outcomes are written; for the caller of Deliver.
func (c *Courier) Settled() bool { return len(c.unsettled) == 0 }

// InHand is how many mails are at a connection.
func (c *Courier) InHand() int { return int(c.inHand.Load()) }

// Resume puts what was being sent when this daemon ended last back, to go again as
// it was, and tells how much that is.
func (c *Courier) Resume(ctx context.Context) (n int, err error) {
	err = c.ledger.Update(ctx, func(tx ledger.Tx) error {
		n, err = tx.ResumeSending(c.settings.Owner, c.view().Now)
		return err
	})
	return n, err
}

// Mail is the bytes that n would leave with now; nil where nothing in it is true
// any more. What may have reached a server already stays as it is.
func (c *Courier) Mail(ctx context.Context, n *ledger.Notice) ([]byte, error) {
	return Mail(ctx, c.ledger, c.view(), c.channel.Compose, n)
}

func (c *Courier) lease(now time.Time) ledger.Lease {
	return ledger.Lease{Owner: c.settings.Owner, Until: now.Add(ledger.LongestLease)}
}

// envelopeFrom is the address that bounces go to.
func (c *Courier) envelopeFrom() address.Address {
	if c.settings.EnvelopeFrom.IsZero() {
		return c.view().Settings.From
	}
	return c.settings.EnvelopeFrom
}
