package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"duban/rules"
	"duban/rules/catalogue"
	"duban/rules/sheet"
	"duban/scheduler/views"
)

func rulesCommand(a *env) *cobra.Command {
	var as sheets
	cmd := jsonFlag(a, &cobra.Command{
		Use:   "rules",
		Short: "List the obligations, groups resolved into units",
		Long: `rules lists the obligations of all plans, groups resolved into units.

With --format they are a table in the columns that duban import reads, a sheet a
plan, with deadlines in words and units and groups by their names: there and back
gives the same rules.`,
		Args: exactly(),
		RunE: func(*cobra.Command, []string) error {
			l, err := a.load()
			if err != nil {
				return err
			}
			if table, err := as.asked(a); err != nil || table {
				if err == nil {
					err = as.write(a, ruleTables(l.Rules, readersLanguage(l.Config)))
				}
				return err
			}
			out := []views.Obligation{}
			for _, p := range l.Rules.Plans {
				for _, o := range p.Obligations {
					out = append(out, views.NewObligation(o))
				}
			}
			if a.asJSON {
				return printJSON(a.out, out)
			}
			var rows [][]any
			for _, r := range out {
				if o := l.Rules.Obligation(r.Plan, r.ID); !a.words.Chinese() {
					r.Title, r.Deadline = o.DisplayTitle(catalogue.English), o.Words(catalogue.English)
				}
				rows = append(rows, []any{r.ID, r.Title, unitNames(r.Units), r.Deadline, a.name("basis", r.Basis), r.Policy})
			}
			a.table([]column{{head: "OBLIGATION"}, {head: "TITLE", width: 44}, {head: "UNITS", width: 26}, {head: "DEADLINE", width: 44}, {head: "BASIS"}, {head: "POLICY"}}, rows)
			return nil
		},
	})
	as.flags(cmd)
	return cmd
}

// ruleTables are the plans' rules as tables, and where there is one plan alone what
// it says of itself, so that all of it can be imported again.
func ruleTables(set *rules.Set, language string) []sheet.Table {
	var out []sheet.Table
	for _, p := range set.Plans {
		out = append(out, sheet.Rules(p, set, language))
	}
	if len(set.Plans) == 1 {
		out = append(out, sheet.About(set.Plans[0], set, language))
	}
	return out
}

func unitNames(units []views.Unit) string {
	if len(units) > 3 {
		return fmt.Sprintf("%s … (%d)", units[0].Name, len(units))
	}
	names := make([]string, len(units))
	for i, u := range units {
		names[i] = u.Name
	}
	return strings.Join(names, " ")
}
