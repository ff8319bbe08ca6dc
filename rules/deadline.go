package rules

import (
	"iter"
	"regexp"
	"strconv"
	"strings"

	"duban/rules/calendar"
	"duban/rules/problem"
	"duban/rules/words"
)

var titleYear = regexp.MustCompile(`(\d{4})年`)

// wordsContext is what the plan says of words that leave something open.
func (p *Plan) wordsContext() words.Context {
	c := words.Context{Issued: p.Issued, Event: p.eventCalled, Name: p.EventName}
	if c.Issued == 0 {
		c.Issued = p.Starts
	}
	if g := titleYear.FindStringSubmatch(p.Title); g != nil {
		c.Year, _ = strconv.Atoi(g[1]) // four digits
	}
	return c
}

// readWords reads a deadline in words, which stands in place of a cadence, within
// and roll; ok: there is one, and it is understood.
func (o *Obligation) readWords(r reader) (m words.Meaning, ok bool) {
	o.Deadline = r.text("deadline")
	if !r.has("deadline") {
		return m, false
	}
	for _, key := range []string{"every", "cron", "rrule", "on", "event", "after", "within", "roll"} {
		if r.has(key) {
			r.errorf(key, "says again what deadline says in words: leave one of the two out")
		}
	}
	if r.wrong("deadline") {
		return m, false
	}
	m, err := words.Parse(o.Deadline, o.Plan.wordsContext())
	if err != nil {
		r.errorf("deadline", "%v%s", err, readingsText(err))
		return m, false
	}
	if m.Kind == words.Event && !identifierForm.MatchString(m.Value) {
		r.errorf("deadline", "no event is called %q here%s: name it by an [[event]] in plan.toml, or write its id, as in file-repealed后10个工作日内", problem.Clip(m.Value), problem.DidYouMean(m.Value, o.Plan.eventNames()))
		return m, false
	}
	if m.Hour != "" {
		r.warnf("deadline", "%s is not counted: it is due at close of business, and the note says the hour", m.Hour)
		if !strings.Contains(o.Note, m.Hour) {
			o.Note = strings.TrimSpace(o.Note + "\n" + o.Deadline)
		}
	}
	return m, true
}

// readingsText lists what a refused phrase may mean.
func readingsText(err error) string {
	r, ok := err.(*words.Refusal)
	if !ok || len(r.Readings) == 0 {
		return ""
	}
	said := make([]string, len(r.Readings))
	for i, reading := range r.Readings {
		said[i] = words.Say(reading, "zh-CN", words.Context{})
	}
	return ": " + strings.Join(said, " / ")
}

// useWords takes over what a deadline in words means.
func (o *Obligation) useWords(r reader, m words.Meaning) {
	var err error
	if o.Cadence, err = newCadence(CadenceKind(m.Kind), m.Value, o.Plan.Starts); err != nil {
		r.errorf("deadline", "%v", err)
		o.Cadence = Cadence{}
		return
	}
	o.Within, o.Roll = Within{m.N, CountUnit(m.Unit)}, Roll(m.Roll)
	if m.Starts != 0 && o.Cadence.Recurs() {
		o.starts = max(o.starts, o.firstAnchor(m.Starts))
	}
}

// saying is what the words of an obligation depend on.
type saying struct {
	rule     words.Rule
	language string
}

// Words is the deadline in words of that language. They are found by trying what reads
// back as the rule, so they are found once: lists ask for them with every line.
func (o *Obligation) Words(language string) string {
	s := saying{words.Rule{Kind: string(o.Cadence.Kind), Value: o.Cadence.Value, N: o.Within.N, Unit: string(o.Within.Unit), Roll: string(o.Roll)}, language}
	if said, ok := o.said.Load(s); ok {
		return said.(string)
	}
	said := words.Say(s.rule, language, o.Plan.wordsContext())
	o.said.Store(s, said)
	return said
}

// ReadWords is what a deadline in words means in this plan; the error is a
// *words.Refusal.
func (p *Plan) ReadWords(said string) (words.Meaning, error) {
	return words.Parse(said, p.wordsContext())
}

// SayRule is a rule in words of that language, as this plan's forms show it.
func (p *Plan) SayRule(r words.Rule, language string) string {
	return words.Say(r, language, p.wordsContext())
}

// RuleOf is the rule that a cadence's key and value, within and roll make, as they
// stand in a file; ok: it can be said.
func RuleOf(kind, value, within, roll string) (r words.Rule, ok bool) {
	w := Within{0, Days}
	if within != "" {
		var err error
		if w, err = ParseWithin(within); err != nil {
			return r, false
		}
	}
	if roll == "" {
		roll = string(Forward)
	}
	return words.Rule{Kind: kind, Value: value, N: w.N, Unit: string(w.Unit), Roll: roll}, value != ""
}

// DueByWords are the due dates that a deadline in words gives, from the day it
// was issued on, of whatever period; a date is one also where it lies before.
// Events and chains have none.
func DueByWords(r words.Rule, starts, issued calendar.Date, cal *calendar.Calendar) iter.Seq[Instance] {
	p := &Plan{Calendar: cal, Starts: calendar.First}
	o := &Obligation{Plan: p, Within: Within{r.N, CountUnit(r.Unit)}, Roll: Roll(r.Roll), starts: calendar.First}
	from := max(issued, starts)
	if r.Kind == words.On {
		from = calendar.First
	}
	begin := max(issued.AddMonths(-12*mostYears), calendar.First)
	if r.Kind == words.RRule && strings.Contains(r.Value, "INTERVAL") {
		begin = issued
	}
	var err error
	if o.Cadence, err = newCadence(CadenceKind(r.Kind), r.Value, begin); err != nil {
		return func(func(Instance) bool) {}
	}
	return o.From(from)
}
