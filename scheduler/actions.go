package scheduler

import (
	"context"
	"net/url"
	"slices"
	"time"

	"duban/ledger"
	"duban/rules"
	"duban/rules/calendar"
)

// Act is what somebody does to an occurrence.
type Act struct {
	By       string        // who; empty: the caller's default
	Date     calendar.Date // when it was so; 0: now
	Evidence string        // a link
	Note     string
	Reason   string
	To       calendar.Date // extend: to that day
	More     *rules.Within // extend: by so much
}

// action is an Act under way on one occurrence.
type action struct {
	*Scheduler
	Act
	tx   ledger.Tx
	now  time.Time
	o    *ledger.Occurrence
	rule *rules.Obligation
	name string // for the journal
}

// act finds the occurrence, lets f change it and writes the change with its
// journal entry and all that follows from it, in one transaction.
func (s *Scheduler) act(ctx context.Context, name, key string, in Act, f func(*action) error) (*ledger.Occurrence, error) {
	now := s.Clock()
	if err := in.check(); err != nil {
		return nil, err
	}
	var out *ledger.Occurrence
	err := s.Ledger.Update(ctx, func(tx ledger.Tx) error {
		o, err := tx.Find(tx.Context(), key)
		if err != nil {
			return err
		}
		a := &action{s, in, tx, now, o, s.rule(o), name}
		out, err = a.run(f)
		return err
	})
	if err == nil {
		s.Log.Info().Str("occurrence", out.FullKey()).Str("unit", out.Unit).Str("state", string(out.State)).Stringer("due", out.Due).Msg(name)
	}
	return out, err
}

func (a *action) run(f func(*action) error) (*ledger.Occurrence, error) {
	before := *a.o
	if a.Reason == "" {
		a.Reason = a.Note
	}
	if _, err := mend(a.Scheduler, a.tx, a.rule, a.o); err != nil {
		return nil, err
	}
	if err := f(a); err != nil {
		return nil, err
	}
	a.o.NextReminder = a.nextReminder(a.rule, a.o)
	e := entry(a.now, a.By)
	e.Action, e.Reason = a.name, a.Reason
	if err := a.tx.SaveOccurrence(&before, a.o, e); err != nil {
		return nil, err
	}
	if before.State == a.o.State || before.State != ledger.StateClosed && a.o.State != ledger.StateClosed {
		return a.o, nil
	}
	return a.o, chain{a.Scheduler, a.tx, a.now, a.By, nil}.follow(a.o)
}

func (in *Act) check() error {
	for field, s := range map[string]string{"note": in.Note, "reason": in.Reason} {
		if err := rules.CheckNote(s); err != nil {
			return refuse(field, "the text %w", err)
		}
	}
	if err := rules.CheckLine(in.By); err != nil {
		return refuse("by", "--by %w", err)
	}
	if in.To != 0 && in.More != nil {
		return refuse("to", "give a day or a distance, not both")
	}
	if in.Evidence == "" {
		return nil
	}
	u, err := url.Parse(in.Evidence)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || rules.CheckNote(in.Evidence) != nil {
		return refuse("evidence", "evidence %.60q is no link: give the address of what was published, starting with https:// or http://", in.Evidence)
	}
	return nil
}

// want refuses an action in the wrong state, saying what to do instead.
func (a *action) want(states ...ledger.State) error {
	if slices.Contains(states, a.o.State) {
		return nil
	}
	hint := ""
	switch a.o.State {
	case ledger.StateClosed, ledger.StateWaived:
		hint = ": duban reopen opens it again"
	case ledger.StateReported:
		hint = ": duban accept or duban return decides on the report"
	case ledger.StateCancelled:
		hint = ": " + a.o.Reason
	}
	return refuse("", "%s is %s%s", a.o.Key(), a.o.State, hint)
}

// when is the moment an act counts for: now, or close of business of its date.
func (a *action) when() (time.Time, error) {
	if a.Date == 0 || a.Date == a.day(a.now) {
		return a.now, nil
	}
	if a.Date > a.day(a.now) {
		return time.Time{}, refuse("date", "%s has not come yet", a.Date)
	}
	if err := a.notBefore(a.Date); err != nil {
		return time.Time{}, err
	}
	if a.rule == nil {
		return a.Date.At(12*60, a.Timezone), nil
	}
	return a.rule.Plan.Closing(a.Date), nil
}

// notBefore refuses a day on which the occurrence could not have been done.
func (a *action) notBefore(day calendar.Date) error {
	switch {
	case a.o.Event != 0 && day < a.o.Anchor:
		return refuse("date", "%s is before the event that started %s, on %s", day, a.o.Key(), a.o.Anchor)
	case a.o.Cause != 0 && day < a.o.Anchor:
		return refuse("date", "%s is before the closing that started %s, on %s", day, a.o.Key(), a.o.Anchor)
	case a.rule != nil && day < a.rule.Plan.Starts:
		return refuse("date", "%s is before the plan starts, on %s", day, a.rule.Plan.Starts)
	}
	return nil
}

