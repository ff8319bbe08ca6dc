package scheduler_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"duban/internal/engines"
	"duban/internal/world"
	"duban/notify"
	"duban/scheduler"
)

func TestWhatStandsStillIsNoticed(t *testing.T) {
	w := world.New(t, world.Rules(t, world.Ob("m", `["a"]`, "every=\"month\"\nwithin=\"10 working days\"\npolicy=\"standard\"")), "2017-07-03 09:00")
	h, start := w.Daemon.Health, w.Now
	if err := h.Alive(); err == nil {
		t.Error("alive before it began")
	}
	h.Turned()
	for after, want := range map[time.Duration]string{0: "", scheduler.Stuck: "", scheduler.Stuck + time.Second: "ticks: nothing has moved since"} {
		w.Now = start.Add(after)
		if err := h.Alive(); (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("after %s: %v, want %q", after, err, want)
		}
	}
	w.Now = start.Add(scheduler.Stuck)
	h.TickLoopTurned()
	w.Now = start.Add(scheduler.Stuck + time.Second)
	if err := h.Alive(); err == nil || !strings.Contains(err.Error(), "delivery") {
		t.Errorf("delivery stands still: %v", err)
	}
}

// Ready: a tick went well, the next one is not overdue, the ledger can be written.
func TestReadyIsWhatDoesItsWork(t *testing.T) {
	engines.InFiles(t)
	w := world.New(t, world.Rules(t, world.Ob("m", `["a"]`, "every=\"month\"\nwithin=\"10 working days\"\npolicy=\"standard\"")), "2017-07-03 09:00")
	h, now := w.Daemon.Health, w.Now
	ready := func() string {
		if err := h.Ready(t.Context()); err != nil {
			return err.Error()
		}
		return ""
	}
	if got := ready(); !strings.Contains(got, "no tick") {
		t.Errorf("before the first tick: %q", got)
	}
	h.Ticked(now.Add(5 * time.Minute))
	if got := ready(); got != "" {
		t.Errorf("all is well: %q", got)
	}
	w.Now = now.Add(8 * time.Minute)
	if got := ready(); !strings.Contains(got, "has not gone well") {
		t.Errorf("a tick is overdue: %q", got)
	}
	w.Now = now
	for want, fails := range map[string]func(error){"the last tick failed: boom": h.TickFails, "delivery is interrupted: boom": h.DeliveryFails} {
		fails(errors.New("boom"))
		if got := ready(); got != want {
			t.Errorf("%q, want %q", got, want)
		}
		fails(nil)
	}
	// However often it is asked, it commits at most once in ten seconds.
	probed := func() string {
		t.Helper()
		at, err := w.Ledger.Fact(t.Context(), scheduler.FactProbed)
		if err != nil {
			t.Fatal(err)
		}
		return at
	}
	before := probed()
	w.Now = now.Add(scheduler.ProbeEvery - time.Second)
	if got := ready(); got != "" || before == "" || probed() != before {
		t.Errorf("%q; a commit at %s and at %s", got, before, probed())
	}
	w.Now = now.Add(scheduler.ProbeEvery)
	if got := ready(); got != "" || probed() == before {
		t.Errorf("%q; the last commit was at %s", got, probed())
	}
	w.Ledger.Close()
	w.Now = now.Add(2 * scheduler.ProbeEvery)
	if got := ready(); !strings.Contains(got, "cannot be written") {
		t.Errorf("the ledger is closed: %q", got)
	}
}

// heard is an observer that counts.
type heard struct {
	ticks, failed int
	tries         map[string]int
}

func (h *heard) Ticked(_ time.Duration, err error) {
	h.ticks++
	if err != nil {
		h.failed++
	}
}
func (h *heard) Tried(_, outcome string) { h.tries[outcome]++ }
func (h *heard) Posted(string, string)   {}

func TestAnObserverHearsWhatBecomesOfMails(t *testing.T) {
	w := world.New(t, world.Rules(t, world.Ob("m", `["a", "b"]`, "every=\"month\"\nwithin=\"10 working days\"\npolicy=\"standard\"")), "2017-07-03 09:00")
	h := &heard{tries: map[string]int{}}
	w.Daemon.Observer = h
	w.Mail.Answer(func(m notify.Message) notify.Outcome {
		if m.To[0] == "a@x.example" {
			return notify.Outcome{Err: errors.New("try later")}
		}
		return notify.Outcome{}
	})
	w.TickNow()
	if h.tries["sent"] != 1 || h.tries["retry"] != 1 {
		t.Errorf("heard %v", h.tries)
	}
}
