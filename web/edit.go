package web

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"duban/rules"
	"duban/rules/pinyin"
	"duban/rules/planfile"
	"duban/rules/problem"
	"duban/rules/toml"
	"duban/scheduler/editor"
)

// editPage is the editor of one entry.
type editPage struct {
	planfile.Passage // Text is what it was when the editor opened it
	New              bool
	Empty            bool     // nothing of a new one is written yet
	OwnID            bool     // a new one's id, which somebody chose; else it is made of its name
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
	Retire           bool   // the page that asks whether it is to go
	Known            known  // names that may be written
	Said             string // the words of the deadline as the form shows them
	Readings         []reading
	NewMail          string // of a unit that is made beside it
	Turned           bool   // the words come from the choices

	forms forms
}

// edited reads what the address says is to be edited.
func (s *ruleBook) edited(r *http.Request, id, lang string) (*editPage, error) {
	v := s.view()
	p := &editPage{}
	var err error
	p.Passage, err = planfile.Find(v.Rules, rules.EntryKind(r.PathValue("kind")), r.PathValue("plan"), id)
	plan := v.Rules.Plan(p.Plan)
	if plan == nil || !planfile.Edited(p.Kind) {
		return nil, errNotFound
	} else if err == nil {
		p.Files = planfile.FilesFor(plan, p.Kind)
	}
	if err != nil {
		return nil, problem.New(problem.Conflict, "This cannot be edited here: %v", err)
	}
	p.New = p.Text == ""
	p.forms = forms{v.Rules, plan, wordsOf(lang), plan.Day(v.Now)}
	return p, nil
}

func (s *ruleBook) edit(w http.ResponseWriter, r *http.Request) error {
	q := r.URL.Query()
	p, err := s.edited(r, q.Get("id"), s.frame.lang(w, r))
	if err != nil {
		return err
	}
	p.AsText, p.Start, p.Retire, p.OwnID = q.Get("mode") == "text", p.Text, q.Has("retire"), p.ID != ""
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
		p.Start, p.Empty = p.Header(), true
	}
	p.Now = p.Start
	return s.again(w, r, p, http.StatusOK)
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
	id, own := s.idOf(r)
	p, err := s.edited(r, id, s.frame.lang(w, r))
	if err != nil {
		return nil, err
	}
	there := p.Text
	p.Text, p.Start, p.OwnID = unix(r.PostFormValue("base")), unix(r.PostFormValue("start")), own
	p.New, p.AsText, p.Reason, p.NewMail = p.Text == "", r.PostFormValue("mode") == "text", formText(r, "reason"), formText(r, "new-mail")
	if file := r.PostFormValue("file"); p.New && slices.Contains(p.Files, file) {
		p.File = file
	}
	if p.New && there != "" {
		p.Error = problem.Refuse("id", "There is one with the id %q already.", p.ID)
	}
	if p.AsText {
		if p.Now = unix(r.PostFormValue("text")); p.Now == "" {
			p.Error = problem.Refuse("", "The text is empty: to take the entry away, retire it.")
		}
		return p, nil
	}
	p.read(r.PostForm)
	return p, nil
}

// idWidth is how wide the keys of a new entry stand, as in the files of the shipped
// plan.
var idWidth = map[rules.EntryKind]int{rules.ObligationEntry: 9, rules.UnitEntry: 11, rules.GroupEntry: 8, rules.EventEntry: 8}

// read takes over what the form's fields say.
func (p *editPage) read(posted url.Values) {
	start, err := p.Start, error(nil)
	if p.New && p.ID != "" && p.Kind == rules.PolicyEntry {
		start = renamePolicy(start, p.ID)
	} else if p.New && start == p.Header() {
		start += fmt.Sprintf("\n%-*s= %s", idWidth[p.Kind], "id", toml.Quote(p.ID))
	} else if p.New {
		if start, err = toml.SetKeys(start, toml.Change{Key: "id", Value: toml.Quote(p.ID)}); err != nil {
			p.Error = err
		}
	}
	p.Turned = posted.Has(deadlineKey) && strings.TrimSpace(posted.Get(deadlineKey)) == ""
	if p.Now, err = p.forms.edited(p.Passage, start, start, posted); err != nil {
		p.Now, p.Error = start, err
	}
}

