package postgres

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"duban/internal/pgtest"
	"duban/ledger"
	"duban/rules"
	"duban/rules/calendar"
)

var noon = time.Date(2017, 7, 14, 4, 0, 0, 0, time.UTC)

func entry(action string) ledger.Entry {
	return ledger.Entry{At: noon, Actor: "test", Action: action, Subject: ledger.Subject{Kind: ledger.AboutLedger}}
}

// owe puts n occurrences into a ledger, and one rule that they come from.
func owe(l ledger.Store, n int) (all []*ledger.Occurrence, err error) {
	err = l.Update(ctx, func(tx ledger.Tx) error {
		all = nil
		rule, err := tx.Rule(&rules.Obligation{Plan: &rules.Plan{ID: "p"}, ID: "m", Title: "T"}, noon)
		if err != nil {
			return err
		}
		for i := range n {
			all = append(all, &ledger.Occurrence{Plan: "p", Obligation: "m", Unit: fmt.Sprint("u", i%7), Period: fmt.Sprint("k", i), Rule: rule,
				Anchor: 17000, FirstDue: 17010, Due: 17010 + calendar.Date(i), State: ledger.StateOpen, NextReminder: 17005})
		}
		_, err = tx.AddOccurrences(all, entry("made"))
		return err
	})
	return all, err
}

func owed(t testing.TB, l *Ledger, n int) []*ledger.Occurrence {
	t.Helper()
	return owedIn(t, l, n)
}

func proved(t testing.TB, l *Ledger) ledger.Verdict {
	t.Helper()
	v, err := l.Verify(ctx)
	if err != nil || len(v.Problems) > 0 {
		t.Errorf("verify: %q, %v", v.Problems, err)
	}
	return v
}

// Several daemons that write at once leave what they would have left one after the
// other: no change of one is lost to another's that had read the row before, the
// journal is one chain, and each entry is there once.
func TestWhoWritesAtOnceWritesAsIfInTurn(t *testing.T) {
	dsn := pgtest.Database(t)
	const daemons, turns = 3, 8
	var stores []*Ledger
	for range daemons {
		stores = append(stores, at(t, dsn))
	}
	made := owed(t, stores[0], 4)
	var tries atomic.Int64
	var all errgroup.Group
	for d, l := range stores {
		for w := range 3 {
			all.Go(func() error {
				for i := range turns {
					err := l.Update(ctx, func(tx ledger.Tx) error {
						tries.Add(1)
						o, err := tx.Occurrence(ctx, made[(i+w)%len(made)].ID)
						if err != nil {
							return err
						}
						before := *o
						o.Sequence++ // of what it was: a change that is lost is one too few
						o.Note = fmt.Sprint(d, w, i)
						return tx.SaveOccurrence(&before, o, entry("counted"))
					})
					if err != nil {
						return fmt.Errorf("daemon %d: %w", d, err)
					}
				}
				return nil
			})
		}
	}
	if err := all.Wait(); err != nil {
		t.Fatal(err)
	}
	sum := 0
	for _, o := range made {
		o, err := stores[1].Occurrence(ctx, o.ID)
		if err != nil {
			t.Fatal(err)
		}
		sum += o.Sequence
	}
	if want := daemons * 3 * turns; sum != want {
		t.Errorf("%d changes are left of %d", sum, want)
	}
	v := proved(t, stores[2])
	if want := daemons*3*turns + len(made); v.Entries != want {
		t.Errorf("%d entries of %d", v.Entries, want)
	}
	t.Logf("%d tries", tries.Load())
}

// What a rehearsal did is nowhere, and what a view sees is of one moment.
func TestAViewIsOfOneMoment(t *testing.T) {
	l := open(t)
	made := owed(t, l, 3)
	err := l.View(ctx, func(r ledger.Reader) error {
		before, err := r.LastEntry(ctx)
		if err != nil {
			return err
		}
		err = l.Update(ctx, func(tx ledger.Tx) error { return tx.AddPause(made[0].ID, 17001, "x") })
		if err != nil {
			return err
		}
		after, err := r.LastEntry(ctx)
		pauses, err2 := r.Pauses(ctx, made[0].ID)
		if before != after || len(pauses) > 0 {
			t.Errorf("entry %d, then %d; %v", before, after, pauses)
		}
		return errors.Join(err, err2)
	})
	if err != nil {
		t.Fatal(err)
	}
	proved(t, l)
}

