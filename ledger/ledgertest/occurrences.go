package ledgertest

import (
	"cmp"
	"errors"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"

	"duban/ledger"
	"duban/rules"
	"duban/rules/calendar"
)

var occurrences = map[string]func(*world){
	"made once": func(w *world) {
		first := w.owed(occurrence("a", "2017-07", day(7, 21)))[0]
		again := *first
		w.update(func(tx ledger.Tx) error {
			again = ledger.Occurrence{Plan: "p", Obligation: "m", Unit: "a", Period: "2017-07", Rule: first.Rule, Due: day(9, 9), FirstDue: day(9, 9), Anchor: day(9, 1), State: ledger.StateOpen}
			made, err := tx.AddOccurrence(&again, by)
			same(w, "made again", made, false)
			return err
		})
		same(w, "what is there", again, *first)
		same(w, "it", *must(w.Occurrence(ctx, first.ID)), *first)
		same(w, "its entries", w.told(first), " made")
		if _, err := w.Occurrence(ctx, 99); !errors.Is(err, ledger.ErrNotFound) {
			w.Errorf("another: %v", err)
		}
	},
	"transferred": func(w *world) {
		had := w.owed(occurrence("a", "2017-07", day(7, 21)), occurrence("b", "2017-08", day(8, 21)))[0]
		before, got := *had, *had
		w.update(func(tx ledger.Tx) error {
			got = before
			got.ID, got.Unit, got.Origin = 0, "b", "a"
			if _, err := tx.AddOccurrence(&got, by); err != nil {
				return err
			}
			had.State, had.Transferred = ledger.StateCancelled, "b"
			return tx.SaveOccurrence(&before, had, by)
		})
		same(w, "what it was", *must(w.Occurrence(ctx, had.ID)), *had)
		same(w, "where it goes on", had.TransferredTo(), got.FullKey())
		same(w, "what was received", names(must(ledger.AllOccurrences(ctx, w, ledger.Query{Received: true})), (*ledger.Occurrence).Key), " "+got.Key())
		same(w, "what was handed on", names(must(ledger.AllOccurrences(ctx, w, ledger.Query{HandedOn: true})), (*ledger.Occurrence).Key), " "+had.Key())
		same(w, "what a unit received", names(must(ledger.AllOccurrences(ctx, w, ledger.Query{Unit: "b", Received: true})), (*ledger.Occurrence).Key), " "+got.Key())
		same(w, "what a unit handed on", names(must(ledger.AllOccurrences(ctx, w, ledger.Query{Unit: "a", HandedOn: true})), (*ledger.Occurrence).Key), " "+had.Key())
		same(w, "what others did", names(must(ledger.AllOccurrences(ctx, w, ledger.Query{Units: []string{"b"}, HandedOn: true})), (*ledger.Occurrence).Key), "")
		same(w, "whose it is by the rules", got.Owner()+had.Owner(), "aa")
	},
	"many made at once": func(w *world) {
		first := w.owed(occurrence("b", "2017-07", day(7, 21)))[0]
		var all []*ledger.Occurrence
		w.update(func(tx ledger.Tx) error {
			all = nil
			for i := range 1203 { // more than an engine writes with one statement
				o := occurrence("b", fmt.Sprint("k", i), day(8, 1))
				if i == 600 {
					o = occurrence("b", "2017-07", day(9, 9))
				}
				o.Rule = first.Rule
				all = append(all, &o)
			}
			added, err := tx.AddOccurrences(all, by)
			same(w, "not new", slices.Index(added, false), 600)
			same(w, "answered", len(added), len(all))
			return err
		})
		same(w, "what is there", *all[600], *first)
		for _, i := range []int{0, 499, 500, 1202} {
			same(w, "one", *must(w.Occurrence(ctx, all[i].ID)), *all[i])
			same(w, "its entries", w.told(all[i]), " made")
		}
		n := 0
		err := w.EachOccurrence(ctx, ledger.Query{}, func(*ledger.Occurrence) error { n++; return nil })
		same(w, "all", fmt.Sprint(n, err), "1203 <nil>")
		same(w, "at once", len(must(w.Occurrences(ctx, ledger.Query{}))), ledger.AtOnce)
	},
	// Which of them an engine looks for before is its own: one that takes five hundred for
	// new that cannot be there has to be right about it.
	"by five hundreds, of several obligations, some there and some twice": func(w *world) {
		r := rand.New(rand.NewPCG(14, 47))
		numbers := map[string]int64{} // of what is there
		rule := w.owed(occurrence("a", "2017-07", day(7, 21)))[0].Rule
		for round := range 4 {
			var all [][]*ledger.Occurrence
			for range 1 + r.IntN(4) {
				all = append(all, fiveHundreds(r, 3*r.IntN(round+1), rule))
			}
			var added [][]bool
			w.update(func(tx ledger.Tx) error {
				added = nil
				for _, some := range all {
					is, err := tx.AddOccurrences(some, by)
					if err != nil {
						return err
					}
					added = append(added, is)
				}
				return nil
			})
			for n, some := range all {
				for i, o := range some {
					there, had := numbers[o.Key()]
					if added[n][i] == had || had && o.ID != there {
						w.Errorf("%s: new %v, as %d; there before: %v, as %d", o.Key(), added[n][i], o.ID, had, there)
					}
					numbers[o.Key()] = o.ID
				}
			}
		}
		n := 0
		err := w.EachOccurrence(ctx, ledger.Query{}, func(o *ledger.Occurrence) error {
			if n++; o.Period != "2017-07" && numbers[o.Key()] != o.ID {
				w.Errorf("%s has the number %d, and was told %d", o.Key(), o.ID, numbers[o.Key()])
			}
			return nil
		})
		same(w, "all", fmt.Sprint(n, err), fmt.Sprint(len(numbers)+1, " <nil>"))
		w.proved()
	},
	"all of it is kept": func(w *world) {
		made := w.owed(occurrence("a", "2017-06", day(6, 21)), occurrence("a", "2017-07", day(7, 21)))
		var event ledger.Event
		w.update(func(tx ledger.Tx) error {
			event = ledger.Event{Name: "received", Unit: "a", Key: "k", Day: day(7, 1), Recorded: noon}
			return tx.AddEvent(&event, by)
		})
		after := ledger.Occurrence{
			ID: made[1].ID, Plan: "p", Obligation: "m", Unit: "a", Period: "2017-07", Rule: made[1].Rule, Anchor: day(7, 2), FirstDue: day(7, 22), Due: day(7, 28), Named: day(7, 29),
			Provisional: true, State: ledger.StateReported, Granted: day(7, 28), PausedOn: day(7, 5), Sequence: 1, Evidence: "https://e.example", Note: "注", Reason: "因",
			ReportedBy: "李", ReportedAt: noon, ClosedAt: later(60), Event: event.ID, Cause: made[0].ID, Started: day(7, 11), ToldThrough: day(7, 13), SupervisorTold: day(7, 12), NextReminder: day(7, 20), Late: true,
		}
		w.update(func(tx ledger.Tx) error {
			o := after
			o.Sequence = 0 // it rises by itself where the due date moved
			return tx.SaveOccurrence(made[1], &o, acting("extended"))
		})
		got := *must(w.Occurrence(ctx, after.ID))
		got.ReportedAt, got.ClosedAt = got.ReportedAt.UTC(), got.ClosedAt.UTC()
		same(w, "it", got, after)
		same(w, "its entries", w.told(&after), " made extended")
		same(w, "started by the event", names(must(w.StartedBy(ctx, event.ID)), period), " a2017-07")
		same(w, "by the closing of the other", names(must(w.CausedBy(ctx, made[0].ID)), period), " a2017-07")
	},
	// Else verify would say for ever that somebody has changed it behind the journal's back.
	"text that no engine keeps is told as it stands": func(w *world) {
		had := w.owed(occurrence("a", "2017-07", day(7, 21)))[0]
		w.update(func(tx ledger.Tx) error {
			after := *had
			after.Note, after.Evidence, after.Reason, after.ReportedBy = "n\x00\xff", "e\x00\xff", "r\x00\xff", "b\xff\x00"
			return tx.SaveOccurrence(had, &after, acting("reported"))
		})
		got := must(w.Occurrence(ctx, had.ID))
		same(w, "it", got.Note+got.Evidence+got.Reason+got.ReportedBy, "n\uFFFD\uFFFDe\uFFFD\uFFFDr\uFFFD\uFFFDb\uFFFD\uFFFD")
	},
	"text that no engine keeps is known again where an older version told it as it was sent": func(w *world) {
		o := w.owed(occurrence("a", "2017-07", day(7, 21)))[0]
		w.update(func(tx ledger.Tx) error {
			after := *o
			after.Note = "n\x00\xff\xfe\x00\\u0000\\\xff\uFFFD"
			e := acting("reported")
			e.Subject, e.After = o.Subject(), strings.Replace(after.Snapshot(), ledgerHas, wasSent, 1)
			same(w, "told by that version", strings.Count(e.After, wasSent), 1)
			return errors.Join(tx.SaveOccurrence(o, &after, acting("reported")), tx.Journal(e))
		})
	},
	"saved with one thing changed, or put back": func(w *world) {
		had := w.owed(occurrence("a", "2017-07", day(7, 21)), occurrence("b", "2017-07", day(7, 21)))
		event := ledger.Event{Name: "e", Unit: "a", Key: "k", Day: day(7, 1), Title: "T", Recorded: noon}
		other := int64(0)
		w.update(func(tx ledger.Tx) (err error) {
			if err := tx.AddEvent(&event, by); err != nil {
				return err
			}
			other, err = tx.Rule(rule("another"), noon)
			return err
		})
		values := map[string]any{
			"Rule": other, "State": ledger.StateReported, "ReportedAt": noon.UTC(), "ClosedAt": noon.UTC(), "Provisional": true, "Late": true, "Event": event.ID, "Cause": had[1].ID,
		}
		is := *had[0]
		of := reflect.TypeFor[ledger.Occurrence]()
		for i := range of.NumField() {
			name := of.Field(i).Name
			switch name {
			case "ID", "Plan", "Obligation", "Unit", "Period", "Sequence", "Damage": // which nobody changes
				continue
			}
			for _, back := range []bool{false, true} {
				was, value := is, reflect.ValueOf(values[name])
				field := reflect.ValueOf(&is).Elem().Field(i)
				switch {
				case back:
					value = reflect.ValueOf(*had[0]).Field(i)
				case value.IsValid():
				case field.Kind() == reflect.String:
					value = reflect.ValueOf("b")
				default:
					value = reflect.ValueOf(day(7, 19))
				}
				field.Set(value)
				w.update(func(tx ledger.Tx) error { return tx.SaveOccurrence(&was, &is, by) })
				got := *must(w.Occurrence(ctx, is.ID))
				got.ReportedAt, got.ClosedAt = got.ReportedAt.UTC(), got.ClosedAt.UTC()
				same(w, fmt.Sprint(name, " back: ", back), got, is)
			}
		}
	},
	"saved as it was, nothing is told": func(w *world) {
		o := w.owed(occurrence("a", "2017-07", day(7, 21)))[0]
		w.update(func(tx ledger.Tx) error {
			after := *o
			after.NextReminder = day(7, 20)
			return errors.Join(tx.SaveOccurrence(o, &after, acting("recounted")), tx.SaveReminder(&after))
		})
		same(w, "its entries", w.told(o), " made")
		same(w, "the reminder", must(w.Occurrence(ctx, o.ID)).NextReminder, day(7, 20))
		w.update(func(tx ledger.Tx) error {
			e := acting("returned")
			e.Reason = "why"
			return tx.SaveOccurrence(o, o, e)
		})
		same(w, "with a reason", w.told(o), " made returned")
	},
	"selected, sorted and in pages": func(w *world) {
		var all []ledger.Occurrence
		for i, unit := range []string{"b", "a", "c"} {
			for month := range 6 {
				all = append(all, occurrence(unit, fmt.Sprintf("2017-0%d", month+1), day(7, 20+(month+i)%3)))
			}
		}
		made := w.owed(all...)
		w.update(func(tx ledger.Tx) error {
			after := *made[0]
			after.State = ledger.StateClosed
			return tx.SaveOccurrence(made[0], &after, acting("closed"))
		})
		sorted := slices.Clone(made)
		slices.SortFunc(sorted, func(a, b *ledger.Occurrence) int {
			return cmp.Or(cmp.Compare(a.Due, b.Due), cmp.Compare(a.Unit, b.Unit), cmp.Compare(a.Period, b.Period))
		})
		for what, c := range map[string]struct {
			q    ledger.Query
			want func(*ledger.Occurrence) bool
		}{
			"all":       {ledger.Query{}, func(*ledger.Occurrence) bool { return true }},
			"a unit":    {ledger.Query{Unit: "b"}, func(o *ledger.Occurrence) bool { return o.Unit == "b" }},
			"a period":  {ledger.Query{Plan: "p", Obligation: "m", Period: "2017-03"}, func(o *ledger.Occurrence) bool { return o.Period == "2017-03" }},
			"another":   {ledger.Query{Plan: "q"}, func(*ledger.Occurrence) bool { return false }},
			"a state":   {ledger.Query{States: []ledger.State{ledger.StateOpen, ledger.StateWaived}}, func(o *ledger.Occurrence) bool { return o.ID != made[0].ID }},
			"both ends": {ledger.Query{DueFrom: day(7, 21), DueTo: day(7, 21)}, func(o *ledger.Occurrence) bool { return o.Due == day(7, 21) }},
			"of those": {ledger.Query{Of: [][2]string{{"p", "m"}, {"q", "n"}}}, func(o *ledger.Occurrence) bool {
				return o.Plan == "p" && o.Obligation == "m" || o.Plan == "q" && o.Obligation == "n"
			}},
			"a unit, some states": {ledger.Query{Unit: "b", States: []ledger.State{ledger.StateOpen, ledger.StateWaived}}, func(o *ledger.Occurrence) bool { return o.Unit == "b" && o.ID != made[0].ID }},
			"a unit, others":      {ledger.Query{Unit: "b", States: []ledger.State{ledger.StateReported, ledger.StateClosed}}, func(o *ledger.Occurrence) bool { return o.ID == made[0].ID }},
			"a unit of a plan":    {ledger.Query{Unit: "a", Plan: "p"}, func(o *ledger.Occurrence) bool { return o.Unit == "a" }},
			"a unit of another":   {ledger.Query{Units: []string{"a"}, Plan: "q"}, func(*ledger.Occurrence) bool { return false }},
			"of units":            {ledger.Query{Units: []string{"a", "c"}}, func(o *ledger.Occurrence) bool { return o.Unit != "b" }},
			"ended":               {ledger.Query{Ended: true}, func(o *ledger.Occurrence) bool { return o.ID == made[0].ID }},
			"ended so":            {ledger.Query{Ended: true, States: []ledger.State{ledger.StateWaived}}, func(o *ledger.Occurrence) bool { return false }},
			"up to a day":         {ledger.Query{DueTo: day(7, 20)}, func(o *ledger.Occurrence) bool { return o.Due <= day(7, 20) }},
		} {
			want := names(slices.DeleteFunc(slices.Clone(sorted), func(o *ledger.Occurrence) bool { return !c.want(o) }), period)
			same(w, what, names(must(ledger.AllOccurrences(ctx, w, c.q)), period), want)
			paged, q := "", c.q
			for q.Limit = 4; len(paged) <= len(want); { // else it begins anew for ever
				page := must(w.Occurrences(ctx, q))
				paged += names(page, period)
				if len(page) < q.Limit {
					break
				}
				q.After = page[len(page)-1]
			}
			same(w, what+" in pages", paged, want)
			same(w, what+" counted", must(w.CountOccurrences(ctx, c.q)), strings.Count(want, " "))
			w.countsWhatIsListed(c.q)
			latest := strings.Fields(want)
			slices.Reverse(latest)
			q = c.q
			q.Latest = true
			same(w, what+", the latest first", strings.TrimSpace(names(must(w.Occurrences(ctx, q)), period)), strings.Join(latest, " "))
		}
		briefs := map[int64]ledger.Occurrence{}
		if err := w.Briefs(ctx, func(b *ledger.Brief) { briefs[b.ID] = b.Occurrence() }); err != nil {
			w.Error(err)
		}
		byID := must(w.ByID(ctx, []int64{made[3].ID, made[4].ID, 99}))
		same(w, "by their numbers", len(byID), 2)
		for _, o := range must(ledger.AllOccurrences(ctx, w, ledger.Query{})) {
			same(w, "its brief", briefs[o.ID], o.Brief().Occurrence())
			same(w, "its brief by its key", must(w.Brief(ctx, o.FullKey())).ID, o.ID)
		}
	},
	"what has ended is counted": func(w *world) {
		made := w.owed(occurrence("a", "2017-06", day(6, 21)), occurrence("a", "2017-07", day(7, 21)), occurrence("b", "2017-07", day(7, 21)), occurrence("b", "2017-07x", day(7, 24)))
		counts := func(q ledger.EndedQuery) string {
			var out []string
			err := w.CountEnded(ctx, q, func(e ledger.Ended) {
				out = append(out, fmt.Sprint(e.Plan, e.Unit, " ", e.Due, " ", e.State, e.Late, e.N))
			})
			slices.Sort(out)
			return fmt.Sprint(out, err)
		}
		becomes := func(i int, change func(*ledger.Occurrence)) {
			w.update(func(tx ledger.Tx) error {
				before, after := *made[i], *made[i]
				change(&after)
				err := tx.SaveOccurrence(&before, &after, acting("changed"))
				if err == nil {
					made[i] = &after
				}
				return err
			})
		}
		same(w, "nothing", counts(ledger.EndedQuery{}), "[] <nil>")
		closed := func(late bool) func(*ledger.Occurrence) {
			return func(o *ledger.Occurrence) { o.State, o.ClosedAt, o.Late = ledger.StateClosed, noon, late }
		}
		becomes(0, closed(false))
		becomes(1, closed(true))
		becomes(2, func(o *ledger.Occurrence) { o.State = ledger.StateWaived })
		becomes(3, func(o *ledger.Occurrence) { o.State = ledger.StateWaived })
		same(w, "by the day", counts(ledger.EndedQuery{}), "[pa 2017-06-21 closedfalse 1 pa 2017-07-21 closedtrue 1 pb 2017-07-21 waivedfalse 1 pb 2017-07-24 waivedfalse 1] <nil>")
		same(w, "by the month", counts(ledger.EndedQuery{Monthly: true}), "[pa 2017-06-01 closedfalse 1 pa 2017-07-01 closedtrue 1 pb 2017-07-01 waivedfalse 2] <nil>")
		same(w, "of a unit", counts(ledger.EndedQuery{Unit: "b", DueFrom: day(7, 21), Monthly: true}), "[pb 2017-07-01 waivedfalse 2] <nil>")
		same(w, "of some days", counts(ledger.EndedQuery{DueFrom: day(7, 21), DueTo: day(7, 23)}), "[pa 2017-07-21 closedtrue 1 pb 2017-07-21 waivedfalse 1] <nil>")
		ongoing := func() (n int) {
			if err := w.Ongoing(ctx, func(*ledger.Brief) { n++ }); err != nil {
				w.Error(err)
			}
			return n
		}
		same(w, "what goes on", ongoing(), 0)
		becomes(2, func(o *ledger.Occurrence) { o.State = ledger.StateReported })
		becomes(0, func(o *ledger.Occurrence) { o.State, o.Late = ledger.StateOpen, false })
		becomes(1, func(o *ledger.Occurrence) { o.Due = day(8, 1) })
		same(w, "what goes on then", ongoing(), 2)
		same(w, "taken back, and moved", counts(ledger.EndedQuery{}), "[pa 2017-08-01 closedtrue 1 pb 2017-07-24 waivedfalse 1] <nil>")
		becomes(0, closed(false))
		w.update(func(tx ledger.Tx) error { return tx.ClosedLate([]int64{made[0].ID, made[2].ID, 99}) })
		same(w, "late after all", counts(ledger.EndedQuery{}), "[pa 2017-06-21 closedtrue 1 pa 2017-08-01 closedtrue 1 pb 2017-07-24 waivedfalse 1] <nil>")
		same(w, "only what is closed", must(w.Occurrence(ctx, made[2].ID)).Late, false)
		if err := w.Update(ctx, func(tx ledger.Tx) error {
			after := *made[2]
			after.State = ledger.StateWaived
			return errors.Join(tx.SaveOccurrence(made[2], &after, acting("waived")), errors.New("no"))
		}); err == nil {
			w.Error("no error")
		}
		same(w, "what was taken back counts nothing", counts(ledger.EndedQuery{DueFrom: day(7, 1), DueTo: day(7, 22)}), "[] <nil>")
		v := must(w.Verify(ctx))
		same(w, "verified", fmt.Sprint(v.Problems), "[]")
	},
	"found as people name them": func(w *world) {
		other := occurrence("a", "2017-07", day(7, 21))
		other.Plan = "q"
		w.owed(occurrence("a", "2017-06", day(6, 21)), occurrence("a", "2017-07", day(7, 21)), other)
		for name, want := range map[string]string{
			"m/a/2017-06": "p:m/a/2017-06", "p:m/a/2017-07": "p:m/a/2017-07", "q:m/a/2017-07": "q:m/a/2017-07",
			"m/a/2017-07": "p:m/a/2017-07 or q:m/a/2017-07", "m/a/2017-09": "the latest of that obligation and unit is m/a/2017-07",
			"x/a/2017-07": "no occurrence", "m/a": "is no occurrence id", "": "is no occurrence id", "r:m/a/2017-07": "no occurrence",
		} {
			o, err := w.Find(ctx, name)
			switch {
			case err != nil && !strings.Contains(err.Error(), want):
				w.Errorf("%s: %v, want …%s…", name, err, want)
			case err == nil:
				same(w, name, o.FullKey(), want)
			}
		}
	},
	"who is to be told when": func(w *world) {
		same(w, "nobody", must(w.FirstReminder(ctx)), calendar.Date(0))
		same(w, "nobody waits", must(w.AnyWaiting(ctx, day(12, 31))), false)
		early, late, never := occurrence("a", "2017-06", day(7, 13)), occurrence("b", "2017-06", day(7, 21)), occurrence("a", "2017-05", day(7, 1))
		never.NextReminder = 0
		made := w.owed(late, early, never)
		same(w, "before", must(w.AnyWaiting(ctx, day(7, 9))), false)
		same(w, "that day", must(w.AnyWaiting(ctx, day(7, 10))), true)
		same(w, "waiting", names(must(w.Waiting(ctx, day(7, 10))), period), " a2017-06")
		same(w, "waiting later, the earliest first", names(must(w.Waiting(ctx, day(7, 18))), period), " a2017-06 b2017-06")
		same(w, "the first", must(w.FirstReminder(ctx)), day(7, 10))
		w.update(func(tx ledger.Tx) error {
			o := *made[1]
			o.Started, o.ToldThrough, o.NextReminder = 0, day(7, 13), 0
			return tx.SaveReminder(&o)
		})
		same(w, "told", names(must(w.ToldAfter(ctx, day(7, 12))), period), " a2017-06")
		same(w, "by then", names(must(w.ToldAfter(ctx, day(7, 13))), period), "")
		same(w, "the next", must(w.FirstReminder(ctx)), day(7, 18))
	},
	"pauses": func(w *world) {
		o := w.owed(occurrence("a", "2017-07", day(7, 21)))[0]
		pauses := func() string {
			return names(must(w.Pauses(ctx, o.ID)), func(p rules.Pause) string { return p.From.String() + "-" + p.To.String() })
		}
		w.update(func(tx ledger.Tx) error { return tx.AddPause(o.ID, day(7, 3), "why") })
		same(w, "it stands still", pauses(), " 2017-07-03-")
		w.update(func(tx ledger.Tx) error {
			return errors.Join(tx.EndPause(o.ID, day(7, 5)), tx.AddPause(o.ID, day(7, 8), "again"))
		})
		same(w, "and again", pauses(), " 2017-07-03-2017-07-05 2017-07-08-")
	},
}

