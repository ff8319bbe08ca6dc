package scheduler

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"duban/ledger"
	"duban/rules/calendar"
)

// Report says what a tick came to.
type Report struct {
	Changes  int  // open occurrences recounted, cancelled or owed again
	Notices  int  // put into the outbox
	Held     int  // of them, kept back for a person to look at
	Doubtful bool // the clock was not believed: nothing was made
}

// Tick evaluates everything at now and puts what has to be said into the
// outbox; it sends nothing. Notices and the reminders they carry are one
// transaction. A now far before the last tick is not believed at once.
func (s *Scheduler) Tick(ctx context.Context, now time.Time) (Report, error) {
	s.turn.Lock() // rules do not change under a tick
	defer s.turn.Unlock()
	if now.Before(s.NotBefore) {
		return Report{}, fmt.Errorf("the clock says %s, which is before this duban was made, on %s: set it right", now.Format(time.RFC3339), s.NotBefore.Format(time.DateOnly))
	}
	w, err := s.workAt(ctx, now)
	if err != nil || w.none() {
		return Report{}, err
	}
	return s.do(ctx, now, w)
}

// Backfill is a tick that also makes what was past due when the rules first
// asked for it.
func (s *Scheduler) Backfill(ctx context.Context, now time.Time, b Backfill) (Report, error) {
	s.turn.Lock()
	defer s.turn.Unlock()
	w, err := s.workAt(ctx, now)
	if err != nil {
		return Report{}, err
	}
	w.backfill = &b
	return s.do(ctx, now, w)
}

// lease is this daemon's from now on.
func (s *Scheduler) lease(now time.Time) ledger.Lease {
	return ledger.Lease{Owner: s.Owner, Until: now.Add(ledger.LongestLease)}
}

func (s *Scheduler) do(ctx context.Context, now time.Time, w work) (Report, error) {
	var e *evaluation
	err := s.Ledger.Update(ctx, func(tx ledger.Tx) (err error) {
		if err := tx.TakeLease(ledger.Evaluating, s.lease(now), now); err != nil {
			return err
		}
		e, err = s.evaluate(tx, now, w)
		return err
	})
	if err != nil {
		return Report{}, fmt.Errorf("tick: %w", err)
	}
	if e.doubt {
		s.Log.Warn().Time("now", now).Time("last", w.last).Msg("the clock is before the last tick: nothing is made until another tick finds the same")
		return Report{Doubtful: true}, nil
	}
	if w.adopt {
		s.adopted.Store(true)
	}
	report := Report{Changes: len(e.changes), Notices: len(e.made), Held: e.held}
	for _, n := range e.made {
		s.Log.Info().Int64("notice", n.ID).Str("unit", n.Unit).Str("kind", string(n.Kind)).Str("state", string(n.State)).Int("items", len(n.Items)).Msg("notice made")
	}
	if report.Notices > 0 || report.Changes > 0 {
		s.Log.Info().Int("notices", report.Notices).Int("held", report.Held).Int("changes", report.Changes).Msg("tick")
	}
	return report, nil
}

// work is what there is to do at a tick.
type work struct {
	adopt    bool      // rules or calendar differ from those last adopted
	newDay   bool      // somewhere another day has begun
	say      bool      // somebody has to be told of something
	note     bool      // that there was a tick is worth writing down
	last     time.Time // the last tick that was noted
	backfill *Backfill // nil: what was past due is not made
}

func (w work) none() bool { return !w.adopt && !w.newDay && !w.say && !w.note }

// workAt asks the ledger what there is to do; most ticks find nothing.
func (s *Scheduler) workAt(ctx context.Context, now time.Time) (w work, err error) {
	if w.last, err = s.lastTick(ctx); err != nil {
		return w, err
	}
	w.note = now.Sub(w.last) >= noteEvery || w.last.Sub(now) > clockSlack
	if w.adopt, err = s.needsAdoption(ctx); err != nil {
		return w, err
	}
	day, err := s.Ledger.Fact(ctx, factDay)
	if err != nil {
		return w, err
	}
	w.newDay = day != s.days(now)
	quiet, err := s.quiet(ctx, now)
	w.say = !quiet
	return w, err
}

