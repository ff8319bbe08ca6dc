package figures_test

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"slices"
	"testing"

	"github.com/xuri/excelize/v2"
	"pgregory.net/rapid"

	"duban/internal/world"
	"duban/scheduler/desk"
	"duban/scheduler/figures"
)

// June is due on 2017-07-21 at the end of the day's business, 17:30.
func TestWhatBecameOfEachIsCountedOnce(t *testing.T) {
	for _, c := range []struct {
		what string
		do   func(w *world.World)
		now  string
		want figures.Figure
	}{
		{"not yet due", nil, "2017-07-21 17:29", figures.Figure{Due: 1, Open: 1}},
		{"on its day, after business", nil, "2017-07-21 17:31", figures.Figure{Due: 1, Overdue: 1}},
		{"reported on its day", func(w *world.World) { w.Done("m/a/2017-06", "2017-07-21") }, "2017-08-10 09:00", figures.Figure{Due: 1, OnTime: 1}},
		{"reported the day after", func(w *world.World) { w.Done("m/a/2017-06", "2017-07-24") }, "2017-08-10 09:00", figures.Figure{Due: 1, Late: 1}},
		{"waived, and late at that", act(desk.Waive, desk.Act{Reason: "r"}), "2017-08-10 09:00", figures.Figure{Due: 1, Waived: 1}},
	} {
		w := world.New(t, world.Rules(t, world.Ob("m", `["a"]`, world.Monthly)), "2017-06-09 09:00")
		w.TickNow()
		w.Tick("2017-07-03 09:00")
		if c.do != nil {
			w.At("2017-08-10 09:00")
			c.do(w)
		}
		w.At(c.now)
		found, err := figures.Of(t.Context(), w.Ledger, w.View(), world.Date(t, "2017-07-01"), world.Date(t, "2017-07-31"))
		if err != nil || len(found) != 1 {
			t.Fatalf("%s: %v %v", c.what, found, err)
		}
		got := found[0]
		if got.Unit != "a" || got.UnitName != "甲局" || got.Obligation != "m" || got.Title != "事项m" {
			t.Errorf("%s: of whom and what: %+v", c.what, got)
		}
		counts := func(f figures.Figure) []int { return []int{f.Due, f.OnTime, f.Late, f.Overdue, f.Open, f.Waived} }
		if !slices.Equal(counts(got), counts(c.want)) {
			t.Errorf("%s: %v, want %v", c.what, counts(got), counts(c.want))
		}
		judged := c.want.OnTime + c.want.Late + c.want.Overdue
		if (got.Rate == nil) != (judged == 0) || got.Rate != nil && *got.Rate != float64(c.want.OnTime) {
			t.Errorf("%s: the rate is %v", c.what, got.Rate)
		}
	}
}

func act(verb desk.Verb, in desk.Act) func(*world.World) {
	return func(w *world.World) {
		w.T.Helper()
		in.By = "test"
		if _, err := w.Desk.Do(w.T.Context(), verb, "m/a/2017-06", in); err != nil {
			w.T.Fatal(err)
		}
	}
}

func TestAClockThatStandsStillIsNotOverdue(t *testing.T) {
	w := world.New(t, world.Rules(t, world.Ob("m", `["a"]`, world.Asked)), "2017-06-09 09:00")
	w.TickNow()
	w.Tick("2017-07-04 09:00")
	w.Event("asked", "a", "2017-07-03", "2017-06")
	act(desk.Pause, desk.Act{})(w)
	w.At("2017-08-10 09:00")
	found, err := figures.Of(t.Context(), w.Ledger, w.View(), 0, 0)
	if err != nil || len(found) != 1 || found[0].Open != 1 || found[0].Overdue != 0 || found[0].Rate != nil {
		t.Errorf("%+v %v", found, err)
	}
}

func TestWhatIsCancelledOrDueAtAnotherTimeIsNotCounted(t *testing.T) {
	rule := world.Ob("m", `["a", "b"]`, world.Monthly)
	w := world.New(t, world.Rules(t, rule), "2017-06-09 09:00")
	w.TickNow()
	w.Tick("2017-07-03 09:00")
	w.Set(world.Rules(t, world.Ob("m", `["b"]`, world.Monthly))) // a's is cancelled
	of := func(from, to string) (units []string) {
		found, err := figures.Of(t.Context(), w.Ledger, w.View(), world.Date(t, from), world.Date(t, to))
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range found {
			units = append(units, f.Unit)
		}
		return units
	}
	if got := of("2017-07-21", "2017-07-21"); !slices.Equal(got, []string{"b"}) {
		t.Errorf("due on the 21st: %v", got)
	}
	if got := append(of("2017-07-01", "2017-07-20"), of("2017-07-22", "2017-07-31")...); len(got) != 0 {
		t.Errorf("due on other days: %v", got)
	}
}

