package sqlite

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"duban/ledger"
	"duban/ledger/tables"
)

// many are occurrences of one rule, which is put in first.
func many(tx ledger.Tx, from, n int) (all []*ledger.Occurrence) {
	for i := range n {
		all = append(all, &ledger.Occurrence{
			Plan: "p", Obligation: "m", Unit: fmt.Sprint("u", (from+i)*7919%1000), Period: fmt.Sprint("k", from+i), Rule: 1,
			Anchor: 17000, FirstDue: 17010, Due: 17010, State: ledger.StateOpen, Provisional: i%2 == 0, NextReminder: 17005,
		})
	}
	return all
}

const together = tables.Together

var made = ledger.Entry{At: time.Unix(1500000000, 0), Actor: "test"}

const aRule = `INSERT INTO rule (id, plan, obligation, fingerprint, ref, title, title_en, basis, source, seen_at) VALUES (1, 'p', 'm', 'f', '', 'T', '', '', '', '')`

func (l *Ledger) indexes(t *testing.T) string {
	t.Helper()
	all := ""
	for _, table := range []string{"duty", "occurrence"} {
		names, statements, err := indexesOf(ctx, l.DB, table)
		if err != nil || len(names) < 2 {
			t.Fatal(names, err)
		}
		all += fmt.Sprint(names, statements)
	}
	return all
}

func TestATableThatIsFilledHasItsIndexesAndItsHashes(t *testing.T) {
	l := open(t, filepath.Join(t.TempDir(), "l.db"))
	before := l.indexes(t)
	add := func(from, n int, then func(ledger.Tx) error) error {
		return l.update(ctx, func(tx *Tx) error {
			if from == 0 {
				if _, err := tx.engine.Exec(aRule); err != nil {
					return err
				}
			}
			if _, err := tx.AddOccurrences(many(tx, from, n), made); err != nil {
				return err
			}
			return then(tx)
		})
	}
	boom := errors.New("boom")
	if err := add(0, 2*together, func(ledger.Tx) error { return boom }); !errors.Is(err, boom) {
		t.Fatal(err)
	}
	if got := l.indexes(t); got != before {
		t.Errorf("after one that was taken back: %s", got)
	}
	err := add(0, 3*together, func(tx ledger.Tx) error {
		found, err := tx.Occurrences(ctx, ledger.Query{Unit: "u0"})
		if err != nil || len(found) != 2 {
			return fmt.Errorf("%d of a unit within: %w", len(found), err)
		}
		found[0].NextReminder++ // its hash is another than the one that was noted
		return tx.SaveReminder(found[0])
	})
	if err != nil {
		t.Fatal(err)
	}
	if got := l.indexes(t); got != before {
		t.Errorf("%s\nwas %s", got, before)
	}
	if err := add(3*together, 2*together, func(ledger.Tx) error { return nil }); err != nil {
		t.Fatal(err)
	}
	v, err := l.Verify(ctx)
	if err != nil || len(v.Problems) > 0 || v.Occurrences != 5*together {
		t.Errorf("%+v, %v", v, err)
	}
}

