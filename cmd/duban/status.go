package main

import (
	"context"
	"io"

	"github.com/spf13/cobra"

	"duban/cmd/duban/app"
	"duban/ledger"
	"duban/rules"
	"duban/rules/sheet"
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
				if table {
					return writeRegister(cmd.Context(), a, &as, b, q, light, readersLanguage(l.Config))
				}
				if err := listStatus(cmd.Context(), a, b, q, light); err != nil || a.asJSON {
					return err
				}
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

// listStatus lists occurrences, page by page: the ledger waits for no reader.
func listStatus(ctx context.Context, a *env, b *app.Book, q ledger.Query, light rules.Light) error {
	v, to := b.View(), a.occurrences()
	lister := views.NewLister(b, v)
	err := ledger.OccurrencesInTurn(ctx, b, q, func(o *ledger.Occurrence) error {
		if light != "" && v.Light(o) != light {
			return nil
		}
		row, err := lister.Occurrence(ctx, o)
		if err == nil {
			err = to.add(row)
		}
		return err
	})
	if err != nil {
		return err
	}
	return to.end()
}

// writeRegister writes them as the register: for people page by page, for who reads may be
// slow; for programs as of one moment.
func writeRegister(ctx context.Context, a *env, as *sheets, b *app.Book, q ledger.Query, light rules.Light, language string) error {
	v := b.View()
	write := func(w io.Writer, r ledger.Reader, each func(context.Context, ledger.OccurrenceReader, ledger.Query, func(*ledger.Occurrence) error) error) error {
		rows := func(plan string, f func(*ledger.Occurrence) error) error {
			of := q
			if plan != "" {
				of.Plan = plan
			}
			return each(ctx, r, of, func(o *ledger.Occurrence) error {
				if light != "" && v.Light(o) != light {
					return nil
				}
				return f(o)
			})
		}
		register, err := views.NewLister(r, v).NewRegister(rows, language, 0, nil)
		if err != nil {
			return err
		}
		return as.fill(a, w, register.Several(), func(to sheet.Sink) error { return register.Write(ctx, to) })
	}
	return as.to(a, func(w io.Writer) error {
		if as.forPeople() {
			return write(w, b, ledger.OccurrencesInTurn)
		}
		return b.Store.View(ctx, func(r ledger.Reader) error {
			return write(w, r, func(ctx context.Context, r ledger.OccurrenceReader, q ledger.Query, f func(*ledger.Occurrence) error) error {
				return r.EachOccurrence(ctx, q, f)
			})
		})
	})
}

func orDash(s *string) string {
	if s == nil || *s == "" {
		return "-"
	}
	return *s
}

// occurrences writes them as the reader wants them.
func (a *env) occurrences() list[views.Occurrence] {
	columns := []column{{head: "LIGHT"}, {head: "DUE"}, {head: "OCCURRENCE"}, {head: "TITLE", width: 40}, {head: "UNIT", width: 20}, {head: "STATE"}, {head: "NEXT REMINDER"}}
	return listed(a, columns, func(r views.Occurrence) []any {
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
		return []any{a.name("light", string(r.Light)), a.due(r.Due, r.Provisional), r.ID, r.Title, r.UnitName, state, orDash(r.NextReminder)}
	})
}
