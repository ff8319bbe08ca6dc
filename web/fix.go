package web

import (
	"net/http"
	"strings"

	"duban/rules"
	"duban/rules/pinyin"
	"duban/rules/planfile"
	"duban/rules/problem"
	"duban/rules/toml"
	"duban/scheduler/editor"
)

// fix does what a button beside a field says, and shows the form once more: what
// else was written in it stays.
func (s *ruleBook) fix(w http.ResponseWriter, r *http.Request, p *editPage) error {
	do := r.PostFormValue("fix")
	if rest, ok := strings.CutPrefix(do, deadlineKey+"/0/words/"); ok {
		r.PostForm.Set(deadlineKey, rest)
	} else if name, ok := strings.CutPrefix(do, deadlineKey+"/0/event/"); ok {
		if err := s.newEvent(r, p, name); err != nil {
			return err
		}
	} else {
		key, now, name, what, ok := p.forms.pressed(do, r.PostFormValue(do[:max(0, strings.Index(do, "/"))]))
		switch {
		case !ok:
			return problem.New(problem.Unreadable, "This form cannot be read: nothing was changed.")
		case what == "new":
			if err := s.newUnit(r, p, key, name); err != nil {
				return err
			}
		default:
			r.PostForm.Set(key, now)
		}
	}
	p.forms.set, p.forms.plan = s.view().Rules, s.view().Rules.Plan(p.Plan)
	p.read(r.PostForm)
	return s.again(w, r, p, http.StatusOK)
}

// newUnit saves a unit that a form names and nobody has; what is wrong with it
// stands beside the field that names it.
func (s *ruleBook) newUnit(r *http.Request, p *editPage, key, name string) error {
	set := s.view().Rules
	if p.NewMail == "" && !p.forms.plan.Draft {
		p.Problems = append(p.Problems, p.forms.words.t("a new unit of a plan in force needs an address: write it beside the button"))
		return nil
	}
	id := pinyin.ID(name, string(rules.UnitEntry), func(id string) bool { return set.Unit(id) != nil })
	supervisor := p.forms.plan.Issuer
	return s.saveBeside(r, p, rules.UnitEntry, id, unitText(id, name, p.NewMail, supervisor))
}

// newEvent names an event that the words of a deadline count from.
func (s *ruleBook) newEvent(r *http.Request, p *editPage, name string) error {
	id := pinyin.ID(name, string(rules.EventEntry), func(id string) bool { _, there := p.forms.plan.Event(id); return there })
	return s.saveBeside(r, p, rules.EventEntry, id, "[[event]]\nid   = "+toml.Quote(id)+"\nname = "+toml.Quote(name))
}

// saveBeside saves an entry that the one in the editor needs.
func (s *ruleBook) saveBeside(r *http.Request, p *editPage, kind rules.EntryKind, id, text string) error {
	passage, err := planfile.Find(s.view().Rules, kind, p.Plan, id)
	if err != nil {
		return err
	}
	problems, err := s.editor.Save(r.Context(), editor.Edit{Passage: passage, To: text, By: user(r).Name, Reason: p.Reason})
	if err != nil {
		return err
	}
	for _, wrong := range problems.Errors() {
		p.Problems = append(p.Problems, p.forms.words.in.Problem(wrong))
	}
	return nil
}
