package main

import (
	"fmt"

	"github.com/spf13/cobra"
)

func (a *app) backupCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "backup FILE",
		Short: "Write a consistent copy of the ledger, also while the daemon runs",
		Args:  exactly("FILE"),
		RunE: func(cmd *cobra.Command, args []string) error {
			book, err := a.book(cmd.Context())
			if err != nil {
				return err
			}
			defer book.Close()
			if err := book.Backup(cmd.Context(), args[0]); err != nil {
				return err
			}
			fmt.Fprintf(a.out, "%s written and checked\n", args[0])
			return nil
		},
	}
}
