package postgres

import (
	"errors"
	"testing"

	"duban/ledger"
)

// Who reads a long list in turns, and stops reading, has no transaction open: nothing
// keeps the database from clearing away what is old.
func TestAListInTurnsHasNoTransactionOpen(t *testing.T) {
	l := open(t)
	owedIn(t, l, 20)
	others := func() (n int) {
		t.Helper()
		if err := l.pool.QueryRow(ctx, `SELECT COUNT(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() AND state <> 'idle' AND backend_type = 'client backend'`).Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	stopped := errors.New("seen enough")
	for what, err := range map[string]error{
		"occurrences": ledger.OccurrencesInTurn(ctx, l, ledger.Query{}, func(*ledger.Occurrence) error {
			if n := others(); n != 0 {
				t.Errorf("%d work while a reader looks at occurrences", n)
			}
			return stopped
		}),
		"entries": ledger.EntriesInTurn(ctx, l, func(ledger.Entry) error {
			if n := others(); n != 0 {
				t.Errorf("%d work while a reader looks at entries", n)
			}
			return stopped
		}),
		"as of one moment": l.View(ctx, func(r ledger.Reader) error {
			return r.EachOccurrence(ctx, ledger.Query{}, func(*ledger.Occurrence) error {
				if n := others(); n == 0 {
					t.Error("a reader of one moment has no transaction")
				}
				return stopped
			})
		}),
	} {
		if !errors.Is(err, stopped) {
			t.Errorf("%s: %v", what, err)
		}
	}
}
