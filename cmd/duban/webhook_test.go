package main

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// asked replaces a site's plan by one in which each of n units answers requests; each has
// another that hers may be transferred to.
func (s *site) asked(n int) {
	s.t.Helper()
	s.manyUnits(2 * n)
	s.write("plan/obligations/01.toml", "[[obligation]]\nid = \"m\"\ntitle = \"\u4e8b\u9879\"\nunits = [\"@all\"]\nevent = \"request\"\nwithin = \"60 working days\"\npolicy = \"standard\"\n")
	s.write("oa.secret", hookSecret+"\n")
	if err := os.Chmod(s.path("oa.secret"), 0o600); err != nil {
		s.t.Fatal(err)
	}
}

// lives lets one request of unit i live, by commands as people type them, and tells what
// a webhook must hear of it, in order.
func (s *site) lives(i, n int, key string) (must []string) {
	unit, other := fmt.Sprintf("u%d", i), fmt.Sprintf("u%d", i+n)
	here, there := "m/"+unit+"/"+key, "m/"+other+"/"+key
	s.run("event", "add", "request", "--unit", unit, "--date", zhongshan().Format(time.DateOnly), "--key", key)
	s.run("extend", here, "--by", "2 working days", "--reason", "r")
	s.run("transfer", here, "--to", other, "--reason", "r")
	s.run("done", there, "--note", "n")
	s.run("reopen", there, "--reason", "r")
	s.run("done", there, "--note", "n")
	return []string{"made " + here, "extended " + here, "made " + there, "transferred " + there, "reported " + there, "closed " + there, "reported " + there, "closed " + there}
}

// work has several people at work at once, each on requests of one unit; while they are,
// something befalls daemons and receiver. It returns what must be heard of each unit.
func work(sites []*site, people, requests int, befalls func(busy func() bool)) (must [][]string) {
	must = make([][]string, people)
	var all sync.WaitGroup
	done := make(chan struct{})
	for i := range people {
		all.Go(func() {
			for k := range requests {
				must[i] = append(must[i], sites[i%len(sites)].lives(i, people, fmt.Sprintf("K%d-%d", i, k))...)
			}
		})
	}
	go func() { all.Wait(); close(done) }()
	befalls(func() bool {
		select {
		case <-done:
			return false
		default:
			return true
		}
	})
	<-done
	return must
}

// heardAll waits until all is heard that must be, and wants it complete and in order: of each unit in
// that of its acts, of all together in that of the journal, which has what each post names.
func heardAll(t *testing.T, s *site, r *receiver, must [][]string) {
	t.Helper()
	wants := 0
	for _, m := range must {
		wants += len(m)
	}
	of := func(p posted) int { // whose request it is; -1: nobody's
		_, key, _ := strings.Cut(p.told(t), "/K")
		i := -1
		_, _ = fmt.Sscanf(key, "%d-", &i)
		return i
	}
	n := 0
	t.Cleanup(func() {
		if n < wants {
			t.Logf("heard %d of %d:\n%s", n, wants, s.run("webhook", "list"))
		}
	})
	eventually(t, "all is heard", func() bool {
		n = 0
		got, _ := first(t, r.posts())
		for _, p := range got {
			if of(p) >= 0 {
				n++
			}
		}
		return n >= wants
	})
	got, again := first(t, r.posts())
	heard := make([][]string, len(must))
	var journal []struct {
		Seq  int64
		Hash string
	}
	if err := json.Unmarshal([]byte(s.run("journal", "--json")), &journal); err != nil {
		t.Fatal(err)
	}
	hashes := map[int64]string{}
	for _, e := range journal {
		hashes[e.Seq] = e.Hash
	}
	last := int64(0)
	for _, p := range got {
		seq, hash := p.entry(t)
		if seq < last {
			t.Errorf("%s is told after entry %d", p.ID, last)
		}
		if last = seq; hash == "" || !strings.HasPrefix(hashes[seq], hash) {
			t.Errorf("%s: the journal's entry has the hash %q", p.ID, hashes[seq])
		}
		if i := of(p); i >= 0 {
			heard[i] = append(heard[i], p.told(t))
		}
	}
	for i := range must {
		if !slices.Equal(heard[i], must[i]) {
			t.Errorf("of unit %d it heard\n%q, and not\n%q", i, heard[i], must[i])
		}
	}
	t.Logf("%d posts tell of %d things, %d came again; %d kills at a step of a post", len(got)+again, len(got), again, r.atSteps)
	if *full && r.atSteps == 0 { // of one or two kills none may be on a slow machine
		t.Error("nobody was killed at a step of a post")
	}
}

