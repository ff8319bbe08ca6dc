package words

import (
	"regexp"
	"strings"

	"duban/rules/problem"
)

// enTable is the table of design §9 in English, the narrower rows first.
var enTable = []row{
	// Each month.
	en(`{BY?}(?:the )?{TH} (?:of |in )?(?:{EACH}|{NEXT}|the month|{EACH} (?:following|succeeding|next)) months?`, func(p *phrase, g []string) (Rule, *Refusal) { return enMonthly(g[1]) }),
	en(`{BY?}(?:the )?{TH} of the month`, func(p *phrase, g []string) (Rule, *Refusal) { return enMonthly(g[1]) }),
	en(`{BY?}(?:the )?{TH} (?:of |in )?(?:the )?month (?:following|after|succeeding) (?:each|every|the) month(?: (?:for which|in which|when) .*(?:made|worked|earned|paid|accrued|incurred|collected|occurs?|relates?))?`, func(p *phrase, g []string) (Rule, *Refusal) { return enMonthly(g[1]) }),
	en(`{EVERY} month (?:by|on|on or before) (?:the )?{TH}`, func(p *phrase, g []string) (Rule, *Refusal) { return enMonthly(g[1]) }),
	en(`monthly,? (?:by|on|on or before|no later than) (?:the )?{TH}`, func(p *phrase, g []string) (Rule, *Refusal) { return enMonthly(g[1]) }),
	en(`{WITHIN?}(?:first )?{N} {U} (?:{AFTER} (?:each |every )?(?:calendar )?month(?:'s)?(?:-end| end| ends)?|{AFTER} (?:each|every) (?:calendar )?month|of {EVERY} month)`, func(p *phrase, g []string) (Rule, *Refusal) { return enAfter("month", g[1], g[2]) }),
	en(`(?:monthly|quarterly|half-yearly|semi-?annually|yearly|annually),? (?:{WITHIN} )?{N} {U}(?: (?:after|of) (?:the )?(?:period|period end|end of (?:the |each )?(?:period|month|quarter|half-year|year)))?`, func(p *phrase, g []string) (Rule, *Refusal) {
		return enAfter(enPeriod(strings.ToLower(strings.TrimRight(strings.Fields(p.s)[0], ","))), g[1], g[2])
	}),
	en(`{BY?}(?:the )?(?:end|last day) of (?:each|every|the each) month`, means(atEnd("month"))),
	en(`(?:monthly|(?:once )?(?:each|every) month|once (?:a|per) month|on a monthly basis|month-end|each month-end|every month-end)`, means(atEnd("month"))),
	en(`(?:by |on )?the (last|first|second|third|fourth|1st|2nd|3rd|4th) {DAY} of (?:each|every) month`, func(p *phrase, g []string) (Rule, *Refusal) {
		n := -1
		if strings.ToLower(g[1]) != "last" {
			n = enNumber(g[1])
		}
		return nthWeekday(n, enWeekdays[strings.ToLower(g[2])])
	}),

	// Each quarter.
	en(`{BY?}(?:the )?{TH} of (?:the )?(first|second|third|last) month (?:of|in|after) (?:each|every|the) quarter`, func(p *phrase, g []string) (Rule, *Refusal) {
		day := enNumber(g[1])
		switch which := strings.ToLower(g[2]); {
		case day < 0:
			return Rule{}, nil
		case which == "first":
			return inFirstMonth("", day)
		case which == "second":
			return monthDays(day, 2, 5, 8, 11)
		}
		return monthDays(day, 3, 6, 9, 12)
	}),
	en(`{BY?}(?:the )?{TH} of (?:the )?month (?:following|after) (?:the end of )?(?:each|every|the) quarter`, func(p *phrase, g []string) (Rule, *Refusal) {
		if day := enNumber(g[1]); day >= 0 {
			return inFirstMonth("", day)
		}
		return Rule{}, nil
	}),
	en(`{BY?}(?:the )?(?:last day|end) of (?:the )?(first|second|third|last) month (?:of|in|after) (?:each|every|the) quarter`, func(p *phrase, g []string) (Rule, *Refusal) {
		switch strings.ToLower(g[1]) {
		case "first":
			return monthEnds(1, 4, 7, 10), nil
		case "second":
			return monthEnds(2, 5, 8, 11), nil
		}
		return atEnd("quarter"), nil
	}),
	en(`{WITHIN?}{N} {W} of the first month of (?:each|every) quarter`, func(p *phrase, g []string) (Rule, *Refusal) { return enAfter("quarter", g[1], "working days") }),
	en(`{WITHIN?}{N} {U} (?:{AFTER} (?:each |every )?(?:calendar )?quarter(?:'s)?(?:-end| end| ends)?)`, func(p *phrase, g []string) (Rule, *Refusal) { return enAfter("quarter", g[1], g[2]) }),
	en(`{BY?}(?:the )?(?:end|last day) of (?:each|every) (?:calendar )?quarter`, means(atEnd("quarter"))),
	en(`(?:quarterly|(?:once )?(?:each|every) (?:calendar )?quarter|once (?:a|per) quarter|on a quarterly basis|each quarter-end)`, means(atEnd("quarter"))),

	// Each half-year.
	en(`{WITHIN?}{N} {U} (?:{AFTER} (?:each |every )?(?:half-year|half year|semi-?annual period|six-month period|half-yearly period)(?:'s)?(?:-end| end| ends)?)`, func(p *phrase, g []string) (Rule, *Refusal) { return enAfter("half-year", g[1], g[2]) }),
	en(`{BY?}(?:the )?(?:end|last day) of (?:each|every) (?:half-year|half year)`, means(atEnd("half-year"))),
	en(`{BY?}(?:the )?end of june and (?:(?:the )?end of )?december(?: (?:each|every|of each|of every) year)?`, means(atEnd("half-year"))),
	en(`(?:half-yearly|semi-?annually|(?:once )?(?:each|every) half(?:-| )year|twice (?:a|per|each|every) year|twice yearly|on a (?:semi-?annual|half-yearly) basis)`, means(atEnd("half-year"))),
	en(`twice (?:a|per|each|every) year,? \(?in {MON} and {MON}\)?`, func(p *phrase, g []string) (Rule, *Refusal) { return enMonthEnds(g[1], g[2]), nil }),

	// Each year.
	en(`{WITHIN?}{N} {U} (?:{AFTER} (?:each|every|the) (?:calendar )?year(?:-end| end| ends)?|{AFTER} (?:calendar )?year(?:-| )end)`, func(p *phrase, g []string) (Rule, *Refusal) { return enAfter("year", g[1], g[2]) }),
	en(`{BY?}(?:the )?{TH}(?: of)? {MON},? (?:each|every|of each|of every|in each|in every|a) year`, func(p *phrase, g []string) (Rule, *Refusal) { return enYearly(g[2], g[1]) }),
	en(`{BY?}{MON} (?:the )?{TH},? (?:each|every|of each|of every|in each|in every) year`, func(p *phrase, g []string) (Rule, *Refusal) { return enYearly(g[1], g[2]) }),
	en(`(?:each|every) year,? {BY} (?:the )?{TH}(?: of)? {MON}`, func(p *phrase, g []string) (Rule, *Refusal) { return enYearly(g[2], g[1]) }),
	en(`(?:yearly|annually),? {BY} (?:the )?{TH}(?: of)? {MON}`, func(p *phrase, g []string) (Rule, *Refusal) { return enYearly(g[2], g[1]) }),
	en(`(?:(?:each|every) year|annually|yearly),? {BY} {MON} (?:the )?{TH}`, func(p *phrase, g []string) (Rule, *Refusal) { return enYearly(g[1], g[2]) }),
	en(`{BY?}(?:the )?(?:end|last day) of {MON},? (?:each|every|of each|of every|in each) year`, func(p *phrase, g []string) (Rule, *Refusal) { return yearlyEnd(enMonth(g[1])) }),
	en(`(?:(?:each|every) year,? (?:in|by (?:the )?end of)|every|each) {MON}`, func(p *phrase, g []string) (Rule, *Refusal) { return yearlyEnd(enMonth(g[1])) }),
	en(`in {MON} (?:each|every|of each|of every) year`, func(p *phrase, g []string) (Rule, *Refusal) { return yearlyEnd(enMonth(g[1])) }),
	en(`{BY?}(?:the )?end of (?:the )?{Q} quarter (?:each|every|of each|of every) year`, func(p *phrase, g []string) (Rule, *Refusal) { return monthEnds(enQuarters[strings.ToLower(g[1])]), nil }),
	en(`{BY?}(?:the )?(?:end|last day) of (?:each|every) (?:calendar )?year`, means(atEnd("year"))),
	en(`(?:yearly|annually|(?:once )?(?:each|every) (?:calendar )?year|once (?:a|per) year|on an? (?:annual|yearly) basis)`, means(atEnd("year"))),
	en(`{BY?}(.+(?: and |, ?).+),? (?:each|every|of each|of every) year`, func(p *phrase, g []string) (Rule, *Refusal) { return enList(strings.TrimSuffix(g[1], " of"), true) }),
	en(`(?:each|every) year,? {BY} (.+(?: and |, ?).+)`, func(p *phrase, g []string) (Rule, *Refusal) { return enList(g[1], true) }),
	en(`(?:by |on |before )?the {TH} of (?:each|every) (odd|even) month`, func(p *phrase, g []string) (Rule, *Refusal) {
		if strings.ToLower(g[2]) == "even" {
			return monthDays(enNumber(g[1]), even...)
		}
		return monthDays(enNumber(g[1]), odd...)
	}),

	// Each week, each day.
	en(`(?:by |on |before |on or before )?(?:each |every ){DAY}`, func(p *phrase, g []string) (Rule, *Refusal) {
		if strings.HasPrefix(strings.ToLower(p.s), "before") {
			return Rule{}, nil
		}
		return onWeekday(enWeekdays[strings.ToLower(g[1])]), nil
	}),
	en(`(?:by |on |each )?{DAY}(?:s)? (?:each|every|of each|of every) week`, func(p *phrase, g []string) (Rule, *Refusal) { return onWeekday(enWeekdays[strings.ToLower(g[1])]), nil }),
	en(`weekly,? (?:by|on) {DAY}`, func(p *phrase, g []string) (Rule, *Refusal) { return onWeekday(enWeekdays[strings.ToLower(g[1])]), nil }),
	en(`(?:weekly|(?:once )?(?:each|every) week|once (?:a|per) week|on a weekly basis|by the end of (?:each|every) week)`, means(atEnd("week"))),
	en(`(?:daily|(?:each|every) (?:working |business )?day|once (?:a|per) day|on a daily basis)`, means(every("day", 0, Days, Forward))),
	en(`(?:(?:each|every) calendar day|(?:daily|(?:each|every) day),? ?\(?including (?:days off|weekends(?: and holidays)?)\)?)`, means(Rule{Cron, "0 0 * * *", 0, Days, NoRoll})),

	// Before the end of each, and after a week.
	en(`(?:at least )?{N} {U} before (?:the )?end of (?:each|every) (week|month|quarter|half-year|year)`, func(p *phrase, g []string) (Rule, *Refusal) {
		d, ok := enDistance(g[1], g[2])
		if !ok {
			return Rule{}, nil
		}
		return beforeEnd(strings.ToLower(g[3]), d), nil
	}),
	en(`{WITHIN?}{N} {U} (?:after|of|following) (?:each|every) week`, func(p *phrase, g []string) (Rule, *Refusal) { return enAfter("week", g[1], g[2]) }),
	en(`in the (first|second|last) ten days of each month`, func(p *phrase, g []string) (Rule, *Refusal) {
		switch strings.ToLower(g[1]) {
		case "first":
			return byRRule("FREQ=MONTHLY;BYMONTHDAY=10", Forward), nil
		case "second":
			return byRRule("FREQ=MONTHLY;BYMONTHDAY=20", Forward), nil
		}
		return byRRule("FREQ=MONTHLY;BYMONTHDAY=-1", Backward), nil
	}),
	en(`by the end of each (odd|even) month`, func(p *phrase, g []string) (Rule, *Refusal) {
		if strings.ToLower(g[1]) == "even" {
			return monthEnds(even...), nil
		}
		return monthEnds(odd...), nil
	}),

	// One date.
	en(`{WITHIN?}{N} {U} (?:after|of|following|from) ([0-9]{1,2}) {MON} ([0-9]{4})`, func(p *phrase, g []string) (Rule, *Refusal) { return p.enFromDate(g, 1) }),
	en(`{N} {U} before ([0-9]{1,2}) {MON} ([0-9]{4})`, func(p *phrase, g []string) (Rule, *Refusal) { return p.enFromDate(g, -1) }),
	en(`{BY?}([0-9]{4})[-/.]([0-9]{1,2})[-/.]([0-9]{1,2})`, func(p *phrase, g []string) (Rule, *Refusal) {
		return p.c.date(p.enYear(g[1]), number(g[2]), number(g[3]))
	}),
	en(`{BY?}(?:the )?([0-9]{1,2})(?:st|nd|rd|th)?(?: of)? {MON},?{YEAR}`, func(p *phrase, g []string) (Rule, *Refusal) {
		return p.c.date(p.enYear(g[3]), enMonth(g[2]), number(g[1]))
	}),
	en(`{BY?}{MON} ([0-9]{1,2})(?:st|nd|rd|th)?,?{YEAR}`, func(p *phrase, g []string) (Rule, *Refusal) {
		return p.c.date(p.enYear(g[3]), enMonth(g[1]), number(g[2]))
	}),
	en(`{BY?}(?:the )?(?:end|last day) of {MON},?{YEAR}`, func(p *phrase, g []string) (Rule, *Refusal) {
		return p.c.end(p.enYear(g[2]), enMonth(g[1]))
	}),
	en(`(?:in|during) {MON},?{YEAR}`, func(p *phrase, g []string) (Rule, *Refusal) { return p.c.end(p.enYear(g[2]), enMonth(g[1])) }),
	en(`(?:{BY?}(?:the )?end of|in|during) (?:the )?{Q}(?: quarter)?(?: of)?{YEAR}`, func(p *phrase, g []string) (Rule, *Refusal) {
		which := strings.ToLower(g[1])
		if !strings.HasPrefix(which, "q") && !strings.Contains(strings.ToLower(p.s), "quarter") {
			return Rule{}, nil
		}
		return p.c.end(p.enYear(g[2]), enQuarters[which])
	}),
	en(`(?:{BY?}(?:the )?end of|in|during) (?:the )?(first|second) half(?: of(?: the year)?)?{YEAR}`, func(p *phrase, g []string) (Rule, *Refusal) {
		return p.c.end(p.enYear(g[2]), map[string]int{"first": 6, "second": 12}[strings.ToLower(g[1])])
	}),
	en(`{BY?}(?:the )?(?:end of (?:the|this) year|year(?:-| |'s )end)`, func(p *phrase, g []string) (Rule, *Refusal) { return p.c.end(0, 12) }),
	en(`{BY?}(?:the )?(?:end of|in|during) ([0-9]{4})`, func(p *phrase, g []string) (Rule, *Refusal) { return p.c.end(p.enYear(g[1]), 12) }),
	en(`(?:{BY?}(?:the )?end of|within|during) (?:this|the current) (month|quarter|year)`, func(p *phrase, g []string) (Rule, *Refusal) {
		d := p.c.Issued
		switch strings.ToLower(g[1]) {
		case "month":
			return p.c.end(d.Year(), int(d.Month()))
		case "quarter":
			return p.c.end(d.Year(), (int(d.Month())+2)/3*3)
		}
		return p.c.end(p.yearOf("", "本年"), 12)
	}),
	en(`(?:from )?{MON}{YEAR} (?:to|until|-) {MON}{YEAR}`, func(p *phrase, g []string) (Rule, *Refusal) { return p.c.end(p.enYear(g[4]), enMonth(g[3])) }),
	en(`{BY?}(.+(?: and |, ?).+)`, func(p *phrase, g []string) (Rule, *Refusal) { return enList(g[1], false) }),

	// After another obligation, and after what happens.
	en(`{WITHIN?}{N} {U} (?:after|of|following|from)(?: (?:the )?(?:closing|completion) of)? "([a-z0-9.-]+)"(?: (?:is|was) (?:closed|done))?`, func(p *phrase, g []string) (Rule, *Refusal) {
		d, ok := enDistance(g[1], g[2])
		if !ok {
			return Rule{}, nil
		}
		return Rule{After, g[3], d.n, d.unit, Forward}, nil
	}),
	en(`on the day of (.+)`, func(p *phrase, g []string) (Rule, *Refusal) { return p.enEvent(g[1], distance{0, Days}) }),
	en(`on the day "([a-z0-9.-]+)" is (?:closed|done)`, func(p *phrase, g []string) (Rule, *Refusal) { return Rule{After, g[1], 0, Days, Forward}, nil }),
	en(`{WITHIN?}{N} {U} (?:after|of|following|from) (?:the )?(?:issue of |publication of |release of |date of |issuance of )?(?:the |this )?(?:plan|notice|document)(?:'s)?(?: (?:issue|publication|release|is issued|is published|was issued))?`, func(p *phrase, g []string) (Rule, *Refusal) {
		d, ok := enDistance(g[1], g[2])
		if !ok {
			return Rule{}, nil
		}
		return Rule{On, p.c.Issued.String(), d.n, d.unit, Forward}, nil
	}),
	en(`(?:at least |not less than |no later than |not later than |by )?{N} {U} (?:before|prior to|ahead of|in advance of) (.+)`, func(p *phrase, g []string) (Rule, *Refusal) {
		d, ok := enDistance(g[1], g[2])
		if !ok {
			return Rule{}, nil
		}
		d.n = -d.n
		return p.enEvent(g[3], d)
	}),
	en(`{WITHIN?}{N} {U} (?:after|of|following|from|since) (.+)`, func(p *phrase, g []string) (Rule, *Refusal) {
		d, ok := enDistance(g[1], g[2])
		if !ok {
			return Rule{}, nil
		}
		return p.enEvent(g[3], d)
	}),
}

