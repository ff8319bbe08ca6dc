package engine

import (
	"time"

	"duban/ledger"
	"duban/rules"
	"duban/rules/address"
	"duban/rules/calendar"
)

// View is what an operation knows besides the ledger: the rules and the settings
// as they stood when it began, and the moment that it takes for now.
type View struct {
	Rules    *rules.Set
	Settings Settings
	Now      time.Time
}

// Settings are what the configuration says of whom to tell, and when.
type Settings struct {
	Language          string
	Timezone          *time.Location // of ticks and the window
	WindowFrom        int            // minutes after midnight, when mail may leave
	WindowTo          int
	Weekends          bool // mail leaves on days off too
	MaxNoticesPerTick int
	AssignOnStart     bool
	From              address.Address
	Admins            []address.Address
	NotBefore         time.Time // a clock that says less is never believed; zero: any is
	Files             int64     // bytes that attached files may take in all; 0: no limit
	KeepMailDays      int       // how long the bytes of sent mail are kept; 0: for ever
	OccurrenceYears   int       // after which what has ended is put aside; 0: never
	Links             Links
	Channels          []string // those beside mail, by their names
	Bulletin          Bulletins
}

// Links make the addresses of the page that mails carry; nil ones: no page.
type Links struct {
	Item       func(o *ledger.Occurrence, now time.Time) string // where a unit reports an occurrence
	Unit       func(unit string, now time.Time) string          // all that a unit has to do
	Supervisor func(unit string, now time.Time) string          // all that a supervisor's units owe
}

// Today is the day it is where the ticks are.
func (v View) Today() calendar.Date { return v.dayOf(v.Now) }

func (v View) dayOf(t time.Time) calendar.Date { return calendar.DayOf(t.In(v.Settings.Timezone)) }

// Workdays is the calendar that decides when mail leaves.
func (v View) Workdays() *calendar.Calendar { return v.Rules.Plans[0].Calendar }

func (v View) isMailDay(d calendar.Date) bool {
	return v.Settings.Weekends || v.Workdays().IsWorkingDay(d)
}

// MailMayLeave tells whether the window is open.
func (v View) MailMayLeave() bool {
	d, s := v.Today(), v.Settings
	return v.isMailDay(d) && !v.Now.Before(d.At(s.WindowFrom, s.Timezone)) && v.Now.Before(d.At(s.WindowTo, s.Timezone))
}

// leaves is the day on which a notice made now leaves.
func (v View) leaves() calendar.Date {
	d := v.Today()
	if !v.Now.Before(d.At(v.Settings.WindowTo, v.Settings.Timezone)) {
		d++
	}
	for !v.isMailDay(d) {
		d++
	}
	return d
}

// Opens is when the window opens next, or now where it is open.
func (v View) Opens() time.Time {
	if v.MailMayLeave() {
		return v.Now
	}
	return v.leaves().At(v.Settings.WindowFrom, v.Settings.Timezone)
}

// Language is that of a unit's mails.
func (v View) Language(u *rules.Unit) string {
	if u != nil && u.Language != "" {
		return u.Language
	}
	return v.Settings.Language
}

// Supervisor of a unit, or nil.
func (v View) Supervisor(u *rules.Unit) *rules.Unit {
	if u == nil || u.Supervisor == "" {
		return nil
	}
	return v.Rules.Unit(u.Supervisor)
}

// Obligation is the one an occurrence is made from, or nil where it is gone, or its
// plan a draft again.
func (v View) Obligation(o *ledger.Occurrence) *rules.Obligation {
	if ob := v.Rules.Obligation(o.Plan, o.Obligation); ob != nil && !ob.Plan.Draft {
		return ob
	}
	return nil
}

// Late tells whether an occurrence missed its deadline: an open one by now, a
// reported one by when it was reported, in the time zone of its plan. Waived
// and cancelled ones are never late.
func (v View) Late(o *ledger.Occurrence) bool {
	if o.State == ledger.StateClosed {
		return o.Late
	}
	return v.judge(o)
}

// judge tells by the rules as they are whether an occurrence is late, or was.
func (v View) judge(o *ledger.Occurrence) bool {
	at := v.Now
	switch {
	case o.State == ledger.StateWaived || o.State == ledger.StateCancelled || !o.PausedOn.IsZero():
		return false
	case !o.ReportedAt.IsZero():
		at = o.ReportedAt
	}
	return at.After(v.LateAfter(o))
}

// LateAfter is the moment after which an occurrence is late.
func (v View) LateAfter(o *ledger.Occurrence) time.Time {
	if p := v.Rules.Plan(o.Plan); p != nil {
		return p.LateAfter(o.Due, o.Named)
	}
	return (max(o.Due, o.Named) + 1).Time(v.Settings.Timezone) // the plan is gone: the whole day
}

// deadline is the moment an occurrence's due date ends.
func (v View) deadline(o *ledger.Occurrence) time.Time {
	if p := v.Rules.Plan(o.Plan); p != nil {
		return p.Deadline(o.Due)
	}
	return (o.Due + 1).Time(v.Settings.Timezone) // the plan is gone: the whole day
}

// Light is how an occurrence stands at a glance.
func (v View) Light(o *ledger.Occurrence) rules.Light {
	ob := v.Obligation(o)
	switch {
	case o.State != ledger.StateOpen && o.State != ledger.StateReported:
		return rules.Grey
	case !o.PausedOn.IsZero():
		return rules.Green
	case ob == nil:
		return rules.Timeline{}.Light(o.Due, v.Today(), v.Late(o))
	}
	return ob.Timeline(v.Settings.Weekends).Light(o.Due, ob.Plan.Day(v.Now), v.Late(o))
}

// NextReminder is when anybody is to be told of an open occurrence next.
func (v View) NextReminder(ob *rules.Obligation, o *ledger.Occurrence) calendar.Date {
	if ob == nil || o.State != ledger.StateOpen || !o.PausedOn.IsZero() {
		return 0
	}
	line := ob.Timeline(v.Settings.Weekends).Named(o.Named)
	next := tellsNext(v, ob, line, o)
	if v.Supervisor(v.Rules.Unit(o.Unit)) == nil {
		return next
	}
	if boss := line.SupervisorAfter(o.Due, o.SupervisorTold); boss != 0 && (next == 0 || boss < next) {
		return boss
	}
	return next
}

// Entry starts a journal entry of now.
func (v View) Entry(actor string) ledger.Entry {
	return ledger.Entry{At: v.Now, Actor: actor}
}

// ByDaemon is the actor of what nobody asked for.
const ByDaemon = "duban"
