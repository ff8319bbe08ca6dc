package scheduler

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/robfig/cron/v3"
	"github.com/rs/zerolog"
	"golang.org/x/sync/errgroup"

	"duban/ledger"
	"duban/scheduler/delivery"
	"duban/scheduler/editor"
)

// No wait is longer than this: a timer that was set before somebody moved the
// clock, or before the machine slept, is never trusted for long (robfig/cron
// #352 and #509 tell what happens otherwise).
const longestWait = 15 * time.Second

// retryTick is when a tick that failed, on a locked ledger say, comes again.
const retryTick = 30 * time.Second

// readBounces is how often the inbox of delivery reports is looked into.
const readBounces = 5 * time.Minute

// lookForStrays is how often notices for channels that are gone are looked for.
const lookForStrays = time.Minute

// Part is something that runs until ctx ends, or that has failed for good.
type Part func(ctx context.Context) error

// Run is the daemon: it ticks at once and then as schedule says, delivers as
// the outbox fills, and takes over new rules when reload says so; more are parts
// of whoever starts it, such as the page. It returns when ctx ends and the mails in
// hand are settled. A part that ends with an error ends all of it, with that error:
// half a daemon is worse than none, which the service manager starts again.
func (s *Scheduler) Run(ctx context.Context, schedule cron.Schedule, reload <-chan struct{}, load editor.Loader, more ...Part) error {
	if err := s.pickUp(ctx); err != nil {
		if ctx.Err() != nil {
			return nil // told to stop before it began
		}
		return fmt.Errorf("what was being sent when duban ended last: %w", err)
	}
	var wakes []chan struct{}
	changed := make(chan struct{}, 1) // by another daemon
	parts := append([]Part{
		func(ctx context.Context) error { return s.tickLoop(ctx, schedule, reload, changed, load, wakes) },
		func(ctx context.Context) error { return s.Proofs.run(ctx, s.Health.started) },
		s.strayLoop,
	}, more...)
	if s.Role.Shared() {
		parts = append(parts, s.Role.run, s.resumeLoop,
			func(ctx context.Context) error { return s.wakeLoop(ctx, append(wakes, changed)) })
	}
	for _, lane := range s.Courier.Lanes() {
		wake := make(chan struct{}, 1)
		wakes = append(wakes, wake)
		parts = append(parts, func(ctx context.Context) error { return s.deliverLoop(ctx, lane, wake) })
	}
	for _, h := range s.Webhooks.Hooks {
		parts = append(parts, func(ctx context.Context) error { return s.Webhooks.Run(ctx, h) })
	}
	if s.Options.Delivery.Inbox != nil {
		parts = append(parts, s.bounceLoop)
	}
	if s.Options.Backups.Dir != "" {
		parts = append(parts, s.Backups.run)
	}
	g, ctx := errgroup.WithContext(ctx)
	for _, p := range parts {
		g.Go(func() error { return p(ctx) })
	}
	defer s.Role.Leave()
	return g.Wait()
}

// pickUp goes on with what an earlier daemon, or a power cut, left half done.
func (s *Scheduler) pickUp(ctx context.Context) error {
	if err := s.Role.take(ctx); err != nil {
		return err
	}
	if err := s.resume(ctx); err != nil {
		return err
	}
	return editor.Finish(ctx, s.Ledger)
}

// resume puts back what a daemon left half sent.
func (s *Scheduler) resume(ctx context.Context) error {
	n, err := s.Courier.Resume(ctx)
	if n > 0 && err == nil {
		s.log.Warn().Int("notices", n).Msg("interrupted while being sent: they go again as they were")
	}
	return err
}

// again does something until ctx ends, each time after as long as it says.
func again(ctx context.Context, do func(context.Context) time.Duration) error {
	for ctx.Err() == nil {
		timer := time.NewTimer(do(ctx))
		select {
		case <-ctx.Done():
		case <-timer.C:
		}
		timer.Stop()
	}
	return nil
}

func (s *Scheduler) tickLoop(ctx context.Context, schedule cron.Schedule, reload, changed <-chan struct{}, load editor.Loader, wakes []chan struct{}) error {
	tick := func() time.Time {
		if !s.Role.Evaluates() {
			return s.clock().Add(longestWait) // or when it has become this daemon's
		}
		next, err := s.tickNow(ctx, schedule)
		if err == nil {
			for _, wake := range wakes {
				select {
				case wake <- struct{}{}:
				default:
				}
			}
		}
		return next
	}
	s.Health.ticks()
	next, last := tick(), s.clock()
	close(s.Health.started)
	for {
		s.Health.ticks()
		s.Health.watchLedger(ctx)
		timer := time.NewTimer(min(max(next.Sub(s.clock()), 0), longestWait))
		select {
		case <-ctx.Done():
			timer.Stop()
			return nil
		case <-reload:
			timer.Stop()
			s.Reload(ctx, load)
			next = tick()
		case <-s.Role.gained:
			timer.Stop()
			s.reloadChanged(ctx, load)
			next = tick()
		case <-changed:
			timer.Stop()
			if s.reloadChanged(ctx, load) {
				next = tick()
			}
		case <-timer.C:
			if s.reloadChanged(ctx, load) {
				next = tick()
				continue
			}
			now := s.clock().Round(0) // the wall clock; the monotonic one does not move with it
			if !now.Before(next) || now.Before(last.Round(0)) {
				next = tick()
			}
			last = now
		}
	}
}

