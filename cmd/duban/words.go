package main

import (
	"errors"
	"fmt"
	"strings"

	"duban/cmd/duban/app"
	"duban/cmd/duban/config"
	"duban/rules"
	"duban/rules/calendar"
	"duban/rules/problem"
	"duban/rules/toml"
	"duban/rules/words"
	"duban/scheduler/views"
)

// dueShown is how many due dates explain --words gives.
const dueShown = 5

// wordsRow is how a deadline in words is understood.
type wordsRow struct {
	Cadence views.Cadence   `json:"cadence"`
	Within  string          `json:"within"`
	Roll    string          `json:"roll"`
	Starts  string          `json:"starts,omitempty"` // nothing is due before
	Hour    string          `json:"hour,omitempty"`   // not counted: it belongs into a note
	Zh      string          `json:"zh"`
	En      string          `json:"en"`
	Due     []calendar.Date `json:"due"`
}

func explainWords(a *env, phrase string, issued calendar.Date) error {
	if issued == 0 {
		issued = calendar.DayOf(a.now())
	}
	cal, c := calendar.China(), words.Context{Issued: issued}
	if set := anyRules(a); set != nil {
		cal, c.Event, c.Name = set.Plans[0].Calendar, set.EventCalled, set.EventName
	}
	m, err := words.Parse(phrase, c)
	if err != nil {
		return refusedWords(err, c, cal)
	}
	row := wordsRow{
		Cadence: views.Cadence{Kind: m.Kind, Value: m.Value}, Within: rules.Within{N: m.N, Unit: rules.CountUnit(m.Unit)}.String(), Roll: m.Roll,
		Starts: m.Starts.String(), Hour: m.Hour, Zh: words.Say(m.Rule, "zh-CN", c), En: words.Say(m.Rule, "en", c), Due: firstDues(m.Rule, m.Starts, issued, cal),
	}
	if a.asJSON {
		return printJSON(a.out, row)
	}
	a.say("%s\n%s\n\n%s = %s\nwithin = %s\nroll = %s", row.Zh, row.En, m.Kind, toml.Quote(m.Value), toml.Quote(row.Within), toml.Quote(row.Roll))
	if row.Starts != "" {
		a.say("from %s on", row.Starts)
	}
	if row.Hour != "" {
		a.say("%s is not counted: it is due at close of business; say the hour in a note", row.Hour)
	}
	for _, d := range row.Due {
		a.say("  due %s", a.due(d, false))
	}
	return nil
}

// anyRules are those of the configuration, right or wrong; nil: none can be read.
func anyRules(a *env) *rules.Set {
	file, err := config.Find(a.configFile)
	if err != nil || file == "" {
		return nil
	}
	l := app.Load(file, &problem.List{}, nil)
	if l == nil || len(l.Rules.Plans) == 0 {
		return nil
	}
	return l.Rules
}

func firstDues(r words.Rule, starts, issued calendar.Date, cal *calendar.Calendar) []calendar.Date {
	due := []calendar.Date{}
	for in := range rules.DueByWords(r, starts, issued, cal) {
		if len(due) == dueShown {
			break
		}
		due = append(due, in.Due)
	}
	return due
}

// refusedWords says why words are not understood, what they may mean, and when
// that would be due.
func refusedWords(err error, c words.Context, cal *calendar.Calendar) error {
	text := ""
	var r *words.Refusal
	if errors.As(err, &r) {
		for _, reading := range r.Readings {
			dates := []string{}
			for _, d := range firstDues(reading, 0, c.Issued, cal) {
				if len(dates) < 3 {
					dates = append(dates, d.String())
				}
			}
			text += fmt.Sprintf("\n  %s · %s", words.Say(reading, "zh-CN", c), words.Say(reading, "en", c))
			if len(dates) > 0 {
				text += ": due " + strings.Join(dates, ", ")
			}
		}
	}
	return problem.Errorf("--words: %w%s", err, text)
}
