package web

import (
	"errors"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"duban/rules"
	"duban/rules/problem"
	"duban/rules/toml"
	inwords "duban/rules/words"
)

// A deadline is asked for in words. Beside them stands a sentence of choices, for
// those who would rather choose: what it says counts where the words are empty.

// saidKey is the hidden field that says what the words were when the form was
// shown: those that nobody touched change no file.
const saidKey = "said"

// The choices of the sentence.
const (
	sentencePeriod = "s-period"
	sentenceWhen   = "s-when"
	sentenceNumber = "s-n"
	sentenceUnit   = "s-unit"
)

// sentence is a deadline as the choices say it; without a period they do not.
type sentence struct{ Period, When, N, Unit string }

var sentenceUnits = []string{inwords.WorkingDays, inwords.Days, inwords.Months}

// The ways of a sentence.
const (
	byEnd    = "end"   // by the end of each
	afterEnd = "after" // so long after each
)

// deadlineOf is when an entry is due, in words.
func (f forms) deadlineOf(t *toml.Table) string {
	if t.Has(deadlineKey) {
		return t.String(deadlineKey)
	}
	r, ok := f.ruleOf(t)
	if ok {
		return f.plan.SayRule(r, f.words.lang)
	}
	kind, value := cadenceOf(t)
	if value == "" && t.String("within") == "" {
		return ""
	}
	return strings.TrimSpace(kind + " " + value + " " + t.String("within")) // a mistake stays to be seen
}

// ruleOf is what an entry says of its deadline without words; ok: it can be said
// in words.
func (f forms) ruleOf(t *toml.Table) (r inwords.Rule, ok bool) {
	kind, value := cadenceOf(t)
	if r, ok = rules.RuleOf(kind, value, t.String("within"), t.String("roll")); !ok || f.plan == nil {
		return r, false
	}
	back, err := f.plan.ReadWords(f.plan.SayRule(r, f.words.lang))
	return r, err == nil && back.Rule == r
}

func cadenceOf(t *toml.Table) (kind, value string) {
	for _, k := range rules.CadenceKinds {
		key := string(k)
		if !t.Has(key) {
			continue
		}
		if d := t.Date(key); k == rules.OnDate && d != "" {
			return key, d
		}
		return key, t.String(key)
	}
	return string(rules.ByPeriod), ""
}

// deadlineChanges put the posted words in place of what base says of the deadline,
// wherever text says it.
func (f forms) deadlineChanges(base, text *toml.Table, posted url.Values) []toml.Change {
	if !posted.Has(deadlineKey) {
		return nil
	}
	said, written := posted.Get(saidKey), f.written(posted)
	if written == said {
		return nil
	}
	if r, ok := f.ruleOf(base); ok && !base.Has(deadlineKey) {
		if m, err := f.plan.ReadWords(written); err == nil && m.Rule == r && m.Starts == 0 && m.Hour == "" {
			return nil // the same, in other words
		}
	}
	var changes []toml.Change
	for _, key := range inDeadline {
		if !text.Has(key) {
			continue
		}
		if len(changes) == 0 && !text.Has(deadlineKey) {
			changes = append(changes, toml.Change{Key: key, As: deadlineKey, Value: toml.Quote(written)})
		} else {
			changes = append(changes, toml.Change{Key: key})
		}
	}
	if text.Has(deadlineKey) || len(changes) == 0 {
		changes = append(changes, toml.Change{Key: deadlineKey, Value: toml.Quote(written)})
	}
	return changes
}

// written are the posted words; where there are none, those of the choices.
func (f forms) written(posted url.Values) string {
	if s := strings.TrimSpace(posted.Get(deadlineKey)); s != "" {
		return s
	}
	return f.say(sentenceIn(posted))
}

func sentenceIn(posted url.Values) sentence {
	return sentence{posted.Get(sentencePeriod), posted.Get(sentenceWhen), strings.TrimSpace(posted.Get(sentenceNumber)), posted.Get(sentenceUnit)}
}

// say is what the choices mean, in words; empty: nothing that can be said.
func (f forms) say(s sentence) string {
	r := inwords.Rule{Kind: inwords.Every, Value: s.Period, Unit: inwords.Days, Roll: inwords.Backward}
	switch n, err := strconv.Atoi(s.N); {
	case f.plan == nil || !slices.Contains(inwords.Periods, s.Period):
		return ""
	case s.Period == "day":
		r.Roll = inwords.Forward
	case s.When == byEnd:
	case err != nil || n < 1 || !slices.Contains(sentenceUnits, s.Unit):
		return ""
	default:
		r.N, r.Unit, r.Roll = n, s.Unit, inwords.Forward
	}
	return f.plan.SayRule(r, f.words.lang)
}

