package delivery_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"duban/internal/engines"
	"duban/internal/world"
	"duban/ledger"
	"duban/notify"
)

// slow is a server that takes its time, by a clock that it turns itself.
type slow struct {
	mu       sync.Mutex
	now      time.Time
	parallel int
	take     func(s *slow, m notify.Message) // what happens until the last word, under the lock
	left     map[string]time.Time            // by whom it was for: when the last word was said
}

func (s *slow) clock() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.now
}

func (s *slow) Send(_ context.Context, m notify.Message) notify.Outcome {
	s.mu.Lock()
	if s.take != nil {
		s.take(s, m)
	}
	s.mu.Unlock()
	if err := m.Ready(); err != nil {
		return notify.Outcome{Err: err}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.left[m.To[0]] = s.now
	return notify.Outcome{Reply: "250 ok"}
}

func (s *slow) Parallel() int { return s.parallel }
func (s *slow) Close() error  { return nil }

// over makes the world deliver by the slow server, on its clock.
func (s *slow) over(w *world.World) {
	s.left = map[string]time.Time{}
	s.now = w.Now
	w.Transport, w.Clock = s, s.clock
}

func TestNothingLeavesAfterHoursHoweverSlowTheServer(t *testing.T) {
	for _, parallel := range []int{1, 4} {
		var units []string
		text := world.PlanUnits
		for i := range 100 {
			id := fmt.Sprintf("u%d", i)
			units = append(units, fmt.Sprintf("%q", id))
			text += fmt.Sprintf("[[unit]]\nid=%q\nname=\"单位%d\"\nmail=[\"%s@x.example\"]\n", id, i, id)
		}
		set := world.RulesFrom(t, world.PlanHead, text, world.Ob("m", "["+strings.Join(units, ",")+"]", world.Monthly))
		w := world.New(t, set, "2017-06-09 17:29")
		s := &slow{parallel: parallel}
		s.over(w)
		first := true
		s.take = func(s *slow, _ notify.Message) {
			if first {
				s.now, first = s.now.Add(2*time.Minute), false // to 17:31
			}
		}
		if _, err := w.Daemon.Tick(context.Background(), w.Now); err != nil {
			t.Fatal(err)
		}
		w.Deliver()
		closes := world.Date(t, "2017-06-09").At(17*60+30, w.Settings().Timezone)
		for to, at := range s.left {
			if !at.Before(closes) {
				t.Errorf("mail to %s left at %s", to, at.In(w.Settings().Timezone).Format("15:04"))
			}
		}
		if got := w.States(); got[ledger.Sending] != 0 || got[ledger.Pending]+got[ledger.Sent] != 100 || got[ledger.Sent] != len(s.left) {
			t.Errorf("%v, %d left", got, len(s.left))
		}
		// Over the weekend u7 moves, and the plan drops an obligation of u8.
		set.Unit("u7").Mail = []string{"moved@x.example"}
		w.Daemon.SetRules(set)
		s.mu.Lock()
		s.now = world.Date(t, "2017-06-12").At(9*60, w.Settings().Timezone)
		s.mu.Unlock()
		w.Deliver()
		if _, old := s.left["u7@x.example"]; old && s.left["u7@x.example"].After(closes) {
			t.Error("u7 was written to at its address of Friday")
		}
		if got := w.States(); got[ledger.Sent] != 100 {
			t.Errorf("on Monday %v", got)
		}
		for _, n := range []string{"u7", "u99"} {
			for _, a := range must(w.Ledger.Attempts(context.Background(), w.NoticeTo(n).ID)) {
				if a.Number != 1 {
					t.Errorf("what waited counts as tried: attempt %d of %s", a.Number, n)
				}
			}
		}
		w.Verify()
	}
}

func TestWhatIsReportedWhileMailLeavesSlowlyIsNotRemindedOf(t *testing.T) {
	for _, paced := range []bool{false, true} {
		w := world.New(t, world.Rules(t, world.Ob("m", `["@all"]`, world.Monthly)+world.Ob("n", `["c"]`, world.Monthly)), "2017-06-09 09:00")
		w.Days("2017-06-09", "2017-07-11")
		if paced {
			w.Sending.MaxPerMinute = 600
			w.Reopen()
		}
		w.At("2017-07-12 09:00")
		s := &slow{parallel: 1}
		s.over(w)
		// While the first is at the server, b and one of c's two are reported.
		s.take = func(s *slow, m notify.Message) {
			s.take = nil
			s.mu.Unlock()
			w.Done("m/b/2017-06", "")
			w.Done("m/c/2017-06", "")
			s.mu.Lock()
		}
		if _, err := w.Daemon.Tick(context.Background(), w.Now); err != nil {
			t.Fatal(err)
		}
		d := w.Deliver()
		if d.Sent != 2 || d.Dropped != 1 || len(s.left) != 2 {
			t.Errorf("paced %v: %+v, left %v", paced, d, s.left)
		}
		n := w.NoticeTo("c")
		for _, x := range must(ledger.AllNotices(context.Background(), w.Ledger, ledger.Sent)) {
			if x.Unit == "c" {
				n = must(w.Ledger.Notice(context.Background(), x.ID))
			}
		}
		if text := readText(t, n.Body); strings.Contains(text, "m/c/2017-06") || !strings.Contains(text, "n/c/2017-06") {
			t.Errorf("c reads\n%s", text)
		}
	}
}

func TestAMailIsAskedAgainBeforeItsLastWord(t *testing.T) {
	w := world.New(t, world.Rules(t, world.Ob("m", `["a"]`, world.Monthly)), "2017-06-09 09:00")
	w.Days("2017-06-09", "2017-07-11")
	w.At("2017-07-12 09:00")
	s := &slow{parallel: 1}
	s.over(w)
	s.take = func(s *slow, _ notify.Message) { // the server waits a minute, meanwhile it is reported
		s.now = s.now.Add(time.Minute)
		s.mu.Unlock()
		w.Done("m/a/2017-06", "")
		s.mu.Lock()
	}
	if _, err := w.Daemon.Tick(context.Background(), w.Now); err != nil {
		t.Fatal(err)
	}
	if d := w.Deliver(); d.Sent != 0 || d.Dropped != 1 {
		t.Errorf("%+v", d)
	}
}

// asks hands every mail to a function that speaks for the server.
type asks struct {
	parallel int
	send     func(m notify.Message) notify.Outcome
}

func (a *asks) Send(_ context.Context, m notify.Message) notify.Outcome { return a.send(m) }
func (a *asks) Parallel() int                                           { return a.parallel }
func (a *asks) Close() error                                            { return nil }

func TestNoLastWordBeforeTheOutcomeOfTheMailBeforeIsOnDisk(t *testing.T) {
	w := world.New(t, world.Rules(t, world.Ob("m", `["@all"]`, world.Monthly)), "2017-06-09 09:00")
	if _, err := w.Daemon.Tick(context.Background(), w.Now); err != nil {
		t.Fatal(err)
	}
	db := engines.Behind(t, w.Ledger)
	var before string
	w.Transport = &asks{1, func(m notify.Message) notify.Outcome {
		if err := m.Ready(); err != nil {
			return notify.Outcome{Err: err}
		}
		if before != "" {
			var state string
			if err := db.QueryRow(`SELECT state FROM notice WHERE message_id = ?`, before).Scan(&state); err != nil || state != "sent" {
				t.Errorf("the next mail's last word came while the one before was %q, %v", state, err)
			}
		}
		before = m.Name
		return notify.Outcome{}
	}}
	if d := w.Deliver(); d.Sent != 3 {
		t.Errorf("%+v", d)
	}
}

func TestOutcomesOnceWrittenAreForgotten(t *testing.T) {
	w := world.New(t, world.Rules(t, world.Ob("m", `["a"]`, world.Monthly)), "2017-06-09 09:00")
	if _, err := w.Daemon.Tick(context.Background(), w.Now); err != nil {
		t.Fatal(err)
	}
	db := engines.Behind(t, w.Ledger)
	var sent []string
	w.Transport = &asks{1, func(m notify.Message) notify.Outcome {
		if err := db.Full("attempt"); err != nil {
			t.Error(err)
		}
		return notify.Outcome{Refused: map[string]error{m.To[0]: &notify.RefusedError{Err: errors.New("550 no")}}}
	}}
	if _, err := w.Daemon.Courier.Deliver(context.Background()); err == nil {
		t.Fatal("the outcome was written")
	}
	if err := db.Room("attempt"); err != nil {
		t.Error(err)
	}
	w.Transport = &asks{1, func(m notify.Message) notify.Outcome { sent = append(sent, m.To[0]); return notify.Outcome{} }}
	w.Deliver()
	if n := w.NoticeTo("a"); n.State != ledger.Failed || len(sent) != 0 {
		t.Fatalf("%s, sent %v", n.State, sent)
	}
	if err := w.Desk.MoveNotice(context.Background(), w.NoticeTo("a").ID, ledger.Pending, "test", ledger.Failed); err != nil {
		t.Fatal(err)
	}
	w.Deliver()
	if !slices.Equal(sent, []string{"a@x.example"}) {
		t.Errorf("after a person's retry %v were sent to", sent)
	}
}

func TestWhatWaitsForASlowServerIsNotClaimed(t *testing.T) {
	// Only what is claimed may have arrived when the machine stops.
	w := world.New(t, world.Rules(t, world.Ob("m", `["@all"]`, world.Monthly)), "2017-06-09 09:00")
	fill(t, w, 200)
	s := &slow{parallel: 2}
	s.over(w)
	most := 0
	s.take = func(s *slow, _ notify.Message) {
		s.now = s.now.Add(10 * time.Second)
		s.mu.Unlock()
		claimed := w.States()[ledger.Sending]
		s.mu.Lock()
		most = max(most, claimed)
	}
	w.Deliver()
	if most > 12 {
		t.Errorf("%d notices were claimed at once for 2 slow connections", most)
	}
}
