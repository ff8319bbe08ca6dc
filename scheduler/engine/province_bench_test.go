package engine_test

import (
	"fmt"
	"testing"
	"time"

	"duban/internal/province"
	"duban/internal/world"
	"duban/ledger"
)

// tickOf ticks on a province's ledger, on one working day after the other; before each,
// due occurrences have come to their next reminder.
func tickOf(b *testing.B, engine string, occurrences, due int) {
	p := province.Open(b, engine, occurrences)
	w := world.Empty(b, b.TempDir())
	w.At(province.Begins)
	w.With(p.Store, p.Rules)
	w.Settings().MaxNoticesPerTick = 0
	p.Quiet(b)
	some := province.In(p.Some(b, max(due, 1)))
	day := world.Date(b, "2017-07-24") // all that goes on is overdue
	tick := func() int {
		r, err := w.Daemon.Tick(b.Context(), w.Now)
		if err != nil {
			b.Fatal(err)
		}
		return r.Notices
	}
	turn := func(minutes int) {
		w.Now = day.At(9*60+minutes, w.Settings().Timezone)
		if err := w.Ledger.Update(b.Context(), func(tx ledger.Tx) error {
			if err := tx.SetFact("tick", w.Now.Add(-5*time.Minute).UTC().Format(time.RFC3339)); err != nil {
				return err
			}
			return tx.SetFact("day", day.String())
		}); err != nil {
			b.Fatal(err)
		}
	}
	turn(0)
	tick() // the daemon has started
	for b.Loop() {
		b.StopTimer()
		turn(5)
		if due > 0 {
			if err := p.Behind(b, `UPDATE occurrence SET told_through = '`+(day-5).String()+`', next_reminder = '`+day.String()+`' WHERE id IN `+some); err != nil {
				b.Fatal(err)
			}
		}
		p.Tidy(b)
		if due == 0 { // as most ticks are: the one before found nothing either
			tick()
		}
		b.StartTimer()
		n := tick()
		b.StopTimer()
		if due > 0 && n == 0 || due == 0 && n > 0 {
			b.Fatal(n, "notices were made")
		}
		p.Quiet(b)
		day = w.View().Workdays().Add(day, 1)
		b.StartTimer()
	}
}

// BenchmarkProvinceTick is a tick on ten thousand occurrences and on as many as are
// asked for, in both engines.
func BenchmarkProvinceTick(b *testing.B) {
	for _, due := range []int{0, 1000} {
		for _, engine := range province.Engines {
			for _, occurrences := range province.Sizes() {
				b.Run(fmt.Sprintf("due=%d/%s/occurrences=%d", due, engine, occurrences), func(b *testing.B) { tickOf(b, engine, occurrences, due) })
			}
		}
	}
}
