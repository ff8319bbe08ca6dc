package scheduler

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/robfig/cron/v3"

	"duban/ledger"
	"duban/scheduler/editor"
)

// No wait is longer than this: a timer that was set before somebody moved the
// clock, or before the machine slept, is never trusted for long (robfig/cron
// #352 and #509 tell what happens otherwise).
const longestWait = 15 * time.Second

// retryTick is when a tick that failed, on a locked ledger say, comes again.
const retryTick = 30 * time.Second

// Run is the daemon: it ticks at once and then as schedule says, delivers as
// the outbox fills, and takes over new rules when reload says so. It returns
// when ctx ends and the mails in hand are settled.
func (s *Scheduler) Run(ctx context.Context, schedule cron.Schedule, reload <-chan struct{}, load editor.Loader) error {
	err := s.Ledger.Update(ctx, func(tx ledger.Tx) error {
		n, err := tx.ResumeSending(s.Owner, s.Clock())
		if n > 0 {
			s.Log.Warn().Int("notices", n).Msg("interrupted while being sent: they go again as they were")
		}
		return err
	})
	if err == nil {
		err = editor.Finish(ctx, s.Ledger)
	}
	if ctx.Err() != nil {
		return nil // told to stop before it began
	}
	if err != nil {
		return fmt.Errorf("what was being sent when duban ended last: %w", err)
	}
	wake := make(chan struct{}, 1)
	var loops sync.WaitGroup
	loops.Go(func() { s.deliverLoop(ctx, wake) })
	if s.Sending.Inbox != nil {
		loops.Go(func() { s.bounceLoop(ctx) })
	}
	if s.Backups.Dir != "" {
		loops.Go(func() { s.backupLoop(ctx) })
	}
	loops.Go(func() { s.proveLoop(ctx) })
	s.tickLoop(ctx, schedule, reload, load, wake)
	loops.Wait()
	return nil
}

func (s *Scheduler) tickLoop(ctx context.Context, schedule cron.Schedule, reload <-chan struct{}, load editor.Loader, wake chan<- struct{}) {
	tick := func() time.Time {
		now := s.Clock()
		report, err := s.Tick(ctx, now)
		if s.Observer != nil {
			s.Observer.Ticked(s.Clock().Sub(now), err)
		}
		if err != nil && ctx.Err() == nil {
			s.health.fails(&s.health.tickErr, err)
			s.Log.Error().Err(err).Msg("tick failed; it comes again soon")
			return now.Add(retryTick)
		}
		s.health.fails(&s.health.tickErr, report.err())
		s.health.beat(&s.health.ticked, now)
		select {
		case wake <- struct{}{}:
		default:
		}
		next := schedule.Next(now.In(s.Settings.Timezone))
		s.health.beat(&s.health.next, next)
		return next
	}
	s.health.beat(&s.health.tick, s.Clock())
	next, last := tick(), s.Clock()
	close(s.health.started)
	for {
		s.health.beat(&s.health.tick, s.Clock())
		s.watchLedger(ctx)
		wait := min(max(next.Sub(s.Clock()), 0), longestWait)
		timer := time.NewTimer(wait)
		select {
		case <-ctx.Done():
			timer.Stop()
			return
		case <-reload:
			timer.Stop()
			s.Reload(ctx, load)
			next = tick()
		case <-timer.C:
			now := s.Clock().Round(0) // the wall clock; the monotonic one does not move with it
			if !now.Before(next) || now.Before(last.Round(0)) {
				next = tick()
			}
			last = now
		}
	}
}

// checkpoint is for after a delivery, when there is time.
func (s *Scheduler) checkpoint(ctx context.Context) {
	if book, ok := s.Ledger.(ledger.File); ok {
		if err := book.Checkpoint(ctx); err != nil && ctx.Err() == nil {
			s.Log.Warn().Err(err).Msg("checkpoint")
		}
	}
}

// deliverLoop delivers when woken, when a retry is due, and every now and then:
// a command beside the daemon may have released something.
func (s *Scheduler) deliverLoop(ctx context.Context, wake <-chan struct{}) {
	for ctx.Err() == nil {
		s.health.beat(&s.health.delivery, s.Clock())
		d, err := s.Deliver(ctx)
		if err != nil && ctx.Err() == nil {
			s.Log.Error().Err(err).Msg("delivery interrupted; it goes on soon")
		}
		if err != nil || len(s.unsettled) == 0 { // a closed window puts nothing right
			s.health.fails(&s.health.deliveryErr, err)
		}
		if d.Sent+d.Failed+d.Retried+d.Dropped > 0 {
			s.Log.Info().Int("sent", d.Sent).Int("failed", d.Failed).Int("later", d.Retried).Int("dropped", d.Dropped).Msg("delivered")
			s.checkpoint(ctx)
		}
		timer := time.NewTimer(s.pollAfter(ctx))
		select {
		case <-ctx.Done():
		case <-wake:
		case <-timer.C:
		}
		timer.Stop()
	}
}

// pollAfter is how long the outbox may be left alone.
func (s *Scheduler) pollAfter(ctx context.Context) time.Duration {
	next, err := s.Ledger.NextTry(ctx)
	if err != nil || next.IsZero() || !s.View().MailMayLeave() {
		return longestWait
	}
	return min(max(next.Sub(s.Clock()), time.Second), longestWait)
}

// bounceLoop looks for delivery reports every few minutes.
func (s *Scheduler) bounceLoop(ctx context.Context) {
	for ctx.Err() == nil {
		if err := s.ReadBounces(ctx); err != nil && ctx.Err() == nil {
			s.Log.Error().Err(err).Msg("delivery reports could not be read; tried again soon")
		}
		timer := time.NewTimer(readBounces)
		select {
		case <-ctx.Done():
		case <-timer.C:
		}
		timer.Stop()
	}
}
