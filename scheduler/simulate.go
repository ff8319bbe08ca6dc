package scheduler

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
	"duban/notify/mail"
	"duban/rules"
	"duban/rules/calendar"
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

// Simulation runs the real scheduler on a clock of its own and a ledger that is
// thrown away.
type Simulation struct {
	Settings
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
func (sim Simulation) Run(ctx context.Context) (totals []Total, err error) {
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
	sim.NotBefore = time.Time{} // the simulated clock goes where it is told to
	var now time.Time
	s := New(sim.Settings, sim.Rules, l, sim.Transport, zerolog.Nop(), func() time.Time { return now })
	for day := sim.From; day <= sim.To; day++ {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		open := day.At(sim.WindowFrom, sim.Timezone)
		if now = sim.Schedule.Next(open.Add(-time.Second)); s.today(now) == day {
			if err := sim.tick(ctx, s, now); err != nil {
				return nil, fmt.Errorf("%s: %w", day, err)
			}
		}
		now = day.At(23*60+59, sim.Timezone)
		if err := sim.report(ctx, s, day); err != nil {
			return nil, fmt.Errorf("%s: %w", day, err)
		}
		if sim.Progress != nil {
			sim.Progress(int(day-sim.From)+1, int(sim.To-sim.From)+1)
		}
	}
	now = sim.To.At(23*60+59, sim.Timezone)
	return sim.totals(ctx, s, now)
}

func (sim Simulation) tick(ctx context.Context, s *Scheduler, now time.Time) error {
	if _, err := s.Tick(ctx, now); err != nil {
		return err
	}
	_, err := s.Deliver(ctx)
	return err
}

// report does what the units are assumed to do by the end of that day.
func (sim Simulation) report(ctx context.Context, s *Scheduler, day calendar.Date) error {
	if sim.Assume == Never {
		return nil
	}
	open, err := s.Ledger.Occurrences(ctx, ledger.Query{States: []ledger.State{ledger.StateOpen}, DueTo: day})
	if err != nil || len(open) == 0 {
		return err
	}
	return s.Ledger.Update(ctx, func(tx ledger.Tx) error {
		for _, o := range open {
			ob := s.rule(o)
			on := o.Due
			if sim.Assume == Late {
				on = ob.Plan.Calendar.Add(o.Due, lateBy)
			}
			if on > day {
				continue
			}
			act := Act{By: "simulation", Date: on, Evidence: "https://simulation.example/"}
			for _, step := range sim.steps(ob) {
				at := ob.Plan.Closing(on)
				a := &action{s, act, tx, at, o, ob, "reported"}
				if _, err := a.run(step); err != nil {
					return err
				}
			}
		}
		return nil
	})
}

// steps are what closes an occurrence: the report, and where the plan wants it
// the supervisor's word.
func (sim Simulation) steps(ob *rules.Obligation) []func(*action) error {
	steps := []func(*action) error{(*action).done}
	if ob.Plan.Review {
		steps = append(steps, (*action).accept)
	}
	return steps
}

// totals adds up what was sent and what was due.
func (sim Simulation) totals(ctx context.Context, s *Scheduler, now time.Time) ([]Total, error) {
	byKey := map[[2]string]*Total{}
	at := func(day calendar.Date, unit string) *Total {
		key := [2]string{day.String()[:7], unit}
		t := byKey[key]
		if t == nil {
			t = &Total{Month: key[0], Unit: unit}
			if u := sim.Rules.Unit(unit); u != nil {
				t.UnitName = u.Name
			}
			byKey[key] = t
		}
		return t
	}
	sent, err := s.Ledger.Notices(ctx, ledger.Sent)
	if err != nil {
		return nil, err
	}
	for _, n := range sent {
		t := at(n.Day, n.Unit)
		t.Notices++
		*map[ledger.NoticeKind]*int{ledger.Assignment: &t.Assignment, ledger.Reminder: &t.Reminder, ledger.Escalation: &t.Escalation, ledger.Admin: &t.Admin}[n.Kind]++
	}
	due, err := s.Ledger.Occurrences(ctx, ledger.Query{DueTo: sim.To})
	if err != nil {
		return nil, err
	}
	for _, o := range due {
		t := at(o.Due, o.Unit)
		t.Due++
		switch {
		case o.State == ledger.StateOpen:
			t.Open++
		case s.Late(o, now):
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

func (nowhere) Send(context.Context, mail.Message) mail.Outcome { return mail.Outcome{} }
func (nowhere) Parallel() int                                   { return 1 }
func (nowhere) Close() error                                    { return nil }
