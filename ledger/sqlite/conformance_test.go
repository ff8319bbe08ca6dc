package sqlite

import (
	"context"
	"path/filepath"
	"testing"

	"duban/ledger"
	"duban/ledger/ledgertest"
)

func TestWhatAnyEngineMustDo(t *testing.T) {
	ledgertest.Run(t, func(t testing.TB) ledger.Store { return open(t, filepath.Join(t.TempDir(), "l.db")) })
}

func TestWhatAnyEngineMustDoWhileItsTransactionsBreak(t *testing.T) {
	ledgertest.Run(t, func(t testing.TB) ledger.Store {
		return ledgertest.Faulty(t, open(t, filepath.Join(t.TempDir(), "l.db")))
	})
}

// sloppy keeps what a transaction did that failed.
type sloppy struct{ ledger.Store }

func (s sloppy) Update(ctx context.Context, f func(ledger.Tx) error) error {
	var failed error
	if err := s.Store.Update(ctx, func(tx ledger.Tx) error { failed = f(tx); return nil }); err != nil {
		return err
	}
	return failed
}

// counting counts what a test is told.
type counting struct {
	testing.TB
	told int
}

func (c *counting) Errorf(string, ...any) { c.told++ }

func TestAnEngineThatKeepsHalfIsFound(t *testing.T) {
	c := &counting{TB: t}
	s := ledgertest.Faulty(c, sloppy{open(t, filepath.Join(t.TempDir(), "l.db"))})
	err := s.Update(ctx, func(tx ledger.Tx) error {
		return tx.SaveAccount(&ledger.Account{Name: "li", Role: ledger.RoleViewer, Password: "p", Created: noon}, ledger.Entry{At: noon, Action: "account added"})
	})
	if err != nil || c.told != 1 {
		t.Errorf("told of %d, %v", c.told, err)
	}
}
