package main

import (
	"os"
	"strconv"
	"strings"

	"github.com/rs/zerolog"
	"github.com/spf13/cobra"

	"duban/cmd/duban/app"
	"duban/rules/calendar"
	"duban/rules/problem"
	"duban/rules/toml"
	"duban/scheduler/views"
)

func calendarCommand(a *env) *cobra.Command {
	cmd := jsonFlag(a, &cobra.Command{
		Use:   "calendar [YEAR]",
		Short: "Show the working-day calendar: the years known, or the days of one",
		Args:  atMost(1),
		RunE: func(_ *cobra.Command, args []string) error {
			l, err := a.load()
			if err != nil {
				return err
			}
			c := l.Rules.Plans[0].Calendar
			if len(args) == 0 {
				return printYears(a, c)
			}
			year, err := strconv.Atoi(args[0])
			if err != nil || year < calendar.First.Year() || year > calendar.Last.Year() {
				return usagef("%q is no year: write it like 2026", args[0])
			}
			return printYear(a, views.NewYear(c, year, true))
		},
	})
	cmd.AddCommand(calendarAddCommand(a))
	return cmd
}

func printYears(a *env, c *calendar.Calendar) error {
	rows, table := []views.Year{}, [][]any{}
	for _, y := range c.Years() {
		r := views.NewYear(c, y, false)
		rows = append(rows, r)
		source := ""
		if len(r.Source) > 0 {
			source = r.Source[0]
		}
		table = append(table, []any{r.Year, r.Working, r.Off, r.MakeUp, source})
	}
	if a.asJSON {
		return printJSON(a.out, rows)
	}
	a.table([]column{{head: "YEAR"}, {head: "WORKING DAYS", right: true}, {head: "DAYS OFF", right: true}, {head: "MAKE-UP", right: true}, {head: "SOURCE"}}, table)
	return nil
}

func printYear(a *env, r views.Year) error {
	if a.asJSON {
		return printJSON(a.out, r)
	}
	if !r.Known {
		a.say("%d: the public holidays are not known; it is counted by weekends, and due dates in it are provisional.\nOnce they are published: duban calendar add FILE", r.Year)
	}
	var table [][]any
	for _, d := range r.Days {
		kind := a.words.Say(map[string]string{"off": "day off", "work": "make-up working day"}[d.Kind])
		table = append(table, []any{d.Date, a.words.Weekday(d.Date), kind, d.Name})
	}
	if len(table) > 0 {
		a.table([]column{{head: "DATE"}, {head: "DAY"}, {head: "WHAT"}, {head: "HOLIDAY"}}, table)
	}
	a.say("%d working days in %d", r.Working, r.Year)
	return nil
}

func calendarAddCommand(a *env) *cobra.Command {
	return &cobra.Command{
		Use:   "add FILE",
		Short: "Add or replace a year: the notice as it is written, TOML like the shipped files, or the public JSON form",
		Long: `add checks the file and keeps it beside the ledger, where every command and the
daemon find it. Open due dates that were provisional are counted again.

The notice of the State Council is read as it is written, from a text file: every
day in it, with the days of the week and the counts that it gives. One that does
not name all holidays changes those that it names.`,
		Args: exactly("FILE"),
		RunE: func(cmd *cobra.Command, args []string) error {
			l, err := a.load()
			if err != nil {
				return err
			}
			problems := &problem.List{}
			if info, err := os.Stat(args[0]); err == nil && info.IsDir() {
				return problem.Errorf("%s is a folder: name one file", args[0])
			}
			data, err := toml.ReadFile(args[0])
			if err != nil {
				return err
			}
			c := l.Rules.Plans[0].Calendar
			n, ok := calendar.ReadPublished(args[0], data, c, problems)
			if !ok {
				return problems.Err()
			}
			y := n.Year
			err = a.on(cmd.Context(), l, app.ToAdmit, func(_ *app.Site, b *app.Book) error {
				editor := l.Editor(b.Store, b.View, nil, zerolog.Nop()) // the daemon takes it over
				return editor.SaveYear(cmd.Context(), l.Config.CalendarDir(), y, who())
			})
			if err != nil {
				return err
			}
			a.say("%d: %d days; %d working days", y.Year, len(y.Days), views.NewYear(c.With(y), y.Year, false).Working)
			if len(n.Amends) > 0 {
				a.say("it changes %s alone; the other days stay as they were", strings.Join(n.Amends, ", "))
			}
			return nil
		},
	}
}
