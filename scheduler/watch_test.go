package scheduler_test

import (
	"context"
	"path/filepath"
	"sync/atomic"
	"testing"

	"duban/internal/world"
	"duban/scheduler"
)

func TestEditsAreNoticedAlsoInFoldersThatAreNew(t *testing.T) {
	dir := t.TempDir()
	world.WriteAll(t, dir, map[string]string{"plan/plan.toml": "", "beside/units.toml": "", "beside/other.toml": ""})
	w, err := scheduler.NewWatch(here(filepath.Join(dir, "plan"), filepath.Join(dir, "beside/units.toml"), filepath.Join(dir, "nowhere")))
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	changed, ended := make(chan struct{}), make(chan error)
	go func() { ended <- w.Run(ctx, changed) }()
	for _, name := range []string{"plan/plan.toml", "plan/obligations/01.toml", "plan/obligations/01.toml", "beside/units.toml"} {
		world.WriteAll(t, dir, map[string]string{name: "# " + name})
		select {
		case <-changed:
		case err := <-ended:
			t.Fatalf("%s: it ended with %v", name, err)
		}
	}
	cancel()
	if err := <-ended; err != nil {
		t.Errorf("told to stop, it ended with %v", err)
	}
}

func here(paths ...string) func() []string { return func() []string { return paths } }

// A configuration that is edited while the daemon runs may name a plan elsewhere.
func TestWhatAnEditBringsIsWatchedFromThenOn(t *testing.T) {
	dir, elsewhere := t.TempDir(), t.TempDir()
	world.WriteAll(t, dir, map[string]string{"config.toml": ""})
	var edited atomic.Bool
	w, err := scheduler.NewWatch(func() []string {
		if edited.Load() {
			return []string{filepath.Join(dir, "config.toml"), elsewhere}
		}
		return []string{filepath.Join(dir, "config.toml")}
	})
	if err != nil {
		t.Fatal(err)
	}
	changed := make(chan struct{})
	go func() { _ = w.Run(t.Context(), changed) }() // the test's end stops it
	edited.Store(true)
	world.WriteAll(t, dir, map[string]string{"config.toml": "plans"})
	<-changed
	world.WriteAll(t, elsewhere, map[string]string{"plan.toml": "title"})
	<-changed
}

// Nobody finds out by an edit that is never taken over.
func TestAWatchThatTheSystemEndsIsAnError(t *testing.T) {
	w, err := scheduler.NewWatch(here(t.TempDir()))
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Break(); err != nil {
		t.Fatal(err)
	}
	if err := w.Run(t.Context(), make(chan struct{})); err == nil {
		t.Error("it ended without an error")
	}
}
