package app

import (
	"runtime/debug"
	"strconv"
	"time"
)

// The linker sets these when a package is built.
var release, revision, committed string

// Version is the release, or the commit it was built from.
func Version() string {
	if release != "" {
		return release
	}
	if c := Commit(); c != "" {
		return c
	}
	return "development"
}

// Commit is what it was built from, as far as Go knows; changes that were not
// committed are told.
func Commit() string {
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

// Built is when the commit was made that it was built from; zero: not known. No
// clock that is right says anything earlier.
func Built() time.Time {
	if seconds, err := strconv.ParseInt(committed, 10, 64); err == nil {
		return time.Unix(seconds, 0)
	}
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
