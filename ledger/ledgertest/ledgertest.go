// Package ledgertest is what any engine of the ledger must pass: Run asks it for
// what the interfaces of package ledger promise, through them alone.
//
// Faulty is a second engine made of a first: each of its transactions is tried
// with one call failing after another before it goes through, and a store that
// keeps any of what was begun fails the same tests.
package ledgertest

import (
	"context"
	"testing"
	"time"

	"duban/ledger"
	"duban/rules"
	"duban/rules/calendar"
)

// Run tests an engine; open opens an empty ledger, and closes it when the test
// ends.
func Run(t *testing.T, open func(testing.TB) ledger.Store) {
	for _, part := range []struct {
		name  string
		tests map[string]func(*world)
	}{
		{"transactions", transactions},
		{"journal", journal},
		{"occurrences", occurrences},
		{"aside", aside},
		{"duties", duties},
		{"people", people},
		{"outbox", outbox},
		{"shared", shared},
	} {
		for name, test := range part.tests {
			t.Run(part.name+"/"+name, func(t *testing.T) {
				w := &world{T: t, Store: open(t)}
				test(w)
				w.proved()
			})
		}
	}
}

// world is a ledger under test.
type world struct {
	*testing.T
	ledger.Store
}

var (
	ctx  = context.Background()
	noon = time.Date(2017, 7, 14, 4, 0, 0, 0, time.UTC)
	by   = ledger.Entry{At: noon, Actor: "test"}
)

func day(month time.Month, d int) calendar.Date { return calendar.DateOf(2017, month, d) }

// acting is an entry of somebody who does something.
func acting(action string) ledger.Entry {
	return ledger.Entry{At: noon, Actor: "test", Action: action}
}

// update runs f, which may be run again where it fails: it keeps nothing of its
// first run.
func (w *world) update(f func(ledger.Tx) error) {
	w.Helper()
	if err := w.Update(ctx, f); err != nil {
		w.Fatal(err)
	}
}

// proved is how each test ends: nothing stands in the ledger that the journal
// does not tell of.
func (w *world) proved() {
	w.Helper()
	v, err := w.Verify(ctx)
	if err != nil || len(v.Problems) > 0 {
		w.Errorf("verify: %v %v", v.Problems, err)
	}
}

// rule is the text of one obligation.
func rule(title string) *rules.Obligation {
	return &rules.Obligation{Plan: &rules.Plan{ID: "p"}, ID: "m", Ref: "1.1", Title: title, Basis: "text", Source: "title = " + title}
}

// occurrence is one that is owed, not in a ledger yet.
func occurrence(unit, period string, due calendar.Date) ledger.Occurrence {
	return ledger.Occurrence{Plan: "p", Obligation: "m", Unit: unit, Period: period, Anchor: due - 10, FirstDue: due, Due: due, State: ledger.StateOpen, NextReminder: due - 3}
}

// owed puts occurrences into the ledger and gives them as they stand there.
func (w *world) owed(all ...ledger.Occurrence) []*ledger.Occurrence {
	w.Helper()
	out := make([]*ledger.Occurrence, len(all))
	w.update(func(tx ledger.Tx) error {
		id, err := tx.Rule(rule("T"), noon)
		if err != nil {
			return err
		}
		for i, o := range all {
			o.Rule = id
			if _, err := tx.AddOccurrence(&o, by); err != nil {
				return err
			}
			out[i] = &o
		}
		return nil
	})
	return out
}

// must is for answers that may not fail.
func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// names are those of a list, in its order.
func names[T any](list []T, name func(T) string) string {
	out := ""
	for _, x := range list {
		out += " " + name(x)
	}
	return out
}

func period(o *ledger.Occurrence) string { return o.Unit + o.Period }

// same tells where two answers differ.
func same[T comparable](w *world, what string, got, want T) {
	w.Helper()
	if got != want {
		w.Errorf("%s: %v, want %v", what, got, want)
	}
}
