package delivery_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"duban/internal/engines"
	"duban/internal/smtptest"
	"duban/internal/world"
	"duban/ledger"
	"duban/notify"
	"duban/notify/mail"
	"duban/scheduler/delivery"
	"duban/scheduler/engine"
)

// over makes a transport to the server, secured as it is by default.
func over(t testing.TB, s *smtptest.Server, connections int) *mail.SMTP {
	t.Helper()
	host, port := s.HostPort()
	return transport(t, mail.Config{Host: host, Port: port, Security: "starttls", CAFile: s.CA, Connections: connections, Timeout: 5 * time.Second, Username: s.User, Password: s.Password})
}

func transport(t testing.TB, c mail.Config) *mail.SMTP {
	t.Helper()
	c.Helo = "duban.example"
	tr, err := mail.NewSMTP(c, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = tr.Close() })
	return tr
}

// assigned is a world with three assignments pending, one of them to two
// addresses and a copy, and a server to send them to.
func assigned(t *testing.T) (*world.World, *smtptest.Server) {
	t.Helper()
	w := world.New(t, world.Rules(t, world.Ob("m", `["@all"]`, world.Monthly)), "2017-06-09 09:00")
	s := smtptest.Start(t)
	w.Transport = over(t, s, 2)
	if _, err := w.Daemon.Tick(context.Background(), w.Now); err != nil {
		t.Fatal(err)
	}
	return w, s
}

func messageID(raw []byte) string {
	for line := range strings.Lines(string(raw)) {
		if id, ok := strings.CutPrefix(line, "Message-ID: "); ok {
			return strings.TrimSpace(id)
		}
	}
	return ""
}

func TestAllArriveOverFewConnections(t *testing.T) {
	w, s := assigned(t)
	if d := w.Deliver(); d.Sent != 3 {
		t.Fatalf("%+v", d)
	}
	for _, m := range s.Mails() {
		if m.From != "duban@x.example" || len(m.To) == 0 || messageID(m.Raw) == "" || bytes.Contains(m.Raw, []byte("\r\nBcc")) {
			t.Errorf("mail from %q to %q", m.From, m.To)
		}
	}
	if n := s.Connections(); n > 2*2 { // EHLO before and after STARTTLS
		t.Errorf("%d sessions for two connections", n)
	}
	if n := w.NoticeTo("b"); n.State != ledger.Sent || len(n.Recipients) != 3 || n.Recipients[2].Address != "copy@x.example" || n.Recipients[2].State != ledger.Sent {
		t.Errorf("%+v", n)
	}
}

func TestATemporaryRefusalAtEveryStepIsTriedAgain(t *testing.T) {
	refusal := smtptest.Refuse(451, "not now")
	always := func(string) error { return refusal }
	for step, h := range map[string]smtptest.Hooks{
		"MAIL FROM":         {Mail: always},
		"RCPT TO":           {Rcpt: always},
		"DATA":              {Data: func(net.Conn) error { return refusal }},
		"after the content": {Accepted: func(net.Conn) error { return refusal }},
	} {
		t.Run(step, func(t *testing.T) {
			w, s := assigned(t)
			s.Set(h)
			// MAIL names only us: refused, the server is let alone for a while.
			tried, soonest := 3, 40*time.Second
			if step == "MAIL FROM" {
				tried, soonest = 1, 10*time.Second
			}
			if d := w.Deliver(); d.Retried < tried || d.Sent != 0 {
				t.Errorf("%+v", d)
			}
			for _, n := range must(ledger.AllNotices(context.Background(), w.Ledger, "")) {
				if n.State != ledger.Pending || n.MayHave {
					t.Errorf("%d: %s, may have arrived %v", n.ID, n.State, n.MayHave)
				}
				if wait := n.NextTry.Sub(w.Now); n.Error != "" && (wait < soonest || wait > 80*time.Second || !strings.Contains(n.Error, "451")) {
					t.Errorf("%d: again in %s: %s", n.ID, wait, n.Error)
				}
			}
			if d := w.Deliver(); d != (delivery.Tally{}) {
				t.Errorf("tried again at once: %+v", d)
			}
			s.Set(smtptest.Hooks{})
			before := len(s.Mails())
			w.Now = w.Now.Add(2 * time.Minute)
			if d := w.Deliver(); d.Sent != 3 || len(s.Mails())-before != 3 {
				t.Errorf("%+v, %d arrived", d, len(s.Mails())-before)
			}
		})
	}
}

