package web

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"duban/rules"
	"duban/rules/calendar"
	"duban/rules/problem"
	"duban/rules/sheet"
)

// grid is a table as it was understood.
type grid struct {
	form    *gridForm
	draft   *sheet.Draft
	issued  calendar.Date
	wrong   []*problem.Error // of the plan as a whole
	refused error            // why it was not saved
}

// gridPage is what the template shows of a grid.
type gridPage struct {
	Form      *gridForm
	Source    string
	HeadRow   int
	Rows      []tableRow
	Partners  bool // some row has partners
	LeftOut   []leftOutRow
	Unused    []string
	Policies  []string
	Bosses    []unitOption // units that new ones may be supervised by
	Counts    gridCounts
	NewUnits  int
	Wrong     []*problem.Error
	Refused   error
	Missing   []missing // before it can be published
	Forecast  *forecast
	Forewarns []error // why there is no forecast
}

// gridCounts are how many rows were understood, and how many not.
type gridCounts struct{ All, Fine, New, Assumed, Wrong, Open int }

// tableRow is one row of it.
type tableRow struct {
	I                                int
	Number                           int
	Ref                              string
	Title, Units, Partners, Deadline tableCell
	Group                            string // how many units the groups among them are
	Reads                            []tableRule
	Tags                             []gridTag
	Open                             bool
	Troubles                         []sheet.Trouble
	Readings                         []string
	NewUnits                         []gridUnit // that this row is the first to name
	Assumed                          bool
	Assume                           string
	Hidden                           []hiddenField
}

// tableCell is a field that looks like a text until it is touched.
type tableCell struct {
	Name, Value string
	Wrong       bool
	Lines       int // that it takes up
}

type hiddenField struct{ Name, Value string }

// gridTag is a fact in a thin frame.
type gridTag struct{ Class, Mark, Text string }

// tableRule is how a row's deadline was understood.
type tableRule struct {
	Words       string
	Assumed     bool
	Next        calendar.Date
	Provisional bool
	Event       bool // its clock starts with one
	Chain       bool // or with what comes before
}

// gridUnit is a new unit, with what is asked of it.
type gridUnit struct {
	K int
	sheet.Newcomer
}

type unitOption struct{ ID, Name string }

type leftOutRow struct {
	K      int
	Number int
	Text   string
	Why    string
}

// missing is what has to be put right in a row before it can be published.
type missing struct {
	Row, I int
	What   []sheet.Trouble
}

func (s *tables) showGrid(w http.ResponseWriter, r *http.Request, code int, g *grid) error {
	lang := s.frame.lang(w, r)
	p := gridPage{
		Form: g.form, Source: g.form.source, HeadRow: g.form.headRow, Unused: g.form.unused, Wrong: g.wrong, Refused: g.refused,
		NewUnits: len(g.draft.NewUnits), Policies: policiesOf(g.draft),
	}
	first := map[int][]gridUnit{} // by the row that is the first to name them
	for k, u := range g.draft.NewUnits {
		first[u.Rows[0]] = append(first[u.Rows[0]], gridUnit{k, u})
	}
	for i, res := range g.draft.Rows {
		row := s.tableRow(g, i, res, lang)
		row.NewUnits = first[res.Row]
		delete(first, res.Row)
		p.add(row, res)
	}
	for k, l := range g.draft.LeftOut {
		p.LeftOut = append(p.LeftOut, leftOutRow{k, l.Number, l.Text, l.Why.Key})
	}
	if p.NewUnits > 0 {
		for _, u := range s.view().Rules.Units {
			p.Bosses = append(p.Bosses, unitOption{u.ID, u.DisplayName(lang)})
		}
	}
	if err := s.foresee(r, g, &p); err != nil {
		return err
	}
	return s.frame.show(w, r, code, "grid", p)
}

// add counts a row, and what is missing in it.
func (p *gridPage) add(row tableRow, res sheet.Result) {
	p.Counts.All++
	switch {
	case !row.Open:
		p.Counts.Fine++
	default:
		p.Counts.Open++
	}
	if len(res.NewUnits) > 0 {
		p.Counts.New++
	}
	if !res.Understood {
		p.Counts.Assumed++
	}
	m := missing{Row: row.Number, I: row.I}
	for _, t := range res.Problems {
		if t.Hinders {
			m.What = append(m.What, t)
		}
	}
	if len(m.What) > 0 {
		p.Counts.Wrong++
		p.Missing = append(p.Missing, m)
	}
	p.Partners = p.Partners || row.Partners.Value != ""
	p.Rows = append(p.Rows, row)
}

