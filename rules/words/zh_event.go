package words

import (
	"regexp"
	"strings"
	"unicode/utf8"

	"duban/rules/calendar"
	"duban/rules/problem"
)

var (
	// What is no event: a day, a period, or nothing that happens.
	zhNoEvent = regexp.MustCompile(`^(?:自|从|每|按|各|次日|次月|次年|当日|当天|当月|当年|今后|以|之|本月|本年|本季度|即日|今日|年|月|周|季|季度|年度|半年|月度|提前|超过|不超过|第)*$|[0-9一二三四五六七八九十]月|[0-9]{4}年|[0-9一二三四五六七八九十]+[日号]|季度?(?:末|底|初)|[年月]?(?:底|末)$|^(?:每|按)?(?:个)?(?:会计)?(?:月|季|季度|半年|年|年度|周|学期|学年)度?(?:结束|终了|末|底|初)?$|(?:月|季|季度|半年|年|年度|周|月度)(?:结束|终了)$|第[一二三四五六七八九十0-9]+(?:周|季度|个月|个工作日)|(?:周|星期)[一二三四五六日天]|^(?:一般|原则上|通常|急件|特急|平均)`)
	// A period's name begins no event, unless something is done in it each time.
	zhPeriodic = regexp.MustCompile(`^(?:每|次|下一?|本|上一?|当|各|翌)个?(?:月|季|半年|年|周|星期|旬)`)
	zhEachTime = regexp.MustCompile(`^每(?:月|季度|半年|年|周)[^最第前末底初次]{2,}(?:结束|完成|完毕|开始|召开)$`)
	zhRange    = regexp.MustCompile(`[0-9]$|[一二三四五六七八九十百]$|-$|[至到]$`)
	zhVague    = regexp.MustCompile(`及时|适时|不定期|定期|分批|长期|尽快|尽早|尽量|左右|随时|实时|即时|限期|持续|常态化|常年|随到随办|按需|视情|农历|学期|学年|择机|近期|日前后|月前后|立即|立刻|马上|同步|滚动|逐步|同上|待定|另行通知|上级要求|年初|月初|季初|周初|春节|国庆|元旦|季节`)
	zhHours    = regexp.MustCompile(`小时|分钟|时内`)
	zhExcept   = regexp.MustCompile(`免报|除外|除.{1,12}外|不含|不包括|无需|不报|豁免`)
	zhTimes    = regexp.MustCompile(`(?:每|一|各)?(?:年度?|月|季度?|周|半年|学期)?(?:[0-9二两三四五六七八九十百]+|若干|多)(?:至[0-9]+)?次`)
	zhEveryN   = regexp.MustCompile(zhPieces.Replace(`^每隔?(?:{N}|半)个?(工作日|日|天|周|星期|月|季度|年)`))
	zhDouble   = regexp.MustCompile(`^每?(?:双周|隔周|隔月|隔年|旬)`)
	zhOfWhat   = regexp.MustCompile(zhPieces.Replace(`^(?:次日起|即日起|当日起|提前|不超过|不得超过|一般在?|原则上)?{N}{U}(?:以内|之内|内|前|之前|以前)?`))
	zhThisOr   = regexp.MustCompile(`^(?:当年度?|次年度?|翌年|该年)(.+)$`)
	zhThisMon  = regexp.MustCompile(`^(?:当月|该月|月)(?:月)?((?:[0-9一二三四五六七八九十]+[日号]|底|末|内).*)$`)
	zhThisQua  = regexp.MustCompile(`^(?:当|该)?季度?(?:末|底)`)
	zhLastDay  = regexp.MustCompile(`^(每个?月|每季度?|每年)最后(?:一|1)个?工作日`)
	zhMonthBe  = regexp.MustCompile(zhPieces.Replace(`^{IN}{M}月份?(?:前|之前|以前)`))
	zhQuartBe  = regexp.MustCompile(zhPieces.Replace(`^{IN}{Q}(?:前|之前|以前)`))
	zhHalfBe   = regexp.MustCompile(zhPieces.Replace(`^{IN}{H}(?:前|之前|以前)`))
	zhYearBe   = regexp.MustCompile(`^([0-9]{4})年(?:前|之前|以前)`)
	zhEachMBe  = regexp.MustCompile(zhPieces.Replace(`^{YEAR}{M}月份?(?:前|之前|以前)`))
	zhEachQBe  = regexp.MustCompile(zhPieces.Replace(`^{YEAR}{Q}(?:前|之前|以前)`))
	zhQuartN   = regexp.MustCompile(zhPieces.Replace(`^{QUARTER}(?:前)?{N}([日号]|个?工作日)`))
	zhEndN     = regexp.MustCompile(zhPieces.Replace(`^(每个?月|每个?季度|每年)(?:度)?(?:底|末)前?{N}{U}(?:前|之前|以前)?`))
	zhMonthsL  = regexp.MustCompile(`^(?:分别)?(?:于|在)?((?:[0-9一二三四五六七八九十]+月(?:[0-9一二三四五六七八九十]+[日号]|底|末)(?:以前|之前|前)?(?:和|及|与|以及|,|、))+[0-9一二三四五六七八九十]+月(?:[0-9一二三四五六七八九十]+[日号]|底|末))(?:前|之前|以前|内)?`)
	zhBy       = regexp.MustCompile(`(?:以前|之前|前)$`)
	zhYears    = regexp.MustCompile(`^([0-9]{4})(?:年)?[-至到]([0-9]{4})年`)
	zhInForce  = regexp.MustCompile(`(?:条例|规定|办法|方案|通知|意见|法律|本法)(?:施行|实施|生效)`)
)

