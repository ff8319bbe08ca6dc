package words

import (
	"strings"

	"duban/rules/calendar"
)

// zhDateRows are the rows of one date, and of counts around a period's end.
var zhDateRows = []row{
	// Before the end of each, and after a week.
	zh(`(每周|每月|每季度|每半年|每年度?)(?:结束|终了)前{N}{U}`, func(p *phrase, g []string) (Rule, *Refusal) {
		d, ok := distanceOf(number(g[2]), g[3])
		if !ok {
			return Rule{}, nil
		}
		return beforeEnd(zhPeriod[strings.TrimSuffix(g[1], "度")], d), nil
	}),
	zh(`每周(?:结束|终了)(?:后|之日起|之后|以后){N}{U}{D}{T}`, func(p *phrase, g []string) (Rule, *Refusal) {
		if !ends(g[3]) {
			return Rule{}, nil
		}
		return afterPeriod("week", number(g[1]), g[2])
	}),

	// One date.
	zh(`([0-9]{4})年{M}月{N}日(之日起|之后|以后|后|起){N}{U}{D}{T}`, func(p *phrase, g []string) (Rule, *Refusal) {
		return p.fromDate(number(g[1]), number(g[2]), number(g[3]), number(g[5]), g[6], g[7], 1)
	}),
	zh(`([0-9]{4})年{M}月{N}日(前|之前|以前){N}{U}{T}`, func(p *phrase, g []string) (Rule, *Refusal) {
		return p.fromDate(number(g[1]), number(g[2]), number(g[3]), number(g[5]), g[6], g[7], -1)
	}),
	zh(`{IN}{M}月{N}[日号](\((?:星期|周|礼拜)[一二三四五六日天]\))?{D}{T}`, func(p *phrase, g []string) (Rule, *Refusal) {
		if !ends(g[6]) {
			return Rule{}, nil
		}
		r, refusal := p.c.date(p.yearOf(g[1], g[2]), number(g[3]), number(g[4]))
		p.m.Dated = g[1] != ""
		if refusal == nil && g[5] != "" {
			day := zhWeekdays[zhWeekday.FindStringSubmatch(g[5])[1]]
			if d, err := calendar.ParseDate(r.Value); err != nil || int(d.Weekday()) != day%7 {
				return r, refuse("%s is another day of the week", r.Value)
			}
		}
		return r, refusal
	}),
	zh(`([0-9]{4})[-/.]([0-9]{1,2})[-/.]([0-9]{1,2})[日号]?{D}{T}`, func(p *phrase, g []string) (Rule, *Refusal) {
		p.m.Dated = true
		r, refusal := p.c.date(number(g[1]), number(g[2]), number(g[3]))
		return both(g[4], r, refusal)
	}),
	zh(`{IN}{M}月份?([上中下])旬(?:内|末|底)?{T}`, func(p *phrase, g []string) (Rule, *Refusal) {
		p.m.Dated = g[1] != ""
		year, month := p.yearOf(g[1], g[2]), number(g[3])
		if day := tenDays[g[4]]; day > 0 {
			r, refusal := p.c.date(year, month, day)
			return both(g[5], r, refusal)
		}
		r, refusal := p.c.end(year, month)
		return both(g[5], r, refusal)
	}),
	zh(`{IN}{M}月(?:份)?(?:(?:月?底|月?末)(?:以前|之前|前|内)?|内|以内|之内)?{T}`, func(p *phrase, g []string) (Rule, *Refusal) {
		p.m.Dated = g[1] != ""
		if !ends(g[4]) {
			return Rule{}, nil
		}
		return p.c.end(p.yearOf(g[1], g[2]), number(g[3]))
	}),
	zh(`{IN}{Q}(?:(?:季后|{END}后|后){N}[日天](?:以?内|前)?){T}`, func(p *phrase, g []string) (Rule, *Refusal) {
		days := number(g[4])
		if !ends(g[5]) || days < 1 || days > 366 {
			return Rule{}, nil
		}
		p.m.Dated = g[1] != ""
		year, month := p.yearOf(g[1], g[2]), quarterEnd[g[3]]
		if year == 0 {
			last := calendar.DateOf(p.c.Issued.Year(), 1, 0).AddMonths(month) + calendar.Date(days)
			if year = p.c.Year; year == 0 {
				if year = p.c.Issued.Year(); last < p.c.Issued {
					year++
				}
			}
		}
		return p.c.in(calendar.DateOf(year, 1, 0).AddMonths(month)+calendar.Date(days), Forward)
	}),
	zh(`{IN}{Q}(?:(?:末|底)(?:以前|之前|前|内)?|内|以内|之内)?{T}`, func(p *phrase, g []string) (Rule, *Refusal) {
		p.m.Dated = g[1] != ""
		if !ends(g[4]) {
			return Rule{}, nil
		}
		return p.c.end(p.yearOf(g[1], g[2]), quarterEnd[g[3]])
	}),
	zh(`{IN}{H}(?:(?:末|底)(?:以前|之前|前|内)?|内|以内|之内)?{T}`, func(p *phrase, g []string) (Rule, *Refusal) {
		p.m.Dated = g[1] != ""
		if !ends(g[4]) {
			return Rule{}, nil
		}
		return p.c.end(p.yearOf(g[1], g[2]), map[string]int{"上": 6, "下": 12}[g[3]])
	}),
	zh(`(?:([0-9]{4})年?|(今年|本年|明年))?(年?底|年?末|年?终|年?内|度内|度末|度底|年度内)(?:以前|之前|前)?{T}`, func(p *phrase, g []string) (Rule, *Refusal) {
		if g[1] == "" && g[2] == "" && !strings.HasPrefix(g[3], "年") || !ends(g[4]) {
			return Rule{}, nil
		}
		p.m.Dated = g[1] != ""
		return p.c.end(p.yearOf(g[1], g[2]), 12)
	}),
	zh(`([0-9]{4})年度?{T}`, func(p *phrase, g []string) (Rule, *Refusal) {
		p.m.Dated = true
		if !ends(g[2]) {
			return Rule{}, nil
		}
		return p.c.end(number(g[1]), 12)
	}),
	zh(`本(月|季度|季|年度|年|周)(?:度)?(?:月?底|季?末|年?底|末|底|内|以内|之内)(?:以前|之前|前|内)?{T}`, func(p *phrase, g []string) (Rule, *Refusal) {
		d := p.c.Issued
		if !ends(g[2]) {
			return Rule{}, nil
		}
		switch g[1] {
		case "月":
			return p.c.end(d.Year(), int(d.Month()))
		case "季度", "季":
			return p.c.end(d.Year(), (int(d.Month())+2)/3*3)
		case "周":
			return p.c.in(d+calendar.Date((7-int(d.Weekday()))%7), Backward)
		}
		return p.c.end(p.yearOf("", "本年"), 12)
	}),
	zh(`{IN}{M}月(?:{N}[日号])?份?{TO}(?:([0-9]{4})年)?(?:{M}月)?(?:{N}[日号])?(?:份|底|末)*{D}{T}`, func(p *phrase, g []string) (Rule, *Refusal) {
		month, day, ok := windowEnd(g[3], g[4], g[6], g[7])
		if !ok || !ends(g[8]) {
			return Rule{}, nil
		}
		year := p.yearOf(g[1], g[2])
		if g[5] != "" {
			year = number(g[5])
		}
		p.m.Dated = g[1] != "" || g[5] != ""
		if day == 0 {
			return p.c.end(year, month)
		}
		return p.c.date(year, month, day)
	}),
	zh(`((?:[0-9一二三四五六七八九十]+月(?:[0-9一二三四五六七八九十]+[日号]|底|末)(?:以前|之前|前)?(?:和|及|与|以及|,|、)){3,}[0-9一二三四五六七八九十]+月(?:[0-9一二三四五六七八九十]+[日号]|底|末)){D}{T}`, func(p *phrase, g []string) (Rule, *Refusal) {
		return zhList(g[1], g[2])
	}),
}

