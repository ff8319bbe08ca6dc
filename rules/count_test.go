package rules

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"duban/rules/calendar"
	"duban/rules/problem"
)

// closed is the shipped calendar with everything shut for the two months.
func closed(year int, from, to time.Month) *calendar.Calendar {
	y := calendar.Year{Year: year}
	for d := calendar.DateOf(year, from, 1); d < calendar.DateOf(year, to+1, 1); d++ {
		y.Days = append(y.Days, calendar.Day{Date: d, Name: "closure", Off: true})
	}
	return calendar.China().With(y)
}

// walked is the definition of a count, a day at a time: it shares nothing with
// the code but the days off and the end of a month.
type walked struct {
	due, named  calendar.Date
	provisional bool
}

func walkCount(c *calendar.Calendar, w Within, roll Roll, anchor calendar.Date, pauses []Pause) walked {
	works := c.IsWorkingDay
	stopped := func(d calendar.Date) bool {
		for _, p := range pauses {
			if p.From < d && d <= p.To {
				return true
			}
		}
		return false
	}
	step, n := calendar.Date(1), w.N
	if n < 0 {
		step, n = -1, -n
	}
	landed := anchor
	if w.Unit == Months || w.Unit == Years {
		months := w.N
		if w.Unit == Years {
			months *= 12
		}
		n = int((anchor.AddMonths(months) - anchor) * step)
	}
	if w.Unit == WorkingDays && n == 0 {
		for !works(landed) || stopped(landed) && landed > anchor {
			landed++
		}
	}
	for n > 0 {
		landed += step
		if !stopped(landed) && (w.Unit != WorkingDays || works(landed)) {
			n--
		}
	}
	out := walked{due: landed}
	if w.Unit != WorkingDays && roll != NoRoll {
		for !works(out.due) {
			if roll == Backward {
				out.due--
			} else {
				out.due++
			}
		}
	}
	if out.due < landed {
		out.named = landed
	}
	if w.Unit != WorkingDays && roll == NoRoll {
		return out
	}
	from, to := min(anchor, landed, out.due), max(anchor, landed, out.due)
	switch {
	case w.Unit == WorkingDays && w.N > 0:
		from = anchor + 1
	case w.Unit == WorkingDays && w.N < 0:
		to = anchor - 1
	case w.N == 0:
		from = min(landed, out.due)
	}
	for d := from; d <= to; d++ {
		_, known := c.Year(d.Year())
		_, next := c.Year(d.Year() + 1)
		if !known || d.Month() == time.December && d.Day() >= 28 && !next {
			out.provisional = true
		}
	}
	return out
}

var (
	countUnits = []CountUnit{WorkingDays, Days, Months, Years}
	rolls      = []Roll{Forward, Backward, NoRoll}
)

func drawWithin(t *rapid.T) Within {
	w := Within{Unit: rapid.SampledFrom(countUnits).Draw(t, "unit")}
	most := map[CountUnit]int{WorkingDays: 60, Days: 90, Months: 14, Years: 2}[w.Unit]
	w.N = rapid.IntRange(-most, most).Draw(t, "n")
	return w
}

func TestEveryCountIsWhatWalkingTheDaysGives(t *testing.T) {
	calendars := []*calendar.Calendar{calendar.China(), closed(2017, 7, 8), closed(2026, 1, 2)}
	rapid.Check(t, func(t *rapid.T) {
		c := rapid.SampledFrom(calendars).Draw(t, "calendar")
		w, roll := drawWithin(t), rapid.SampledFrom(rolls).Draw(t, "roll")
		year := rapid.SampledFrom([]int{2016, 2017, 2025, 2026, 2027}).Draw(t, "year")
		anchor := calendar.DateOf(year, 1, rapid.IntRange(1, 366).Draw(t, "day"))
		var pauses []Pause
		if w.N > 0 {
			at := anchor
			for range rapid.IntRange(0, 3).Draw(t, "pauses") {
				from := at + calendar.Date(rapid.IntRange(0, 25).Draw(t, "runs"))
				at = from + calendar.Date(rapid.IntRange(0, 40).Draw(t, "stands"))
				pauses = append(pauses, Pause{from, at})
			}
		}
		o := &Obligation{Plan: &Plan{Calendar: c}, Within: w, Roll: roll}
		in, want := o.At("x", anchor, pauses...), walkCount(c, w, roll, anchor, pauses)
		if len(pauses) > 0 {
			want.provisional = in.Provisional // what lies in a pause may be asked about or not
		}
		if got := (walked{in.Due, in.Named, in.Provisional}); got != want {
			t.Fatalf("%s from %s, roll %s, pauses %v: %+v, walking gives %+v", w, anchor, roll, pauses, got, want)
		}
		steps := o.Explain(anchor, 0, pauses...)
		if last := steps[len(steps)-1]; last.Date != in.Due {
			t.Fatalf("%s from %s: explained to %s, due %s", w, anchor, last.Date, in.Due)
		}
		counted := 0
		for _, s := range steps {
			counted = max(counted, s.Counted)
		}
		if n := max(w.N, -w.N); (w.Unit == WorkingDays || w.Unit == Days) && n > 0 && counted != n {
			t.Fatalf("%s from %s, pauses %v: %d days are counted", w, anchor, pauses, counted)
		}
	})
}

