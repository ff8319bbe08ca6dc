package sheet

import (
	"fmt"
	"slices"
	"strings"

	"duban/rules"
	"duban/rules/calendar"
	"duban/rules/words"
)

// Table is what is written as a file: cells that are texts, numbers or dates under
// heads.
type Table struct {
	Name  string // of its sheet
	Heads []Head
	Rows  [][]any
}

// Into gives it row by row.
func (t Table) Into(to Sink) error {
	err := to.Table(t.Name, t.Heads)
	for i := 0; err == nil && i < len(t.Rows); i++ {
		err = to.Row(t.Rows[i])
	}
	return err
}

// Head is a column of a Table.
type Head struct {
	Text  string
	Width float64 // in characters of Latin letters
}

// columnWidths are those that fit what people write.
var columnWidths = map[Column]float64{
	ID: 18, Ref: 8, Title: 44, TitleEn: 40, Units: 28, Partners: 24, Deadline: 30, Basis: 8, Policy: 12, Evidence: 8,
	Starts: 12, Ends: 12, Pausable: 8, Extendable: 14, Note: 50, Remind: 26, Overdue: 14, Escalate: 14,
}

// writtenColumns are the columns of Rules in their order; those after Deadline
// stand there only where some rule says something.
var writtenColumns = []Column{ID, Ref, Title, Units, Partners, Deadline, Basis, Policy, Remind, Overdue, Escalate, Evidence, Starts, Ends, Pausable, Extendable, TitleEn, Note}

var alwaysWritten = []Column{ID, Ref, Title, Units, Partners, Deadline, Basis, Policy, Evidence}

