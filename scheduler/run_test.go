package scheduler_test

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/robfig/cron/v3"

	"duban/internal/engines"
	"duban/internal/world"
	"duban/ledger"
	"duban/notify"
	"duban/rules"
	"duban/rules/planfile"
	"duban/rules/problem"
	"duban/scheduler"
	"duban/scheduler/delivery"
)

// running is a daemon in a bubble whose clock the test turns: time starts at
// 2000-01-01 08:00 in Shanghai, a Saturday.
type running struct {
	*world.World
	offset atomic.Int64 // of the wall clock from the bubble's, ns
	reload chan struct{}
	stop   func()
}

// bubble runs the daemon on a clock of its own; prepare sees it before it runs.
func bubble(t *testing.T, obligations string, f func(*running), prepare ...func(*running)) {
	engines.InFiles(t) // no server lives in a bubble
	synctest.Test(t, func(t *testing.T) {
		head := strings.Replace(world.PlanHead, "2017-06-09", "2000-01-01", 1)
		set := world.RulesWith(t, head, obligations)
		w := world.New(t, set, "2000-01-01 08:00")
		r := &running{World: w, reload: make(chan struct{})}
		w.Clock = func() time.Time { return time.Now().Add(time.Duration(r.offset.Load())) }
		w.Settings().Admins = nil // nobody to be asked for the holidays of 2000
		for _, p := range prepare {
			p(r)
		}
		schedule, err := cron.ParseStandard("*/5 * * * *")
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error)
		go func() {
			done <- w.Daemon.Run(ctx, schedule, r.reload, func(func(*planfile.Sources)) (*rules.Set, *problem.List) {
				return world.RulesWith(t, head, obligations+world.Ob("late", `["c"]`, "every=\"month\"\npolicy=\"standard\"")), &problem.List{}
			})
		}()
		r.stop = func() {
			cancel()
			if err := <-done; err != nil {
				t.Error(err)
			}
		}
		f(r)
		r.stop()
		if err := w.Ledger.Close(); err != nil { // its goroutines live in the bubble
			t.Error(err)
		}
	})
}

// pass lets time pass and waits until all that follows has happened.
func (r *running) pass(d time.Duration) {
	time.Sleep(d) // in the bubble: at once
	synctest.Wait()
}

func (r *running) arrived() int {
	return len(r.Mail.Mails())
}

const weekly = "every=\"week\"\nwithin=\"2 working days\"\npolicy=\"standard\""

func TestMailWaitsForTheWindowToOpen(t *testing.T) {
	bubble(t, world.Ob("w", `["@all"]`, weekly), func(r *running) {
		r.pass(time.Minute)
		if n := r.arrived(); n != 0 {
			t.Fatalf("%d mails on a Saturday", n)
		}
		r.pass(2*24*time.Hour + 28*time.Minute) // Monday 08:29
		if n := r.arrived(); n != 0 {
			t.Errorf("%d mails before the window", n)
		}
		r.pass(2 * time.Minute)
		if n := r.arrived(); n != 3 {
			t.Errorf("%d mails when the window opened, want 3", n)
		}
	})
}

func TestAChannelThatHangsHoldsBackNoMail(t *testing.T) {
	chat, answer := &world.Chat{}, func() {}
	bubble(t, world.Ob("w", `["a"]`, weekly), func(r *running) {
		r.pass(2*24*time.Hour + 2*time.Hour) // Monday 10:00
		if n := r.arrived(); n != 1 {
			t.Fatalf("%d mails on the first day", n)
		}
		r.pass(24 * time.Hour) // the next week's reminders come
		for range 7 {
			r.pass(24 * time.Hour)
		}
		if n := r.arrived(); n < 3 {
			t.Errorf("%d mails while the chat hangs", n)
		}
		if err := r.Daemon.Health.Alive(); err == nil || !strings.Contains(err.Error(), "by chat") {
			t.Errorf("what hangs is told as %v", err)
		}
		answer()
		r.pass(time.Minute)
		if len(chat.Got()) == 0 {
			t.Error("the chat answers again, and got nothing")
		}
	}, func(r *running) {
		answer = chat.Hang()
		r.Daemon.Rules().Unit("a").Channels = []string{"chat"}
		r.Beside(delivery.Way{Name: "chat", Channel: chat})
	})
}

