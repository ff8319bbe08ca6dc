package sqlite

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"duban/ledger"
)

// A commit of the real ledger waits for the disk; only one that nobody will miss
// does not.
func TestACommitIsOnTheDisk(t *testing.T) {
	for throwaway, want := range map[bool]int{false: 2, true: 0} { // FULL, OFF
		l, err := Open(ctx, filepath.Join(t.TempDir(), "l.db"), Options{Throwaway: throwaway})
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		var got int
		if err := l.write.QueryRow(`PRAGMA synchronous`).Scan(&got); err != nil || got != want {
			t.Errorf("throwaway %v: synchronous = %d, want %d (%v)", throwaway, got, want, err)
		}
		var mode string
		if err := l.write.QueryRow(`PRAGMA journal_mode`).Scan(&mode); err != nil || mode != "wal" {
			t.Errorf("throwaway %v: journal mode %q (%v)", throwaway, mode, err)
		}
	}
}

// lies are the files in a folder with what is in them; SQLite's index of a log
// (-shm) is no part of the ledger.
func lies(t testing.TB, dir string) map[string]string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	for _, e := range entries {
		if strings.HasSuffix(e.Name(), "-shm") {
			continue
		}
		data, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		out[e.Name()] = fmt.Sprintf("%x", sha256.Sum256(data))
	}
	return out
}

func TestReadingChangesNothing(t *testing.T) {
	for what, prepare := range map[string]func(path string){
		"a ledger at rest": func(path string) { fillAt(t, path) },
		"a log that a crash left": func(path string) {
			fillAt(t, path+".other")
			crashed := open(t, path+".other")
			update(t, crashed, func(tx *Tx) error { return tx.SetFact("in the log", "yes") })
			for _, ending := range []string{"", "-wal"} {
				data, err := os.ReadFile(path + ".other" + ending)
				if err != nil {
					t.Fatal(err)
				}
				write(t, path+ending, string(data))
			}
		},
		"an older schema": func(path string) { older(t, path) },
	} {
		t.Run(what, func(t *testing.T) {
			dir := t.TempDir()
			path := filepath.Join(dir, "l.db")
			prepare(path)
			before := lies(t, dir)
			l, err := Open(ctx, path, Options{ReadOnly: true})
			if what == "an older schema" {
				if !errors.Is(err, ledger.ErrOlder) || !strings.Contains(err.Error(), "duban ledger migrate") {
					t.Errorf("got %v", err)
				}
			} else {
				if err != nil {
					t.Fatal(err)
				}
				found, err := l.Occurrences(ctx, ledger.Query{})
				if err != nil || len(found) != 3 {
					t.Errorf("%d occurrences, %v", len(found), err)
				}
				if what != "a ledger at rest" {
					if v, _ := l.Fact(ctx, "in the log"); v != "yes" {
						t.Error("what is in the log is not seen")
					}
				}
				if err := l.update(ctx, func(*Tx) error { return nil }); err == nil || !strings.Contains(err.Error(), "read only") {
					t.Errorf("a change: %v", err)
				}
				if err := l.Close(); err != nil {
					t.Error(err)
				}
			}
			if after := lies(t, dir); fmt.Sprint(after) != fmt.Sprint(before) {
				t.Errorf("before %v\nafter  %v", before, after)
			}
		})
	}
}

// fillAt makes a ledger with something in it, and closes it.
func fillAt(t testing.TB, path string) *Ledger {
	t.Helper()
	l := open(t, path)
	fill(t, l)
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	return l
}

func TestWhatIsNoLedgerIsNotTakenForANewOne(t *testing.T) {
	for what, c := range map[string]struct {
		prepare func(path string)
		want    string
	}{
		"an empty file":                    {func(path string) { write(t, path, "") }, "is empty"},
		"a database of another program":    {func(path string) { raw(t, path, `CREATE TABLE x (y)`) }, "another program"},
		"a folder":                         {func(path string) { os.Mkdir(path, 0o755) }, "is a folder"},
		"a log without its file":           {func(path string) { write(t, path+"-wal", "x") }, "what is left of one"},
		"a ledger that was rescued beside": {func(path string) { write(t, path+".rescued-20170714T040000Z", "x") }, "duban restore"},
		"the newer of two copies is named": {func(path string) {
			write(t, path+".rescued-20170714T040000Z", "x")
			write(t, path+".replaced-20180714T040000Z", "x")
		}, "restore %s.replaced-20180714T040000Z"},
		"a text": {func(path string) { write(t, path, strings.Repeat("no database\n", 99)) }, "is not a ledger"},
	} {
		t.Run(what, func(t *testing.T) {
			dir := t.TempDir()
			path := filepath.Join(dir, "l.db")
			c.prepare(path)
			before, _ := os.ReadDir(dir)
			for name, opt := range map[string]Options{"serve": {}, "read": {ReadOnly: true}, "write": {MustExist: true}} {
				l, err := Open(ctx, path, opt)
				if err == nil {
					l.Close()
				}
				want := c.want
				if strings.Contains(want, "%s") {
					want = fmt.Sprintf(want, path)
				}
				if err == nil || !strings.Contains(err.Error(), want) {
					t.Errorf("%s: %v, want …%s…", name, err, want)
				}
			}
			if after, _ := os.ReadDir(dir); len(after) != len(before) {
				t.Errorf("%d files became %d", len(before), len(after))
			}
		})
	}
}

