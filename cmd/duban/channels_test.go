package main

import (
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"duban/internal/robottest"
	"duban/internal/smtptest"
)

// groups are two robots, as channels of a site's configuration.
func groups(t *testing.T) (robots map[string]*robottest.Robot, config string) {
	t.Helper()
	robots = map[string]*robottest.Robot{"wecom": robottest.New(t, "wecom", "", time.Now), "dingtalk": robottest.New(t, "dingtalk", "SECabcdefghijklmnop", time.Now)}
	for service, r := range robots {
		r.TakesAll()
		config += fmt.Sprintf("[channel.%s]\nservice = %q\nurl_file = \"%s.url\"\nmax_per_minute = 0\n", service, service, service)
	}
	return robots, config
}

// reachedBy writes the robots' files, and lets each unit be reached by each of them.
func (s *site) reachedBy(robots map[string]*robottest.Robot) {
	s.t.Helper()
	for service, r := range robots {
		s.write(service+".url", r.File())
		if err := os.Chmod(s.path(service+".url"), 0o600); err != nil {
			s.t.Fatal(err)
		}
	}
	units, err := os.ReadFile(s.path("plan/units.toml"))
	if err != nil {
		s.t.Fatal(err)
	}
	s.write("plan/units.toml", strings.ReplaceAll(string(units), "mail = [", "channels = [\"wecom\", \"dingtalk\"]\nmail = ["))
}

// said are the texts that a group reads, by whom each is for, which stands in its
// first line; a second that is not the same to the last byte is an error.
func said(t *testing.T, r *robottest.Robot) map[string]int {
	t.Helper()
	times, of := map[string]int{}, map[string]string{}
	for _, text := range r.Texts() {
		whom, _, _ := strings.Cut(text, "\n")
		if other, ok := of[whom]; ok && other != text {
			t.Errorf("%q came twice, and differs:\n%s\n%s", whom, other, text)
		}
		of[whom] = text
		times[whom]++
	}
	return times
}

// killedAtSomeStep kills a daemon after so many steps of what leaves by any way, at
// whatever step that is; it returns when it has ended.
func killedAtSomeStep(d *daemon, steps int32, hear func(step func())) (atOne bool) {
	var left atomic.Int32
	left.Store(steps)
	var once sync.Once
	dead := make(chan struct{})
	hear(func() {
		if left.Add(-1) <= 0 {
			once.Do(func() {
				_ = d.cmd.Process.Kill() // it may have ended
				close(dead)
			})
		}
	})
	ended := make(chan struct{})
	go func() {
		drain(d)
		close(ended)
	}()
	select {
	case <-dead:
		atOne = true
	case <-time.After(3 * time.Second): // all have gone already
		_ = d.cmd.Process.Kill() // it may have ended
	}
	<-ended
	_ = d.cmd.Wait() // it was killed: that is the error
	return atOne
}

// What goes to each unit by mail and by two robots is as durable by each: killed at any
// step of any of them, it comes by all, and what comes twice is the same and no more
// than was in hand.
func TestKilledOverMailAndTwoChannels(t *testing.T) {
	units, kills := 40, 5
	if *full {
		units, kills = 334, 30
	}
	const connections = 4
	post := smtptest.Start(t)
	robots, config := groups(t)
	s := newSite(t, smtpConfig(post, connections)+config)
	s.manyUnits(units)
	s.reachedBy(robots)
	hear := func(step func()) {
		for _, r := range robots {
			r.Steps(step)
		}
		if step == nil {
			post.Set(smtptest.Hooks{})
			return
		}
		says := func(string) error { step(); return nil }
		act := func(net.Conn) error { step(); return nil }
		post.Set(smtptest.Hooks{Mail: says, Rcpt: says, Data: act, Accepted: act})
	}
	atSteps := 0
	for range kills {
		if killedAtSomeStep(s.serve(), rand.Int32N(int32(1+8*units/kills)), hear) {
			atSteps++
		}
	}
	if *full && atSteps == 0 {
		t.Error("none of them was killed at a step of a message")
	}
	hear(nil)
	d := s.serve()
	for limit := time.Now().Add(2 * patience); s.told() < 3*units; time.Sleep(50 * time.Millisecond) {
		if time.Now().After(limit) {
			t.Fatalf("not all has left: %v", s.outbox())
		}
	}
	if err := d.end(os.Interrupt); err != nil {
		t.Error(err)
	}
	got, mails := noticesTo(t, post)
	if len(got) != units || mails-len(got) > connections*kills {
		t.Errorf("%d of %d notices came by mail; %d repeated", len(got), units, mails-len(got))
	}
	told := fmt.Sprintf("mail %d, of which %d again", len(got), mails-len(got))
	for service, r := range robots {
		times, all := said(t, r), len(r.Texts())
		for i := range units {
			found := 0
			for whom := range times {
				if strings.Contains(whom, fmt.Sprintf("\u5355\u4f4d%d\uff1a", i)) {
					found++
				}
			}
			if found != 1 {
				t.Errorf("%s: unit %d was told %d different things", service, i, found)
			}
		}
		if len(times) != units || all-len(times) > kills { // one is in hand at a time
			t.Errorf("%d of %d notices came by %s; %d repeated", len(times), units, service, all-len(times))
		}
		told += fmt.Sprintf("; %s %d, of which %d again", service, len(times), all-len(times))
	}
	t.Logf("after %d kills: %s", kills, told)
	s.run("verify")
}
