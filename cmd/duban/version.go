package main

import (
	"fmt"
	"runtime"
	"runtime/debug"
	"time"

	"github.com/spf13/cobra"

	"duban/ledger/sqlite"
)

// The linker sets these when a package is built.
var release, revision string

// version is the release, or the commit it was built from.
func version() string {
	if release != "" {
		return release
	}
	if c := commit(); c != "" {
		return c
	}
	return "development"
}

// commit is what it was built from, as far as Go knows; changes that were not
// committed are told.
func commit() string {
	if revision != "" {
		return revision
	}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return ""
	}
	id, changed := "", ""
	for _, s := range info.Settings {
		switch {
		case s.Key == "vcs.revision" && len(s.Value) >= 12:
			id = s.Value[:12]
		case s.Key == "vcs.modified" && s.Value == "true":
			changed = "+changes"
		}
	}
	if id == "" {
		return ""
	}
	return id + changed
}

// built is when the commit was made that it was built from; zero: not known. No
// clock that is right says anything earlier.
func built() time.Time {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return time.Time{}
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.time" {
			t, _ := time.Parse(time.RFC3339, s.Value) // none that Go wrote does not parse
			return t
		}
	}
	return time.Time{}
}

func (a *app) versionCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Print the versions of duban, Go and SQLite",
		Args:  exactly(),
		Run: func(*cobra.Command, []string) {
			fmt.Fprintf(a.out, "duban %s\ncommit %s\n%s %s/%s\nSQLite %s\n", version(), orWord(commit(), "not known"), runtime.Version(), runtime.GOOS, runtime.GOARCH, sqlite.Version())
		},
	}
}
