package scheduler

import (
	"context"
	"fmt"
	"strings"
	"time"

	"duban/ledger"
	"duban/rules/calendar"
)

// Notices that are held wait for a person: a flood, what is overdue after a long
// absence, and what a new version counts otherwise. The administrators are told
// at once, and again each working day until somebody has looked.

// counting is the way in which this version counts. A version that counts
// otherwise gets another number.
const counting = "2"

// countsOtherwise tells whether the ledger's dates are of another way of counting.
func (s *Scheduler) countsOtherwise(ctx context.Context) (bool, error) {
	return countedOtherwise(ctx, s.Ledger)
}

func (s *Scheduler) needsUpgrade(tx ledger.Tx) (bool, error) {
	return countedOtherwise(tx.Context(), tx)
}

func countedOtherwise(ctx context.Context, db interface {
	Fact(context.Context, string) (string, error)
	Plans(context.Context) ([]string, error)
}) (bool, error) {
	is, err := db.Fact(ctx, factCounting)
	if err != nil || is == counting {
		return false, err
	}
	plans, err := db.Plans(ctx)
	return len(plans) > 0, err
}

// endUpgrade tells the administrators what this version counts otherwise than
// the one before, and holds the notices about that.
func (a *adoption) endUpgrade() error {
	if err := a.tx.SetFact(factCounting, counting); err != nil || !a.upgrade || len(a.changes)+len(a.waiting) == 0 {
		return err
	}
	var lines []string
	for _, c := range a.waiting {
		lines = append(lines, a.changeText(c))
	}
	for _, c := range a.changes {
		lines = append(lines, a.changeText(c))
		if err := a.tx.Withhold(c.ID); err != nil {
			return err
		}
	}
	waiting, err := a.tx.PendingAboutWithheld(a.tx.Context())
	if err != nil {
		return err
	}
	for _, n := range waiting {
		e := entry(a.now, byDaemon)
		e.Reason = "a new version counts what it is about otherwise"
		if err := a.tx.MoveNotice(n, ledger.Held, time.Time{}, n.GiveUp, e); err != nil {
			return err
		}
	}
	return a.tellAdmins(a.tx, a.now, fmt.Sprintf(a.say("counting"), len(lines)), fmt.Sprintf(a.say("counting text"), strings.Join(lines, "\n")))
}

func (a *adoption) changeText(c Change) string {
	day := func(d calendar.Date) string {
		if d.IsZero() {
			return "-"
		}
		return d.String()
	}
	before, after := day(c.Before), day(c.Due)
	switch c.Action {
	case "cancelled":
		before, after = after, "-"
	case "waits":
		before = "-"
	}
	if c.Provisional {
		after += a.say("provisional")
	}
	return fmt.Sprintf("%s  %s  %s → %s", c.Occurrence, a.say("change "+c.Action), before, after)
}

// hasHeld tells whether notices are held that the administrators have not heard
// of today.
func (s *Scheduler) hasHeld(ctx context.Context, now time.Time) (bool, error) {
	told, err := s.Ledger.Fact(ctx, factHeldTold)
	if err != nil || told >= s.today(now).String() || !s.workdays().IsWorkingDay(s.today(now)) {
		return false, err
	}
	n, err := s.Ledger.CountHeld(ctx, now)
	return n > 0, err
}

// tellHeld tells the administrators of held notices, once a working day.
func (d *digest) tellHeld() error {
	told, err := d.tx.Fact(d.tx.Context(), factHeldTold)
	if err != nil || told >= d.today.String() || !d.workdays().IsWorkingDay(d.today) {
		return err
	}
	n, err := d.tx.CountHeld(d.tx.Context(), d.now)
	if err != nil || n == 0 {
		return err
	}
	if err := d.tellAdmins(d.tx, d.now, fmt.Sprintf(d.say("held still"), n), fmt.Sprintf(d.say("held still text"), n)); err != nil {
		return err
	}
	return d.tx.SetFact(factHeldTold, d.today.String())
}
