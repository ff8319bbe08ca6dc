package web

import (
	"net/http"
	"slices"
	"strings"

	"duban/rules"
	"duban/rules/pinyin"
	"duban/rules/planfile"
	"duban/rules/problem"
	"duban/rules/sheet"
	"duban/rules/toml"
	"duban/scheduler/editor"
)

// Several units at once: a table out of a spreadsheet or a document, pasted. A unit
// that is there already, by whatever name, gets what the table says otherwise.

// unitsPage shows what was understood of a pasted table.
type unitsPage struct {
	Plan  *rules.Plan
	Text  string
	Error error
	Heads []string
	Rows  []unitLine
	Saved int
	Wrong bool
}

// unitLine is one row of the table.
type unitLine struct {
	Number int
	Cells  []string // in the order of unitColumns
	Known  string   // the id of the unit that it is already; empty: a new one
	Error  string
}

// unitColumns are what such a table may say, and the heads that people write over
// it; without heads they stand in this order.
var unitColumns = []struct {
	key   string
	heads []string
}{
	{"name", []string{"单位", "单位名称", "名称", "责任单位", "name", "unit"}},
	{"mail", []string{"邮箱", "邮件", "电子邮箱", "电子邮件", "邮箱地址", "mail", "email", "e-mail"}},
	{"supervisor", []string{"督办单位", "主管单位", "上级单位", "supervisor"}},
	{"contact", []string{"联系人", "联络员", "contact"}},
	{"phone", []string{"电话", "联系电话", "手机", "办公电话", "phone", "telephone"}},
	{"alias", []string{"别名", "简称", "alias", "other names"}},
	{"kind", []string{"类别", "类型", "kind"}},
}

func (s *ruleBook) unitsForm(w http.ResponseWriter, r *http.Request) error {
	p := unitsPage{Plan: s.view().Rules.Plan(r.PathValue("plan"))}
	if p.Plan == nil {
		return errNotFound
	}
	return s.showUnits(w, r, http.StatusOK, p)
}

func (s *ruleBook) showUnits(w http.ResponseWriter, r *http.Request, code int, p unitsPage) error {
	lang := s.frame.lang(w, r)
	for _, c := range unitColumns {
		for _, k := range rules.KeysOf(rules.UnitEntry) {
			if k.Name == c.key {
				p.Heads = append(p.Heads, k.Label.In(lang))
			}
		}
	}
	return s.frame.showIn(w, r, lang, code, "units", "layout", p)
}

func (s *ruleBook) saveUnits(w http.ResponseWriter, r *http.Request) error {
	v, lang := s.view(), s.frame.lang(w, r)
	p := unitsPage{Plan: v.Rules.Plan(r.PathValue("plan")), Text: unix(r.PostFormValue("text"))}
	if p.Plan == nil {
		return errNotFound
	}
	grid, err := sheet.Read([]byte(p.Text), "")
	if err == nil && len(grid.Rows) == 0 {
		err = problem.Errorf("is empty: paste a row a unit")
	}
	if p.Error = asField(err); err != nil {
		if p.Error == nil {
			return err
		}
		return s.showUnits(w, r, http.StatusUnprocessableEntity, p)
	}
	f := forms{v.Rules, p.Plan, wordsOf(lang), p.Plan.Day(v.Now)}
	p.Rows = f.unitLines(grid)
	save := r.PostFormValue("do") == "save"
	for _, i := range inOrder(p.Rows) {
		line := &p.Rows[i]
		comes := !save && slices.ContainsFunc(p.Rows, func(o unitLine) bool { return o.Cells[0] == line.Cells[2] }) // with the same table
		if err := s.oneUnit(r, p.Plan, line, lang, save, comes); err != nil {
			return err
		}
		if line.Error != "" {
			p.Wrong = true
		} else if save {
			p.Saved++
		}
	}
	switch {
	case save && !p.Wrong:
		return s.frame.done(w, r, nil, "Saved, and in force.", "/rules?plan="+p.Plan.ID+"&kind=unit")
	case p.Wrong:
		return s.showUnits(w, r, http.StatusUnprocessableEntity, p)
	}
	return s.showUnits(w, r, http.StatusOK, p)
}

