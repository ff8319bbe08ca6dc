package words

import "testing"

var understoodEnglish = []struct{ phrase, want string }{
	{"by the 15th of each month", "every month + 15 days, forward"},
	{"on or before the 10th day of each month", "every month + 10 days, forward"},
	{"By the fifth of every month", "every month + 5 days, forward"},
	{"by the 15th of the following month", "every month + 15 days, forward"},
	{"monthly, by the 20th", "every month + 20 days, forward"},
	{"by the 30th of each month", "rrule FREQ=MONTHLY;BYMONTHDAY=28,29,30;BYSETPOS=-1 + 0 days, forward"},
	{"by the 31st of each month", "every month + 0 days, backward"},
	{"within 10 working days after each month", "every month + 10 working days, forward"},
	{"within ten business days after the end of each month", "every month + 10 working days, forward"},
	{"the first 10 working days of each month", "every month + 10 working days, forward"},
	{"monthly", "every month + 0 days, backward"},
	{"once a month", "every month + 0 days, backward"},
	{"at least once every month", "every month + 0 days, backward"},
	{"by the end of each month", "every month + 0 days, backward"},
	{"by the 15th of each month, or the next working day", "every month + 15 days, forward"},
	{"by the 15th of each month (as it falls)", "every month + 15 days, none"},
	{"by the 15th of each month (working day before)", "every month + 15 days, backward"},
	{"by the end of each month, due the following business day", "every month + 0 days, forward"},
	{"the last Friday of each month", "rrule FREQ=MONTHLY;BYDAY=-1FR + 0 days, forward"},
	{"by the 10th of the first month of each quarter", "every quarter + 10 days, forward"},
	{"by the 20th of the last month of each quarter", "rrule FREQ=MONTHLY;BYMONTH=3,6,9,12;BYMONTHDAY=20 + 0 days, forward"},
	{"by the last day of the first month after each quarter", "rrule FREQ=MONTHLY;BYMONTH=1,4,7,10;BYMONTHDAY=-1 + 0 days, backward"},
	{"within 10 working days after each quarter", "every quarter + 10 working days, forward"},
	{"within 45 days of the end of each quarter", "every quarter + 45 days, forward"},
	{"by the 20th of the month following each quarter", "every quarter + 20 days, forward"},
	{"quarterly, within 15 days after the end of the quarter", "every quarter + 15 days, forward"},
	{"at the end of each quarter", "every quarter + 0 days, backward"},
	{"within twenty (20) working days of receipt", "event receipt + 20 working days, forward"},
	{"by June 30 and December 31 of each year", "rrule FREQ=YEARLY;BYMONTH=6,12;BYMONTHDAY=-1 + 0 days, forward"},
	{"every year by the end of March", "rrule FREQ=YEARLY;BYMONTH=3;BYMONTHDAY=-1 + 0 days, backward"},
	{"twice yearly", "every half-year + 0 days, backward"},
	{"until 30 September 2026", "on 2026-09-30 + 0 days, forward"},
	{"by 5 pm on 30 September 2026", "on 2026-09-30 + 0 days, forward"},
	{"quarterly", "every quarter + 0 days, backward"},
	{"once per quarter", "every quarter + 0 days, backward"},
	{"by the end of each quarter", "every quarter + 0 days, backward"},
	{"half-yearly", "every half-year + 0 days, backward"},
	{"twice a year", "every half-year + 0 days, backward"},
	{"by the end of June and December", "every half-year + 0 days, backward"},
	{"within 15 working days after each half-year", "every half-year + 15 working days, forward"},
	{"within 3 months after each year", "every year + 3 months, forward"},
	{"yearly", "every year + 0 days, backward"},
	{"annually", "every year + 0 days, backward"},
	{"by the end of each year", "every year + 0 days, backward"},
	{"by 31 December each year", "every year + 0 days, backward"},
	{"by 31 March each year", "rrule FREQ=YEARLY;BYMONTH=3;BYMONTHDAY=31 + 0 days, forward"},
	{"by March 31st of each year", "rrule FREQ=YEARLY;BYMONTH=3;BYMONTHDAY=31 + 0 days, forward"},
	{"each year by 1 May", "rrule FREQ=YEARLY;BYMONTH=5;BYMONTHDAY=1 + 0 days, forward"},
	{"by the end of March each year", "rrule FREQ=YEARLY;BYMONTH=3;BYMONTHDAY=-1 + 0 days, backward"},
	{"January 31, April 30, July 31, October 31", "rrule FREQ=MONTHLY;BYMONTH=1,4,7,10;BYMONTHDAY=-1 + 0 days, forward"},
	{"by 15 March and 15 September each year", "rrule FREQ=YEARLY;BYMONTH=3,9;BYMONTHDAY=15 + 0 days, forward"},
	{"every Friday", "every week + -2 days, forward"},
	{"by Monday of each week", "every week + -6 days, forward"},
	{"weekly", "every week + 0 days, backward"},
	{"every working day", "every day + 0 days, forward"},
	{"daily", "every day + 0 days, forward"},
	{"every calendar day", "cron 0 0 * * * + 0 days, none"},
	{"by 30 September 2026", "on 2026-09-30 + 0 days, forward"},
	{"by September 30, 2026", "on 2026-09-30 + 0 days, forward"},
	{"2026-09-30", "on 2026-09-30 + 0 days, forward"},
	{"by 30 September", "on 2026-09-30 + 0 days, forward"},
	{"by 1 February", "on 2027-02-01 + 0 days, forward"},
	{"by the end of the year", "on 2026-12-31 + 0 days, backward"},
	{"by the end of 2027", "on 2027-12-31 + 0 days, backward"},
	{"by the end of September", "on 2026-09-30 + 0 days, backward"},
	{"by the end of the third quarter", "on 2026-09-30 + 0 days, backward"},
	{"by the end of Q3 2026", "on 2026-09-30 + 0 days, backward"},
	{"in the first half of the year", "on 2026-06-30 + 0 days, backward"},
	{"in December 2026", "on 2026-12-31 + 0 days, backward"},
	{"by the end of this month", "on 2026-03-31 + 0 days, backward"},
	{"within 30 working days of the plan", "on 2026-03-10 + 30 working days, forward"},
	{"within 30 working days after the plan is issued", "on 2026-03-10 + 30 working days, forward"},
	{"within 10 working days of the repeal", "event file-repealed + 10 working days, forward"},
	{"within 10 working days of file repealed", "event file-repealed + 10 working days, forward"},
	{"within twenty working days of receipt of the request", "event receipt of the request + 20 working days, forward"},
	{"10 working days before the repeal", "event file-repealed + -10 working days, forward"},
	{"30 days before the hearing", "event hearing + -30 days, backward"},
	{`within 5 working days after "1.3-budget"`, "after 1.3-budget + 5 working days, forward"},
}