func (p *phrase) enFromDate(g []string, sign int) (Rule, *Refusal) {
	d, ok := enDistance(g[1], g[2])
	if !ok {
		return Rule{}, nil
	}
	unit := map[string]string{WorkingDays: "个工作日", Days: "天", Months: "个月", Years: "年"}[d.unit]
	return p.fromDate(number(g[5]), enMonth(g[4]), number(g[3]), d.n, unit, "", sign)
}

func enPeriod(word string) string {
	switch {
	case strings.HasPrefix(word, "month"):
		return "month"
	case strings.HasPrefix(word, "quarter"):
		return "quarter"
	case strings.HasPrefix(word, "half") || strings.HasPrefix(word, "semi"):
		return "half-year"
	}
	return "year"
}

func enMonthly(day string) (Rule, *Refusal) {
	n := enNumber(day)
	if n < 0 {
		return Rule{}, nil
	}
	return monthly(n)
}

func enYearly(month, day string) (Rule, *Refusal) {
	n := enNumber(day)
	if n < 0 {
		return Rule{}, nil
	}
	return yearly(enMonth(month), n)
}

func enAfter(period, n, unit string) (Rule, *Refusal) {
	d, ok := enDistance(n, unit)
	if !ok {
		return Rule{}, nil
	}
	return afterEach(period, d)
}

