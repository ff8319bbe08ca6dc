package scheduler_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/robfig/cron/v3"

	"duban/internal/world"
	"duban/ledger"
	"duban/ledger/sqlite"
	"duban/notify"
	"duban/rules"
	"duban/rules/planfile"
	"duban/rules/problem"
	"duban/scheduler/delivery"
)

// several are daemons that share a ledger, in a bubble whose time begins in an office's
// hours: 2000-01-03 09:00 in Shanghai, a Monday.
type several struct {
	*testing.T
	ledger  ledger.Store
	server  *world.Server
	set     *rules.Set
	daemons []*daemon
}

type daemon struct {
	*world.World
	name   string
	line   *world.Line
	cancel func()
	done   chan error
}

func share(t *testing.T, obligations string, f func(*several)) {
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(49 * time.Hour) // from 08:00 of a Saturday
		head := strings.Replace(world.PlanHead, "2017-06-09", "2000-01-01", 1)
		l, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "l.db"), sqlite.Options{Throwaway: true})
		if err != nil {
			t.Fatal(err)
		}
		s := &several{T: t, ledger: l, server: world.NewServer(l, time.Now), set: world.RulesWith(t, head, obligations)}
		f(s)
		for _, d := range s.daemons {
			d.line.Cut(false)
			d.end(t)
		}
		w := world.Beside(t, "verify", s.server.Line(), s.set, delivery.Settings{})
		w.Verify()
		if err := l.Close(); err != nil {
			t.Error(err)
		}
	})
}

// daemon is one more; prepare sees it before it runs.
func (s *several) daemon(name string, sending delivery.Settings, prepare ...func(*daemon)) *daemon {
	d := &daemon{name: name, line: s.server.Line()}
	d.World = world.Beside(s.T, name, d.line, s.set, sending)
	d.Settings().Admins = nil
	for _, p := range prepare {
		p(d)
	}
	s.daemons = append(s.daemons, d)
	return d
}

func (s *several) run(d *daemon) *daemon {
	schedule, err := cron.ParseStandard("*/5 * * * *")
	if err != nil {
		s.Fatal(err)
	}
	var ctx context.Context
	ctx, d.cancel = context.WithCancel(s.Context())
	d.done = make(chan error, 1)
	go func() {
		d.done <- d.Daemon.Run(ctx, schedule, make(chan struct{}), func(func(*planfile.Sources)) (*rules.Set, *problem.List) { return s.set, &problem.List{} })
	}()
	synctest.Wait()
	return d
}

// end tells a daemon to stop and waits for that.
func (d *daemon) end(t *testing.T) {
	if d.cancel == nil {
		return
	}
	d.cancel()
	if err := <-d.done; err != nil {
		t.Errorf("%s: %v", d.name, err)
	}
	d.cancel = nil
}

func (s *several) pass(t time.Duration) {
	time.Sleep(t)
	synctest.Wait()
}

// evaluators are those that believe they are.
func (s *several) evaluators() (names []string) {
	for _, d := range s.daemons {
		if d.Daemon.Role.Evaluates() {
			names = append(names, d.name)
		}
	}
	return names
}

func (s *several) evaluates(name string) {
	s.Helper()
	if got := s.evaluators(); !slices.Equal(got, []string{name}) {
		s.Errorf("%v evaluate, want %s alone", got, name)
	}
}

const monthlyAll = "every=\"month\"\nwithin=\"15 working days\"\npolicy=\"standard\""

func TestOneEvaluatesAndAnotherTakesOver(t *testing.T) {
	share(t, world.Ob("m", `["@all"]`, monthlyAll), func(s *several) {
		a := s.run(s.daemon("a", delivery.Settings{}))
		b := s.run(s.daemon("b", delivery.Settings{}))
		s.evaluates("a")
		if a.Daemon.Health.LastTick().IsZero() || !b.Daemon.Health.LastTick().IsZero() {
			t.Error("not the one that evaluates has ticked, or the other too")
		}
		for _, d := range s.daemons {
			if err := d.Daemon.Health.Ready(s.Context()); err != nil {
				t.Errorf("%s: %v", d.name, err)
			}
		}
		if name := b.Daemon.Role.Evaluator(); name != "a" {
			t.Errorf("b believes that %q evaluates", name)
		}
		s.pass(10 * time.Minute)
		s.evaluates("a")

		a.line.Cut(true) // it knows of nothing, and goes on
		began := time.Now()
		for len(s.evaluators()) > 0 && s.evaluators()[0] == "a" {
			s.pass(time.Second / 4)
		}
		for len(s.evaluators()) == 0 {
			s.pass(time.Second / 4)
		}
		s.evaluates("b")
		if took := time.Since(began); took > 15*time.Second {
			t.Errorf("taken over after %s", took)
		}
		if b.Daemon.Health.LastTick().IsZero() {
			t.Error("it has not ticked")
		}
		s.pass(time.Minute)
		if err := a.Daemon.Health.Ready(s.Context()); err == nil {
			t.Error("who hears nothing of the ledger calls itself ready")
		}
		a.line.Cut(false)
		s.pass(time.Minute)
		s.evaluates("b") // it keeps what it has
		if err := a.Daemon.Health.Ready(s.Context()); err != nil {
			t.Error(err)
		}

		began = time.Now()
		b.end(t) // told to stop, it lets go
		for len(s.evaluators()) == 0 {
			s.pass(time.Second / 4)
		}
		if took := time.Since(began); took > 3*time.Second {
			t.Errorf("taken over after %s, from one that was told to stop", took)
		}
	})
}