func TestAClockThatIsMovedIsNoticedWithinSeconds(t *testing.T) {
	// Three working days before the 11th is the 6th; seven before is covered by the assignment.
	bubble(t, world.Ob("o", `["a"]`, "on=2000-01-11\npolicy=\"standard\""), func(r *running) {
		r.pass(2*24*time.Hour + 2*time.Hour) // Monday the 3rd, 10:00
		if n := r.arrived(); n != 1 {
			t.Fatalf("%d mails", n)
		}
		r.offset.Add(int64(3 * 24 * time.Hour)) // the clock says Thursday the 6th
		r.pass(scheduler.LongestWait + time.Second)
		if n := r.arrived(); n != 2 {
			t.Errorf("%d mails %s after the clock was set three days ahead", n, scheduler.LongestWait)
		}
		r.offset.Add(-int64(3 * 24 * time.Hour))
		r.pass(24 * time.Hour)
		if n := r.arrived(); n != 2 {
			t.Errorf("%d mails after it was set back", n)
		}
		// Real time comes to the 6th again, and goes on to the 11th, when it is due.
		r.pass(3 * 24 * time.Hour)
		if n := r.arrived(); n != 3 {
			t.Errorf("%d mails on the day that had been told too early: what is true then is told", n)
		}
		r.pass(4 * 24 * time.Hour)
		if n := r.arrived(); n != 4 {
			t.Errorf("%d mails by the due date", n)
		}
	})
}

func TestAReloadTakesTheRulesOver(t *testing.T) {
	bubble(t, world.Ob("w", `["a"]`, weekly), func(r *running) {
		r.pass(2*24*time.Hour + 2*time.Hour)
		r.reload <- struct{}{}
		r.pass(time.Minute)
		if n := r.arrived(); n != 1 || len(r.Notices()) != 1 {
			t.Errorf("%d mails: the new unit hears of it on the next mail day", n)
		}
		r.pass(24 * time.Hour)
		if n := r.arrived(); n < 2 || r.NoticeTo("c").Kind != ledger.Assignment {
			t.Errorf("%d mails, want the new unit's assignment too", n)
		}
	})
}

func TestARetryComesByItself(t *testing.T) {
	bubble(t, world.Ob("w", `["a"]`, weekly), func(r *running) {
		r.Mail.Answer(func(notify.Message) notify.Outcome { return notify.Outcome{Err: errors.New("timeout")} })
		r.pass(2*24*time.Hour + time.Hour)
		if n := r.arrived(); n != 0 || r.NoticeTo("a").Attempts < 3 {
			t.Fatalf("%d mails, %d attempts", n, r.NoticeTo("a").Attempts)
		}
		r.Mail.Answer(nil)
		r.pass(time.Hour)
		if n := r.arrived(); n != 1 {
			t.Errorf("%d mails, want 1: %s", n, r.NoticeTo("a").NextTry)
		}
	})
}

func TestADaemonThatWasInterruptedGoesOnWithTheSameBytes(t *testing.T) {
	w := world.New(t, world.Rules(t, world.Ob("m", `["a"]`, world.Monthly)), "2017-06-09 09:00")
	if _, err := w.Daemon.Tick(t.Context(), w.Now); err != nil {
		t.Fatal(err)
	}
	n := w.NoticeTo("a")
	n.Body = []byte("Message-ID: <x@y>\r\n\r\nas it was\r\n")
	if err := w.Ledger.Update(t.Context(), func(tx ledger.Tx) error { return tx.Claim([]*ledger.Notice{n}, ledger.Lease{}) }); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	schedule, err := cron.ParseStandard("*/5 * * * *")
	if err != nil {
		t.Fatal(err)
	}
	w.Mail.Answer(func(notify.Message) notify.Outcome { cancel(); return notify.Outcome{} })
	if err := w.Daemon.Run(ctx, schedule, nil, nil); err != nil {
		t.Fatal(err)
	}
	if len(w.Mail.Mails()) != 1 || string(w.Mail.Mails()[0].Raw) != string(n.Body) {
		t.Errorf("%d mails: %q", len(w.Mail.Mails()), w.Mail.Mails()[0].Raw)
	}
	if n := w.NoticeTo("a"); n.State != ledger.Sent {
		t.Errorf("%s", n.State)
	}
}