// Rules are a plan's obligations as a table which Understand makes the same rules
// of, for the reader of that language; set is what else is known there.
func Rules(p *rules.Plan, set *rules.Set, language string) Table {
	w := tabulator{p, &reading{known: set, dir: newDirectory(set)}, language}
	var lines []map[Column]any
	used := map[Column]bool{}
	for _, c := range alwaysWritten {
		used[c] = true
	}
	for _, o := range p.Obligations {
		cells := w.cells(o)
		for c, v := range cells {
			used[c] = used[c] || v != ""
		}
		lines = append(lines, cells)
	}
	t := Table{Name: p.Title}
	var columns []Column
	for _, c := range writtenColumns {
		if used[c] {
			columns = append(columns, c)
			t.Heads = append(t.Heads, Head{HeadOf(c, language), columnWidths[c]})
		}
	}
	for _, cells := range lines {
		row := make([]any, len(columns))
		for i, c := range columns {
			if row[i] = cells[c]; row[i] == nil {
				row[i] = ""
			}
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

// HeadOf is the head that a column is written under.
func HeadOf(c Column, language string) string {
	for _, h := range headings {
		if h.column != c {
			continue
		}
		if language == "en" {
			return h.en[0]
		}
		return h.zh[0]
	}
	return ""
}

// tabulator writes the cells of a plan's rules.
type tabulator struct {
	plan     *rules.Plan
	r        *reading
	language string
}

func (w tabulator) cells(o *rules.Obligation) map[Column]any {
	given := func(key string) rules.Value { v, _ := o.Given(key); return v }
	has := func(key string) bool { _, ok := o.Given(key); return ok }
	cells := map[Column]any{
		ID: o.ID, Ref: o.Ref, Title: o.Title, TitleEn: o.TitleEn, Note: o.Note, Deadline: w.deadline(o),
		Basis: wordFor(basisWords, string(o.Basis), w.language), Policy: o.PolicyName,
		Units: w.units(given("units").List), Partners: w.units(given("partners").List),
	}
	if !has("units") {
		cells[Units] = sameUnitsWord
	}
	if o.PolicyName == "" {
		cells[Policy] = noPolicy.in(w.language)
	}
	if o.EvidenceRequired {
		cells[Evidence] = wordFor(evidenceWords, "required", w.language)
	}
	if has("remind") {
		cells[Remind] = remindWords(given("remind").List, w.language)
	}
	cells[Overdue] = rules.ReminderInWords("overdue", given("overdue").Text, w.language)
	cells[Escalate] = rules.ReminderInWords("escalate", given("escalate").Text, w.language)
	starts, ends := o.Span()
	if starts != w.plan.Starts {
		cells[Starts] = starts
	}
	if ends != w.plan.Ends {
		cells[Ends] = ends
	}
	if o.Pausable {
		cells[Pausable] = wordFor(flagWords, "true", w.language)
	}
	if o.Extendable != nil {
		cells[Extendable] = o.Extendable.String()
		if w.language != "en" {
			cells[Extendable] = zhCount(o.Extendable.String())
		}
	}
	return cells
}

// deadline is the rule's deadline in words which mean the same wherever they are
// read.
func (w tabulator) deadline(o *rules.Obligation) string {
	rule := words.Rule{Kind: string(o.Cadence.Kind), Value: o.Cadence.Value, N: o.Within.N, Unit: string(o.Within.Unit), Roll: string(o.Roll)}
	named := words.Context{Event: w.r.event, Name: w.plan.EventName}
	for _, c := range []words.Context{named, {Event: w.r.event}} {
		said := words.Say(rule, w.language, c)
		if m, err := words.Parse(said, words.Context{Issued: w.plan.Issued, Event: w.r.event}); err == nil && m.Rule == rule {
			return said
		}
	}
	return words.Say(rule, w.language, words.Context{})
}

// units are units and groups by their names; by their ids in 「」 where a name would
// not be read back.
func (w tabulator) units(list []rules.Value) string {
	var names, ids, refs []string
	for _, v := range list {
		refs = append(refs, v.Text)
		ids = append(ids, "「"+v.Text+"」")
		names = append(names, w.nameOf(v.Text))
	}
	said := strings.Join(names, "、")
	p := w.r.dir.people(said)
	var back []string
	for _, n := range p.Lead {
		back = append(back, n.Ref)
	}
	if said == clean(said) && !silent(said) && len(p.Partners) == 0 && len(p.Taken) == 0 && !p.Open && slices.Equal(back, refs) {
		return said
	}
	return strings.Join(ids, "、")
}

func (w tabulator) nameOf(ref string) string {
	if id, ok := strings.CutPrefix(ref, "@"); ok {
		for _, g := range w.r.known.Groups {
			if g.ID == id && g.Name != "" {
				return g.Name
			}
		}
		return ref
	}
	if u := w.r.known.Unit(ref); u != nil {
		return u.DisplayName(w.language)
	}
	return ref
}

// Join is several tables as one, each row with the name of its own: a file of
// values has no sheets.
func Join(tables []Table) Table {
	tables = slices.DeleteFunc(slices.Clone(tables), func(t Table) bool { return isPlanSheet(t.Name) })
	if len(tables) == 1 {
		return tables[0]
	}
	out := Table{Heads: []Head{nameHead()}}
	at := map[string]int{}
	for _, t := range tables {
		for _, h := range t.Heads {
			if _, ok := at[h.Text]; !ok {
				at[h.Text] = len(out.Heads)
				out.Heads = append(out.Heads, h)
			}
		}
	}
	for _, t := range tables {
		for _, row := range t.Rows {
			whole := make([]any, len(out.Heads))
			whole[0] = t.Name
			for i, v := range row {
				whole[at[t.Heads[i].Text]] = v
			}
			out.Rows = append(out.Rows, whole)
		}
	}
	return out
}

// Text is a cell as a text.
func Text(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return v
	case calendar.Date:
		return v.String()
	case Percent:
		return fmt.Sprintf("%.1f%%", float64(v)*100)
	}
	return fmt.Sprint(v)
}

// Percent is a share, of 1: a number in a workbook, with a tenth of a percent.
type Percent float64

// nameHead is the head of the column that says whose row it is.
func nameHead() Head { return Head{HeadOf(PlanID, "zh-CN"), 30} }
