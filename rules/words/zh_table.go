package words

import (
	"slices"
	"strings"
)

var quarterEnd = map[string]int{"1": 3, "一": 3, "2": 6, "二": 6, "3": 9, "三": 9, "4": 12, "四": 12}

// weekday is Monday 1 to Sunday 7.
var zhWeekdays = map[string]int{"一": 1, "二": 2, "三": 3, "四": 4, "五": 5, "六": 6, "日": 7, "天": 7}

var rruleDays = [8]string{"", "MO", "TU", "WE", "TH", "FR", "SA", "SU"}

// onWeekday is due on that day of each week, counted back from its Sunday.
func onWeekday(day int) Rule { return every("week", day-7, Days, Forward) }

// nthWeekday is the n-th such weekday of each month; -1: the last.
func nthWeekday(n, day int) (Rule, *Refusal) {
	if n == 0 || n > 5 || n < -1 {
		return Rule{}, refuse("no month has %d of a weekday", n)
	}
	return byRRule("FREQ=MONTHLY;BYDAY="+itoa(n)+rruleDays[day], Forward), nil
}

// tenDays is a third of a month (旬): day 10, 20 or its end (0).
var tenDays = map[string]int{"上": 10, "中": 20, "下": 0}

// both joins a rule that may be refused with the rest of its phrase.
func both(tail string, r Rule, refusal *Refusal) (Rule, *Refusal) {
	if !ends(tail) {
		return Rule{}, nil
	}
	return r, refusal
}

// inFirstMonth is a day of each quarter's first month, counted from the quarter's
// end.
func inFirstMonth(tail string, day int) (Rule, *Refusal) {
	switch {
	case !ends(tail):
		return Rule{}, nil
	case day < 1 || day > 31:
		return Rule{}, noDay(day)
	case day == 31:
		r := refuse("April has no day 31")
		r.Readings = []Rule{monthEnds(1, 4, 7, 10)}
		return Rule{}, r
	}
	return counted("quarter", distance{day, Days}), nil
}

var (
	odd  = []int{1, 3, 5, 7, 9, 11}
	even = []int{2, 4, 6, 8, 10, 12}
)

func oddOrEven(s string) []int {
	if s == "双" || s == "偶数" {
		return even
	}
	return odd
}

// zhTable is the table of design §9, the narrower rows first.
var zhTable = slices.Concat(zhPeriodRows, zhDateRows, zhEventRows)

