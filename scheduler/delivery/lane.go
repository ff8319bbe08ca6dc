package delivery

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"

	"golang.org/x/time/rate"

	"duban/ledger"
	"duban/notify"
	"duban/scheduler/engine"
)

// Lane is one channel of the courier. It knows of no other: one that is down or
// slow holds back nothing that leaves by another.
type Lane struct {
	c       *Courier
	name    string
	channel notify.Channel

	breaker   breaker
	pace      *rate.Limiter // nil: no limit
	inHand    atomic.Int32  // notices at a connection
	unsettled []result      // outcomes that could not be written: the next round writes them first

	// Where others deliver by this channel too.
	hand        hand
	connections atomic.Pointer[connections] // those that this daemon has; nil: none
	regroup     atomic.Bool                 // its share of them is another by now
}

func newLane(c *Courier, w Way) *Lane {
	l := &Lane{c: c, name: w.Name, channel: w.Channel}
	if w.MaxPerMinute > 0 {
		l.pace = rate.NewLimiter(rate.Limit(float64(w.MaxPerMinute)/60), 1)
	}
	return l
}

// Name is that of the channel.
func (l *Lane) Name() string { return l.name }

// LeftAlone tells whether the other side is not asked at present.
func (l *Lane) LeftAlone(now time.Time) bool { return l.breaker.open(now) }

// Deliver sends what may leave by this channel, until nothing more can be sent at
// present: nothing waits, the window closes, the other side is in trouble, or ctx
// ends, whereupon the notices in hand have a few seconds. One delivery runs at a time.
func (l *Lane) Deliver(ctx context.Context) (Tally, error) {
	if v := l.c.view(); !v.MailMayLeave() || l.breaker.open(v.Now) {
		return Tally{}, nil
	}
	if err := l.hearBreaker(ctx); err != nil {
		return Tally{}, err
	}
	defer l.keep(ctx)()
	if err := l.settleLeft(); err != nil {
		return Tally{}, err
	}
	var total Tally
	for again := true; again && ctx.Err() == nil; {
		var t Tally
		var err error
		t, again, err = l.runConnected(ctx)
		if total = total.plus(t); err != nil {
			return total, err
		}
	}
	return total, nil
}

// runConnected runs a round over the connections that are this daemon's; again: there
// is more to do at once.
func (l *Lane) runConnected(ctx context.Context) (t Tally, again bool, err error) {
	v := l.c.view()
	if l.c.shared && l.breaker.open(v.Now) {
		return t, false, nil
	}
	if l.c.shared { // connections are asked for only when there is something to send
		if due, err := l.c.ledger.DueNotices(ctx, l.name, v.Now, 1); err != nil || len(due) == 0 {
			return t, false, err
		}
	}
	n, give, err := l.connect(ctx)
	if err != nil || n == 0 {
		return t, false, err
	}
	defer give()
	r, err := l.runRound(ctx, n)
	return r.total, r.stale.Load() || l.regroup.Load(), err
}

// settleLeft writes the outcomes that an earlier round could not write. Until
// that is done nothing more is sent.
func (l *Lane) settleLeft() error {
	if len(l.unsettled) == 0 {
		return nil
	}
	if err := (&round{c: l.c, lane: l}).write(l.unsettled); err != nil {
		return err
	}
	l.unsettled = nil
	return nil
}

// holds tells whether an answer keeps all that leaves by this channel until a person
// has put something right: a key that a chat does not know, say. Mail is tried on: a
// mail server that dislikes us is put right without anybody looking at the outbox.
func (l *Lane) holds(err error) bool { return l.name != ledger.ByMail && notify.IsOurs(err) }

// mostHeld is how many notices are held in one transaction.
const mostHeld = 1000

// holdRest holds what waits besides where one of a batch was held: the other side would
// answer each of them alike.
func (l *Lane) holdRest(tx ledger.Tx, v engine.View, batch []result) error {
	for _, res := range batch {
		err := res.outcome.Err
		if !l.holds(err) {
			continue
		}
		waits, asking := tx.DueNotices(tx.Context(), l.name, v.Now.Add(7*24*time.Hour), mostHeld)
		if asking != nil {
			return asking
		}
		for _, n := range waits {
			e := v.Entry(engine.ByDaemon)
			e.Reason = err.Error()
			if err := tx.MoveNotice(n, ledger.Held, time.Time{}, n.GiveUp, e); err != nil {
				return err
			}
		}
		return nil
	}
	return nil
}

// Settled tells whether all outcomes are written; for the caller of Deliver.
func (l *Lane) Settled() bool { return len(l.unsettled) == 0 }

// InHand is how many notices are at a connection.
func (l *Lane) InHand() int { return int(l.inHand.Load()) }

// gone is a channel that the configuration does not have: each notice fails for
// good, which the administrators are told.
type gone struct{ name string }

func (g gone) Compose(*notify.Notice, notify.Envelope) ([]byte, error) {
	return nil, fmt.Errorf("the configuration has no [channel.%s]: put it back and send the notice again (duban mail retry), or drop it", g.name)
}

func (g gone) Send(context.Context, notify.Message) notify.Outcome {
	_, err := g.Compose(nil, notify.Envelope{})
	return notify.Outcome{Err: &notify.RefusedError{Err: err}}
}

func (gone) Parallel() int { return 1 }
func (gone) Close() error  { return nil }