// tickNow ticks and tells when the next is due.
func (s *Scheduler) tickNow(ctx context.Context, schedule cron.Schedule) (next time.Time, err error) {
	now := s.clock()
	report, err := s.Tick(ctx, now)
	if s.Observer != nil {
		s.Observer.Ticked(s.clock().Sub(now), err)
	}
	if errors.Is(err, ledger.ErrTaken) && s.Role.Shared() {
		return now.Add(longestWait), err // it is another's now
	}
	if err != nil && ctx.Err() == nil {
		s.Health.tickFails(err)
		s.log.Error().Err(err).Msg("tick failed; it comes again soon")
		return now.Add(s.Role.retry(retryTick)), err
	}
	s.Health.tickFails(report.err())
	s.Health.beat(&s.Health.ticked, now)
	next = schedule.Next(now.In(s.Options.Settings.Timezone))
	s.Health.beat(&s.Health.next, next)
	return next, nil
}

// deliverLoop delivers by one channel: when woken, when a retry is due, and every
// now and then, since a command beside the daemon may have released something. Each
// channel has a loop of its own, so that none waits for another.
func (s *Scheduler) deliverLoop(ctx context.Context, lane *delivery.Lane, wake <-chan struct{}) error {
	for ctx.Err() == nil {
		s.deliver(ctx, lane)
		timer := time.NewTimer(s.pollAfter(ctx, lane))
		select {
		case <-ctx.Done():
		case <-wake:
		case <-timer.C:
		}
		timer.Stop()
	}
	return nil
}

// deliver lets leave what may by a channel.
func (s *Scheduler) deliver(ctx context.Context, lane *delivery.Lane) {
	s.Health.delivers(lane.Name())
	d, err := lane.Deliver(ctx)
	if err != nil && ctx.Err() == nil {
		s.log.Error().Err(err).Str("channel", lane.Name()).Msg("delivery interrupted; it goes on soon")
	}
	if err != nil || lane.Settled() { // a closed window puts nothing right
		s.Health.deliveryFails(lane.Name(), err)
	}
	if d.Any() {
		s.log.Info().Str("channel", lane.Name()).Int("sent", d.Sent).Int("failed", d.Failed).Int("later", d.Retried).Int("dropped", d.Dropped).Msg("delivered")
		checkpoint(ctx, s.Ledger, s.log)
	}
}

// checkpoint is for after a delivery, when there is time.
func checkpoint(ctx context.Context, l ledger.Store, log zerolog.Logger) {
	if file, ok := l.(ledger.File); ok {
		if err := file.Checkpoint(ctx); err != nil && ctx.Err() == nil {
			log.Warn().Err(err).Msg("checkpoint")
		}
	}
}

// pollAfter is how long the outbox of a channel may be left alone.
func (s *Scheduler) pollAfter(ctx context.Context, lane *delivery.Lane) time.Duration {
	next, err := s.Ledger.NextTry(ctx, lane.Name())
	v := s.View()
	if err != nil {
		return s.Role.retry(longestWait)
	}
	if next.IsZero() || !v.MailMayLeave() {
		return longestWait
	}
	return min(max(next.Sub(v.Now), time.Second), longestWait)
}

// strayLoop fails what waits for a channel that is not there any more.
func (s *Scheduler) strayLoop(ctx context.Context) error {
	return again(ctx, func(ctx context.Context) time.Duration {
		if !s.Role.Evaluates() {
			return lookForStrays
		}
		if _, err := s.Courier.FailStrays(ctx); err != nil && ctx.Err() == nil {
			s.log.Error().Err(err).Msg("notices for channels that are gone")
		}
		return lookForStrays
	})
}

// bounceLoop looks for delivery reports every few minutes.
func (s *Scheduler) bounceLoop(ctx context.Context) error {
	return again(ctx, func(ctx context.Context) time.Duration {
		if !s.Role.Evaluates() {
			return readBounces
		}
		if err := s.Courier.ReadBounces(ctx); err != nil && ctx.Err() == nil {
			s.log.Error().Err(err).Msg("delivery reports could not be read; tried again soon")
		}
		return readBounces
	})
}
