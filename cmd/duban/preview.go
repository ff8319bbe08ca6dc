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

// selection is which due dates a command is about.
type selection struct{ of views.Selection }

func (s *selection) flags(a *env, cmd *cobra.Command) {
	f := cmd.Flags()
	f.Var(dateValue{&s.of.From}, "from", "earliest due date, as in 2017-06-09")
	f.Var(dateValue{&s.of.To}, "to", "latest due date")
	s.namesFlags(a, cmd)
}

func (s *selection) namesFlags(a *env, cmd *cobra.Command) {
	cmd.Flags().StringVar(&s.of.Unit, "unit", "", "only this `unit`")
	cmd.Flags().StringVar(&s.of.Obligation, "obligation", "", "only this `obligation`")
	_ = cmd.RegisterFlagCompletionFunc("unit", a.completeUnits) // both flags were just made
	_ = cmd.RegisterFlagCompletionFunc("obligation", a.completeObligations)
}

// check refuses names that the rules do not know and dates the wrong way round.
func (s *selection) check(set *rules.Set) error {
	if s.of.From != 0 && s.of.To != 0 && s.of.From > s.of.To {
		return usagef("--from %s is after --to %s", s.of.From, s.of.To)
	}
	return s.of.Check(set)
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
			sel.of.Bound(l.Rules, a.now())
			if err := sel.check(l.Rules); err != nil {
				return err
			}
			rows := sel.of.Planned(l.Rules, l.Config.Weekends)
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
			if !sel.of.Has(o) || sel.of.Unit != "" && !o.Owes(sel.of.Unit) {
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
