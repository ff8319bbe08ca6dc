package engine_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	_ "github.com/mattn/go-sqlite3" // the driver

	"duban/internal/world"
	"duban/ledger"
)

func benchmarkTick(b *testing.B, open, due int) {
	w, db := world.Crowd(b, open)
	day := world.Date(b, "2017-07-03")
	for b.Loop() {
		b.StopTimer()
		day = w.View().Workdays().Add(day, 1)
		w.Now = day.At(9*60, w.Settings().Timezone)
		if err := w.Ledger.Update(context.Background(), func(tx ledger.Tx) error {
			if err := tx.SetFact("tick", w.Now.Add(-5*time.Minute).UTC().Format(time.RFC3339)); err != nil {
				return err
			}
			return tx.SetFact("day", day.String())
		}); err != nil {
			b.Fatal(err)
		}
		if due > 0 {
			// The due ones lie all over the table.
			if _, err := db.Exec(`UPDATE occurrence SET told_through = ?, next_reminder = ? WHERE id % ? = 1`, (day - 5).String(), day.String(), open/due); err != nil {
				b.Fatal(err)
			}
		}
		b.StartTimer()
		r, err := w.Daemon.Tick(context.Background(), w.Now)
		if err != nil {
			b.Fatal(err)
		}
		if due > 0 && r.Notices == 0 {
			b.Fatal("nothing was said")
		}
		b.StopTimer()
		if _, err := db.Exec(`UPDATE occurrence SET next_reminder = '2099-12-31' WHERE next_reminder < '2099-01-01'`); err != nil {
			b.Fatal(err)
		}
		if _, err := db.Exec(`UPDATE notice SET state = 'sent', next_attempt = NULL WHERE state = 'pending'; PRAGMA wal_checkpoint(TRUNCATE)`); err != nil {
			b.Fatal(err)
		}
		b.StartTimer()
	}
}

func BenchmarkTickNothingDue(b *testing.B) {
	for _, open := range []int{10_000, 1_000_000} {
		b.Run(fmt.Sprintf("open=%d", open), func(b *testing.B) { benchmarkTick(b, open, 0) })
	}
}

func BenchmarkTick1000Due(b *testing.B) {
	for _, open := range []int{10_000, 1_000_000} {
		b.Run(fmt.Sprintf("open=%d", open), func(b *testing.B) { benchmarkTick(b, open, 1000) })
	}
}

// manyDuties are the rules of so many units that owe 200 obligations each; within is
// that of the first of them.
