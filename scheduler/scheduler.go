// Package scheduler decides, from the rules, the ledger and the time, who is
// told what and when, and sees that it leaves.
//
//	adoption     rules, calendar and events as they now stand → duties, recounts
//	claim        the rules followed now and then → what is owed (owed.go)
//	materialise  duties → occurrences, ahead of time
//	chain        a closing → the next step; taken back, redated or made again with it
//	Tick         occurrences whose reminder has come → notices in the outbox
//	Deliver      notices → mailboxes
//	Done, Waive, Extend, AddEvent …  what people do to occurrences
//	Ask, Decide                      what units ask, and the answer
//	Rehearse, Save                   what people do to rules
//
// A tick takes the time as a value and may be repeated, missed or come late:
// what it tells follows from what the ledger says has been told. When it last ran
// it asks for one thing alone: whether the clock can be right (clock.go).
package scheduler

import (
	"sync"
	"sync/atomic"
	"time"

	"github.com/rs/zerolog"
	"golang.org/x/time/rate"

	"duban/ledger"
	"duban/notify/mail"
	"duban/rules"
	"duban/rules/address"
	"duban/rules/calendar"
)

// Settings are what the configuration says of the scheduler.
type Settings struct {
	Language          string
	Timezone          *time.Location // of ticks and the window
	WindowFrom        int            // minutes after midnight, when mail may leave
	WindowTo          int
	Weekends          bool // mail leaves on days off too
	MaxNoticesPerTick int
	AssignOnStart     bool
	From              address.Address
	EnvelopeFrom      address.Address // zero: From
	Admins            []address.Address
	MaxPerMinute      int          // mails; 0: no limit
	Signer            *mail.Signer // nil: mails are not signed
	Inbox             mail.Inbox   // of delivery reports; nil: none is read
	Backups           Backups
	NotBefore         time.Time // a clock that says less is never believed; zero: any is
	Owner             string    // this daemon among those that share the ledger
	KeepMailDays      int       // how long the bytes of sent mail are kept; 0: for ever
}

// Clock tells the time. Only cmd knows the real one.
type Clock func() time.Time

// Scheduler ties rules, ledger and transport together.
type Scheduler struct {
	Settings
	Ledger    ledger.Store
	Transport mail.Transport
	Log       zerolog.Logger
	Clock     Clock
	// Link makes the address under which a unit reports an occurrence, in a mail
	// that leaves now; nil: no page.
	Link func(o *ledger.Occurrence, now time.Time) string
	// Observer hears of ticks and mails; nil: nobody does.
	Observer Observer
	// UnitLink makes the address of all that a unit has to do; nil: no page.
	UnitLink func(unit string, now time.Time) string
	// SupervisorLink makes the address of all that a supervisor's units owe; nil: no
	// page.
	SupervisorLink func(unit string, now time.Time) string

	turn    sync.Mutex // held by a tick, and to put rules in force
	editing sync.Mutex // held while a rule file is read, changed and written
	rules   atomic.Pointer[rules.Set]
	adopted atomic.Bool // the ledger stands as these rules say
	breaker breaker
	health  health
	pace    *rate.Limiter // of mails; nil: no limit

	unsettled []result // outcomes that could not be written; delivery's own
}

// New makes a scheduler; transport may be nil where nothing is delivered.
func New(s Settings, set *rules.Set, l ledger.Store, transport mail.Transport, log zerolog.Logger, clock Clock) *Scheduler {
	sch := &Scheduler{Settings: s, Ledger: l, Transport: transport, Log: log, Clock: clock}
	sch.health.started = make(chan struct{})
	sch.SetRules(set)
	if s.MaxPerMinute > 0 {
		sch.pace = rate.NewLimiter(rate.Limit(float64(s.MaxPerMinute)/60), 1)
	}
	return sch
}

// Rules are those in force.
func (s *Scheduler) Rules() *rules.Set { return s.rules.Load() }

// SetRules puts rules in force; the next tick adopts them.
func (s *Scheduler) SetRules(set *rules.Set) {
	s.turn.Lock()
	defer s.turn.Unlock()
	s.rules.Store(set)
	s.adopted.Store(false)
}

// today is the day it is where the ticks are.
func (s *Scheduler) today(now time.Time) calendar.Date { return calendar.DayOf(now.In(s.Timezone)) }

// workdays is the calendar that decides when mail leaves.
func (s *Scheduler) workdays() *calendar.Calendar { return s.Rules().Plans[0].Calendar }

func (s *Scheduler) mailDay(d calendar.Date) bool {
	return s.Weekends || s.workdays().IsWorkingDay(d)
}

