package web

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"duban/ledger"
	"duban/rules/calendar"
	"duban/scheduler/desk"
	"duban/scheduler/engine"
	"duban/scheduler/figures"
)

// ownItems are items of one unit each, which others can take over.
const ownItems = `[[obligation]]
id = "5.1-own"
title = "本局事项"
units = ["a"]
every = "month"
within = "5 working days"
policy = "standard"
[[obligation]]
id = "5.2-weekly"
title = "每周事项"
units = ["b"]
every = "week"
within = "2 working days"
policy = "standard"
`

// What is shown in two places is the same figure in both: the board's charts and lists,
// report (which is the API's too) and the bulletin, after whatever was done, and
// whoever handed what to whom before and after it was due.
func TestFiguresThatAreShownTwiceAgree(t *testing.T) {
	passed := 0
	for seed := range uint64(4) {
		draw := rand.New(rand.NewPCG(seed, 1))
		w := newWorld(t)
		w.write("plan/obligations/02.toml", ownItems)
		w.s.TakeOver(t.Context(), w.load)
		for range 7 {
			w.mu.Lock()
			w.time = w.time.AddDate(0, 0, 3+draw.IntN(24))
			w.mu.Unlock()
			w.tick()
			open, err := ledger.AllOccurrences(t.Context(), w.ledger, ledger.Query{States: []ledger.State{ledger.StateOpen}})
			if err != nil {
				t.Fatal(err)
			}
			for _, o := range open {
				verb := []desk.Verb{desk.Done, desk.Done, desk.Waive, desk.Extend, desk.Transfer, desk.Transfer, "", "", ""}[draw.IntN(9)]
				unit := w.standing.view().Rules.Units[draw.IntN(len(w.standing.view().Rules.Units))].ID
				if verb != "" {
					_, _ = w.desk.Do(t.Context(), verb, o.FullKey(), desk.Act{By: "t", Reason: "r", Evidence: "https://x.example/", To: o.Due + 20, Unit: unit}) // what is refused changes nothing
				}
			}
			passed += w.agrees()
		}
	}
	if passed < 10 {
		t.Errorf("only %d were passed on after their due dates: that proves little", passed)
	}
}

// agrees compares all places, and tells how many count for others than who has them.
func (w *world) agrees() (passed int) {
	w.t.Helper()
	view, ctx := w.standing.view(), w.t.Context()
	first, last := chartMonths(view.Now)
	m := engine.Months{From: monthName(last - gridMonths + 1), To: monthName(last)}
	_, to := m.Days()
	b, err := figures.NewBulletin(ctx, w.ledger, view, m)
	if err != nil {
		w.t.Fatal(err)
	}
	for _, unit := range append(view.Rules.Units, nil) {
		f := filter{}
		if unit != nil {
			f.Unit = unit.ID
		}
		for at := last - gridMonths + 1; at <= last; at++ {
			from := calendar.DateOf(at/12, 1, 1)
			for monthOf(from) < at {
				from++
			}
			all, err := figures.Of(ctx, w.ledger, view, from, lastOfMonth(from))
			if err != nil {
				w.t.Fatal(err)
			}
			want := [2]int{}
			for _, row := range all {
				if f.Unit == "" || row.Unit == f.Unit {
					want[0], want[1] = want[0]+row.OnTime, want[1]+row.OnTime+row.Late+row.Overdue
				}
			}
			if got := w.charted(f, at); got != want {
				w.t.Fatalf("%s in %s: the board's chart has %v, report %v", f.Unit, monthName(at), got, want)
			}
			if f.Unit == "" {
				i := slices.IndexFunc(b.ByMonth, func(s figures.Standing) bool { return s.Month == monthName(at) })
				if s := b.ByMonth[i]; want != [2]int{s.OnTime, s.OnTime + s.Late + s.Overdue} {
					w.t.Fatalf("in %s the bulletin has %+v, report %v", s.Month, s.Figure, want)
				}
			}
		}
	}
	all, err := figures.Of(ctx, w.ledger, view, first, to)
	if err != nil {
		w.t.Fatal(err)
	}
	for _, u := range figures.ByUnit(all) {
		i := slices.IndexFunc(b.Units, func(s figures.Standing) bool { return s.Unit == u.Unit })
		if i < 0 || fmt.Sprint(b.Units[i].Figure.Cells()) != fmt.Sprint(u.Cells()) {
			w.t.Fatalf("%s: report has %+v, the bulletin %+v", u.Unit, u, b.Units)
		}
	}
	w.redAgrees(b)
	for _, unit := range view.Rules.Units {
		moved, err := figures.PassedBy(ctx, w.ledger, view, func(id string) bool { return id == unit.ID }, first, to)
		if err != nil {
			w.t.Fatal(err)
		}
		passed += len(moved)
	}
	return passed
}

// charted is how many the board's chart has on time of how many, of a month.
func (w *world) charted(f filter, month int) [2]int {
	w.t.Helper()
	s, view, ctx := w.standing, w.standing.view(), w.t.Context()
	now, err := s.snapshot.look(ctx)
	if err != nil {
		w.t.Fatal(err)
	}
	ended, err := s.ended(ctx, now, f.boards(), view.Rules)
	if err != nil {
		w.t.Fatal(err)
	}
	passed, err := s.passed(ctx, f, view)
	if err != nil {
		w.t.Fatal(err)
	}
	charts, lights := newTally(), newLighter(view)
	for b := range now.ongoing() {
		if f.has(&b, view.Rules) {
			charts.add(view, &b, lights.light(&b))
		}
	}
	for _, e := range ended {
		charts.count(e)
	}
	charts.move(view, passed, func(unit string) bool { return f.hasUnit(unit, view.Rules) })
	return [2]int{charts.onTime[month], charts.judged[month]}
}

// redAgrees holds the red list of the board to that of the bulletin: line by line.
func (w *world) redAgrees(b *figures.Bulletin) {
	w.t.Helper()
	s, view := w.standing, w.standing.view()
	now, err := s.snapshot.look(w.t.Context())
	if err != nil {
		w.t.Fatal(err)
	}
	p, err := s.boardOf(w.t.Context(), now, filter{}, view, wordsOf("en"), "agree", true)
	if err != nil {
		w.t.Fatal(err)
	}
	var board, bulletin []string
	for _, row := range p.Late {
		board = append(board, fmt.Sprint(row.Plan, row.Obligation, row.Unit, " ", row.N, " ", row.Period, row.Since, row.Days))
	}
	for _, row := range b.Overdue {
		bulletin = append(bulletin, fmt.Sprint(row.Plan, row.Obligation, row.Unit, " ", row.Periods, " ", row.Period, row.Since, row.Days))
	}
	slices.Sort(board)
	slices.Sort(bulletin)
	if !slices.Equal(board, bulletin) || p.Tracked.N != b.Tracked {
		w.t.Fatalf("red on the board: %q and %d tracked\nin the bulletin: %q and %d", board, p.Tracked.N, bulletin, b.Tracked)
	}
}