// day is the date where the occurrence's plan applies.
func (a *action) day(t time.Time) calendar.Date {
	if a.rule != nil {
		return a.rule.Plan.Day(t)
	}
	return a.today(t)
}

// Done reports an occurrence: it is closed, or waits for the supervisor where
// the plan says so.
func (s *Scheduler) Done(ctx context.Context, key string, in Act) (*ledger.Occurrence, error) {
	return s.act(ctx, "reported", key, in, (*action).done)
}

func (a *action) done() error {
	if err := a.want(ledger.StateOpen); err != nil {
		return err
	}
	if a.rule != nil && a.rule.EvidenceRequired && a.Evidence == "" {
		return refuse("evidence", "%s needs a link to what was published: add --evidence URL", a.o.Key())
	}
	at, err := a.when()
	if err != nil {
		return err
	}
	a.o.ReportedAt, a.o.ReportedBy, a.o.Evidence, a.o.Note = at, a.By, a.Evidence, a.Note
	if a.rule != nil && a.rule.Plan.Review {
		a.o.State = ledger.StateReported
		return a.tellOfReport()
	}
	a.name = "closed"
	a.o.State, a.o.ClosedAt = ledger.StateClosed, at
	return a.endPause(a.day(at))
}

// Accept closes what was reported.
func (s *Scheduler) Accept(ctx context.Context, key string, in Act) (*ledger.Occurrence, error) {
	return s.act(ctx, "accepted", key, in, (*action).accept)
}

func (a *action) accept() error {
	if a.o.State != ledger.StateReported {
		return refuse("", "%s is %s: only what was reported and waits can be accepted", a.o.Key(), a.o.State)
	}
	at, err := a.when()
	if err != nil {
		return err
	}
	a.o.State, a.o.ClosedAt = ledger.StateClosed, at
	return a.endPause(a.day(at))
}

// Return opens what was reported again, with the reason.
func (s *Scheduler) Return(ctx context.Context, key string, in Act) (*ledger.Occurrence, error) {
	return s.act(ctx, "returned", key, in, func(a *action) error {
		if a.o.State != ledger.StateReported {
			return refuse("", "%s is %s: only what was reported and waits can be returned", a.o.Key(), a.o.State)
		}
		if a.Reason == "" {
			return refuse("reason", "say what is missing: add --reason")
		}
		a.o.State, a.o.ReportedAt, a.o.Reason = ledger.StateOpen, time.Time{}, a.Reason
		if err := a.recount(); err != nil {
			return err
		}
		return a.tellOfReturn()
	})
}

// Waive ends an occurrence without its being done.
func (s *Scheduler) Waive(ctx context.Context, key string, in Act) (*ledger.Occurrence, error) {
	return s.act(ctx, "waived", key, in, (*action).waive)
}

func (a *action) waive() error {
	if err := a.want(ledger.StateOpen, ledger.StateReported); err != nil {
		return err
	}
	at, err := a.when()
	if err != nil {
		return err
	}
	a.o.State, a.o.ClosedAt, a.o.Reason = ledger.StateWaived, at, a.Reason
	return a.endPause(a.day(at))
}

// Reopen opens what was ended.
func (s *Scheduler) Reopen(ctx context.Context, key string, in Act) (*ledger.Occurrence, error) {
	return s.act(ctx, "reopened", key, in, func(a *action) error {
		if a.o.State == ledger.StateOpen {
			return refuse("", "%s is open already", a.o.Key())
		}
		a.o.State, a.o.ReportedAt, a.o.ClosedAt, a.o.Reason = ledger.StateOpen, time.Time{}, time.Time{}, a.Reason
		return a.recount()
	})
}

// recount dates what is open again by the rule as it now stands, and refuses
// what nobody owes any more.
func (a *action) recount() error {
	if a.rule == nil || !a.rule.Owes(a.o.Unit) {
		return refuse("", "%s cannot be opened again: no rule asks for it any more", a.o.Key())
	}
	in, whyNot, err := again(a.Scheduler, a.tx, a.rule, a.o)
	if err != nil {
		return err
	}
	if whyNot != "" {
		return refuse("", "%s cannot be opened again: %s", a.o.Key(), whyNot)
	}
	rule, err := a.tx.Rule(a.rule, a.now)
	if err != nil {
		return err
	}
	count(a.rule, a.o, in)
	a.o.Rule = rule
	return nil
}

// Extend moves the due date; the first one is kept.
func (s *Scheduler) Extend(ctx context.Context, key string, in Act) (*ledger.Occurrence, error) {
	return s.act(ctx, "extended", key, in, (*action).extend)
}