func TestATableThatIsFilledAndNotAskedHasItsIndexes(t *testing.T) {
	l := open(t, filepath.Join(t.TempDir(), "l.db"))
	before := l.indexes(t)
	err := l.update(ctx, func(tx *Tx) error {
		_, err := tx.engine.Exec(aRule)
		for _, o := range many(tx, 0, together) {
			d := &ledger.Duty{Plan: o.Plan, Obligation: o.Obligation, Unit: o.Unit, Rule: o.Rule, From: made.At, MadeTo: o.Due}
			err = errors.Join(err, tx.SaveDuty(d, made.At))
		}
		if err == nil {
			_, err = tx.AddOccurrences(many(tx, 0, together), made)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if got := l.indexes(t); got != before {
		t.Errorf("%s\nwas %s", got, before)
	}
	if v, err := l.Verify(ctx); err != nil || len(v.Problems) > 0 {
		t.Errorf("%v, %v", v.Problems, err)
	}
}

func TestOfManyThoseThatAreThereAndThoseTwiceAreNotNew(t *testing.T) {
	l := open(t, filepath.Join(t.TempDir(), "l.db"))
	err := l.update(ctx, func(tx *Tx) error {
		if _, err := tx.engine.Exec(aRule); err != nil {
			return err
		}
		first := many(tx, 100, 50)
		if _, err := tx.AddOccurrences(first, made); err != nil {
			return err
		}
		again := append(many(tx, 90, 30), many(tx, 95, 20)...) // ten are new, and come once more
		added, err := tx.AddOccurrences(again, made)
		for i, isNew := range added {
			if isNew != (i < 10) {
				t.Errorf("%d: new %v", i, isNew)
			}
			o, err := tx.Occurrence(ctx, again[i].ID)
			if err != nil || o.Period != again[i].Period {
				t.Errorf("%s has the number of %v, %v", again[i].Period, o, err)
			}
		}
		none, err2 := tx.AddOccurrences(many(tx, 100, 3), made)
		if slices.Contains(none, true) {
			t.Errorf("all there, and new: %v", none)
		}
		return errors.Join(err, err2)
	})
	if err != nil {
		t.Fatal(err)
	}
	if v, err := l.Verify(ctx); err != nil || len(v.Problems) > 0 {
		t.Errorf("%v, %v", v.Problems, err)
	}
}

// counts are those of the statements that change occurrences, and that read many of them.
type counts struct {
	*engine
	changes, reads int
}

func (c *counts) Stream(ctx context.Context, query string, args []any, scan tables.Scan) error {
	if strings.Contains(query, `FROM "occurrence"`) {
		c.reads++
	}
	return c.engine.Stream(ctx, query, args, scan)
}

func (c *counts) QueueGiving(query string, args []any, scan tables.Scan, then func()) error {
	if strings.HasPrefix(query, "UPDATE occurrence") {
		c.changes++
	}
	return c.engine.QueueGiving(query, args, scan, then)
}

// What becomes of many takes a statement each five hundred, however it comes by turns: an
// edit counts some anew, cancels others and owes others again, unit by unit. What those
// left of them need not be read again for the journal.
func TestWhatBecomesOfManyByTurnsIsWrittenTogether(t *testing.T) {
	l := open(t, filepath.Join(t.TempDir(), "l.db"))
	all := many(nil, 0, 900)
	err := l.update(ctx, func(tx *Tx) error {
		_, err := tx.engine.Exec(aRule)
		if err == nil {
			_, err = tx.AddOccurrences(all, made)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	changes, reads := 0, 0
	err = l.update(ctx, func(own *Tx) error {
		c := &counts{engine: own.engine}
		counted := tables.NewTx(ctx, c, dialect{}, 0)
		counted.Touched = own.Touched
		for i, o := range all {
			after := *o
			var err error
			switch after.NextReminder = 17006; i % 3 {
			case 0:
				after.Due++
				after.Sequence = 1
				err = counted.SaveOccurrence(o, &after, made)
			case 1:
				after.State = ledger.StateCancelled
				err = counted.SaveOccurrence(o, &after, made)
			default:
				after.ToldThrough = 17006
				err = counted.SaveReminder(&after)
			}
			if err != nil {
				return err
			}
			*o = after
		}
		err := counted.Seal()
		changes, reads = c.changes, c.reads
		return err
	})
	if err != nil || changes != 3 || reads > 0 {
		t.Errorf("900 of three kinds are written by %d statements and read by %d: %v", changes, reads, err)
	}
	for _, o := range all {
		if got, err := l.Occurrence(ctx, o.ID); err != nil || *got != *o {
			t.Fatalf("%+v\nwant %+v, %v", got, o, err)
		}
	}
}
