package calendar

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"duban/rules/problem"
)

func date(t testing.TB, s string) Date {
	t.Helper()
	d, err := ParseDate(s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestAddCountsWorkingDaysAfterTheAnchor(t *testing.T) {
	for _, tc := range []struct {
		rule, from string
		n          int
		want       string
	}{
		{"thirty working days from the plan's issue", "2017-06-09", 30, "2017-07-21"},
		{"over a make-up Saturday and the October holiday", "2017-09-20", 10, "2017-10-10"},
		{"over the spring festival that was prolonged in 2020", "2020-01-20", 10, "2020-02-11"},
		{"over new year into a year nobody has announced", "2026-12-28", 10, "2027-01-11"},
		{"zero on a working day is that day", "2017-07-14", 0, "2017-07-14"},
		{"zero on a Saturday is the next working day", "2017-07-15", 0, "2017-07-17"},
		{"zero on a make-up Saturday is that day", "2017-09-30", 0, "2017-09-30"},
		{"zero on the first of a long holiday is the day after it", "2017-10-01", 0, "2017-10-09"},
		{"the anchor is not counted", "2017-07-14", 1, "2017-07-17"},
		{"one before skips the weekend", "2017-07-17", -1, "2017-07-14"},
		{"before a holiday over its make-up day", "2017-10-09", -1, "2017-09-30"},
		{"from a day off back", "2017-10-08", -1, "2017-09-30"},
		{"before every known year, by weekends", "2005-12-30", 5, "2006-01-06"},
		{"after every known year, by weekends", "2030-01-01", 5, "2030-01-08"},
	} {
		t.Run(tc.rule, func(t *testing.T) {
			if got := China().Add(date(t, tc.from), tc.n); got != date(t, tc.want) {
				t.Errorf("%s + %d working days = %s, want %s", tc.from, tc.n, got, tc.want)
			}
		})
	}
}

func TestShippedYearsAreKnownAndOthersAreNot(t *testing.T) {
	c := China()
	for y := 2007; y <= 2026; y++ {
		if !c.Knows(DateOf(y, 1, 1), DateOf(y, 12, 31)) {
			t.Errorf("%d is not known", y)
		}
		if got, _ := c.Year(y); len(got.Source) == 0 {
			t.Errorf("%d has no source", y)
		}
	}
	for _, y := range []int{2006, 2027} {
		if c.Knows(DateOf(y, 6, 1), DateOf(y, 6, 1)) {
			t.Errorf("%d is known", y)
		}
	}
	if c.Knows(DateOf(2026, 12, 31), DateOf(2027, 1, 1)) || c.Knows(DateOf(2027, 1, 1), DateOf(2026, 12, 31)) {
		t.Error("a span into 2027 is known")
	}
	if n := len(c.days); n != 678 {
		t.Errorf("the shipped years name %d days, want the published 678", n)
	}
}

func TestAGapBetweenKnownYearsIsNotKnown(t *testing.T) {
	c := China().With(Year{Year: 2029, Days: []Day{{DateOf(2029, 1, 1), "元旦", true}}})
	if c.Knows(DateOf(2026, 1, 1), DateOf(2029, 1, 1)) || c.Knows(DateOf(2027, 1, 1), DateOf(2028, 1, 1)) {
		t.Error("the gap is known")
	}
	if !c.Knows(DateOf(2029, 1, 1), DateOf(2029, 12, 31)) {
		t.Error("2029 is not known")
	}
}

func TestAReplacedYearLosesItsOldDays(t *testing.T) {
	c := China().With(Year{Year: 2017, Days: []Day{{DateOf(2017, 10, 2), "test", true}}})
	if !c.IsWorkingDay(DateOf(2017, 10, 3)) || c.IsWorkingDay(DateOf(2017, 10, 2)) || c.IsWorkingDay(DateOf(2017, 9, 30)) {
		t.Error("2017 was not replaced as a whole")
	}
	if c.IsWorkingDay(DateOf(2018, 2, 15)) {
		t.Error("2018 changed too")
	}
}

// walk is the definition, day by day.
func walk(c *Calendar, d Date, n int) Date {
	works := func(d Date) bool {
		if x, ok := c.Exception(d); ok {
			return !x.Off
		}
		return d.Weekday() != time.Saturday && d.Weekday() != time.Sunday
	}
	step := Date(1)
	if n < 0 {
		step = -1
	}
	if n == 0 {
		for !works(d) {
			d++
		}
		return d
	}
	for n != 0 {
		if d += step; works(d) {
			n -= int(step)
		}
	}
	return d
}

func TestConstantTimeCountsAgreeWithADayByDayWalk(t *testing.T) {
	c := China()
	from, to := int32(DateOf(2007, 1, 1)), int32(DateOf(2027, 12, 31))
	rapid.Check(t, func(t *rapid.T) {
		d := Date(rapid.Int32Range(from, to).Draw(t, "day"))
		n := rapid.IntRange(-700, 700).Draw(t, "n")
		got, want := c.Add(d, n), walk(c, d, n)
		if got != want {
			t.Fatalf("%s + %d = %s, walking gives %s", d, n, got, want)
		}
		if n > 0 && c.Count(d, got) != n {
			t.Fatalf("Count(%s, %s) = %d, want %d", d, got, c.Count(d, got), n)
		}
		if before := c.OnOrBefore(d); before > d || !c.IsWorkingDay(before) || c.Count(before, d) != 0 {
			t.Fatalf("OnOrBefore(%s) = %s", d, before)
		}
	})
}

func TestEveryDayFrom2006To2028AgreesWithTheDefinition(t *testing.T) {
	c := China()
	for d := DateOf(2006, 1, 1); d < DateOf(2029, 1, 1); d++ {
		if c.IsWorkingDay(d) != (walk(c, d, 0) == d) {
			t.Fatalf("%s: working day %v", d, c.IsWorkingDay(d))
		}
		if got, want := c.Add(d, 1), walk(c, d, 1); got != want {
			t.Fatalf("%s + 1 = %s, want %s", d, got, want)
		}
	}
}

func TestAddMonthsEndsOnTheCorrespondingOrLastDay(t *testing.T) {
	for _, tc := range []struct {
		from string
		n    int
		want string
	}{
		{"2017-01-31", 1, "2017-02-28"},
		{"2016-01-31", 1, "2016-02-29"},
		{"2017-06-09", 1, "2017-07-09"},
		{"2017-03-31", -1, "2017-02-28"},
		{"2016-02-29", 12, "2017-02-28"},
		{"2017-12-31", 2, "2018-02-28"},
		{"2017-11-30", 14, "2019-01-30"},
	} {
		if got := date(t, tc.from).AddMonths(tc.n); got != date(t, tc.want) {
			t.Errorf("%s + %d months = %s, want %s", tc.from, tc.n, got, tc.want)
		}
	}
}

func TestReadTakesThePublicJSONAndOurTOML(t *testing.T) {
	json := `{"year":2027,"papers":["https://example/notice"],"days":[
	  {"name":"元旦","date":"2027-01-01","isOffDay":true},
	  {"name":"元旦","date":"2027-01-03","isOffDay":false}]}`
	var ps problem.List
	y, ok := Read("2027.json", []byte(json), &ps)
	if !ok {
		t.Fatal(ps.Err())
	}
	again, ok := Read("2027.toml", y.TOML(), &ps)
	if !ok {
		t.Fatal(ps.Err())
	}
	for _, y := range []Year{y, again} {
		c := China().With(y)
		if c.IsWorkingDay(DateOf(2027, 1, 1)) || !c.IsWorkingDay(DateOf(2027, 1, 3)) || !c.Knows(DateOf(2027, 1, 1), DateOf(2027, 12, 31)) {
			t.Errorf("%+v was not taken over", y)
		}
	}
	if China().Signature() == China().With(y).Signature() {
		t.Error("the signature did not change with the calendar")
	}
}

func TestReadRefusesWhatIsNoPublishedYear(t *testing.T) {
	for name, in := range map[string]string{
		"no JSON":          `{"year":2027,"days":[}`,
		"no year":          `{"days":[{"name":"x","date":"2027-01-01","isOffDay":true}]}`,
		"no days":          `{"year":2027,"days":[]}`,
		"bad date":         `{"year":2027,"days":[{"name":"x","date":"2027-02-30","isOffDay":true}]}`,
		"no isOffDay":      `{"year":2027,"days":[{"name":"x","date":"2027-01-01"}]}`,
		"another year":     `{"year":2027,"days":[{"name":"x","date":"2037-01-01","isOffDay":true}]}`,
		"twice":            "year = 2027\n[[holiday]]\nname=\"x\"\noff=[2027-01-01, 2027-01-01]\n",
		"unknown TOML key": "year = 2027\n[[holiday]]\nname=\"x\"\noff=[2027-01-01]\nfrei=[2027-01-02]\n",
	} {
		var ps problem.List
		if _, ok := Read("y", []byte(in), &ps); ok || ps.Err() == nil {
			t.Errorf("%s: was accepted", name)
		}
	}
}

func BenchmarkAddWorkingDays(b *testing.B) {
	c := China()
	d := DateOf(2017, 6, 9)
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		if c.Add(d+Date(i&1023), i&511) == 0 {
			b.Fatal("no date")
		}
	}
}

func TestTheFirstDayThereIsIsADate(t *testing.T) {
	first := date(t, "1970-01-01")
	if first.IsZero() || first != First || first.String() != "1970-01-01" || first.Epoch() != 0 || first.Weekday() != time.Thursday {
		t.Errorf("%d %s", first, first)
	}
	if last := date(t, "2199-12-31"); last != Last {
		t.Errorf("the last day is %d", last)
	}
	for _, s := range []string{"1969-12-31", "2200-01-01", "0001-01-01", "12025-11-20", "-0001-01-01"} {
		if d, err := ParseDate(s); err == nil {
			t.Errorf("%s was read as %s", s, d)
		}
	}
	var none Date
	if b, err := none.MarshalText(); err != nil || len(b) != 0 || none.UnmarshalText(b) != nil || !none.IsZero() {
		t.Errorf("no date is written %q", b)
	}
}
