package scheduler

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/rs/zerolog"

	"duban/ledger"
	"duban/scheduler/engine"
)

// Report says what a tick came to.
type Report struct {
	Changes  int  // open occurrences recounted, cancelled or owed again
	Notices  int  // put into the outbox
	Held     int  // of them, kept back for a person to look at
	Doubtful bool // the clock was not believed: nothing was made
}

// err is what a probe says of a tick that made nothing.
func (r Report) err() error {
	if r.Doubtful {
		return errors.New("the clock is before the ledger's last tick: nothing is made until another tick, ten minutes later, finds the same")
	}
	return nil
}

// Tick evaluates everything at now and puts what has to be said into the
// outbox; it sends nothing. Notices and the reminders they carry are one
// transaction. A now far before the last tick is not believed at once.
func (s *Scheduler) Tick(ctx context.Context, now time.Time) (Report, error) {
	s.turn.Lock() // rules do not change under a tick
	defer s.turn.Unlock()
	v := s.View()
	v.Now = now
	if oldest := v.Settings.NotBefore; now.Before(oldest) {
		return Report{}, fmt.Errorf("the clock says %s, which is before this duban was made, on %s: set it right", now.Format(time.RFC3339), oldest.Format(time.DateOnly))
	}
	if err := s.evaluates(ctx); err != nil {
		return Report{}, err
	}
	w, err := engine.Look(ctx, s.Ledger, v, s.adopted.Load())
	if err != nil {
		return Report{}, err
	}
	if w.None() {
		s.adopted.Store(true)
		s.putAside(ctx, v)
		return Report{}, nil
	}
	report, err := s.do(ctx, v, w)
	if err != nil || report.Doubtful {
		return report, err
	}
	s.putAside(ctx, v)
	return report, nil
}

// asidePerTick is how many transactions of one tick move what is old: the next one goes
// on with it.
const asidePerTick = 20

// putAside moves what has become old, a part at a time. Where that fails nothing is
// missed: it is tried again with the next tick, and the administrators are told.
func (s *Scheduler) putAside(ctx context.Context, v engine.View) {
	moved, err := s.moveOld(ctx, v)
	if moved > 0 {
		s.log.Info().Int("occurrences", moved).Msg("what ended years ago was put aside")
	}
	if err == nil || ctx.Err() != nil || errors.Is(err, ledger.ErrTaken) {
		return
	}
	s.log.Error().Err(err).Msg("what ended years ago could not be put aside; tried again")
	err = s.Ledger.Update(ctx, func(tx ledger.Tx) error {
		return engine.TellOnceADay(tx, v, "aside failed", v.Text("aside"), v.Text("aside text", err))
	})
	if err != nil {
		s.log.Error().Err(err).Msg("the administrators could not be told")
	}
}

func (s *Scheduler) moveOld(ctx context.Context, v engine.View) (moved int, err error) {
	has, err := engine.HasOld(ctx, s.Ledger, v)
	for i := 0; has && err == nil && i < asidePerTick && ctx.Err() == nil; i++ {
		var n int
		err = s.Ledger.Update(ctx, func(tx ledger.Tx) (err error) {
			if n, err = engine.PutAside(tx, v); err != nil || !s.Role.Shared() {
				return err
			}
			return tx.Fence(ledger.Evaluating, s.Role.owner)
		})
		if errors.Is(err, ledger.ErrTaken) {
			s.Role.lose()
		}
		if err == nil {
			moved, has = moved+n, n > 0
		}
	}
	return moved, err
}

// Backfill is a tick that also makes what was past due when the rules first
// asked for it.
func (s *Scheduler) Backfill(ctx context.Context, now time.Time, b engine.Backfill) (Report, error) {
	s.turn.Lock()
	defer s.turn.Unlock()
	v := s.View()
	v.Now = now
	if err := s.evaluates(ctx); err != nil {
		return Report{}, err
	}
	w, err := engine.Look(ctx, s.Ledger, v, s.adopted.Load())
	if err != nil {
		return Report{}, err
	}
	w.Backfill = &b
	return s.do(ctx, v, w)
}

