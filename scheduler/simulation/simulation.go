// Package simulation lives through a stretch of time in a moment: what the daemon
// does each day (engine, delivery), and what the units are taken to do (desk), on a
// clock of its own and a ledger that is thrown away. It tells what was sent.
package simulation

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/robfig/cron/v3"
	"github.com/rs/zerolog"

	"duban/ledger"
	"duban/ledger/sqlite"
	"duban/notify"
	"duban/notify/mail"
	"duban/rules"
	"duban/rules/calendar"
	"duban/scheduler/delivery"
	"duban/scheduler/desk"
	"duban/scheduler/engine"
)

// Assume is what a simulation takes the units to do.
type Assume string

// The assumptions.
const (
	OnTime Assume = "on-time" // each item is reported at close of business on its due date
	Late   Assume = "late"    // five working days later
	Never  Assume = "never"
)

// Assumptions in the order of the help.
var Assumptions = []Assume{OnTime, Late, Never}

// lateBy is how many working days after its due date a late unit reports.
const lateBy = 5

// Setup is a simulation: it runs what the daemon runs on a clock of its own and a ledger that is
// thrown away.
type Setup struct {
	Settings  engine.Settings
	Rules     *rules.Set
	From, To  calendar.Date
	Assume    Assume
	Schedule  cron.Schedule
	Transport mail.Transport // nil: mails are made and go nowhere
	Progress  func(day, days int)
}

// Total is what a simulation came to for one unit in one month.
type Total struct {
	Month      string `json:"month"`
	Unit       string `json:"unit"` // empty: the administrators
	UnitName   string `json:"unit_name"`
	Notices    int    `json:"notices"` // mails: the sum of the four kinds
	Assignment int    `json:"assignment"`
	Reminder   int    `json:"reminder"`
	Escalation int    `json:"escalation"`
	Admin      int    `json:"admin"`
	Due        int    `json:"due"` // occurrences due in the month
	OnTime     int    `json:"on_time"`
	Late       int    `json:"late"`
	Open       int    `json:"open"`
}

// Run simulates every day and adds up.
func (sim Setup) Run(ctx context.Context) (totals []Total, err error) {
	dir, err := os.MkdirTemp("", "duban-simulate-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	l, err := sqlite.Open(ctx, filepath.Join(dir, "ledger.db"), sqlite.Options{Throwaway: true})
	if err != nil {
		return nil, err
	}
	defer l.Close()
	if sim.Transport == nil {
		sim.Transport = nowhere{}
	}
	run := &simulated{sim: sim, ledger: l}
	run.courier = delivery.New(delivery.Settings{}, l, mail.NewChannel(sim.Transport, nil), run.view, nil, zerolog.Nop())
	for day := sim.From; day <= sim.To; day++ {
		if err := run.day(ctx, day); err != nil {
			return nil, fmt.Errorf("%s: %w", day, err)
		}
		if sim.Progress != nil {
			sim.Progress(int(day-sim.From)+1, int(sim.To-sim.From)+1)
		}
	}
	return run.totals(ctx)
}

// simulated is a simulation under way.
type simulated struct {
	sim     Setup
	ledger  ledger.Store
	courier *delivery.Courier
	now     time.Time
	adopted bool
}

func (s *simulated) view() engine.View {
	return engine.View{Rules: s.sim.Rules, Settings: s.sim.Settings, Now: s.now}
}

// day evaluates when the day's first tick after the window opens comes, if one
// does, and has the units report by its end.
func (s *simulated) day(ctx context.Context, day calendar.Date) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	open := day.At(s.sim.Settings.WindowFrom, s.sim.Settings.Timezone)
	if s.now = s.sim.Schedule.Next(open.Add(-time.Second)); s.view().Today() == day {
		if err := s.tick(ctx); err != nil {
			return err
		}
	}
	s.now = day.At(23*60+59, s.sim.Settings.Timezone)
	return s.report(ctx, day)
}

