package sqlite

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"duban/ledger"
)

// older makes a ledger as a duban before the page wrote it: schema 2, kept as
// SQL from the day of that duban.
func older(t testing.TB, path string) {
	t.Helper()
	ofSchema(t, path, 2)
}

// ofSchema makes a ledger as the duban of that schema wrote it.
func ofSchema(t testing.TB, path string, schema int) {
	t.Helper()
	dump, err := os.ReadFile(fmt.Sprintf("testdata/schema-%d.sql", schema))
	if err != nil {
		t.Fatal(err)
	}
	raw(t, path, string(dump))
}

// latest is the schema of this version.
func latest(t testing.TB, l *Ledger) (version int) {
	t.Helper()
	if err := l.read.QueryRow(`SELECT MAX(version_id) FROM goose_db_version`).Scan(&version); err != nil {
		t.Fatal(err)
	}
	return version
}

func verified(t testing.TB, l *Ledger) ledger.Verdict {
	t.Helper()
	v, err := l.Verify(ctx)
	if err != nil || len(v.Problems) > 0 {
		t.Errorf("verify: %v %v", v.Problems, err)
	}
	return v
}

func TestBeforeTheSchemaChangesThereIsACopy(t *testing.T) {
	path := filepath.Join(t.TempDir(), "l.db")
	older(t, path)
	l := migrated(t, path)
	if _, err := l.Accounts(ctx); err != nil {
		t.Errorf("not brought up to date: %v", err)
	}
	if v := verified(t, l); v.Occurrences != 3 {
		t.Errorf("%d occurrences after the change", v.Occurrences)
	}
	version := latest(t, l)
	if all, err := migrations.ReadDir("migrations"); err != nil || !strings.HasPrefix(all[len(all)-1].Name(), fmt.Sprintf("%05d_", version)) {
		t.Errorf("schema %d, %v", version, err)
	}
	kept := fmt.Sprintf("%s.before-schema-%d", path, version)
	raw(t, kept, `SELECT id FROM occurrence`)
	// An interrupted change is gone on with; the copy of the first start stays.
	before, err := os.ReadFile(kept)
	if err != nil {
		t.Fatal(err)
	}
	l.Close()
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	older(t, path)
	migrated(t, path)
	if after, err := os.ReadFile(kept); err != nil || !slices.Equal(before, after) {
		t.Errorf("the first copy was replaced: %v", err)
	}
	// A new ledger needs no copy.
	fresh := filepath.Join(t.TempDir(), "l.db")
	open(t, fresh)
	if found, _ := filepath.Glob(fresh + ".before*"); len(found) > 0 {
		t.Errorf("a new ledger left %v", found)
	}
}

func TestABackupTakesTheLedgersPlaceOrNothingChanges(t *testing.T) {
	dir := t.TempDir()
	path, backup := filepath.Join(dir, "l.db"), filepath.Join(dir, "b.db")
	l := open(t, path)
	fill(t, l)
	if err := l.Backup(ctx, backup); err != nil {
		t.Fatal(err)
	}
	update(t, l, func(tx *Tx) error {
		return tx.Journal(ledger.Entry{At: noon, Actor: "t", Action: "later", Subject: ledger.ParseSubject("x")})
	})
	l.Close()
	state := func() string {
		t.Helper()
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		return string(data)
	}
	before := state()
	bad := func(name string, prepare func(file string)) string {
		t.Helper()
		file := filepath.Join(dir, name)
		data, err := os.ReadFile(backup)
		if err != nil {
			t.Fatal(err)
		}
		write(t, file, string(data))
		prepare(file)
		return file
	}
	for want, file := range map[string]string{
		"is the ledger itself": path,
		"no such file":         filepath.Join(dir, "nothing.db"),
		"is not a ledger":      bad("text.db", func(f string) { write(t, f, strings.Repeat("no database\n", 99)) }),
		"does not prove right": bad("forged.db", func(f string) { raw(t, f, `UPDATE occurrence SET state = 'closed' WHERE id = 2`) }),
		"newer duban":          bad("newer.db", func(f string) { raw(t, f, `INSERT INTO goose_db_version (version_id, is_applied) VALUES (999, 1)`) }),
		"restore":              bad("cut.db", func(f string) { os.Truncate(f, 20000) }),
	} {
		_, _, err := Restore(ctx, file, path, noon)
		if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "nothing was changed") || strings.Contains(err.Error(), ".restoring") {
			t.Errorf("restoring %s: %v, want …%s…", filepath.Base(file), err, want)
		}
		if state() != before {
			t.Fatalf("restoring %s changed the ledger", file)
		}
	}
	kept, v, err := Restore(ctx, backup, path, noon)
	if err != nil || v.Occurrences != 3 {
		t.Fatalf("%v %v", v, err)
	}
	if left, _ := filepath.Glob(path + "*restoring*"); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
	count := func(file string) int {
		t.Helper()
		l := open(t, file)
		defer l.Close()
		return verified(t, l).Entries
	}
	if old, now := count(kept), count(path); old != now+1 {
		t.Errorf("the replaced ledger has %d entries, the restored one %d", old, now)
	}
	// Without a ledger it becomes one; an older backup is brought up to date.
	old := filepath.Join(dir, "old.db")
	older(t, old)
	elsewhere := filepath.Join(dir, "new", "l.db")
	if kept, _, err := Restore(ctx, old, elsewhere, noon); err != nil || kept != "" {
		t.Errorf("kept %q, %v", kept, err)
	}
	if n := count(elsewhere); n == 0 {
		t.Error("nothing was restored")
	}
}

