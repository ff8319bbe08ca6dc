package rules

import (
	"testing"

	"duban/rules/calendar"
)

func TestADeadlineInWordsCountsAsItsRuleDoes(t *testing.T) {
	for _, tc := range []struct{ phrase, lines string }{
		{"每季度结束后10个工作日内", "every=\"quarter\"\nwithin=\"10 working days\""},
		{"每月15日前", "every=\"month\"\nwithin=\"15 days\""},
		{"每月底前", "every=\"month\"\nroll=\"backward\""},
		{"2018年3月31日前", "on=2018-03-31"},
		{"within 10 working days of request", "event=\"request\"\nwithin=\"10 working days\""},
		{"每年3月31日前", "rrule=\"FREQ=YEARLY;BYMONTH=3;BYMONTHDAY=31\""},
	} {
		said, written := obligation(t, "deadline=\""+tc.phrase+"\""), obligation(t, tc.lines)
		var a, b []Instance
		for in := range said.Between(day(t, "2017-06-09"), day(t, "2019-12-31")) {
			a = append(a, in)
		}
		for in := range written.Between(day(t, "2017-06-09"), day(t, "2019-12-31")) {
			b = append(b, in)
		}
		if len(a) != len(b) || said.At("x", day(t, "2018-05-04")) != written.At("x", day(t, "2018-05-04")) {
			t.Errorf("%s: %d instances, want %d", tc.phrase, len(a), len(b))
			continue
		}
		for i := range a {
			if a[i] != b[i] {
				t.Errorf("%s: %+v, want %+v", tc.phrase, a[i], b[i])
			}
		}
	}
	// A beginning in words bounds what is due, not which period ends.
	o := obligation(t, "deadline=\"从2018年3月起每月25日前\"")
	for in := range o.From(calendar.First) {
		if in.Due != day(t, "2018-03-26") { // the 25th is a Sunday
			t.Errorf("the first is due %s", in.Due)
		}
		break
	}
}