func TestAllGoByTheServersClock(t *testing.T) {
	share(t, world.Ob("m", `["@all"]`, monthlyAll), func(s *several) {
		ahead := s.daemon("ahead", delivery.Settings{}, func(d *daemon) { d.Clock = func() time.Time { return time.Now().Add(3 * time.Hour) } })
		s.run(ahead)
		behind := s.daemon("behind", delivery.Settings{}, func(d *daemon) { d.Clock = func() time.Time { return time.Now().Add(-3 * time.Hour) } })
		s.run(behind)
		for range 100 {
			s.pass(5 * time.Second)
			s.evaluates("ahead")
			for _, d := range s.daemons {
				if off := time.Until(d.View().Now).Abs(); off > time.Second {
					t.Fatalf("%s is off by %s", d.name, off)
				}
			}
		}
	})
}

// By rules that somebody has changed since they were read nothing is evaluated: what
// the change made would be taken back, and told of.
func TestNothingIsEvaluatedByOldRules(t *testing.T) {
	share(t, world.Ob("m", `["@all"]`, monthlyAll), func(s *several) {
		a := s.daemon("a", delivery.Settings{})
		if _, err := a.Daemon.Tick(s.Context(), time.Now()); err != nil {
			t.Fatal(err)
		}
		before := len(a.Open())
		err := s.ledger.Update(s.Context(), func(tx ledger.Tx) error {
			return tx.SaveRuleFile(&ledger.RuleFile{Path: "plans/p/plan.toml", Text: []byte("x"), Changed: time.Now(), By: "b"})
		})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := a.Daemon.Tick(s.Context(), time.Now().Add(40*24*time.Hour)); err == nil || !strings.Contains(err.Error(), "read first") {
			t.Errorf("a tick by the rules of before: %v", err)
		}
		if n := len(a.Open()); n != before {
			t.Errorf("%d are open, and %d were", n, before)
		}
		load := func(func(*planfile.Sources)) (*rules.Set, *problem.List) { return s.set, &problem.List{} }
		a.Daemon.Reload(s.Context(), load)
		if _, err := a.Daemon.Tick(s.Context(), time.Now().Add(40*24*time.Hour)); err != nil || len(a.Open()) == before {
			t.Errorf("read again: %v, %d are open", err, len(a.Open()))
		}
	})
}

func TestWhatAStaleDaemonEvaluatedIsNotCommitted(t *testing.T) {
	share(t, world.Ob("m", `["@all"]`, monthlyAll), func(s *several) {
		a := s.daemon("a", delivery.Settings{})
		entries := func() int64 {
			n, err := s.ledger.LastEntry(s.Context())
			if err != nil {
				t.Fatal(err)
			}
			return n
		}
		var before int64
		a.line.Before(func() { // it takes the task; then it is stopped for a while, and another has it
			a.line.Before(func() {
				err := s.ledger.Update(s.Context(), func(tx ledger.Tx) error {
					later := time.Now().Add(30 * time.Second)
					return tx.TakeLease(ledger.Evaluating, ledger.Lease{Owner: "b", Until: later.Add(10 * time.Second)}, later)
				})
				if err != nil {
					t.Error(err)
				}
				before = entries()
			})
		})
		if _, err := a.Daemon.Tick(s.Context(), time.Now()); !errors.Is(err, ledger.ErrTaken) {
			t.Errorf("its tick: %v", err)
		}
		if entries() != before || len(a.Open()) > 0 {
			t.Error("it has left something")
		}
		if a.Daemon.Role.Evaluates() {
			t.Error("it still believes that it evaluates")
		}
	})
}

// post is a mail server that daemons share: it notes what comes from whom, and how
// many connections are busy at a time.
type post struct {
	takes    time.Duration // a mail
	parallel int

	mu         sync.Mutex
	busy, most int
	came       []arrival
	hang       func(from string, m notify.Message) error // before the last word
}

type arrival struct {
	from string
	at   time.Time
	notify.Message
}

// way is one daemon's to the server.
type way struct {
	*post
	name string
}

func (p *post) to(d *daemon) { d.Transport = way{p, d.name} }