// A note as JSON has it: as it stands, and as it was sent.
const (
	ledgerHas = "n\uFFFD\uFFFD\uFFFD" + `\\u0000\\` + "\uFFFD\uFFFD"
	wasSent   = `n\u0000\ufffd\ufffd\u0000` + `\\u0000\\` + `\ufffd` + "\uFFFD"
)

// fiveHundreds are one, two or three times five hundred occurrences of up to three
// obligations from a first one on, one after the other or by turns, of which some are there,
// or come twice.
func fiveHundreds(r *rand.Rand, first int, rule int64) (all []*ledger.Occurrence) {
	obligation, turns, known := first, r.IntN(3) == 0, []int{1 << 30, 2000}[r.IntN(2)]
	for n := 500 * (1 + r.IntN(3)); len(all) < n; {
		if turns || r.IntN(400) == 0 {
			obligation = first + r.IntN(3)
		}
		o := occurrence(fmt.Sprint("u", r.IntN(3)), fmt.Sprint("k", r.IntN(known)), day(8, 1))
		if len(all) > 0 && known == 2000 && r.IntN(300) == 0 {
			o = *all[r.IntN(len(all))] // once more
		}
		o.Obligation, o.Rule = fmt.Sprint("m", obligation), rule
		all = append(all, &o)
	}
	return all
}

// told are the actions that the journal tells of an occurrence.
func (w *world) told(o *ledger.Occurrence) string {
	w.Helper()
	var out []ledger.Entry
	if err := w.Entries(ctx, o.Subject(), func(e ledger.Entry) error { out = append(out, e); return nil }); err != nil {
		w.Error(err)
	}
	return names(out, func(e ledger.Entry) string { return e.Action })
}
