package engine_test

import (
	"context"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	_ "github.com/mattn/go-sqlite3" // the driver

	"duban/internal/pgtest"
	"duban/internal/province"
	"duban/internal/world"
	"duban/ledger"
	"duban/ledger/postgres"
	"duban/ledger/sqlite"
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

// BenchmarkFirstTick200000Duties is what it takes to meet the rules of 1,000
// units that owe 200 obligations each, on disk as the daemon writes it.
func BenchmarkFirstTick200000Duties(b *testing.B) {
	for name, assign := range map[string]bool{"silent": false, "assigned": true} {
		b.Run(name, func(b *testing.B) { benchmarkFirstTick(b, "sqlite", 1000, assign) })
	}
}

// BenchmarkFirstTickOfAProvince is the same, silent, of 3,000 units, in either engine.
func BenchmarkFirstTickOfAProvince(b *testing.B) {
	for _, engine := range province.Engines {
		b.Run(engine, func(b *testing.B) { benchmarkFirstTick(b, engine, 3000, false) })
	}
}

func benchmarkFirstTick(b *testing.B, engine string, units int, assign bool) {
	if testing.Short() {
		units = 50
	}
	set := world.City(b, units, "15 working days")
	for b.Loop() {
		b.StopTimer()
		l := emptyOnDisk(b, engine)
		w := world.Empty(b, b.TempDir())
		w.At("2017-06-09 09:00")
		w.With(l, set)
		w.Settings().AssignOnStart, w.Settings().MaxNoticesPerTick = assign, 0
		b.StartTimer()
		r, err := w.Daemon.Tick(b.Context(), w.Now)
		if err != nil || (r.Notices == 0) == assign {
			b.Fatal(r.Notices, err)
		}
		b.StopTimer()
		if err := l.Close(); err != nil {
			b.Fatal(err)
		}
		b.StartTimer()
	}
}

func emptyOnDisk(b *testing.B, engine string) ledger.Store {
	var l ledger.Store
	var err error
	if engine == "sqlite" {
		l, err = sqlite.Open(b.Context(), filepath.Join(b.TempDir(), "ledger.db"), sqlite.Options{})
	} else {
		l, err = postgres.Open(b.Context(), pgtest.Start(b).Database(b), postgres.Options{})
	}
	if err != nil {
		b.Fatal(err)
	}
	return l
}
