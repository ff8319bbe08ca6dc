package calendar

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"duban/rules/problem"
)

// Circular is an arrangement of holidays as the State Council writes it:
//
//	一、元旦：1月1日（周四）至3日（周六）放假调休，共3天。1月4日（周日）上班。
//
// Every day in it is read. What it says twice has to agree: the number of days,
// the days of the week, a weekend that a feast joins, and the feast's own day.
type Circular struct {
	Year Year
	// Amends are the feasts whose days it changes, where it does not name all
	// seven; the other days are those of the year before it.
	Amends []string
}

// IsCircular tells whether a text is a circular rather than a calendar file.
func IsCircular(data []byte) bool {
	s := strings.TrimLeft(string(data), "\ufeff \t\r\n")
	file := strings.HasPrefix(s, "{") || strings.Contains(s, "[[holiday]]")
	return !file && (strings.Contains(s, "放假") || strings.Contains(s, "假期"))
}

// ReadPublished reads a year in whatever form people have it: a circular, or what
// Read reads. c has the year that an amendment changes.
func ReadPublished(file string, data []byte, c *Calendar, problems *problem.List) (Circular, bool) {
	if IsCircular(data) {
		return ReadCircular(file, data, c, problems)
	}
	y, ok := Read(file, data, problems)
	return Circular{Year: y}, ok
}

// ReadCircular reads a circular; c has the year that an amendment changes. It tells
// whether that went well; what is wrong is added to problems, and the circular is as
// much of it as could be read.
func ReadCircular(file string, data []byte, c *Calendar, problems *problem.List) (Circular, bool) {
	r := &circularReader{calendar: c, file: file}
	r.read(string(data))
	problems.Join(&r.problems)
	return r.circular, r.problems.Err() == nil
}

// circularReader reads one circular, a sentence at a time.
type circularReader struct {
	calendar *Calendar
	file     string
	problems problem.List
	circular Circular
	feasts   []feast // that the sentence is about
	named    []feast // that any sentence was about
}

// sentence is what stands between two full stops, without spaces and in plain
// digits and punctuation.
type sentence struct {
	text string
	at   problem.Pos
}

var (
	circularYear    = regexp.MustCompile(`(\d{4})年(?:部分)?[^,。;:\d]{0,20}(?:节假日|假期|放假|假日|调休)`)
	circularHeading = regexp.MustCompile(`^(?:[一二三四五六七八九十]+[、.]|\(?[一二三四五六七八九十\d]+\)[、.]?|\d+[、.])?([^:\d]{2,20}):`)
	circularDate    = regexp.MustCompile(`(?:(\d{4})年)?(?:(\d{1,2})月)?(\d{1,2})日(?:\(([^)]*)\))?`)
	circularCount   = regexp.MustCompile(`(?:共|放假)(\d{1,2})天`)
	circularExtends = regexp.MustCompile(`延长.*假期至`)
	circularAdvice  = regexp.MustCompile(`鼓励|推迟|开学|值班|免收|通行费`)
	circularSigned  = regexp.MustCompile(`^\d{4}年\d{1,2}月\d{1,2}日$`)
	circularWeekday = regexp.MustCompile(`(?:星期|周|礼拜)([一二三四五六日天])`)
)

func (r *circularReader) read(text string) {
	sentences := r.sentences(text)
	year := r.year(sentences)
	switch at := (problem.Pos{File: r.file}); {
	case year == 0:
		r.problems.Add(at, "names no year: begin with the notice's title, as in 关于2027年部分节假日安排的通知")
		return
	case year < First.Year() || year > Last.Year():
		r.problems.Add(at, "%d is out of range: dates lie from %s to %s", year, First, Last)
		return
	}
	r.circular.Year.Year = year
	for _, s := range sentences {
		r.sentence(s)
	}
	r.merge()
}

// sentences takes a text apart.
func (r *circularReader) sentences(text string) []sentence {
	var out []sentence
	var b strings.Builder
	at := problem.Pos{File: r.file, Line: 1, Col: 0}
	start := at
	end := func() {
		if b.Len() > 0 {
			out = append(out, sentence{b.String(), start})
			b.Reset()
		}
	}
	for _, c := range text {
		at.Col++
		switch c = plain(c); {
		case c == '\n':
			end()
			at.Line, at.Col = at.Line+1, 0
		case c == '。' || c == ';':
			end()
		case unicode.IsSpace(c) || c == '\ufeff':
		default:
			if b.Len() == 0 {
				start = at
			}
			b.WriteRune(c)
		}
	}
	end()
	return out
}

