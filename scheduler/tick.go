package scheduler

import (
	"context"
	"fmt"
	"time"

	"duban/ledger"
)

// Report says what a tick came to.
type Report struct {
	Changes int // open occurrences recounted or cancelled
	Notices int // put into the outbox
	Held    int // of them, kept back for a person to look at
}

// Tick evaluates everything at now and puts what has to be said into the
// outbox; it sends nothing. Notices and the reminders they carry are one
// transaction. backfill also makes what was due before a plan met the ledger.
func (s *Scheduler) Tick(ctx context.Context, now time.Time, backfill bool) (Report, error) {
	s.turn.Lock() // rules do not change under a tick
	defer s.turn.Unlock()
	var report Report
	adopt, err := s.needsAdoption(ctx)
	if err != nil {
		return report, err
	}
	day, err := s.Ledger.Fact(ctx, factDay)
	if err != nil {
		return report, err
	}
	newDay := day < s.today(now).String()
	quiet, err := s.quiet(ctx, now)
	if err != nil {
		return report, err
	}
	if !adopt && !newDay && !backfill && quiet {
		return report, nil
	}
	var e *evaluation
	err = s.Ledger.Update(ctx, func(tx *ledger.Tx) (err error) {
		e, err = s.evaluate(tx, now, adopt, newDay, backfill)
		return err
	})
	if err != nil {
		return report, fmt.Errorf("tick: %w", err)
	}
	if adopt {
		s.adopted.Store(true)
	}
	report = Report{e.changes, len(e.made), e.held}
	for _, n := range e.made {
		s.Log.Info().Int64("notice", n.ID).Str("unit", n.Unit).Str("kind", string(n.Kind)).Str("state", string(n.State)).Int("items", len(n.Items)).Msg("notice made")
	}
	if report.Notices > 0 || report.Changes > 0 {
		s.Log.Info().Int("notices", report.Notices).Int("held", report.Held).Int("changes", report.Changes).Msg("tick")
	}
	return report, nil
}

// evaluation is what a tick did to the ledger.
type evaluation struct {
	changes int
	made    []*ledger.Notice
	held    int
}

// evaluate does all that a tick does, in one transaction.
func (s *Scheduler) evaluate(tx *ledger.Tx, now time.Time, adopt, newDay, backfill bool) (*evaluation, error) {
	a := &adoption{Scheduler: s, tx: tx, now: now, backfill: backfill}
	if adopt || backfill {
		if err := a.run(); err != nil {
			return nil, fmt.Errorf("adopting the rules: %w", err)
		}
	}
	if adopt || newDay || backfill {
		if err := s.materialise(tx, now); err != nil {
			return nil, fmt.Errorf("making occurrences: %w", err)
		}
	}
	if newDay {
		if err := tx.SetFact(factDay, s.today(now).String()); err != nil {
			return nil, err
		}
		if err := s.forget(tx, now); err != nil {
			return nil, err
		}
	}
	d := &digest{Scheduler: s, tx: tx, now: now, today: s.today(now)}
	if err := d.run(a.assign); err != nil {
		return nil, err
	}
	return &evaluation{a.changes, d.made, d.held}, nil
}

// mostForgotten bounds what one day removes, so that no tick takes long.
const mostForgotten = 20_000

// forget removes the bytes of mail that are older than they are to be kept.
func (s *Scheduler) forget(tx *ledger.Tx, now time.Time) error {
	if s.KeepMailDays == 0 {
		return nil
	}
	_, err := tx.DropBodies(now.AddDate(0, 0, -s.KeepMailDays), mostForgotten, entry(now, byDaemon))
	return err
}

// The ledger keeps these facts for the scheduler.
const (
	factDay         = "day"            // on which occurrences were last made
	factAsked       = "calendar asked" // when the administrators were last asked for a missing year
	factFailures    = "failures told"  // up to when failed mail has been told
	factFailuresDay = "failures day"   // when it was told last
	factBadRules    = "bad rules told" // the problems last told
)

// quiet tells whether there is nothing to say now: the question every tick
// asks, and the only one that most ask.
func (s *Scheduler) quiet(ctx context.Context, now time.Time) (bool, error) {
	untold, err := s.Ledger.UntoldDuties(ctx)
	if err != nil || len(untold) > 0 {
		return false, err
	}
	if !s.MailMayLeave(now) {
		return true, nil
	}
	if waiting, err := s.Ledger.AnyWaiting(ctx, s.today(now)); err != nil || waiting {
		return false, err
	}
	for _, question := range []func(context.Context, time.Time) (bool, error){s.asksForCalendar, s.hasFailures} {
		if ask, err := question(ctx, now); err != nil || ask {
			return false, err
		}
	}
	return true, nil
}