func enMonthEnds(months ...string) Rule {
	var numbers []int
	for _, m := range months {
		numbers = append(numbers, enMonth(m))
	}
	return monthEnds(numbers...)
}

var (
	enListDay = regexp.MustCompile(enPieces.Replace(`(?i)^(?:the )?(?:(end of )?{MON}(?: ([0-9]{1,2})(?:st|nd|rd|th)?)?|([0-9]{1,2})(?:st|nd|rd|th)?(?: of)? {MON})$`))
	enAnd     = regexp.MustCompile(`(?i),? and |, `)
)

// enList reads days of the year that are written one after another. Without a
// word for each year they have to make a rhythm by themselves.
func enList(text string, yearlyToo bool) (Rule, *Refusal) {
	var days [][2]int
	ends := strings.HasPrefix(strings.ToLower(text), "end of ") || strings.HasPrefix(strings.ToLower(text), "the end of ")
	for _, part := range enAnd.Split(text, -1) {
		g := enListDay.FindStringSubmatch(strings.TrimSpace(part))
		if g == nil {
			return Rule{}, nil
		}
		d := [2]int{enMonth(g[2] + g[5]), max(number(g[3]), number(g[4]), 0)}
		if d[1] > daysOf(d[0]) || d[1] == 0 && !ends && g[1] == "" {
			return Rule{}, nil
		}
		days = append(days, d)
	}
	even := len(days) > 1 && 12%len(days) == 0
	for i := range days {
		even = even && (days[(i+1)%len(days)][0]-days[i][0]+12)%12 == 12/max(len(days), 1)
	}
	if r, ok := rhythm(append([][2]int{}, days...)); ok && (yearlyToo || even || len(days) >= 4) {
		return r, nil
	}
	r := refuse("this is several dates: write a rule each, or each year after them")
	r.Several = true
	for _, d := range days {
		if one, refusal := yearly(d[0], max(d[1], 1)); refusal == nil && d[1] > 0 {
			r.Readings = append(r.Readings, one)
		}
	}
	return Rule{}, r
}

