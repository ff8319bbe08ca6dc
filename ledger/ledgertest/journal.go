package ledgertest

import (
	"fmt"
	"slices"
	"strings"

	"duban/ledger"
)

var journal = map[string]func(*world){
	"what a transaction would write": func(w *world) {
		a := w.owed(occurrence("a", "2017-07", day(7, 21)))[0]
		const many = 21_000 // more than wait for its end
		want := []string{"made"}
		err := w.Rehearse(ctx, func(tx ledger.Tx) error {
			b := occurrence("b", "2017-07", day(7, 21))
			b.Rule = a.Rule
			if _, err := tx.AddOccurrences([]*ledger.Occurrence{&b}, by); err != nil {
				return err
			}
			for i := range many {
				e := acting(fmt.Sprint(i))
				e.Subject = b.Subject()
				if err := tx.Journal(e); err != nil {
					return err
				}
				want = append(want, e.Action)
			}
			var got []string
			err := tx.Written(func(e ledger.Entry) error {
				got = append(got, e.Action)
				return nil
			})
			if !slices.Equal(got, want) {
				w.Errorf("%d entries of %d, the last %q", len(got), len(want), got[len(got)-1])
			}
			return err
		})
		same(w, "an error", err, nil)
		same(w, "what is there of it", must(w.LatestEntries(ctx, ledger.EntryQuery{Limit: 1}))[0].Subject.Ref, "p:m/a/2017-07")
	},
	"each entry follows from the one before": func(w *world) {
		w.owed(occurrence("a", "2017-06", day(6, 21)), occurrence("a", "2017-07", day(7, 21)))
		w.update(func(tx ledger.Tx) error { return tx.Journal(acting("one"), acting("two")) })
		prev := ledger.Entry{}
		err := w.Entries(ctx, ledger.Subject{}, func(e ledger.Entry) error {
			if e.Seq != prev.Seq+1 || e.Prev != prev.Hash || e.Hash == "" {
				w.Errorf("entry %d after %d does not follow", e.Seq, prev.Seq)
			}
			prev = e
			return nil
		})
		if err != nil {
			w.Fatal(err)
		}
		same(w, "the last", must(w.LastEntry(ctx)), prev.Seq)
		v := must(w.Verify(ctx))
		same(w, "its head", v.Head, prev.Head())
		same(w, "entries", int64(v.Entries), prev.Seq)
		same(w, "occurrences", v.Occurrences, 2)
		for expect, want := range map[string]string{prev.Head(): "", "1:00": "was written anew", "99:00": "its end was cut off"} {
			v, err := w.Verify(ctx, ledger.Checks{Expect: expect})
			if got := strings.Join(v.Problems, "\n"); err != nil || (want == "") != (got == "") || !strings.Contains(got, want) {
				w.Errorf("expecting %s: %q, %v", expect, got, err)
			}
		}
	},
	"an entry is kept as it was told": func(w *world) {
		want := ledger.Entry{At: noon, Actor: "李", Action: "rule edited", Subject: ledger.Subject{Kind: "obligation", Ref: "p:m"}, Reason: "因", Before: `{"a":1}`, After: "b"}
		w.update(func(tx ledger.Tx) error { return tx.Journal(want) })
		found := must(w.LatestEntries(ctx, ledger.EntryQuery{}))
		if len(found) != 1 {
			w.Fatalf("%d entries", len(found))
		}
		got := found[0]
		got.Seq, got.Prev, got.Hash, got.Rows, got.At = 0, "", "", "", got.At.UTC()
		same(w, "it", got, want)
		same(w, "that it only tells of rows", got.OnlyRows(), false)
	},
	"selected and in pages": func(w *world) {
		other := occurrence("a", "2017-07", day(7, 21))
		other.Plan = "q"
		w.owed(occurrence("a", "2017-06", day(6, 21)), occurrence("a", "2017-07", day(7, 21)), other)
		w.update(func(tx ledger.Tx) error {
			for _, about := range []string{"plan p", "notice 1", "notice 12", "ledger"} {
				e := acting("x")
				e.Subject = ledger.ParseSubject(about)
				if about == "ledger" {
					e.Actor = "li"
				}
				if err := tx.Journal(e); err != nil {
					return err
				}
			}
			return tx.Journal(acting(ledger.RowsChanged))
		})
		about := func(e ledger.Entry) string { return e.Subject.String() }
		for _, c := range []struct {
			q    ledger.EntryQuery
			want string
		}{
			{ledger.EntryQuery{}, " ledger notice 12 notice 1 plan p q:m/a/2017-07 p:m/a/2017-07 p:m/a/2017-06"},
			{ledger.EntryQuery{Limit: 2}, " ledger notice 12"},
			{ledger.EntryQuery{Before: 6, Limit: 2}, " notice 1 plan p"},
			{ledger.EntryQuery{Actor: "li"}, " ledger"},
			{ledger.EntryQuery{Subject: "notice 1"}, " notice 12 notice 1"},
			{ledger.EntryQuery{Subject: "p"}, " plan p p:m/a/2017-07 p:m/a/2017-06"},
			{ledger.EntryQuery{Subject: "p:m/a/2017-06"}, " p:m/a/2017-06"},
			{ledger.EntryQuery{Subject: "p%"}, ""},
		} {
			same(w, c.q.Subject, names(must(w.LatestEntries(ctx, c.q)), about), c.want)
		}
		same(w, "the next", names(must(w.NextEntries(ctx, 0, 3)), about), " p:m/a/2017-06 p:m/a/2017-07 q:m/a/2017-07")
		same(w, "the next after the fifth", names(must(w.NextEntries(ctx, 5, 100)), about), " notice 12 ledger")
		for subject, want := range map[string]int{"notice 1": 1, "p:m/a/2017-07": 1, "plan q": 0} {
			n := 0
			if err := w.Entries(ctx, ledger.ParseSubject(subject), func(ledger.Entry) error { n++; return nil }); err != nil {
				w.Error(err)
			}
			same(w, subject, n, want)
		}
	},
	"nothing that changes goes untold": func(w *world) {
		before := must(w.LastEntry(ctx))
		w.update(func(tx ledger.Tx) error {
			id, err := tx.Rule(rule("T"), noon)
			if err != nil {
				return err
			}
			return tx.SaveDuty(&ledger.Duty{Plan: "p", Obligation: "m", Unit: "a", Rule: id, From: noon, MadeTo: day(7, 1)}, noon)
		})
		told := 0
		if err := w.EntriesSince(ctx, before, func(e ledger.Entry) error {
			told++
			same(w, "that it only tells of rows", e.OnlyRows(), true)
			return nil
		}); err != nil || told != 1 {
			w.Errorf("a duty is told of in %d entries, %v", told, err)
		}
		same(w, "of which lists say nothing", len(must(w.LatestEntries(ctx, ledger.EntryQuery{}))), 0)
	},
	"facts": func(w *world) {
		same(w, "none", must(w.Fact(ctx, "x")), "")
		for _, v := range []string{"1", "", "2"} {
			w.update(func(tx ledger.Tx) error { return tx.SetFact("x", v) })
			same(w, "x", must(w.Fact(ctx, "x")), v)
		}
	},
}
