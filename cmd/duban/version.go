package main

import (
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
			a.say("duban %s\ncommit %s\n%s %s/%s\nSQLite %s", app.Version(), orWord(app.Commit(), "not known"), runtime.Version(), runtime.GOOS, runtime.GOARCH, sqlite.Version())
		},
	}
}
