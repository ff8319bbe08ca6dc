package scheduler_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/robfig/cron/v3"

	"duban/internal/engines"
	"duban/internal/world"
	"duban/ledger/sqlite"
	"duban/scheduler"
)

func backingUp(t *testing.T, now string) *world.World {
	w := world.New(t, world.Rules(t, world.Ob("m", `["a"]`, "every=\"month\"\nwithin=\"10 working days\"\npolicy=\"standard\"")), now)
	at, err := cron.ParseStandard("0 3 * * *")
	if err != nil {
		t.Fatal(err)
	}
	w.Daemon.Backups.Plan = scheduler.BackupPlan{Dir: filepath.Join(w.Dir, "backup"), At: at, Keep: 3}
	return w
}

func copies(w *world.World) []string {
	w.T.Helper()
	entries, err := os.ReadDir(w.Daemon.Backups.Plan.Dir)
	if err != nil && !os.IsNotExist(err) {
		w.T.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

func TestBackupsAreMadeInTimeAndTheNewestAreKept(t *testing.T) {
	engines.InFiles(t)
	w := backingUp(t, "2017-07-03 09:00")
	w.TickNow()
	w.Daemon.Backups.IfDue(t.Context()) // the first, at once
	w.Want(copies(w), "duban-20170703T010000Z.db")
	for _, now := range []string{"2017-07-03 17:00", "2017-07-04 02:59"} {
		w.At(now)
		w.Daemon.Backups.IfDue(t.Context())
	}
	w.Want(copies(w), "duban-20170703T010000Z.db")
	world.WriteAll(t, w.Daemon.Backups.Plan.Dir, map[string]string{"duban-mine.db": "not ours"})
	// Three nights, and one that was missed: the machine was off.
	for _, now := range []string{"2017-07-04 03:00", "2017-07-05 03:00", "2017-07-07 11:00"} {
		w.At(now)
		w.Daemon.Backups.IfDue(t.Context())
		w.Daemon.Backups.IfDue(t.Context())
	}
	w.Want(copies(w), "duban-20170703T190000Z.db", "duban-20170704T190000Z.db", "duban-20170707T030000Z.db", "duban-mine.db")
	if last, err := w.Daemon.Backups.Last(t.Context()); err != nil || !last.Equal(w.Now) {
		t.Errorf("last backup %s, %v", last, err)
	}
	l, err := sqlite.Open(t.Context(), filepath.Join(w.Daemon.Backups.Plan.Dir, "duban-20170707T030000Z.db"), sqlite.Options{MustExist: true})
	if err != nil {
		t.Fatal(err)
	}
	if v, err := l.Verify(t.Context()); err != nil || len(v.Problems) > 0 || v.Occurrences == 0 {
		t.Errorf("the copy: %v %v", v, err)
	}
	l.Close()
	// A clock that went back makes no gap: a copy in the future counts for nothing.
	w.At("2017-07-06 12:00")
	w.Daemon.Backups.IfDue(t.Context())
	if n := len(copies(w)); n != 4 {
		t.Errorf("%d files", n)
	}
}

func TestABackupThatFailsIsToldOnceADay(t *testing.T) {
	engines.InFiles(t)
	w := backingUp(t, "2017-07-03 09:00")
	world.WriteAll(t, w.Dir, map[string]string{"backup": "a file where the folder should be"})
	for range 3 {
		if wait := w.Daemon.Backups.IfDue(t.Context()); wait != time.Hour {
			t.Errorf("it comes again after %s", wait)
		}
	}
	w.At("2017-07-04 09:00")
	w.Daemon.Backups.IfDue(t.Context())
	w.Want(w.Notices(), "2017-07-03 admin :", "2017-07-04 admin :")
}
