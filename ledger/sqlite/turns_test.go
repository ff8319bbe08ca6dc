package sqlite

import (
	"errors"
	"fmt"
	"path/filepath"
	"testing"

	"duban/ledger"
)

// Who reads a long list in turns, and stops reading, keeps no log from being copied back.
func TestAListInTurnsHoldsUpNoCheckpoint(t *testing.T) {
	l := open(t, filepath.Join(t.TempDir(), "l.db"))
	update(t, l, func(tx *Tx) error {
		if _, err := tx.engine.Exec(aRule); err != nil {
			return err
		}
		_, err := tx.AddOccurrences(many(tx, 0, 20), made)
		return err
	})
	writes := 0
	left := func() int { // pages of the log that cannot be copied back
		t.Helper()
		writes++
		if err := l.update(ctx, func(tx *Tx) error { return tx.SetFact("x", fmt.Sprint(writes)) }); err != nil {
			t.Fatal(err)
		}
		var busy, log, copied int
		if err := l.write.QueryRowContext(ctx, `PRAGMA wal_checkpoint(PASSIVE)`).Scan(&busy, &log, &copied); err != nil {
			t.Fatal(err)
		}
		return log - copied
	}
	stopped := errors.New("seen enough")
	look := func(what string, some bool) {
		t.Helper()
		if n := left(); n > 0 != some {
			t.Errorf("%s: %d pages are left in the log", what, n)
		}
	}
	for what, read := range map[string]func(func(string)) error{
		"occurrences": func(f func(string)) error {
			return ledger.OccurrencesInTurn(ctx, l, ledger.Query{}, func(*ledger.Occurrence) error { f("occurrences"); return stopped })
		},
		"entries": func(f func(string)) error {
			return ledger.EntriesInTurn(ctx, l, func(ledger.Entry) error { f("entries"); return stopped })
		},
	} {
		if err := read(func(what string) { look(what, false) }); !errors.Is(err, stopped) {
			t.Errorf("%s: %v", what, err)
		}
	}
	if err := l.EachOccurrence(ctx, ledger.Query{}, func(*ledger.Occurrence) error { look("as of one moment", true); return stopped }); !errors.Is(err, stopped) {
		t.Error(err)
	}
}
