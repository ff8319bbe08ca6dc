package web

import (
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"duban/internal/series"
	"duban/ledger"
	"duban/rules"
	"duban/rules/calendar"
	"duban/scheduler/desk"
)

// scanned is what a look at every occurrence says of what a filter has.
type scanned struct {
	totals         [4]int
	cells          map[string][4]int // unit and month
	items          map[string][4]int // item and month, where not one item is asked for
	onTime, judged map[int]int
	days           map[string]string // of a year: how many, and the worst
	listed         int
}

// scan counts one by one; whether one is late it tells from its dates alone.
func (w *world) scan(f filter, year int) scanned {
	w.t.Helper()
	all, err := ledger.AllOccurrences(w.t.Context(), w.ledger, ledger.Query{})
	if err != nil {
		w.t.Fatal(err)
	}
	out := scanned{cells: map[string][4]int{}, items: map[string][4]int{}, onTime: map[int]int{}, judged: map[int]int{}, days: map[string]string{}}
	view, worst, n := w.standing.view(), map[string]int{}, map[string]int{}
	for _, o := range all {
		light := view.Light(o)
		u := view.Rules.Unit(o.Unit)
		if f.Plan != "" && o.Plan != f.Plan || f.Unit != "" && o.Unit != f.Unit || f.Obligation != "" && o.Obligation != f.Obligation ||
			f.items != nil && !f.items[[2]string{o.Plan, o.Obligation}] || f.State != "" && o.State != f.State || f.Kind != "" && (u == nil || u.Kind != f.Kind) || f.Light != "" && light != f.Light {
			continue
		}
		out.listed++
		if o.State == ledger.StateCancelled {
			continue
		}
		at := slices.Index(rules.Lights, light)
		out.totals[at]++
		count := func(cells map[string][4]int, whose string) {
			cell := whose + " " + o.Due.String()[:7]
			counts := cells[cell]
			counts[at]++
			cells[cell] = counts
		}
		count(out.cells, o.Unit)
		if f.Obligation == "" {
			count(out.items, o.Obligation)
		}
		if o.Due.Year() == year {
			d := o.Due.String()
			if n[d]++; n[d] == 1 || at < worst[d] {
				worst[d] = at
			}
			out.days[d] = fmt.Sprint(n[d], " ", rules.Lights[worst[d]])
		}
		late := !o.ReportedAt.IsZero() && o.ReportedAt.After(view.Rules.Plan(o.Plan).LateAfter(o.Due, o.Named))
		switch m := monthOf(o.Due); {
		case o.State == ledger.StateWaived || o.State == ledger.StateOpen && light != rules.Red:
		case o.State == ledger.StateOpen || late:
			out.judged[m]++
		default:
			out.judged[m]++
			out.onTime[m]++
		}
	}
	return out
}

// counted is what the pages say of the same.
func (w *world) counted(f filter, year int) scanned {
	w.t.Helper()
	s, ctx := w.standing, w.t.Context()
	now, err := s.snapshot.look(ctx)
	if err != nil {
		w.t.Fatal(err)
	}
	reported := 0
	for b := range now.ongoing() {
		if b.State.Ended() {
			w.t.Errorf("%s is %s, and kept one by one", b.FullKey(), b.State)
		}
		if b.State == ledger.StateReported {
			reported++
		}
	}
	if reported != now.reported {
		w.t.Errorf("%d are reported, and counted %d", reported, now.reported)
	}
	ended, err := s.ended(ctx, now, f.boards(), s.view().Rules)
	if err != nil {
		w.t.Fatal(err)
	}
	out := scanned{cells: map[string][4]int{}, items: map[string][4]int{}, days: map[string]string{}}
	byUnit, byItem := f, f
	byUnit.By, byItem.By = "unit", "item"
	for from := 2025*12 + 11; from < 2030*12; from += gridMonths {
		byUnit.From = monthName(from)
		if byItem.From = byUnit.From; f.Obligation == "" {
			m := newBoardMaker(byItem, s.view().Rules, wordsOf("en"), mostLate)
			p, err := s.boardOfItems(ctx, now, byItem, nil, s.view(), m)
			if err != nil {
				w.t.Fatal(err)
			}
			for _, row := range p.Rows {
				for i, c := range row.Cells {
					if c.Worst != "" {
						out.items[row.Unit+" "+p.Months[i]] = c.Counts
					}
				}
			}
		}
		m := newBoardMaker(byUnit, s.view().Rules, wordsOf("en"), mostLate)
		p, err := m.board(now, withEnded(now, ended), nil, s.view(), "")
		if err != nil {
			w.t.Fatal(err)
		}
		for i, t := range p.Totals {
			out.totals[i] = t.N
		}
		for _, row := range p.Rows {
			for i, c := range row.Cells {
				if c.Worst != "" {
					out.cells[row.Unit+" "+p.Months[i]] = c.Counts
				}
			}
		}
	}
	charts, lights := newTally(), newLighter(s.view())
	for b := range now.ongoing() {
		if light := lights.light(&b); f.has(&b, s.view().Rules) && (f.Light == "" || f.Light == light) {
			charts.add(s.view(), &b, light)
		}
	}
	for _, e := range ended {
		charts.count(e)
	}
	out.onTime, out.judged = charts.onTime, charts.judged
	due, err := s.dueIn(ctx, year, f, s.view())
	if err != nil {
		w.t.Fatal(err)
	}
	for d, v := range due {
		out.days[d.String()] = fmt.Sprint(v.N, " ", v.Worst)
	}
	for b := range now.ongoing() {
		if light := lights.light(&b); f.has(&b, s.view().Rules) && (f.Light == "" || f.Light == light) {
			out.listed++
		}
	}
	past, total, err := s.listEnded(ctx, now, f, listPage{}, nil, listRows, s.view().Rules)
	if err != nil || len(past) != min(total, listRows) {
		w.t.Fatalf("%d of %d that have ended: %v", len(past), total, err)
	}
	out.listed += total
	return out
}