// unitLines are the rows under the heads, if there are any.
func (f forms) unitLines(g *sheet.Grid) []unitLine {
	rows, columns := g.Rows, map[int]int{} // of the table → of unitColumns
	for i, cell := range rows[0].Cells {
		for k, c := range unitColumns {
			if slices.Contains(c.heads, strings.ToLower(strings.ReplaceAll(cell.Text, " ", ""))) {
				columns[i] = k
			}
		}
	}
	if len(columns) > 0 {
		rows = rows[1:]
	} else {
		for i := range unitColumns {
			columns[i] = i
		}
	}
	var out []unitLine
	for _, row := range rows {
		line := unitLine{Number: row.Number, Cells: make([]string, len(unitColumns))}
		for i, cell := range row.Cells {
			if k, ok := columns[i]; ok {
				line.Cells[k] = cell.Text
			}
		}
		if id, ok := f.set.Called(line.Cells[0]); ok && !strings.HasPrefix(id, "@") {
			line.Known = id
		}
		out = append(out, line)
	}
	return out
}

// supervises tells whether a row is what others of the table name as supervisor.
func supervises(rows []unitLine, name string) bool {
	return slices.ContainsFunc(rows, func(o unitLine) bool { return name != "" && o.Cells[2] == name })
}

// inOrder are the rows, those first that others of the table name as supervisors.
func inOrder(rows []unitLine) []int {
	var first, then []int
	for i, row := range rows {
		if supervises(rows, row.Cells[0]) {
			first = append(first, i)
		} else {
			then = append(then, i)
		}
	}
	return append(first, then...)
}

// oneUnit checks or saves one row; comes: its supervisor does with another.
func (s *ruleBook) oneUnit(r *http.Request, plan *rules.Plan, line *unitLine, lang string, save, comes bool) error {
	set := s.view().Rules
	f := forms{set: set, plan: plan, words: wordsOf(lang)}
	name, id := line.Cells[0], line.Known
	if name == "" {
		line.Error = f.words.t("a row without a unit's name")
		return nil
	}
	if id == "" {
		id = pinyin.ID(name, string(rules.UnitEntry), func(id string) bool { return set.Unit(id) != nil })
	}
	passage, err := planfile.Find(set, rules.UnitEntry, plan.ID, id)
	if err != nil {
		line.Error = f.words.problem(err)
		return nil
	}
	text := passage.Text
	if text == "" {
		text = unitText(id, name, "", "")
	}
	posted := map[string][]string{}
	for i, c := range unitColumns {
		if line.Cells[i] != "" && (c.key != "name" || line.Known == "") && (c.key != "supervisor" || !comes) {
			posted[c.key] = []string{line.Cells[i]}
			if c.key == "alias" {
				posted[c.key] = []string{strings.Join(splitNames(line.Cells[i]), "\n")}
			}
		}
	}
	if text, err = f.edited(passage, text, text, posted); err != nil {
		return err
	}
	if !plan.Draft && strings.Contains(text, "mail       = "+toml.QuoteList(nil)) {
		line.Error = f.words.t("a new unit of a plan in force needs an address")
		return nil
	}
	edit := editor.Edit{Passage: passage, To: text, By: user(r).Name}
	var problems *problem.List
	if save {
		problems, err = s.editor.Save(r.Context(), edit)
	} else {
		_, problems, err = s.editor.Rehearse(r.Context(), edit)
	}
	if err != nil {
		return err
	}
	for _, wrong := range problems.Errors() {
		line.Error = strings.TrimSpace(line.Error + " " + f.words.in.Problem(wrong))
	}
	return nil
}
