// Package scheduler is the daemon: it ticks when it is time, lets mail leave, looks
// for what came back, makes backups, proves the ledger, takes over what is edited,
// and knows how it is. What is decided it asks of the rooms below.
//
//	engine       what is owed, and who is told what when: a transaction and a view
//	desk         what people do to occurrences, what units ask, events, the outbox
//	editor       what people do to rules and calendars
//	delivery     the outbox → mailboxes
//	webhook      the journal → programs
//	figures      on-time figures
//	simulation   all of it on a clock and a ledger that are thrown away
//
//	scheduler.go   what the daemon is made of    run.go      its parts, from start to end
//	tick.go        one evaluation                health.go   how it is
//	reload.go      edited files are taken over   watch.go    they are noticed
//	role.go        which of several daemons evaluates; serverclock.go: what time it is
//	woken.go       what other daemons did
//	backup.go      copies of the ledger          prove.go    the ledger is as its journal says
package scheduler

import (
	"sync"
	"sync/atomic"
	"time"

	"github.com/rs/zerolog"

	"duban/ledger"
	"duban/notify"
	"duban/rules"
	"duban/scheduler/delivery"
	"duban/scheduler/engine"
	"duban/scheduler/webhook"
)

// Options are what the configuration says of the daemon.
type Options struct {
	Settings engine.Settings
	Delivery delivery.Settings
	Webhooks []webhook.Hook
	Backups  BackupPlan
	// Machine is this machine's clock where another time is evaluated; nil: it is not.
	Machine Clock
	// RuleFiles is the version of the rule files that the rules came from, where the
	// ledger keeps them.
	RuleFiles int64
}

// Clock tells the time. Only cmd knows the real one.
type Clock func() time.Time

// Observer hears what the daemon does, for figures. Its methods may be called from
// many goroutines.
type Observer interface {
	Ticked(took time.Duration, err error)
	Tried(channel, outcome string)  // sent, partly sent, retry or failed
	Posted(webhook, outcome string) // one of webhook.Outcomes
}

// Scheduler is the daemon.
type Scheduler struct {
	Ledger   ledger.Store
	Courier  *delivery.Courier
	Webhooks *webhook.Poster
	Backups  *Backups
	Proofs   *Proofs
	Health   *Health
	Role     *Role
	Observer Observer // nil: nobody hears of ticks, mails and posts
	Options  Options

	clock Clock
	log   zerolog.Logger

	turn    sync.Mutex // held by a tick, and to put rules in force
	rules   atomic.Pointer[rules.Set]
	adopted atomic.Bool  // the ledger stands as these rules say
	files   atomic.Int64 // the version of the rule files that were read last, where the ledger keeps them
}

// New makes a daemon, which Run starts.
func New(o Options, set *rules.Set, l ledger.Store, transport notify.Channel, log zerolog.Logger, clock Clock) *Scheduler {
	s := &Scheduler{Ledger: l, Options: o, clock: clock, log: log}
	if o.Machine == nil {
		o.Machine = clock
	}
	s.Role = newRole(l, o.Delivery.Owner, o.Machine, log)
	if s.Role.Shared() {
		o.Delivery.Leases = s.Role.clock.now
		if s.Options.Machine == nil {
			s.clock = s.Role.clock.now
		}
	}
	s.SetRules(set)
	s.files.Store(o.RuleFiles)
	s.Courier = delivery.New(o.Delivery, l, transport, s.View, s.tried, log)
	s.Webhooks = webhook.New(o.Webhooks, l, s.View, s.Role.Evaluates, s.Role.fence, s.posted, log)
	s.Health = newHealth(l, s.Courier, s.Role, s.clock, log)
	s.Backups = &Backups{Plan: o.Backups, ledger: l, view: s.View, log: log}
	s.Proofs = &Proofs{ledger: l, view: s.View, role: s.Role, log: log}
	return s
}

// View is what an operation that begins now goes by.
func (s *Scheduler) View() engine.View {
	return engine.View{Rules: s.rules.Load(), Settings: s.Options.Settings, Now: s.clock()}
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

// tried hears of an attempt to send a notice.
func (s *Scheduler) tried(channel, outcome string) {
	s.Health.delivers(channel)
	if s.Observer != nil {
		s.Observer.Tried(channel, outcome)
	}
}

// posted hears of a post to a webhook.
func (s *Scheduler) posted(webhook, outcome string) {
	if s.Observer != nil {
		s.Observer.Posted(webhook, outcome)
	}
}
