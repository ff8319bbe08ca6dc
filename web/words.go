package web

import (
	"regexp"
	"strconv"
	"strings"
	"time"

	"duban/ledger"
	"duban/rules"
	"duban/rules/calendar"
	"duban/rules/catalogue"
	deadline "duban/rules/words"
)

// words are what a page says in one language.
type words struct {
	lang string
	in   *catalogue.Words
}

var allWords = map[string]*words{
	catalogue.Chinese: {catalogue.Chinese, catalogue.In(catalogue.Chinese)},
	catalogue.English: {catalogue.English, catalogue.In(catalogue.English)},
}

func wordsOf(lang string) *words { return allWords[lang] }

// t says something.
func (w *words) t(key string, args ...any) string {
	if action, ok := strings.CutPrefix(key, "action "); ok && !w.in.Has(key) {
		return action // what the journal calls it
	}
	return w.in.Say(key, args...)
}

// problem is an error in words.
func (w *words) problem(err error) string { return w.in.Error(err) }

func (w *words) zh() bool { return w.in.Chinese() }

func (w *words) weekday(d calendar.Date) string { return w.in.Weekday(d) }

// date is a day with its weekday.
func (w *words) date(d calendar.Date) string { return w.in.Date(d) }

// clock is a moment, to the minute; times come in the zone to show them in.
func (w *words) clock(t time.Time) string {
	if t.IsZero() {
		return "–"
	}
	return t.Format("2006-01-02 15:04")
}

func (w *words) light(l rules.Light) string {
	return w.t(map[rules.Light]string{rules.Red: "red", rules.Yellow: "yellow", rules.Green: "green", rules.Grey: "closed (grey)"}[l])
}

func (w *words) state(s ledger.State) string { return w.t(s.TextKey()) }

var numbered = regexp.MustCompile(`^(\d{4})-(\d\d)$`)

// month is 2017-07 as a column's head.
func (w *words) month(m string) string {
	p := numbered.FindStringSubmatch(m)
	if p == nil {
		return m
	}
	n, _ := strconv.Atoi(p[2])
	if w.zh() {
		return strconv.Itoa(n) + "月"
	}
	return time.Month(n).String()[:3]
}

// why is the reason of a step: one word of ours, or several with commas between.
func (w *words) why(s string) string {
	if w.in.Has(s) {
		return w.t(s)
	}
	parts := strings.Split(s, ", ")
	for i := range parts {
		parts[i] = w.t(parts[i])
	}
	return strings.Join(parts, w.t(", "))
}

// rhythm is a deadline in words of one language, in those of the reader's.
func (w *words) rhythm(phrase string) string {
	m, err := deadline.Parse(phrase, deadline.Context{})
	if err != nil {
		return phrase
	}
	return deadline.Say(m.Rule, w.lang, deadline.Context{})
}