var (
	enDateOf  = regexp.MustCompile(`(?i)^(?:the )?(?:date|day) (?:of|when|on which) `)
	enHasBeen = regexp.MustCompile(`(?i) (?:has|have) been `)
	enVerb    = regexp.MustCompile(`(?i) (?:is|was|are|were|receives?|ends?|begins?|starts?|makes?|issues?|has|have) `)
	enNoEvent = regexp.MustCompile(`(?i)^(?:the )?(?:event|day|date|month|quarter|year|week|period|end|start|beginning)$|fiscal|financial year|anniversary|grant year|school year|(?:each|every|the|a|this|following|preceding|calendar) (?:month|quarter|year|week)(?:'s)?(?: end)?s?$|firm's|company's|business year|award|budget period|(?:each|every) |^[0-9]|(?:january|february|march|april|june|july|august|september|october|november|december)\b|month in which|month following`)
)

// enEvent counts from what happens.
func (p *phrase) enEvent(name string, d distance) (Rule, *Refusal) {
	name = strings.Trim(strings.TrimSpace(name), `"`)
	name = enDateOf.ReplaceAllString(name, "")
	if rest, ok := strings.CutSuffix(name, " date"); ok {
		name = rest
	}
	if enNoEvent.MatchString(name) || len(name) < 3 || strings.ContainsAny(name, `(),;"「」`) {
		return Rule{}, &Refusal{Text: textOf("counted from what? %q may be several days: name what happens, as in within 10 working days of the repeal", problem.Clip(name)),
			Readings: []Rule{{On, p.c.Issued.String(), d.n, d.unit, Forward}, counted("year", distance{max(d.n, -d.n), d.unit})}}
	}
	if p.c.Event != nil {
		for _, n := range []string{name, strings.TrimPrefix(name, "the ")} {
			if id := p.c.Event(n); id != "" {
				return p.c.event(id, d)
			}
		}
	}
	name = enHasBeen.ReplaceAllString(name, " ")
	for _, article := range []string{"the ", "The ", "a ", "an "} {
		if rest, ok := strings.CutPrefix(name, article); ok && !enVerb.MatchString(rest+" ") {
			name = rest
			break
		}
	}
	return p.c.event(name, d)
}

