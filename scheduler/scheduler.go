// Package scheduler decides, from the rules, the ledger and the time, who is
// told what and when, and sees that it leaves.
//
//	adoption     rules, calendar and events as they now stand → duties, recounts
//	claim        the rules followed now and then → what is owed (owed.go)
//	materialise  duties → occurrences, ahead of time
//	chain        a closing → the next step; taken back, redated or made again with it
//	Tick         occurrences whose reminder has come → notices in the outbox
//	Deliver      notices → mailboxes
//	Desk         what people do to occurrences, and what units ask
//	Editor       what people do to rules
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
	"duban/scheduler/engine"
)

// Options are what the configuration says of the daemon.
type Options struct {
	Settings engine.Settings
	Sending  Sending
	Backups  Backups
	Owner    string // this daemon among those that share the ledger
}

// Sending says how mail leaves.
type Sending struct {
	EnvelopeFrom address.Address // that bounces go to; zero: From
	MaxPerMinute int             // mails; 0: no limit
	Signer       *mail.Signer    // nil: mails are not signed
	Inbox        mail.Inbox      // of delivery reports; nil: none is read
}

// Clock tells the time. Only cmd knows the real one.
type Clock func() time.Time

// Scheduler ties rules, ledger and transport together.
type Scheduler struct {
	Options
	Ledger    ledger.Store
	Transport mail.Transport
	Log       zerolog.Logger
	Clock     Clock
	// Observer hears of ticks and mails; nil: nobody does.
	Observer Observer

	turn    sync.Mutex // held by a tick, and to put rules in force
	rules   atomic.Pointer[rules.Set]
	adopted atomic.Bool // the ledger stands as these rules say
	breaker breaker
	health  health
	pace    *rate.Limiter // of mails; nil: no limit

	unsettled []result // outcomes that could not be written; delivery's own
}

// New makes a scheduler; transport may be nil where nothing is delivered.
func New(o Options, set *rules.Set, l ledger.Store, transport mail.Transport, log zerolog.Logger, clock Clock) *Scheduler {
	s := &Scheduler{Options: o, Ledger: l, Transport: transport, Log: log, Clock: clock}
	s.health.started = make(chan struct{})
	s.SetRules(set)
	if o.Sending.MaxPerMinute > 0 {
		s.pace = rate.NewLimiter(rate.Limit(float64(o.Sending.MaxPerMinute)/60), 1)
	}
	return s
}

// View is what an operation that begins now goes by.
func (s *Scheduler) View() engine.View {
	return engine.View{Rules: s.rules.Load(), Settings: s.Settings, Now: s.Clock()}
}

// at is the view of a moment.
func (s *Scheduler) at(now time.Time) engine.View {
	v := s.View()
	v.Now = now
	return v
}

// Rules are those in force.
func (s *Scheduler) Rules() *rules.Set { return s.rules.Load() }

// lease is this daemon's from now on.
func (s *Scheduler) lease(now time.Time) ledger.Lease {
	return ledger.Lease{Owner: s.Owner, Until: now.Add(ledger.LongestLease)}
}

// SetRules puts rules in force; the next tick adopts them.
func (s *Scheduler) SetRules(set *rules.Set) {
	s.turn.Lock()
	defer s.turn.Unlock()
	s.rules.Store(set)
	s.adopted.Store(false)
}

// envelopeFrom is the address that bounces go to.
func (s *Scheduler) envelopeFrom() address.Address {
	if s.Sending.EnvelopeFrom.IsZero() {
		return s.Settings.From
	}
	return s.Sending.EnvelopeFrom
}
