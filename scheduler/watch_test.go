package scheduler_test

import (
	"context"
	"path/filepath"
	"testing"

	"duban/internal/world"
	"duban/scheduler"
)

func TestEditsAreNoticedAlsoInFoldersThatAreNew(t *testing.T) {
	dir := t.TempDir()
	world.WriteAll(t, dir, map[string]string{"plan/plan.toml": "", "beside/units.toml": "", "beside/other.toml": ""})
	w, err := scheduler.NewWatch([]string{filepath.Join(dir, "plan"), filepath.Join(dir, "beside/units.toml"), filepath.Join(dir, "nowhere")})
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

// Nobody finds out by an edit that is never taken over.
func TestAWatchThatTheSystemEndsIsAnError(t *testing.T) {
	w, err := scheduler.NewWatch([]string{t.TempDir()})
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