func TestEnglishPhrasesMean(t *testing.T) {
	for _, tc := range understoodEnglish {
		m, err := Parse(tc.phrase, in2026)
		if err != nil {
			t.Errorf("%s: %v", tc.phrase, err)
		} else if got := ruleText(m.Rule); got != tc.want {
			t.Errorf("%s means %s, want %s", tc.phrase, got, tc.want)
		}
	}
}

// refused are phrases that name no day, or that can be read in two ways, with how
// many readings the answer has to offer.
var refused = []struct {
	phrase   string
	readings int
}{
	{"及时", 1}, {"及时公开", 1}, {"适时", 1}, {"定期", 1}, {"分批", 1}, {"长期", 1}, {"尽快", 1}, {"15日前后", 0}, {"每月15日左右", 1}, {"24小时内", 0},
	{"接到投诉后2小时内", 0}, {"三季度前", 2}, {"9月前", 2}, {"2027年前", 2}, {"上半年前", 2}, {"每年3月前", 2}, {"每年第三季度以前", 2}, {"每季度10日前", 2},
	{"当年9月30日前", 2}, {"次年3月31日前", 2}, {"每两周", 1}, {"每两个月", 2}, {"每三个月", 2}, {"每六个月", 2}, {"每三年", 1}, {"次日起五个工作日内", 2},
	{"30个工作日内", 2}, {"应当在三十日内", 2}, {"提前五个工作日", 2}, {"每年四次", 2}, {"每周二次", 2}, {"每月两次", 2}, {"每月底五日前", 2}, {"次月1日起15日内", 2},
	{"每季度首月31日前", 1}, {"每季度结束后2个月内", 2}, {"每半年结束后3个月内", 2}, {"分别于6月底和7月底", 2}, {"2014-2017年", 2}, {"当月月末", 2},
	{"2月30日前", 0}, {"2008年9月31日前", 0}, {"每年2月29日前", 1}, {"每月18日前（1月免报）", 0}, {"每月15日前，特殊情况除外", 0}, {"每年年初", 1}, {"每年农历九月初九", 1},
	{"同上", 1}, {"每学期一次", 1}, {"每月前", 0}, {"每季度前", 0}, {"", 0}, {"15", 0}, {"前", 0}, {"工作日", 0}, {"6月18日（星期一）前", 0}, {"9999年底前", 0}, {"每月32日前", 0}, {"每月0日前", 0},
	{"7月15日后10日内", 0}, {"急件1-5日内办结", 0}, {"一般在30日内办结", 2}, {"自本条例施行之日起6个月内", 2},
	{"当月25日前", 2}, {"月底前", 2}, {"季度末", 2}, {"每月最后一个工作日前", 1}, {"每季度最后5个工作日", 0}, {"次季度15日前", 0}, {"每周一、周四", 0}, {"by the end of the month", 2}, {"by quarter end", 2}, {"every second Monday", 0}, {"by the last working day of each month", 0}, {"not before 30 September 2026", 0},
	{"promptly", 1}, {"as and when", 1}, {"within 24 hours", 0}, {"within ten days", 2}, {"every two weeks", 1}, {"every six months", 2}, {"every 30 days", 1}, {"before September", 2},
	{"11/02/2026", 2}, {"15/03", 0}, {"late September", 1}, {"three times a year", 2}, {"within 10 days of the event", 2}, {"by the 31st of the first month of each quarter", 1}, {"by 30 February", 0},
	{"by the 15th of each month except January", 0}, {"within 2 months after each quarter", 2}, {"biweekly", 0}, {"within 30 days of the fiscal year end", 2},
}

func TestPhrasesThatAreRefused(t *testing.T) {
	for _, tc := range refused {
		m, err := Parse(tc.phrase, in2026)
		r, ok := err.(*Refusal)
		switch {
		case !ok:
			t.Errorf("%q was read as %s", tc.phrase, ruleText(m.Rule))
		case len(r.Readings) < tc.readings:
			t.Errorf("%q: %v, with the readings %v", tc.phrase, err, r.Readings)
		default:
			for _, reading := range r.Readings {
				mustStay(t, reading, in2026)
			}
		}
	}
}
