package figures_test

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"duban/internal/world"
	"duban/ledger"
	"duban/rules/sheet"
	"duban/scheduler/desk"
	"duban/scheduler/engine"
	"duban/scheduler/figures"
)

// A bulletin's figures are those of report, to the last digit, and its change is the
// difference of what is printed.
func TestABulletinSaysWhatReportSays(t *testing.T) {
	for seed := range uint64(6) {
		draw := rand.New(rand.NewPCG(seed, 0))
		w := world.New(t, world.Rules(t, world.Ob("m", `["a", "b", "c"]`, world.Monthly)+world.Ob("n", `["a", "c"]`, "every=\"week\"\nwithin=\"3 days\"\npolicy=\"tracked\"")), "2017-06-09 09:00")
		w.TickNow()
		for _, at := range []string{"2017-07-03 09:00", "2017-08-01 09:00", "2017-09-01 09:00", "2017-10-09 09:00", "2017-11-01 09:00"} {
			w.Tick(at)
			open, err := ledger.AllOccurrences(t.Context(), w.Ledger, ledger.Query{States: []ledger.State{ledger.StateOpen}})
			if err != nil {
				t.Fatal(err)
			}
			for _, o := range open {
				if verb := []desk.Verb{desk.Done, desk.Done, desk.Waive, desk.Extend, ""}[draw.IntN(5)]; verb != "" {
					_, _ = w.Desk.Do(t.Context(), verb, o.FullKey(), desk.Act{By: "t", Reason: "r", Evidence: "https://x.example/", To: o.Due + 40}) // what is refused changes nothing
				}
			}
		}
		for _, m := range []engine.Months{{From: "2017-06", To: "2017-07"}, {From: "2017-07", To: "2017-07"}, {From: "2017-07", To: "2017-10"}, {From: "2017-08", To: "2017-08"}} {
			agrees(t, w, m)
		}
	}
}

// agrees holds a bulletin to report.
func agrees(t *testing.T, w *world.World, m engine.Months) {
	_, last := m.Days()
	first := world.Date(t, m.From+"-01")
	b, err := figures.NewBulletin(t.Context(), w.Ledger, w.View(), m)
	if err != nil {
		t.Fatal(err)
	}
	of, err := figures.Of(t.Context(), w.Ledger, w.View(), first, last)
	if err != nil {
		t.Fatal(err)
	}
	want := figures.ByUnit(of)
	if len(want) != len(b.Units) {
		t.Fatalf("%d units, report has %d", len(b.Units), len(want))
	}
	sum := 0
	for _, u := range want {
		i := slices.IndexFunc(b.Units, func(s figures.Standing) bool { return s.Unit == u.Unit })
		got := b.Units[i]
		if g, r := got.Cells(), u.Cells(); !slices.Equal(g, r) {
			t.Fatalf("the bulletin says %v, report %v", g, r)
		}
		sum += u.Due
		for _, other := range b.Units {
			if better := other.Rate != nil && got.Rate != nil && *other.Rate > *got.Rate; better && other.Rank >= got.Rank {
				t.Fatalf("%s is better than %s, and ranks %d, not before %d", other.Unit, got.Unit, other.Rank, got.Rank)
			}
		}
		if tenths, ok := got.Change(); ok {
			now, was := figures.Percent(got.Rate), figures.Percent(got.Before)
			if printed := tenthsIn(now) - tenthsIn(was); printed != tenths {
				t.Fatalf("from %s to %s: %d tenths", was, now, tenths)
			}
		}
	}
	if b.Total.Due != sum {
		t.Fatalf("%d in all, report has %d", b.Total.Due, sum)
	}
	months := 0
	for _, s := range b.ByMonth {
		if m.Has(s.Month) {
			months += s.Due
		}
	}
	if months != sum {
		t.Fatalf("the months come to %d, not %d", months, sum)
	}
	for _, language := range []string{"zh-CN", "en"} {
		said := b.In(w.View(), language)
		for _, p := range said.Parts {
			if p.Table != nil && p.Bars > 0 && p.Table.Rows[0][p.Bars-1] != "" {
				if _, ok := p.Table.Rows[0][p.Bars-1].(sheet.Percent); !ok {
					t.Fatalf("%s: the bar is drawn of %T", p.Heading, p.Table.Rows[0][p.Bars-1])
				}
			}
		}
		one, err1 := said.Workbook()
		two, err2 := said.Workbook()
		if err1 != nil || err2 != nil || !slices.Equal(one, two) {
			t.Fatalf("a workbook made twice differs: %v %v", err1, err2)
		}
	}
}

