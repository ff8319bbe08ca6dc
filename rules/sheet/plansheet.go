package sheet

import (
	"strings"

	"github.com/xuri/excelize/v2"

	"duban/rules"
	"duban/rules/calendar"
)

// The sheet about the plan as a whole, beside that of its rules.
var planSheetName = word{"", "方案信息", "About the plan"}

// planKeys are what it says.
var planKeys = []struct {
	key string
	word
}{
	{"id", word{"", "方案编号", "Plan id"}}, {"title", word{"", "方案标题", "Title"}}, {"issued", word{"", "印发日期", "Issued"}},
	{"issuer", word{"", "印发单位", "Issuer"}}, {"starts", word{"", "计自", "Counts from"}}, {"ends", word{"", "计至", "Counts until"}},
}

func isPlanSheet(name string) bool { return planSheetName.is(name) }

// About is what a plan says of itself, as a table of its own.
func About(p *rules.Plan, set *rules.Set, language string) Table {
	t := Table{Name: planSheetName.in(language), Heads: []Head{{HeadOf(PlanID, language), 16}, {"", 60}}}
	issuer := p.Issuer
	if u := set.Unit(issuer); u != nil {
		issuer = u.DisplayName(language)
	}
	values := map[string]any{"id": p.ID, "title": p.Title, "issued": p.Issued, "issuer": issuer, "starts": p.Starts, "ends": p.Ends}
	for _, k := range planKeys {
		if v := values[k.key]; v != calendar.Date(0) && v != "" {
			t.Rows = append(t.Rows, []any{k.in(language), v})
		}
	}
	return t
}

// planSheet is what a workbook says of the plan, by the keys of a plan.
func planSheet(f *excelize.File) map[string]string {
	for _, name := range f.GetSheetList() {
		if !isPlanSheet(name) {
			continue
		}
		g, err := readSheet(f, name)
		if err != nil {
			return nil
		}
		out := map[string]string{}
		for _, line := range g.Rows {
			for _, k := range planKeys {
				if len(line.Cells) > 1 && k.is(line.Cells[0].Text) {
					out[k.key] = strings.TrimSpace(line.Cells[1].Text)
				}
			}
		}
		return out
	}
	return nil
}
