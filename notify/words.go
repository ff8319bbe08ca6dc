package notify

import (
	"fmt"
	"strconv"
	"strings"

	"duban/rules"
	"duban/rules/calendar"
	"duban/rules/catalogue"
)

// words are what a mail says in one language, as the catalogue has them.
type words struct {
	language string
	in       *catalogue.Words
	letters  *letterWords

	adminTag, assignTag, escalateTag, remindTag string
	nWaiting, nMore, nOfUnit                    string
	subject                                     string // unit, what, when
	nDuties, nRelieved, nEscalated              string
	nDue, nOverdue, nUpcoming, join             string
	bulletinTag                                 string
	nPartner                                    string

	Hello, Assigned, Relieved, RelievedOnly, Escalated, Closing, ClosingSupervisor, Automatic string
	Plan, Ref, Period, Due, Basis, Note, ID, Unit, Deadline                                   string
	Partner, Done                                                                             string // of what is others'
	Provisional, Extended, New, Report, By, All                                               string
	Handle, AllOfUnits                                                                        string // of a supervisor's own links
	Colon, Open, Close                                                                        string // punctuation: full-width in Chinese
	shortRest, shortDue, shortPartner, shortRelieved, shortProvisional, shortNoLink           string // of the short form

	lights  map[rules.Light]string
	kinds   map[rules.ReminderKind]string
	bases   map[rules.Basis]string
	weekday [7]string
}

// mailWords are those of each language, looked up once.
var mailWords = map[string]*words{"zh-CN": newWords("zh-CN"), "en": newWords("en")}

func newWords(language string) *words {
	say := func(key string) string { return catalogue.In(language).Say("mail: " + key) }
	w := &words{
		language:          language,
		in:                catalogue.In(language),
		adminTag:          say("admin tag"),
		assignTag:         say("assign tag"),
		bulletinTag:       say("bulletin tag"),
		escalateTag:       say("escalate tag"),
		remindTag:         say("remind tag"),
		subject:           say("subject"),
		nDuties:           say("n duties"),
		nRelieved:         say("n relieved"),
		nEscalated:        say("n escalated"),
		nWaiting:          say("n waiting"),
		nMore:             say("n more"),
		nOfUnit:           say("n of unit"),
		nDue:              say("n due"),
		nOverdue:          say("n overdue"),
		nUpcoming:         say("n upcoming"),
		nPartner:          say("n partner"),
		Partner:           say("partner"),
		Done:              say("done"),
		join:              say("join"),
		Hello:             say("hello"),
		Assigned:          say("assigned"),
		Relieved:          say("relieved"),
		RelievedOnly:      say("relieved only"),
		Escalated:         say("escalated"),
		Closing:           say("closing"),
		ClosingSupervisor: say("closing supervisor"),
		Automatic:         say("automatic"),
		Plan:              say("plan"),
		Ref:               say("ref"),
		Period:            say("period"),
		Due:               say("due"),
		Basis:             say("basis"),
		Note:              say("note"),
		ID:                say("id"),
		Unit:              say("unit"),
		Deadline:          say("deadline"),
		Provisional:       say("provisional"),
		Extended:          say("extended"),
		New:               say("new"),
		Report:            say("report"),
		By:                say("by"),
		All:               say("all"),
		Handle:            say("handle"),
		AllOfUnits:        say("all of units"),
		Colon:             say("colon"),
		Open:              say("open"),
		Close:             say("close"),
		shortRest:         say("short rest"),
		shortDue:          say("short due"),
		shortPartner:      say("short partner"),
		shortRelieved:     say("short relieved"),
		shortProvisional:  say("short provisional"),
		shortNoLink:       say("short no link"),
		lights:            map[rules.Light]string{}, kinds: map[rules.ReminderKind]string{}, bases: map[rules.Basis]string{},
	}
	for _, l := range rules.Lights {
		w.lights[l] = say("light " + string(l))
	}
	for _, k := range []rules.ReminderKind{rules.Overdue, rules.DueToday, rules.Upcoming} {
		w.kinds[k] = say("kind " + string(k))
	}
	for _, b := range []rules.Basis{rules.InText, rules.Assumed} {
		w.bases[b] = say("basis " + string(b))
	}
	for i := range w.weekday {
		w.weekday[i] = say(fmt.Sprintf("weekday %d", i))
	}
	w.letters = newLetterWords(language)
	return w
}

func wordsOf(language string) *words {
	if w, ok := mailWords[language]; ok {
		return w
	}
	return mailWords["zh-CN"]
}

func (w *words) zh() bool { return w.language != "en" }

// tally is "1 due today, 2 overdue".
func (w *words) tally(n *Notice) string {
	var parts []string
	for _, k := range []struct {
		kind   rules.ReminderKind
		format string
	}{{rules.DueToday, w.nDue}, {rules.Overdue, w.nOverdue}, {rules.Upcoming, w.nUpcoming}} {
		if c := n.count(k.kind); c > 0 {
			parts = append(parts, fmt.Sprintf(k.format, c))
		}
	}
	if c := n.partners(); c > 0 {
		parts = append(parts, fmt.Sprintf(w.nPartner, c))
	}
	return strings.Join(parts, w.join)
}

// date is a day with its weekday.
func (w *words) date(d calendar.Date) string {
	if w.zh() {
		return fmt.Sprintf("%d年%d月%d日 %s", d.Year(), d.Month(), d.Day(), w.weekday[d.Weekday()])
	}
	return fmt.Sprintf("%s, %d %s %d", w.weekday[d.Weekday()], d.Day(), d.Month(), d.Year())
}

// dueText is the due date with its weekday and close of business.
func (w *words) dueText(it Item) string {
	clock := it.Due.Clock(it.Deadline)
	if w.zh() {
		return w.date(it.Due) + " " + clock + w.By
	}
	return w.date(it.Due) + ", " + clock
}

// left says how many working days are left, or by how many it is late.
func (w *words) left(it Item) string {
	switch {
	case it.Closed:
		return w.Done
	case it.Kind == rules.DueToday:
		return w.kinds[rules.DueToday]
	case it.Kind == rules.Overdue && it.Days >= 0:
		return w.kinds[rules.Overdue]
	case it.Kind == rules.Overdue && w.zh():
		return fmt.Sprintf("已逾期%d个工作日", -it.Days)
	case it.Kind == rules.Overdue:
		return plural(-it.Days, "working day") + " late"
	case w.zh():
		return fmt.Sprintf("还有%d个工作日", it.Days)
	}
	return plural(it.Days, "working day") + " left"
}

func plural(n int, word string) string {
	if n == 1 {
		return "1 " + word
	}
	return strconv.Itoa(n) + " " + word + "s"
}

// assigned is "3 items, 1 no longer yours".
func (w *words) assigned(n *Notice) string {
	var parts []string
	if c := len(n.Items) + len(n.Duties); c > 0 || len(n.Relieved) == 0 {
		parts = append(parts, fmt.Sprintf(w.nDuties, c))
	}
	if c := len(n.Relieved); c > 0 {
		parts = append(parts, fmt.Sprintf(w.nRelieved, c))
	}
	return strings.Join(parts, w.join)
}