func TestAnExtensionMayAddWhatIsAllowedWhateverThePauses(t *testing.T) {
	limit := Within{15, WorkingDays}
	o := &Obligation{Plan: &Plan{Calendar: calendar.China()}, Within: Within{10, WorkingDays}, Roll: Forward, Extendable: &limit}
	anchor := day(t, "2026-10-20")
	if got := o.Latest(anchor); got != day(t, "2026-11-24") {
		t.Errorf("without a pause it may be extended to %s", got)
	}
	pause := Pause{day(t, "2026-11-06"), day(t, "2026-11-24")}
	due, _ := o.Extended(o.At("", anchor).Due, Within{5, WorkingDays})
	if due, _ = o.Resume(due, pause); due != day(t, "2026-11-26") {
		t.Errorf("extended and paused: due %s", due)
	}
	if got := o.Latest(anchor, pause); got != day(t, "2026-12-10") {
		t.Errorf("paused within the extension it may be extended to %s", got)
	}
	rapid.Check(t, func(t *rapid.T) {
		// The limit is used up, day by day of a clock that pauses stop, after the
		// clock's own count.
		var pauses []Pause
		at := anchor
		for range rapid.IntRange(0, 3).Draw(t, "pauses") {
			from := at + calendar.Date(rapid.IntRange(0, 20).Draw(t, "runs"))
			at = from + calendar.Date(rapid.IntRange(0, 40).Draw(t, "stands"))
			pauses = append(pauses, Pause{from, at})
		}
		all := Within{o.Within.N + limit.N, WorkingDays}
		want := walkCount(o.Plan.Calendar, all, Forward, anchor, pauses)
		if got := o.Latest(anchor, pauses...); got != want.due {
			t.Fatalf("pauses %v: to %s, want %s", pauses, got, want.due)
		}
	})
}

func TestAPauseBeforeTheRollTakesNothingFromIt(t *testing.T) {
	for _, roll := range []Roll{Forward, Backward, NoRoll} {
		o := &Obligation{Plan: &Plan{Calendar: calendar.China()}, Within: Within{45, Days}, Roll: roll}
		in := o.At("", day(t, "2026-08-20"), Pause{day(t, "2026-08-21"), day(t, "2026-08-29")})
		if in.Due != day(t, "2026-10-12") {
			t.Errorf("roll %s: due %s", roll, in.Due)
		}
	}
}

func TestEveryInstanceIsFoundWhateverTheCalendar(t *testing.T) {
	calendars := []*calendar.Calendar{calendar.China(), closed(2017, 7, 8), closed(2018, 1, 3)}
	cadences := []string{`every="month"`, `every="week"`, `every="day"`, `every="quarter"`, `cron="0 0 9,10 12 *"`, `cron="0 9,17 1-7 * 1"`, `rrule="FREQ=MONTHLY;BYDAY=-1FR"`, `on=2017-12-31`}
	var obligations []*Obligation
	for _, lines := range cadences {
		obligations = append(obligations, obligation(t, lines))
	}
	rapid.Check(t, func(t *rapid.T) {
		o := *rapid.SampledFrom(obligations).Draw(t, "cadence")
		o.Plan = &Plan{Calendar: rapid.SampledFrom(calendars).Draw(t, "calendar"), Starts: o.Plan.Starts}
		o.Within, o.Roll = drawWithin(t), rapid.SampledFrom(rolls).Draw(t, "roll")
		from := calendar.DateOf(2017, 6, 9) + calendar.Date(rapid.IntRange(-200, 700).Draw(t, "from"))
		to := from + calendar.Date(rapid.IntRange(0, 200).Draw(t, "days"))
		got, want := map[string]calendar.Date{}, map[string]calendar.Date{}
		for in := range o.Between(from, to) {
			got[in.Period] = in.Due
		}
		for d := o.starts; d < to+1200; d++ {
			name := o.firesOn(d)
			if name == "" {
				continue
			}
			if due := walkCount(o.Plan.Calendar, o.Within, o.Roll, d, nil).due; from <= due && due <= to {
				want[name] = due
			}
		}
		if fmt.Sprint(got) != fmt.Sprint(want) {
			t.Fatalf("%s %s, %s, from %s to %s:\ngot  %v\nwant %v", o.Cadence.Kind, o.Cadence.Value, o.Within, from, to, got, want)
		}
	})
}