// soon measures how long after a command began its post came, where nothing is wrong.
func (s *site) soon(t *testing.T, r *receiver, times int) {
	t.Helper()
	if times == 0 {
		return
	}
	var took []time.Duration
	for k := range times {
		key := fmt.Sprintf("soon-%d", k)
		began := time.Now()
		s.run("event", "add", "request", "--unit", "u0", "--date", began.Format(time.DateOnly), "--key", key)
		eventually(t, "it is told", func() bool {
			return slices.ContainsFunc(r.posts(), func(p posted) bool {
				if p.Wrong != "" || p.told(t) != "made m/u0/"+key {
					return false
				}
				took = append(took, p.At.Sub(began))
				return true
			})
		})
	}
	slices.Sort(took)
	t.Logf("heard after %s at the median, at most %s, of %d, counted from the command's start", took[len(took)/2].Round(time.Millisecond), took[len(took)-1].Round(time.Millisecond), times)
}

// Whoever is killed, and at whatever moment, a webhook hears all that it asks for, in the
// journal's order: the daemon, or the program that is told. People go on meanwhile.
func TestAWebhookHearsAllThroughKillsOfEitherSide(t *testing.T) {
	requests, kills, looks := 2, 2, 1
	if *full {
		requests, kills, looks = 40, 60, 20
	}
	const people = 2
	r := newReceiver(t)
	s := newSite(t, r.config())
	s.asked(people)
	d := s.serve()
	d.logs("started")
	go drain(d)
	eventually(t, "it is known how far the webhook is", func() bool { return strings.Contains(s.run("webhook", "list", "--json"), `"well"`) })
	must := work([]*site{s}, people, requests, func(busy func() bool) {
		for k := range kills {
			if k%2 == 0 {
				r.dies(d.cmd)
				d = s.serve()
				go drain(d)
				continue
			}
			r.dies(r.cmd)
			r.start()
			if k%4 == 1 { // else it comes again by itself
				s.run("webhook", "retry", "oa")
			}
		}
		for busy() {
			time.Sleep(10 * time.Millisecond)
		}
	})
	heardAll(t, s, r, must)
	s.soon(t, r, looks)
	if err := d.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Error(err)
	}
	if err := d.cmd.Wait(); err != nil {
		t.Error(err)
	}
	s.run("verify")
}

// Of several daemons on one database one posts. When it dies another goes on where it
// was, and the receiver may die as well.
func TestAWebhookHearsAllThroughATakeover(t *testing.T) {
	requests, kills, looks := 1, 1, 0
	if *full {
		requests, kills, looks = 30, 10, 10
	}
	const people = 2
	r := newReceiver(t)
	_, _, all := cluster(t, 2, 2*people)
	var sites []*site
	for _, m := range all {
		m.asked(people)
		config, err := os.ReadFile(m.path("config.toml"))
		if err != nil {
			t.Fatal(err)
		}
		m.write("config.toml", string(config)+r.config())
		sites = append(sites, m.site)
	}
	all[0].run("ledger", "plans", "push")
	for _, m := range all {
		m.daemon = m.serve()
		go drain(m.daemon)
	}
	eventually(t, "one evaluates", func() bool { return one(all) != nil })
	eventually(t, "it is known how far the webhook is", func() bool { return strings.Contains(all[0].run("webhook", "list", "--json"), `"well"`) })
	slowest := time.Duration(0)
	must := work(sites, people, requests, func(busy func() bool) {
		for k := range kills {
			leader := one(all)
			if leader == nil {
				t.Error("not one evaluates")
				return
			}
			r.dies(leader.cmd)
			if k%2 == 1 {
				r.kill()
				r.start()
			}
			began := time.Now()
			eventually(t, "another evaluates", func() bool { return one(without(all, leader)) != nil })
			slowest = max(slowest, time.Since(began))
			if k < kills-1 {
				leader.daemon = leader.serve()
				go drain(leader.daemon)
				eventually(t, "it is ready again", func() bool { return leader.ready() != "" })
			}
		}
		for busy() {
			time.Sleep(10 * time.Millisecond)
		}
	})
	t.Logf("%d takeovers, the slowest after %s", kills, slowest.Round(100*time.Millisecond))
	heardAll(t, all[0].site, r, must)
	all[0].soon(t, r, looks)
	all[0].run("verify")
}