// zhNames are what is meant by words too short for a name.
var zhNames = map[string]string{"会": "会议", "会议结束": "会议结束"}

// fromEvent counts from what happens.
func (p *phrase) fromEvent(name string, d distance, tail string) (Rule, *Refusal) {
	name = strings.TrimLeft(name, ",:")
	for _, frame := range []string{"自", "从", "在", "每年"} {
		if rest, ok := strings.CutPrefix(name, frame); ok && !zhNoEvent.MatchString(rest) && !strings.HasPrefix(rest, "建") && !strings.HasPrefix(rest, "职") {
			name = rest
		}
	}
	name = strings.Trim(name, "「」“”\"")
	if whole, ok := zhNames[name]; ok {
		name = whole
	}
	switch {
	case zhPeriodic.MatchString(name) && !zhEachTime.MatchString(name):
		return Rule{}, nil
	case !ends(tail) || zhNoEvent.MatchString(name) || zhRange.MatchString(name) || utf8.RuneCountInString(name) < 2 || strings.ContainsAny(name, "(),，;；"):
		return Rule{}, nil
	case zhInForce.MatchString(name):
		return Rule{}, twoWays(Rule{On, p.c.Issued.String(), d.n, d.unit, Forward}, Rule{Event, name, d.n, d.unit, Forward})
	}
	return p.c.event(name, d)
}

// vague refuses words that name no day.
func (p *phrase) vague() *Refusal {
	switch {
	case zhHours.MatchString(p.s):
		return refuse("hours are not counted: days and working days are")
	case zhExcept.MatchString(p.s):
		return refuse("an exception cannot be said in one rule: write a rule for what is owed, or give it to others")
	}
	if word := zhVague.FindString(p.s); word != "" {
		return noDate(word)
	}
	return nil
}

func noDate(word string) *Refusal {
	r := refuse("%q names no day: choose a rhythm", word)
	r.NoDay = true
	r.Readings = []Rule{atEnd("month"), atEnd("quarter"), atEnd("year")}
	return r
}

// try means what another phrase would; nil: nothing.
func (p *phrase) try(s string) []Rule {
	if m, refusal := parseChinese(s, p.c); refusal == nil && m.Kind != "" {
		return []Rule{m.Rule}
	}
	return nil
}