// firesOn is the period that ends on that day, by what its cadence says in words.
func (o *Obligation) firesOn(d calendar.Date) string {
	is := false
	switch o.Cadence.Value {
	case "month", "quarter":
		is = (d+1).Day() == 1 && (o.Cadence.Value == "month" || (d+1).Month()%3 == 1)
		if is {
			return o.Cadence.every.name(d)
		}
	case "week":
		if d.Weekday() == time.Sunday {
			return o.Cadence.every.name(d)
		}
	case "day":
		is = o.Plan.Calendar.IsWorkingDay(d)
	case "0 0 9,10 12 *":
		is = d.Month() == time.December && (d.Day() == 9 || d.Day() == 10)
	case "0 9,17 1-7 * 1": // cron takes either where both are given
		is = d.Day() <= 7 || d.Weekday() == time.Monday
	case "FREQ=MONTHLY;BYDAY=-1FR":
		is = d.Weekday() == time.Friday && (d+7).Month() != d.Month()
	case "2017-12-31":
		is = d.String() == "2017-12-31"
	}
	if is {
		return d.String()
	}
	return ""
}

func TestRecurringRulesEndWithTheirLastInstanceInside(t *testing.T) {
	for _, tc := range []struct{ lines, want string }{
		{`every="year"` + "\nroll=\"none\"", "2199"},
		{`every="year"` + "\nwithin=\"1 day\"\nroll=\"none\"", "2198"},
		{`every="month"` + "\nwithin=\"15 working days\"", "2199-11"},
		{`cron="0 0 29 2 *"` + "\nroll=\"none\"", "2196-02-29"},
		{`rrule="FREQ=YEARLY;BYMONTH=12;BYMONTHDAY=31"` + "\nroll=\"none\"", "2199-12-31"},
	} {
		o := obligation(t, tc.lines)
		last := ""
		for in := range o.From(day(t, "2090-01-01")) {
			last = in.Period
		}
		if last != tc.want {
			t.Errorf("%s: the last is %s, want %s", tc.lines, last, tc.want)
		}
	}
}

// problemsOf is what is wrong with one obligation of a plan that may end.
func problemsOf(t *testing.T, plan, lines string) *problem.List {
	t.Helper()
	_, problems := New(specOf(t, plan, lines))
	return problems
}

