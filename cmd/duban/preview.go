package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"duban/notify"
	"duban/rules"
	"duban/rules/calendar"
	"duban/scheduler/engine"
	"duban/scheduler/views"
)

// selection is which occurrences a command is about.
type selection struct {
	from, to         calendar.Date
	unit, obligation string
}

func (s *selection) flags(a *env, cmd *cobra.Command) {
	f := cmd.Flags()
	f.Var(dateValue{&s.from}, "from", "earliest due date, as in 2017-06-09")
	f.Var(dateValue{&s.to}, "to", "latest due date")
	s.namesFlags(a, cmd)
}

func (s *selection) namesFlags(a *env, cmd *cobra.Command) {
	cmd.Flags().StringVar(&s.unit, "unit", "", "only this `unit`")
	cmd.Flags().StringVar(&s.obligation, "obligation", "", "only this `obligation`")
	_ = cmd.RegisterFlagCompletionFunc("unit", a.completeUnits) // both flags were just made
	_ = cmd.RegisterFlagCompletionFunc("obligation", a.completeObligations)
}

// check refuses names that the rules do not know and dates the wrong way round.
func (s *selection) check(set *rules.Set) error {
	if s.from != 0 && s.to != 0 && s.from > s.to {
		return usagef("--from %s is after --to %s", s.from, s.to)
	}
	if s.unit != "" {
		if _, err := set.FindUnit(s.unit); err != nil {
			return err
		}
	}
	if s.obligation != "" {
		if _, err := set.FindObligation(s.obligation); err != nil {
			return err
		}
	}
	return nil
}

// has tells whether an obligation is meant: by its id, or PLAN:ID.
func (s *selection) has(o *rules.Obligation) bool {
	return s.obligation == "" || s.obligation == o.ID || s.obligation == o.Plan.ID+":"+o.ID
}

func previewCommand(a *env) *cobra.Command {
	var sel selection
	var reminders, asICS bool
	cmd := jsonFlag(a, &cobra.Command{
		Use:   "preview",
		Short: "Show the deadlines and reminders that the plans produce, without a ledger",
		Long: `preview shows what is due from one day to another (default: a year from
today), both included. What starts from events or from the closing of something
else has no date before it happens and is not shown.`,
		Args: exactly(),
		RunE: func(*cobra.Command, []string) error {
			if a.asJSON && asICS {
				return usagef("--json and --ics cannot go together")
			}
			l, err := a.load()
			if err != nil {
				return err
			}
			if sel.from == 0 {
				sel.from = l.Rules.Plans[0].Day(a.now())
				if sel.to != 0 && sel.to < sel.from {
					sel.from = l.Rules.Plans[0].Starts
				}
			}
			if sel.to == 0 {
				sel.to = min(sel.from.AddMonths(12), calendar.Last)
			}
			if err := sel.check(l.Rules); err != nil {
				return err
			}
			rows := views.Selection{From: sel.from, To: sel.to, Unit: sel.unit, Obligation: sel.obligation}.Planned(l.Rules, l.Config.Weekends)
			warnOfOddRules(a, l.Rules, sel)
			switch {
			case a.asJSON:
				return printJSON(a.out, rows)
			case asICS:
				return notify.WriteCalendar(a.out, "duban", l.Config.From, calendarOf(rows), a.now())
			}
			printPreview(a, rows, reminders)
			return nil
		},
	})
	sel.flags(a, cmd)
	cmd.Flags().BoolVar(&reminders, "reminders", false, "show the reminders of each deadline too")
	cmd.Flags().BoolVar(&asICS, "ics", false, "print an iCalendar file")
	return cmd
}

// warnOfOddRules says of the rules shown what check says.
func warnOfOddRules(a *env, set *rules.Set, sel selection) {
	for _, p := range set.Plans {
		for _, o := range p.Obligations {
			if !sel.has(o) || sel.unit != "" && !o.Owes(sel.unit) {
				continue
			}
			for _, odd := range o.Odd {
				fmt.Fprintln(a.err, odd)
			}
		}
	}
}

func printPreview(a *env, rows []views.Planned, reminders bool) {
	columns := []column{{head: "DUE"}, {head: "OCCURRENCE"}, {head: "TITLE", width: 46}, {head: "UNIT", width: 22}, {head: "BASIS"}}
	if reminders {
		columns = append(columns, column{head: "REMINDERS"})
	}
	var table [][]any
	for _, r := range rows {
		row := []any{a.due(r.Due, r.Provisional), r.ID, r.Title, r.UnitName, a.name("basis", r.Basis)}
		if reminders {
			parts := make([]string, len(r.Reminders))
			for i, m := range r.Reminders {
				parts[i] = a.name("reminder", string(m.Kind)) + " " + m.Date.String()
			}
			row = append(row, strings.Join(parts, ", "))
		}
		table = append(table, row)
	}
	a.table(columns, table)
}

// due is a due date with its weekday; one that may still move has a mark.
func (a *env) due(d calendar.Date, provisional bool) string {
	if provisional {
		return a.words.Say("%s (provisional)", d)
	}
	return a.words.Date(d)
}

func calendarOf(rows []views.Planned) []notify.CalendarEntry {
	out := make([]notify.CalendarEntry, len(rows))
	for i, r := range rows {
		out[i] = notify.CalendarEntry{
			UID: engine.UID(r.Plan, r.ID), Due: r.Due, Summary: r.UnitName + " · " + r.Title + " · " + r.Period,
			Description: fmt.Sprintf("%s\nbasis: %s", r.ID, r.Basis), Provisional: r.Provisional,
		}
	}
	return out
}

func (a *env) completeUnits(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	var out []string
	if l, err := a.load(); err == nil {
		for _, u := range l.Rules.Units {
			out = append(out, u.ID+"\t"+u.Name)
		}
	}
	return out, cobra.ShellCompDirectiveNoFileComp
}

func (a *env) completeObligations(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	var out []string
	if l, err := a.load(); err == nil {
		for _, p := range l.Rules.Plans {
			for _, o := range p.Obligations {
				out = append(out, o.ID+"\t"+o.Title)
			}
		}
	}
	return out, cobra.ShellCompDirectiveNoFileComp
}
