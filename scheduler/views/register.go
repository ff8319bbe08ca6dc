package views

import (
	"duban/ledger"
	"duban/rules"
	"duban/rules/calendar"
	"duban/rules/catalogue"
	"duban/rules/sheet"
)

// registerHeads are the columns of the register (督办台账).
var registerHeads = []struct {
	words rules.Words
	width float64
}{
	{rules.Words{En: "No", Zh: "序号"}, 6}, {rules.Words{En: "Ref", Zh: "条目"}, 8}, {rules.Words{En: "Title", Zh: "事项"}, 44},
	{rules.Words{En: "Unit", Zh: "责任单位"}, 24}, {rules.Words{En: "Period", Zh: "期次"}, 12}, {rules.Words{En: "Due", Zh: "截止日"}, 12},
	{rules.Words{En: "Light", Zh: "灯"}, 8}, {rules.Words{En: "Standing", Zh: "状态"}, 16}, {rules.Words{En: "Late", Zh: "逾期"}, 8},
	{rules.Words{En: "First due", Zh: "原截止日"}, 12}, {rules.Words{En: "Reported", Zh: "报告日"}, 12}, {rules.Words{En: "Closed", Zh: "办结日"}, 12},
	{rules.Words{En: "Evidence", Zh: "公开链接"}, 30}, {rules.Words{En: "Note", Zh: "备注"}, 30}, {rules.Words{En: "Occurrence", Zh: "期次编号"}, 30},
}

// Registers are the rows of status as tables, one a plan in the order of the plans;
// what belongs to none that is known stands last.
func Registers(set *rules.Set, rows []Occurrence, language string) []sheet.Table {
	w := catalogue.In(language)
	names := map[string]string{}
	var order []string
	for _, p := range set.Plans {
		names[p.ID] = p.Title
		order = append(order, p.ID)
	}
	byPlan := map[string]*sheet.Table{}
	for _, r := range rows {
		t := byPlan[r.Plan]
		if t == nil {
			if names[r.Plan] == "" {
				names[r.Plan] = r.Plan
				order = append(order, r.Plan)
			}
			t = newRegister(names[r.Plan], language)
			byPlan[r.Plan] = t
		}
		t.Rows = append(t.Rows, registerCells(r, len(t.Rows)+1, w))
	}
	var out []sheet.Table
	for _, id := range order {
		if t := byPlan[id]; t != nil {
			out = append(out, *t)
		}
	}
	if len(out) == 0 {
		out = append(out, *newRegister(names[order[0]], language))
	}
	return out
}

func newRegister(name, language string) *sheet.Table {
	t := &sheet.Table{Name: name}
	for _, h := range registerHeads {
		t.Heads = append(t.Heads, sheet.Head{Text: h.words.In(language), Width: h.width})
	}
	return t
}

func registerCells(r Occurrence, n int, w *catalogue.Words) []any {
	late := ""
	if r.Late || r.State == ledger.StateOpen && r.Light == rules.Red {
		late = w.Say("late")
	}
	light := string(r.Light)
	if w.Chinese() {
		light = w.Say(map[rules.Light]string{rules.Red: "red", rules.Yellow: "yellow", rules.Green: "green", rules.Grey: "closed (grey)"}[r.Light])
	}
	note := r.Note
	if r.Reason != "" && r.State != ledger.StateReported && r.State != ledger.StateClosed { // of these it is of before
		note = w.Reason(r.Reason)
	}
	return []any{
		n, r.Ref, r.Title, r.UnitName, r.Period, r.Due, light, w.Say("state " + string(r.State)), late,
		dayOrText(r.FirstDue), dayOf(r.ReportedAt), dayOf(r.ClosedAt), r.Evidence, note, r.ID,
	}
}

// dayOrText is a day as one, so that spreadsheets count with it.
func dayOrText(s string) any {
	if d, err := calendar.ParseDate(s); err == nil {
		return d
	}
	return s
}

// dayOf is the day of a time of RFC 3339, as its own zone has it.
func dayOf(t *string) any {
	if t == nil || len(*t) < len("2017-06-09") {
		return ""
	}
	return dayOrText((*t)[:len("2017-06-09")])
}
