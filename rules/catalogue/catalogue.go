// Package catalogue has what duban says to people, once for mails, the page,
// problems and the administrators, in the languages that they read.
//
// A text is known by its key: its English, a format of package fmt ("no unit
// %q%s"), which then needs no English of its own; or a name of ours ("state open",
// "mail: hello"), which every language has words for. What no language knows is
// said as its key.
package catalogue

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"duban/rules/calendar"
	"duban/rules/problem"
)

// Chinese and English are the languages; Chinese is that of whoever asks for none.
const (
	Chinese = "zh-CN"
	English = "en"
)

// Words are the texts in one language.
type Words struct {
	language string
	texts    map[string]string
}

var all = map[string]*Words{
	Chinese: {Chinese, merged(zhCommands, zhPage, zhBetween, zhRules, zhDeadlines, zhPlans, zhForms, zhSheet, zhTables, zhMail, zhAdmin, zhShared, zhAPI, zhOpenAPI, zhSignOn, zhBulletin, zhReach)},
	English: {English, merged(enNames, enForms, enMail, enAdmin, enBulletin)},
}

// merged are several tables as one.
func merged(tables ...map[string]string) map[string]string {
	out := map[string]string{}
	for _, t := range tables {
		maps.Copy(out, t)
	}
	return out
}

// In are the texts in that language.
func In(language string) *Words {
	if w, ok := all[language]; ok {
		return w
	}
	return all[Chinese]
}

// Chinese tells whether these are Chinese.
func (w *Words) Chinese() bool { return w.language == Chinese }

// Has tells whether the language has a text of its own for the key.
func (w *Words) Has(key string) bool { return w.texts[key] != "" }

// Worded is an argument that has a text of its own.
type Worded interface{ TextKey() string }

// Say says something. Arguments that are dates, errors, or have a text of their
// own are said in the same language.
func (w *Words) Say(key string, args ...any) string {
	format := key
	if own, ok := w.texts[key]; ok {
		format = own
	}
	if len(args) == 0 || !strings.Contains(format, "%") {
		return format
	}
	args = slices.Clone(args)
	for i, a := range args {
		switch a := a.(type) {
		case error:
			args[i] = w.Error(a)
		case calendar.Date:
			args[i] = w.Date(a)
		case Worded:
			args[i] = w.Say(a.TextKey())
		}
	}
	return fmt.Sprintf(strings.ReplaceAll(format, "%w", "%v"), args...)
}

// Error is an error in words, without the field that it is about; what others than
// duban say stays as it is.
func (w *Words) Error(err error) string {
	var e *problem.Error
	var list problem.Errors
	switch {
	case err == nil:
		return ""
	case errors.As(err, &e):
		return w.Say(e.Key, e.Args...)
	case errors.As(err, &list):
		return w.list(list)
	}
	return err.Error()
}

// Problem is what is wrong with a rule, after the key that it is about.
func (w *Words) Problem(p problem.Problem) string {
	if p.Said.Field == "" {
		return w.Error(p.Said)
	}
	return p.Said.Field + ": " + w.Error(p.Said)
}

// list is what is wrong with a text that somebody gave, a line each.
func (w *Words) list(problems problem.Errors) string {
	lines := make([]string, len(problems))
	for i, p := range problems {
		if lines[i] = w.Problem(p); p.Line > 0 {
			lines[i] = w.Say("line %d: %s", p.Line, lines[i])
		}
	}
	return strings.Join(lines, "\n")
}

var weekdays = [7]string{"周日", "周一", "周二", "周三", "周四", "周五", "周六"}

// Weekday is the day of the week, shortly.
func (w *Words) Weekday(d calendar.Date) string {
	if w.Chinese() {
		return weekdays[d.Weekday()]
	}
	return d.Weekday().String()[:3]
}

// Date is a day with its weekday.
func (w *Words) Date(d calendar.Date) string {
	if d.IsZero() {
		return "–"
	}
	return d.String() + " " + w.Weekday(d)
}
