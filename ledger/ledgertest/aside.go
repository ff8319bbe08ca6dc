package ledgertest

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"pgregory.net/rapid"

	"duban/ledger"
	"duban/rules/calendar"
)

// aside is what was put aside into tables of its year: whoever asks sees no difference.
var aside = map[string]func(*world){
	"nothing that is asked changes": func(w *world) {
		made := years(w)
		before := w.readings(made)
		moved := 0
		for _, n := range []int{3, 0, 1000, 1000} { // in parts, which may be ended after any
			w.update(func(tx ledger.Tx) error {
				some, err := tx.PutAside(calendar.DateOf(2017, 1, 1), n, acting(""))
				moved = some
				return err
			})
			if after := w.readings(made); after != before {
				w.Fatalf("%d at once: %s", n, firstDifference(before, after))
			}
			w.proved()
		}
		same(w, "left of what is old", moved, 0)
		n := 0
		if err := w.EntriesSince(ctx, 0, func(e ledger.Entry) error {
			if e.Action == "put aside" {
				n++
			}
			return nil
		}); err != nil || n < 3 {
			w.Errorf("%d entries tell of it, %v", n, err)
		}
	},
	"what is young, goes on, or was closed only now stays": func(w *world) {
		made := years(w)
		limit := calendar.DateOf(2015, 6, 1)
		want := 0
		for _, o := range made[:len(made)-1] { // the last one numbers the next
			if o.State.Ended() && o.Due < limit && o.ClosedAt.Before(limit.At(0, time.UTC)) {
				want++
			}
		}
		moved := 0
		for n := 1; n > 0; moved += n {
			w.update(func(tx ledger.Tx) (err error) {
				n, err = tx.PutAside(limit, 4, acting(""))
				return err
			})
		}
		same(w, "put aside", moved, want)
		if want < 5 || want > 55 {
			w.Errorf("%d of 60 are old: that shows nothing", want)
		}
	},
	"who is acted upon comes back": func(w *world) {
		made := years(w)
		w.allAside()
		counts := w.ended()
		o := made[0] // of 2012, and over
		w.update(func(tx ledger.Tx) error {
			after := *o
			after.State, after.ClosedAt, after.Late = ledger.StateOpen, time.Time{}, false
			return tx.SaveOccurrence(o, &after, acting("reopened"))
		})
		got := must(w.Occurrence(ctx, o.ID))
		same(w, "it", got.State, ledger.StateOpen)
		same(w, "it goes on", len(must(ledger.AllOccurrences(ctx, w, ledger.Query{Unit: o.Unit, Period: o.Period, States: []ledger.State{ledger.StateOpen}}))), 1)
		w.update(func(tx ledger.Tx) error { return tx.SaveOccurrence(got, o, acting("closed")) })
		same(w, "what has ended", w.ended(), counts)
		w.allAside()
		same(w, "what has ended, all of it aside", w.ended(), counts)
		w.update(func(tx ledger.Tx) error {
			after := *o
			after.ToldThrough = day(7, 1)
			return tx.SaveReminder(&after)
		})
		same(w, "told of", must(w.Occurrence(ctx, o.ID)).ToldThrough, day(7, 1))
		same(w, "what has ended", w.ended(), counts)
	},
	"many that are acted upon at once come back, with others and one twice": func(w *world) {
		made := years(w)
		w.allAside()
		counts := w.ended()
		some := append(slices.Clone(made[:9]), made[len(made)-1]) // which is not aside
		w.update(func(tx ledger.Tx) error {
			for i, o := range some {
				after := *o
				after.Note = fmt.Sprint("note ", i)
				if err := tx.SaveOccurrence(o, &after, acting("progress")); err != nil {
					return err
				}
			}
			again := *some[3]
			again.Note = "another"
			if err := tx.SaveOccurrence(some[3], &again, acting("progress")); err != nil {
				return err
			}
			for _, o := range some[:2] {
				after := *o
				after.ToldThrough = day(7, 2)
				if err := tx.SaveReminder(&after); err != nil {
					return err
				}
			}
			same(w, "seen by who wrote it", must(tx.Occurrence(ctx, some[1].ID)).ToldThrough, day(7, 2))
			return nil
		})
		for i, o := range some {
			got, note := must(w.Occurrence(ctx, o.ID)), fmt.Sprint("note ", i)
			if i == 3 {
				note = "another"
			}
			same(w, o.Key(), got.Note, note)
			same(w, o.Key()+" was told", got.ToldThrough == day(7, 2), i < 2)
		}
		same(w, "what has ended", w.ended(), counts)
		w.proved()
	},
	"no key and no number is given twice": func(w *world) {
		made := years(w)
		w.allAside()
		last := made[len(made)-1].ID
		w.update(func(tx ledger.Tx) error {
			var again []*ledger.Occurrence
			for _, o := range made {
				o := ledger.Occurrence{Plan: o.Plan, Obligation: o.Obligation, Unit: o.Unit, Period: o.Period, Rule: o.Rule, Anchor: o.Anchor, FirstDue: o.Due + 99, Due: o.Due + 99, State: ledger.StateOpen}
				again = append(again, &o)
			}
			// Of an event a key may come again at whatever time.
			again[0].Anchor, again[0].Cause = day(7, 1), last
			fresh := occurrence("z", "2017-07", day(7, 21))
			fresh.Rule = made[0].Rule
			again = slices.Insert(again, 5, &fresh)
			added, err := tx.AddOccurrences(again, by)
			if err != nil {
				return err
			}
			for i, o := range again {
				if added[i] != (i == 5) {
					return fmt.Errorf("%s: new %v", o.Key(), added[i])
				}
				if i != 5 && o.ID > last || i == 5 && o.ID <= last {
					return fmt.Errorf("%s has the number %d", o.Key(), o.ID)
				}
			}
			return nil
		})
	},
	"who comes back among many that are new is there": func(w *world) {
		made := years(w)
		w.allAside()
		w.update(func(tx ledger.Tx) error {
			one := *made[0]
			add := func(before, n int, more ...ledger.Occurrence) ([]bool, error) {
				var all []*ledger.Occurrence
				for i := range n {
					o := occurrence("new", fmt.Sprint("k", before+i), day(7, 21))
					more = append(more, o)
				}
				for _, o := range more {
					o.Plan, o.Obligation, o.Rule = one.Plan, "alone", one.Rule
					all = append(all, &o)
				}
				return tx.AddOccurrences(all, by)
			}
			o := one
			o.Obligation, o.ID = "alone", 0
			last := occurrence("z", "2017-07", day(7, 21)) // which stays
			last.Rule = one.Rule
			for _, o := range []*ledger.Occurrence{&o, &last} {
				if _, err := tx.AddOccurrence(o, by); err != nil {
					return err
				}
			}
			if n, err := tx.PutAside(calendar.DateOf(2017, 1, 1), 1000, acting("")); n == 0 || err != nil {
				return errors.Join(err, fmt.Errorf("%d put aside", n))
			}
			if _, err := add(0, 500); err != nil { // of an obligation of which the table has nothing
				return err
			}
			after := o
			after.Note = "back"
			if err := tx.SaveOccurrence(&o, &after, acting("noted")); err != nil {
				return err
			}
			again := o
			again.ID = 0
			added, err := add(500, 499, again)
			if err == nil && (added[0] || !added[1]) {
				err = fmt.Errorf("new: %v", added[:2])
			}
			return err
		})
	},
	"files are where they were": func(w *world) {
		made := years(w)
		o := made[0]
		w.update(func(tx ledger.Tx) error {
			a := &ledger.Attachment{Name: "a.txt", Type: "text/plain", Size: 3, SHA256: "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", With: "done", By: "a", At: noon}
			return tx.AddAttachment(a, o, strings.NewReader("abc"), by)
		})
		w.allAside()
		n := 0
		err := w.AttachmentsUnder(ctx, o.Plan, o.Period, func(of *ledger.Occurrence, a *ledger.Attachment) error {
			if n++; of.ID != o.ID {
				return errors.New("it is another's")
			}
			return nil
		})
		same(w, "found", fmt.Sprint(n, err), "1 <nil>")
	},
}

