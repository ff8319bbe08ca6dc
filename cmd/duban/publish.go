package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/rs/zerolog"
	"github.com/spf13/cobra"

	"duban/cmd/duban/app"
	"duban/rules/problem"
	"duban/scheduler/editor"
	"duban/scheduler/engine"
)

func publishCommand(a *env) *cobra.Command {
	var withdraw, yes bool
	var reason string
	cmd := &cobra.Command{
		Use:   "publish PLAN",
		Short: "Bring a draft into force, or make a plan a draft again",
		Long: `publish says what a draft will make and mail once it is in force, and brings it
into force: draft = true goes out of its plan.toml. On a terminal it asks first.
A daemon that runs takes it over at once, else the next tick does. A draft with
errors is not published; all of them are told.

With --withdraw a plan that is in force becomes a draft again: what is open of it
is cancelled, nobody is reminded of it, and nothing that was done is lost.`,
		Args: exactly("PLAN"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if !withdraw && reason != "" {
				return usagef("publish: --reason goes with --withdraw")
			}
			return a.edit(cmd.Context(), func(ed *editor.Editor, b *app.Book) error {
				if withdraw {
					if err := ed.Withdraw(cmd.Context(), args[0], who(), reason); err != nil {
						return err
					}
					a.say("%s is a draft again: what was open of it is cancelled", args[0])
					return nil
				}
				return publish(cmd.Context(), a, ed, b, args[0], yes)
			})
		},
	}
	cmd.Flags().BoolVar(&withdraw, "withdraw", false, "make it a draft again")
	cmd.Flags().StringVar(&reason, "reason", "", "with --withdraw: why")
	cmd.Flags().BoolVar(&yes, "yes", false, "do not ask")
	return cmd
}

// edit runs f with an editor of the rules, beside the daemon if one runs; the
// ledger is made if need be.
func (a *env) edit(ctx context.Context, f func(*editor.Editor, *app.Book) error) error {
	l, err := a.load()
	if err != nil {
		return err
	}
	return a.on(ctx, l, app.ToAdmit, func(_ *app.Site, b *app.Book) error {
		return f(l.Editor(b.Store, b.View, nil, zerolog.Nop()), b) // the daemon takes it over
	})
}

// mostListed is how many of the first occurrences are listed.
const mostListed = 20

func publish(ctx context.Context, a *env, ed *editor.Editor, b *app.Book, plan string, yes bool) error {
	r, problems, err := ed.RehearsePublish(ctx, plan)
	if err != nil {
		return err
	}
	if wrong := problems.Errors(); len(wrong) > 0 {
		for _, p := range wrong {
			fmt.Fprintln(a.err, a.problemText(p))
		}
		return problem.New(problem.Conflict, "%s stays a draft: %d problem(s) to put right first", plan, len(wrong))
	}
	makes := slices.DeleteFunc(slices.Clone(r.Changes), func(c engine.Change) bool { return !r.Makes(c, plan) })
	for i, c := range makes {
		if i == mostListed {
			a.say("… and %d more", len(makes)-i)
			break
		}
		a.say("%s  due %s", c.Occurrence, a.due(c.Due, c.Provisional))
	}
	a.say("%d occurrence(s) are made at once, and %d notice(s); mail may leave from %s",
		len(makes), r.Notices, b.View().Opens().In(b.View().Settings.Timezone).Format("2006-01-02 15:04"))
	if in, ok := a.in.(*os.File); ok && isTerminal(in) && !yes {
		fmt.Fprint(a.out, a.words.Say("publish? [y/N] "))
		line, err := bufio.NewReader(a.in).ReadString('\n')
		if err != nil && !errors.Is(err, io.EOF) {
			return err
		}
		if answer := strings.ToLower(strings.TrimSpace(line)); answer != "y" && answer != "yes" && answer != "是" {
			a.say("nothing was done")
			return nil
		}
	}
	if problems, err = ed.Publish(ctx, plan, who()); err != nil {
		return err
	}
	if err := problems.Err(); err != nil {
		return err // somebody was faster
	}
	a.say("%s is in force", plan)
	return nil
}
