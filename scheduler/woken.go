package scheduler

import (
	"context"
	"time"

	"duban/scheduler/editor"
)

// What another daemon does is noticed at once where the ledger tells of it, and looked
// for every now and then in any case.

// breather is how long all that is told within it is one.
const breather = 200 * time.Millisecond

// retryShared is when something comes again that failed on a ledger that lies
// elsewhere: it has been started again, as a rule.
const retryShared = 3 * time.Second

// wakeLoop wakes those who wait for work when somebody has committed something.
func (s *Scheduler) wakeLoop(ctx context.Context, wakes []chan struct{}) error {
	deaf := false
	return again(ctx, func(ctx context.Context) time.Duration {
		err := s.Role.shared.Await(ctx)
		if err != nil && !deaf && ctx.Err() == nil {
			s.log.Warn().Err(err).Msg("what other daemons do is not told at present; it is looked for every few seconds")
		}
		deaf = err != nil
		for _, wake := range wakes {
			select {
			case wake <- struct{}{}:
			default:
			}
		}
		if deaf {
			return retryShared
		}
		return breather
	})
}

// resumeLoop goes on with what a daemon held that died.
func (s *Scheduler) resumeLoop(ctx context.Context) error {
	return again(ctx, func(ctx context.Context) time.Duration {
		if err := s.resume(ctx); err != nil && ctx.Err() == nil {
			s.log.Warn().Err(err).Msg("what others left half sent could not be looked for; tried again")
		}
		return retryShared
	})
}

// filesVersion is that of the rule files in a shared ledger.
func (s *Scheduler) filesVersion(ctx context.Context) (int64, error) {
	if !s.Role.Shared() {
		return 0, nil
	}
	return s.Ledger.RuleFilesVersion(ctx)
}

// reloadChanged takes over the rules where the ledger keeps their files and somebody has
// changed one.
func (s *Scheduler) reloadChanged(ctx context.Context, load editor.Loader) bool {
	version, err := s.filesVersion(ctx)
	if err != nil || version == s.files.Load() {
		return false // what fails now is seen by the next tick
	}
	s.Reload(ctx, load)
	return true
}
