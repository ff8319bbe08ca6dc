package rules

import (
	"strings"
	"testing"

	"duban/rules/calendar"
	"duban/rules/words"
)

func TestCadencesMakePeriods(t *testing.T) {
	for _, tc := range []struct{ rule, lines, from, to, want string }{
		{"a month from its last day", "every=\"month\"\nwithin=\"15 working days\"", "2017-07-01", "2017-09-30", "2017-06→2017-07-21 2017-07→2017-08-21 2017-08→2017-09-21"},
		{"a quarter", "every=\"quarter\"\nwithin=\"10 working days\"", "2017-06-09", "2017-12-31", "2017-Q2→2017-07-14 2017-Q3→2017-10-20"},
		{"a half-year", "every=\"half-year\"\nroll=\"none\"", "2017-06-09", "2018-01-01", "2017-H1→2017-06-30 2017-H2→2017-12-31"},
		{"a year", "every=\"year\"\nwithin=\"1 month\"", "2017-06-09", "2018-12-31", "2017→2018-01-31"},
		{"an ISO week", "every=\"week\"\nwithin=\"1 working day\"", "2017-07-10", "2017-07-18", "2017-W27→2017-07-10 2017-W28→2017-07-17"},
		{"working days only", "every=\"day\"", "2017-09-29", "2017-10-10", "2017-09-29→2017-09-29 2017-09-30→2017-09-30 2017-10-09→2017-10-09 2017-10-10→2017-10-10"},
		{"a cron's dates", "cron=\"0 0 25 * *\"", "2017-06-09", "2017-08-31", "2017-06-25→2017-06-26 2017-07-25→2017-07-25 2017-08-25→2017-08-25"},
		{"two firings on a day are one", "cron=\"0 9,17 25 * *\"\nroll=\"none\"", "2017-06-09", "2017-07-01", "2017-06-25→2017-06-25"},
		{"the last Friday", "rrule=\"FREQ=MONTHLY;BYDAY=-1FR\"", "2017-06-09", "2017-08-31", "2017-06-30→2017-06-30 2017-07-28→2017-07-28 2017-08-25→2017-08-25"},
		{"every second week from the plan's start", "rrule=\"FREQ=WEEKLY;INTERVAL=2\"", "2017-06-09", "2017-07-10", "2017-06-09→2017-06-09 2017-06-23→2017-06-23 2017-07-07→2017-07-07"},
		{"a rule that counts out", "rrule=\"FREQ=MONTHLY;COUNT=2\"\nroll=\"none\"", "2017-06-09", "2019-01-01", "2017-06-09→2017-06-09 2017-07-09→2017-07-09"},
		{"one date", "on=2017-12-31\nroll=\"backward\"", "2017-06-09", "2018-12-31", "2017-12-31→2017-12-29"},
		{"nothing that ended before the plan starts", "every=\"month\"\nwithin=\"2 months\"\nroll=\"none\"", "2017-06-01", "2017-09-15", "2017-06→2017-08-30"},
		{"its own starts and ends", "every=\"month\"\nroll=\"none\"\nstarts=2017-08-01\nends=2017-09-30", "2017-06-09", "2018-12-31", "2017-08→2017-08-31 2017-09→2017-09-30"},
		{"due before its period ends", "every=\"month\"\nwithin=\"-5 working days\"", "2017-06-09", "2017-07-31", "2017-06→2017-06-23 2017-07→2017-07-24"},
		{"events make none by themselves", "event=\"e\"", "2017-06-09", "2018-12-31", ""},
	} {
		t.Run(tc.rule, func(t *testing.T) {
			o := obligation(t, tc.lines)
			var got []string
			for in := range o.Between(day(t, tc.from), day(t, tc.to)) {
				got = append(got, in.Period+"→"+in.Due.String())
				again, err := o.Period(in.Period)
				if err != nil || again != in {
					t.Errorf("period %s by its name: %+v, %v; want %+v", in.Period, again, err, in)
				}
			}
			if s := strings.Join(got, " "); s != tc.want {
				t.Errorf("got  %s\nwant %s", s, tc.want)
			}
		})
	}
}

// A period that is listed ends somewhere of its own, and what it is called says where.
func TestEachPeriodHasItsEndAndItsName(t *testing.T) {
	seen := map[calendar.Date]string{}
	first := calendar.DateOf(2018, 1, 30) // a Tuesday
	for _, p := range words.Periods {
		last := Every(p).last(first)
		if other, ok := seen[last]; ok || last < first {
			t.Errorf("a %s and a %s end on %s", p, other, last)
		}
		seen[last] = p
		for d := first; d < first+800; d++ {
			last := Every(p).last(d)
			if read, err := periodEnd(Every(p).name(last)); err != nil || read != last || last < d || Every(p).last(last) != last {
				t.Fatalf("the %s of %s ends on %s; it is called %s, read as the one that ends on %s (%v)", p, d, last, Every(p).name(last), read, err)
			}
		}
	}
}