// years are occurrences of ten years, of all kinds, drawn by chance.
func years(w *world) (made []*ledger.Occurrence) {
	w.Helper()
	var all []ledger.Occurrence
	var becomes []ledger.Occurrence
	draw := rapid.Custom(func(t *rapid.T) ledger.Occurrence {
		o := ledger.Occurrence{Plan: "p", Obligation: "m", Unit: rapid.SampledFrom([]string{"a", "b", "c"}).Draw(t, "unit"), State: rapid.SampledFrom(ledger.States).Draw(t, "state")}
		o.Due = calendar.DateOf(rapid.IntRange(2009, 2017).Draw(t, "year"), time.Month(rapid.IntRange(1, 12).Draw(t, "month")), rapid.IntRange(1, 28).Draw(t, "day"))
		if o.State.Ended() && rapid.IntRange(0, 9).Draw(t, "when") > 0 {
			o.ClosedAt = (o.Due + calendar.Date(rapid.IntRange(-20, 900).Draw(t, "later"))).At(600, time.UTC)
			o.Late = o.State == ledger.StateClosed && o.ClosedAt.After((o.Due+1).At(0, time.UTC))
		}
		o.Note = rapid.SampledFrom([]string{"", "注"}).Draw(t, "note")
		return o
	})
	for i := range 60 {
		o := draw.Example(int(seed(w)) + i)
		o.Period = fmt.Sprint("k", i)
		becomes = append(becomes, o)
		first := occurrence(o.Unit, o.Period, o.Due)
		all = append(all, first)
	}
	becomes[0].State, becomes[0].Due, becomes[0].ClosedAt, all[0].Due = ledger.StateClosed, calendar.DateOf(2012, 3, 4), calendar.DateOf(2012, 3, 1).At(0, time.UTC), calendar.DateOf(2012, 3, 4)
	made = w.owed(all...)
	w.update(func(tx ledger.Tx) error {
		for i, o := range made {
			after := *o
			b := becomes[i]
			after.State, after.ClosedAt, after.Late, after.Note, after.NextReminder = b.State, b.ClosedAt, b.Late, b.Note, 0
			if i%7 == 3 {
				after.Cause = made[i-1].ID
			}
			if err := tx.SaveOccurrence(o, &after, acting("closed")); err != nil {
				return err
			}
			if i%5 == 0 {
				if err := errors.Join(tx.AddPause(o.ID, o.Due-5, "r"), tx.EndPause(o.ID, o.Due-3)); err != nil {
					return err
				}
			}
		}
		return nil
	})
	for i, o := range made {
		made[i] = must(w.Occurrence(ctx, o.ID))
	}
	return made
}