// MailMayLeave tells whether the window is open.
func (s *Scheduler) MailMayLeave(now time.Time) bool {
	d := s.today(now)
	return s.mailDay(d) && !now.Before(d.At(s.WindowFrom, s.Timezone)) && now.Before(d.At(s.WindowTo, s.Timezone))
}

// leaves is the day on which a notice made now leaves.
func (s *Scheduler) leaves(now time.Time) calendar.Date {
	d := s.today(now)
	if !now.Before(d.At(s.WindowTo, s.Timezone)) {
		d++
	}
	for !s.mailDay(d) {
		d++
	}
	return d
}

// Opens is when the window opens next, or now where it is open.
func (s *Scheduler) Opens(now time.Time) time.Time {
	if s.MailMayLeave(now) {
		return now
	}
	return s.leaves(now).At(s.WindowFrom, s.Timezone)
}

// language is that of a unit's mails.
func (s *Scheduler) language(u *rules.Unit) string {
	if u != nil && u.Language != "" {
		return u.Language
	}
	return s.Language
}

// supervisor of a unit, or nil.
func (s *Scheduler) supervisor(u *rules.Unit) *rules.Unit {
	if u == nil || u.Supervisor == "" {
		return nil
	}
	return s.Rules().Unit(u.Supervisor)
}

// envelopeFrom is the address that bounces go to.
func (s *Scheduler) envelopeFrom() address.Address {
	if s.EnvelopeFrom.IsZero() {
		return s.From
	}
	return s.EnvelopeFrom
}

// rule is the obligation an occurrence is made from, or nil where it is gone.
func (s *Scheduler) rule(o *ledger.Occurrence) *rules.Obligation {
	return s.Rules().Obligation(o.Plan, o.Obligation)
}

// Late tells whether an occurrence missed its deadline: an open one by now, a
// reported one by when it was reported, in the time zone of its plan. Waived
// and cancelled ones are never late.
func (s *Scheduler) Late(o *ledger.Occurrence, now time.Time) bool {
	at := now
	switch {
	case o.State == ledger.StateWaived || o.State == ledger.StateCancelled || !o.PausedOn.IsZero():
		return false
	case !o.ReportedAt.IsZero():
		at = o.ReportedAt
	}
	return at.After(s.lateAfter(o))
}

// lateAfter is the moment after which an occurrence is late.
func (s *Scheduler) lateAfter(o *ledger.Occurrence) time.Time {
	if p := s.Rules().Plan(o.Plan); p != nil {
		return p.LateAfter(o.Due, o.Named)
	}
	return (max(o.Due, o.Named) + 1).Time(s.Timezone) // the plan is gone: the whole day
}

// deadline is the moment an occurrence's due date ends.
func (s *Scheduler) deadline(o *ledger.Occurrence) time.Time {
	if p := s.Rules().Plan(o.Plan); p != nil {
		return p.Deadline(o.Due)
	}
	return (o.Due + 1).Time(s.Timezone) // the plan is gone: the whole day
}

// Light is how an occurrence stands at a glance.
func (s *Scheduler) Light(o *ledger.Occurrence, now time.Time) rules.Light {
	ob := s.rule(o)
	switch {
	case o.State != ledger.StateOpen && o.State != ledger.StateReported:
		return rules.Grey
	case !o.PausedOn.IsZero():
		return rules.Green
	case ob == nil:
		return rules.Timeline{}.Light(o.Due, s.today(now), s.Late(o, now))
	}
	return ob.Timeline(s.Weekends).Light(o.Due, ob.Plan.Day(now), s.Late(o, now))
}

// entry starts a journal entry.
func entry(now time.Time, actor string) ledger.Entry {
	return ledger.Entry{At: now, Actor: actor}
}

// byDaemon is the actor of what nobody asked for.
const byDaemon = "duban"

// nextReminder is when anybody is to be told of an open occurrence next.
func (s *Scheduler) nextReminder(ob *rules.Obligation, o *ledger.Occurrence) calendar.Date {
	if ob == nil || o.State != ledger.StateOpen || !o.PausedOn.IsZero() {
		return 0
	}
	line := ob.Timeline(s.Weekends).Named(o.Named)
	next := line.UnitAfter(o.Due, o.ToldThrough)
	if s.supervisor(s.Rules().Unit(o.Unit)) == nil {
		return next
	}
	if boss := line.SupervisorAfter(o.Due, o.SupervisorTold); boss != 0 && (next == 0 || boss < next) {
		return boss
	}
	return next
}
