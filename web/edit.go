package web

import (
	"errors"
	"maps"
	"net/http"
	"net/url"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"duban/rules"
	"duban/rules/calendar"
	"duban/rules/planfile"
	"duban/rules/problem"
	"duban/rules/toml"
	"duban/scheduler/editor"
	"duban/scheduler/engine"
)

// editPage is the editor of one entry.
type editPage struct {
	planfile.Passage // Text is what it was when the editor opened it
	New              bool
	Files            []string // that a new one may go into
	AsText           bool     // its TOML, else a form
	Start            string   // the text that the form's fields change
	Now              string   // the text as it would be saved
	Fields           []field
	Problems         []string // that stand beside no field
	Error            error
	Conflict         string // what differs from what somebody else saved
	Reason           string
	Preview          *previewView
	Retire           bool        // the page that asks whether it is to go
	UnitNames        [][2]string // ids that may be named, and whose they are

	words *words // of the reader
}

// previewView is what saving would do.
type previewView struct {
	Dates   []dateView
	Example bool // the dates count from today, as if it had happened today
	Steps   []rules.Step
	Anchor  calendar.Date
	Changes []changeView
	Counts  map[string]int // by action
	More    int            // changes that are not listed
	Notices int
	Same    bool // the text is as it was
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

// datesShown is how many deadlines a preview shows; changesShown how many changes.
const (
	datesShown   = 12
	changesShown = 60
)

// dates are the next deadlines of an obligation, or those of today's event.
func (s *ruleBook) dates(o *rules.Obligation) []dateView {
	var out []dateView
	line, today := o.Timeline(s.view().Settings.Weekends), o.Plan.Day(s.view().Now)
	if !o.Cadence.Recurs() {
		in := o.At(today.String(), today)
		return []dateView{{in, line.Named(in.Named).Reminders(in.Due)}}
	}
	for in := range o.From(today) {
		if len(out) == datesShown {
			break
		}
		out = append(out, dateView{in, line.Named(in.Named).Reminders(in.Due)})
	}
	return out
}

// edited reads what the address says is to be edited.
func (s *ruleBook) edited(r *http.Request, id string) (*editPage, error) {
	set := s.view().Rules
	p := &editPage{}
	var err error
	p.Passage, err = planfile.Find(set, rules.EntryKind(r.PathValue("kind")), r.PathValue("plan"), id)
	if plan := set.Plan(p.Plan); plan == nil || !slices.Contains(planfile.Kinds, p.Kind) {
		return nil, errNotFound
	} else if err == nil {
		p.Files = planfile.FilesFor(plan, p.Kind)
	}
	if err != nil {
		return nil, problem.New(problem.Conflict, "This cannot be edited here: %v", err)
	}
	p.New = p.Text == ""
	return p, nil
}

func (s *ruleBook) edit(w http.ResponseWriter, r *http.Request) error {
	q := r.URL.Query()
	p, err := s.edited(r, q.Get("id"))
	if err != nil {
		return err
	}
	p.words = wordsOf(s.frame.lang(w, r))
	p.AsText, p.Start, p.Retire = q.Get("mode") == "text", p.Text, q.Has("retire")
	switch from := q.Get("copy"); {
	case from != "":
		other, err := planfile.Find(s.view().Rules, p.Kind, p.Plan, from)
		if err != nil {
			return err
		}
		p.Start, p.File = other.Text, other.File
	case q.Has("version"):
		if err := s.openVersion(r, p, q.Get("version")); err != nil {
			return err
		}
	case p.New:
		p.Start = p.Header()
	}
	p.Now = p.Start
	if p.ID != "" {
		if err := s.rehearse(r, p); err != nil {
			return err
		}
	}
	return s.showEdit(w, r, http.StatusOK, p)
}

// openVersion puts a kept version into the editor.
func (s *ruleBook) openVersion(r *http.Request, p *editPage, seq string) error {
	kept, err := s.editor.Versions(r.Context(), p.Passage)
	if err != nil {
		return err
	}
	n, _ := strconv.ParseInt(seq, 10, 64) // 0 is the oldest of all
	i := slices.IndexFunc(kept, func(v editor.Version) bool { return v.Seq == n })
	if i < 0 {
		return errNotFound
	}
	p.Start, p.Retire = kept[i].Text, kept[i].Text == ""
	if p.New {
		p.File = kept[i].File
	}
	return nil
}

// posted reads the editor's form.
func (s *ruleBook) posted(w http.ResponseWriter, r *http.Request) (*editPage, error) {
	if err := r.ParseForm(); err != nil {
		return nil, err
	}
	p, err := s.edited(r, formText(r, "id"))
	if err != nil {
		return nil, err
	}
	p.words = wordsOf(s.frame.lang(w, r))
	there := p.Text
	p.Text, p.Start = unix(r.PostFormValue("base")), unix(r.PostFormValue("start"))
	p.New, p.AsText, p.Reason = p.Text == "", r.PostFormValue("mode") == "text", formText(r, "reason")
	if file := r.PostFormValue("file"); p.New && slices.Contains(p.Files, file) {
		p.File = file
	}
	switch {
	case p.New && p.ID == "":
		p.Error = problem.Refuse("id", "Give it an id of small letters, digits, “.” and “-”: the ledger knows it by that for ever.")
	case p.New && there != "":
		p.Error = problem.Refuse("id", "There is one with the id %q already.", p.ID)
	}
	if p.AsText {
		if p.Now = unix(r.PostFormValue("text")); p.Now == "" {
			p.Error = problem.Refuse("", "The text is empty: to take the entry away, retire it.")
		}
		return p, nil
	}
	start := p.Start
	if p.New && p.ID != "" && p.Kind == rules.PolicyEntry {
		start = renamePolicy(start, p.ID)
	} else if p.New {
		if start, err = toml.SetKeys(start, toml.Change{Key: "id", Value: toml.Quote(p.ID)}); err != nil {
			p.Error = err
		}
	}
	if p.Now, err = toml.SetKeys(start, changesOf(p.Passage, start, r.PostForm)...); err != nil {
		p.Now, p.Error = start, err
	}
	return p, nil
}

var policyHeader = regexp.MustCompile(`(?m)^\[policy\.[^\]]*\]`)

// renamePolicy gives a copied policy its own name.
func renamePolicy(text, name string) string {
	if !policyHeader.MatchString(text) {
		return planfile.Passage{Kind: rules.PolicyEntry, ID: name}.Header()
	}
	return policyHeader.ReplaceAllLiteralString(text, "[policy."+name+"]")
}

func unix(s string) string { return strings.TrimRight(strings.ReplaceAll(s, "\r\n", "\n"), "\n\t ") }

func (p *editPage) edit(by string) editor.Edit {
	return editor.Edit{Passage: p.Passage, To: p.Now, By: by, Reason: p.Reason}
}

// rehearse fills in what saving would do, or what is wrong.
func (s *ruleBook) rehearse(r *http.Request, p *editPage) error {
	if p.Error != nil {
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
		p.Preview.Dates = s.dates(o)
		for _, odd := range o.Odd {
			p.Preview.Odd = append(p.Preview.Odd, p.words.in.Problem(odd))
		}
		p.Preview.Example = !o.Cadence.Recurs()
		if len(p.Preview.Dates) > 0 {
			p.Preview.Anchor = p.Preview.Dates[0].Anchor
			p.Preview.Steps = o.Explain(p.Preview.Anchor, 0)
		}
	}
	return nil
}

func newPreview(what *editor.Rehearsal) *previewView {
	v := &previewView{Counts: map[string]int{}, Notices: what.Notices}
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
	p.Fields = p.form()
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
		p.Problems = append(p.Problems, where+p.words.in.Problem(wrong))
	}
}