// foresee tells what publishing the grid as it stands would make.
func (s *tables) foresee(r *http.Request, g *grid, p *gridPage) error {
	if len(g.wrong) > 0 || len(p.Missing) > 0 || g.refused != nil {
		return nil
	}
	g.draft.Plan.Drop("draft")
	what, problems, err := s.editor.RehearsePlan(r.Context(), g.form.ID, g.draft.Files(g.form.sourceOr(g.form.Title)))
	switch {
	case err != nil:
		p.Forewarns = append(p.Forewarns, err)
		return nil
	case problems.Err() != nil:
		for _, one := range problems.Errors() {
			p.Forewarns = append(p.Forewarns, one.Said)
		}
		return nil
	}
	p.Forecast = newForecast(what, g.form.ID)
	return nil
}

func policiesOf(d *sheet.Draft) (names []string) {
	v, _ := d.Plan.Get("policy")
	for _, e := range v.Entries {
		names = append(names, e.Name)
	}
	return names
}

func (s *tables) tableRow(g *grid, i int, res sheet.Result, lang string) tableRow {
	cells := res.Resolved.Cells
	field := func(c sheet.Column) tableCell {
		wrong := slices.ContainsFunc(res.Problems, func(t sheet.Trouble) bool { return t.Column == c && t.Hinders })
		return tableCell{cellName(i, string(c)), cells[c], wrong, 1}
	}
	row := tableRow{
		I: i, Number: res.Row, Ref: res.Ref, Title: field(sheet.Title), Units: field(sheet.Units), Partners: field(sheet.Partners), Deadline: field(sheet.Deadline),
		Troubles: res.Problems, Readings: res.Readings, Assumed: !res.Understood, Assume: cells[sheet.Assume], Group: s.groupsIn(res.Units, lang),
	}
	if row.Assume == "" {
		row.Assume = g.form.Assume
	}
	hide := func(name, value string) {
		if value != "" {
			row.Hidden = append(row.Hidden, hiddenField{cellName(i, name), value})
		}
	}
	hide("number", fmt.Sprint(res.Row))
	hide("section", res.Resolved.Section)
	hide("other", strings.Join(res.Resolved.Other, "\n"))
	for _, c := range hiddenColumns {
		hide(string(c), cells[c])
	}
	from := max(g.issued, s.today())
	for _, id := range res.Rules {
		if o := g.draft.Rule(id); o != nil {
			row.Reads = append(row.Reads, newTableRule(o, from, lang, !res.Understood))
		}
	}
	row.tags(res)
	return row
}

func newTableRule(o *rules.Obligation, from calendar.Date, lang string, assumed bool) tableRule {
	out := tableRule{Words: o.Words(lang), Assumed: assumed, Event: o.Cadence.Kind == rules.ByEvent, Chain: o.Cadence.Kind == rules.After}
	for _, in := range sheet.Next(o, from, 1) {
		out.Next, out.Provisional = in.Due, in.Provisional
	}
	return out
}

// groupsIn says how many units the groups of a row are.
func (s *tables) groupsIn(refs []string, lang string) string {
	var out []string
	for _, ref := range refs {
		id, ok := strings.CutPrefix(ref, "@")
		if !ok {
			continue
		}
		for _, g := range s.view().Rules.Groups {
			if g.ID == id {
				out = append(out, wordsOf(lang).t("%s: %d units", g.Name, len(g.Members)))
			}
		}
	}
	return strings.Join(out, wordsOf(lang).t(", "))
}

// tags are the row's outcome in marks and words: four, and what is wrong.
func (r *tableRow) tags(res sheet.Result) {
	about := func(c sheet.Column) bool {
		return slices.ContainsFunc(res.Problems, func(t sheet.Trouble) bool { return t.Hinders && t.Column == c && !t.New })
	}
	tag := func(class, mark, text string) { r.Tags = append(r.Tags, gridTag{class, mark, text}) }
	switch {
	case len(res.Readings) > 0 || about(sheet.Deadline):
		tag("bad", "✕", "not understood")
	case !res.Understood:
		tag("warn", "≈", "assumed")
	}
	if about(sheet.Units) {
		tag("bad", "?", "unit?")
	}
	if len(res.NewUnits) > 0 {
		tag("warn", "+", "new unit")
	}
	if slices.ContainsFunc(res.Problems, func(t sheet.Trouble) bool { return t.New && t.Column == sheet.Deadline }) {
		tag("warn", "+", "new event")
	}
	r.Open = len(r.Tags) > 0 || res.Broken()
	if len(r.Tags) == 0 {
		if r.Open {
			tag("bad", "✕", "to put right")
			return
		}
		tag("good", "✓", "understood")
	}
}

// assumptions are the rhythms that a row may be given in the meantime; the one that
// it has is among them.
func assumptions(now string) []string {
	all := []string{"每月", "每季度", "每半年", "每年"}
	if now != "" && !slices.Contains(all, now) {
		all = append([]string{now}, all...)
	}
	return all
}
