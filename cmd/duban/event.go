package main

import (
	"strings"

	"github.com/spf13/cobra"

	"duban/cmd/duban/app"
	"duban/ledger"
	"duban/scheduler/desk"
	"duban/scheduler/views"
)

func eventCommand(a *env) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "event",
		Short: "Record what starts clocks: a file repealed, a request received",
		Args:  exactly(),
		RunE:  func(*cobra.Command, []string) error { return usagef("event: say add, list or withdraw") },
	}
	cmd.AddCommand(eventAddCommand(a), eventListCommand(a), eventWithdrawCommand(a))
	return cmd
}

func eventAddCommand(a *env) *cobra.Command {
	e := &ledger.Event{}
	var by string
	cmd := jsonFlag(a, &cobra.Command{
		Use:   "add NAME --unit UNIT|@GROUP --date DATE",
		Short: "Record an event; the same key twice is one event",
		Args:  exactly("NAME"),
		RunE: func(cmd *cobra.Command, args []string) error {
			e.Name = args[0]
			l, err := a.load()
			if err != nil {
				return err
			}
			// An event may come before the first tick: it makes the ledger.
			b, err := l.Open(cmd.Context(), app.ToAdmit, a.now)
			if err != nil {
				return err
			}
			defer b.Close()
			all, err := b.Desk.AddEvents(cmd.Context(), e, false, by)
			if err != nil {
				return err
			}
			if a.asJSON {
				return printEvents(a, b, all, strings.HasPrefix(e.Unit, "@"))
			}
			known := 0
			for _, r := range all {
				if !r.Added {
					known++
				}
				for _, o := range r.Started {
					a.say("%s  %s, due %s", o.Key(), o.State, a.due(o.Due, o.Provisional))
				}
			}
			switch {
			case known > 0 && known < len(all):
				a.say("%d of %d were recorded already", known, len(all))
			case known > 0:
				a.say("recorded already; --key records another on the same day")
			}
			return nil
		},
	})
	f := cmd.Flags()
	f.StringVar(&e.Unit, "unit", "", "the `unit` it happened to, or @GROUP for all its members")
	f.Var(dateValue{&e.Day}, "date", "the day it happened; not counted itself")
	f.StringVar(&e.Title, "title", "", "what it is, for people")
	f.StringVar(&e.Key, "key", "", "what tells it from others of its name and unit (default: the date)")
	f.StringVar(&by, "by", who(), "`who` recorded it")
	_ = cmd.RegisterFlagCompletionFunc("unit", a.completeUnits) // the flag was just made
	required(cmd, "unit", "date")
	return cmd
}

// printEvents prints the event of a unit, or those of a group.
func printEvents(a *env, b *app.Book, all []desk.Recorded, isGroup bool) error {
	var shown []views.Event
	for _, r := range all {
		shown = append(shown, views.NewEvent(r.Event, r.Started, b.View().Settings.Timezone))
	}
	if isGroup {
		return printJSON(a.out, shown)
	}
	return printJSON(a.out, shown[0])
}

func eventListCommand(a *env) *cobra.Command {
	var q ledger.EventQuery
	cmd := jsonFlag(a, &cobra.Command{
		Use:   "list",
		Short: "List the events recorded",
		Args:  exactly(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.look(cmd.Context(), func(_ *app.Site, b *app.Book) error {
				events, err := ledger.AllEvents(cmd.Context(), b, q)
				if err != nil {
					return err
				}
				out, rows := []views.Event{}, [][]any{}
				for _, e := range events {
					r, err := views.NewLister(b, b.View()).Event(cmd.Context(), e)
					if err != nil {
						return err
					}
					out = append(out, r)
					withdrawn := "-"
					if r.WithdrawnAt != nil {
						withdrawn = *r.WithdrawnAt + " " + r.Reason
					}
					rows = append(rows, []any{r.Date, r.Name, r.Unit, r.Key, r.Title, len(r.Occurrences), withdrawn})
				}
				if a.asJSON {
					return printJSON(a.out, out)
				}
				a.table([]column{{head: "DATE"}, {head: "EVENT"}, {head: "UNIT"}, {head: "KEY"}, {head: "TITLE", width: 40}, {head: "STARTED", right: true}, {head: "WITHDRAWN", width: 40}}, rows)
				return nil
			})
		},
	})
	cmd.Flags().StringVar(&q.Unit, "unit", "", "only this `unit`")
	return cmd
}

func eventWithdrawCommand(a *env) *cobra.Command {
	var reason, by string
	cmd := &cobra.Command{
		Use:   "withdraw KEY --reason WHY",
		Short: "Say that an event did not count; what it started is cancelled",
		Long:  `KEY is the event's key, or NAME/UNIT/KEY where several events have it.`,
		Args:  exactly("KEY"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.with(cmd.Context(), func(_ *app.Site, b *app.Book) error {
				e, err := b.Desk.WithdrawEvent(cmd.Context(), args[0], reason, by)
				if err != nil {
					return err
				}
				a.say("%s withdrawn", e.Subject())
				return nil
			})
		},
	}
	cmd.Flags().StringVar(&reason, "reason", "", "`why`")
	cmd.Flags().StringVar(&by, "by", who(), "`who` withdrew it")
	required(cmd, "reason")
	return cmd
}
