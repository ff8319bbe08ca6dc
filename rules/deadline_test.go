package rules

import (
	"strings"
	"testing"

	"duban/rules/calendar"
	"duban/rules/words"
)

func TestEveryShippedRuleIsSaidAndReadBack(t *testing.T) {
	set, problems := Load(Sources{Plans: []string{"plans/zhongshan-2017"}})
	if err := problems.Err(); err != nil {
		t.Fatal(err)
	}
	count := 0
	for _, p := range set.Plans {
		for _, o := range p.Obligations {
			for _, language := range Languages {
				said := o.Words(language)
				m, err := words.Parse(said, p.wordsContext())
				if err != nil {
					t.Errorf("%s is said %q: %v", o.ID, said, err)
					continue
				}
				again := &Obligation{Plan: p, Within: Within{m.N, CountUnit(m.Unit)}, Roll: Roll(m.Roll)}
				if again.Cadence, err = newCadence(CadenceKind(m.Kind), m.Value, p.Starts); err != nil {
					t.Errorf("%s: %v", o.ID, err)
				}
				if again.Within != o.Within || again.Roll != o.Roll || again.Cadence.Kind != o.Cadence.Kind || again.Cadence.Value != o.Cadence.Value {
					t.Errorf("%s is said %q, which means %s %s, %s, %s", o.ID, said, m.Kind, m.Value, again.Within, again.Roll)
				}
				if strings.Contains(said, `roll = "`) && o.Cadence.Kind != ByCron && o.Within != (Within{0, WorkingDays}) {
					t.Errorf("%s has no words: %s", o.ID, said)
				}
				count++
			}
		}
	}
	if count < 270 {
		t.Errorf("only %d rules were said", count)
	}
}

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
