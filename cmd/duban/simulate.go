package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"duban/notify/mail"
	"duban/rules/calendar"
	"duban/rules/problem"
	"duban/scheduler/engine"
	"duban/scheduler/simulation"
)

func simulateCommand(a *env) *cobra.Command {
	var from, to calendar.Date
	var maildir string
	assume := simulation.OnTime
	cmd := jsonFlag(a, &cobra.Command{
		Use:   "simulate",
		Short: "Run the real scheduler on a simulated clock: which mails would go out?",
		Long: `simulate runs the daemon's own scheduler day by day on a ledger that is thrown
away, and adds up a month and unit. With --maildir it writes every mail into a
folder that a mail reader opens. Nothing is sent and the ledger is not touched.`,
		Args: exactly(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			l, err := a.load()
			if err != nil {
				return err
			}
			for _, p := range l.Rules.Plans {
				p.Draft = false // what would it be like, if it were in force?
			}
			if from == 0 {
				from = l.Rules.Plans[0].Day(a.now())
			}
			if to == 0 {
				to = from.AddMonths(12) - 1
			}
			if from > to {
				return usagef("--from %s is after --to %s", from, to)
			}
			settings := l.Settings()
			settings.Links = engine.Links{} // nobody may act on what is not so
			sim := simulation.Setup{
				Settings: settings, Rules: l.Rules, From: from, To: to, Assume: assume, Schedule: l.Config.Schedule,
			}
			if maildir != "" {
				if sim.Transport, err = emptyMaildir(maildir); err != nil {
					return err
				}
			}
			totals, err := simulate(cmd.Context(), a, sim)
			if err != nil {
				return err
			}
			if a.asJSON {
				return printJSON(a.out, totals)
			}
			printTotals(a, totals)
			return nil
		},
	})
	f := cmd.Flags()
	f.Var(dateValue{&from}, "from", "first day (default: today)")
	f.Var(dateValue{&to}, "to", "last day (default: a year)")
	f.Var(choiceValue[simulation.Assume]{&assume, simulation.Assumptions}, "assume", "what units do: report on-time, five working days late, or never")
	f.StringVar(&maildir, "maildir", "", "write the mails into this `folder`, which must be empty or new")
	return cmd
}

func simulate(ctx context.Context, a *env, sim simulation.Setup) ([]simulation.Total, error) {
	if isTerminal(a.err) {
		sim.Progress = func(day, of int) { fmt.Fprintf(a.err, "\rsimulating: day %d of %d", day, of) }
		defer fmt.Fprint(a.err, "\r\033[K") // the line goes when the work is done
	}
	return sim.Run(ctx)
}

// emptyMaildir refuses a folder with mail in it: the totals are to equal what
// is there afterwards.
func emptyMaildir(path string) (mail.Transport, error) {
	for _, sub := range []string{"new", "cur"} {
		entries, err := os.ReadDir(filepath.Join(path, sub))
		if err == nil && len(entries) > 0 {
			return nil, problem.Errorf("--maildir %s holds mail already: name an empty or new folder", path)
		}
	}
	return mail.OpenMaildir(path, true)
}

func printTotals(a *env, totals []simulation.Total) {
	var rows [][]any
	var sum simulation.Total
	for _, t := range totals {
		name := t.UnitName
		if t.Unit == "" {
			name = "(administrators)"
		}
		rows = append(rows, []any{t.Month, t.Unit, name, t.Notices, t.Assignment, t.Reminder, t.Escalation, t.Admin, t.Due, t.OnTime, t.Late, t.Open})
		sum.Notices += t.Notices
		sum.Assignment += t.Assignment
		sum.Reminder += t.Reminder
		sum.Escalation += t.Escalation
		sum.Admin += t.Admin
		sum.Due += t.Due
		sum.OnTime += t.OnTime
		sum.Late += t.Late
		sum.Open += t.Open
	}
	if len(rows) > 0 {
		rows = append(rows, []any{"total", "", "", sum.Notices, sum.Assignment, sum.Reminder, sum.Escalation, sum.Admin, sum.Due, sum.OnTime, sum.Late, sum.Open})
	}
	columns := []column{{head: "MONTH"}, {head: "UNIT"}, {head: "NAME", width: 24}}
	for _, h := range []string{"MAILS", "ASSIGN", "REMIND", "ESCALATE", "ADMIN", "DUE", "ON TIME", "LATE", "OPEN"} {
		columns = append(columns, column{head: h, right: true})
	}
	a.table(columns, rows)
}