func TestBackoffGrowsFromMinutesToHoursAndEndsAfterThreeDays(t *testing.T) {
	w, s := assigned(t)
	s.Set(smtptest.Hooks{Mail: func(string) error { return smtptest.Refuse(451, "not now") }})
	start, tries := w.Now, 0
	for w.NoticeTo("a").State == ledger.Pending {
		if d := w.Deliver(); d.Retried+d.Failed > 0 {
			tries++
		}
		n := w.NoticeTo("a")
		if n.State != ledger.Pending {
			break
		}
		if wait := n.NextTry.Sub(w.Now); wait > 5*time.Hour {
			t.Fatalf("after %d tries it waits %s", tries, wait)
		}
		w.Now = w.Now.Add(20 * time.Minute)
		for w.Now.Before(n.NextTry) || !w.View().MailMayLeave() {
			w.Now = w.Now.Add(20 * time.Minute)
		}
		if w.Now.Sub(start) > 10*24*time.Hour {
			t.Fatal("it never gave up")
		}
	}
	if n := w.NoticeTo("a"); n.State != ledger.Failed || !strings.Contains(n.Error, "given up") || w.Now.Sub(start) < 3*24*time.Hour || tries < 8 {
		t.Errorf("%s after %d tries in %s: %s", n.State, tries, w.Now.Sub(start), n.Error)
	}
}

func TestOneBadRecipientNeverHoldsBackTheOthers(t *testing.T) {
	w, s := assigned(t)
	s.Set(smtptest.Hooks{Rcpt: func(to string) error {
		switch to {
		case "b@x.example", "c@x.example":
			return smtptest.Refuse(550, "no such user")
		case "b2@x.example":
			return smtptest.Refuse(451, "try later")
		}
		return nil
	}})
	w.Deliver()
	// a went; c failed at once; b: one failed, one waits, the copy went.
	if got := w.States(); got[ledger.Sent] != 1 || got[ledger.Failed] != 1 || got[ledger.Pending] != 1 {
		t.Errorf("%v", got)
	}
	s.Set(smtptest.Hooks{})
	w.Now = w.Now.Add(2 * time.Minute)
	w.Deliver()
	n := w.NoticeTo("b")
	var got []string
	for _, r := range n.Recipients {
		got = append(got, r.Address+" "+string(r.State))
	}
	if s := strings.Join(got, ", "); n.State != ledger.Sent || s != "b@x.example failed, b2@x.example sent, copy@x.example sent" {
		t.Errorf("%s: %s", n.State, s)
	}
	var last []string
	for _, m := range s.Mails() {
		if slices.Contains(m.To, "b2@x.example") {
			last = m.To
		}
	}
	if len(last) != 1 {
		t.Errorf("the second try went to %v, want only the one that waited", last)
	}
	// The administrators hear of both failures in one digest.
	w.Tick("2017-06-12 09:00")
	w.Tick("2017-06-12 09:05")
	found := 0
	for _, m := range s.Mails() {
		if slices.Contains(m.To, "admin@x.example") {
			found++
		}
	}
	if found != 1 {
		t.Errorf("%d mails to the administrators, want 1", found)
	}
}

func TestAConnectionDroppedBeforeTheReplySendsTheSameBytesAgain(t *testing.T) {
	w, s := assigned(t)
	var once sync.Once
	s.Set(smtptest.Hooks{Accepted: func(c net.Conn) (err error) {
		once.Do(func() { err = smtptest.Drop(c) })
		return err
	}})
	w.Deliver()
	pending, err := ledger.AllNotices(context.Background(), w.Ledger, ledger.Pending)
	if err != nil || len(pending) != 1 || !pending[0].MayHave {
		t.Fatalf("%d pending, %v", len(pending), err)
	}
	// What it says is no longer true; still only the same bytes may go.
	w.Daemon.SetRules(world.Rules(t, world.Ob("other", `["@all"]`, world.Monthly)))
	w.Now = w.Now.Add(2 * time.Hour)
	w.Deliver()
	copies := map[string][][]byte{}
	for _, m := range s.Mails() {
		copies[messageID(m.Raw)] = append(copies[messageID(m.Raw)], m.Raw)
	}
	if len(copies) != 3 || len(s.Mails()) != 4 {
		t.Errorf("%d mails with %d ids, want 4 with 3", len(s.Mails()), len(copies))
	}
	for id, raws := range copies {
		if len(raws) == 2 && !bytes.Equal(raws[0], raws[1]) {
			t.Errorf("%s went twice and differs", id)
		}
	}
}

