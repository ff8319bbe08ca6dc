package postgres

import (
	"context"
	"testing"

	"duban/internal/pgtest"
	"duban/ledger"
	"duban/ledger/ledgertest"
)

var ctx = context.Background()

// open opens a new ledger, and closes it when the test ends.
func open(t testing.TB) *Ledger {
	t.Helper()
	return at(t, pgtest.Like(t, "ledger", func(dsn string) error {
		l, err := Open(ctx, dsn, Options{})
		if err != nil {
			return err
		}
		return l.Close()
	}))
}

func at(t testing.TB, dsn string) *Ledger {
	t.Helper()
	l, err := Open(ctx, dsn, Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := l.Close(); err != nil {
			t.Error(err)
		}
	})
	return l
}

func TestWhatAnyEngineMustDo(t *testing.T) {
	ledgertest.Run(t, func(t testing.TB) ledger.Store { return open(t) })
}

func TestWhatAnyEngineMustDoWhileItsTransactionsBreak(t *testing.T) {
	ledgertest.Run(t, func(t testing.TB) ledger.Store { return ledgertest.Faulty(t, open(t)) })
}