// idOf is the id that the form names, or for a new entry without one an id that is
// made of its name; own: somebody chose it.
func (s *ruleBook) idOf(r *http.Request) (id string, own bool) {
	kind, id := rules.EntryKind(r.PathValue("kind")), formText(r, "id")
	if r.PostFormValue("base") != "" || id != "" && (kind != rules.PolicyEntry || rules.CheckID(id) == nil) {
		return id, true
	}
	name := id
	for _, key := range []string{"title", "name"} {
		if name == "" {
			name = formText(r, key)
		}
	}
	if name == "" {
		return "", false
	}
	taken := func(id string) bool {
		there, err := planfile.Find(s.view().Rules, kind, r.PathValue("plan"), id)
		return err == nil && there.Text != ""
	}
	if ref := formText(r, "ref"); rules.CheckID(ref) == nil && kind == rules.ObligationEntry {
		return ref + "-" + pinyin.ID(name, string(kind), func(id string) bool { return taken(ref + "-" + id) }), false
	}
	return pinyin.ID(name, string(kind), taken), false
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

// fill makes the fields of the text as it would be saved.
func (p *editPage) fill() {
	p.Fields, p.Known = p.forms.of(p.Passage, p.Now), p.forms.known()
	if one := p.Field("policy"); one != nil && p.Empty {
		one.Value = one.Options[0].Value
	}
	if one := p.Field(deadlineKey); one != nil {
		p.Said = p.forms.deadlineOf(tableOf(p.Passage, p.Start))
		p.Readings = p.forms.understood(one)
	}
}

func (s *ruleBook) showEdit(w http.ResponseWriter, r *http.Request, code int, p *editPage) error {
	return s.frame.show(w, r, code, "edit", p)
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
	return s.frame.showPart(w, r, http.StatusOK, "edit", "live", p)
}

// save does what the editor's button says.
func (s *ruleBook) save(w http.ResponseWriter, r *http.Request) error {
	p, err := s.posted(w, r)
	if err != nil {
		return err
	}
	switch {
	case r.PostForm.Has("pattern"):
		r.PostForm.Set(deadlineKey, r.PostFormValue("pattern"))
		p.read(r.PostForm)
		return s.again(w, r, p, http.StatusOK)
	case r.PostForm.Has("fix"):
		return s.fix(w, r, p)
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
	if p.ID == "" && p.Error == nil {
		p.Error = problem.Refuse("", "Say what it is: nothing was saved.")
	}
	if p.fill(); p.Wrong() && !p.Retire {
		return s.again(w, r, p, http.StatusUnprocessableEntity)
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
	return s.frame.done(w, r, nil, savedIn(s.view().Rules.Plan(p.Plan)), next)
}

// savedIn is what is said of what was saved in a plan.
func savedIn(plan *rules.Plan) string {
	if plan != nil && plan.Draft {
		return "Saved in the draft."
	}
	return "Saved, and in force."
}

// again shows the editor once more, with what saving would do now.
func (s *ruleBook) again(w http.ResponseWriter, r *http.Request, p *editPage, code int) error {
	if err := s.rehearse(r, p); err != nil {
		return err
	}
	if code == http.StatusOK && r.Method == http.MethodPost && p.Wrong() {
		code = http.StatusUnprocessableEntity
	}
	return s.showEdit(w, r, code, p)
}

// merge lays what the second of two editors changed over what the first has
// saved, and shows how the two differ; saving again then saves that.
func (p *editPage) merge(theirs string, posted url.Values) {
	p.Retire = false
	if !p.AsText && theirs != "" && p.Text != "" {
		if merged, err := p.forms.edited(p.Passage, p.Text, theirs, posted); err == nil {
			p.Now = merged
		}
	}
	p.Conflict = difference(theirs, p.Now)
	if p.Conflict == "" {
		p.Conflict = " "
	}
	p.Text, p.Start, p.New = theirs, p.Now, theirs == ""
}
