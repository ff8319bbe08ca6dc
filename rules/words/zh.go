package words

import (
	"regexp"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"duban/rules/calendar"
)

// phrase is a phrase under way.
type phrase struct {
	c    Context
	s    string // what is left to be understood
	once bool   // it said 一次
	m    Meaning
}

// row is one pattern of the table: what it matches, and what that means.
type row struct {
	re   *regexp.Regexp
	mean func(p *phrase, g []string) (Rule, *Refusal)
}

// The pieces that patterns are made of.
var zhPieces = strings.NewReplacer(
	"{N}", `([0-9]+|[零〇一二两三四五六七八九十百]+)`,
	"{M}", `([0-9]{1,2}|[一二三四五六七八九十]{1,2})`, // a month
	"{Q}", `第?([1-4一二三四])(?:季度|季)`,
	"{H}", `([上下])半年`,
	"{U}", `(个工作日|工作日|个自然日|自然日|日历日|日|天|个月|个星期|星期|周|年)`,
	"{W}", `个?工作日`,
	"{W1}", `([一二三四五六日天])`,
	"{D}", `(?:以前|之前|前|以内|之内|内|为止|止)?`,
	"{AND}", `(?:和|及|与|以及|,|、|或)`,
	"{TO}", `(?:至|到|-)`,
	"{END}", `(?:结束|终了|终止|届满|期满|完结)`,
	"{AFTER}", `(?:之日起|之日后|日起|日后|之后|以后|后|起)`,
	"{EACHMONTH}", `(?:每个?月份?|按月|逐月|各月)`,
	"{NEXTMONTH}", `(?:次月份?|下个?月份?|翌月|每?月后)`,
	"{QUARTER}", `(?:每个?季度|每季|各季度|按季度?|逐季度?)`,
	"{OFQUARTER}", `(?:每个?季度|每季|各季度|下一?个?季度?|次季度?|季度|季)`,
	"{YEAR}", `(?:每一?个?(?:会计|公历|自然|日历)?年度?|按年度?|逐年|各年度)`,
	"{IN}", `(?:([0-9]{4})年度?|(今年度?|本年度?|明年度?))?`, // the year of a date
	"{FIRST}", `(?:首个?月|第?[一1]个?月|头一?个月)份?`,
	"{SECOND}", `(?:中间?月|第[二2]个?月)份?`,
	"{LAST}", `(?:末个?月|最后一?个?月|第[三3]个?月)份?`,
	"{T}", `(.*)`,
)

func zh(pattern string, mean func(p *phrase, g []string) (Rule, *Refusal)) row {
	return row{regexp.MustCompile("^" + zhPieces.Replace(pattern) + "$"), mean}
}