// asPrinted has the marks of a Chinese text again, for who reads what was not
// understood.
func asPrinted(text string) string {
	return strings.NewReplacer(",", "\uff0c", ";", "\uff1b", ":", "\uff1a", "(", "\uff08", ")", "\uff09").Replace(text)
}

// plain is a character without its full width: circulars are written with either.
func plain(c rune) rune {
	switch {
	case c >= 0xFF01 && c <= 0xFF5E:
		return c - 0xFF01 + '!'
	case c == '—' || c == '–' || c == '～' || c == '~' || c == '到':
		return '至'
	}
	return c
}

// year is the one that the circular is for: its title or first paragraph says so,
// else the name of its file.
func (r *circularReader) year(sentences []sentence) int {
	for _, s := range sentences {
		if g := circularYear.FindStringSubmatch(s.text); g != nil {
			return atoi(g[1])
		}
	}
	if g := fileYear.FindStringSubmatch(r.file); g != nil {
		return atoi(g[1])
	}
	return 0
}

var fileYear = regexp.MustCompile(`(?:^|[/\\])((?:19|20|21)\d\d)\.[a-z]+$`)

// sentence reads one: days off, make-up days, or nothing that is a day.
func (r *circularReader) sentence(s sentence) {
	if g := circularHeading.FindStringSubmatch(s.text); g != nil {
		if named := feastsIn(g[1]); len(named) > 0 {
			r.feasts, s.text = named, strings.TrimPrefix(s.text, g[0])
		}
	} else if named := feastsIn(s.text); len(named) > 0 && !circularDate.MatchString(s.text) {
		r.feasts = named // a title, or a heading on a line of its own
	}
	switch {
	case !circularDate.MatchString(s.text), circularSigned.MatchString(s.text), circularAdvice.MatchString(s.text):
	case circularExtends.MatchString(s.text):
		r.extend(s)
	case strings.Contains(s.text, "上班") && strings.Contains(s.text, "放假"):
		r.bothInOne(s)
	case strings.Contains(s.text, "上班"):
		r.work(s)
	case strings.Contains(s.text, "放假") || strings.Contains(s.text, "休息"):
		r.off(s)
	default:
		r.errorf(s, "%q is not understood: write 放假 for days off, 上班 for make-up days", problem.Clip(asPrinted(s.text)))
	}
}

// bothInOne is a sentence that has the make-up days behind a comma.
func (r *circularReader) bothInOne(s sentence) {
	i := strings.LastIndex(s.text, "放假")
	rest := s.text[i:]
	first := circularDate.FindStringIndex(rest)
	if first == nil {
		r.errorf(s, "%q is not understood: write 放假 for days off, 上班 for make-up days", problem.Clip(asPrinted(s.text)))
		return
	}
	r.off(sentence{s.text[:i+first[0]], s.at})
	r.work(sentence{rest[first[0]:], s.at})
}

// off reads days off: one, several, or from one to another.
func (r *circularReader) off(s sentence) {
	var days []Date
	spans := 0
	for _, span := range r.spans(s) {
		if spans++; span.last < span.first || span.last > span.first+31 {
			r.errorf(s, "%s to %s is no holiday: the last day comes after the first", span.first, span.last)
			return
		}
		for d := span.first; d <= span.last; d++ {
			days = append(days, d)
		}
	}
	if len(days) == 0 {
		return // told already
	}
	r.about(days)
	r.checkCount(s, days)
	r.checkWeekend(s, days)
	r.checkFeasts(s, days)
	r.add(s, days, true)
}

// checkCount holds the days to the number that the sentence gives.
func (r *circularReader) checkCount(s sentence, days []Date) {
	g := circularCount.FindStringSubmatch(s.text)
	switch {
	case g == nil && len(days) > 1:
		r.errorf(s, "%s to %s: say how many days that are, as in 共%d天", days[0], days[len(days)-1], len(days))
	case g != nil && atoi(g[1]) != len(days):
		r.errorf(s, "%s to %s are %d days, not %s", days[0], days[len(days)-1], len(days), g[1])
	}
}

