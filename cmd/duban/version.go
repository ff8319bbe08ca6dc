package main

import (
	"fmt"
	"runtime"

	"github.com/spf13/cobra"

	"duban/cmd/duban/app"
	"duban/ledger/sqlite"
)

func versionCommand(a *env) *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Print the versions of duban, Go and SQLite",
		Args:  exactly(),
		Run: func(*cobra.Command, []string) {
			fmt.Fprintf(a.out, "duban %s\ncommit %s\n%s %s/%s\nSQLite %s\n", app.Version(), orWord(app.Commit(), "not known"), runtime.Version(), runtime.GOOS, runtime.GOARCH, sqlite.Version())
		},
	}
}