func TestAServerThatStallsOrDribblesHangsNothing(t *testing.T) {
	dribble := func(c net.Conn) {
		for _, b := range []byte("220 slow.example ESMTP and a long greeting\r\n") {
			if _, err := c.Write([]byte{b}); err != nil {
				return
			}
			time.Sleep(300 * time.Millisecond) // the test's server, not the test
		}
	}
	silent := func(c net.Conn) { _, _ = c.Read(make([]byte, 1)) }
	for what, serve := range map[string]func(net.Conn){"silent": silent, "a byte at a time": dribble} {
		t.Run(what, func(t *testing.T) {
			w, _ := assigned(t)
			host, port, err := net.SplitHostPort(smtptest.Listen(t, serve))
			if err != nil {
				t.Fatal(err)
			}
			var n int
			fmt.Sscan(port, &n)
			w.Transport = transport(t, mail.Config{Host: host, Port: n, Security: "none", Connections: 2, Timeout: 200 * time.Millisecond})
			start := time.Now()
			w.Deliver()
			if took := time.Since(start); took > 10*time.Second {
				t.Errorf("it hung for %s", took)
			}
			if got := w.States(); got[ledger.Pending] != 3 {
				t.Errorf("%v", got)
			}
		})
	}
}

func TestAServerThatIsDownIsNotAskedForEveryNotice(t *testing.T) {
	w := world.New(t, world.Rules(t, world.Ob("m", `["@all"]`, world.Monthly)), "2017-06-09 09:00")
	var dials atomic.Int32
	host, port, err := net.SplitHostPort(smtptest.Listen(t, func(c net.Conn) {
		dials.Add(1)
		c.Close()
	}))
	if err != nil {
		t.Fatal(err)
	}
	var n int
	fmt.Sscan(port, &n)
	w.Transport = transport(t, mail.Config{Host: host, Port: n, Security: "none", Connections: 4, Timeout: time.Second})
	fill(t, w, 1000)
	for range 10 {
		w.Deliver()
		w.Now = w.Now.Add(time.Second)
	}
	if n := dials.Load(); n > 8 {
		t.Errorf("%d dials in ten seconds for 1,000 notices", n)
	}
	attempts := 0
	all, err := ledger.AllNotices(context.Background(), w.Ledger, ledger.Pending)
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range all {
		attempts += n.Attempts
	}
	if len(all) != 1000 || attempts > 8 {
		t.Errorf("%d pending after %d attempts", len(all), attempts)
	}
	// It comes back: all go.
	s := smtptest.Start(t)
	w.Transport = over(t, s, 4)
	w.Now = w.Now.Add(15 * time.Minute)
	for range 3 {
		w.Deliver()
		w.Now = w.Now.Add(10 * time.Minute)
	}
	if n := len(s.Mails()); n != 1000 {
		t.Errorf("%d arrived", n)
	}
}

