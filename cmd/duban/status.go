package main

import (
	"context"
	"slices"

	"github.com/spf13/cobra"

	"duban/cmd/duban/app"
	"duban/ledger"
	"duban/rules"
	"duban/scheduler/views"
)

func statusCommand(a *env) *cobra.Command {
	var sel selection
	var state ledger.State
	var light rules.Light
	var as sheets
	cmd := jsonFlag(a, &cobra.Command{
		Use:   "status",
		Short: "Show what the ledger holds",
		Long: `status lists occurrences by due date: without filters those that are open or
wait for the supervisor, with --state those in that state; --json lists all.
With --format they are the register (督办台账) as a table, a sheet a plan.`,
		Args: exactly(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.look(cmd.Context(), func(l *app.Site, b *app.Book) error {
				if err := sel.check(l.Rules); err != nil {
					return err
				}
				table, err := as.asked(a)
				if err != nil {
					return err
				}
				q := ledger.Query{Unit: sel.of.Unit, DueFrom: sel.of.From, DueTo: sel.of.To}
				if state != "" {
					q.States = []ledger.State{state}
				} else if !a.asJSON && !table && light != rules.Grey {
					q.States = []ledger.State{ledger.StateOpen, ledger.StateReported}
				}
				if sel.of.Obligation != "" {
					o, err := l.Rules.FindObligation(sel.of.Obligation)
					if err != nil {
						return err
					}
					q.Plan, q.Obligation = o.Plan.ID, o.ID
				}
				rows, err := statusRows(cmd.Context(), b, q, light)
				if err != nil {
					return err
				}
				switch {
				case table:
					return as.write(a, views.Registers(l.Rules, rows, readersLanguage(l.Config)))
				case a.asJSON:
					return printJSON(a.out, rows)
				}
				printStatus(a, rows)
				return sayWhoLives(cmd.Context(), a, b.Store)
			})
		},
	})
	sel.flags(a, cmd)
	as.flags(cmd)
	cmd.Flags().Var(choiceValue[ledger.State]{&state, ledger.States}, "state", "open, reported, closed, waived or cancelled")
	cmd.Flags().Var(choiceValue[rules.Light]{&light, rules.Lights}, "light", "red, yellow, green or grey")
	return cmd
}

func statusRows(ctx context.Context, b *app.Book, q ledger.Query, light rules.Light) ([]views.Occurrence, error) {
	found, err := ledger.AllOccurrences(ctx, b, q)
	if err != nil {
		return nil, err
	}
	v := b.View()
	found = slices.DeleteFunc(found, func(o *ledger.Occurrence) bool { return light != "" && v.Light(o) != light })
	return views.NewLister(b, v).Occurrences(ctx, found)
}

func orDash(s *string) string {
	if s == nil || *s == "" {
		return "-"
	}
	return *s
}

func printStatus(a *env, rows []views.Occurrence) {
	var table [][]any
	for _, r := range rows {
		state := a.name("state", string(r.State))
		if r.PausedOn != nil {
			state += a.words.Say(", paused")
		}
		if r.Extended {
			state += a.words.Say(", extended")
		}
		if r.Late {
			state += a.words.Say(", late")
		}
		if r.Damage != "" {
			state += a.words.Say(", cannot be read: %s", r.Damage)
		}
		table = append(table, []any{a.name("light", string(r.Light)), a.due(r.Due, r.Provisional), r.ID, r.Title, r.UnitName, state, orDash(r.NextReminder)})
	}
	a.table([]column{{head: "LIGHT"}, {head: "DUE"}, {head: "OCCURRENCE"}, {head: "TITLE", width: 40}, {head: "UNIT", width: 20}, {head: "STATE"}, {head: "NEXT REMINDER"}}, table)
}