var (
	enNoDate = regexp.MustCompile(`(?i)\b(?:as and when|promptly|without (?:undue |unreasonable )?delay|immediately|as soon as|regularly|periodically|from time to time|on request|when needed|as needed|ongoing|continuous(?:ly)?|early|late|mid|around|about|approximately|season|term|semester|school year|shortly|timely|in due course|until further notice|extended|grace)\b`)
	enHours  = regexp.MustCompile(`(?i)\b(?:[0-9]+|one|two|three|four|six|eight|twelve|twenty-four|forty-eight|seventy-two|few|within) (?:working |business )?hours?\b|\bminutes?\b`)
	enExcept = regexp.MustCompile(`(?i)\b(?:except|unless|excluding|other than|but not)\b`)
	enTimes  = regexp.MustCompile(`(?i)^(?:at least )?(?:three|four|five|six|[0-9]+) times|^(?:three|four|[0-9]+) (?:a|per) `)
	enEveryN = regexp.MustCompile(enPieces.Replace(`(?i)^(?:at least )?(?:once )?every (?:{N}|other|second) (days?|weeks?|months?|years?)|^(?:bi-?weekly|bi-?monthly|fortnightly|biannually|biennially)`))
	enThisOr = regexp.MustCompile(`(?i)^(?:by |at |on )?(?:the )?(?:end of (?:the )?(month|quarter)|(month|quarter)[- ]end)$`)
	enOfWhat = regexp.MustCompile(enPieces.Replace(`(?i)^{WITHIN?}{N} {U}$`))
	enBefore = regexp.MustCompile(enPieces.Replace(`(?i)^before {MON}{YEAR}$`))
	enSlash  = regexp.MustCompile(`^(?:(?i)by |on )?([0-9]{1,2})/([0-9]{1,2})(?:/([0-9]{4}))?$`)
)

