package simulation_test

import (
	"context"
	"strings"
	"sync"
	"testing"

	"github.com/robfig/cron/v3"

	"duban/internal/world"
	"duban/notify"
	"duban/scheduler/simulation"
)

// counting takes every mail.
type counting struct {
	mu    sync.Mutex
	mails []notify.Message
}

func (c *counting) Send(_ context.Context, m notify.Message) notify.Outcome {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.mails = append(c.mails, m)
	return notify.Outcome{}
}
func (c *counting) Parallel() int { return 1 }
func (c *counting) Close() error  { return nil }

// simulate lives through half a year of one monthly obligation of two units.
func simulate(t *testing.T, assume simulation.Assume, review bool) (totals []simulation.Total, mails []notify.Message) {
	t.Helper()
	head := world.PlanHead
	if review {
		head = strings.Replace(head, "\n[policy.standard]", "\nreview = true\n[policy.standard]", 1)
	}
	schedule, err := cron.ParseStandard("0 * * * *")
	if err != nil {
		t.Fatal(err)
	}
	out, days := &counting{}, 0
	settings := world.Settings()
	settings.NotBefore = settings.NotBefore.AddDate(3000, 0, 0) // the simulated clock goes where it is told to
	sim := simulation.Setup{
		Settings: settings, Rules: world.RulesWith(t, head, world.Ob("m", `["a", "b"]`, world.Monthly)),
		From: world.Date(t, "2017-06-09"), To: world.Date(t, "2017-12-08"), Assume: assume, Schedule: schedule, Transport: out,
		Progress: func(day, of int) {
			if days++; day != days || of != 183 {
				t.Errorf("day %d of %d, want %d of 183", day, of, days)
			}
		},
	}
	totals, err = sim.Run(t.Context())
	if err != nil || days != 183 {
		t.Fatal(days, err)
	}
	return totals, out.mails
}

// June to October are due in July to November: five each.
func TestUnitsActAsIsAssumedOfThem(t *testing.T) {
	for _, c := range []struct {
		assume             simulation.Assume
		review             bool
		onTime, late, open int
		escalated          bool
	}{
		{simulation.OnTime, false, 10, 0, 0, false},
		{simulation.OnTime, true, 10, 0, 0, false},
		{simulation.Late, false, 0, 10, 0, true},
		{simulation.Never, false, 0, 0, 10, true},
	} {
		totals, mails := simulate(t, c.assume, c.review)
		var sum simulation.Total
		for i, s := range totals {
			if s.Notices != s.Assignment+s.Reminder+s.Escalation+s.Admin {
				t.Errorf("%s: %+v does not add up", c.assume, s)
			}
			if i > 0 && s.Month+"/"+s.Unit <= totals[i-1].Month+"/"+totals[i-1].Unit {
				t.Errorf("%s: %s/%s is out of order", c.assume, s.Month, s.Unit)
			}
			if s.Unit == "a" && s.UnitName != "甲局" {
				t.Errorf("%s: %q", c.assume, s.UnitName)
			}
			sum.Notices, sum.Escalation = sum.Notices+s.Notices, sum.Escalation+s.Escalation
			sum.Due, sum.OnTime, sum.Late, sum.Open = sum.Due+s.Due, sum.OnTime+s.OnTime, sum.Late+s.Late, sum.Open+s.Open
		}
		if sum.Due != 10 || sum.OnTime != c.onTime || sum.Late != c.late || sum.Open != c.open {
			t.Errorf("%s: %d due, %d on time, %d late, %d open", c.assume, sum.Due, sum.OnTime, sum.Late, sum.Open)
		}
		if (sum.Escalation > 0) != c.escalated {
			t.Errorf("%s: %d escalations", c.assume, sum.Escalation)
		}
		if sum.Notices != len(mails) || len(mails) == 0 {
			t.Errorf("%s: %d notices and %d mails", c.assume, sum.Notices, len(mails))
		}
	}
}

func TestASimulationThatIsStoppedEnds(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	schedule, err := cron.ParseStandard("0 * * * *")
	if err != nil {
		t.Fatal(err)
	}
	sim := simulation.Setup{
		Settings: world.Settings(), Rules: world.Rules(t, world.Ob("m", `["a"]`, world.Monthly)),
		From: world.Date(t, "2017-06-09"), To: world.Date(t, "2018-06-09"), Assume: simulation.Never, Schedule: schedule,
	}
	if _, err := sim.Run(ctx); err == nil {
		t.Error("it went on")
	}
}
