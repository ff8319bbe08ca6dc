package app_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"duban/cmd/duban/app"
	"duban/ledger"
	"duban/rules/problem"
	"duban/scheduler"
)

// site is an installation of the shipped plan, whose mails go to a folder and
// which has a page where listen names an address.
func site(t *testing.T, listen string) *app.Site {
	t.Helper()
	dir := t.TempDir()
	if err := os.CopyFS(filepath.Join(dir, "plan"), os.DirFS("../../../rules/plans/zhongshan-2017")); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, "config.toml")
	text := "plans = [\"plan\"]\n[schedule]\nwindow = \"00:00-24:00\"\nweekends = true\n[web]\nlisten = \"" + listen + "\"\n"
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	problems := &problem.List{}
	s := app.Load(file, problems, nil)
	if err := problems.Err(); err != nil {
		t.Fatal(err)
	}
	return s
}

func started(t *testing.T, s *app.Site, beside ...scheduler.Part) *app.Daemon {
	t.Helper()
	d, err := app.New(t.Context(), s, zerolog.Nop(), time.Now)
	if err != nil {
		t.Fatal(err)
	}
	d.Start(t.Context(), beside...)
	return d
}

func TestADaemonStartsStopsAndLeavesItsLedgerToTheNext(t *testing.T) {
	s := site(t, "127.0.0.1:0")
	for range 2 {
		d := started(t, s)
		<-d.Scheduler.Health.Started()
		if _, err := app.New(t.Context(), s, zerolog.Nop(), time.Now); err == nil || !strings.Contains(err.Error(), "duban") {
			t.Errorf("a second one beside it: %v", err)
		}
		d.Stop()
		if err := d.Wait(); err != nil {
			t.Errorf("told to stop, it ended with %v", err)
		}
	}
}

// Half a daemon is worse than none.
func TestAPartThatFailsEndsAllOfItWithItsError(t *testing.T) {
	broken, others := errors.New("a part is broken"), make(chan struct{})
	d := started(t, site(t, ""),
		func(ctx context.Context) error { <-ctx.Done(); close(others); return nil },
		func(context.Context) error { return broken })
	if err := d.Wait(); !errors.Is(err, broken) {
		t.Errorf("it ended with %v", err)
	}
	<-others
	if _, err := d.Scheduler.Ledger.OutboxCounts(t.Context(), ledger.Pending); err == nil {
		t.Error("its ledger is still open")
	}
}
