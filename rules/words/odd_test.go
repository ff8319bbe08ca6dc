package words

import (
	"errors"
	"slices"
	"testing"
)

func TestOddPhrasesAreReadOrRefusedWithTheirReadings(t *testing.T) {
	const march = "rrule FREQ=YEARLY;BYMONTH=3;BYMONTHDAY=-1 + 0 days, backward"
	for _, tc := range []struct {
		phrase string
		dated  bool
		want   []string // one: what it means; several: the readings it is refused with; none: refused
	}{
		{"每年3月前", false, []string{"rrule FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=-1 + 0 days, backward", march}},
		{"每年二季度前", false, []string{march, "rrule FREQ=YEARLY;BYMONTH=6;BYMONTHDAY=-1 + 0 days, backward"}},
		{"次年3月15日前", false, []string{"on 2027-03-15 + 0 days, forward", "rrule FREQ=YEARLY;BYMONTH=3;BYMONTHDAY=15 + 0 days, forward"}},
		{"每三个月", false, []string{"every quarter + 0 days, backward", "rrule FREQ=MONTHLY;INTERVAL=3 + 0 days, forward"}},
		{"2026年3月15日前", true, []string{"on 2026-03-15 + 0 days, forward"}},
		{"3月15日前", false, []string{"on 2026-03-15 + 0 days, forward"}},
		{"2026年11月1日至2027年1月31日", true, []string{"on 2027-01-31 + 0 days, forward"}},
		{"11月1日至1月31日", false, []string{"on 2027-01-31 + 0 days, forward"}},
		{"2026年3月13日\uff08星期五\uff09前", true, []string{"on 2026-03-13 + 0 days, forward"}},
		{"2026年3月13日\u3014星期五\u3015前", true, []string{"on 2026-03-13 + 0 days, forward"}},
		{"2026年3月13日\u3010星期五\u3011前", true, []string{"on 2026-03-13 + 0 days, forward"}},
		{"2026年3月13日[星期五]前", true, []string{"on 2026-03-13 + 0 days, forward"}},
		{"2026年3月13日[星期四]前", true, nil},
		{"每月第0个周五", false, nil},
		{"每月第六个周五", false, nil},
		{"每月第五个周五", false, []string{"rrule FREQ=MONTHLY;BYDAY=5FR + 0 days, forward"}},
		{"每年1月15日\u30017月15日前", false, []string{"rrule FREQ=YEARLY;BYMONTH=1,7;BYMONTHDAY=15 + 0 days, forward"}},
		{"每年1月\u30017月15日前", false, []string{"rrule FREQ=YEARLY;BYMONTH=1,7;BYMONTHDAY=15 + 0 days, forward"}},
	} {
		m, err := Parse(tc.phrase, in2026)
		var got []string
		var r *Refusal
		switch {
		case errors.As(err, &r):
			for _, reading := range r.Readings {
				got = append(got, ruleText(reading))
			}
		case err == nil && m.Dated != tc.dated:
			t.Errorf("%s: with its year %v", tc.phrase, m.Dated)
			fallthrough
		default:
			got = []string{ruleText(m.Rule)}
		}
		if !slices.Equal(got, tc.want) || (err == nil) != (len(tc.want) == 1) {
			t.Errorf("%s means %q, want %q (%v)", tc.phrase, got, tc.want, err)
		}
	}
}