// The board, the year and the lists read counts; whatever was done, they say what a
// look at every occurrence says.
func TestCountsSayWhatALookAtEveryOccurrenceSays(t *testing.T) {
	series.Of(t, 100)
	verbs := []desk.Verb{desk.Done, desk.Done, desk.Waive, desk.Reopen, desk.Extend, desk.Pause, desk.Resume}
	filters := []filter{
		{}, {Unit: "a"}, {Kind: "town"}, {Kind: "none"}, {Plan: "p"}, {Plan: "q"}, {Obligation: "1.1-budget"}, {Obligation: "1.2-answer", Unit: "a"},
		{Light: rules.Grey}, {Light: rules.Red}, {State: ledger.StateClosed}, {State: ledger.StateOpen}, {State: ledger.StateWaived, Unit: "b"},
		{State: ledger.StateCancelled}, {items: map[[2]string]bool{{"p", "1.1-budget"}: true, {"p", "none"}: true}}, {Obligation: "1.1-budget", State: ledger.StateClosed, Light: rules.Grey},
	}
	rapid.Check(t, func(rt *rapid.T) {
		w := newWorld(t)
		day := calendar.Date(0)
		for range rapid.IntRange(3, 12).Draw(rt, "steps") {
			all, err := ledger.AllOccurrences(t.Context(), w.ledger, ledger.Query{})
			if err != nil {
				t.Fatal(err)
			}
			for range rapid.IntRange(1, 3).Draw(rt, "acts") {
				if len(all) == 0 {
					break
				}
				o := all[rapid.IntRange(0, len(all)-1).Draw(rt, "which")]
				in := desk.Act{By: "test", Reason: "r", Evidence: "https://x.example/", To: o.Due + 9}
				if verb := rapid.SampledFrom(verbs).Draw(rt, "verb"); verb == desk.Done && rapid.Bool().Draw(rt, "dated") {
					in.Date = o.Due + calendar.Date(rapid.IntRange(-2, 2).Draw(rt, "off"))
					_, _ = w.desk.Do(t.Context(), verb, o.FullKey(), in) // what is refused changes nothing
				} else {
					_, _ = w.desk.Do(t.Context(), verb, o.FullKey(), in)
				}
			}
			switch rapid.IntRange(0, 5).Draw(rt, "besides") {
			case 0:
				day++
				e := &ledger.Event{Name: "request", Unit: "a", Key: fmt.Sprint("k", day), Day: calendar.DayOf(w.now())}
				_, _, _ = w.desk.AddEvent(t.Context(), e, "test")
			case 1:
				_, _ = w.desk.WithdrawEvent(t.Context(), fmt.Sprint("k", day), "r", "test")
			}
			w.mu.Lock()
			w.time = w.time.AddDate(0, 0, rapid.IntRange(0, 40).Draw(rt, "days"))
			w.mu.Unlock()
			w.tick()
			for _, f := range []filter{{}, rapid.SampledFrom(filters).Draw(rt, "filter")} {
				if got, want := w.counted(f, w.now().Year()), w.scan(f, w.now().Year()); fmt.Sprint(got) != fmt.Sprint(want) {
					rt.Fatalf("%+v\ncounted %v\nscanned %v", f, got, want)
				}
			}
		}
		v, err := w.ledger.Verify(t.Context())
		if err != nil || len(v.Problems) > 0 {
			rt.Fatalf("verify: %v, %v", v.Problems, err)
		}
	})
}

func TestTheBoardHearsOfWhatAnOlderVersionClosedLate(t *testing.T) {
	w := newWorld(t)
	w.at("2026-07-10 09:00")
	w.tick()
	const key = "1.1-budget/a/2026-06"
	if _, err := w.desk.Do(t.Context(), desk.Done, key, desk.Act{By: "test", Evidence: "https://x.example/"}); err != nil {
		t.Fatal(err)
	}
	o, err := w.ledger.Find(t.Context(), key)
	if err != nil || o.Late {
		t.Fatalf("late %v, %v", o.Late, err)
	}
	m := monthOf(o.Due)
	if got := w.counted(filter{}, 2026).onTime[m]; got != 1 {
		t.Fatalf("%d on time", got)
	}
	err = w.ledger.Update(t.Context(), func(tx ledger.Tx) error {
		e := w.s.View().Entry("test")
		e.Action, e.Subject = "lateness kept", ledger.Subject{Kind: ledger.AboutLedger}
		if err := tx.ClosedLate([]int64{o.ID}); err != nil {
			return err
		}
		return tx.Journal(e)
	})
	if err != nil {
		t.Fatal(err)
	}
	if got := w.counted(filter{}, 2026); got.onTime[m] != 0 || got.judged[m] != 1 {
		t.Errorf("%d on time of %d", got.onTime[m], got.judged[m])
	}
}