// fieldOf is the field of the form that a problem is about; nil: none is.
func (p *editPage) fieldOf(wrong problem.Problem) *field {
	key := wrong.Said.Field
	if slices.Contains(rules.CadenceKinds, rules.CadenceKind(key)) && p.Kind == rules.ObligationEntry {
		key = cadenceValue
	}
	i := slices.IndexFunc(p.Fields, func(f field) bool { return f.Key == key })
	if key == "" || i < 0 || p.AsText || filepath.Clean(wrong.File) != filepath.Clean(p.File) {
		return nil
	}
	return &p.Fields[i]
}

func (p *editPage) form() []field { return formOf(p.Passage, p.Now, nil, p.words.lang) }

// Wrong tells whether it cannot be saved as it stands.
func (p *editPage) Wrong() bool {
	return p.Error != nil || len(p.Problems) > 0 || slices.ContainsFunc(p.Fields, func(f field) bool { return f.Error != nil })
}

func (s *ruleBook) showEdit(w http.ResponseWriter, r *http.Request, code int, p *editPage) error {
	s.fill(p)
	return s.frame.show(w, r, code, "edit", p)
}

// fill makes the fields ready to be shown.
func (s *ruleBook) fill(p *editPage) {
	if p.Kind != rules.PolicyEntry && p.Kind != rules.EventEntry {
		for _, g := range s.view().Rules.Groups {
			p.UnitNames = append(p.UnitNames, [2]string{"@" + g.ID, g.Name})
		}
		for _, u := range s.view().Rules.Units {
			p.UnitNames = append(p.UnitNames, [2]string{u.ID, u.Name})
		}
	}
	policies := slices.Sorted(maps.Keys(s.view().Rules.Plan(p.Plan).Policies))
	wrong := map[string]error{}
	for _, f := range p.Fields {
		wrong[f.Key] = f.Error
	}
	p.Fields = formOf(p.Passage, p.Now, policies, p.words.lang)
	for i := range p.Fields {
		p.Fields[i].Error = wrong[p.Fields[i].Key]
	}
}