var zhPeriodRows = []row{
	// Each month.
	zh(`(?:{EACHMONTH}|{NEXTMONTH}){N}[日号]{D}{T}`, func(p *phrase, g []string) (Rule, *Refusal) {
		r, refusal := monthly(number(g[1]))
		return both(g[2], r, refusal)
	}),
	zh(`(?:{EACHMONTH}|{NEXTMONTH})1[日号](?:之?日?)起{N}{U}{D}{T}`, func(p *phrase, g []string) (Rule, *Refusal) {
		d, ok := distanceOf(number(g[1]), g[2])
		if !ok || d.unit != Days && d.unit != WorkingDays || d.n > 27 {
			return Rule{}, refuse("this counts from the first of a month: say it as in 每月15日前")
		}
		return Rule{}, twoWays(counted("month", d), counted("month", distance{d.n + 1, d.unit}))
	}),
	zh(`(?:{EACHMONTH}|月度?|{NEXTMONTH})(?:{END}|末|底|初)?{AFTER}?(?:前|头|第)?{N}{W}{D}{T}`, func(p *phrase, g []string) (Rule, *Refusal) {
		if strings.ContainsAny(p.s, "底末") && !strings.Contains(p.s, "后") {
			return Rule{}, nil // 每月底5个工作日前: before or after?
		}
		if n := number(g[1]); n > 0 && n <= 22 {
			return then(g[2], counted("month", distance{n, WorkingDays}))
		}
		return Rule{}, nil
	}),
	zh(`(?:{EACHMONTH}|月度?)(?:{END}{AFTER}?|末后|底后){N}{U}{D}{T}`, func(p *phrase, g []string) (Rule, *Refusal) {
		if !ends(g[3]) {
			return Rule{}, nil
		}
		return afterPeriod("month", number(g[1]), g[2])
	}),
	zh(`{EACHMONTH}(最后一?个?|第{N}个?)(?:周|星期|礼拜){W1}{D}{T}`, func(p *phrase, g []string) (Rule, *Refusal) {
		n := -1
		if g[2] != "" {
			n = number(g[2])
		}
		r, refusal := nthWeekday(n, zhWeekdays[g[3]])
		return both(g[4], r, refusal)
	}),
	zh(`{EACHMONTH}([上中下])旬(?:内|末|底)?{T}`, func(p *phrase, g []string) (Rule, *Refusal) {
		if day := tenDays[g[1]]; day > 0 {
			return then(g[2], byRRule("FREQ=MONTHLY;BYMONTHDAY="+itoa(day), Forward))
		}
		return then(g[2], byRRule("FREQ=MONTHLY;BYMONTHDAY=-1", Backward))
	}),
	zh(`(?:{EACHMONTH}|每月度)(?:月?底|月?末|月?终|内|当月内|最后一[天日])?{D}{T}`, func(p *phrase, g []string) (Rule, *Refusal) {
		if bare(p.s, "月", g[1]) {
			return Rule{}, nil
		}
		return then(g[1], atEnd("month"))
	}),

	// Each quarter.
	zh(`{OFQUARTER}{FIRST}{N}[日号]{D}{T}`, func(p *phrase, g []string) (Rule, *Refusal) { return inFirstMonth(g[2], number(g[1])) }),
	zh(`{OFQUARTER}{FIRST}前?{N}{W}{D}{T}`, func(p *phrase, g []string) (Rule, *Refusal) {
		if n := number(g[1]); n > 0 && n <= 22 {
			return then(g[2], counted("quarter", distance{n, WorkingDays}))
		}
		return Rule{}, nil
	}),
	zh(`{OFQUARTER}{FIRST}(?:月?底|月?末){D}{T}`, func(p *phrase, g []string) (Rule, *Refusal) { return then(g[1], monthEnds(1, 4, 7, 10)) }),
	zh(`{OFQUARTER}{SECOND}{N}[日号]{D}{T}`, func(p *phrase, g []string) (Rule, *Refusal) {
		r, refusal := monthDays(number(g[1]), 2, 5, 8, 11)
		return both(g[2], r, refusal)
	}),
	zh(`{OFQUARTER}{SECOND}(?:月?底|月?末){D}{T}`, func(p *phrase, g []string) (Rule, *Refusal) { return then(g[1], monthEnds(2, 5, 8, 11)) }),
	zh(`{OFQUARTER}{LAST}{N}[日号]{D}{T}`, func(p *phrase, g []string) (Rule, *Refusal) {
		r, refusal := monthDays(number(g[1]), 3, 6, 9, 12)
		return both(g[2], r, refusal)
	}),
	zh(`{OFQUARTER}{LAST}(?:月?底|月?末){D}{T}`, func(p *phrase, g []string) (Rule, *Refusal) { return then(g[1], atEnd("quarter")) }),
	zh(`{OFQUARTER}(?:{END}{AFTER}?|末?后|底后|之日起|度?终了?后){N}{U}{D}{T}`, func(p *phrase, g []string) (Rule, *Refusal) {
		if !ends(g[3]) {
			return Rule{}, nil
		}
		return afterPeriod("quarter", number(g[1]), g[2])
	}),
	zh(`{QUARTER}(?:季度?末|季度?底|末|底|内|终)?{D}{T}`, func(p *phrase, g []string) (Rule, *Refusal) {
		if bare(p.s, "季度", g[1]) || bare(p.s, "季", g[1]) {
			return Rule{}, nil
		}
		return then(g[1], atEnd("quarter"))
	}),

	// Each half-year.
	zh(`(?:每个?半年度?|半年度?)(?:{END}{AFTER}?|末?后|底后){N}{U}{D}{T}`, func(p *phrase, g []string) (Rule, *Refusal) {
		if !ends(g[3]) {
			return Rule{}, nil
		}
		return afterPeriod("half-year", number(g[1]), g[2])
	}),
	zh(`(?:每个?半年度?|按半年度?)(?:末|底|内)?{D}{T}`, func(p *phrase, g []string) (Rule, *Refusal) {
		if bare(p.s, "半年", g[1]) {
			return Rule{}, nil
		}
		return then(g[1], atEnd("half-year"))
	}),
	zh(`[每一]年(?:度)?(?:不少于|不得少于)?[两二2]次{T}`, func(p *phrase, g []string) (Rule, *Refusal) { return then(g[1], atEnd("half-year")) }),
	zh(`(?:每年度?)?年中{D}{AND}(?:年底|年末|年终){D}{T}`, func(p *phrase, g []string) (Rule, *Refusal) { return then(g[1], atEnd("half-year")) }),
	zh(`(?:每年度?)?上半年{AND}下半年(?:各)?{T}`, func(p *phrase, g []string) (Rule, *Refusal) { return then(g[1], atEnd("half-year")) }),
	zh(`(?:每年度?)?6月(?:底|末){D}{AND}12月(?:底|末){D}{T}`, func(p *phrase, g []string) (Rule, *Refusal) { return then(g[1], atEnd("half-year")) }),
	zh(`(?:每年度?)?六月(?:底|末){D}{AND}十二月(?:底|末){D}{T}`, func(p *phrase, g []string) (Rule, *Refusal) { return then(g[1], atEnd("half-year")) }),

	// Each year.
	zh(`(?:{YEAR}|(?:会计|公历)?年度)(?:{END}{AFTER}?|末后|底后){N}{U}{D}{T}`, func(p *phrase, g []string) (Rule, *Refusal) {
		if !ends(g[3]) {
			return Rule{}, nil
		}
		return afterPeriod("year", number(g[1]), g[2])
	}),
	zh(`{YEAR}{M}月{N}[日号]{D}{T}`, func(p *phrase, g []string) (Rule, *Refusal) {
		r, refusal := yearly(number(g[1]), number(g[2]))
		return both(g[3], r, refusal)
	}),
	zh(`{YEAR}{M}月(?:份)?([上中下])旬(?:内|末|底)?{T}`, func(p *phrase, g []string) (Rule, *Refusal) {
		if day := tenDays[g[2]]; day > 0 {
			r, refusal := monthDays(day, number(g[1]))
			return both(g[3], r, refusal)
		}
		r, refusal := yearlyEnd(number(g[1]))
		return both(g[3], r, refusal)
	}),
	zh(`{YEAR}{M}月(?:份)?(?:月?底|月?末|内)(?:以前|之前|前)?{T}`, func(p *phrase, g []string) (Rule, *Refusal) {
		r, refusal := yearlyEnd(number(g[1]))
		return both(g[2], r, refusal)
	}),
	zh(`{YEAR}{M}月份?{T}`, func(p *phrase, g []string) (Rule, *Refusal) {
		r, refusal := yearlyEnd(number(g[1]))
		return both(g[2], r, refusal)
	}),
	zh(`{YEAR}{Q}(?:(?:末|底)(?:以前|之前|前|内)?|内)?{T}`, func(p *phrase, g []string) (Rule, *Refusal) {
		return then(g[2], monthEnds(quarterEnd[g[1]]))
	}),
	zh(`{YEAR}{H}(?:(?:末|底)(?:以前|之前|前|内)?|内)?{T}`, func(p *phrase, g []string) (Rule, *Refusal) {
		if g[1] == "上" {
			return then(g[2], monthEnds(6))
		}
		return then(g[2], atEnd("year"))
	}),
	zh(`{YEAR}{M}月(?:{N}[日号])?{TO}(?:{M}月)?(?:{N}[日号])?(?:份|底|末)*{D}{T}`, func(p *phrase, g []string) (Rule, *Refusal) {
		month, day, ok := windowEnd(g[1], g[2], g[3], g[4])
		switch {
		case !ok:
			return Rule{}, nil
		case day == 0:
			r, refusal := yearlyEnd(month)
			return both(g[5], r, refusal)
		}
		r, refusal := yearly(month, day)
		return both(g[5], r, refusal)
	}),
	zh(`{YEAR}(?:分别)?(?:于|在)?((?:[0-9一二三四五六七八九十]+月?(?:[0-9一二三四五六七八九十]+[日号]|底|末)?(?:以前|之前|前)?(?:和|及|与|以及|,|、))+[0-9一二三四五六七八九十]+月(?:[0-9一二三四五六七八九十]+[日号]|底|末)?){D}{T}`, func(p *phrase, g []string) (Rule, *Refusal) {
		return zhList(g[1], g[2])
	}),
	zh(`每?个?(单|双|奇数|偶数)月份?{N}[日号]{D}{T}`, func(p *phrase, g []string) (Rule, *Refusal) {
		r, refusal := monthDays(number(g[2]), oddOrEven(g[1])...)
		return both(g[3], r, refusal)
	}),
	zh(`每个?(单|双|奇数|偶数)月份?(?:(?:月?底|月?末){D})?{T}`, func(p *phrase, g []string) (Rule, *Refusal) { return then(g[2], monthEnds(oddOrEven(g[1])...)) }),
	zh(`{YEAR}(?:年?底|年?末|年?终|内|度内|度末|度底)?{D}{T}`, func(p *phrase, g []string) (Rule, *Refusal) {
		if bare(p.s, "年", g[1]) || bare(p.s, "年度", g[1]) {
			return Rule{}, nil
		}
		return then(g[1], atEnd("year"))
	}),

	// Each week, each day.
	zh(`每个?(?:周|星期|礼拜)(?:周|星期)?{W1}{D}{T}`, func(p *phrase, g []string) (Rule, *Refusal) { return then(g[2], onWeekday(zhWeekdays[g[1]])) }),
	zh(`(?:每个?(?:周|星期|礼拜)|按周|逐周)(?:内|末?以?前)?{T}`, func(p *phrase, g []string) (Rule, *Refusal) {
		if strings.Contains(p.s, "前") {
			return Rule{}, nil
		}
		return then(g[1], atEnd("week"))
	}),
	zh(`(?:每日|每天|每一?个?自然日){T}`, func(p *phrase, g []string) (Rule, *Refusal) {
		if tail := zhDaysOff.ReplaceAllString(g[1], ""); tail != g[1] {
			return then(tail, Rule{Cron, "0 0 * * *", 0, Days, NoRoll})
		}
		return then(g[1], every("day", 0, Days, Forward))
	}),
	zh(`(?:每一?个?工作日|按日|逐日)(?:内)?{T}`, func(p *phrase, g []string) (Rule, *Refusal) { return then(g[1], every("day", 0, Days, Forward)) }),
	zh(`(?:一|1)?个?(半年|年|月|季度|季|周|星期|日|天){T}`, func(p *phrase, g []string) (Rule, *Refusal) {
		period := map[string]string{"半年": "half-year", "年": "year", "月": "month", "季度": "quarter", "季": "quarter", "周": "week", "星期": "week", "日": "day", "天": "day"}[g[1]]
		switch {
		case !p.once || strings.HasPrefix(p.s, "年度") || strings.HasPrefix(p.s, "月度"):
			return Rule{}, nil
		case period == "day":
			return then(g[2], every("day", 0, Days, Forward))
		}
		return then(g[2], atEnd(period))
	}),
}