// A list is read while the same transaction is asked for each of its rows, however
// long it is.
func TestWhoReadsAListMayAskOn(t *testing.T) {
	l := open(t)
	n := atOnce + 3
	owed(t, l, n)
	for name, in := range map[string]func(func(ledger.Reader) error) error{
		"view": func(f func(ledger.Reader) error) error { return l.View(ctx, f) },
		"update": func(f func(ledger.Reader) error) error {
			return l.Update(ctx, func(tx ledger.Tx) error { return f(tx) })
		},
		"store": func(f func(ledger.Reader) error) error { return f(l) },
	} {
		err := in(func(r ledger.Reader) error {
			seen := 0
			err := r.EachOccurrence(ctx, ledger.Query{}, func(o *ledger.Occurrence) error {
				seen++
				if seen%500 != 0 {
					return nil
				}
				again, err := r.Find(ctx, o.Key())
				if err == nil && again.ID != o.ID {
					t.Errorf("%s is %d, and was %d", o.Key(), again.ID, o.ID)
				}
				return err
			})
			if seen != n {
				t.Errorf("%s: %d of %d", name, seen, n)
			}
			return err
		})
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Of a task that was taken over its old holder commits nothing: not when it looked
// before, and not when its transaction is older than the takeover.
func TestAStaleHoldersCommitFails(t *testing.T) {
	dsn := pgtest.Database(t)
	a, b := at(t, dsn), at(t, dsn)
	take := func(l *Ledger, owner string, from int) error {
		now := noon.Add(time.Duration(from) * time.Second)
		return l.Update(ctx, func(tx ledger.Tx) error {
			return tx.TakeLease(ledger.Evaluating, ledger.Lease{Owner: owner, Until: now.Add(10 * time.Second)}, now)
		})
	}
	if err := take(a, "a", 0); err != nil {
		t.Fatal(err)
	}
	if err := take(b, "b", 5); !errors.Is(err, ledger.ErrTaken) {
		t.Errorf("it lasts: %v", err)
	}
	runs := 0
	err := a.Update(ctx, func(tx ledger.Tx) error {
		runs++
		if err := tx.SetFact("evaluated by", "a"); err != nil {
			return err
		}
		if runs == 1 { // it renews its lease beside, as it does: no harm
			if err := take(a, "a", 8); err != nil {
				return err
			}
		}
		return tx.Fence(ledger.Evaluating, "a")
	})
	if err != nil || runs != 1 {
		t.Errorf("its own: %v, %d runs", err, runs)
	}
	err = a.Update(ctx, func(tx ledger.Tx) error {
		if err := tx.SetFact("evaluated by", "a, late"); err != nil {
			return err
		}
		if err := take(b, "b", 30); err != nil { // a was away for longer than its lease
			return err
		}
		return tx.Fence(ledger.Evaluating, "a")
	})
	if !errors.Is(err, ledger.ErrTaken) {
		t.Errorf("taken over meanwhile: %v", err)
	}
	if got, err := b.Fact(ctx, "evaluated by"); err != nil || got != "a" {
		t.Errorf("%q, %v", got, err)
	}
}

// A takeover waits for a holder that is about to commit, so that never two have
// evaluated the same.
func TestATakeoverWaitsForAnEndThatHasBegun(t *testing.T) {
	dsn := pgtest.Database(t)
	a, b := at(t, dsn), at(t, dsn)
	take := func(tx ledger.Tx, owner string, from int) error {
		now := noon.Add(time.Duration(from) * time.Second)
		return tx.TakeLease(ledger.Evaluating, ledger.Lease{Owner: owner, Until: now.Add(10 * time.Second)}, now)
	}
	if err := a.Update(ctx, func(tx ledger.Tx) error { return take(tx, "a", 0) }); err != nil {
		t.Fatal(err)
	}
	taken := make(chan error, 1)
	err := a.Update(ctx, func(tx ledger.Tx) error {
		if err := errors.Join(tx.SetFact("x", "y"), tx.Fence(ledger.Evaluating, "a")); err != nil {
			return err
		}
		go func() { taken <- b.Update(ctx, func(tx ledger.Tx) error { return take(tx, "b", 30) }) }()
		for waiting := false; !waiting; { // until it waits for the lock
			if err := b.db.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted)`).Scan(&waiting); err != nil {
				return err
			}
		}
		select {
		case err := <-taken:
			t.Errorf("it was taken over in the middle: %v", err)
		default:
		}
		return nil
	})
	if err := errors.Join(err, <-taken); err != nil {
		t.Error(err)
	}
	if held, err := a.LeaseOf(ctx, ledger.Evaluating); err != nil || held.Owner != "b" {
		t.Errorf("%+v, %v", held, err)
	}
}

// Whoever waits hears of another's commit.
func TestWhoAwaitsHearsOfACommit(t *testing.T) {
	dsn := pgtest.Database(t)
	a, b := at(t, dsn), at(t, dsn)
	if err := b.Await(ctx); err != nil { // it begins to listen
		t.Fatal(err)
	}
	short, cancel := context.WithTimeout(ctx, 50*time.Millisecond)
	defer cancel()
	if err := b.Await(short); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("nothing has happened: %v", err)
	}
	heard := make(chan error, 1)
	go func() { heard <- b.Await(ctx) }()
	if err := a.Update(ctx, func(tx ledger.Tx) error { return tx.Journal(entry("x")) }); err != nil {
		t.Fatal(err)
	}
	select {
	case err := <-heard:
		if err != nil {
			t.Error(err)
		}
	case <-time.After(20 * time.Second):
		t.Error("it does not hear of it")
	}
}
