package delivery

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"duban/ledger"
)

// Where several daemons share the ledger, each delivers. What a channel is limited to
// holds for all of them together: its connections are tasks of the ledger that daemons
// take and give back, its pace is turns that the ledger hands out, and a server that
// one of them finds in trouble is left alone by all. That nothing is lost, and what
// leaves twice, is proved of a model: daemons.pml.

// Daemons is how the tasks begin by which daemons tell each other that they live: each
// has one of its own.
const Daemons = "daemon "

// connectionsBy is how the tasks begin that are connections by a channel.
func connectionsBy(channel string) string { return "connection " + channel + " " }

func connection(channel string, n int) string {
	return fmt.Sprintf("%s%02d", connectionsBy(channel), n)
}

// now is the time by which leases last.
func (c *Courier) now() time.Time {
	if c.settings.Leases != nil {
		return c.settings.Leases()
	}
	return c.view().Now
}

// connect takes as many of the channel's connections as are this daemon's share; give
// gives them back. None: others have them all at present.
func (l *Lane) connect(ctx context.Context) (n int, give func(), err error) {
	if !l.c.shared {
		return l.channel.Parallel(), func() {}, nil
	}
	l.regroup.Store(false)
	var held []string
	lease := l.c.lease()
	err = l.c.ledger.Update(ctx, func(tx ledger.Tx) (err error) {
		held, err = l.takeConnections(tx, lease)
		return err
	})
	if err != nil || len(held) == 0 {
		return 0, func() {}, err
	}
	l.connections.Store(&connections{held, lease.Until})
	return len(held), func() {
		l.connections.Store(nil)
		if rests, ok := l.channel.(interface{ Rest() }); ok {
			rests.Rest() // they are counted only while somebody has them
		}
		l.giveBack(held)
	}, nil
}

// connections are those that a lane has, until then.
type connections struct {
	tasks []string
	until time.Time
}

// giveBack lets others have connections at once; where that does not go well, they have
// them when the lease ends.
func (l *Lane) giveBack(held []string) {
	now := l.c.now()
	err := l.c.ledger.Update(context.Background(), func(tx ledger.Tx) error {
		for _, task := range held {
			err := tx.TakeLease(task, ledger.Lease{Owner: l.c.settings.Owner, Until: now.Add(-time.Second)}, now)
			if err != nil && !errors.Is(err, ledger.ErrTaken) {
				return err
			}
		}
		return nil
	})
	if err != nil {
		l.c.log.Warn().Err(err).Str("channel", l.name).Msg("its connections are given back when their lease ends")
	}
}

// share is how many of the channel's connections this daemon should have, and which
// are free or its own: all that live have equally many, or nearly.
func (l *Lane) share(ctx context.Context, r ledger.Reader) (n int, free []string, err error) {
	now, me := l.c.now(), l.c.settings.Owner
	daemons, err := r.Leases(ctx, Daemons)
	if err != nil {
		return 0, nil, err
	}
	living, before := 1, 0 // those that live, and those of them that are served first
	for _, d := range daemons {
		if d.Owner != me && d.Lasts(now) {
			living++
			before += map[bool]int{true: 1}[d.Owner < me]
		}
	}
	taken, err := r.Leases(ctx, connectionsBy(l.name))
	if err != nil {
		return 0, nil, err
	}
	all := l.channel.Parallel()
	for i := range all {
		if t := taken[connection(l.name, i)]; t.Owner == me || !t.Lasts(now) {
			free = append(free, connection(l.name, i))
		}
	}
	n = all / living
	if before < all%living {
		n++
	}
	return min(n, len(free)), free, nil
}

// takeConnections takes them in their order, as every daemon does.
func (l *Lane) takeConnections(tx ledger.Tx, lease ledger.Lease) (held []string, err error) {
	n, free, err := l.share(tx.Context(), tx)
	for _, task := range free {
		if err != nil || len(held) == n {
			break
		}
		switch err = tx.TakeLease(task, lease, l.c.now()); {
		case err == nil:
			held = append(held, task)
		case errors.Is(err, ledger.ErrTaken):
			err = nil
		}
	}
	return held, err
}

// keep renews what the lane has, until the returned function is called.
func (l *Lane) keep(ctx context.Context) (end func()) {
	if !l.c.shared {
		return func() {}
	}
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		every := time.NewTicker(renewEvery)
		defer every.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-every.C:
			}
			if err := l.renew(ctx); err != nil && ctx.Err() == nil {
				l.c.log.Warn().Err(err).Str("channel", l.name).Msg("what is in hand could not be renewed; tried again")
			}
		}
	}()
	return func() { cancel(); <-ended }
}