// evaluation is what a tick did to the ledger.
type evaluation struct {
	changes []Change
	made    []*ledger.Notice
	held    int
	doubt   bool // the clock was not believed
}

// evaluate does all that a tick does, in one transaction.
func (s *Scheduler) evaluate(tx ledger.Tx, now time.Time, w work) (*evaluation, error) {
	believed, isBack, err := s.believe(tx, now, w.last)
	if err != nil || !believed {
		return &evaluation{doubt: true}, err
	}
	w.adopt = w.adopt || isBack
	a := &adoption{Scheduler: s, tx: tx, now: now, backfill: w.backfill, isBack: isBack}
	if a.upgrade, err = s.needsUpgrade(tx); err != nil {
		return nil, err
	}
	if w.adopt || w.backfill != nil {
		if err := a.run(); err != nil {
			return nil, fmt.Errorf("adopting the rules: %w", err)
		}
	}
	if w.adopt || w.newDay || w.backfill != nil {
		if err := a.materialise(); err != nil {
			return nil, fmt.Errorf("making occurrences: %w", err)
		}
	}
	if w.adopt {
		if err := a.endUpgrade(); err != nil {
			return nil, err
		}
	}
	if w.newDay {
		if err := tx.SetFact(factDay, s.days(now)); err != nil {
			return nil, err
		}
		if err := s.forget(tx, now); err != nil {
			return nil, err
		}
	}
	d := &digest{Scheduler: s, tx: tx, now: now, today: s.today(now), absent: now.Sub(w.last) > longAbsence && !w.last.IsZero()}
	if err := d.run(a.assign); err != nil {
		return nil, err
	}
	return &evaluation{changes: a.changes, made: d.made, held: d.held}, tx.SetFact(factTick, now.UTC().Format(time.RFC3339))
}

// mostForgotten bounds what one day removes, so that no tick takes long.
const mostForgotten = 20_000

// forget removes the bytes of mail that are older than they are to be kept.
func (s *Scheduler) forget(tx ledger.Tx, now time.Time) error {
	if s.KeepMailDays == 0 {
		return nil
	}
	_, err := tx.DropBodies(now.AddDate(0, 0, -s.KeepMailDays), mostForgotten, entry(now, byDaemon))
	return err
}

// The ledger keeps these facts for the scheduler.
const (
	factDay         = "day"            // on which occurrences were last made, in each zone
	factTick        = "tick"           // when the last tick was, or one less than an hour before
	factDoubt       = "clock doubted"  // when a tick first found the last one ahead
	factCounting    = "counting"       // the way of counting that the ledger's dates are of
	factHeldTold    = "held told"      // the day on which the administrators last heard of held notices
	factAsked       = "calendar asked" // when the administrators were last asked for a missing year
	factRefused     = "refused day"    // when the mail server refused us last
	factFailuresDay = "failures day"   // when failed mail was told last
	factBadRules    = "bad rules told" // the problems last told
)

// days is what day it is where each plan applies, and where the ticks are.
func (s *Scheduler) days(now time.Time) string {
	out := []string{s.today(now).String()}
	for _, p := range s.Rules().Plans {
		if day := p.Day(now).String(); !slices.Contains(out, day) {
			out = append(out, day)
		}
	}
	return strings.Join(out, " ")
}

// lastDay is the latest day that it is anywhere.
func (s *Scheduler) lastDay(now time.Time) calendar.Date {
	day := s.today(now)
	for _, p := range s.Rules().Plans {
		day = max(day, p.Day(now))
	}
	return day
}

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
	if waiting, err := s.Ledger.AnyWaiting(ctx, s.lastDay(now)); err != nil || waiting {
		return false, err
	}
	for _, question := range []func(context.Context, time.Time) (bool, error){s.asksForCalendar, s.hasFailures, s.hasHeld} {
		if ask, err := question(ctx, now); err != nil || ask {
			return false, err
		}
	}
	return true, nil
}