// tenthsIn is 869 of "86.9%".
func tenthsIn(s string) (n int) {
	for _, c := range s {
		if c >= '0' && c <= '9' {
			n = 10*n + int(c-'0')
		}
	}
	return n
}

// What is overdue is said once an item and unit, with how many periods and since
// when; what nobody is reminded of is only counted.
func TestABulletinNamesWhatIsOverdueOnce(t *testing.T) {
	w := world.New(t, world.Rules(t, world.Ob("m", `["a", "b"]`, world.Monthly)+world.Ob("n", `["a"]`, "every=\"week\"\nwithin=\"3 days\"\npolicy=\"tracked\"")), "2017-06-09 09:00")
	w.TickNow()
	for _, at := range []string{"2017-07-03 09:00", "2017-08-01 09:00", "2017-09-01 09:00"} {
		w.Tick(at)
	}
	w.Done("m/b/2017-06", "2017-07-21")
	w.Done("m/b/2017-07", "2017-08-21")
	b, err := figures.NewBulletin(t.Context(), w.Ledger, w.View(), engine.Months{From: "2017-07", To: "2017-08"})
	if err != nil {
		t.Fatal(err)
	}
	if len(b.Overdue) != 1 || b.Overdue[0].Unit != "a" || b.Overdue[0].Obligation != "m" || b.Overdue[0].Periods != 2 || b.Overdue[0].Since.String() != "2017-07-21" || b.Overdue[0].Days != 30 {
		t.Errorf("overdue: %+v", b.Overdue)
	}
	if b.Tracked != 12 {
		t.Errorf("%d of what is only tracked", b.Tracked)
	}
	if b.Perfect != 1 || b.Units[0].Unit != "b" || b.Units[0].Rank != 1 {
		t.Errorf("first is %+v; %d are perfect", b.Units[0], b.Perfect)
	}
}

// What there is none of is said in words, what there is in a table.
func TestABulletinSaysInWordsWhatThereIsNoneOf(t *testing.T) {
	w := world.New(t, world.Rules(t, world.Ob("m", `["a", "b"]`, world.Monthly)), "2017-06-09 09:00")
	w.TickNow()
	w.Tick("2017-07-03 09:00")
	says := func(none string, rows ...int) {
		t.Helper()
		b, err := figures.NewBulletin(t.Context(), w.Ledger, w.View(), engine.Months{From: "2017-07", To: "2017-07"})
		if err != nil {
			t.Fatal(err)
		}
		var words []string
		parts := b.In(w.View(), "en").Parts
		for i, part := range parts[1:] {
			for _, said := range part.Text {
				if strings.HasPrefix(said, "Nothing") {
					words = append(words, said)
				}
			}
			if n := 0; part.Table != nil {
				n = len(part.Table.Rows)
				if n != rows[i] {
					t.Errorf("%s: %d rows, want %d", part.Heading, n, rows[i])
				}
			} else if rows[i] != 0 {
				t.Errorf("%s: no table", part.Heading)
			}
		}
		if got := strings.Join(words, " "); got != none {
			t.Errorf("it says %q, want %q", got, none)
		}
	}
	says("Nothing is overdue. Nothing was extended or transferred.", 6, 0, 2, 0)
	if _, err := w.Desk.Do(t.Context(), desk.Extend, "m/a/2017-06", desk.Act{To: world.Date(t, "2017-07-28"), Reason: "r", By: "li"}); err != nil {
		t.Fatal(err)
	}
	w.Tick("2017-07-24 09:00") // b's is overdue
	says("", 6, 1, 2, 1)
}