func (w way) Send(_ context.Context, m notify.Message) notify.Outcome {
	w.mu.Lock()
	w.busy++
	w.most = max(w.most, w.busy)
	hang := w.hang
	w.mu.Unlock()
	defer func() { w.mu.Lock(); w.busy--; w.mu.Unlock() }()
	time.Sleep(w.takes)
	if hang != nil {
		if err := hang(w.name, m); err != nil {
			return notify.Outcome{Err: err}
		}
	}
	if err := m.MayEnd(); err != nil {
		return notify.Outcome{Err: err}
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.came = append(w.came, arrival{w.name, time.Now(), m})
	return notify.Outcome{Reply: "250 ok"}
}

func (w way) Parallel() int { return w.parallel }
func (w way) Close() error  { return nil }

// arrivals are all that came, by whom.
func (p *post) arrivals() (all []arrival, by map[string]int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	by = map[string]int{}
	for _, a := range p.came {
		by[a.from]++
	}
	return slices.Clone(p.came), by
}

// each wants every notice to have come as often as that, copies as the same bytes.
func (s *several) each(p *post, notices, copies int) {
	s.Helper()
	all, by := p.arrivals()
	bodies := map[string][]byte{}
	for _, a := range all {
		if b, there := bodies[a.Name]; there && !bytes.Equal(b, a.Raw) {
			s.Errorf("%s came twice, each time otherwise", a.Name)
		}
		bodies[a.Name] = a.Raw
	}
	if len(bodies) != notices || len(all) != notices+copies {
		s.Errorf("%d mails came, %d different ones, by %v; want %d and %d copies", len(all), len(bodies), by, notices, copies)
	}
}

// crowd are so many units that each owe one thing.
func (s *several) crowd(units int) {
	var text strings.Builder
	var members []string
	for i := range units {
		fmt.Fprintf(&text, "[[unit]]\nid=\"u%d\"\nname=\"单位%d\"\nmail=[\"u%d@x.example\"]\n", i, i, i)
		members = append(members, fmt.Sprintf("%q", fmt.Sprintf("u%d", i)))
	}
	fmt.Fprintf(&text, "[[group]]\nid=\"all\"\nmembers=[%s]\n", strings.Join(members, ","))
	head := strings.Replace(world.PlanHead, "2017-06-09", "2000-01-01", 1)
	s.set = world.RulesFrom(s.T, head, text.String(), world.Ob("m", `["@all"]`, monthlyAll))
}

func TestAllDeliverEachNoticeOnceOverTheConnectionsOfAll(t *testing.T) {
	share(t, world.Ob("m", `["@all"]`, monthlyAll), func(s *several) {
		s.crowd(120)
		p := &post{takes: time.Second, parallel: 4}
		for _, name := range []string{"a", "b", "c"} {
			s.run(s.daemon(name, delivery.Settings{}, p.to))
		}
		s.pass(2 * time.Minute)
		s.each(p, 120, 0)
		_, by := p.arrivals()
		if p.most > 4 || p.most < 3 || len(by) != 3 {
			t.Errorf("%d connections at once, by %v", p.most, by)
		}
	})
}

func TestThePaceIsThatOfAll(t *testing.T) {
	share(t, world.Ob("m", `["@all"]`, monthlyAll), func(s *several) {
		s.crowd(30)
		p := &post{parallel: 4}
		for _, name := range []string{"a", "b"} {
			s.run(s.daemon(name, delivery.Settings{MaxPerMinute: 20}, p.to))
		}
		s.pass(5 * time.Minute)
		s.each(p, 30, 0)
		all, by := p.arrivals()
		for i := range all[min(20, len(all)):] {
			if took := all[i+20].at.Sub(all[i].at); took < 59*time.Second {
				t.Fatalf("21 mails within %s, by %v", took, by)
			}
		}
		if took := all[len(all)-1].at.Sub(all[0].at); took > 2*time.Minute {
			t.Errorf("30 mails took %s", took)
		}
	})
}

var errDown = &notify.DownError{Err: errors.New("connection refused")}

func TestAServerInTroubleIsLeftAloneByAll(t *testing.T) {
	share(t, world.Ob("m", `["@all"]`, monthlyAll), func(s *several) {
		s.crowd(30)
		var tries []string
		p := &post{parallel: 2, takes: 100 * time.Millisecond}
		p.hang = func(from string, _ notify.Message) error {
			p.mu.Lock()
			defer p.mu.Unlock()
			tries = append(tries, from)
			return errDown
		}
		tried := func() []string { p.mu.Lock(); defer p.mu.Unlock(); return slices.Clone(tries) }
		for _, name := range []string{"a", "b", "c"} {
			s.run(s.daemon(name, delivery.Settings{}, p.to))
		}
		s.pass(9 * time.Second)
		if first := tried(); len(first) == 0 || slices.ContainsFunc(first, func(by string) bool { return by != "a" }) {
			t.Errorf("tried by %v within the first seconds", first)
		}
		s.pass(10 * time.Minute)
		if n := len(tried()); n > 40 {
			t.Errorf("%d tries in ten minutes", n)
		}
		p.mu.Lock()
		p.hang = nil
		p.mu.Unlock()
		s.pass(30 * time.Minute)
		s.each(p, 30, 0)
	})
}

// atLast is told of each mail that one of them has said all of but the last word.
func (p *post) atLast(f func(from string, m notify.Message) error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.hang = f
}

func TestWhatADeadDaemonHeldGoesAgainAsTheSameBytes(t *testing.T) {
	share(t, world.Ob("m", `["@all"]`, monthlyAll), func(s *several) {
		s.crowd(20)
		p := &post{parallel: 2, takes: time.Second}
		a := s.daemon("a", delivery.Settings{}, p.to)
		var died time.Time
		var held []string
		release := make(chan struct{})
		p.atLast(func(from string, m notify.Message) error {
			if from != "a" || a.View().Now.Second() < 5 {
				return nil
			}
			p.mu.Lock()
			if died.IsZero() {
				died = time.Now()
				a.line.Cut(true)
			}
			held = append(held, m.Name)
			p.mu.Unlock()
			<-release // its machine is gone
			return errDown
		})
		s.run(a)
		s.run(s.daemon("b", delivery.Settings{}, p.to))
		s.pass(2 * time.Minute)
		s.each(p, 20, 0)
		all, by := p.arrivals()
		for _, name := range held {
			i := slices.IndexFunc(all, func(x arrival) bool { return x.Name == name })
			if all[i].from != "b" || !all[i].Again {
				t.Errorf("%s came from %s, said to have come before: %v", name, all[i].from, all[i].Again)
			}
			if late := all[i].at.Sub(died); late > 40*time.Second {
				t.Errorf("%s came %s after the other had died", name, late)
			}
		}
		if len(held) == 0 || by["a"] == 0 || by["b"] == 0 {
			t.Errorf("by %v, %d held by one that died", by, len(held))
		}
		close(release)
	})
}

func TestADaemonThatWasStoppedSendsNothingThatAnotherTook(t *testing.T) {
	share(t, world.Ob("m", `["@all"]`, monthlyAll), func(s *several) {
		s.crowd(20)
		p := &post{parallel: 2, takes: time.Second}
		a := s.daemon("a", delivery.Settings{}, p.to)
		var stopped int
		taken := map[string]bool{}
		p.atLast(func(from string, m notify.Message) error {
			p.mu.Lock()
			if from == "b" {
				taken[m.Name] = true
				p.mu.Unlock()
				time.Sleep(5 * time.Second) // it has it in hand when the other goes on
				return nil
			}
			if a.View().Now.Second() < 5 || stopped == 2 {
				p.mu.Unlock()
				return nil
			}
			stopped++
			a.line.Cut(true) // its renewals stop too
			for !taken[m.Name] {
				p.mu.Unlock()
				time.Sleep(time.Second)
				p.mu.Lock()
			}
			p.mu.Unlock()
			a.line.Cut(false)
			return nil
		})
		s.run(a)
		s.run(s.daemon("b", delivery.Settings{}, p.to))
		s.pass(5 * time.Minute)
		s.each(p, 20, 0) // without a copy
		if stopped == 0 {
			t.Error("nothing was held")
		}
		if _, by := p.arrivals(); by["a"] == 0 || by["b"] == 0 {
			t.Errorf("by %v", by)
		}
	})
}

// What the other side took is settled also when the ledger was away meanwhile.
func TestWhatArrivedWhileTheLedgerWasAwayIsSettledWhenItIsBack(t *testing.T) {
	for _, away := range []time.Duration{10 * time.Second, 50 * time.Second} {
		share(t, world.Ob("m", `["@all"]`, monthlyAll), func(s *several) {
			s.crowd(12)
			p := &post{parallel: 2, takes: time.Second}
			a := s.daemon("a", delivery.Settings{}, p.to)
			cut := false
			p.atLast(func(string, notify.Message) error {
				if p.mu.Lock(); !cut && a.View().Now.Second() >= 3 {
					cut = true
					a.line.Cut(true)
				}
				p.mu.Unlock()
				return nil
			})
			s.run(a)
			s.pass(10 * time.Second)
			if !cut {
				t.Fatal("it was not away")
			}
			before, _ := p.arrivals()
			s.pass(away)
			during, _ := p.arrivals()
			if more := len(during) - len(before); more > 0 {
				t.Errorf("%d mails left that nobody could write down", more)
			}
			a.line.Cut(false)
			s.pass(time.Minute)
			s.each(p, 12, 0)
		})
	}
}
