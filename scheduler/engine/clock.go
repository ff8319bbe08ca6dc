package engine

import (
	"context"
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
func lastTick(ctx context.Context, r ledger.Reader, v View) (time.Time, error) {
	text, err := r.Fact(ctx, factTick)
	if err != nil || text != "" {
		return factTime(text), err
	}
	days, err := r.Fact(ctx, factDay)
	if first, _, _ := strings.Cut(days, " "); first != "" {
		if d, err := calendar.ParseDate(first); err == nil {
			return d.Time(v.Settings.Timezone), nil
		}
	}
	return time.Time{}, err
}

// Doubt says that the ledger's last tick was ahead of the clock, and when a tick
// first found it so; zero: the clock is believed.
func Doubt(ctx context.Context, l ledger.Reader) (found, last time.Time, err error) {
	text, err := l.Fact(ctx, factDoubt)
	if err != nil || text == "" {
		return found, last, err
	}
	tick, err := l.Fact(ctx, factTick)
	return factTime(text), factTime(tick), err
}

// SetBack is what was undone of what a clock that was ahead had noted.
type SetBack struct {
	Occurrences int // whose reminders are due again
	Held        int // notices made by it that had not left
}

// believe tells whether the clock is right. Where the last evaluation is ahead of
// it, one of the two is wrong: the first that finds so tells the administrators
// and makes nothing; another that finds the same, at least ten minutes later by the
// same clock, sets the ledger back (isBack) and goes on.
func believe(tx ledger.Tx, v View, last time.Time, out *Outcome) (believed, isBack bool, err error) {
	text, err := tx.Fact(tx.Context(), factDoubt)
	if err != nil {
		return false, false, err
	}
	found := factTime(text)
	switch {
	case last.IsZero() || last.Sub(v.Now) <= clockSlack:
		if text == "" {
			return true, false, nil
		}
		return true, false, tx.SetFact(factDoubt, "") // the clock is right again by itself
	case text == "" || v.Now.Before(found):
		if err := tx.SetFact(factDoubt, v.Now.UTC().Format(time.RFC3339)); err != nil || text != "" {
			return false, false, err
		}
		return false, false, TellAdmins(tx, v, v.Text("clock"), v.Text("clock text", clockText(v, last), clockText(v, v.Now)))
	case v.Now.Sub(found) < clockSlack:
		return false, false, nil
	}
	out.SetBack, err = setBack(tx, v, last)
	return true, true, err
}

func clockText(v View, t time.Time) string {
	return t.In(v.Settings.Timezone).Format("2006-01-02 15:04")
}

// setBack undoes what an evaluation noted that was ahead of the clock. What was
// sent stays sent, and occurrences made early stay; the rules are adopted anew,
// since what was past due for that clock may be still to come.
func setBack(tx ledger.Tx, v View, last time.Time) (*SetBack, error) {
	ahead, err := tx.ToldAfter(tx.Context(), v.Today()-1)
	if err != nil {
		return nil, err
	}
	for _, o := range ahead {
		if err := tellAgain(tx, v, o); err != nil {
			return nil, err
		}
	}
	held, err := holdEarly(tx, v)
	if err != nil {
		return nil, err
	}
	if err := tx.FollowedBy(v.Now); err != nil {
		return nil, err
	}
	if err := tx.MadeToday(v.Today(), v.Now); err != nil {
		return nil, err
	}
	for _, name := range []string{factAsked, factFailuresDay, factHeldTold} {
		if day, err := tx.Fact(tx.Context(), name); err != nil {
			return nil, err
		} else if day > v.Today().String() {
			if err := tx.SetFact(name, ""); err != nil {
				return nil, err
			}
		}
	}
	e := v.Entry(ByDaemon)
	e.Action, e.Subject = "clock set back", ledger.Subject{Kind: "clock"}
	e.Before, e.After = last.UTC().Format(time.RFC3339), v.Now.UTC().Format(time.RFC3339)
	if err := tx.Journal(e); err != nil {
		return nil, err
	}
	return &SetBack{Occurrences: len(ahead), Held: held}, tx.SetFact(factDoubt, "")
}

// tellAgain takes back that somebody was told of an occurrence on a day that has
// not come.
func tellAgain(tx ledger.Tx, v View, o *ledger.Occurrence) (err error) {
	today := v.Today()
	if p := v.Rules.Plan(o.Plan); p != nil {
		today = p.Day(v.Now)
	}
	if o.ToldThrough > today {
		if o.ToldThrough, err = tx.LastTold(tx.Context(), o, o.Unit, v.Now); err != nil {
			return err
		}
	}
	if o.SupervisorTold > today {
		boss := v.Supervisor(v.Rules.Unit(o.Unit))
		o.SupervisorTold = 0
		if boss != nil {
			if o.SupervisorTold, err = tx.LastTold(tx.Context(), o, boss.ID, v.Now); err != nil {
				return err
			}
		}
	}
	o.NextReminder = v.NextReminder(v.Obligation(o), o)
	return tx.SaveReminder(o)
}

// holdEarly holds the notices that were made after now, and tells how many.
func holdEarly(tx ledger.Tx, v View) (int, error) {
	early, err := tx.MadeAfter(tx.Context(), v.Now)
	if err != nil {
		return 0, err
	}
	for _, n := range early {
		e := v.Entry(ByDaemon)
		e.Reason = "it was made by a clock that was ahead"
		if err := tx.MoveNotice(n, ledger.Held, time.Time{}, n.GiveUp, e); err != nil {
			return 0, err
		}
		if err := untell(tx, n); err != nil {
			return 0, err
		}
	}
	return len(early), nil
}

// untell has a unit hear anew of the duties that a notice would have told it of.
func untell(tx ledger.Tx, n *ledger.Notice) error {
	for _, it := range n.Items {
		if it.Occurrence != 0 {
			continue
		}
		if err := tx.DutyUntold(it.Plan, it.Obligation, n.Unit, it.Kind == relieved); err != nil {
			return err
		}
	}
	return nil
}
