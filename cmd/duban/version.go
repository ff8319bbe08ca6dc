package main

import (
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"

	"duban/ledger"
)

// release is set by the linker when a package is built.
var release = ""

// version is the release, or the commit it was built from.
func version() string {
	if release != "" {
		return release
	}
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, s := range info.Settings {
			if s.Key == "vcs.revision" && len(s.Value) >= 12 {
				return s.Value[:12]
			}
		}
	}
	return "development"
}

func (a *app) versionCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Print the versions of duban, Go and SQLite",
		Args:  exactly(),
		Run: func(*cobra.Command, []string) {
			fmt.Fprintf(a.out, "duban %s\n%s %s/%s\nSQLite %s\n", version(), runtime.Version(), runtime.GOOS, runtime.GOARCH, ledger.Version())
		},
	}
}