// refusal says why a phrase is not understood, with what it may mean.
func (p *phrase) refusal() *Refusal {
	if g := zhThisOr.FindStringSubmatch(p.s); g != nil {
		year := "本年"
		if strings.HasPrefix(p.s, "次") || strings.HasPrefix(p.s, "翌") {
			year = "明年"
		}
		return either(p.try(year+g[1]), p.try("每年"+g[1]))
	}
	if g := zhThisMon.FindStringSubmatch(p.s); g != nil {
		return either(p.try(itoa(int(p.c.Issued.Month()))+"月"+g[1]), p.try("每月"+g[1]))
	}
	if zhThisQua.MatchString(p.s) {
		return either(p.try("本季度末"), p.try("每季度末"))
	}
	if g := zhLastDay.FindStringSubmatch(p.s); g != nil {
		r := refuse("%q is not understood: write it as in 每月15日前、每季度结束后10个工作日内、2026年9月30日前", problem.Clip(p.s))
		r.Readings = p.try(g[1] + "底前")
		return r
	}
	if g := zhEndN.FindStringSubmatch(p.s); g != nil {
		period := map[string]string{"月": "month", "季": "quarter", "年": "year"}[string([]rune(strings.TrimPrefix(g[1], "每个"))[len([]rune(strings.TrimPrefix(g[1], "每个")))-1:])]
		if strings.Contains(g[1], "季") {
			period = "quarter"
		}
		if d, ok := distanceOf(number(g[2]), g[3]); ok && period != "" {
			return twoWays(every(period, -d.n, d.unit, Backward), atEnd(period))
		}
	}
	if r := p.beforeOrBy(); r != nil {
		return r
	}
	if g := zhQuartN.FindStringSubmatch(p.s); g != nil {
		n := number(g[1])
		if strings.Contains(g[2], "工作日") {
			return either([]Rule{counted("quarter", distance{n, WorkingDays})}, nil)
		}
		last, _ := monthDays(n, 3, 6, 9, 12)
		return either([]Rule{counted("quarter", distance{n, Days})}, []Rule{last})
	}
	if zhEveryN.MatchString(p.s) || zhDouble.MatchString(p.s) {
		g := zhEveryN.FindStringSubmatch(p.s)
		r := refuse("%q says not from when it counts: choose a rhythm of the calendar", p.s)
		if g != nil {
			r.Readings = everySo(number(g[1]), g[2], p.c.Issued)
		}
		return r
	}
	if g := zhMonthsL.FindStringSubmatch(p.s); g != nil {
		r := refuse("this is several dates: write a rule each, or 每年 before them")
		r.Several = true
		for _, part := range strings.FieldsFunc(strings.NewReplacer("以及", ",", "和", ",", "及", ",", "与", ",", "、", ",").Replace(g[1]), func(c rune) bool { return c == ',' }) {
			r.Readings = append(r.Readings, p.try(zhBy.ReplaceAllString(part, "")+"前")...)
		}
		return r
	}
	if g := zhYears.FindStringSubmatch(p.s); g != nil {
		last, _ := p.c.end(number(g[2]), 12)
		return either([]Rule{last}, []Rule{atEnd("year")})
	}
	if zhTimes.MatchString(p.s) {
		r := refuse("so many times without days is no deadline: choose a rhythm")
		r.Readings = []Rule{atEnd("month"), atEnd("quarter"), atEnd("half-year")}
		return r
	}
	if g := zhOfWhat.FindStringSubmatch(p.s); g != nil {
		if d, ok := distanceOf(number(g[1]), g[2]); ok {
			r := refuse("counted from what? say it, as in 方案印发之日起30个工作日内 or 收到申请后20个工作日内")
			r.Readings = []Rule{{On, p.c.Issued.String(), d.n, d.unit, Forward}, counted("month", d)}
			return r
		}
	}
	r := refuse("%q is not understood: write it as in 每月15日前、每季度结束后10个工作日内、2026年9月30日前", problem.Clip(p.s))
	return r
}