// bare tells that 前 follows a period without its end, as in 每季度前: which is
// not by its end.
func bare(s, period, _ string) bool {
	i := strings.Index(s, period)
	if i < 0 {
		return false
	}
	rest := s[i+len(period):]
	for _, before := range []string{"前", "之前", "以前"} {
		if strings.HasPrefix(rest, before) {
			return true
		}
	}
	return false
}

// windowEnd is the end of a time from one day or month to another; day 0: the
// month's end.
func windowEnd(month, day, toMonth, toDay string) (m, d int, ok bool) {
	switch {
	case toMonth == "" && toDay == "":
		return 0, 0, false
	case toMonth == "" && day == "":
		return 0, 0, false // 5月至10日
	case toMonth == "":
		m, d = number(month), number(toDay)
		return m, d, d > number(day)
	case toDay != "":
		return number(toMonth), number(toDay), true
	}
	return number(toMonth), 0, true
}

// zhList reads days of the year that are written one after another; a day that
// stands with the last alone holds for all.
func zhList(text, tail string) (Rule, *Refusal) {
	if !ends(tail) {
		return Rule{}, nil
	}
	text = strings.NewReplacer("以及", ",", "和", ",", "及", ",", "与", ",", "、", ",", "之前", "", "以前", "", "前", "").Replace(text)
	parts := strings.Split(text, ",")
	var days [][2]int
	for i := len(parts) - 1; i >= 0; i-- {
		month, day, hasMonth := strings.Cut(parts[i], "月")
		d := [2]int{number(month), 0}
		switch {
		case !hasMonth && len(days) > 0:
			d[1] = days[len(days)-1][1]
		case strings.HasSuffix(day, "日") || strings.HasSuffix(day, "号"):
			d[1] = number(strings.TrimSuffix(strings.TrimSuffix(day, "日"), "号"))
		case day == "" && len(days) > 0 && i < len(parts)-1 && strings.HasSuffix(parts[len(parts)-1], "日"):
			d[1] = days[len(days)-1][1] // 3月、9月15日
		}
		if d[0] < 1 || d[0] > 12 || d[1] < 0 || d[1] > daysOf(d[0]) {
			return Rule{}, refuse("there is no such day: %s", parts[i])
		}
		days = append(days, d)
	}
	if r, ok := rhythm(days); ok {
		return r, nil
	}
	r := refuse("no one rule says these days: write a rule each")
	for _, d := range days {
		one, refusal := yearlyEnd(d[0])
		if d[1] > 0 {
			one, refusal = yearly(d[0], d[1])
		}
		if refusal == nil {
			r.Readings = append([]Rule{one}, r.Readings...)
		}
	}
	return Rule{}, r
}

