package scheduler

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"duban/ledger"
	"duban/rules/calendar"
)

// A clock that was wrong once does no harm for long: see believe.
const (
	noteEvery   = time.Hour           // a tick that found nothing is written down no more often
	clockSlack  = 10 * time.Minute    // the last tick may be that far ahead of the clock
	longAbsence = 60 * 24 * time.Hour // after more than that without a tick, what is overdue is held
)

// factTime is a fact that is a time; zero: there is none.
func factTime(s string) time.Time {
	t, _ := time.Parse(time.RFC3339, s) // empty, or never written by us
	return t
}

// lastTick is when the last tick was; where an older version ticked, the start of
// that day.
func (s *Scheduler) lastTick(ctx context.Context) (time.Time, error) {
	text, err := s.Ledger.Fact(ctx, factTick)
	if err != nil || text != "" {
		return factTime(text), err
	}
	days, err := s.Ledger.Fact(ctx, factDay)
	if first, _, _ := strings.Cut(days, " "); first != "" {
		if d, err := calendar.ParseDate(first); err == nil {
			return d.Time(s.Timezone), nil
		}
	}
	return time.Time{}, err
}

// Doubt says that the ledger's last tick was ahead of the clock, and when a tick
// first found it so; zero: the clock is believed.
func Doubt(ctx context.Context, l ledger.Store) (found, last time.Time, err error) {
	text, err := l.Fact(ctx, factDoubt)
	if err != nil || text == "" {
		return found, last, err
	}
	tick, err := l.Fact(ctx, factTick)
	return factTime(text), factTime(tick), err
}

// believe tells whether the clock is right. Where the last tick is ahead of it,
// one of the two is wrong: the first tick that finds so tells the
// administrators and makes nothing; another that finds the same, at least ten
// minutes later by the same clock, sets the ledger back (isBack) and goes on.
func (s *Scheduler) believe(tx ledger.Tx, now, last time.Time) (believed, isBack bool, err error) {
	text, err := tx.Fact(tx.Context(), factDoubt)
	if err != nil {
		return false, false, err
	}
	found := factTime(text)
	switch {
	case last.IsZero() || last.Sub(now) <= clockSlack:
		if text == "" {
			return true, false, nil
		}
		return true, false, tx.SetFact(factDoubt, "") // the clock is right again by itself
	case text == "" || now.Before(found):
		if err := tx.SetFact(factDoubt, now.UTC().Format(time.RFC3339)); err != nil || text != "" {
			return false, false, err
		}
		return false, false, s.tellAdmins(tx, now, s.say("clock"), fmt.Sprintf(s.say("clock text"), s.clockText(last), s.clockText(now)))
	case now.Sub(found) < clockSlack:
		return false, false, nil
	}
	return true, true, s.setBack(tx, now, last)
}

// err is what a probe says of a tick that made nothing.
func (r Report) err() error {
	if r.Doubtful {
		return errors.New("the clock is before the ledger's last tick: nothing is made until another tick, ten minutes later, finds the same")
	}
	return nil
}

func (s *Scheduler) clockText(t time.Time) string {
	return t.In(s.Timezone).Format("2006-01-02 15:04")
}

// untell has a unit hear anew of the duties that a notice would have told it of.
func untell(tx ledger.Tx, n *ledger.Notice) error {
	for _, it := range n.Items {
		if it.Occurrence != 0 {
			continue
		}
		if err := tx.DutyUntold(it.Plan, it.Obligation, n.Unit); err != nil {
			return err
		}
	}
	return nil
}

// setBack undoes what a tick noted that was ahead of the clock. What was sent
// stays sent, and occurrences made early stay; the rules are adopted anew, since
// what was past due for that clock may be still to come.
func (s *Scheduler) setBack(tx ledger.Tx, now, last time.Time) error {
	ahead, err := tx.ToldAfter(tx.Context(), s.today(now)-1)
	if err != nil {
		return err
	}
	for _, o := range ahead {
		today := s.today(now)
		if p := s.Rules().Plan(o.Plan); p != nil {
			today = p.Day(now)
		}
		if o.ToldThrough > today {
			if o.ToldThrough, err = tx.LastTold(tx.Context(), o, o.Unit, now); err != nil {
				return err
			}
		}
		if o.SupervisorTold > today {
			unit := s.Rules().Unit(o.Unit)
			boss := s.supervisor(unit)
			o.SupervisorTold = 0
			if boss != nil {
				if o.SupervisorTold, err = tx.LastTold(tx.Context(), o, boss.ID, now); err != nil {
					return err
				}
			}
		}
		o.NextReminder = s.nextReminder(s.rule(o), o)
		if err := tx.SaveReminder(o); err != nil {
			return err
		}
	}
	early, err := tx.MadeAfter(tx.Context(), now)
	if err != nil {
		return err
	}
	for _, n := range early {
		e := entry(now, byDaemon)
		e.Reason = "it was made by a clock that was ahead"
		if err := tx.MoveNotice(n, ledger.Held, time.Time{}, n.GiveUp, e); err != nil {
			return err
		}
		if err := untell(tx, n); err != nil {
			return err
		}
	}
	if err := tx.FollowedBy(now); err != nil {
		return err
	}
	if err := tx.MadeToday(s.today(now), now); err != nil {
		return err
	}
	for _, name := range []string{factAsked, factFailuresDay, factHeldTold} {
		if day, err := tx.Fact(tx.Context(), name); err != nil {
			return err
		} else if day > s.today(now).String() {
			if err := tx.SetFact(name, ""); err != nil {
				return err
			}
		}
	}
	e := entry(now, byDaemon)
	e.Action, e.Subject = "clock set back", ledger.Subject{Kind: "clock"}
	e.Before, e.After = last.UTC().Format(time.RFC3339), now.UTC().Format(time.RFC3339)
	if err := tx.Journal(e); err != nil {
		return err
	}
	s.Log.Warn().Time("now", now).Time("last", last).Int("occurrences", len(ahead)).Int("held", len(early)).Msg("the last ticks were ahead of the clock: set back")
	return tx.SetFact(factDoubt, "")
}