// seed is another one for each test.
func seed(w *world) (n uint8) {
	for _, c := range []byte(w.Name()) {
		n = n*31 + c
	}
	return n
}

// allAside puts aside all that may be.
func (w *world) allAside() {
	w.Helper()
	for n := 1; n > 0; {
		w.update(func(tx ledger.Tx) (err error) {
			n, err = tx.PutAside(calendar.DateOf(2017, 1, 1), 7, acting(""))
			return err
		})
	}
}

// ended are the counts of what has.
func (w *world) ended() string {
	w.Helper()
	var all []string
	if err := w.CountEnded(ctx, ledger.EndedQuery{}, func(e ledger.Ended) { all = append(all, fmt.Sprint(e)) }); err != nil {
		w.Fatal(err)
	}
	slices.Sort(all)
	return strings.Join(all, "\n")
}

// countsWhatIsListed holds the counts of what has ended, of units and of items, to the list
// of what is selected.
func (w *world) countsWhatIsListed(q ledger.Query) {
	w.Helper()
	q.Limit = 0
	for _, byItem := range []bool{false, true} {
		want, got := map[ledger.Ended]int{}, map[ledger.Ended]int{}
		for _, o := range must(ledger.AllOccurrences(ctx, w, q)) {
			if !o.State.Ended() {
				continue
			}
			e := ledger.Ended{Plan: o.Plan, Due: calendar.DateOf(o.Due.Year(), o.Due.Month(), 1), State: o.State, Late: o.Late}
			if byItem {
				e.Obligation = o.Obligation
			} else {
				e.Unit = o.Unit
			}
			want[e]++
		}
		if err := w.CountSelected(ctx, q, byItem, func(e ledger.Ended) {
			n := e.N
			e.N = 0
			got[e] += n
		}); err != nil {
			w.Fatal(err)
		}
		if !maps.Equal(got, want) {
			w.Errorf("of %+v, by item %t, are counted %v and listed %v", q, byItem, got, want)
		}
	}
}