// beforeOrBy is 前 after a period: before it begins, or by its end?
func (p *phrase) beforeOrBy() *Refusal {
	before := func(r Rule) []Rule { // the end of the month before
		if d, err := calendar.ParseDate(r.Value); err == nil {
			return []Rule{onDate(d, Backward)}
		}
		return nil
	}
	monthBefore := func(year, month int) []Rule {
		r, refusal := p.c.end(year, month)
		if refusal != nil {
			return nil
		}
		d, err := calendar.ParseDate(r.Value)
		if err != nil {
			return nil
		}
		return before(onDate(calendar.DateOf(d.Year(), d.Month(), 0), Backward))
	}
	end := func(year, month int) []Rule {
		if r, refusal := p.c.end(year, month); refusal == nil {
			return []Rule{r}
		}
		return nil
	}
	each := func(month int) []Rule {
		if r, refusal := yearlyEnd((month+11)%12 + 1); refusal == nil {
			return []Rule{r}
		}
		return nil
	}
	if g := zhMonthBe.FindStringSubmatch(p.s); g != nil {
		year, month := p.yearOf(g[1], g[2]), number(g[3])
		return either(monthBefore(year, month), end(year, month))
	}
	if g := zhQuartBe.FindStringSubmatch(p.s); g != nil {
		year, month := p.yearOf(g[1], g[2]), quarterEnd[g[3]]
		return either(monthBefore(year, month-2), end(year, month))
	}
	if g := zhHalfBe.FindStringSubmatch(p.s); g != nil {
		year, month := p.yearOf(g[1], g[2]), map[string]int{"上": 6, "下": 12}[g[3]]
		return either(monthBefore(year, month-5), end(year, month))
	}
	if g := zhYearBe.FindStringSubmatch(p.s); g != nil {
		return either(end(number(g[1])-1, 12), end(number(g[1]), 12))
	}
	if g := zhEachMBe.FindStringSubmatch(p.s); g != nil {
		return either(each(number(g[1])-1), each(number(g[1])))
	}
	if g := zhEachQBe.FindStringSubmatch(p.s); g != nil {
		return either(each(quarterEnd[g[1]]-3), each(quarterEnd[g[1]]))
	}
	return nil
}

// either refuses a phrase with its readings.
func either(readings ...[]Rule) *Refusal {
	var all []Rule
	for _, r := range readings {
		for _, one := range r {
			if one.Kind != "" {
				all = append(all, one)
			}
		}
	}
	if len(all) == 0 {
		return refuse("this is not understood: write it as in 每月15日前、每季度结束后10个工作日内、2026年9月30日前")
	}
	return twoWays(all...)
}

// everySo are what every n months may mean: from the calendar's periods, or from
// the day of issue.
func everySo(n int, unit string, issued calendar.Date) []Rule {
	switch {
	case strings.HasSuffix(unit, "月") && n == 3:
		return []Rule{atEnd("quarter"), byRRule("FREQ=MONTHLY;INTERVAL=3", Forward)}
	case strings.HasSuffix(unit, "月") && n == 6:
		return []Rule{atEnd("half-year"), byRRule("FREQ=MONTHLY;INTERVAL=6", Forward)}
	case strings.HasSuffix(unit, "月") && n == 2:
		return []Rule{monthEnds(even...), monthEnds(odd...)}
	case (unit == "周" || unit == "星期") && n > 0:
		return []Rule{byRRule("FREQ=WEEKLY;INTERVAL="+itoa(n), Forward)}
	case unit == "年" && n > 0:
		return []Rule{byRRule("FREQ=YEARLY;INTERVAL="+itoa(n), Forward)}
	case n > 0 && unit != "":
		return []Rule{byRRule("FREQ=DAILY;INTERVAL="+itoa(n), Forward)}
	}
	return nil
}