// preview answers with what saving would do, while somebody types.
func (s *ruleBook) preview(w http.ResponseWriter, r *http.Request) error {
	p, err := s.posted(w, r)
	if err != nil {
		return err
	}
	if err := s.rehearse(r, p); err != nil {
		return err
	}
	s.fill(p)
	return s.frame.showPart(w, r, http.StatusOK, "edit", "live", p)
}

// save does what the editor's button says.
func (s *ruleBook) save(w http.ResponseWriter, r *http.Request) error {
	p, err := s.posted(w, r)
	if err != nil {
		return err
	}
	switch r.PostFormValue("do") {
	case "preview":
		return s.again(w, r, p, http.StatusOK)
	case "text", "form":
		p.AsText = r.PostFormValue("do") == "text"
		p.Start = p.Now
		return s.again(w, r, p, http.StatusOK)
	case "retire":
		p.Retire, p.Now = true, ""
	}
	if p.Error != nil {
		return s.showEdit(w, r, http.StatusUnprocessableEntity, p)
	}
	problems, err := s.editor.Save(r.Context(), p.edit(user(r).Name))
	var conflict *editor.ConflictError
	switch {
	case errors.As(err, &conflict):
		p.merge(conflict.Theirs, r.PostForm)
		return s.again(w, r, p, http.StatusConflict)
	case err != nil:
		return err
	case problems.Err() != nil:
		p.blame(problems)
		return s.showEdit(w, r, http.StatusUnprocessableEntity, p)
	}
	next := rulePath(p.Plan, p.Kind, p.ID)
	if p.Retire {
		return s.frame.done(w, r, nil, "Retired. What was open is cancelled; the old version is kept.", next)
	}
	return s.frame.done(w, r, nil, "Saved, and in force.", next)
}

// again shows the editor once more, with what saving would do now.
func (s *ruleBook) again(w http.ResponseWriter, r *http.Request, p *editPage, code int) error {
	if err := s.rehearse(r, p); err != nil {
		return err
	}
	if code == http.StatusOK && p.Wrong() {
		code = http.StatusUnprocessableEntity
	}
	return s.showEdit(w, r, code, p)
}

// merge lays what the second of two editors changed over what the first has
// saved, and shows how the two differ; saving again then saves that.
func (p *editPage) merge(theirs string, posted url.Values) {
	p.Retire = false
	if !p.AsText && theirs != "" && p.Text != "" {
		sets := changesOf(p.Passage, p.Text, posted)
		if merged, err := toml.SetKeys(theirs, sets...); err == nil {
			p.Now = merged
		}
	}
	p.Conflict = difference(theirs, p.Now)
	if p.Conflict == "" {
		p.Conflict = " "
	}
	p.Text, p.Start, p.New = theirs, p.Now, theirs == ""
}
