package web

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/rogpeppe/go-internal/diff"

	"duban/ledger"
	"duban/rules"
	"duban/rules/planfile"
	"duban/scheduler/editor"
	"duban/scheduler/views"
)

// rulesPage lists what is written in a plan.
type rulesPage struct {
	Plans    []*rules.Plan
	Plan     *rules.Plan
	Kind     rules.EntryKind
	Kinds    []rules.EntryKind
	Query    string
	Heads    []string // of a row's cells
	Rows     []ruleRow
	ReadOnly bool // the plan is in the binary
}

// ruleRow is one entry in the list.
type ruleRow struct {
	ID, Ref, Title string
	Cells          []string // as ruleHeads says
	URL            string
}

// ruleHeads are the heads of what else is listed of entries of a kind.
var ruleHeads = map[rules.EntryKind][]string{
	rules.ObligationEntry: {"Units", "By when"}, rules.UnitEntry: {"Kind", "Supervisor", "Contact", "Mail"}, rules.GroupEntry: {"Members"},
	rules.PolicyEntry: {"How reminded"}, rules.EventEntry: {"In English"},
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
	p.ReadOnly, p.Heads = p.Plan.Dir == "", ruleHeads[p.Kind]
	may := user(r).Role == ledger.RoleAdmin
	if !may && p.Kind == rules.UnitEntry {
		p.Heads = []string{"Kind", "Supervisor", "Mail"}
	}
	for _, row := range ruleRows(set, p.Plan, p.Kind, may, wordsOf(lang)) {
		if p.Query == "" || strings.Contains(strings.ToLower(strings.Join(append([]string{row.ID, row.Ref, row.Title}, row.Cells...), " ")), strings.ToLower(p.Query)) {
			row.URL = rulePath(p.Plan.ID, p.Kind, row.ID)
			p.Rows = append(p.Rows, row)
		}
	}
	return s.frame.showIn(w, r, lang, http.StatusOK, "rules", "layout", p)
}

func rulePath(plan string, kind rules.EntryKind, id string) string {
	return "/rules/" + url.PathEscape(plan) + "/" + string(kind) + "/" + url.PathEscape(id)
}

// ruleRows are the entries of a kind; people: the reader may know who to call.
func ruleRows(set *rules.Set, plan *rules.Plan, kind rules.EntryKind, people bool, w *words) []ruleRow {
	var out []ruleRow
	row := func(id, ref, title string, cells ...string) {
		out = append(out, ruleRow{ID: id, Ref: ref, Title: title, Cells: cells})
	}
	switch kind {
	case rules.ObligationEntry:
		for _, o := range plan.Obligations {
			row(o.ID, o.Ref, o.DisplayTitle(w.lang), w.units(o.Units), o.Words(w.lang))
		}
	case rules.UnitEntry:
		for _, u := range set.Units {
			kind := u.Kind
			if w.in.Has(kind) {
				kind = w.t(kind)
			}
			cells := []string{kind, set.NameOf(u.Supervisor, w.lang)}
			if people {
				cells = append(cells, strings.TrimSpace(u.Contact+" "+u.Phone))
			}
			row(u.ID, "", u.DisplayName(w.lang), append(cells, strings.Join(u.Mail, ", "))...)
		}
	case rules.GroupEntry:
		for _, g := range set.Groups {
			var units []*rules.Unit
			for _, id := range g.Members {
				if u := set.Unit(id); u != nil {
					units = append(units, u)
				}
			}
			row(g.ID, "", g.Name, w.units(units))
		}
	case rules.EventEntry:
		for _, e := range plan.Events {
			row(e.ID, "", e.DisplayName(w.lang), e.NameEn)
		}
	case rules.PolicyEntry:
		for _, name := range plan.PolicyNames() {
			row(name, "", w.policy(name), plan.Policies[name].Words(w.lang))
		}
	}
	return out
}

// units are the names of a few units, or how many they are.
func (w *words) units(units []*rules.Unit) string {
	if len(units) > 3 {
		return w.t("%d units", len(units))
	}
	names := make([]string, len(units))
	for i, u := range units {
		names[i] = u.DisplayName(w.lang)
	}
	return w.joinNames(names)
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
	if user(r).Role != ledger.RoleAdmin {
		p.Text = views.WithoutPeople(p.Text)
		for i := range p.Versions {
			p.Versions[i].Diff = views.WithoutPeople(p.Versions[i].Diff)
		}
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
