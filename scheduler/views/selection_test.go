package views_test

import (
	"cmp"
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"duban/internal/world"
	"duban/rules/calendar"
	"duban/scheduler/views"
)

// However long the time that is asked for is, and however few are, they are the first of
// all of it: what is gone through in parts is gone through once, whole.
func TestTheFirstOfWhatIsPlannedAreTheFirstOfAll(t *testing.T) {
	w := world.New(t, world.Rules(t, world.Ob("m", `["a","b"]`, world.Monthly)+world.Ob("d", `["b"]`, "cron=\"0 0 * * 1-5\"\npolicy=\"plain\"")+world.Ob("y", `["c","a"]`, "every=\"year\"\nwithin=\"6 months\"\npolicy=\"standard\"")), "2017-06-09 09:00")
	v := w.View()
	line := func(p views.Planned) string { return fmt.Sprint(p.Due, " ", p.Plan, ":", p.ID) }
	rapid.Check(t, func(rt *rapid.T) {
		s := views.Selection{From: world.Date(t, "2017-06-09") + calendar.Date(rapid.IntRange(0, 400).Draw(rt, "from"))}
		s.To = s.From + calendar.Date(rapid.IntRange(0, 700).Draw(rt, "days"))
		s.Unit = rapid.SampledFrom([]string{"", "a", "c"}).Draw(rt, "unit")
		s.Obligation = rapid.SampledFrom([]string{"", "m", "p:y"}).Draw(rt, "obligation")
		after, n := rapid.SampledFrom([]string{"", "2017-09-01", "2018-02-01 p:m"}).Draw(rt, "after"), rapid.IntRange(1, 40).Draw(rt, "many")
		out := func(p views.Planned) bool { return line(p) <= after }
		want := slices.DeleteFunc(s.Planned(v.Rules, v.Settings.Weekends), out)
		slices.SortStableFunc(want, func(a, b views.Planned) int { return cmp.Compare(line(a), line(b)) })
		want = want[:min(n, len(want))]
		got := s.First(v, n, out)
		if fmt.Sprint(got) != fmt.Sprint(want) {
			rt.Fatalf("of %+v the first %d after %q are\n%v\nand not\n%v", s, n, after, want, got)
		}
	})
}