// zhEventRows are the rows of what follows something that happens.
var zhEventRows = []row{
	// After another obligation, and after what happens.
	zh(`「([a-z0-9.-]+)」(?:办结|完成|办理完毕)?(?:之日起|之日后|后|之后|以后){N}{U}{D}{T}`, func(p *phrase, g []string) (Rule, *Refusal) {
		d, ok := distanceOf(number(g[2]), g[3])
		if !ok || !ends(g[4]) {
			return Rule{}, nil
		}
		return Rule{After, g[1], d.n, d.unit, Forward}, nil
	}),
	zh(`「([a-z0-9.-]+)」(?:办结|完成|办理完毕)(?:当日|之日){T}`, func(p *phrase, g []string) (Rule, *Refusal) {
		return then(g[2], Rule{After, g[1], 0, Days, Forward})
	}),
	zh(`(?:自|从)?(?:本|该|此)?(?:实施|工作|分工|行动)*(?:方案|通知|意见|办法|文件|要点|计划)(?:印发|公布|发布|下发|发出|印发公布|出台)(?:之日起|之日后|之后|以后|后|起){N}{U}{D}{T}`, func(p *phrase, g []string) (Rule, *Refusal) {
		return p.fromIssue(g[1], g[2], g[3])
	}),
	zh(`(?:自)?(?:印发|发文)(?:之日起|之日后|之后|以后|后|起){N}{U}{D}{T}`, func(p *phrase, g []string) (Rule, *Refusal) {
		return p.fromIssue(g[1], g[2], g[3])
	}),
	zh(`(.+?)(?:之?次日起算?|之?次日起计算|之日起|之日后|日起|之后|以后|后|起)(?:第|算|计|计算)?(半个月|半月|半年|一年半)(?:以内|之内|内)?{T}`, func(p *phrase, g []string) (Rule, *Refusal) {
		d := map[string]distance{"半个月": {15, Days}, "半月": {15, Days}, "半年": {6, Months}, "一年半": {18, Months}}[g[2]]
		return p.fromEvent(g[1], d, g[3])
	}),
	zh(`(.+?)(?:之?次日起算?|之?次日起计算|之日起|之日后|日起|之后|以后|后|起)(?:第|算|计|计算)?{N}{U}(?:以内|之内|内|前|之前|以前)?{T}`, func(p *phrase, g []string) (Rule, *Refusal) {
		d, ok := distanceOf(number(g[2]), g[3])
		if !ok {
			return Rule{}, nil
		}
		return p.fromEvent(g[1], d, g[4])
	}),
	zh(`(.+?)当[日天](?:内)?{T}`, func(p *phrase, g []string) (Rule, *Refusal) { return p.fromEvent(g[1], distance{0, Days}, g[2]) }),
	zh(`((?:收到|接到|受理|接报).+?){N}{U}(?:以内|之内|内){T}`, func(p *phrase, g []string) (Rule, *Refusal) {
		d, ok := distanceOf(number(g[2]), g[3])
		if !ok {
			return Rule{}, nil
		}
		return p.fromEvent(g[1], d, g[4])
	}),
	zh(`(.+?)(?:前|之前|以前){N}{U}(?:以前|之前|前)?{T}`, func(p *phrase, g []string) (Rule, *Refusal) {
		d, ok := distanceOf(number(g[2]), g[3])
		if !ok {
			return Rule{}, nil
		}
		d.n = -d.n
		return p.fromEvent(g[1], d, g[4])
	}),
	zh(`(.+?){N}{U}(?:以前|之前|前){T}`, func(p *phrase, g []string) (Rule, *Refusal) {
		d, ok := distanceOf(number(g[2]), g[3])
		if !ok {
			return Rule{}, nil
		}
		d.n = -d.n
		return p.fromEvent(g[1], d, g[4])
	}),
}
