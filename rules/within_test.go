package rules

import (
	"testing"

	"duban/rules/calendar"
)

func day(t testing.TB, s string) calendar.Date {
	t.Helper()
	d, err := calendar.ParseDate(s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestDueDateIsCountedFromTheAnchor(t *testing.T) {
	for _, tc := range []struct {
		rule, anchor, within string
		roll                 Roll
		want                 string
		provisional          bool
	}{
		{"the anchor is not counted (art. 201)", "2017-06-09", "30 working days", Forward, "2017-07-21", false},
		{"a make-up Saturday counts, the October holiday does not", "2017-09-20", "10 working days", Forward, "2017-10-10", false},
		{"over the spring festival that was prolonged in 2020", "2020-01-20", "10 working days", Forward, "2020-02-11", false},
		{"into a year that nobody has announced it is provisional", "2026-12-28", "10 working days", Forward, "2027-01-11", true},
		{"within the year it is not", "2026-12-01", "10 working days", Forward, "2026-12-15", false},
		{"zero working days is the anchor", "2017-07-14", "0 working days", Forward, "2017-07-14", false},
		{"zero working days from a day off is the next working day", "2017-07-15", "0 working days", Forward, "2017-07-17", false},
		{"negative working days mirror", "2017-10-09", "-1 working days", Forward, "2017-09-30", false},
		{"negative working days from a day off", "2017-10-05", "-2 working days", Forward, "2017-09-29", false},
		{"N days counts every day", "2017-06-09", "10 days", Forward, "2017-06-19", false},
		{"a last day off rolls to the next working day (art. 203)", "2017-06-09", "1 day", Forward, "2017-06-12", false},
		{"or back where the rule says so", "2017-06-09", "1 day", Backward, "2017-06-09", false},
		{"or not at all", "2017-06-09", "1 day", NoRoll, "2017-06-10", false},
		{"rolling over a long holiday", "2017-09-20", "11 days", Forward, "2017-10-09", false},
		{"rolling back before a long holiday to the make-up Saturday", "2017-09-20", "14 days", Backward, "2017-09-30", false},
		{"days before", "2017-06-19", "-10 days", Forward, "2017-06-09", false},
		{"a month ends on the corresponding day (art. 202)", "2017-06-09", "1 month", NoRoll, "2017-07-09", false},
		{"or on the month's last where there is none", "2017-01-31", "1 month", NoRoll, "2017-02-28", false},
		{"in a leap year", "2016-01-31", "1 month", NoRoll, "2016-02-29", false},
		{"months roll too", "2017-06-09", "1 month", Forward, "2017-07-10", false},
		{"a year from the leap day", "2016-02-29", "1 year", NoRoll, "2017-02-28", false},
		{"days that do not touch the holidays still touch the year they roll in", "2026-12-31", "1 day", Forward, "2027-01-01", true},
		{"the last day of an announced year is known", "2026-12-30", "1 day", NoRoll, "2026-12-31", false},
		{"28 December of a year whose successor nobody has announced may still move", "2026-12-18", "7 working days", Forward, "2026-12-29", true},
		{"so may a year's end", "2026-12-31", "0 days", Forward, "2026-12-31", true},
		{"and a count that only passes through it", "2026-12-25", "1 working day", Forward, "2026-12-28", true},
		{"27 December may not", "2026-12-24", "1 working day", Forward, "2026-12-25", false},
		{"where the next year is announced the year's end stays", "2025-12-31", "0 days", Forward, "2025-12-31", false},
		{"without rolling the holidays do not matter", "2026-12-31", "10 days", NoRoll, "2027-01-10", false},
	} {
		t.Run(tc.rule, func(t *testing.T) {
			w, err := ParseWithin(tc.within)
			if err != nil {
				t.Fatal(err)
			}
			o := &Obligation{Plan: &Plan{Calendar: calendar.China()}, Within: w, Roll: tc.roll}
			due, provisional := o.Due(day(t, tc.anchor))
			if due != day(t, tc.want) || provisional != tc.provisional {
				t.Errorf("%s + %s, roll %s = %s (provisional %v), want %s (%v)", tc.anchor, tc.within, tc.roll, due, provisional, tc.want, tc.provisional)
			}
		})
	}
}

func TestDistancesThatAreNone(t *testing.T) {
	for _, s := range []string{"", "15", "working days", "1.5 days", "15 workdays", "99999 days", "15  days", "+3 days", "3 weeks", "20001 days", "20001 working days", "-20001 days", "601 months", "51 years", "9999 years", "99999999999 days"} {
		if w, err := ParseWithin(s); err == nil {
			t.Errorf("%q was read as %s", s, w)
		}
	}
}

func TestDistancesAreBounded(t *testing.T) {
	for _, s := range []string{"20000 days", "-20000 days", "20000 working days", "600 months", "50 years"} {
		if w, err := ParseWithin(s); err != nil || w.String() != s {
			t.Errorf("%q: %v, %v", s, w, err)
		}
	}
}

func TestAPauseStopsTheClockAtTheEndOfItsDay(t *testing.T) {
	plan := &Plan{Calendar: calendar.China()}
	for _, tc := range []struct {
		rule   string
		within string
		anchor string
		pauses [][2]string
		want   string
	}{
		{"no pause", "15 working days", "2017-07-03", nil, "2017-07-24"},
		{"five working days stand still", "15 working days", "2017-07-03", [][2]string{{"2017-07-07", "2017-07-14"}}, "2017-07-31"},
		{"paused and resumed on one day nothing is lost", "15 working days", "2017-07-03", [][2]string{{"2017-07-07", "2017-07-07"}}, "2017-07-24"},
		{"a weekend in the pause costs nothing", "15 working days", "2017-07-03", [][2]string{{"2017-07-07", "2017-07-09"}}, "2017-07-24"},
		{"paused on the anchor nothing has run yet", "15 working days", "2017-07-03", [][2]string{{"2017-07-03", "2017-07-10"}}, "2017-07-31"},
		{"two pauses add up", "15 working days", "2017-07-03", [][2]string{{"2017-07-07", "2017-07-14"}, {"2017-07-18", "2017-07-20"}}, "2017-08-02"},
		{"a pause that lasts changes nothing yet", "15 working days", "2017-07-03", [][2]string{{"2017-07-07", ""}}, "2017-07-24"},
		{"after the clock ran out there is nothing to stop", "15 working days", "2017-07-03", [][2]string{{"2017-07-24", "2017-08-14"}}, "2017-07-24"},
		{"plain days stand still too, and roll", "10 days", "2017-07-03", [][2]string{{"2017-07-07", "2017-07-09"}}, "2017-07-17"},
	} {
		t.Run(tc.rule, func(t *testing.T) {
			w, err := ParseWithin(tc.within)
			if err != nil {
				t.Fatal(err)
			}
			var pauses []Pause
			for _, p := range tc.pauses {
				pause := Pause{From: day(t, p[0])}
				if p[1] != "" {
					pause.To = day(t, p[1])
				}
				pauses = append(pauses, pause)
			}
			o := &Obligation{Plan: plan, Within: w, Roll: Forward}
			if due, _ := o.Due(day(t, tc.anchor), pauses...); due != day(t, tc.want) {
				t.Errorf("due %s, want %s", due, tc.want)
			}
		})
	}
}