// Frames that say nothing of the day.
var (
	zhFrames   = regexp.MustCompile(`^(?:请|务必|务请|务|必须|须|需|应当|应该|应|确保|最迟|最晚|至迟|不迟于|不晚于|不得迟于|不得晚于|截止到|截至|截止|统一|一律)(于|在|[0-9每按次下自从本今明年]|第|[一二三四五六七八九十]+月|[上下]半年)`)
	zhPlace    = regexp.MustCompile(`^(?:于|在)([^建职岗校编线库])`)
	zhSince    = regexp.MustCompile(`^(?:自|从)((?:每一?个?)?(?:会计|公历|自然)?(?:年度|季度|月度|半年度|年|月|季|半年)(?:结束|终了|终止|届满))`)
	zhOnce     = regexp.MustCompile(`(?:各)?(?:不得?少于|不得?低于|至少|最少)?(?:[1一]次)`)
	zhFromNow  = regexp.MustCompile(`^自?即日起?(?:至|到)`)
	zhIncluded = regexp.MustCompile(`\(含(?:当[日天]|本日|该日)?\)`)
	zhFromYear = regexp.MustCompile(`^(?:从|自)([0-9]{4})年(?:起|开始),?([每按各逐].*)$`)
	zhAtLeast  = regexp.MustCompile(`至少|最少`)
	zhDoes     = regexp.MustCompile(`^(?:上个?月|上一?个?季度|上季|上一?年度?|上半年|当月|本月|当季|本季度?|本年度|当年|全年|全月|当期|本期|上期|月度|季度|年度)`)
	zhYear     = regexp.MustCompile(`([〇零一二三四五六七八九]{4})年`)
	zhHour     = regexp.MustCompile(`(上午|下午|中午|晚上?|晚间)?([0-9]{1,2}|[一二三四五六七八九十]{1,3})(?:时整?|点整?|:([0-9]{2})(?::[0-9]{2})?)(半|[0-9]{1,2}分)?(以前|之前|前)`)
	zhHourOn   = regexp.MustCompile(`(日|号|周[一二三四五六日天])(?:上午|下午|中午|晚上?)?([0-9]{1,2}):([0-9]{2})$`)
	zhStarts   = regexp.MustCompile(zhPieces.Replace(`^(?:从|自){IN}{M}月份?(?:{N}[日号])?(?:起|开始|始),?((?:请|务必|务|须|应|应当)?[于在]?[每按各逐].*)$`))
	zhStays    = regexp.MustCompile(`[(,;]?(?:(?:如|若)?(?:遇|逢)?(?:法定)?(?:节假日|休息日|节日|假日|公休日|双休日|周末)(?:及|和|、)?(?:法定)?(?:节假日|休息日|公休日|双休日|周末)?(?:均|也|亦)?(?:不予?顺延|不调整|照常|不变|不推迟|不延期)|不调整|不顺延)\)?$`)
	zhForward  = regexp.MustCompile(`[(,;]?(?:如|若)?(?:遇|逢)?(?:法定)?(?:节假日|休息日|节日|假日|公休日|双休日|周末)(?:及|和|、)?(?:法定)?(?:节假日|休息日|公休日|双休日|周末)?(?:时|的|则|可|予以|自动|依次|相应|往后|向后|往)*(?:顺延|推迟|延后|后延)(?:至|到)?(?:下一?个?工作日|节后第一个工作日|其后第一个工作日)?\)?$`)
	zhBackward = regexp.MustCompile(`[(,;]?(?:如|若)?(?:遇|逢)?(?:法定)?(?:节假日|休息日|节日|假日|公休日|双休日|周末)(?:及|和|、)?(?:法定)?(?:节假日|休息日|公休日|双休日|周末)?(?:时|的|则|应|须|自动|相应|往前|向前)*(?:提前)(?:至|到)?(?:前一?个?工作日|节前最后一个工作日)?\)?$`)
	zhWeekday  = regexp.MustCompile(`\((?:星期|周|礼拜)([一二三四五六日天])\)`)
	zhDaysOff  = regexp.MustCompile(`[(,]?(?:含|包括|不分|无论|不论)(?:法定)?(?:休息日|节假日|双休日|周末|公休日)(?:和|及|、)?(?:法定)?(?:休息日|节假日|双休日|周末)?(?:在内)?\)?`)
)

func parseChinese(s string, c Context) (Meaning, *Refusal) {
	p := &phrase{c: c, s: zhIncluded.ReplaceAllString(zhPlain(s), "")}
	if refusal := p.vague(); refusal != nil {
		return p.m, refusal
	}
	roll := p.stated()
	p.hour()
	if refusal := p.starts(); refusal != nil {
		return p.m, refusal
	}
	p.frames()
	rule, refusal := p.match(zhTable)
	if refusal != nil {
		return p.m, refusal
	}
	if rule.Kind == "" {
		return p.m, p.refusal()
	}
	if roll != "" {
		rule.Roll = roll
	}
	p.m.Rule = rule
	return p.m, nil
}

