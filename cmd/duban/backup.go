package main

import (
	"duban/cmd/duban/app"

	"github.com/spf13/cobra"

	"duban/ledger/sqlite"
)

func backupCommand(a *env) *cobra.Command {
	return &cobra.Command{
		Use:   "backup FILE",
		Short: "Write a consistent copy of the ledger, also while the daemon runs",
		Args:  exactly("FILE"),
		RunE: func(cmd *cobra.Command, args []string) error {
			c, err := a.configured()
			if err != nil {
				return err
			}
			path, err := app.File(c, "backup")
			if err != nil {
				return err
			}
			book, err := sqlite.Open(cmd.Context(), path, sqlite.Options{ReadOnly: true})
			if err != nil {
				return err
			}
			defer book.Close()
			if err := book.Backup(cmd.Context(), args[0]); err != nil {
				return err
			}
			a.say("%s written and checked", args[0])
			return nil
		},
	}
}

func restoreCommand(a *env) *cobra.Command {
	return &cobra.Command{
		Use:   "restore FILE",
		Short: "Put a backup in the ledger's place; the present ledger is kept beside it",
		Long: `restore checks a backup — the file, its journal, every occurrence — and puts it
in the ledger's place. Stop the daemon first. What was told after the backup was
made is not known any more: the next tick tells it again, as it is true then.`,
		Args: exactly("FILE"),
		RunE: func(cmd *cobra.Command, args []string) error {
			c, err := a.configured()
			if err != nil {
				return err
			}
			path, err := app.File(c, "restore")
			if err != nil {
				return err
			}
			release, err := sqlite.Lock(path)
			if err != nil {
				return err
			}
			defer release()
			kept, verdict, err := sqlite.Restore(cmd.Context(), args[0], path, a.now())
			if err != nil {
				return err
			}
			a.say("%s is restored from %s: %d occurrences, %d journal entries, all proved", path, args[0], verdict.Occurrences, verdict.Entries)
			if kept != "" {
				a.say("the ledger that was there is kept as %s", kept)
			}
			return nil
		},
	}
}
