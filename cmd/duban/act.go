package main

import (
	"context"
	"os/user"

	"github.com/spf13/cobra"

	"duban/cmd/duban/app"
	"duban/ledger"
	"duban/rules"
	"duban/rules/calendar"
	"duban/scheduler/desk"
	"duban/scheduler/views"
)

// who is the person at the keyboard.
func who() string {
	if u, err := user.Current(); err == nil {
		return u.Username
	}
	return "command line"
}

// actCommands are those that move an occurrence.
func actCommands(a *env) []*cobra.Command {
	return []*cobra.Command{
		actCommand(a, desk.Done, "Report an occurrence done", true),
		actCommand(a, desk.Waive, "End an occurrence that need not be done", false),
		actCommand(a, desk.Reopen, "Open an occurrence again", false),
		extendCommand(a),
		actCommand(a, desk.Pause, "Stop the clock of an occurrence at the end of the day", false),
		actCommand(a, desk.Resume, "Start its clock again on the day after", false),
		actCommand(a, desk.Accept, "Close what a unit reported", false),
		actCommand(a, desk.Return, "Open what a unit reported again, saying why", false),
		transferCommand(a), urgeCommand(a), retractCommand(a), progressCommand(a),
	}
}

// actCommand makes a command that acts on one occurrence; a report may carry
// evidence.
func actCommand(a *env, verb desk.Verb, short string, evidence bool) *cobra.Command {
	act := desk.Act{}
	var files []string
	cmd := jsonFlag(a, &cobra.Command{
		Use:               string(verb) + " OCCURRENCE",
		Short:             short,
		Args:              exactly("OCCURRENCE"),
		ValidArgsFunction: a.completeOpen,
		RunE: func(cmd *cobra.Command, args []string) error {
			return actWith(cmd.Context(), a, verb, args[0], act, files)
		},
	})
	flags := cmd.Flags()
	flags.StringVar(&act.By, "by", who(), "`who` did it")
	flags.StringVar(&act.Note, "note", "", "a `text` for the record")
	flags.Var(dateValue{&act.Date}, "date", "the day it was so (default: today)")
	if evidence {
		flags.StringVar(&act.Evidence, "evidence", "", "`link` to what was published")
		attachFlag(cmd, &files)
	} else {
		flags.StringVar(&act.Reason, "reason", "", "`why`")
	}
	return cmd
}

// required makes a missing flag wrong usage.
func required(cmd *cobra.Command, flags ...string) {
	cmd.PreRunE = func(cmd *cobra.Command, _ []string) error {
		for _, f := range flags {
			if !cmd.Flags().Changed(f) {
				return usagef("%s: --%s is missing", cmd.CommandPath(), f)
			}
		}
		return nil
	}
}

func extendCommand(a *env) *cobra.Command {
	var to calendar.Date
	var by, actor, reason string
	cmd := jsonFlag(a, &cobra.Command{
		Use:   "extend OCCURRENCE (--to DATE | --by \"N working days\") --reason WHY",
		Short: "Move the due date of an occurrence",
		Long: `extend moves the due date to a day (--to) or by a distance (--by "15 working
days"); the first due date is kept. What the rule allows at most is enforced.`,
		Args:              exactly("OCCURRENCE"),
		ValidArgsFunction: a.completeOpen,
		RunE: func(cmd *cobra.Command, args []string) error {
			act := desk.Act{By: actor, Reason: reason, To: to}
			switch {
			case (to != 0) == (by != ""):
				return usagef("extend: give either --to DATE or --by \"N working days\"")
			case by != "":
				w, err := rules.ParseWithin(by)
				if err != nil {
					return usagef("--by: %v", err)
				}
				if w.N <= 0 {
					return usagef("--by %q: write \"15 working days\", \"10 days\" or \"1 month\"", by)
				}
				act.More = &w
			}
			return actOn(cmd.Context(), a, desk.Extend, args[0], act)
		},
	})
	f := cmd.Flags()
	f.Var(dateValue{&to}, "to", "the new due date")
	f.StringVar(&by, "by", "", "the `distance` to add to the due date")
	f.StringVar(&reason, "reason", "", "`why`")
	f.StringVar(&actor, "actor", who(), "`who` granted it")
	required(cmd, "reason")
	return cmd
}

func actOn(ctx context.Context, a *env, verb desk.Verb, key string, act desk.Act) error {
	return a.with(ctx, func(_ *app.Site, b *app.Book) error {
		o, err := b.Desk.Do(ctx, verb, key, act)
		if err != nil {
			return err
		}
		row, err := views.NewLister(b, b.View()).Occurrence(ctx, o)
		if err != nil {
			return err
		}
		if a.asJSON {
			return printJSON(a.out, row)
		}
		state := a.name("state", string(row.State))
		if row.PausedOn != nil {
			state = a.words.Say("paused since the end of %s", *row.PausedOn)
		}
		if row.Late {
			state += a.words.Say(", late")
		}
		a.say("%s  %s\n  %s; due %s; light %s", row.ID, row.Title, state, a.due(row.Due, row.Provisional), a.name("light", string(row.Light)))
		return nil
	})
}

func (a *env) completeOpen(cmd *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	var out []string
	if len(args) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	kept, err := a.openLedger(cmd.Context())
	if err != nil {
		return nil, cobra.ShellCompDirectiveNoFileComp // no ledger, nothing to offer
	}
	defer kept.Close()
	found, _ := ledger.AllOccurrences(cmd.Context(), kept, ledger.Query{States: []ledger.State{ledger.StateOpen, ledger.StateReported}}) // likewise
	for _, o := range found {
		out = append(out, o.Key()+"\tdue "+o.Due.String())
	}
	return out, cobra.ShellCompDirectiveNoFileComp
}
