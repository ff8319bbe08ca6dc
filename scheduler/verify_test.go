package scheduler

import (
	"database/sql"
	"strings"
	"testing"
	"time"

	"duban/ledger"
	"duban/scheduler/engine"
)

// behind changes the ledger behind its back.
func (w *world) behind(t *testing.T, statements ...string) {
	t.Helper()
	db, err := sql.Open("sqlite3", w.Ledger.(ledger.File).Path())
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for _, s := range statements {
		if _, err := db.Exec(s); err != nil {
			t.Fatal(err)
		}
	}
}

// toAdmins are the texts that the administrators were or will be told.
func (w *world) toAdmins(t *testing.T) (out []string) {
	t.Helper()
	all, err := ledger.AllNotices(t.Context(), w.Ledger, "")
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range all {
		if n.Kind == ledger.Admin {
			out = append(out, n.Text)
		}
	}
	return out
}

func TestTheLedgerIsProvedDailyAndWhollyEachWeek(t *testing.T) {
	w := newWorld(t, rulesOf(t, ob("m", `["a"]`, "every=\"month\"\nwithin=\"10 working days\"\npolicy=\"standard\"")), "2017-07-03 09:00")
	w.tickNow()
	looks := func() proof {
		t.Helper()
		w.proveIfDue(t.Context())
		p, err := w.lastProof(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	first := looks()
	if !first.At.Equal(w.now) || !first.Whole.Equal(w.now) || ledger.CheckHead(first.Head) != nil {
		t.Fatalf("the first proof: %+v", first)
	}
	start := w.now
	w.now = start.Add(proveEvery - time.Minute)
	if again := looks(); again != first {
		t.Errorf("too early: %+v", again)
	}
	w.now = start.Add(proveEvery)
	if daily := looks(); !daily.At.Equal(w.now) || !daily.Whole.Equal(start) {
		t.Errorf("a day later: %+v", daily)
	}
	// What was changed before the last proof only the whole one finds.
	if err := w.Ledger.Update(t.Context(), func(ledger.Tx) error { return nil }); err != nil {
		t.Fatal(err)
	}
	w.behind(t, `UPDATE occurrence SET next_reminder = NULL WHERE id = 1`)
	w.now = start.Add(2 * proveEvery)
	if daily := looks(); !daily.At.Equal(w.now) {
		t.Errorf("two days later: %+v", daily)
	}
	before := w.toAdmins(t)
	w.now = start.Add(proveWholeEvery)
	if weekly := looks(); !weekly.Whole.Equal(start) {
		t.Errorf("a proof that found something counts: %+v", weekly)
	}
	_, wrong, err := w.LastProof(t.Context())
	if err != nil || wrong == nil || !strings.Contains(wrong.Error(), "was changed behind the journal's back") {
		t.Errorf("%v %v", wrong, err)
	}
	looks() // an hour later it is found again, and told only once a day
	if after := w.toAdmins(t); len(after) != len(before)+1 || !strings.Contains(after[len(after)-1], "p:m/a/2017-0") {
		t.Errorf("the administrators were told %q", after)
	}
	// The end that it had is asked for also when the file is another one.
	w.behind(t, `DROP TRIGGER journal_keeps`, `UPDATE journal SET hash = 'x' WHERE seq = (SELECT MAX(seq) FROM journal)`)
	if err := w.prove(t.Context(), first, w.now); err == nil || !strings.Contains(err.Error(), "journal") {
		t.Errorf("another file: %v", err)
	}
}

// What follows from the rules is counted again.
func TestVerifyCountsDatesAgain(t *testing.T) {
	w := newWorld(t, rulesOf(t, ob("m", `["a"]`, "every=\"month\"\nwithin=\"10 working days\"\npolicy=\"standard\"")), "2017-07-03 09:00")
	w.tickNow()
	w.verify()
	o := w.find("m/a/2017-07")
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
				return tx.SaveOccurrence(before, &copied, ledger.Entry{At: w.now, Actor: "test"})
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
	w.verify()
	// Rules that have not been adopted say nothing of these dates.
	w.SetRules(rulesOf(t, ob("m", `["a"]`, "every=\"month\"\nwithin=\"12 working days\"\npolicy=\"standard\"")))
	if v, err := engine.Verify(t.Context(), w.Ledger, w.View(), "", ""); err != nil || len(v.Problems) > 0 || len(v.NotProved) != 1 {
		t.Errorf("%+v %v", v, err)
	}
}
