package words

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"duban/rules/calendar"
)

func mustStay(t interface {
	Helper()
	Errorf(string, ...any)
}, r Rule, c Context) {
	t.Helper()
	for _, language := range []string{"zh-CN", "en"} {
		said := Say(r, language, c)
		m, err := Parse(said, c)
		if err != nil || m.Rule != r {
			t.Errorf("%+v is said %q, which means %+v, %v", r, said, m.Rule, err)
		}
		if chinese(quoted.ReplaceAllString(said, "$1$3")) != (language != "en") && r.Kind != Event && !strings.HasPrefix(said, "「") {
			t.Errorf("%+v is said %q in %s", r, said, language)
		}
	}
}

func TestWhatIsUnderstoodIsSaidInBothLanguagesAndReadBack(t *testing.T) {
	for _, tc := range append(understood, understoodEnglish...) {
		m, err := Parse(tc.phrase, in2026)
		if err != nil {
			continue // told elsewhere
		}
		mustStay(t, m.Rule, in2026)
		if said := Say(m.Rule, "zh-CN", in2026); strings.HasPrefix(said, "「") && !strings.HasPrefix(tc.phrase, "「") && m.Kind != After {
			t.Errorf("%s has no words: %s", tc.phrase, said)
		}
		if said := Say(m.Rule, "en", in2026); strings.HasPrefix(said, "「") && !strings.HasPrefix(tc.phrase, "「") {
			t.Errorf("%s has no English words: %s", tc.phrase, said)
		}
	}
	for _, s := range corpus(t) {
		if m, err := Parse(s.phrase, issued2025); err == nil {
			mustStay(t, m.Rule, issued2025)
		}
	}
}

func TestRulesAreSaid(t *testing.T) {
	for _, tc := range []struct {
		r      Rule
		zh, en string
	}{
		{Rule{Every, "quarter", 10, WorkingDays, Forward}, "每季度结束后10个工作日内", "within 10 working days after each quarter"},
		{Rule{Every, "month", 15, Days, Forward}, "每月15日前", "by the 15th of each month"},
		{Rule{Every, "month", 15, Days, NoRoll}, "每月15日前（不调整）", "by the 15th of each month (as it falls)"},
		{Rule{Every, "month", 45, Days, Forward}, "每月结束后45个自然日内", "within 45 calendar days after each month"},
		{Rule{Every, "month", 0, Days, Forward}, "每月底前（遇休息日顺延）", "by the end of each month (next working day)"},
		{Rule{Every, "month", 0, Days, Backward}, "每月底前", "by the end of each month"},
		{Rule{Every, "year", 3, Months, Forward}, "每年度结束后3个月内", "within 3 months after each year"},
		{Rule{Every, "week", -2, Days, Forward}, "每周五前", "by each Friday"},
		{Rule{Every, "day", 0, Days, Forward}, "每个工作日", "every working day"},
		{Rule{On, "2026-12-31", 0, Days, Backward}, "2026年底前", "by the end of 2026"},
		{Rule{On, "2026-12-31", 0, Days, Forward}, "2026年底前（遇休息日顺延）", "by the end of 2026 (next working day)"},
		{Rule{On, "2026-03-10", 30, WorkingDays, Forward}, "方案印发之日起30个工作日内", "within 30 working days of the plan"},
		{Rule{Event, "收到申请", 20, WorkingDays, Forward}, "收到申请后20个工作日内", "within 20 working days of event \"收到申请\""},
		{Rule{Event, "file-repealed", -30, Days, Backward}, "file-repealed前30个自然日", "30 calendar days before file-repealed"},
		{Rule{After, "1.3-budget", 1, WorkingDays, Forward}, "「1.3-budget」办结后1个工作日内", `within 1 working day after "1.3-budget"`},
		{Rule{RRule, "FREQ=MONTHLY;BYDAY=-1FR", 0, Days, Forward}, "每月最后一个周五", "on the last Friday of each month"},
		{Rule{RRule, "FREQ=YEARLY;BYMONTH=3;BYMONTHDAY=31", 0, Days, Forward}, "每年3月31日前", "by 31 March each year"},
		{Rule{Cron, "0 0 25 * *", 0, Days, Forward}, "「cron = \"0 0 25 * *\", within = \"0 days\", roll = \"forward\"」", "「cron = \"0 0 25 * *\", within = \"0 days\", roll = \"forward\"」"},
	} {
		if zh, en := Say(tc.r, "zh-CN", in2026), Say(tc.r, "en", in2026); zh != tc.zh || en != tc.en {
			t.Errorf("%+v is said\n%s\n%s\nwant\n%s\n%s", tc.r, zh, en, tc.zh, tc.en)
		}
	}
}

