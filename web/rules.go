package web

import (
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/rogpeppe/go-internal/diff"

	"duban/rules"
	"duban/rules/planfile"
	"duban/scheduler/editor"
)

// rulesPage lists what is written in a plan.
type rulesPage struct {
	Plans    []*rules.Plan
	Plan     *rules.Plan
	Kind     rules.EntryKind
	Kinds    []rules.EntryKind
	Query    string
	Rows     []ruleRow
	ReadOnly bool // the plan is in the binary
}

// ruleRow is one entry in the list.
type ruleRow struct {
	ID, Ref, Title, Who, When string
	URL                       string
}

func (s *ruleBook) rules(w http.ResponseWriter, r *http.Request) error {
	set, q, lang := s.view().Rules, r.URL.Query(), s.frame.lang(w, r)
	p := rulesPage{Plans: set.Plans, Plan: set.Plans[0], Kind: rules.EntryKind(q.Get("kind")), Kinds: planfile.Kinds, Query: strings.TrimSpace(q.Get("q"))}
	if plan := set.Plan(q.Get("plan")); plan != nil {
		p.Plan = plan
	}
	if !slices.Contains(planfile.Kinds, p.Kind) {
		p.Kind = rules.ObligationEntry
	}
	p.ReadOnly = p.Plan.Dir == ""
	for _, row := range ruleRows(set, p.Plan, p.Kind, wordsOf(lang)) {
		if p.Query == "" || strings.Contains(strings.ToLower(strings.Join([]string{row.ID, row.Ref, row.Title, row.Who, row.When}, " ")), strings.ToLower(p.Query)) {
			row.URL = rulePath(p.Plan.ID, p.Kind, row.ID)
			p.Rows = append(p.Rows, row)
		}
	}
	return s.frame.showIn(w, r, lang, http.StatusOK, "rules", "layout", p)
}

func rulePath(plan string, kind rules.EntryKind, id string) string {
	return "/rules/" + url.PathEscape(plan) + "/" + string(kind) + "/" + url.PathEscape(id)
}

func ruleRows(set *rules.Set, plan *rules.Plan, kind rules.EntryKind, w *words) []ruleRow {
	var out []ruleRow
	switch kind {
	case rules.ObligationEntry:
		for _, o := range plan.Obligations {
			who := make([]string, len(o.Units))
			for i, u := range o.Units {
				who[i] = u.DisplayName(w.lang)
			}
			text := strings.Join(who, ", ")
			if len(who) > 3 {
				text = w.t("%d units", len(who))
			}
			out = append(out, ruleRow{ID: o.ID, Ref: o.Ref, Title: o.DisplayTitle(w.lang), Who: text, When: o.Words(w.lang)})
		}
	case rules.UnitEntry:
		for _, u := range set.Units {
			out = append(out, ruleRow{ID: u.ID, Title: u.DisplayName(w.lang), Who: strings.Join(u.Mail, ", "), When: u.Kind})
		}
	case rules.GroupEntry:
		for _, g := range set.Groups {
			out = append(out, ruleRow{ID: g.ID, Title: g.Name, Who: w.t("%d units", len(g.Members)), When: ""})
		}
	case rules.EventEntry:
		for _, e := range plan.Events {
			out = append(out, ruleRow{ID: e.ID, Title: e.DisplayName(w.lang)})
		}
	case rules.PolicyEntry:
		for _, name := range slices.Sorted(maps.Keys(plan.Policies)) {
			out = append(out, ruleRow{ID: name, Title: plan.Policies[name].String()})
		}
	}
	return out
}

// rulePage shows one entry with its dates and its history.
type rulePage struct {
	planfile.Passage
	Title    string
	Rule     *rules.Obligation // of an obligation that is in force
	Dates    []dateView
	Gone     bool // it is not in the files any more
	ReadOnly error
	Versions []versionView
}

// versionView is one kept version.
type versionView struct {
	editor.Version
	Diff string // from what it was before
}

func (s *ruleBook) rule(w http.ResponseWriter, r *http.Request) error {
	b := planfile.Passage{Plan: r.PathValue("plan"), Kind: rules.EntryKind(r.PathValue("kind")), ID: r.PathValue("id")}
	lang := s.frame.lang(w, r)
	p := rulePage{Title: b.ID}
	p.Passage, p.ReadOnly = planfile.Find(s.view().Rules, b.Kind, b.Plan, b.ID)
	if s.view().Rules.Plan(b.Plan) == nil || !planfile.Edited(b.Kind) {
		return errNotFound
	}
	if o := s.view().Rules.Obligation(b.Plan, b.ID); o != nil && b.Kind == rules.ObligationEntry {
		p.Rule, p.Title = o, o.DisplayTitle(lang)
		p.Dates = s.dates(o, datesShown)
		if p.Text == "" {
			p.Text = o.Source
		}
	}
	var err error
	if p.Versions, err = s.versions(r, b); err != nil {
		return err
	}
	if p.Text == "" && p.ReadOnly == nil {
		if len(p.Versions) == 0 {
			return errNotFound
		}
		p.Gone = true
	}
	return s.frame.showIn(w, r, lang, http.StatusOK, "rule", "layout", p)
}

// versions are those kept of an entry, each with what it changed.
func (s *ruleBook) versions(r *http.Request, b planfile.Passage) ([]versionView, error) {
	kept, err := s.editor.Versions(r.Context(), b)
	if err != nil {
		return nil, err
	}
	out := make([]versionView, len(kept))
	for i, v := range kept {
		v.At = v.At.In(s.view().Settings.Timezone)
		before := ""
		if i+1 < len(kept) {
			before = kept[i+1].Text
		}
		out[i] = versionView{v, difference(before, v.Text)}
	}
	return out, nil
}

// difference is a unified diff of two texts without its head, empty where they
// are the same.
func difference(old, new string) string {
	d := string(diff.Diff("a", []byte(old+"\n"), "b", []byte(new+"\n")))
	if i := strings.Index(d, "@@"); i >= 0 {
		return d[i:]
	}
	return ""
}
