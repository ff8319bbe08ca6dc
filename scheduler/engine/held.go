package engine

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
func countsOtherwise(ctx context.Context, r ledger.Reader) (bool, error) {
	is, err := r.Fact(ctx, factCounting)
	if err != nil || is == counting {
		return false, err
	}
	plans, err := r.Plans(ctx)
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
		lines = append(lines, changeText(a.view, c))
	}
	for _, c := range a.changes {
		lines = append(lines, changeText(a.view, c))
		if err := a.tx.Withhold(c.ID); err != nil {
			return err
		}
	}
	waiting, err := a.tx.PendingAboutWithheld(a.tx.Context())
	if err != nil {
		return err
	}
	for _, n := range waiting {
		e := a.view.Entry(ByDaemon)
		e.Reason = "a new version counts what it is about otherwise"
		if err := a.tx.MoveNotice(n, ledger.Held, time.Time{}, n.GiveUp, e); err != nil {
			return err
		}
	}
	return TellAdmins(a.tx, a.view, a.view.Text("counting", len(lines)), a.view.Text("counting text", strings.Join(lines, "\n")))
}

func changeText(v View, c Change) string {
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
		after += v.Text("provisional")
	}
	return fmt.Sprintf("%s  %s  %s → %s", c.Occurrence, v.Text("change "+c.Action), before, after)
}

// hasHeld tells whether notices are held that the administrators have not heard
// of today.
func hasHeld(ctx context.Context, r ledger.Reader, v View) (bool, error) {
	told, err := r.Fact(ctx, factHeldTold)
	if err != nil || told >= v.Today().String() || !v.Workdays().IsWorkingDay(v.Today()) {
		return false, err
	}
	n, err := r.CountHeld(ctx, v.Now)
	return n > 0, err
}

// tellHeld tells the administrators of held notices, once a working day.
func (d *digest) tellHeld() error {
	told, err := d.tx.Fact(d.tx.Context(), factHeldTold)
	if err != nil || told >= d.today.String() || !d.view.Workdays().IsWorkingDay(d.today) {
		return err
	}
	n, err := d.tx.CountHeld(d.tx.Context(), d.view.Now)
	if err != nil || n == 0 {
		return err
	}
	if err := TellAdmins(d.tx, d.view, d.view.Text("held still", n), d.view.Text("held still text", n)); err != nil {
		return err
	}
	return d.tx.SetFact(factHeldTold, d.today.String())
}
