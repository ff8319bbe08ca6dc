package main

import (
	"errors"
	"os"

	"github.com/spf13/cobra"

	"duban/cmd/duban/app"
	"duban/ledger"
	"duban/ledger/sqlite"
)

func ledgerCommand(a *env) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "ledger",
		Short: "Look after the ledger, and the rules that it keeps",
		Args:  exactly(),
		RunE:  func(*cobra.Command, []string) error { return usagef("ledger: say migrate, plans or copy") },
	}
	cmd.AddCommand(ledgerMigrateCommand(a), ledgerPlansCommand(a), ledgerCopyCommand(a))
	return cmd
}

func ledgerMigrateCommand(a *env) *cobra.Command {
	return &cobra.Command{
		Use:   "migrate",
		Short: "Bring the schema of an older duban's ledger up to date",
		Long: `migrate changes the schema of the ledger to the one that this duban knows, and
keeps a copy of what it was beside it. serve, tick and restore do the same by
themselves; other commands never do. Stop the daemon first; daemons that share a
ledger in PostgreSQL go on, which has its own tools to keep what it was.`,
		Args: exactly(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, err := a.configured()
			if err != nil {
				return err
			}
			book, err := app.OpenLedger(cmd.Context(), c, app.ToRead)
			if err == nil {
				a.say("%s has schema %d: nothing to do", app.Where(c), app.Schema(c))
				return book.Close()
			}
			if !errors.Is(err, ledger.ErrOlder) {
				return err
			}
			if err := app.MigrateHeld(cmd.Context(), c); err != nil {
				return err
			}
			a.say("%s has schema %d now", app.Where(c), app.Schema(c))
			if c.Shared() {
				return nil
			}
			if kept := sqlite.CopyBefore(c.Ledger, sqlite.Schema()); isThere(kept) {
				a.say("what it was is kept as %s", kept)
			}
			return nil
		},
	}
}

func isThere(file string) bool {
	_, err := os.Stat(file)
	return err == nil
}
