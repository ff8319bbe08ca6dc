package tables_test

import (
	"context"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"duban/ledger"
	"duban/ledger/sqlite"
	"duban/ledger/tables"
	"duban/rules"
)

var ctx = context.Background()

func TestManyRowsAreToldBySeveralEntries(t *testing.T) {
	text, line := *tables.MuchText, *tables.LongestLine
	defer func() { *tables.MuchText, *tables.LongestLine = text, line }()
	*tables.MuchText, *tables.LongestLine = 2000, 20
	for _, n := range []int{1, 30, tables.Together + 7, 3 * tables.Together} {
		l, err := sqlite.Open(ctx, filepath.Join(t.TempDir(), "l.db"), sqlite.Options{})
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		at := time.Unix(1500000000, 0)
		err = l.Update(ctx, func(tx ledger.Tx) error {
			rule, err := tx.Rule(&rules.Obligation{Plan: &rules.Plan{ID: "p"}, ID: "m", Title: "T"}, at)
			if err != nil {
				return err
			}
			var all []*ledger.Occurrence
			for i := range n {
				all = append(all, &ledger.Occurrence{Plan: "p", Obligation: "m", Unit: "u", Period: fmt.Sprint("k", i), Rule: rule,
					Anchor: 17000, FirstDue: 17010, Due: 17010, State: ledger.StateOpen, NextReminder: 17005})
			}
			_, err = tx.AddOccurrences(all, ledger.Entry{At: at, Actor: "test"})
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		tell, most := 0, 0
		err = tables.EachEntry(l.Questions, ctx, func(e ledger.Entry) error {
			if e.Rows != "" {
				tell, most = tell+1, max(most, len(e.Rows))
			}
			return nil
		})
		if err != nil || tell < n*17/3000 || tell < 1 || n > 200 && most > 4000 {
			t.Errorf("%d rows are told by %d entries, of %d bytes at most: %v", n, tell, most, err)
		}
		if v, err := l.Verify(ctx); err != nil || len(v.Problems) > 0 || v.Occurrences != n {
			t.Errorf("%d rows: %+v, %v", n, v, err)
		}
	}
}
