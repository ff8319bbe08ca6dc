package ledgertest

import (
	"context"
	"errors"

	"duban/ledger"
)

var errStop = errors.New("stop")

var transactions = map[string]func(*world){
	"all or nothing": func(w *world) {
		last := must(w.LastEntry(ctx))
		err := w.Update(ctx, func(tx ledger.Tx) error {
			o := occurrence("a", "2017-07", day(7, 21))
			id, err := tx.Rule(rule("T"), noon)
			if err != nil {
				return err
			}
			o.Rule = id
			if _, err := tx.AddOccurrence(&o, by); err != nil {
				return err
			}
			if err := tx.SetFact("x", "y"); err != nil {
				return err
			}
			return errStop
		})
		if !errors.Is(err, errStop) {
			w.Errorf("the error became %v", err)
		}
		same(w, "the journal", must(w.LastEntry(ctx)), last)
		same(w, "a fact", must(w.Fact(ctx, "x")), "")
		same(w, "occurrences", len(must(w.Occurrences(ctx, ledger.Query{}))), 0)
	},
	"a rehearsal leaves nothing": func(w *world) {
		last := must(w.LastEntry(ctx))
		seen := ""
		err := w.Rehearse(ctx, func(tx ledger.Tx) (err error) {
			if err := tx.SetFact("x", "y"); err != nil {
				return err
			}
			if err := tx.SaveAccount(&ledger.Account{Name: "li", Role: ledger.RoleAdmin, Password: "p", Created: noon}, acting("account added")); err != nil {
				return err
			}
			seen, err = tx.Fact(ctx, "x")
			return err
		})
		if err != nil || seen != "y" {
			w.Errorf("within: %q, %v", seen, err)
		}
		same(w, "the journal", must(w.LastEntry(ctx)), last)
		same(w, "a fact", must(w.Fact(ctx, "x")), "")
		same(w, "accounts", len(must(w.Accounts(ctx))), 0)
	},
	"a transaction sees what it wrote, others do not yet": func(w *world) {
		w.update(func(tx ledger.Tx) error {
			last, err := tx.LastEntry(ctx)
			if err != nil {
				return err
			}
			if err := errors.Join(tx.SetFact("x", "y"), tx.Journal(acting("first"), acting("second"))); err != nil {
				return err
			}
			told := 0
			err = tx.EntriesSince(ctx, last, func(ledger.Entry) error { told++; return nil })
			same(w, "entries within", told, 2)
			same(w, "a fact within", must(tx.Fact(ctx, "x")), "y")
			same(w, "a fact outside", must(w.Fact(ctx, "x")), "")
			return err
		})
		same(w, "a fact after", must(w.Fact(ctx, "x")), "y")
	},
	"a view is of one moment": func(w *world) {
		w.update(func(tx ledger.Tx) error { return tx.SetFact("x", "before") })
		err := w.View(ctx, func(r ledger.Reader) error {
			same(w, "at first", must(r.Fact(ctx, "x")), "before")
			w.update(func(tx ledger.Tx) error { return errors.Join(tx.SetFact("x", "after"), tx.SetFact("y", "after")) })
			same(w, "later", must(r.Fact(ctx, "x")), "before")
			same(w, "what came later", must(r.Fact(ctx, "y")), "")
			return errStop
		})
		if !errors.Is(err, errStop) {
			w.Errorf("the error became %v", err)
		}
		same(w, "the next view", must(w.Fact(ctx, "x")), "after")
	},
	"an ended context begins nothing": func(w *world) {
		ended, end := context.WithCancel(ctx)
		end()
		err := w.Update(ended, func(tx ledger.Tx) error { return tx.SetFact("x", "y") })
		if !errors.Is(err, context.Canceled) {
			w.Errorf("%v", err)
		}
		same(w, "a fact", must(w.Fact(ctx, "x")), "")
	},
	"what is begun is ended": func(w *world) {
		ended, end := context.WithCancel(ctx)
		defer end()
		if err := w.Update(ended, func(tx ledger.Tx) error {
			end()
			_, err := tx.Fact(tx.Context(), "x")
			return errors.Join(err, tx.SetFact("x", "y"))
		}); err != nil {
			w.Error(err)
		}
		same(w, "a fact", must(w.Fact(ctx, "x")), "y")
	},
	"a mark tells of changes, not of the outbox": func(w *world) {
		o := w.owed(occurrence("a", "2017-07", day(7, 21)))[0]
		changed := func(m ledger.Mark) string {
			s := ""
			if w.ChangedHere(m) {
				s = "here "
			}
			if must(w.Changed(ctx, m)) {
				s += "changed"
			}
			return s
		}
		m := must(w.Mark(ctx))
		same(w, "at once", changed(m), "")
		w.notice("n", o)
		same(w, "a notice", changed(m), "")
		w.update(func(tx ledger.Tx) error {
			after := *o
			after.State = ledger.StateWaived
			return tx.SaveOccurrence(o, &after, acting("waived"))
		})
		same(w, "an occurrence", changed(m), "here changed")
		same(w, "a new mark", changed(must(w.Mark(ctx))), "")
	},
	"a lease is one's until it ends": func(w *world) {
		take := func(owner string, until, now int) error {
			return w.Update(ctx, func(tx ledger.Tx) error {
				return tx.TakeLease(ledger.Evaluating, ledger.Lease{Owner: owner, Until: later(until)}, later(now))
			})
		}
		same(w, "nobody's", must(w.LeaseOf(ctx, ledger.Evaluating)), ledger.Lease{})
		for _, step := range []struct {
			owner      string
			until, now int
			taken      bool
		}{
			{"a", 15, 0, false},
			{"b", 20, 5, true},     // it is a's
			{"a", 20, 5, false},    // renewed
			{"b", 30, 19, true},    // and lasts
			{"b", 35, 20, false},   // until then
			{"a", 36, 21, true},    // now it is b's
			{"b", 3600, 22, false}, // by a clock that was wrong, longer than any lease
			{"a", 38, 23, false},   // that holds nothing
		} {
			if err := take(step.owner, step.until, step.now); errors.Is(err, ledger.ErrTaken) != step.taken || err != nil && !step.taken {
				w.Errorf("%+v: %v", step, err)
			}
		}
	},
}
