package main

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"duban/internal/need"
	"duban/internal/smtptest"
)

// smtpConfig points a site to a server.
func smtpConfig(s *smtptest.Server, connections int) string {
	host, port := s.HostPort()
	return fmt.Sprintf("max_notices_per_tick = 5000\n[mail]\ntransport = \"smtp\"\n[mail.smtp]\nhost = %q\nport = %d\nca_file = %q\nconnections = %d\ntimeout = \"5s\"\n", host, port, s.CA, connections)
}

// manyUnits replaces the site's plan by one that assigns something to n units.
func (s *site) manyUnits(n int) {
	s.t.Helper()
	var units, members strings.Builder
	for i := range n {
		fmt.Fprintf(&units, "[[unit]]\nid = \"u%d\"\nname = \"单位%d\"\nmail = [\"u%d@x.example\"]\n", i, i, i)
		fmt.Fprintf(&members, "%q, ", fmt.Sprintf("u%d", i))
	}
	fmt.Fprintf(&units, "[[group]]\nid = \"all\"\nmembers = [%s]\n", members.String())
	if err := os.RemoveAll(s.path("plan")); err != nil {
		s.t.Fatal(err)
	}
	if err := os.MkdirAll(s.path("plan/obligations"), 0o755); err != nil {
		s.t.Fatal(err)
	}
	s.write("plan/plan.toml", "id = \"p\"\ntitle = \"P\"\nstarts = 2017-06-09\n[policy.standard]\nremind = [\"on the day\"]\n")
	s.write("plan/units.toml", units.String())
	s.write("plan/obligations/01.toml", "[[obligation]]\nid = \"m\"\ntitle = \"事项\"\nunits = [\"@all\"]\nevery = \"year\"\npolicy = \"standard\"\n")
}

func messageID(raw []byte) string {
	_, rest, _ := bytes.Cut(raw, []byte("Message-ID: "))
	id, _, _ := bytes.Cut(rest, []byte("\r\n"))
	return string(id)
}

// copies are the mails that arrived, by Message-ID.
func copies(t *testing.T, s *smtptest.Server) map[string][][]byte {
	t.Helper()
	out := map[string][][]byte{}
	for _, m := range s.Mails() {
		id := messageID(m.Raw)
		for _, other := range out[id] {
			if !bytes.Equal(other, m.Raw) {
				t.Errorf("%s arrived twice, and differs", id)
			}
		}
		out[id] = append(out[id], m.Raw)
	}
	return out
}

func TestKilledThirtyTimesOverTwoThousandNotices(t *testing.T) {
	const notices, kills, connections = 2000, 30, 4
	server := smtptest.Start(t)
	s := newSite(t, smtpConfig(server, connections))
	s.manyUnits(notices)
	for range kills {
		d := s.serve()
		// After so many steps of so many mails, at whatever step that is, it dies.
		var left atomic.Int32
		left.Store(rand.Int32N(300))
		var once sync.Once
		dead := make(chan struct{})
		kill := func() {
			if left.Add(-1) <= 0 {
				once.Do(func() {
					_ = d.cmd.Process.Kill() // it may have ended
					close(dead)
				})
			}
		}
		server.Set(smtptest.Hooks{
			Mail: func(string) error { kill(); return nil }, Rcpt: func(string) error { kill(); return nil },
			Data: func(net.Conn) error { kill(); return nil }, Accepted: func(net.Conn) error { kill(); return nil },
		})
		ended := make(chan struct{})
		go func() {
			for range d.lines { // until its log ends
			}
			close(ended)
		}()
		select {
		case <-dead:
		case <-time.After(3 * time.Second): // all have gone already
			_ = d.cmd.Process.Kill() // it may have ended
		}
		<-ended
		_ = d.cmd.Wait() // it was killed: that is the error
	}
	server.Set(smtptest.Hooks{})
	d := s.serve()
	for s.outbox()["sent"] < notices {
		d.logs("mail")
	}
	if err := d.end(os.Interrupt); err != nil {
		t.Error(err)
	}
	got := copies(t, server)
	repeated := len(server.Mails()) - len(got)
	t.Logf("%d mails for %d notices after %d kills", len(server.Mails()), len(got), kills)
	if len(got) != notices || repeated > connections*kills {
		t.Errorf("%d of %d notices arrived; %d repeated", len(got), notices, repeated)
	}
	s.run("verify")
}