func TestNoRuleChangesByBeingSaid(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := Rule{Kind: rapid.SampledFrom([]string{Every, Cron, RRule, On, Event, After}).Draw(t, "kind")}
		switch r.Kind {
		case Every:
			r.Value = rapid.SampledFrom(Periods).Draw(t, "period")
		case Cron:
			r.Value = rapid.SampledFrom([]string{"0 0 * * *", "0 0 25 * *", "0 0 1 1,7 *"}).Draw(t, "cron")
		case RRule:
			months := rapid.SliceOfNDistinct(rapid.IntRange(1, 12), 0, 6, rapid.ID[int]).Draw(t, "months")
			r.Value = rapid.SampledFrom([]string{"FREQ=MONTHLY", "FREQ=YEARLY"}).Draw(t, "freq")
			if len(months) > 0 {
				r.Value += ";BYMONTH=" + list(months)
			}
			r.Value += rapid.SampledFrom([]string{";BYMONTHDAY=-1", ";BYMONTHDAY=15", ";BYMONTHDAY=10", ";BYMONTHDAY=31", ";BYDAY=-1FR", ";BYDAY=2MO", ";BYMONTHDAY=28,29,30;BYSETPOS=-1"}).Draw(t, "by")
		case On:
			r.Value = calendar.Date(rapid.Int32Range(int32(calendar.First), int32(calendar.Last)).Draw(t, "day")).String()
		case Event:
			r.Value = rapid.SampledFrom([]string{"file-repealed", "收到申请", "会议", "the plan", "a", "每月", "3月", "request", "年底", "issue"}).Draw(t, "event")
		case After:
			r.Value = rapid.SampledFrom([]string{"1.3-budget", "a", "month"}).Draw(t, "obligation")
		}
		r.Unit = rapid.SampledFrom([]string{WorkingDays, Days, Months, Years}).Draw(t, "unit")
		most := map[string]int{WorkingDays: 400, Days: 400, Months: 60, Years: 50}[r.Unit]
		if rapid.Bool().Draw(t, "counts") {
			r.N = rapid.IntRange(-most, most).Draw(t, "n")
		}
		r.Roll = rapid.SampledFrom([]string{Forward, Backward, NoRoll}).Draw(t, "roll")
		mustStay(t, r, in2026)
	})
}

func FuzzWhatIsUnderstoodStays(f *testing.F) {
	for _, tc := range append(understood, understoodEnglish...) {
		f.Add(tc.phrase)
	}
	data := corpus(f)
	for _, s := range data {
		f.Add(s.phrase)
	}
	f.Fuzz(func(t *testing.T, phrase string) {
		m, err := Parse(phrase, in2026)
		if err != nil {
			if _, ok := err.(*Refusal); !ok || err.Error() == "" {
				t.Errorf("%q: %v", phrase, err)
			}
			return
		}
		if d := (distance{m.N, m.Unit}); !d.fits() || m.Value == "" {
			t.Errorf("%q means %+v", phrase, m)
		}
		mustStay(t, m.Rule, in2026)
	})
}
