package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"duban/cmd/duban/app"
	"duban/rules/problem"
)

func linkCommand(a *env) *cobra.Command {
	var rotate, supervisor bool
	cmd := &cobra.Command{
		Use:   "link (UNIT | OCCURRENCE)",
		Short: "Print the signed link of a unit or an occurrence, as mails carry it",
		Long: `link prints the address under which a unit sees all that it owes, or reports one
occurrence; with --supervisor the one under which a unit sees what those owe
that it supervises, and decides on it. Whoever has it may report: hand it to nobody else. --rotate writes a
new key: all links sent so far stop working at once, mails from then on carry
new ones.`,
		Args: atMost(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if rotate == (len(args) == 1) {
				return usagef("link: name a unit or an occurrence, or say --rotate")
			}
			l, err := a.load()
			if err != nil {
				return err
			}
			links := app.Links(l.Config)
			if links == nil {
				return problem.Errorf("there is no page: set [web] listen")
			}
			if rotate {
				if err := app.RotateKey(cmd.Context(), l.Config); err != nil {
					return err
				}
				a.say("%s: new key; links sent so far no longer work", l.Config.LinkKey())
				return nil
			}
			if !strings.Contains(args[0], "/") {
				if _, err := l.Rules.FindUnit(args[0]); err != nil {
					return err
				}
				link := links.Unit
				if supervisor {
					link = links.Supervisor
				}
				fmt.Fprintln(a.out, link(args[0], a.now()))
				return nil
			}
			return a.on(cmd.Context(), l, app.ToRead, func(_ *app.Site, b *app.Book) error {
				o, err := b.Find(cmd.Context(), args[0])
				if err == nil {
					fmt.Fprintln(a.out, links.Item(o, a.now()))
				}
				return err
			})
		},
	}
	cmd.Flags().BoolVar(&supervisor, "supervisor", false, "of the units that UNIT supervises")
	cmd.Flags().BoolVar(&rotate, "rotate", false, "write a new key: links sent so far stop working")
	return cmd
}