func TestADaemonThatSleptOverTheWindowsEdgeSendsNothingLate(t *testing.T) {
	bubble(t, world.Ob("o", `["a"]`, "on=2000-01-11\npolicy=\"standard\""), func(r *running) {
		// Until Thursday the 6th, a minute before the window opens: a reminder is to go today.
		r.pass(5*24*time.Hour + 29*time.Minute)
		before := r.arrived()
		r.offset.Add(int64(10 * time.Hour)) // suspended until after the window closed
		r.pass(time.Hour)
		if n := r.arrived(); n != before {
			t.Errorf("%d mails left after the window had closed", n-before)
		}
		r.pass(14 * time.Hour) // Friday morning
		if n := r.arrived(); n != before+1 {
			t.Errorf("%d mails the next morning, want the reminder that is true then", n-before)
		}
	})
}

// waits is a server that takes a mail and answers when it is asked to end.
type waits struct{ since chan time.Time }

func (s *waits) Send(ctx context.Context, m notify.Message) notify.Outcome {
	if err := m.Ready(); err != nil {
		return notify.Outcome{Err: err}
	}
	s.since <- time.Now()
	<-ctx.Done()
	return notify.Outcome{Err: ctx.Err(), Unknown: true}
}

func (s *waits) Parallel() int { return 1 }
func (s *waits) Close() error  { return nil }

func TestAStopGivesTheMailInHandSomeSeconds(t *testing.T) {
	var s *waits // its channel belongs to the bubble
	bubble(t, world.Ob("m", `["a"]`, weekly), func(r *running) {
		r.pass(2*24*time.Hour + 30*time.Minute) // Monday, when the window opens
		<-s.since
		// A server has ten minutes for its answer: meanwhile nothing stands still.
		for range 9 {
			r.pass(time.Minute)
			if err := r.Daemon.Health.Alive(); err != nil {
				t.Errorf("while a mail is in hand: %v", err)
			}
		}
		r.pass(5 * time.Minute)
		if err := r.Daemon.Health.Alive(); err == nil {
			t.Error("after a quarter of an hour nothing is wrong")
		}
		stop := time.Now()
		stopped := r.stop
		r.stop = func() {}
		stopped()
		if took := time.Since(stop); took != 8*time.Second {
			t.Errorf("it stopped after %s", took)
		}
		for _, n := range r.Listed("") {
			if n.State == ledger.Sending || n.MayHave != (n.Attempts > 0) {
				t.Errorf("%s, may have arrived %v", n.State, n.MayHave)
			}
		}
	}, func(r *running) {
		s = &waits{make(chan time.Time, 10)}
		r.Transport = s
	})
}

// Half a daemon is worse than none: a part that fails for good ends the others, and
// what they have in hand is settled first.
func TestAPartThatFailsEndsAllOfItWithItsError(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := world.New(t, world.Rules(t, world.Ob("m", `["a"]`, world.Monthly)), "2017-06-09 09:00")
		schedule, err := cron.ParseStandard("*/5 * * * *")
		if err != nil {
			t.Fatal(err)
		}
		broken := errors.New("a part is broken")
		fails, ended := make(chan struct{}), false
		w.Mail.Answer(func(notify.Message) notify.Outcome { close(fails); time.Sleep(time.Second); return notify.Outcome{} })
		err = w.Daemon.Run(t.Context(), schedule, nil, nil,
			func(ctx context.Context) error { <-ctx.Done(); ended = true; return nil },
			func(context.Context) error { <-fails; return broken })
		if !errors.Is(err, broken) || !ended {
			t.Errorf("it ended with %v, the other part %v", err, ended)
		}
		if n := w.NoticeTo("a"); n.State != ledger.Sent {
			t.Errorf("the mail in hand is %s", n.State)
		}
		if err := w.Ledger.Close(); err != nil { // its goroutines live in the bubble
			t.Error(err)
		}
	})
}
