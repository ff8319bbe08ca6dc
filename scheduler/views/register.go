package views

import (
	"cmp"
	"context"

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

// Rows gives the occurrences of a plan, or of all where it is empty, by due date, one after
// another. It may be asked again.
type Rows func(plan string, f func(*ledger.Occurrence) error) error

// Register (督办台账) is the list of occurrences with what was reported, as tables: one a
// plan in the order of the plans; what belongs to none that is known stands last. It holds
// a row at a time, and asks for them anew instead.
type Register struct {
	lister   *Lister
	rows     Rows
	language string
	plans    []string // that have rows
	N        int      // rows
}

// NewRegister counts what there is; more than so many is an error of the caller's; 0: any
// number.
func (l *Lister) NewRegister(rows Rows, language string, most int, tooMany error) (*Register, error) {
	r := &Register{lister: l, rows: rows, language: language}
	found := map[string]bool{}
	var order []string
	err := rows("", func(o *ledger.Occurrence) error {
		if r.N == most && most > 0 {
			return tooMany
		}
		if r.N++; !found[o.Plan] {
			found[o.Plan], order = true, append(order, o.Plan)
		}
		return nil
	})
	for _, p := range l.view.Rules.Plans {
		if found[p.ID] {
			r.plans = append(r.plans, p.ID)
			delete(found, p.ID)
		}
	}
	for _, id := range order {
		if found[id] {
			r.plans = append(r.plans, id)
		}
	}
	return r, err
}

// Several tells whether it is more than one table.
func (r *Register) Several() bool { return len(r.plans) > 1 }

// Write writes it.
func (r *Register) Write(ctx context.Context, to sheet.Sink) error {
	w := catalogue.In(r.language)
	var heads []sheet.Head
	for _, h := range registerHeads {
		heads = append(heads, sheet.Head{Text: h.words.In(r.language), Width: h.width})
	}
	names := map[string]string{}
	for _, p := range r.lister.view.Rules.Plans {
		names[p.ID] = p.Title
	}
	if len(r.plans) == 0 {
		return to.Table(r.lister.view.Rules.Plans[0].Title, heads)
	}
	for _, plan := range r.plans {
		if err := to.Table(cmp.Or(names[plan], plan), heads); err != nil {
			return err
		}
		n := 0
		if err := r.rows(plan, func(o *ledger.Occurrence) error {
			row, err := r.lister.Occurrence(ctx, o)
			if err != nil {
				return err
			}
			n++
			return to.Row(registerCells(row, n, w))
		}); err != nil {
			return err
		}
	}
	return nil
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