func (s *simulated) tick(ctx context.Context) error {
	v := s.view()
	w, err := engine.Look(ctx, s.ledger, v, s.adopted)
	if err != nil {
		return err
	}
	if !w.None() {
		err := s.ledger.Update(ctx, func(tx ledger.Tx) error {
			_, err := engine.Evaluate(tx, v, w)
			return err
		})
		if err != nil {
			return err
		}
	}
	s.adopted = true
	_, err = s.courier.Deliver(ctx)
	return err
}

// report does what the units are assumed to do by the end of that day.
func (s *simulated) report(ctx context.Context, day calendar.Date) error {
	if s.sim.Assume == Never {
		return nil
	}
	open, err := ledger.AllOccurrences(ctx, s.ledger, ledger.Query{States: []ledger.State{ledger.StateOpen}, DueTo: day})
	if err != nil || len(open) == 0 {
		return err
	}
	return s.ledger.Update(ctx, func(tx ledger.Tx) error {
		for _, o := range open {
			if err := s.close(tx, o, day); err != nil {
				return err
			}
		}
		return nil
	})
}

// close reports an occurrence if its day has come, and where the plan wants the
// supervisor's word gives that too.
func (s *simulated) close(tx ledger.Tx, o *ledger.Occurrence, day calendar.Date) error {
	v := s.view()
	plan := v.Rules.Plan(o.Plan)
	on := o.Due
	if s.sim.Assume == Late {
		on = plan.Calendar.Add(o.Due, lateBy)
	}
	if on > day {
		return nil
	}
	v.Now = plan.Closing(on)
	in := desk.Act{By: "simulation", Date: on, Evidence: "https://simulation.example/"}
	if err := desk.Do(tx, v, o, desk.Done, in); err != nil || !plan.Review {
		return err
	}
	return desk.Do(tx, v, o, desk.Accept, in)
}

// totals adds up what was sent and what was due.
func (s *simulated) totals(ctx context.Context) ([]Total, error) {
	byKey := map[[2]string]*Total{}
	at := func(day calendar.Date, unit string) *Total {
		key := [2]string{day.String()[:7], unit}
		t := byKey[key]
		if t == nil {
			t = &Total{Month: key[0], Unit: unit}
			if u := s.sim.Rules.Unit(unit); u != nil {
				t.UnitName = u.Name
			}
			byKey[key] = t
		}
		return t
	}
	sent, err := ledger.AllNotices(ctx, s.ledger, ledger.Sent)
	if err != nil {
		return nil, err
	}
	for _, n := range sent {
		t := at(n.Day, n.Unit)
		t.Notices++
		*map[ledger.NoticeKind]*int{ledger.Assignment: &t.Assignment, ledger.Reminder: &t.Reminder, ledger.Escalation: &t.Escalation, ledger.Admin: &t.Admin}[n.Kind]++
	}
	due, err := ledger.AllOccurrences(ctx, s.ledger, ledger.Query{DueTo: s.sim.To})
	if err != nil {
		return nil, err
	}
	for _, o := range due {
		t := at(o.Due, o.Unit)
		t.Due++
		switch {
		case o.State == ledger.StateOpen:
			t.Open++
		case s.view().Late(o):
			t.Late++
		default:
			t.OnTime++
		}
	}
	out := make([]Total, 0, len(byKey))
	for _, t := range byKey {
		out = append(out, *t)
	}
	slices.SortFunc(out, func(a, b Total) int {
		return strings.Compare(a.Month+"/"+a.Unit, b.Month+"/"+b.Unit)
	})
	return out, nil
}

// nowhere takes every mail and keeps none.
type nowhere struct{}

func (nowhere) Send(context.Context, notify.Message) notify.Outcome { return notify.Outcome{} }
func (nowhere) Parallel() int                                       { return 1 }
func (nowhere) Close() error                                        { return nil }