func enVague(s string) *Refusal {
	switch {
	case enExcept.MatchString(s):
		return refuse("an exception cannot be said in one rule: write a rule for what is owed, or give it to others")
	case enHours.MatchString(s):
		return refuse("hours are not counted: days and working days are")
	}
	if word := enNoDate.FindString(s); word != "" {
		return noDate(word)
	}
	return nil
}

// tryEnglish means what another phrase would; nil: nothing.
func (p *phrase) tryEnglish(s string) []Rule {
	if m, refusal := parseEnglish(s, p.c); refusal == nil && m.Kind != "" {
		return []Rule{m.Rule}
	}
	return nil
}

// enRefusal says why a phrase is not understood, with what it may mean.
func (p *phrase) enRefusal() *Refusal {
	one := func(r Rule, refusal *Refusal) []Rule {
		if refusal != nil {
			return nil
		}
		return []Rule{r}
	}
	if g := enSlash.FindStringSubmatch(p.s); g != nil {
		year := p.enYear(g[3])
		return either(one(p.c.date(year, number(g[2]), number(g[1]))), one(p.c.date(year, number(g[1]), number(g[2]))))
	}
	if g := enBefore.FindStringSubmatch(p.s); g != nil {
		year, month := p.enYear(g[2]), enMonth(g[1])
		return either(one(p.c.end(year, (month+10)%12+1)), one(p.c.end(year, month)))
	}
	if g := enThisOr.FindStringSubmatch(p.s); g != nil {
		return either(p.tryEnglish("by the end of this "+g[1]+g[2]), p.tryEnglish("by the end of each "+g[1]+g[2]))
	}
	switch {
	case enEveryN.MatchString(p.s):
		r := refuse("%q says not from when it counts: choose a rhythm of the calendar", problem.Clip(p.s))
		if g := enEveryN.FindStringSubmatch(p.s); g[2] != "" {
			n := 2
			if g[1] != "" {
				n = enNumber(g[1])
			}
			r.Readings = everySo(n, map[byte]string{'d': "天", 'w': "周", 'm': "个月", 'y': "年"}[g[2][0]|0x20], p.c.Issued)
		}
		return r
	case enTimes.MatchString(p.s):
		r := refuse("so many times without days is no deadline: choose a rhythm")
		r.Readings = []Rule{atEnd("month"), atEnd("quarter"), atEnd("half-year")}
		return r
	}
	if g := enOfWhat.FindStringSubmatch(p.s); g != nil {
		if d, ok := enDistance(g[1], g[2]); ok {
			return &Refusal{Text: textOf("counted from what? say it, as in within 10 working days of the plan or of an event"),
				Readings: []Rule{{On, p.c.Issued.String(), d.n, d.unit, Forward}, counted("month", d)}}
		}
	}
	return refuse("%q is not understood: write it as in by the 15th of each month, within 10 working days after each quarter, by 30 September 2026", problem.Clip(p.s))
}