// zhPlain is a phrase without what makes no difference: widths, spaces, 的.
func zhPlain(s string) string {
	var b strings.Builder
	for _, r := range s {
		switch {
		case r >= 0xFF01 && r <= 0xFF5E:
			r -= 0xFEE0
		case unicode.IsSpace(r) || r == '\u3000' || r == '\u200b' || r == '\ufeff' || r == '的':
			continue
		case strings.ContainsRune("—–－―~～〜", r):
			r = '-'
		case r == '〔' || r == '【' || r == '[':
			r = '('
		case r == '〕' || r == '】' || r == ']':
			r = ')'
		}
		if r == '~' {
			r = '-'
		}
		b.WriteRune(r)
	}
	s = strings.TrimRight(strings.ReplaceAll(b.String(), "--", "-"), "。.;,!")
	return zhYear.ReplaceAllStringFunc(s, func(y string) string {
		out := ""
		for _, r := range strings.TrimSuffix(y, "年") {
			out += itoa(hanDigits[r])
		}
		return out + "年"
	})
}

// stated takes off what is said of days off.
func (p *phrase) stated() string {
	for _, r := range []struct {
		re   *regexp.Regexp
		roll string
	}{{zhStays, NoRoll}, {zhForward, Forward}, {zhBackward, Backward}} {
		if at := r.re.FindStringIndex(p.s); at != nil && at[0] > 0 {
			p.s = p.s[:at[0]]
			return r.roll
		}
	}
	return ""
}

// hour takes off the hour of a day: it goes into a note.
func (p *phrase) hour() {
	g := zhHour.FindStringSubmatchIndex(p.s)
	if g == nil {
		if g := zhHourOn.FindStringSubmatch(p.s); g != nil && number(g[2]) <= 24 && number(g[3]) < 60 {
			p.m.Hour = pad(number(g[2])) + ":" + g[3]
			p.s = p.s[:len(p.s)-len(g[0])+len(g[1])] + "前"
		}
		return
	}
	part := func(i int) string {
		if g[2*i] < 0 {
			return ""
		}
		return p.s[g[2*i]:g[2*i+1]]
	}
	h, min := number(part(2)), "00"
	if part(3) != "" {
		min = part(3)
	}
	switch rest := part(4); {
	case rest == "半":
		min = "30"
	case rest != "":
		min = pad(number(strings.TrimSuffix(rest, "分")))
	}
	if strings.HasPrefix(part(1), "下") || strings.HasPrefix(part(1), "晚") {
		if h < 12 {
			h += 12
		}
	}
	if h < 0 || h > 24 || number(min) > 59 || g[0] == 0 {
		return
	}
	p.m.Hour = pad(h) + ":" + min
	before := "前"
	if day := p.s[:g[0]]; strings.HasSuffix(day, "每日") || strings.HasSuffix(day, "每天") || strings.HasSuffix(day, "工作日") {
		before = ""
	}
	p.s = p.s[:g[0]] + before + p.s[g[1]:]
}

func pad(n int) string {
	if n < 10 {
		return "0" + itoa(n)
	}
	return itoa(n)
}

// starts takes off the month from which a rhythm begins.
func (p *phrase) starts() *Refusal {
	if g := zhFromYear.FindStringSubmatch(p.s); g != nil {
		if p.m.Starts = calendar.DateOf(number(g[1]), 1, 1); !p.m.Starts.InRange() {
			return refuse("there is no such day to start from")
		}
		p.s = g[2]
		return nil
	}
	g := zhStarts.FindStringSubmatch(p.s)
	if g == nil {
		return nil
	}
	year, month, day := p.yearOf(g[1], g[2]), number(g[3]), 1
	if g[4] != "" {
		day = number(g[4])
	}
	if year == 0 {
		if year = p.c.Year; year == 0 {
			year = p.c.Issued.Year()
		}
	}
	d := calendar.DateOf(year, time.Month(month), day)
	if month < 1 || month > 12 || d.Day() != day || !d.InRange() {
		return refuse("there is no such day to start from")
	}
	p.m.Starts = d
	p.s = p.s[len(g[0])-len(g[5]):]
	return nil
}

// yearOf is a year as it is written, or by its name; 0: none is.
func (p *phrase) yearOf(digits, name string) int {
	switch {
	case digits != "":
		return number(digits)
	case strings.HasPrefix(name, "明"):
		return p.c.Issued.Year() + 1
	case name != "":
		if p.c.Year != 0 {
			return p.c.Year
		}
		return p.c.Issued.Year()
	}
	return 0
}