// checkWeekend holds a day that is said to join a weekend to doing so.
func (r *circularReader) checkWeekend(s sentence, days []Date) {
	if !strings.Contains(s.text, "连休") {
		return
	}
	if first, last := days[0].Weekday(), days[len(days)-1].Weekday(); first != time.Monday && last != time.Friday {
		r.errorf(s, "%s is a %s, which joins no weekend", days[0], problem.Word(first.String()))
	}
}

// checkFeasts holds the days to having those of their feasts inside.
func (r *circularReader) checkFeasts(s sentence, days []Date) {
	if len(r.feasts) == 0 {
		r.errorf(s, "says of no feast that these are its days: write its name before them, as in 元旦：")
		return
	}
	for _, f := range r.feasts {
		for _, d := range f.days(r.circular.Year.Year) {
			if !slices.Contains(days, d) {
				r.errorf(s, "%s is on %s, which is not among the days off", f.name, d)
				break
			}
		}
	}
}

// about is a guess of the feast where nothing names one: the one whose days these
// are.
func (r *circularReader) about(days []Date) {
	if len(r.feasts) > 0 {
		return
	}
	for _, f := range feasts {
		if slices.Contains(days, f.days(r.circular.Year.Year)[0]) {
			r.feasts = append(r.feasts, f)
		}
	}
}

// work reads make-up working days, which lie on weekends unless the holiday was
// moved from them.
func (r *circularReader) work(s sentence) {
	var days []Date
	for _, span := range r.spans(s) {
		if span.first != span.last {
			r.errorf(s, "%s to %s: write each make-up day, with its day of the week", span.first, span.last)
			continue
		}
		if wd := span.first.Weekday(); wd != time.Saturday && wd != time.Sunday && !strings.Contains(s.text, "起") {
			r.errorf(s, "%s is a %s, a working day anyhow", span.first, problem.Word(wd.String()))
		}
		if !span.weekday && !strings.Contains(s.text, "起") {
			r.errorf(s, "%s: say which day of the week that is, as in （星期六）", span.first)
		}
		if !r.near(span.first) {
			r.errorf(s, "%s is more than %d days from the holiday that it makes up for", span.first, mostApart)
		}
		days = append(days, span.first)
	}
	r.add(s, days, false)
}

// mostApart is how many days no make-up day has ever been from its holiday.
const mostApart = 14

// near tells whether a make-up day is about its holiday.
func (r *circularReader) near(d Date) bool {
	return slices.ContainsFunc(r.circular.Year.Days, func(x Day) bool {
		return x.Off && x.Name == nameOf(r.feasts) && max(d-x.Date, x.Date-d) <= mostApart
	})
}

// extend makes a holiday longer than an earlier circular did: what was to be a
// make-up day in it is one no more.
func (r *circularReader) extend(s sentence) {
	named, spans := feastsIn(s.text), r.spans(s)
	year, known := r.calendar.Year(r.circular.Year.Year)
	last := Date(0)
	for _, d := range year.Days {
		if d.Off && len(named) > 0 && strings.Contains(d.Name, named[0].name) {
			last = max(last, d.Date)
		}
	}
	switch {
	case len(named) == 0 || len(spans) == 0 || !known || last == 0:
		r.errorf(s, "makes a holiday longer that is not known: add the notice of the whole year first")
		return
	case spans[0].first <= last:
		r.errorf(s, "the holiday lasts to %s already, so it cannot be made longer to %s", last, spans[0].first)
		return
	}
	r.feasts = named
	for _, d := range year.Days {
		if d.Name == nameOf(named) && (d.Off || d.Date > spans[0].first || d.Date < last) {
			r.circular.Year.Days = append(r.circular.Year.Days, d)
		}
	}
	var days []Date
	for d := last + 1; d <= spans[0].first; d++ {
		days = append(days, d)
	}
	r.add(s, days, true)
	if len(spans) > 1 { // 2月3日起正常上班
		if next := spans[1].first; next != spans[0].first+1 {
			r.errorf(s, "work begins on %s, which is not the day after %s", next, spans[0].first)
		}
		r.add(s, []Date{spans[1].first}, false)
	}
}

// span is from one day to another, or one day.
type span struct {
	first, last Date
	weekday     bool // the day of the week was said, and is right
}

