package web

import (
	"maps"
	"net/http"
	"slices"
	"strings"

	"duban/rules"
	"duban/rules/pinyin"
	"duban/rules/planfile"
	"duban/rules/problem"
	"duban/rules/sheet"
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
	edits, err := f.unitEdits(p.Rows, user(r).Name)
	if err != nil {
		return err
	}
	save := r.PostFormValue("do") == "save" && !slices.ContainsFunc(p.Rows, func(l unitLine) bool { return l.Error != "" })
	var problems *problem.List
	if save {
		problems, err = s.editor.SaveAll(r.Context(), edits)
	} else {
		_, problems, err = s.editor.RehearseAll(r.Context(), edits)
	}
	if err != nil {
		return err
	}
	if p.blame(edits, problems, f.words); save && !p.Wrong {
		return s.frame.done(w, r, nil, savedIn(p.Plan), "/rules?plan="+p.Plan.ID+"&kind=unit")
	}
	code := http.StatusOK
	if p.Wrong {
		code = http.StatusUnprocessableEntity
	}
	return s.showUnits(w, r, code, p)
}

// blame puts what is wrong to the rows that it is wrong with; edits are theirs, in
// order. What lies elsewhere the page says as a whole.
func (p *unitsPage) blame(edits []*editor.Edit, problems *problem.List, w *words) {
	next := 0
	for i := range p.Rows {
		line := &p.Rows[i]
		if line.Error == "" {
			for _, wrong := range edits[next].Wrong {
				line.Error = strings.TrimSpace(line.Error + " " + w.in.Problem(wrong))
			}
			next++
		}
		p.Wrong = p.Wrong || line.Error != ""
	}
	if err := problems.Err(); err != nil && !p.Wrong {
		p.Error, p.Wrong = err, true
	}
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

// unitEdits are what the rows come to together, one a row that can be understood.
func (f forms) unitEdits(rows []unitLine, by string) ([]*editor.Edit, error) {
	ids := map[string]string{} // of the units of the table, by their names there
	taken := func(id string) bool {
		return f.set.Unit(id) != nil || slices.Contains(slices.Collect(maps.Values(ids)), id)
	}
	for i := range rows {
		name := rows[i].Cells[0]
		switch {
		case name == "":
			rows[i].Error = f.words.t("a row without a unit's name")
		case ids[name] != "":
			rows[i].Error = f.words.t("the unit stands twice in the table")
		case rows[i].Known != "":
			ids[name] = rows[i].Known
		default:
			ids[name] = pinyin.ID(name, string(rules.UnitEntry), taken)
		}
	}
	var edits []*editor.Edit
	for i := range rows {
		line := &rows[i]
		if line.Error != "" {
			continue
		}
		e, err := f.unitEdit(line, ids, by)
		if err != nil {
			return nil, err
		}
		if line.Error == "" {
			edits = append(edits, e)
		}
	}
	return edits, nil
}

// mailColumn is where a table has the addresses.
const mailColumn = 1

// unitEdit is one row as a change of the unit's entry, or a new one.
func (f forms) unitEdit(line *unitLine, ids map[string]string, by string) (*editor.Edit, error) {
	name := line.Cells[0]
	passage, err := planfile.Find(f.set, rules.UnitEntry, f.plan.ID, ids[name])
	if err != nil {
		line.Error = f.words.problem(err)
		return nil, nil
	}
	text := passage.Text
	if text == "" {
		text = unitText(ids[name], name, "", "")
		if line.Cells[mailColumn] == "" && !f.plan.Draft {
			line.Error = f.words.t("a new unit of a plan in force needs an address")
			return nil, nil
		}
	}
	posted := map[string][]string{}
	for i, c := range unitColumns {
		said := line.Cells[i]
		if said == "" || c.key == "name" && line.Known != "" {
			continue
		}
		switch {
		case c.key == "alias":
			said = strings.Join(splitNames(said), "\n")
		case c.key == "supervisor" && ids[said] != "":
			said = ids[said] // it may come with the same table
		}
		posted[c.key] = []string{said}
	}
	text, err = f.edited(passage, text, text, posted)
	return &editor.Edit{Passage: passage, To: text, By: by}, err
}