// renew goes on with what is in hand, and notices what has changed for all.
func (l *Lane) renew(ctx context.Context) error {
	now, lease := l.c.now(), l.c.lease()
	ids, held := l.hand.ending(now), l.connections.Load()
	var kept []int64
	lost := false
	err := l.c.ledger.Update(ctx, func(tx ledger.Tx) (err error) {
		if lost = false; held != nil {
			for _, task := range held.tasks {
				if err := tx.TakeLease(task, lease, now); errors.Is(err, ledger.ErrTaken) {
					lost = true
				} else if err != nil {
					return err
				}
			}
		}
		kept, err = tx.KeepClaims(ids, lease)
		return err
	})
	if err != nil {
		return err
	}
	l.hand.renewed(ids, kept, lease.Until)
	if held != nil && !lost {
		l.connections.CompareAndSwap(held, &connections{held.tasks, lease.Until})
	}
	n, _, err := l.share(ctx, l.c.ledger)
	if err != nil {
		return err
	}
	if held != nil && (lost || n != len(held.tasks)) {
		l.regroup.Store(true)
	}
	return l.hearBreaker(ctx)
}

// hearBreaker takes over what other daemons know of the other side.
func (l *Lane) hearBreaker(ctx context.Context) error {
	if !l.c.shared {
		return nil
	}
	b, err := l.c.ledger.Breaker(ctx, l.name)
	if err == nil {
		l.breaker.set(b)
	}
	return err
}

// tellBreaker lets other daemons know what this one has found; told is called once the
// transaction has come to pass.
func (l *Lane) tellBreaker(tx ledger.Tx) (told func(), err error) {
	b, changed := l.breaker.untold()
	if !l.c.shared || !changed {
		return func() {}, nil
	}
	return func() { l.breaker.told(b) }, tx.SetBreaker(l.name, b)
}

// mayConnect tells whether the connections that were taken are still this daemon's.
func (l *Lane) mayConnect() bool {
	held := l.connections.Load()
	return !l.c.shared || held != nil && trusted(held.until, l.c.now())
}

// due are at most limit notices to be claimed.
func (l *Lane) due(ctx context.Context, now time.Time, limit int) (due []*ledger.Notice, err error) {
	if !l.c.shared {
		return l.c.ledger.DueNotices(ctx, l.name, now, limit)
	}
	lease := l.c.lease()
	err = l.c.ledger.Update(ctx, func(tx ledger.Tx) error {
		due, err = tx.Reserve(l.name, now, limit, lease)
		return err
	})
	return due, err
}

// turn waits until a mail may leave, where the channel has a pace.
func (l *Lane) turn(ctx context.Context) error {
	if !l.c.shared {
		return l.pace.Wait(ctx)
	}
	var at time.Time
	now := l.c.now()
	err := l.c.ledger.Update(ctx, func(tx ledger.Tx) (err error) {
		at, err = tx.TakeTurn(l.name, now, time.Duration(float64(time.Second)/float64(l.pace.Limit())))
		return err
	})
	if err != nil {
		return err
	}
	timer := time.NewTimer(at.Sub(now))
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}

// own are those of a batch that are still this daemon's to settle; of the others
// another daemon tells.
func (l *Lane) own(tx ledger.Tx, batch []result) ([]result, error) {
	if !l.c.shared {
		return batch, nil
	}
	ids := make([]int64, len(batch))
	for i, r := range batch {
		ids[i] = r.ID
	}
	kept, err := tx.Claimed(ids, l.c.settings.Owner)
	if err == nil && len(kept) < len(ids) { // some were put back, which nobody has taken up perhaps
		kept, err = tx.KeepClaims(ids, l.c.lease())
	}
	return slices.Collect(func(yield func(result) bool) {
		for _, r := range batch {
			if slices.Contains(kept, r.ID) && !yield(r) {
				return
			}
		}
	}), err
}

// Living are the daemons that share the ledger, by name, with when they have to be
// heard of again.
func Living(ctx context.Context, r ledger.Reader, now time.Time) (map[string]ledger.Lease, error) {
	all, err := r.Leases(ctx, Daemons)
	maps.DeleteFunc(all, func(_ string, l ledger.Lease) bool { return !l.Lasts(now) })
	return all, err
}