var zhPeriod = map[string]string{"每周": "week", "每月": "month", "每季": "quarter", "每半年": "half-year", "每年": "year"}

// beforeEnd is so long before the end of each period.
func beforeEnd(period string, d distance) Rule {
	if d.unit == WorkingDays {
		return every(period, -d.n, d.unit, Forward)
	}
	return every(period, -d.n, d.unit, Backward)
}

// fromDate counts from a day that is written whole.
func (p *phrase) fromDate(year, month, day, n int, unit, tail string, sign int) (Rule, *Refusal) {
	d, ok := distanceOf(n, unit)
	if !ok || !ends(tail) {
		return Rule{}, nil
	}
	r, refusal := p.c.date(year, month, day)
	r.N, r.Unit, r.Roll = sign*d.n, d.unit, Forward
	if sign < 0 && d.unit != WorkingDays {
		r.Roll = Backward
	}
	p.m.Dated = true
	return r, refusal
}

// fromIssue counts from the day the plan was issued.
func (p *phrase) fromIssue(n, unit, tail string) (Rule, *Refusal) {
	d, ok := distanceOf(number(n), unit)
	if !ok || !ends(tail) {
		return Rule{}, nil
	}
	return Rule{On, p.c.Issued.String(), d.n, d.unit, Forward}, nil
}
