package engine

import (
	"context"
	"fmt"
	"strings"
	"time"

	"duban/ledger"
	"duban/notify"
	"duban/rules/catalogue"
)

// Text is what the administrators are told under a key, in their language.
func (v View) Text(key string, args ...any) string {
	return catalogue.In(v.Settings.Language).Say("admin: "+key, args...)
}

// TellAdmins puts a notice to the administrators into the outbox. The same one
// on the same day is one notice.
func TellAdmins(tx ledger.Tx, v View, title, text string) error {
	_, err := addAdminNotice(tx, v, title, text)
	return err
}

// TellOnceADay is TellAdmins of what goes on and on: at most once a day, which the
// fact remembers.
func TellOnceADay(tx ledger.Tx, v View, fact, title, text string) error {
	today := v.Today().String()
	told, err := tx.Fact(tx.Context(), fact)
	if err != nil || told == today {
		return err
	}
	if err := TellAdmins(tx, v, title, text); err != nil {
		return err
	}
	return tx.SetFact(fact, today)
}

// addAdminNotice does what TellAdmins does and tells the notice's number; 0: there are no
// administrators.
func addAdminNotice(tx ledger.Tx, v View, title, text string) (int64, error) {
	if len(v.Settings.Admins) == 0 {
		return 0, nil
	}
	n := outgoing(v, ledger.Admin)
	n.Subject, n.Text = notify.AdminSubject(v.Settings.Language, title), text
	n.MessageID = notify.MessageID(v.Settings.From.ASCIIHost(), "admin", n.Day.String(), title, text)
	n.Recipients = v.Recipients(n)
	err := tx.AddNotice(n, v.Entry(ByDaemon))
	return n.ID, err
}

// outgoing is a notice that is to leave as soon as the window lets it.
func outgoing(v View, kind ledger.NoticeKind) *ledger.Notice {
	return &ledger.Notice{
		Kind: kind, Day: v.leaves(), State: ledger.Pending, Created: v.Now, NextTry: v.Now, GiveUp: v.GiveUp(),
	}
}

// adminNotices tells the administrators what they have to do something about.
func (d *digest) adminNotices() error {
	if !d.view.MailMayLeave() {
		return nil
	}
	if err := d.askForCalendar(); err != nil {
		return err
	}
	if err := d.bulletin(); err != nil {
		return err
	}
	if err := d.tellHeld(); err != nil {
		return err
	}
	return d.tellFailures()
}

// missingYear is the year whose holidays are wanted: this one, or from 1
// December the next; 0: none.
func (v View) missingYear() int {
	today := v.Today()
	years := []int{today.Year()}
	if today.Month() == time.December {
		years = append(years, today.Year()+1)
	}
	for _, y := range years {
		for _, p := range v.Rules.InForce() {
			if _, known := p.Calendar.Year(y); !known {
				return y
			}
		}
	}
	return 0
}

// asksForCalendar tells whether the weekly question for a missing year is due.
func asksForCalendar(ctx context.Context, r ledger.Reader, v View) (bool, error) {
	if v.missingYear() == 0 {
		return false, nil
	}
	last, err := r.Fact(ctx, factAsked)
	return last <= (v.Today() - 7).String(), err
}

func (d *digest) askForCalendar() error {
	year := d.view.missingYear()
	last, err := d.tx.Fact(d.tx.Context(), factAsked)
	if err != nil || year == 0 || last > (d.today-7).String() {
		return err
	}
	if err := TellAdmins(d.tx, d.view, d.view.Text("calendar", year), d.view.Text("calendar text", year)); err != nil {
		return err
	}
	return d.tx.SetFact(factAsked, d.today.String())
}

// hasFailures tells whether mail has failed that nobody was told of, and today's
// digest of such has not been made.
func hasFailures(ctx context.Context, r ledger.Reader, v View) (bool, error) {
	day, err := r.Fact(ctx, factFailuresDay)
	if err != nil || day >= v.Today().String() || len(v.Settings.Admins) == 0 {
		return false, err
	}
	return r.AnyUntoldFailure(ctx, v.Today())
}

// Untellable are the failures that no mail can tell of: those of mail to the
// administrators, and all that wait where there are none.
func Untellable(ctx context.Context, r ledger.Reader, v View) ([]ledger.Failure, error) {
	if len(v.Settings.Admins) == 0 {
		return r.UntoldFailures(ctx, v.Today())
	}
	return r.AdminFailures(ctx)
}

// mostFailures is how many a digest of failures names.
const mostFailures = 50

// tellFailures tells the administrators of all mail that failed, whoever it was
// for. Where nobody could be told by the last digest, this one says it again.
func (d *digest) tellFailures() error {
	ctx := d.tx.Context()
	day, err := d.tx.Fact(ctx, factFailuresDay)
	if err != nil || day >= d.today.String() || len(d.view.Settings.Admins) == 0 {
		return err
	}
	failed, err := d.tx.UntoldFailures(ctx, d.today)
	if err != nil || len(failed) == 0 {
		return err
	}
	var lines []string
	for i, f := range failed {
		if i == mostFailures {
			lines = append(lines, d.view.Text("failures more", len(failed)-mostFailures))
			break
		}
		lines = append(lines, failureLine(d.view, f))
	}
	by, err := addAdminNotice(d.tx, d.view, d.view.Text("failures", len(failed)), d.view.Text("failures text", strings.Join(lines, "\n")))
	if err != nil {
		return err
	}
	if err := d.tx.SetFact(factFailuresDay, d.today.String()); err != nil {
		return err
	}
	e := d.view.Entry(ByDaemon)
	e.Reason = "its failures are in a newer notice"
	return d.tx.ToldOfFailures(failed, by, d.today, e)
}

// failureLine names a failure: its notice, whom it was for, what it said.
func failureLine(v View, f ledger.Failure) string {
	whom := f.Unit
	if whom == "" {
		whom = v.Text("administrators")
	}
	return fmt.Sprintf("%d  %s  %s  %s  %s", f.Notice, whom, f.Address, f.Subject, f.Error)
}