// readings are all answers that a ledger gives about occurrences.
func (w *world) readings(made []*ledger.Occurrence) string {
	w.Helper()
	var b strings.Builder
	note := func(what string, v any, err error) {
		text, wrong := json.Marshal(v)
		if err := errors.Join(err, wrong); err != nil {
			w.Fatalf("%s: %v", what, err)
		}
		fmt.Fprintf(&b, "%s: %s\n", what, text)
	}
	from, to := calendar.DateOf(2011, 1, 1), calendar.DateOf(2014, 12, 31)
	queries := []ledger.Query{
		{}, {Unit: "a"}, {Units: []string{"a", "c"}}, {States: []ledger.State{ledger.StateOpen}}, {States: ledger.EndedStates}, {Ended: true, Latest: true}, {DueFrom: from, DueTo: to},
		{Of: [][2]string{{"p", "m"}}, Limit: 7}, {After: made[20], Limit: 9}, {Limit: 5, After: made[3]}, {Latest: true, Limit: 6}, {Period: "k3"},
	}
	for i, q := range queries {
		all, err := ledger.AllOccurrences(ctx, w, q)
		note(fmt.Sprint("query ", i), all, err)
		n, err := w.CountOccurrences(ctx, q)
		note(fmt.Sprint("count ", i), n, err)
		w.countsWhatIsListed(q)
	}
	ids := []int64{}
	for _, o := range made {
		ids = append(ids, o.ID)
		one, err := w.Occurrence(ctx, o.ID)
		note("one", one, err)
		found, err := w.Find(ctx, o.FullKey())
		note("found", found, err)
		brief, err := w.Brief(ctx, o.FullKey())
		note("brief", brief, err)
		next, err := w.CausedBy(ctx, o.ID)
		note("next", next, err)
		pauses, err := w.Pauses(ctx, o.ID)
		note("pauses", pauses, err)
	}
	several, err := w.ByID(ctx, ids)
	note("several", several, err)
	for _, each := range []func(func(*ledger.Brief)) error{
		func(f func(*ledger.Brief)) error { return w.Ongoing(ctx, f) },
		func(f func(*ledger.Brief)) error { return w.Briefs(ctx, f) },
	} {
		var all []string
		err := each(func(b *ledger.Brief) { all = append(all, fmt.Sprintf("%+v", *b)) })
		slices.Sort(all)
		note("briefs", all, err)
	}
	told, err := w.ToldAfter(ctx, from)
	note("told", told, err)
	note("ended", w.ended(), nil)
	v, err := w.Verify(ctx)
	note("verify", []any{v.Occurrences, v.Problems}, err)
	return b.String()
}

func firstDifference(a, b string) string {
	x, y := strings.Split(a, "\n"), strings.Split(b, "\n")
	for i := range min(len(x), len(y)) {
		if x[i] != y[i] {
			return "was " + x[i] + ", is " + y[i]
		}
	}
	return fmt.Sprint(len(x), " answers, and ", len(y))
}