// choices are the sentence that says the same as the words, if there is one.
func (f forms) choices(said string) sentence {
	none := sentence{When: afterEnd, N: "10", Unit: inwords.WorkingDays}
	if f.plan == nil {
		return none
	}
	m, err := f.plan.ReadWords(said)
	if err != nil || m.Kind != inwords.Every {
		return none
	}
	s := sentence{Period: m.Value, When: byEnd, N: "10", Unit: inwords.WorkingDays}
	if m.N > 0 {
		s = sentence{Period: m.Value, When: afterEnd, N: strconv.Itoa(m.N), Unit: m.Unit}
	}
	if back, err := f.plan.ReadWords(f.say(s)); err != nil || back.Rule != m.Rule {
		return none
	}
	return s
}

// patterns are deadlines that stand ready: what most documents say.
var patterns = map[string][]string{
	"zh-CN": {"每月15日前", "每季度首月10个工作日内", "每季度末前", "每半年", "年底前", "每周五前"},
	"en":    {"by the 15th of each month", "within 10 working days after each quarter", "quarterly", "half-yearly", "by the end of the year", "every Friday"},
}

// nearPatterns are more of them, for those who wrote something near.
var nearPatterns = map[string][]string{
	"zh-CN": {"每月底前", "每季度", "每月", "每年底前", "每周", "每个工作日", "每季度结束后10个工作日内", "每月结束后10个工作日内", "每季度首月10日前", "每年3月31日前", "每年第一季度内", "每月最后一个周五"},
	"en":    {"monthly", "weekly", "yearly", "every working day", "by the end of each month", "within 10 working days after each month", "by 31 March each year"},
}

// reading is one of the ways to understand words that can be understood in several.
type reading struct {
	Words string
	Next  []rules.Instance
}

// datesOfReading is how many dates of a reading are shown: people know by them
// which one they mean.
const datesOfReading = 2

// understood says what is wrong with the words of a deadline, if anything is, and
// what may be meant.
func (f forms) understood(one *field) (readings []reading) {
	if f.plan == nil || one.Value == "" {
		return nil
	}
	m, err := f.plan.ReadWords(one.Value)
	var refusal *inwords.Refusal
	switch {
	case errors.As(err, &refusal):
		one.Error = refusal
		for _, r := range refusal.Readings {
			readings = append(readings, reading{f.plan.SayRule(r, f.words.lang), f.next(r)})
		}
		if len(readings) == 0 {
			for _, near := range problem.Nearest(one.Value, append(slices.Clone(patterns[f.words.lang]), nearPatterns[f.words.lang]...), mostNear) {
				one.Fixes = append(one.Fixes, fix{Do: deadlineKey + "/0/words/" + near, Label: near})
			}
		}
	case m.Kind == inwords.Event && !eventID.MatchString(m.Value):
		f.noSuchEvent(one, m.Value)
	}
	return readings
}

var eventID = regexp.MustCompile(`^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$`)

// noSuchEvent offers the events that have names near to one that nobody knows.
func (f forms) noSuchEvent(one *field, name string) {
	var names []string
	for _, e := range f.plan.Events {
		names = append(names, e.DisplayName(f.words.lang))
	}
	nearest := problem.Nearest(name, names, mostNear)
	one.Error = &problem.Error{Code: problem.Invalid, Field: deadlineKey, Key: "no event is called %q here", Args: []any{problem.Clip(name)}}
	if len(nearest) > 0 {
		one.Error = &problem.Error{Code: problem.Invalid, Field: deadlineKey, Key: "no event is called %q here: is it one of these?", Args: []any{problem.Clip(name)}}
	}
	for _, near := range nearest {
		one.Fixes = append(one.Fixes, fix{Do: deadlineKey + "/0/words/" + strings.Replace(one.Value, name, near, 1), Label: near})
	}
	one.Fixes = append(one.Fixes, fix{Do: deadlineKey + "/0/event/" + name, Label: f.words.t("Make a new event, %s", name)})
}

// next are the next dates that a reading gives.
func (f forms) next(r inwords.Rule) (out []rules.Instance) {
	for in := range rules.DueByWords(r, f.plan.Starts, f.today, f.plan.Calendar) {
		if out = append(out, in); len(out) == datesOfReading {
			break
		}
	}
	return out
}