func TestTheSchemaMovesOnlyWhereItMay(t *testing.T) {
	path := filepath.Join(t.TempDir(), "l.db")
	older(t, path)
	if _, err := Open(ctx, path, Options{MustExist: true}); !errors.Is(err, ledger.ErrOlder) {
		t.Errorf("a command that only writes: %v", err)
	}
	if _, err := os.Stat(CopyBefore(path, Schema())); err == nil {
		t.Error("which makes a copy as if the schema moved")
	}
	l := migrated(t, path)
	if n, err := l.Schema(ctx); err != nil || n != Schema() {
		t.Errorf("schema %d, %v", n, err)
	}
}

func TestALedgerThatIsGoneTakesNothingAndIsKept(t *testing.T) {
	for what, c := range map[string]struct {
		harm func(path string)
		want string
	}{
		"the file deleted":      {func(path string) { os.Remove(path) }, "was deleted or moved"},
		"all files deleted":     {func(path string) { removeSQLite(path) }, "was deleted or moved"},
		"the log deleted":       {func(path string) { os.Remove(path + "-wal") }, "-wal was deleted"},
		"the folder moved away": {func(path string) { os.Rename(filepath.Dir(path), filepath.Dir(path)+".away") }, "was deleted or moved"},
		"another put in its place": {func(path string) {
			fillAt(t, path+".other")
			os.Rename(path+".other", path)
		}, "another file lies at"},
	} {
		t.Run(what, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "var", "l.db")
			l := open(t, path)
			fill(t, l)
			if err := l.Present(); err != nil {
				t.Fatal(err)
			}
			c.harm(path)
			err := l.update(ctx, func(tx *Tx) error { return tx.SetFact("x", "y") })
			if !errors.Is(err, ledger.ErrGone) || !strings.Contains(err.Error(), c.want) {
				t.Errorf("a change: %v, want …%s…", err, c.want)
			}
			if v, _ := l.Fact(ctx, "x"); v != "" {
				t.Error("it was written all the same")
			}
			if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
				t.Fatal(err)
			}
			kept, err := l.Rescue(ctx, noon)
			if err != nil {
				t.Fatal(err)
			}
			l.Close()
			// What was kept is whole, and takes its place again.
			if _, _, err := Restore(ctx, kept, path, noon.AddDate(0, 0, 1)); err != nil {
				t.Fatal(err)
			}
			back := open(t, path)
			if v := verified(t, back); v.Occurrences != 3 {
				t.Errorf("%d occurrences were kept", v.Occurrences)
			}
		})
	}
}

// Whoever removes the lock's file lets nobody else in.
func TestOneEvaluatesAlsoWithoutTheLocksFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "l.db")
	fillAt(t, path)
	if d, err := FindDaemon(path); err != nil || d.Runs {
		t.Errorf("nobody runs: %+v %v", d, err)
	}
	release, err := Lock(path)
	if err != nil {
		t.Fatal(err)
	}
	defer release()
	l, err := Open(ctx, path, Options{Sole: true})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if d, err := FindDaemon(path); err != nil || !d.Runs || !d.Holds || d.Pid != fmt.Sprint(os.Getpid()) {
		t.Errorf("somebody runs: %+v %v", d, err)
	}
	if err := os.Remove(lockName(path)); err != nil {
		t.Fatal(err)
	}
	again, err := Lock(path)
	if err != nil {
		t.Fatal(err)
	}
	defer again()
	if _, err := Open(ctx, path, Options{Sole: true}); !errors.Is(err, ledger.ErrTaken) {
		t.Errorf("a second one: %v", err)
	}
	if d, err := FindDaemon(path); err != nil || !d.Holds {
		t.Errorf("after the second one has tried: %+v %v", d, err)
	}
	if err := os.Rename(path, path+".away"); err != nil {
		t.Fatal(err)
	}
	if d, err := FindDaemon(path); err != nil || !d.Runs || d.Holds {
		t.Errorf("its file is elsewhere: %+v %v", d, err)
	}
}