func TestALedgerLockedForTwentySecondsHoldsNothingUpForGood(t *testing.T) {
	t.Parallel() // it waits, mostly
	if testing.Short() {
		need.Missing(t, "takes 20 seconds")
	}
	server := smtptest.Start(t)
	s := newSite(t, smtpConfig(server, 2))
	d := s.serve()
	d.logs("started")
	lock, err := lockDatabase(s.path("var/duban.db"))
	for err != nil { // until the daemon has made it
		d.logs("")
		lock, err = lockDatabase(s.path("var/duban.db"))
	}
	<-time.After(20 * time.Second) // another process's, not ours
	if err := lock(); err != nil {
		t.Fatal(err)
	}
	for s.outbox()["sent"] < 53 {
		d.logs("mail")
	}
	if err := d.end(os.Interrupt); err != nil {
		t.Error(err)
	}
	if got := copies(t, server); len(got) != 53 || len(server.Mails()) != 53 {
		t.Errorf("%d mails, %d different", len(server.Mails()), len(got))
	}
}

// troubled is a daemon on its way through 1,000 notices whose ledger cannot be
// written any more.
func troubled(t *testing.T, words, shell string) (*site, *smtptest.Server, *daemon) {
	t.Helper()
	server := smtptest.Start(t)
	s := newSite(t, smtpConfig(server, 2))
	s.manyUnits(1000)
	if err := os.Mkdir(s.path("var"), 0o755); err != nil {
		t.Fatal(err)
	}
	d := s.start(exec.Command("unshare", "-m", "sh", "-c", shell))
	d.logs(words)
	if len(server.Mails()) == 1000 {
		t.Fatal("the trouble came too late for this test")
	}
	return s, server, d
}

// recovers waits until all have arrived, once each.
func (d *daemon) recovers(server *smtptest.Server) {
	d.t.Helper()
	for len(server.Mails()) < 1000 {
		d.logs("mail")
	}
	d.logs(`"sent":`)
	ids, toUnits := map[string]bool{}, 0
	for _, m := range server.Mails() {
		if slices.ContainsFunc(m.To, func(to string) bool { return !strings.HasSuffix(to, "@x.example") }) {
			continue // the administrators may hear of the trouble
		}
		ids[messageID(m.Raw)] = true
		toUnits++
	}
	if len(ids) != 1000 || toUnits != 1000 {
		d.t.Errorf("%d mails, %d different, though nothing crashed", toUnits, len(ids))
	}
}

func TestAFullDiskLosesNothing(t *testing.T) {
	if os.Getuid() != 0 {
		need.Missing(t, "only root can mount a small disk")
	}
	// A disk of 64 MB, in a mount namespace of its own, most of it taken by something else.
	s, server, d := troubled(t, "the disk is full", "mount -t tmpfs -o size=64m none var && head -c 60m /dev/zero > var/ballast && exec duban serve")
	inside := fmt.Sprintf("/proc/%d/root%s/", d.cmd.Process.Pid, s.path("var"))
	if err := os.Remove(inside + "ballast"); err != nil {
		t.Fatal(err)
	}
	d.recovers(server)
	for _, name := range []string{"duban.db", "duban.db-wal"} {
		data, err := os.ReadFile(inside + name)
		if err != nil {
			t.Fatal(err)
		}
		s.write("var/"+name, string(data))
	}
	if err := d.end(os.Interrupt); err != nil {
		t.Error(err)
	}
	s.run("verify")
	if o := s.outbox(); o["sent"] < 1000 || len(o) != 1 {
		t.Errorf("outbox %v", o)
	}
}

func TestErrorsOfTheDiskLoseNothing(t *testing.T) {
	if os.Getuid() != 0 {
		need.Missing(t, "only root can lift the limit of another process")
	}
	// Beyond so many blocks every write to a file fails (EFBIG), which SQLite calls an I/O error.
	s, server, d := troubled(t, "the disk reports an error", "ulimit -S -f 4000 && exec duban serve")
	unlimited := unix.Rlimit{Cur: unix.RLIM_INFINITY, Max: unix.RLIM_INFINITY}
	if err := unix.Prlimit(d.cmd.Process.Pid, unix.RLIMIT_FSIZE, &unlimited, nil); err != nil {
		t.Fatal(err)
	}
	d.recovers(server)
	if err := d.end(os.Interrupt); err != nil {
		t.Error(err)
	}
	s.run("verify")
	if o := s.outbox(); o["sent"] < 1000 || len(o) != 1 {
		t.Errorf("outbox %v", o)
	}
}

