package scheduler

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/robfig/cron/v3"

	"duban/ledger/sqlite"
	"duban/notify/mail"
)

func backingUp(t *testing.T, now string) *world {
	w := newWorld(t, rulesOf(t, ob("m", `["a"]`, "every=\"month\"\nwithin=\"10 working days\"\npolicy=\"standard\"")), now)
	at, err := cron.ParseStandard("0 3 * * *")
	if err != nil {
		t.Fatal(err)
	}
	w.Backups = Backups{Dir: filepath.Join(w.dir, "backup"), At: at, Keep: 3}
	return w
}

func (w *world) copies() []string {
	w.t.Helper()
	entries, err := os.ReadDir(w.Backups.Dir)
	if err != nil && !os.IsNotExist(err) {
		w.t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

func TestBackupsAreMadeInTimeAndTheNewestAreKept(t *testing.T) {
	w := backingUp(t, "2017-07-03 09:00")
	w.tickNow()
	w.backUpIfDue(t.Context()) // the first, at once
	w.want(w.copies(), "duban-20170703T010000Z.db")
	for _, now := range []string{"2017-07-03 17:00", "2017-07-04 02:59"} {
		w.at(now, w.Settings.Timezone)
		w.backUpIfDue(t.Context())
	}
	w.want(w.copies(), "duban-20170703T010000Z.db")
	writeAll(t, w.Backups.Dir, map[string]string{"duban-mine.db": "not ours"})
	// Three nights, and one that was missed: the machine was off.
	for _, now := range []string{"2017-07-04 03:00", "2017-07-05 03:00", "2017-07-07 11:00"} {
		w.at(now, w.Settings.Timezone)
		w.backUpIfDue(t.Context())
		w.backUpIfDue(t.Context())
	}
	w.want(w.copies(), "duban-20170703T190000Z.db", "duban-20170704T190000Z.db", "duban-20170707T030000Z.db", "duban-mine.db")
	if last, err := w.LastBackup(t.Context()); err != nil || !last.Equal(w.now) {
		t.Errorf("last backup %s, %v", last, err)
	}
	l, err := sqlite.Open(t.Context(), filepath.Join(w.Backups.Dir, "duban-20170707T030000Z.db"), sqlite.Options{MustExist: true})
	if err != nil {
		t.Fatal(err)
	}
	if v, err := l.Verify(t.Context()); err != nil || len(v.Problems) > 0 || v.Occurrences == 0 {
		t.Errorf("the copy: %v %v", v, err)
	}
	l.Close()
	// A clock that went back makes no gap: a copy in the future counts for nothing.
	w.at("2017-07-06 12:00", w.Settings.Timezone)
	w.backUpIfDue(t.Context())
	if n := len(w.copies()); n != 4 {
		t.Errorf("%d files", n)
	}
}

func TestABackupThatFailsIsToldOnceADay(t *testing.T) {
	w := backingUp(t, "2017-07-03 09:00")
	writeAll(t, w.dir, map[string]string{"backup": "a file where the folder should be"})
	for range 3 {
		if wait := w.backUpIfDue(t.Context()); wait != time.Hour {
			t.Errorf("it comes again after %s", wait)
		}
	}
	w.at("2017-07-04 09:00", w.Settings.Timezone)
	w.backUpIfDue(t.Context())
	w.want(w.notices(), "2017-07-03 admin :", "2017-07-04 admin :")
}

func TestTheTextsOfOldMailAreRemoved(t *testing.T) {
	w := newWorld(t, rulesOf(t, ob("m", `["a"]`, "every=\"month\"\nwithin=\"10 working days\"\npolicy=\"standard\"")), "2017-07-03 09:00")
	w.Settings.KeepMailDays = 30
	w.tickNow()
	kept := func() bool {
		t.Helper()
		n, err := w.Ledger.Notice(t.Context(), 1)
		if err != nil {
			t.Fatal(err)
		}
		return n.Body != nil
	}
	w.tick("2017-08-01 09:00")
	if !kept() {
		t.Error("a mail of 29 days has lost its text")
	}
	w.tick("2017-08-03 09:00")
	if kept() {
		t.Error("a mail of 31 days has its text")
	}
	n, err := w.Ledger.Notice(t.Context(), 1)
	if err != nil {
		t.Fatal(err)
	}
	if raw, subject, err := Mail(t.Context(), w.Ledger, w.View(), nil, n); err != nil || raw != nil || subject == "" {
		t.Errorf("a text was made up for a mail whose text is gone: %q %v", raw, err)
	}
	w.verify()
}

func TestWhatStandsStillIsNoticed(t *testing.T) {
	w := newWorld(t, rulesOf(t, ob("m", `["a"]`, "every=\"month\"\nwithin=\"10 working days\"\npolicy=\"standard\"")), "2017-07-03 09:00")
	now := w.now
	if err := w.Alive(now); err == nil {
		t.Error("alive before it began")
	}
	w.health.beat(&w.health.tick, now)
	w.health.beat(&w.health.delivery, now)
	for after, want := range map[time.Duration]string{0: "", stuck: "", stuck + time.Second: "ticks: nothing has moved since"} {
		if err := w.Alive(now.Add(after)); (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("after %s: %v, want %q", after, err, want)
		}
	}
	w.health.beat(&w.health.tick, now.Add(stuck))
	if err := w.Alive(now.Add(stuck + time.Second)); err == nil || !strings.Contains(err.Error(), "delivery") {
		t.Errorf("delivery stands still: %v", err)
	}

	// Ready: a tick went well, the next one is not overdue, the ledger can be written.
	ready := func() string {
		if err := w.Ready(t.Context()); err != nil {
			return err.Error()
		}
		return ""
	}
	if got := ready(); !strings.Contains(got, "no tick") {
		t.Errorf("before the first tick: %q", got)
	}
	w.health.beat(&w.health.ticked, now)
	w.health.beat(&w.health.next, now.Add(5*time.Minute))
	if got := ready(); got != "" {
		t.Errorf("all is well: %q", got)
	}
	w.now = now.Add(8 * time.Minute)
	if got := ready(); !strings.Contains(got, "has not gone well") {
		t.Errorf("a tick is overdue: %q", got)
	}
	w.now = now
	for broken, want := range map[*error]string{&w.health.tickErr: "the last tick failed: boom", &w.health.deliveryErr: "delivery is interrupted: boom"} {
		w.health.fails(broken, errors.New("boom"))
		if got := ready(); got != want {
			t.Errorf("%q, want %q", got, want)
		}
		w.health.fails(broken, nil)
	}
	// However often it is asked, it commits at most once in ten seconds.
	probed := func() string {
		t.Helper()
		at, err := w.Ledger.Fact(t.Context(), factProbed)
		if err != nil {
			t.Fatal(err)
		}
		return at
	}
	before := probed()
	w.now = now.Add(probeEvery - time.Second)
	if got := ready(); got != "" || before == "" || probed() != before {
		t.Errorf("%q; a commit at %s and at %s", got, before, probed())
	}
	w.now = now.Add(probeEvery)
	if got := ready(); got != "" || probed() == before {
		t.Errorf("%q; the last commit was at %s", got, probed())
	}
	w.Ledger.Close()
	w.now = now.Add(2 * probeEvery)
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
func (h *heard) Tried(outcome string) { h.tries[outcome]++ }

func TestAnObserverHearsWhatBecomesOfMails(t *testing.T) {
	w := newWorld(t, rulesOf(t, ob("m", `["a", "b"]`, "every=\"month\"\nwithin=\"10 working days\"\npolicy=\"standard\"")), "2017-07-03 09:00")
	h := &heard{tries: map[string]int{}}
	w.Observer = h
	w.mail.answer(func(m mail.Message) mail.Outcome {
		if m.To[0] == "a@x.example" {
			return mail.Outcome{Err: errors.New("try later")}
		}
		return mail.Outcome{}
	})
	w.tickNow()
	if h.tries["sent"] != 1 || h.tries["retry"] != 1 {
		t.Errorf("heard %v", h.tries)
	}
}
