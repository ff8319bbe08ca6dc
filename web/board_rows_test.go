package web

import (
	"fmt"
	"html/template"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/diff"

	"duban/ledger"
	"duban/rules"
	"duban/rules/calendar"
)

// standsFor is a province as the ledger never had it: so many units, each with one item
// that is late.
func standsFor(w *world, n int) (*rules.Set, *picture) {
	set := *w.standing.view().Rules
	set.Units = nil
	now := &picture{units: map[string]*owing{}}
	due := calendar.DayOf(w.now()) - 10
	for i := range n {
		id := fmt.Sprintf("gone%04d", i)
		now.units[id] = &owing{rows: []goingOn{goingOnOf(&ledger.Brief{ID: int64(i), Plan: "p", Obligation: "1.1-budget", Unit: id, Period: "2026-01", Due: due, State: ledger.StateOpen})}}
	}
	return &set, now
}

// The months of many units come in pages, each unit once; totals are of all.
func TestTheMonthsOfManyUnitsComeInPages(t *testing.T) {
	w := newWorld(t)
	for _, n := range []int{0, 1, mostMonths, mostMonths + 1, 2*mostMonths + 7} {
		set, now := standsFor(w, n)
		view := w.standing.view()
		view.Rules = set
		m := newBoardMaker(filter{}, set, wordsOf("en"), mostLate)
		seen, after := map[string]bool{}, ""
		for {
			p, err := m.board(now, now.units, nil, view, after)
			if err != nil {
				t.Fatal(err)
			}
			if p.Totals[0].N != n || p.LateItems != n || len(p.Late) != min(n, mostLate) || len(p.Rows) > mostMonths || (p.FirstRows == "") != (after == "") {
				t.Fatalf("of %d after %q: %d late, %d items, %d listed, %d rows", n, after, p.Totals[0].N, p.LateItems, len(p.Late), len(p.Rows))
			}
			for _, r := range p.Rows {
				if seen[r.Unit] {
					t.Errorf("%s comes twice", r.Unit)
				}
				seen[r.Unit], after = true, r.Unit
			}
			if p.MoreRows == "" {
				break
			}
			if !strings.Contains(p.MoreRows, "rows="+after) {
				t.Fatalf("%s does not go on after %s", p.MoreRows, after)
			}
		}
		if len(seen) != n {
			t.Errorf("%d of %d units", len(seen), n)
		}
	}
}

// A part that is kept is the one that would be made now: boards that are made again and
// again show what one shows that is made anew, whatever changed and however late it got.
func TestABoardOfKeptPartsIsAsIfMadeAnew(t *testing.T) {
	w := newWorld(t)
	_, now := standsFor(w, 40)
	view := w.standing.view()
	words := wordsOf("en")
	maker := func() *boardMaker { // as the page has it: what is kept is kept as it was drawn
		m := newBoardMaker(filter{}, view.Rules, words, mostLate)
		m.draw = func(part string, data any) (template.HTML, error) {
			return w.standing.frame.part("en", "board", part, data)
		}
		return m
	}
	kept := maker()
	for i := range 150 {
		view.Now = view.Now.Add(7 * time.Hour)
		id := fmt.Sprintf("gone%04d", i*17%50)
		if i%3 == 0 { // one that has a tile
			id = view.Rules.Units[i/3%len(view.Rules.Units)].ID
		}
		next := &picture{units: map[string]*owing{}}
		for k, u := range now.units {
			next.units[k] = u
		}
		b := ledger.Brief{ID: int64(i), Plan: "p", Obligation: "1.2-answer", Unit: id, Period: fmt.Sprint("k", i), Due: calendar.DayOf(view.Now) + calendar.Date(i%9-4), State: ledger.StateOpen}
		if i%5 == 0 {
			b.State, b.ReportedAt = ledger.StateReported, view.Now
		}
		if i%11 == 5 { // the longest is measured by: all other tiles have less of it
			b.Due -= calendar.Date(10 * i)
		}
		u := &owing{}
		if old := next.units[id]; old != nil {
			u.rows, u.ended = append(u.rows, old.rows...), append(u.ended, old.ended...)
		}
		if i%4 == 1 {
			u.ended = append(u.ended, ledger.Ended{Plan: "p", Unit: id, Due: b.Due.FirstOfMonth(), State: ledger.StateClosed, Late: i%8 == 1, N: 1 + i%3})
		}
		if u.rows = append(u.rows, goingOnOf(&b)); i%7 == 3 {
			u.rows = u.rows[1:]
		}
		next.units[id] = u
		now = next
		got, err := kept.board(now, now.units, nil, view, "")
		if err != nil {
			t.Fatal(err)
		}
		want, err := maker().board(now, now.units, nil, view, "")
		if err != nil {
			t.Fatal(err)
		}
		if d := diff.Diff("kept", linesOf(got), "anew", linesOf(want)); d != nil {
			t.Fatalf("step %d\n%s", i, d)
		}
	}
}

// linesOf is what a page has, one a line.
func linesOf(p boardPage) []byte {
	return []byte(strings.ReplaceAll(fmt.Sprintf("%+v\n", p), "} {", "}\n{"))
}
