package web

import (
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"duban/ledger"
	"duban/rules/calendar"
)

// A list goes on where the page before ended, whatever ended meanwhile: nothing that goes
// on is shown twice or passed over.
func TestAListGoesOnWhereThePageBeforeEnded(t *testing.T) {
	w := newWorld(t)
	s := w.standing
	rapid.Check(t, func(rt *rapid.T) {
		now := &picture{units: map[string]*owing{}}
		n := rapid.SampledFrom([]int{0, 1, listRows, listRows + 1, 12 * listRows}).Draw(rt, "many")
		for i := range n {
			id := fmt.Sprint("u", i%7)
			if now.units[id] == nil {
				now.units[id] = &owing{}
			}
			due := calendar.DateOf(2026, 1, 1) + calendar.Date(i*7919%400)
			now.units[id].rows = append(now.units[id].rows, goingOnOf(&ledger.Brief{ID: int64(i), Plan: "p", Obligation: fmt.Sprint("o", i%5), Unit: id, Period: fmt.Sprint("k", i), Due: due, State: ledger.StateOpen}))
		}
		listed, gone := map[string]int{}, map[string]bool{}
		var after *listMark
		for {
			rows, total := s.listOngoing(now, filter{}, &listPage{}, after, s.view())
			if total != n-len(gone) {
				rt.Fatalf("%d in all, not %d", total, n-len(gone))
			}
			for _, b := range rows[:min(len(rows), listRows)] {
				listed[b.FullKey()]++
			}
			if len(rows) <= listRows {
				break
			}
			last := listMark{lightIndex(s.view().Light(new(rows[listRows-1].Occurrence()))), *rows[listRows-1]}
			var err error
			if after, err = listMarkOf(last.String()); err != nil || after.compare(last) != 0 {
				rt.Fatal(after, err)
			}
			for id, u := range now.units { // some end, of those that were listed and of those that were not
				u.rows = slices.DeleteFunc(slices.Clone(u.rows), func(g goingOn) bool {
					ends := g.id%13 == int64(len(listed)/listRows)
					if ends {
						gone[new(g.brief(id)).FullKey()] = true
					}
					return ends
				})
			}
		}
		for i := range n {
			key := fmt.Sprintf("p:o%d/u%d/k%d", i%5, i%7, i)
			if n := listed[key]; n > 1 || n == 0 && !gone[key] {
				rt.Errorf("%s was listed %d times", key, n)
			}
		}
	})
}

func TestWhatIsNoPlaceInAListIsSaid(t *testing.T) {
	for _, text := range []string{"red", "200", "red 2026-01-01", "red 2026-13-01 p:a/b/c", "blue 2026-01-01 p:a/b/c", "red 2026-01-01 p:a/b", "red 2026-01-01 a/b/c"} {
		if m, err := listMarkOf(text); err == nil {
			t.Errorf("%s is taken for %v", text, m)
		}
	}
}
