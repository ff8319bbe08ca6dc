package words

import (
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode"

	"duban/rules/calendar"
)

// enNumbers are numbers as English writes them out, and ordinals.
var enNumbers = map[string]int{}

func init() {
	ones := []string{"", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"}
	nth := []string{"", "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth", "eleventh", "twelfth", "thirteenth", "fourteenth", "fifteenth", "sixteenth", "seventeenth", "eighteenth", "nineteenth"}
	for i := 1; i < 20; i++ {
		enNumbers[ones[i]], enNumbers[nth[i]] = i, i
	}
	for tens, word := range map[int]string{20: "twenty", 30: "thirty", 40: "forty", 50: "fifty", 60: "sixty", 90: "ninety"} {
		enNumbers[word], enNumbers[strings.TrimSuffix(word, "y")+"ieth"] = tens, tens
		for i := 1; i < 10; i++ {
			enNumbers[word+"-"+ones[i]], enNumbers[word+"-"+nth[i]] = tens+i, tens+i
		}
	}
}

// enNumber reads 15, 15th, fifteen or fifteenth; -1: it is none.
func enNumber(s string) int {
	s = strings.ToLower(s)
	for _, ending := range []string{"st", "nd", "rd", "th"} {
		if n, err := strconv.Atoi(strings.TrimSuffix(s, ending)); err == nil && n >= 0 && len(s) <= 7 {
			return n
		}
	}
	if n, ok := enNumbers[strings.ReplaceAll(s, " ", "-")]; ok {
		return n
	}
	return -1
}

var enMonths = map[string]int{"january": 1, "february": 2, "march": 3, "april": 4, "may": 5, "june": 6, "july": 7, "august": 8, "september": 9, "october": 10, "november": 11, "december": 12,
	"jan": 1, "feb": 2, "mar": 3, "apr": 4, "jun": 6, "jul": 7, "aug": 8, "sep": 9, "sept": 9, "oct": 10, "nov": 11, "dec": 12}

var enWeekdays = map[string]int{"monday": 1, "tuesday": 2, "wednesday": 3, "thursday": 4, "friday": 5, "saturday": 6, "sunday": 7}

var enPieces = strings.NewReplacer(
	"{BY}", `(?:by|on or before|no later than|not later than|before or on|until|due by|due on|due|on|at the latest by|at the latest on)`,
	"{BY?}", `(?:(?:by|on or before|no later than|not later than|before or on|until|at|due by|due on|due|on|at the latest by|at the latest on) )?`,
	"{WITHIN}", `(?:within|in|no later than|not later than|at the latest|up to|not more than)`,
	"{WITHIN?}", `(?:(?:within|no later than|not later than|at the latest|up to|not more than) )?(?:the )?`,
	"{N}", `([0-9]+|[a-z]+(?:[- ](?:one|two|three|four|five|six|seven|eight|nine))?)`,
	"{TH}", `([0-9]+(?:st|nd|rd|th)?|[a-z]+(?:-[a-z]+)?)(?: day)?`,
	"{U}", `(working days?|business days?|clear working days?|workdays?|calendar days?|natural days?|days?|months?|weeks?|fortnights?|years?)`,
	"{W}", `(?:working days?|business days?|workdays?)`,
	"{MON}", `(january|february|march|april|may|june|july|august|september|october|november|december|jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec)\.?`,
	"{DAY}", `(monday|tuesday|wednesday|thursday|friday|saturday|sunday)`,
	"{EACH}", `(?:each|every|any|the each|per|a|the)`,
	"{EVERY}", `(?:each|every)`,
	"{NEXT}", `(?:the )?(?:each |every )?(?:following|succeeding|next|subsequent)(?: calendar)?`,
	"{AFTER}", `(?:after|of|following|from|after the end of|following the end of|of the end of|from the end of|after the close of)(?: the)?`,
	"{YEAR}", `(?: (?:of |in )?([0-9]{4}))?`,
	"{Q}", `(first|second|third|fourth|1st|2nd|3rd|4th|q1|q2|q3|q4|last)`,
)

func en(pattern string, mean func(p *phrase, g []string) (Rule, *Refusal)) row {
	return row{regexp.MustCompile("^(?i:" + enPieces.Replace(pattern) + ")$"), mean}
}

var (
	enStays     = regexp.MustCompile(`(?i)[ ,;]*\(?(?:as it falls|even (?:if|where|when) (?:it|that|this)? ?(?:is|falls on) a (?:day off|weekend|holiday)|without adjustment|whether or not (?:it is )?a working day|not moved)\)?$`)
	enForward   = regexp.MustCompile(`(?i)[ ,;]*\(?(?:(?:or|and)?,? ?(?:if|where|when) (?:it|that|this|that day|the day)? ?(?:is|falls on) (?:a|not a) [a-z ]{3,30}, ?)?(?:or |on |due )?(?:the )?(?:next|following) (?:working|business) day\)?$`)
	enBackward  = regexp.MustCompile(`(?i)[ ,;]*\(?(?:(?:or|and)?,? ?(?:if|where|when) (?:it|that|this|that day|the day)? ?(?:is|falls on) (?:a|not a) [a-z ]{3,30}, ?)?(?:or |on |due )?(?:the )?(?:working|business) day before\)?$`)
	enPrevious  = regexp.MustCompile(`(?i)[ ,;]*\(?(?:or |on )?(?:the )?(?:previous|preceding|last preceding) (?:working|business) day\)?$`)
	enHour      = regexp.MustCompile(`(?i)^by ([0-9]{1,2})(?:[:.]([0-9]{2}))? ?(am|pm|a\.m\.|p\.m\.|noon|hrs?|o'clock)? (?:on )`)
	enHourEnd   = regexp.MustCompile(`(?i)[ ,]+(?:at|by) ([0-9]{1,2})(?:[:.]([0-9]{2}))? ?(am|pm|a\.m\.|p\.m\.|noon|hrs?|o'clock)?$`)
	enStarts    = regexp.MustCompile(enPieces.Replace(`(?i)^(?:from|starting(?: in| from)?|beginning(?: in| from)?) {MON} ?([0-9]{4})?,? `))
	enBracketed = regexp.MustCompile(`(?i)\b([a-z-]+) \([0-9]+\)`) // twenty (20)
	enFrame     = regexp.MustCompile(`(?i)^(?:to be |must be |shall be |should be |is |are )?(?:submitted|reported|filed|published|completed|done|delivered|paid|made|at least|not less than|no less than) `)
	enOnce      = regexp.MustCompile(`(?i)^(?:at least |not less than |no less than )?once `)
)

func parseEnglish(s string, c Context) (Meaning, *Refusal) {
	p := &phrase{c: c, s: strings.Join(strings.FieldsFunc(strings.NewReplacer("\u2019", "'", "\u2018", "'", "\u201c", `"`, "\u201d", `"`, "\u2013", "-", "\u2011", "-").Replace(s), unicode.IsSpace), " ")}
	p.s = enBracketed.ReplaceAllString(strings.TrimRight(p.s, ".;, "), "$1")
	if refusal := enVague(p.s); refusal != nil {
		return p.m, refusal
	}
	roll := ""
	for _, r := range []struct {
		re   *regexp.Regexp
		roll string
	}{{enStays, NoRoll}, {enForward, Forward}, {enBackward, Backward}, {enPrevious, Backward}} {
		if at := r.re.FindStringIndex(p.s); at != nil && at[0] > 0 && roll == "" {
			p.s, roll = strings.TrimRight(p.s[:at[0]], " ,("), r.roll
		}
	}
	p.enHour()
	if refusal := p.enStarts(); refusal != nil {
		return p.m, refusal
	}
	p.s = enFrame.ReplaceAllString(p.s, "")
	p.s = enOnce.ReplaceAllString(p.s, "once ")
	rule, refusal := p.match(enTable)
	if refusal != nil {
		return p.m, refusal
	}
	if rule.Kind == "" {
		return p.m, p.enRefusal()
	}
	if roll != "" {
		rule.Roll = roll
	}
	p.m.Rule = rule
	return p.m, nil
}

// enHour takes off the hour of a day.
func (p *phrase) enHour() {
	g := enHour.FindStringSubmatch(p.s)
	rest := ""
	if g != nil {
		rest = "by " + p.s[len(g[0]):]
	} else if g = enHourEnd.FindStringSubmatch(p.s); g != nil {
		rest = p.s[:len(p.s)-len(g[0])]
	}
	if g == nil || g[2] == "" && g[3] == "" {
		return
	}
	h := number(g[1])
	if strings.HasPrefix(strings.ToLower(g[3]), "p") && h < 12 {
		h += 12
	}
	min := g[2]
	if min == "" {
		min = "00"
	}
	if h > 24 || number(min) > 59 {
		return
	}
	p.m.Hour, p.s = pad(h)+":"+min, rest
}

func (p *phrase) enStarts() *Refusal {
	g := enStarts.FindStringSubmatch(p.s)
	if g == nil {
		return nil
	}
	year := number(g[2])
	if year < 0 {
		if year = p.c.Year; year == 0 {
			year = p.c.Issued.Year()
		}
	}
	p.m.Starts = calendar.DateOf(year, time.Month(enMonths[strings.ToLower(g[1])]), 1)
	if !p.m.Starts.InRange() {
		return refuse("there is no such day to start from")
	}
	p.s = p.s[len(g[0]):]
	return nil
}

// enDistance is so many of what is counted.
func enDistance(n, unit string) (distance, bool) {
	d := distance{enNumber(n), ""}
	unit = strings.ToLower(unit)
	if n = strings.ToLower(n); n == "a" || n == "an" {
		d.n = 1
	}
	switch {
	case strings.Contains(unit, "work") || strings.Contains(unit, "business"):
		d.unit = WorkingDays
	case strings.HasPrefix(unit, "month"):
		d.unit = Months
	case strings.HasPrefix(unit, "year"):
		d.unit = Years
	case strings.HasPrefix(unit, "week"):
		d = distance{7 * d.n, Days}
	case strings.HasPrefix(unit, "fortnight"):
		d = distance{14 * d.n, Days}
	default:
		d.unit = Days
	}
	return d, d.n > 0 && d.fits()
}

var enQuarters = map[string]int{"first": 3, "second": 6, "third": 9, "fourth": 12, "last": 12, "1st": 3, "2nd": 6, "3rd": 9, "4th": 12, "q1": 3, "q2": 6, "q3": 9, "q4": 12}

func enMonth(s string) int { return enMonths[strings.ToLower(s)] }

// enYear is a year as it is written; 0: none is.
func (p *phrase) enYear(s string) int {
	if s == "" {
		return 0
	}
	p.m.Dated = true
	return number(s)
}

func means(r Rule) func(*phrase, []string) (Rule, *Refusal) {
	return func(*phrase, []string) (Rule, *Refusal) { return r, nil }
}
