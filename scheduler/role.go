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

// Where several daemons share a ledger, one of them evaluates: who holds the lease on
// that task, which he renews. When he dies, another has it within these two together,
// 15 s at most; when he is told to stop, at once.
const (
	roleLasts = 10 * time.Second
	roleEvery = 2 * time.Second
)

// aliveFor is how long the others believe that a daemon lives.
const aliveFor = 15 * time.Second

// forgetDead is when a daemon that ended is no longer known of.
const forgetDead = time.Hour

// Role is whether this daemon evaluates. Where the ledger is not shared it does: nobody
// else has it.
type Role struct {
	ledger ledger.Store
	shared ledger.Shared // nil: it is not
	owner  string
	clock  *serverClock
	log    zerolog.Logger
	gained chan struct{} // it has become this daemon's

	mu    sync.Mutex
	until time.Time    // it is this daemon's
	other ledger.Lease // another's
	heard time.Time    // the ledger answered
	err   error        // what came of it last
}

func newRole(l ledger.Store, owner string, machine Clock, log zerolog.Logger) *Role {
	r := &Role{ledger: l, owner: owner, clock: &serverClock{machine: machine}, log: log, gained: make(chan struct{}, 1)}
	r.shared, _ = l.(ledger.Shared)
	return r
}

// Shared tells whether other daemons may have the ledger too.
func (r *Role) Shared() bool { return r.shared != nil }

// Evaluates tells whether this daemon is the one that does. A shared ledger has the
// last word, when what was evaluated is committed (ledger.LeaseWriter).
func (r *Role) Evaluates() bool {
	if r.shared == nil {
		return true
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.clock.now().Before(r.until)
}

// Owner is this daemon's name among those that share the ledger.
func (r *Role) Owner() string { return r.owner }

// Evaluator is the name of the daemon that evaluates, this one's or another's; empty:
// none does at present, as far as this one knows.
func (r *Role) Evaluator() string {
	if r.Evaluates() {
		return r.owner
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.other.Lasts(r.clock.now()) {
		return r.other.Owner
	}
	return ""
}

// errElsewhere is why nothing is evaluated here.
func (r *Role) errElsewhere() error {
	if name := r.Evaluator(); name != "" {
		return fmt.Errorf("%s: another duban %w", name, ledger.ErrTaken)
	}
	return fmt.Errorf("the task could not be taken: another duban %w", ledger.ErrTaken)
}

// take takes the task, or renews it, if nobody else has it, and tells the others that
// this daemon lives.
func (r *Role) take(ctx context.Context) error {
	if r.shared == nil {
		return nil
	}
	err := r.clock.set(ctx, r.shared)
	now := r.clock.now()
	until := now.Add(roleLasts)
	ours := false
	if err == nil {
		err = r.ledger.Update(ctx, func(tx ledger.Tx) error {
			err := tx.TakeLease(ledger.Evaluating, ledger.Lease{Owner: r.owner, Until: until}, now)
			if ours = err == nil; err != nil && !errors.Is(err, ledger.ErrTaken) {
				return err
			}
			if ours {
				if err := tx.ForgetLeases(delivery.Daemons, now.Add(-forgetDead)); err != nil {
					return err
				}
			}
			return tx.TakeLease(delivery.Daemons+r.owner, ledger.Lease{Owner: r.owner, Until: now.Add(aliveFor)}, now)
		})
	}
	var other ledger.Lease
	if err == nil && !ours {
		other, err = r.ledger.LeaseOf(ctx, ledger.Evaluating)
	}
	r.note(now, until, ours, other, err)
	return err
}

// note keeps what came of it.
func (r *Role) note(now, until time.Time, ours bool, other ledger.Lease, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.err = err
	if err != nil {
		return // what was ours is until it ends
	}
	had := now.Before(r.until)
	r.heard, r.other = r.clock.now(), other
	switch {
	case ours && !had:
		r.log.Info().Str("daemon", r.owner).Msg("this daemon evaluates from now on")
		select {
		case r.gained <- struct{}{}:
		default:
		}
	case !ours && had:
		r.log.Warn().Str("daemon", other.Owner).Msg("another daemon evaluates from now on")
	}
	r.until = time.Time{}
	if ours {
		r.until = until.Truncate(time.Second) // as the ledger keeps it
	}
}

// fence lets a transaction come to pass only while this daemon is the one that
// evaluates.
func (r *Role) fence(tx ledger.Tx) error {
	if r.shared == nil {
		return nil
	}
	return tx.Fence(ledger.Evaluating, r.owner)
}

// lose is for when the ledger says that the task is another's.
func (r *Role) lose() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.until = time.Time{}
}

// run keeps the task, or waits for it.
func (r *Role) run(ctx context.Context) error {
	if r.shared == nil {
		return nil
	}
	failing := false
	return again(ctx, func(ctx context.Context) time.Duration {
		err := r.take(ctx)
		if err != nil && ctx.Err() == nil && !failing {
			r.log.Error().Err(err).Msg("who evaluates cannot be agreed on; tried again every few seconds")
		} else if err == nil && failing {
			r.log.Info().Msg("the ledger answers again")
		}
		failing = err != nil
		return roleEvery
	})
}

// leaving is how long the ledger may take to hear that this daemon ends.
const leaving = 3 * time.Second

// Leave lets another take the task at once, if it is this daemon's.
func (r *Role) Leave() {
	if r.shared == nil {
		return
	}
	ours := r.Evaluates()
	r.lose()
	ctx, cancel := context.WithTimeout(context.Background(), leaving)
	defer cancel()
	now := r.clock.now()
	ended := ledger.Lease{Owner: r.owner, Until: now.Add(-time.Second)}
	err := r.ledger.Update(ctx, func(tx ledger.Tx) error {
		if ours {
			if err := tx.TakeLease(ledger.Evaluating, ended, now); err != nil && !errors.Is(err, ledger.ErrTaken) {
				return err
			}
		}
		return tx.TakeLease(delivery.Daemons+r.owner, ended, now)
	})
	if err != nil {
		r.log.Warn().Err(err).Msg("the other daemons notice by themselves that this one has ended")
	}
}

// wellFor is how long the ledger may be silent before a probe says so.
const wellFor = 30 * time.Second

// well tells whether the daemons agree on who evaluates.
func (r *Role) well() error {
	if r.shared == nil || r.Evaluates() {
		return nil
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	switch now := r.clock.now(); {
	case r.err != nil:
		return fmt.Errorf("the ledger does not answer: %w", r.err)
	case now.Sub(r.heard) > wellFor:
		return fmt.Errorf("nothing was heard of the ledger since %s", r.heard.Format(time.RFC3339))
	case !r.other.Lasts(now) && now.Sub(r.other.Until) > wellFor:
		return errors.New("no daemon evaluates")
	}
	return nil
}

// retry is when something that failed comes again.
func (r *Role) retry(otherwise time.Duration) time.Duration {
	if r.Shared() {
		return min(otherwise, retryShared)
	}
	return otherwise
}