// spans are the days of a sentence. What a date leaves out is that of the one
// before it; of the first, the circular's.
func (r *circularReader) spans(s sentence) []span {
	var out []span
	year, month, end := r.circular.Year.Year, 0, 0
	for _, at := range circularDate.FindAllStringSubmatchIndex(s.text, -1) {
		group := func(i int) string {
			if at[2*i] < 0 {
				return ""
			}
			return s.text[at[2*i]:at[2*i+1]]
		}
		if y := group(1); y != "" {
			year = atoi(y)
		}
		if m := group(2); m != "" {
			month = atoi(m)
		}
		d, ok := r.date(s, year, month, atoi(group(3)))
		if !ok {
			return nil
		}
		weekday := r.checkWeekday(s, d, group(4))
		if between := s.text[end:at[0]]; len(out) > 0 && (between == "至" || between == "-") {
			out[len(out)-1].last = d
		} else {
			out = append(out, span{d, d, weekday})
		}
		end = at[1]
	}
	return out
}

// date is a day that the circular may name: December before New Year's Day is that
// of the year before.
func (r *circularReader) date(s sentence, year, month, day int) (Date, bool) {
	if month == 12 && year == r.circular.Year.Year && nameOf(r.feasts) == "元旦" {
		year--
	}
	d := DateOf(year, time.Month(month), day)
	switch {
	case month < 1 || month > 12 || d.Day() != day:
		r.errorf(s, "there is no such day: %d-%02d-%02d", year, month, day)
		return 0, false
	case year < r.circular.Year.Year-1 || year > r.circular.Year.Year:
		r.errorf(s, "%s is not in %d or the year before", d, r.circular.Year.Year)
		return 0, false
	}
	return d, true
}

// checkWeekday holds a date to the day of the week that stands behind it.
func (r *circularReader) checkWeekday(s sentence, d Date, said string) bool {
	g := circularWeekday.FindStringSubmatch(said)
	if g == nil {
		return false
	}
	want := time.Weekday(strings.Index("日一二三四五六", strings.ReplaceAll(g[1], "天", "日")) / len("日"))
	if d.Weekday() != want {
		r.errorf(s, "%s is a %s, not a %s", d, problem.Word(d.Weekday().String()), problem.Word(want.String()))
		return false
	}
	return true
}

// add notes days of the feasts that the sentence is about.
func (r *circularReader) add(s sentence, days []Date, off bool) {
	name := nameOf(r.feasts)
	if name == "" {
		r.errorf(s, "says of no feast that these are its days: write its name before them, as in 元旦：")
		return
	}
	for _, f := range r.feasts {
		if !slices.ContainsFunc(r.named, func(g feast) bool { return g.name == f.name }) {
			r.named = append(r.named, f)
		}
	}
	for _, d := range days {
		if slices.ContainsFunc(r.circular.Year.Days, func(x Day) bool { return x.Date == d }) {
			r.errorf(s, "%s stands twice", d)
			continue
		}
		r.circular.Year.Days = append(r.circular.Year.Days, Day{d, name, off})
	}
}

// merge puts an amendment into the year that it changes.
func (r *circularReader) merge() {
	if len(r.named) == len(feasts) || r.problems.Err() != nil {
		return
	}
	at := problem.Pos{File: r.file}
	if len(r.named) == 0 {
		r.problems.Add(at, "has no holiday in it: write it as in 一、元旦：1月1日至3日放假调休，共3天。1月4日（星期日）上班。")
		return
	}
	old, ok := r.calendar.Year(r.circular.Year.Year)
	if !ok {
		r.problems.Add(at, "names %s alone, and %d is not known: add the notice of the whole year first", nameOf(r.named), r.circular.Year.Year)
		return
	}
	days := r.circular.Year.Days
	r.circular.Year = Year{Year: old.Year, Source: old.Source}
	for _, d := range old.Days {
		if !r.amends(d.Name) && !slices.ContainsFunc(days, func(x Day) bool { return x.Date == d.Date }) {
			r.circular.Year.Days = append(r.circular.Year.Days, d)
		}
	}
	r.circular.Year.Days = append(r.circular.Year.Days, days...)
	for _, f := range r.named {
		r.circular.Amends = append(r.circular.Amends, f.name)
	}
}

// amends tells whether the circular has the days of the holiday of that name.
func (r *circularReader) amends(name string) bool {
	return slices.ContainsFunc(r.named, func(f feast) bool { return strings.Contains(name, f.name) })
}

func (r *circularReader) errorf(s sentence, format string, args ...any) {
	r.problems.Add(s.at, format, args...)
}

func atoi(s string) int {
	n, _ := strconv.Atoi(s) // digits alone
	return n
}