func TestRulesThatWouldBeSilentAreToldOf(t *testing.T) {
	for _, tc := range []struct{ rule, plan, lines, refused, warned string }{
		{"a start of its own in an rrule", "", `rrule = "DTSTART=20170101;FREQ=MONTHLY"`, "write the rule alone", ""},
		{"COUNT=0", "", `rrule = "FREQ=MONTHLY;COUNT=0"`, "COUNT cannot be 0: 1 to 99999", ""},
		{"INTERVAL=0", "", `rrule = "FREQ=MONTHLY;INTERVAL=0"`, "INTERVAL cannot be 0: 1 to 9999", ""},
		{"the first Monday of a week", "", `rrule = "FREQ=WEEKLY;BYDAY=1MO"`, "a number before a weekday, as in 1MO, goes with FREQ=MONTHLY or YEARLY", ""},
		{"the sixth Monday of a month", "", `rrule = "FREQ=MONTHLY;BYDAY=6MO"`, "there is no 6MO: 5 are the most", ""},
		{"the 32nd", "", `rrule = "FREQ=MONTHLY;BYMONTHDAY=32"`, "BYMONTHDAY cannot be 32: 1 to 31", ""},
		{"a thirteenth month", "", `rrule = "FREQ=YEARLY;BYMONTH=13"`, "BYMONTH cannot be 13: 1 to 12", ""},
		{"a day of the month in a weekly rule", "", `rrule = "FREQ=WEEKLY;BYMONTHDAY=3"`, "BYMONTHDAY does not go with FREQ=WEEKLY", ""},
		{"a part twice", "", `rrule = "FREQ=MONTHLY;BYDAY=MO;BYDAY=TU"`, "BYDAY stands twice", ""},
		{"a pick out of nothing", "", `rrule = "FREQ=MONTHLY;BYSETPOS=-1"`, "BYSETPOS picks out", ""},
		{"COUNT beside UNTIL", "", `rrule = "FREQ=MONTHLY;COUNT=3;UNTIL=20180101"`, "COUNT and UNTIL cannot go together", ""},
		{"hours", "", `rrule = "FREQ=DAILY;BYHOUR=9"`, "leave out BYHOUR", ""},
		{"an rrule that is over", "", `rrule = "FREQ=MONTHLY;UNTIL=20160101"`, "never happens after 2017-06-09", ""},
		{"cron's Sunday", "", `cron = "0 0 * * 7"`, `the day of the week cannot be "7": write 0 (Sunday) to 6 (Saturday) or SUN to SAT`, ""},
		{"cron's last day", "", `cron = "0 0 L * *"`, `the day of the month cannot be "L": write 1 to 31; for the month's last day write rrule = "FREQ=MONTHLY;BYMONTHDAY=-1"`, ""},
		{"cron's hour", "", `cron = "0 24 1 * *"`, `the hour cannot be "24": write 0 to 23`, ""},
		{"cron's minute", "", `cron = "60 0 1 * *"`, `the minute cannot be "60"`, ""},
		{"cron's month", "", `cron = "0 0 1 13 *"`, `the month cannot be "13"`, ""},
		{"a date before the plan", "", `on = 2017-06-01`, "", "on: 2017-06-01 is before 2017-06-09, the first day that counts: this is never owed"},
		{"a date after the plan", "ends = 2017-12-31\n", `on = 2018-03-31`, "", "on: 2018-03-31 is after 2017-12-31, the last day that counts: this is never owed"},
		{"a start after the plan's end", "ends = 2017-12-31\n", "every = \"month\"\nwithin = \"5 days\"\nstarts = 2018-01-01", "", "starts: 2018-01-01 is after 2017-12-31, the last day that counts: this is never owed"},
		{"an event's start after the plan's end", "ends = 2017-12-31\n", "event = \"e\"\nstarts = 2018-01-01", "", "this is never owed"},
		{"no period ends in time", "ends = 2017-11-30\n", "every = \"year\"\nwithin = \"1 month\"", "", `every: "year" has no day from 2017-06-09 to 2017-11-30: this is never owed`},
		{"due after the last day there is", "", "on = 2199-12-31\nwithin = \"1 day\"", "2199-12-31 + 1 day has no due date from 1970-01-01 to 2199-12-31", ""},
		{"a month's end that rolls out of the month", "", `every = "month"`, "", `outside 2017-12: to stay inside it write within = "0 days" and roll = "backward"`},
		{"a year's end that rolls into the next", "", `on = 2017-12-31`, "", `on: 2017-12-31 is a day off, so the due date is 2018-01-02, outside 2017: to stay inside it write within = "0 days" and roll = "backward"`},
		{"by cron", "", `cron = "0 0 31 12 *"`, "", "outside 2017"},
		{"by rrule", "", `rrule = "FREQ=MONTHLY;BYMONTHDAY=-1"`, "", "outside 2017:"},
		{"counted in working days", "", "every = \"year\"\nwithin = \"0 working days\"", "", "outside 2017"},
		{"the 31st of a month names a day", "", `cron = "0 0 31 8 *"`, "", ""},
		{"rolled backward it stays", "", "on = 2017-12-31\nroll = \"backward\"", "", ""},
		{"a date that is a working day", "", "on = 2017-11-30", "", ""},
		{"a date that ends nothing", "", "on = 2017-12-30", "", ""},
		{"a count after the end", "", "every = \"month\"\nwithin = \"10 days\"", "", ""},
	} {
		t.Run(tc.rule, func(t *testing.T) {
			problems := problemsOf(t, tc.plan, tc.lines+"\n")
			for _, side := range []struct {
				want string
				got  []problem.Problem
			}{{tc.refused, problems.Errors()}, {tc.warned, problems.Warnings()}} {
				switch {
				case side.want == "" && len(side.got) > 0:
					t.Errorf("says %v", side.got)
				case side.want != "" && (len(side.got) != 1 || !strings.Contains(side.got[0].String(), side.want) || side.got[0].File != "obligation" || side.got[0].Line < 2):
					t.Errorf("says %v, want %q and its place", side.got, side.want)
				}
			}
		})
	}
}