func TestPeriodsThatAreNone(t *testing.T) {
	month := obligation(t, "every=\"month\"")
	for _, p := range []string{"2017-13", "2017-Q3", "2017", "july", "2017-W60", "2017-05", "2017-07-14"} {
		if in, err := month.Period(p); err == nil {
			t.Errorf("%s was counted as %+v", p, in)
		}
	}
	if _, err := obligation(t, "cron=\"0 0 25 * *\"").Period("2017-07-26"); err == nil {
		t.Error("a day on which the cron does not fire is a period")
	}
}

func TestTimeline(t *testing.T) {
	standard := "overdue=\"every 2 working days\"\nescalate=\"3 working days after\"\n"
	o := obligation(t, "every=\"month\"\nwithin=\"15 working days\"\n"+standard)
	o.Policy.Remind = []Within{{-7, WorkingDays}, {-3, WorkingDays}, {0, WorkingDays}}
	line := o.Timeline(false)
	due := day(t, "2017-07-21")
	var got []string
	for _, r := range line.Reminders(due) {
		got = append(got, string(r.Kind)+" "+r.Date.String())
	}
	if s, want := strings.Join(got, ", "), "upcoming 2017-07-12, upcoming 2017-07-18, due 2017-07-21, overdue 2017-07-24, escalation 2017-07-26"; s != want {
		t.Errorf("got  %s\nwant %s", s, want)
	}
	// The unit is told every second working day from the first one after due; its
	// supervisor on the escalation, and from then on whenever the unit is.
	days := func(next func(calendar.Date, calendar.Date) calendar.Date, n int) string {
		var out []string
		for d := calendar.Date(0); len(out) < n; {
			d = next(due, d)
			out = append(out, d.String()[5:])
		}
		return strings.Join(out, " ")
	}
	if s, want := days(line.UnitAfter, 7), "07-12 07-18 07-21 07-24 07-26 07-28 08-01"; s != want {
		t.Errorf("unit: got %s, want %s", s, want)
	}
	if s, want := days(line.SupervisorAfter, 3), "07-26 07-28 08-01"; s != want {
		t.Errorf("supervisor: got %s, want %s", s, want)
	}
}

func TestWhatFallsOnADayOffMoves(t *testing.T) {
	o := obligation(t, "every=\"month\"\nroll=\"none\"\noverdue=\"every 7 days\"\nescalate=\"1 day after\"\n")
	o.Policy.Remind = []Within{{-2, Days}, {0, WorkingDays}}
	due := day(t, "2017-10-03") // in the long holiday
	got := map[bool]string{}
	for _, weekends := range []bool{false, true} {
		for _, r := range o.Timeline(weekends).Reminders(due) {
			got[weekends] += string(r.Kind) + " " + r.Date.String()[5:] + " "
		}
	}
	if want := "upcoming 09-30 due 09-30 overdue 10-09 escalation 10-09 "; got[false] != want {
		t.Errorf("working days: got %s, want %s", got[false], want)
	}
	if want := "upcoming 10-01 due 10-03 overdue 10-09 escalation 10-04 "; got[true] != want {
		t.Errorf("with weekends: got %s, want %s", got[true], want)
	}
}

func TestLightsFollowTheReminders(t *testing.T) {
	o := obligation(t, "every=\"month\"")
	o.Policy.Remind = []Within{{-3, WorkingDays}}
	line, due := o.Timeline(false), day(t, "2017-07-21")
	for _, tc := range []struct {
		today string
		late  bool
		want  Light
	}{{"2017-07-17", false, Green}, {"2017-07-18", false, Yellow}, {"2017-07-21", false, Yellow}, {"2017-07-21", true, Red}} {
		if got := line.Light(due, day(t, tc.today), tc.late); got != tc.want {
			t.Errorf("%s late %v: %s, want %s", tc.today, tc.late, got, tc.want)
		}
	}
}

func TestExplainCountsWhatDueCounts(t *testing.T) {
	for _, tc := range []struct{ lines, anchor string }{
		{"event=\"e\"\nwithin=\"30 working days\"", "2017-06-09"},
		{"event=\"e\"\nwithin=\"10 working days\"", "2017-09-20"},
		{"event=\"e\"\nwithin=\"-7 working days\"", "2017-10-09"},
		{"event=\"e\"\nwithin=\"1 month\"", "2017-06-09"},
		{"event=\"e\"\nwithin=\"0 working days\"", "2017-10-01"},
		{"event=\"e\"\nwithin=\"10 days\"\nroll=\"backward\"", "2017-06-30"},
	} {
		o := obligation(t, tc.lines)
		anchor := day(t, tc.anchor)
		due, _ := o.Due(anchor)
		steps := o.Explain(anchor, 0)
		last := steps[len(steps)-1]
		if steps[0].Date != anchor || steps[0].Counted != 0 || last.Date != due {
			t.Errorf("%s from %s: steps go from %s to %s, due is %s", tc.lines, anchor, steps[0].Date, last.Date, due)
		}
		if n := max(o.Within.N, -o.Within.N); o.Within.Unit == WorkingDays && n > 0 && last.Counted != n {
			t.Errorf("%s: the last step counts %d, want %d", tc.lines, last.Counted, n)
		}
	}
}