func TestSmtpSinkTakesEveryMail(t *testing.T) {
	sink, err := exec.LookPath("smtp-sink")
	if err != nil {
		if sink = "/usr/sbin/smtp-sink"; !exists(sink) {
			need.Missing(t, "smtp-sink is not here; Debian has it in the package postfix")
		}
	}
	dir := t.TempDir()
	for d := dir; d != os.TempDir() && d != "/"; d = filepath.Dir(d) {
		if err := os.Chmod(d, 0o777); err != nil {
			t.Fatal(err)
		}
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := l.Addr().String()
	l.Close()
	args := []string{"-d", "mail-", addr, "100"}
	if os.Getuid() == 0 {
		args = append([]string{"-u", "nobody"}, args...)
	}
	cmd := exec.Command(sink, args...)
	cmd.Dir = dir
	var errs bytes.Buffer
	cmd.Stderr = &errs
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait() // it was killed: that is the error
	}()
	_, port, _ := net.SplitHostPort(addr)
	s := newSite(t, "[mail]\ntransport = \"smtp\"\n[mail.smtp]\nhost = \"127.0.0.1\"\nport = "+port+"\nsecurity = \"none\"\n")
	d := s.serve()
	d.logs("started")
	for s.outbox()["sent"] < 53 {
		d.logs("mail")
	}
	if err := d.end(os.Interrupt); err != nil {
		t.Error(err)
	}
	files, err := filepath.Glob(filepath.Join(dir, "mail-*"))
	if err != nil || len(files) != 53 {
		t.Errorf("%d mails in the sink, %v %s", len(files), err, errs.String())
	}
	for _, f := range files {
		raw, err := os.ReadFile(f)
		if err != nil || !bytes.Contains(raw, []byte("Auto-Submitted: auto-generated")) {
			t.Errorf("%s: %v", f, err)
		}
	}
}

func exists(name string) bool {
	_, err := os.Stat(name)
	return err == nil
}

// TestSuspendedOverTheWindowsEdge stops the process (SIGSTOP) while mail waits
// and the window is open, and lets it go on when the window has closed.
func TestSuspendedOverTheWindowsEdge(t *testing.T) {
	t.Parallel() // it waits, mostly
	if testing.Short() {
		need.Missing(t, "takes a minute")
	}
	server := smtptest.Start(t)
	server.Set(smtptest.Hooks{Mail: func(string) error { return smtptest.Refuse(451, "not now") }})
	// In one of these zones midnight is far away.
	zone := time.UTC
	if h := time.Now().UTC().Hour(); h == 23 || h == 0 {
		zone = time.FixedZone("Etc/GMT-8", 8*60*60)
	}
	now := time.Now().In(zone)
	closes := now.Truncate(time.Minute).Add(time.Minute)
	if closes.Sub(now) < 10*time.Second {
		closes = closes.Add(time.Minute)
	}
	s := newSite(t, "")
	s.write("config.toml", fmt.Sprintf("plans = [\"plan\"]\ntimezone = %q\n[schedule]\nwindow = \"%s-%s\"\nweekends = true\n%s",
		zone, now.Add(-2*time.Minute).Format("15:04"), closes.Format("15:04"), smtpConfig(server, 2)))
	s.manyUnits(3)
	d := s.serve()
	d.logs(`"later":`)
	if err := d.cmd.Process.Signal(syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	server.Set(smtptest.Hooks{})
	<-time.After(time.Until(closes.Add(time.Second))) // the edge, on the real clock
	if err := d.cmd.Process.Signal(syscall.SIGCONT); err != nil {
		t.Fatal(err)
	}
	<-time.After(20 * time.Second) // longer than it leaves the outbox alone
	if n := len(server.Mails()); n != 0 {
		t.Errorf("%d mails left after the window had closed", n)
	}
	if err := d.end(os.Interrupt); err != nil {
		t.Error(err)
	}
	if o := s.outbox(); o["pending"] != 3 {
		t.Errorf("outbox %v", o)
	}
}