func TestADamagedLedgerIsNoticedBeforeItIsUsed(t *testing.T) {
	path := filepath.Join(t.TempDir(), "l.db")
	l := open(t, path)
	fill(t, l)
	if err := l.Check(ctx); err != nil {
		t.Errorf("a good one: %v", err)
	}
	if err := errors.Join(l.Checkpoint(ctx), l.Close()); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for i := 5 * 4096; i < len(data)-4096; i++ { // the first pages tell what there is
		data[i] ^= 0x55
	}
	write(t, path, string(data))
	bad, err := Open(ctx, path, Options{})
	if err == nil {
		defer bad.Close()
		err = bad.Check(ctx)
	}
	if err == nil || !strings.Contains(err.Error(), "damaged") || !strings.Contains(err.Error(), "restore") {
		t.Errorf("damaged: %v", err)
	}
}

func TestTextsOfMailGoAndTheirStoryStays(t *testing.T) {
	l := open(t, filepath.Join(t.TempDir(), "l.db"))
	for i, made := range []time.Time{noon.AddDate(-2, 0, 0), noon.AddDate(0, 0, -10)} {
		update(t, l, func(tx *Tx) error {
			n := &ledger.Notice{Kind: ledger.Admin, Day: 17357, MessageID: string(rune('a' + i)), Subject: "s", State: ledger.Pending, Created: made, NextTry: made, GiveUp: made, Recipients: []ledger.Recipient{{Address: "a@x.example"}}}
			if err := tx.AddNotice(n, ledger.Entry{At: made, Actor: "t"}); err != nil {
				return err
			}
			n.Body = []byte("bytes")
			if err := tx.Claim([]*ledger.Notice{n}, ledger.Lease{}); err != nil {
				return err
			}
			n.State, n.SentAt, n.Attempts = ledger.Sent, made, 1
			n.Recipients = []ledger.Recipient{{Address: "a@x.example", State: ledger.Sent}}
			return tx.Settle([]ledger.Settled{{Notice: n, Outcome: "sent", Detail: "250 ok"}}, ledger.Entry{At: made, Actor: "t"})
		})
	}
	var gone int
	update(t, l, func(tx *Tx) (err error) {
		gone, err = tx.DropBodies(noon.AddDate(-1, 0, 0), 100, ledger.Entry{At: noon, Actor: "t"})
		return err
	})
	old, err := l.Notice(ctx, 1)
	if err != nil {
		t.Fatal(err)
	}
	young, err := l.Notice(ctx, 2)
	if err != nil {
		t.Fatal(err)
	}
	tries, err := l.Attempts(ctx, 1)
	if err != nil {
		t.Fatal(err)
	}
	if gone != 1 || old.Body != nil || string(young.Body) != "bytes" || old.State != ledger.Sent || old.Subject != "s" || len(tries) != 1 {
		t.Errorf("%d gone; old %+v, young %+v, %d tries", gone, old, young, len(tries))
	}
	verified(t, l)
}
