package web

import (
	"maps"
	"net/http"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"duban/rules"
	"duban/rules/calendar"
	"duban/rules/problem"
	"duban/scheduler/editor"
	"duban/scheduler/engine"
)

// previewView is what saving would do.
type previewView struct {
	Dates   []dateView
	Example bool // the dates count from today, as if it had happened today
	Steps   []rules.Step
	Anchor  calendar.Date
	Changes []changeView
	More    int // changes that are not listed
	Notices int
	Units   int            // that hear of it on the next mail day
	Same    bool           // the text is as it was
	Said    string         // the deadline in words, as it was understood
	Counts  map[string]int // by action
	Odd     []string
}

type changeView struct {
	engine.Change
	Key string
}

// dateView is one deadline with its reminders.
type dateView struct {
	rules.Instance
	Reminders []rules.Reminder
}

// How many deadlines a rule's page and a preview show, and how many changes.
const (
	datesShown     = 12
	datesPreviewed = 6
	changesShown   = 60
)

// dates are the next deadlines of an obligation, or those of today's event.
func (s *ruleBook) dates(o *rules.Obligation, most int) []dateView {
	var out []dateView
	line, today := o.Timeline(s.view().Settings.Weekends), o.Plan.Day(s.view().Now)
	if !o.Cadence.Recurs() {
		in := o.At(today.String(), today)
		return []dateView{{in, line.Named(in.Named).Reminders(in.Due)}}
	}
	for in := range o.From(today) {
		if len(out) == most {
			break
		}
		out = append(out, dateView{in, line.Named(in.Named).Reminders(in.Due)})
	}
	return out
}

// rehearse fills in what saving would do, or what is wrong.
func (s *ruleBook) rehearse(r *http.Request, p *editPage) error {
	p.fill()
	if p.Error != nil || p.ID == "" {
		return nil
	}
	e := p.edit(user(r).Name)
	if p.Retire {
		e.To = ""
	}
	what, problems, err := s.editor.Rehearse(r.Context(), e)
	if err != nil {
		return err
	}
	p.blame(problems)
	if what == nil || what.Set == nil {
		return nil
	}
	p.Preview = newPreview(what)
	p.Preview.Same = !p.Retire && p.Now == p.Text
	if o := what.Set.Obligation(p.Plan, p.ID); o != nil && p.Kind == rules.ObligationEntry {
		p.Preview.Dates = s.dates(o, datesPreviewed)
		for _, odd := range o.Odd {
			p.Preview.Odd = append(p.Preview.Odd, p.forms.words.in.Problem(odd))
		}
		p.Preview.Said = o.Words(p.forms.words.lang)
		p.Preview.Example = !o.Cadence.Recurs()
		if len(p.Preview.Dates) > 0 {
			p.Preview.Anchor = p.Preview.Dates[0].Anchor
			p.Preview.Steps = o.Explain(p.Preview.Anchor, 0)
		}
	}
	return nil
}

func newPreview(what *editor.Rehearsal) *previewView {
	v := &previewView{Counts: map[string]int{}, Notices: what.Notices, Units: what.Units}
	for _, c := range what.Changes {
		v.Counts[c.Action]++
		if len(v.Changes) < changesShown {
			_, key, _ := strings.Cut(c.Occurrence, ":")
			v.Changes = append(v.Changes, changeView{c, key})
		} else {
			v.More++
		}
	}
	return v
}

// Actions of the changes, in order.
func (v *previewView) Actions() []string { return slices.Sorted(maps.Keys(v.Counts)) }

// blame puts each problem beside its field, or with its place above the form.
func (p *editPage) blame(problems *problem.List) {
	for _, wrong := range problems.Errors() {
		if f := p.fieldOf(wrong); f != nil {
			if f.Error == nil {
				f.Error = wrong.Said
			}
			continue
		}
		where := ""
		if wrong.Line > 0 {
			where = filepath.Base(wrong.File) + ":" + strconv.Itoa(wrong.Line) + ": "
		}
		p.Problems = append(p.Problems, where+p.forms.words.in.Problem(wrong))
	}
}

// fieldOf is the field of the form that a problem is about; nil: none is.
func (p *editPage) fieldOf(wrong problem.Problem) *field {
	key := wrong.Said.Field
	switch {
	case p.Kind == rules.ObligationEntry && slices.Contains(inDeadline, key):
		key = deadlineKey
	case p.Kind == rules.UnitEntry && (key == "from" || key == "to"):
		key = "away"
	}
	if key == "" || p.AsText || filepath.Clean(wrong.File) != filepath.Clean(p.File) {
		return nil
	}
	return p.Field(key)
}

// Field is the one of that key, or nil.
func (p *editPage) Field(key string) *field {
	i := slices.IndexFunc(p.Fields, func(f field) bool { return f.Key == key })
	if i < 0 {
		return nil
	}
	return &p.Fields[i]
}

// Wrong tells whether it cannot be saved as it stands.
func (p *editPage) Wrong() bool {
	return p.Error != nil || len(p.Problems) > 0 || slices.ContainsFunc(p.Fields, func(f field) bool { return f.Error != nil })
}