func TestPeriodsOutOfRangeAreRefusedByName(t *testing.T) {
	o := obligation(t, "every=\"month\"\nwithin=\"1 day\"")
	for _, period := range []string{"0001-01-01", "1969-12-31", "2200-01-01", "9999-12-31", "1969", "1969-12", "2200-Q1", "9999-H2", "2200-W01"} {
		if _, err := o.Period(period); err == nil || !strings.Contains(err.Error(), "out of range: dates lie from 1970-01-01 to 2199-12-31") {
			t.Errorf("period %s: %v", period, err)
		}
	}
}

func TestTimesOfDay(t *testing.T) {
	for s, want := range map[string]int{"00:00": 0, "08:30": 510, "17:30": 1050, "23:59": 1439, "24:00": 1440} {
		if got, err := ParseClock(s); err != nil || got != want {
			t.Errorf("%s: %d, %v", s, got, err)
		}
	}
	for _, s := range []string{"08:75", "08:60", "25:30", "24:01", "24:30", "8:30", "0830", "", "-1:00", "08:30:00"} {
		if got, err := ParseClock(s); err == nil {
			t.Errorf("%q was read as %d", s, got)
		}
	}
}

func TestTheDayThatEndsAtMidnightIsItsOwn(t *testing.T) {
	shanghai, err := time.LoadLocation("Asia/Shanghai")
	if err != nil {
		t.Fatal(err)
	}
	p := &Plan{CloseOfBusiness: 24 * 60, Timezone: shanghai}
	d := day(t, "2026-11-19")
	if got := d.Clock(p.Deadline(d)); got != "24:00" {
		t.Errorf("its deadline shows %s", got)
	}
	if at := p.Closing(d); p.Day(at) != d || at.After(p.Deadline(d)) {
		t.Errorf("what was done that day counts for %s", at)
	}
	p.CloseOfBusiness = 17*60 + 30
	if got, at := d.Clock(p.Deadline(d)), p.Closing(d); got != "17:30" || !at.Equal(p.Deadline(d)) {
		t.Errorf("17:30 shows %s, %s", got, at)
	}
	if got := p.LateAfter(d, d+2); !got.Before((d + 3).Time(shanghai)) || got.Before((d + 3).Time(shanghai).Add(-time.Second)) {
		t.Errorf("rolled back from two days later it is late after %s", got)
	}
}

func TestNobodyHearsOfLatenessBeforeTheDayNamedIsOver(t *testing.T) {
	o := obligation(t, "on=2017-12-31\nroll=\"backward\"\noverdue=\"every 1 day\"\nescalate=\"1 day after\"\n")
	in := o.At("x", day(t, "2017-12-31"))
	if in.Due != day(t, "2017-12-29") || in.Named != day(t, "2017-12-31") {
		t.Fatalf("%+v", in)
	}
	for _, weekends := range []bool{false, true} {
		for _, r := range o.Timeline(weekends).Named(in.Named).Reminders(in.Due) {
			if (r.Kind == Overdue || r.Kind == Escalation) && r.Date <= in.Named {
				t.Errorf("weekends %v: %s on %s", weekends, r.Kind, r.Date)
			}
		}
	}
}

func TestExplainSaysWhereTheRollPassesTheAnchor(t *testing.T) {
	o := obligation(t, "event=\"e\"\nwithin=\"-1 days\"")
	steps := o.Explain(day(t, "2017-10-08"), 0) // lands in the long holiday, due on the 9th
	if n := len(steps); steps[1].Counted != 1 || steps[1].Date != day(t, "2017-10-07") || steps[n-1].Date != day(t, "2017-10-09") || steps[n-1].Why != WhyRolledPast {
		t.Errorf("%+v", steps)
	}
	o = obligation(t, "event=\"e\"\nwithin=\"-10 days\"")
	counted := 0
	for _, s := range o.Explain(day(t, "2017-06-19"), 0) {
		counted = max(counted, s.Counted)
	}
	if counted != 10 {
		t.Errorf("%d days are counted", counted)
	}
}