func (a *action) extend() error {
	if err := a.want(ledger.StateOpen, ledger.StateReported); err != nil {
		return err
	}
	if a.Reason == "" {
		return refuse("reason", "say why: add --reason")
	}
	to, named := a.To, calendar.Date(0)
	if a.More != nil && a.rule != nil {
		to, named = a.rule.Extended(a.o.Due, *a.More)
	}
	if err := a.mayExtend(to); err != nil {
		return err
	}
	a.o.Due, a.o.Granted, a.o.Named, a.o.Reason = to, to, named, a.Reason
	a.o.Provisional = !a.rule.Trusts(a.o.Anchor, to)
	return nil
}

// mayExtend refuses a new due date that the rule does not allow.
func (a *action) mayExtend(to calendar.Date) error {
	switch {
	case !a.o.PausedOn.IsZero():
		return refuse("", "%s is paused: resume it first", a.o.Key())
	case a.rule == nil:
		return refuse("", "%s cannot be extended: its rule is gone", a.o.Key())
	case to > calendar.Last:
		return refuse("to", "%s is out of range: dates lie from %s to %s", to, calendar.First, calendar.Last)
	case to <= a.o.Due:
		return refuse("to", "%s is not later than the due date, %s", to, a.o.Due)
	}
	pauses, err := a.tx.Pauses(a.tx.Context(), a.o.ID)
	if err != nil {
		return err
	}
	if most := a.rule.Latest(a.o.Anchor, pauses...); most != 0 && to > most {
		return refuse("to", "%s is too late: extensions of %s may add %s in all, to %s at the latest", to, a.o.Obligation, a.rule.Extendable, most)
	}
	return nil
}

// Pause stops the clock at the end of the day.
func (s *Scheduler) Pause(ctx context.Context, key string, in Act) (*ledger.Occurrence, error) {
	return s.act(ctx, "paused", key, in, func(a *action) error {
		if err := a.want(ledger.StateOpen); err != nil {
			return err
		}
		day := a.Date
		if day == 0 {
			day = a.day(a.now)
		}
		switch {
		case a.rule == nil || !a.rule.Pausable:
			return refuse("", "%s: its clock cannot be stopped: the obligation is not pausable", a.o.Key())
		case !a.o.PausedOn.IsZero():
			return refuse("", "%s is paused already, since %s", a.o.Key(), a.o.PausedOn)
		case day > a.day(a.now):
			return refuse("date", "%s has not come yet", day)
		case day < a.o.Anchor:
			return refuse("date", "%s is before its clock started, %s", day, a.o.Anchor)
		}
		pauses, err := a.tx.Pauses(a.tx.Context(), a.o.ID)
		if err != nil {
			return err
		}
		ranOut := a.o.Due
		if !a.o.Extended() {
			ranOut = a.rule.RanOut(a.o.Anchor, pauses...)
		}
		last := lastDay(pauses)
		switch {
		case day >= ranOut:
			return refuse("date", "its clock ran out on %s: there is nothing left to stop", ranOut)
		case day < last:
			return refuse("date", "%s is before the end of its last pause, %s", day, last)
		}
		a.o.PausedOn = day
		return a.tx.AddPause(a.o.ID, day, a.Reason)
	})
}

// lastDay is the first day on which the clock may be stopped after the pauses:
// the day the last of them ended, but no day twice.
func lastDay(pauses []rules.Pause) calendar.Date {
	last := calendar.Date(0)
	for _, p := range pauses {
		last = max(last, p.From+1, p.To)
	}
	return last
}

// Resume starts the clock again on the day after.
func (s *Scheduler) Resume(ctx context.Context, key string, in Act) (*ledger.Occurrence, error) {
	return s.act(ctx, "resumed", key, in, func(a *action) error {
		if a.o.PausedOn.IsZero() {
			return refuse("", "%s is not paused", a.o.Key())
		}
		day := a.Date
		if day == 0 {
			day = a.day(a.now)
		}
		switch {
		case day > a.day(a.now):
			return refuse("date", "%s has not come yet", day)
		case day < a.o.PausedOn:
			return refuse("date", "%s is before it was paused, %s", day, a.o.PausedOn)
		}
		return a.endPause(day)
	})
}

// endPause ends a pause that lasts and moves the due date by it.
func (a *action) endPause(day calendar.Date) error {
	if a.o.PausedOn.IsZero() {
		return nil
	}
	day = max(day, a.o.PausedOn)
	pause := rules.Pause{From: a.o.PausedOn, To: day}
	a.o.PausedOn = 0
	if err := a.tx.EndPause(a.o.ID, day); err != nil || a.rule == nil {
		return err
	}
	pauses, err := a.tx.Pauses(a.tx.Context(), a.o.ID)
	if err != nil {
		return err
	}
	if a.o.Extended() {
		a.o.Granted, a.o.Named = a.rule.Resume(a.o.Granted, pause)
		a.o.Granted = min(a.o.Granted, calendar.Last)
	}
	count(a.rule, a.o, a.rule.At(a.o.Period, a.o.Anchor, pauses...))
	return nil
}