// evaluates takes the task to evaluate, if it is not this daemon's yet: ErrTaken where
// it is another's.
func (s *Scheduler) evaluates(ctx context.Context) error {
	if s.Role.Evaluates() {
		return nil
	}
	if err := s.Role.take(ctx); err != nil || s.Role.Evaluates() {
		return err
	}
	return s.Role.errElsewhere()
}

// errOldRules says that somebody has changed the rules in the ledger since they were
// read here: by the old ones another daemon's edit would be taken back.
var errOldRules = errors.New("the rules in the ledger are others by now: they are read first")

// byThese lets a transaction go on only if the rules in the ledger are those that were
// read.
func (s *Scheduler) byThese(tx ledger.Tx) error {
	if !s.Role.Shared() {
		return nil
	}
	version, err := tx.RuleFilesVersion(tx.Context())
	if err == nil && version != s.files.Load() {
		err = errOldRules
	}
	return err
}

func (s *Scheduler) do(ctx context.Context, v engine.View, w engine.Work) (Report, error) {
	var out *engine.Outcome
	err := s.Ledger.Update(ctx, func(tx ledger.Tx) (err error) {
		if err := s.byThese(tx); err != nil {
			return err
		}
		if !s.Role.Shared() {
			if err := tx.TakeLease(ledger.Evaluating, ledger.Lease{Owner: s.Role.owner, Until: v.Now.Add(ledger.LongestLease)}, v.Now); err != nil {
				return err
			}
		}
		if out, err = engine.Evaluate(tx, v, w); err != nil {
			return err
		}
		return s.Role.fence(tx)
	})
	if errors.Is(err, ledger.ErrTaken) {
		s.Role.lose()
	}
	if err != nil {
		return Report{}, fmt.Errorf("tick: %w", err)
	}
	if out.Doubt {
		s.log.Warn().Time("now", v.Now).Time("last", w.Last).Msg("the clock is before the last tick: nothing is made until another tick finds the same")
		return Report{Doubtful: true}, nil
	}
	s.adopted.Store(true)
	logTick(s.log, v, w, out)
	return Report{Changes: len(out.Changes), Notices: len(out.Made), Held: out.Held}, nil
}

// logTick logs what a tick did.
func logTick(log zerolog.Logger, v engine.View, w engine.Work, out *engine.Outcome) {
	if back := out.SetBack; back != nil {
		log.Warn().Time("now", v.Now).Time("last", w.Last).Int("occurrences", back.Occurrences).Int("held", back.Held).Msg("the last ticks were ahead of the clock: set back")
	}
	for _, c := range out.Changes {
		if c.Action == "recounted" {
			log.Info().Str("occurrence", c.Occurrence).Stringer("before", c.Before).Stringer("after", c.Due).Msg("due date recounted")
		}
	}
	for _, d := range out.Damaged {
		log.Warn().Str("occurrence", d.Occurrence).Str("damage", d.Text).Str("due", d.Due).Msg("a date in the ledger cannot be read")
	}
	for _, n := range out.Made {
		log.Info().Int64("notice", n.ID).Str("unit", n.Unit).Str("kind", string(n.Kind)).Str("state", string(n.State)).Int("items", len(n.Items)).Msg("notice made")
	}
	switch {
	case out.Flood:
		log.Warn().Int("notices", out.Held).Int("limit", v.Settings.MaxNoticesPerTick).Msg("more notices than max_notices_per_tick: held")
	case out.Absent && out.Held > 0:
		log.Warn().Int("notices", out.Held).Msg("no tick for more than 60 days: notices about what is overdue are held")
	}
	if len(out.Made) > 0 || len(out.Changes) > 0 {
		log.Info().Int("notices", len(out.Made)).Int("held", out.Held).Int("changes", len(out.Changes)).Msg("tick")
	}
}