// frames takes off the words around a deadline.
func (p *phrase) frames() {
	for {
		before := p.s
		p.s = zhFromNow.ReplaceAllString(p.s, "")
		p.s = zhAtLeast.ReplaceAllString(p.s, "")
		p.s = zhFrames.ReplaceAllString(p.s, "$1")
		p.s = zhPlace.ReplaceAllString(p.s, "$1")
		p.s = zhSince.ReplaceAllString(p.s, "$1")
		p.s = strings.TrimPrefix(p.s, ",")
		if p.s == before {
			break
		}
	}
	if s := zhOnce.ReplaceAllString(p.s, ""); s != p.s && !strings.Contains(p.s, "一次性") {
		p.s, p.once = s, true
	}
}

// match finds the first row that means something.
func (p *phrase) match(table []row) (Rule, *Refusal) {
	for _, r := range table {
		if g := r.re.FindStringSubmatch(p.s); g != nil {
			rule, refusal := r.mean(p, g)
			if refusal != nil || rule.Kind != "" {
				return rule, refusal
			}
		}
	}
	return Rule{}, nil
}

// ends tells whether what stands after a deadline is no more than what is to be
// done by then: nothing in it may speak of time, or of an exception.
func ends(tail string) bool {
	tail = strings.TrimLeft(tail, ",:")
	tail = strings.TrimPrefix(tail, "予以")
	for _, verb := range []string{"将", "把", "报送", "上报", "报告", "报", "公布", "公开", "公示", "提交", "反馈", "汇总", "总结", "通报", "完成"} {
		if rest, ok := strings.CutPrefix(tail, verb); ok {
			tail = zhDoes.ReplaceAllString(rest, "")
			break
		}
	}
	if utf8.RuneCountInString(tail) > 16 {
		return false
	}
	for _, r := range tail {
		if !unicode.Is(unicode.Han, r) && r != '、' || strings.ContainsRune("前后内日天号年月季周旬底末初起至除免不但另或若如视超逾时每各次半外仅限期止〇零一二两三四五六七八九十百几", r) {
			return false
		}
	}
	return true
}

// then means r if nothing but a verb follows.
func then(tail string, r Rule) (Rule, *Refusal) {
	if !ends(tail) {
		return Rule{}, nil
	}
	return r, nil
}

// distanceOf is so many of what is counted.
func distanceOf(n int, unit string) (distance, bool) {
	d := distance{n, ""}
	switch {
	case strings.Contains(unit, "工作日"):
		d.unit = WorkingDays
	case strings.HasSuffix(unit, "日") || unit == "天":
		d.unit = Days
	case unit == "个月":
		d.unit = Months
	case strings.HasSuffix(unit, "星期") || unit == "周":
		d = distance{7 * n, Days}
	case unit == "年":
		d.unit = Years
	}
	return d, n > 0 && d.unit != "" && d.fits()
}

// afterPeriod is a count from the end of each period. N months after a month, a
// quarter or a half-year end on the 30th or the 31st: which is not said.
func afterPeriod(period string, n int, unit string) (Rule, *Refusal) {
	d, ok := distanceOf(n, unit)
	if !ok {
		return Rule{}, nil
	}
	return afterEach(period, d)
}

func afterEach(period string, d distance) (Rule, *Refusal) {
	if each, of := monthsOf[period]; of && d.unit == Months && d.n%12 != 0 {
		var months []int
		for m := each; m <= 12; m += each {
			months = append(months, (m+d.n-1)%12+1)
		}
		return Rule{}, twoWays(counted(period, d), endsOf(months))
	}
	return counted(period, d), nil
}

// monthsOf are the periods of several in a year, by how many months each is.
var monthsOf = map[string]int{"month": 1, "quarter": 3, "half-year": 6}

// endsOf is the end of each of these months, in order.
func endsOf(months []int) Rule {
	days := make([][2]int, len(months))
	for i, m := range months {
		days[i] = [2]int{m, 0}
	}
	r, _ := rhythm(days)
	if len(months) == 12 {
		r = atEnd("month")
	}
	return r
}