// What a unit did is the sum of what it did with each obligation.
func TestUnitsAreSummedUp(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		count := rapid.IntRange(0, 5)
		var all []figures.Figure
		for _, unit := range []string{"a", "b", "c"} {
			for o := range count.Draw(rt, "obligations") {
				f := figures.Figure{Unit: unit, Obligation: fmt.Sprint(o), OnTime: count.Draw(rt, "on time"), Late: count.Draw(rt, "late"), Overdue: count.Draw(rt, "overdue"), Open: count.Draw(rt, "open"), Waived: count.Draw(rt, "waived")}
				f.Due = f.OnTime + f.Late + f.Overdue + f.Open + f.Waived
				all = append(all, f)
			}
		}
		units := figures.ByUnit(all)
		for _, u := range units {
			var sum [6]int
			for _, f := range all {
				if f.Unit == u.Unit {
					for i, n := range []int{f.Due, f.OnTime, f.Late, f.Overdue, f.Open, f.Waived} {
						sum[i] += n
					}
				}
			}
			if got := [6]int{u.Due, u.OnTime, u.Late, u.Overdue, u.Open, u.Waived}; got != sum {
				rt.Fatalf("%s: %v, want %v", u.Unit, got, sum)
			}
			switch judged := sum[1] + sum[2] + sum[3]; {
			case judged == 0 && u.Rate != nil:
				rt.Fatalf("%s: a rate of nothing: %v", u.Unit, *u.Rate)
			case judged > 0 && (u.Rate == nil || *u.Rate*float64(judged)-float64(sum[1]) > 1e-9 || *u.Rate*float64(judged)-float64(sum[1]) < -1e-9):
				rt.Fatalf("%s: %d of %d on time, rate %v", u.Unit, sum[1], judged, u.Rate)
			}
		}
		names := map[string]bool{}
		for _, f := range all {
			names[f.Unit] = true
		}
		if len(units) != len(names) {
			rt.Fatalf("%d units of %d", len(units), len(names))
		}
	})
}

// A spreadsheet takes nothing that a plan says for a formula.
func TestFilesHoldWhatIsSaid(t *testing.T) {
	rate := 0.25
	all := []figures.Figure{
		{Unit: "a", UnitName: "=1+1", Obligation: "-x", Title: "+甲,\"乙\"", Due: 4, OnTime: 1, Late: 1, Overdue: 2, Rate: &rate},
		{Unit: "b", UnitName: "@b", Obligation: "o", Title: "丙", Due: 1, Open: 1},
	}
	var b bytes.Buffer
	if err := figures.WriteCSV(&b, all); err != nil {
		t.Fatal(err)
	}
	got, err := csv.NewReader(&b).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	want := [][]string{
		figures.FigureHead,
		{"a", "'=1+1", "'-x", "'+甲,\"乙\"", "4", "1", "1", "2", "0", "0", "25.0%"},
		{"b", "'@b", "o", "丙", "1", "0", "0", "0", "1", "0", ""},
	}
	if !slices.EqualFunc(got, want, slices.Equal) {
		t.Errorf("CSV: %q", got)
	}
	b.Reset()
	if err := figures.WriteXLSX(&b, all); err != nil {
		t.Fatal(err)
	}
	book, err := excelize.OpenReader(&b)
	if err != nil {
		t.Fatal(err)
	}
	defer book.Close()
	rows, err := book.GetRows("Sheet1")
	if err != nil || len(rows) != 3 || !slices.Equal(rows[0], figures.FigureHead) {
		t.Fatalf("Excel: %q %v", rows, err)
	}
	for cell, want := range map[string]string{"B2": "=1+1", "E2": "4", "K2": "0.25", "D3": "丙", "K3": ""} {
		if got, err := book.GetCellValue("Sheet1", cell); err != nil || got != want {
			t.Errorf("Excel %s: %q %v, want %q", cell, got, err, want)
		}
		if f, err := book.GetCellFormula("Sheet1", cell); err != nil || f != "" {
			t.Errorf("Excel %s is a formula: %q", cell, f)
		}
	}
}
