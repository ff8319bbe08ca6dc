package scheduler_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"duban/internal/engines"
	"duban/internal/world"
	"duban/ledger"
	"duban/scheduler"
	"duban/scheduler/engine"
)

// toAdmins are the texts that the administrators were or will be told.
func toAdmins(w *world.World) (out []string) {
	w.T.Helper()
	for _, n := range w.Listed("") {
		if n.Kind == ledger.Admin {
			out = append(out, n.Text)
		}
	}
	return out
}

func TestTheLedgerIsProvedDailyAndWhollyEachWeek(t *testing.T) {
	w := world.New(t, world.Rules(t, world.Ob("m", `["a"]`, "every=\"month\"\nwithin=\"10 working days\"\npolicy=\"standard\"")), "2017-07-03 09:00")
	w.TickNow()
	looks := func() scheduler.Proof {
		t.Helper()
		w.Daemon.Proofs.IfDue(t.Context())
		p, err := w.Daemon.Proofs.LastOne(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	first := looks()
	if !first.At.Equal(w.Now) || !first.Whole.Equal(w.Now) || ledger.CheckHead(first.Head) != nil {
		t.Fatalf("the first proof: %+v", first)
	}
	start := w.Now
	w.Now = start.Add(scheduler.ProveEvery - time.Minute)
	if again := looks(); again != first {
		t.Errorf("too early: %+v", again)
	}
	w.Now = start.Add(scheduler.ProveEvery)
	if daily := looks(); !daily.At.Equal(w.Now) || !daily.Whole.Equal(start) {
		t.Errorf("a day later: %+v", daily)
	}
	// What was changed before the last proof only the whole one finds.
	if err := w.Ledger.Update(t.Context(), func(ledger.Tx) error { return nil }); err != nil {
		t.Fatal(err)
	}
	w.Behind(`UPDATE occurrence SET next_reminder = NULL WHERE id = 1`)
	w.Now = start.Add(2 * scheduler.ProveEvery)
	if daily := looks(); !daily.At.Equal(w.Now) {
		t.Errorf("two days later: %+v", daily)
	}
	before := toAdmins(w)
	w.Now = start.Add(scheduler.ProveWholeEvery)
	if weekly := looks(); !weekly.Whole.Equal(start) {
		t.Errorf("a proof that found something counts: %+v", weekly)
	}
	_, wrong, err := w.Daemon.Proofs.Last(t.Context())
	if err != nil || wrong == nil || !strings.Contains(wrong.Error(), "was changed behind the journal's back") {
		t.Errorf("%v %v", wrong, err)
	}
	looks() // an hour later it is found again, and told only once a day
	if after := toAdmins(w); len(after) != len(before)+1 || !strings.Contains(after[len(after)-1], "p:m/a/2017-0") {
		t.Errorf("the administrators were told %q", after)
	}
	// The end that it had is asked for also when the file is another one.
	w.Behind(engines.Unguard(), `UPDATE journal SET hash = 'x' WHERE seq = (SELECT MAX(seq) FROM journal)`)
	if err := w.Daemon.Proofs.Prove(t.Context(), first, w.Now); err == nil || !strings.Contains(err.Error(), "journal") {
		t.Errorf("another file: %v", err)
	}
}

// What follows from the rules is counted again.
func TestVerifyCountsDatesAgain(t *testing.T) {
	w := world.New(t, world.Rules(t, world.Ob("m", `["a"]`, "every=\"month\"\nwithin=\"10 working days\"\npolicy=\"standard\"")), "2017-07-03 09:00")
	w.TickNow()
	w.Verify()
	o := w.Find("m/a/2017-07")
	for what, c := range map[string]struct {
		change func(o *ledger.Occurrence)
		want   string
	}{
		"next reminder": {func(o *ledger.Occurrence) { o.NextReminder += 3 }, "is to be told next on"},
		"nobody is":     {func(o *ledger.Occurrence) { o.NextReminder = 0 }, "is to be told next on"},
		"due": {func(o *ledger.Occurrence) {
			o.Due, o.FirstDue = o.Due-1, o.FirstDue-1
			o.NextReminder = w.View().NextReminder(w.View().Obligation(o), o)
		}, "is due on"},
	} {
		// A fault of ours, with a journal entry like any other.
		changed := *o
		c.change(&changed)
		save := func(before, after *ledger.Occurrence) {
			t.Helper()
			copied := *after
			if err := w.Ledger.Update(t.Context(), func(tx ledger.Tx) error {
				return tx.SaveOccurrence(before, &copied, ledger.Entry{At: w.Now, Actor: "test"})
			}); err != nil {
				t.Fatal(err)
			}
		}
		save(o, &changed)
		v, err := engine.Verify(t.Context(), w.Ledger, w.View(), "", "")
		if err != nil || len(v.Problems) != 1 || !strings.Contains(v.Problems[0], c.want) {
			t.Errorf("%s: %q %v", what, v.Problems, err)
		}
		save(&changed, o)
	}
	w.Verify()
	// Rules that have not been adopted say nothing of these dates.
	w.Daemon.SetRules(world.Rules(t, world.Ob("m", `["a"]`, "every=\"month\"\nwithin=\"12 working days\"\npolicy=\"standard\"")))
	if v, err := engine.Verify(t.Context(), w.Ledger, w.View(), "", ""); err != nil || len(v.Problems) > 0 || len(v.NotProved) != 1 {
		t.Errorf("%+v %v", v, err)
	}
}

// away is a ledger whose database does not answer who wants to read it.
type away struct{ ledger.Store }

func (away) Fact(context.Context, string) (string, error) {
	return "", fmt.Errorf("fact: %w", ledger.ErrAway)
}

// A database that is away says nothing of what stands in it: nobody is told that the
// ledger is wrong, and it is proved as soon as it can be.
func TestADatabaseThatIsAwayIsNoLedgerThatIsWrong(t *testing.T) {
	w := world.New(t, world.Rules(t, world.Ob("m", `["a"]`, world.Monthly)), "2017-07-03 09:00")
	w.TickNow()
	w.Daemon.Proofs.Asks(away{w.Ledger})
	if wait := w.Daemon.Proofs.IfDue(t.Context()); wait > time.Minute || len(toAdmins(w)) != 0 {
		t.Errorf("it is tried again in %s, and told is %q", wait, toAdmins(w))
	}
	w.Daemon.Proofs.Asks(w.Ledger)
	w.Daemon.Proofs.IfDue(t.Context())
	if p, err := w.Daemon.Proofs.LastOne(t.Context()); err != nil || !p.At.Equal(w.Now) {
		t.Errorf("the proof after that: %+v, %v", p, err)
	}
}