// fill puts notices to the administrators into the outbox.
func fill(t testing.TB, w *world.World, n int) {
	t.Helper()
	err := w.Ledger.Update(context.Background(), func(tx ledger.Tx) error {
		for i := range n {
			if err := engine.TellAdmins(tx, w.View(), fmt.Sprintf("notice %d", i), "text"); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestAWeekWithoutAServerEndsInOneTrueNoticeAUnit(t *testing.T) {
	w := world.New(t, world.Rules(t, world.Ob("m", `["a"]`, world.Monthly)), "2017-06-09 09:00")
	w.Days("2017-06-09", "2017-07-17")
	sent := len(w.Mail.Mails())
	w.Mail.Answer(func(notify.Message) notify.Outcome {
		return notify.Outcome{Err: &notify.DownError{Err: errors.New("connection refused")}}
	})
	w.Days("2017-07-18", "2017-07-26") // upcoming, due, overdue twice, and an escalation
	w.Mail.Answer(nil)
	w.Tick("2017-07-27 09:00")
	w.Tick("2017-07-27 09:30")
	var subjects []string
	for _, m := range w.Mail.Mails()[sent:] {
		subjects = append(subjects, m.To[0])
	}
	slices.Sort(subjects)
	if s := strings.Join(subjects, " "); s != "a@x.example boss@x.example" {
		t.Errorf("after the outage mail went to %s", s)
	}
	for _, m := range w.Mail.Mails()[sent:] {
		text, err := notify.ReadText(m.Raw)
		if err != nil || !strings.Contains(text, "已逾期4个工作日") {
			t.Errorf("not true on the day it left: %v\n%s", err, text)
		}
	}
}

func TestWhatWasClosedInTheMeantimeIsNotSent(t *testing.T) {
	w := world.New(t, world.Rules(t, world.Ob("m", `["a"]`, world.Monthly)+world.Ob("n", `["a"]`, world.Monthly)), "2017-06-09 09:00")
	w.Days("2017-06-09", "2017-07-11")
	sent := len(w.Mail.Mails())
	w.At("2017-07-12 09:00")
	if _, err := w.Daemon.Tick(context.Background(), w.Now); err != nil {
		t.Fatal(err)
	}
	w.Done("m/a/2017-06", "")
	if d := w.Deliver(); d.Sent != 1 {
		t.Fatalf("%+v", d)
	}
	text, err := notify.ReadText(w.Mail.Mails()[sent].Raw)
	if err != nil || strings.Contains(text, "m/a/2017-06") || !strings.Contains(text, "n/a/2017-06") {
		t.Errorf("%v\n%s", err, text)
	}
	w.At("2017-07-18 09:00")
	if _, err := w.Daemon.Tick(context.Background(), w.Now); err != nil {
		t.Fatal(err)
	}
	w.Done("n/a/2017-06", "")
	if d := w.Deliver(); d.Sent != 0 || d.Dropped != 1 {
		t.Errorf("all of it was closed: %+v", d)
	}
}

func TestALedgerThatCannotBeWrittenStopsSendingAndLosesNothing(t *testing.T) {
	w, s := assigned(t)
	ctx := context.Background()
	db := engines.Behind(t, w.Ledger)
	// Outcomes cannot be written any more once the first mail is on its way.
	var once sync.Once
	s.Set(smtptest.Hooks{Accepted: func(net.Conn) error {
		once.Do(func() {
			if err := db.Full("attempt"); err != nil {
				t.Error(err)
			}
		})
		return nil
	}})
	_, err := w.Daemon.Courier.Deliver(ctx)
	if err == nil {
		t.Error("nobody was told that outcomes could not be written")
	}
	arrived := len(s.Mails())
	if arrived > 2 {
		t.Errorf("%d mails left without their outcomes being written, over 2 connections", arrived)
	}
	if _, err := w.Daemon.Courier.Deliver(ctx); err == nil {
		t.Error("a second round went well")
	}
	if n := len(s.Mails()); n != arrived {
		t.Errorf("%d more mails left", n-arrived)
	}
	if err := db.Room("attempt"); err != nil {
		t.Error(err)
	}
	s.Set(smtptest.Hooks{})
	w.Deliver()
	ids := map[string]bool{}
	for _, m := range s.Mails() {
		ids[messageID(m.Raw)] = true
	}
	if len(ids) != 3 || len(s.Mails()) != 3 {
		t.Errorf("%d mails, %d different", len(s.Mails()), len(ids))
	}
	if got := w.States(); got[ledger.Sent] != 3 {
		t.Errorf("%v", got)
	}
}

func TestOnlyAServerThatProvesItselfGetsMailAndPassword(t *testing.T) {
	for _, mechanism := range []string{"PLAIN", "LOGIN"} {
		w, s := assigned(t)
		s.User, s.Password, s.Mechanisms = "duban", "sécret-密码", []string{mechanism}
		var log bytes.Buffer
		w.Log = &log
		w.Transport = over(t, s, 1)
		if d := w.Deliver(); d.Sent != 3 {
			t.Errorf("AUTH %s: %+v", mechanism, d)
		}
		host, port := s.HostPort()
		w, _ = assigned(t)
		w.Log = &log
		w.Transport = transport(t, mail.Config{Host: host, Port: port, Security: "starttls", CAFile: s.CA, Connections: 1, Timeout: time.Second, Username: "duban", Password: "wrong-密码"})
		w.Deliver()
		if got := w.States(); got[ledger.Pending] != 4 { // one tells the administrators
			t.Errorf("with a wrong password, which is nothing about the mails: %v", got)
		}
		if n := w.NoticeTo("a"); strings.Contains(log.String()+n.Error, "密码") {
			t.Errorf("the password is in the log or the ledger")
		}
	}
	// A certificate that nobody vouches for, and a server that offers none.
	w, s := assigned(t)
	host, port := s.HostPort()
	w.Transport = transport(t, mail.Config{Host: host, Port: port, Security: "starttls", Connections: 1, Timeout: time.Second})
	w.Deliver()
	if len(s.Mails()) != 0 || w.States()[ledger.Pending] != 3 {
		t.Errorf("an unknown certificate: %d mails left", len(s.Mails()))
	}
	w, s = assigned(t)
	host, port = s.HostPort()
	w.Transport = transport(t, mail.Config{Host: host, Port: port, Security: "tls", CAFile: s.CA, Connections: 1, Timeout: time.Second})
	w.Deliver()
	if len(s.Mails()) != 0 || w.States()[ledger.Pending] != 3 {
		t.Errorf("TLS from the first byte to a server that does not speak it: %d mails left", len(s.Mails()))
	}
}
