package editor_test

import (
	"testing"

	_ "github.com/mattn/go-sqlite3" // the driver
	"github.com/rs/zerolog"

	"duban/internal/world"
	"duban/rules"
	"duban/rules/calendar"
	"duban/rules/planfile"
	"duban/rules/problem"
	"duban/scheduler/editor"
)

// BenchmarkEdit200000Duties is what the first preview of an edit takes, the day
// after 1,000 units were told of 200 obligations each.
func BenchmarkEdit200000Duties(b *testing.B) {
	units := 1000
	if testing.Short() {
		units = 50
	}
	before, after := world.City(b, units, "15 working days"), world.City(b, units, "10 working days")
	w := world.New(b, before, "2017-06-09 09:00")
	w.Settings().MaxNoticesPerTick = 0
	if _, err := w.Daemon.Tick(b.Context(), w.Now); err != nil {
		b.Fatal(err)
	}
	w.At("2017-06-12 09:00")
	if _, err := w.Daemon.Tick(b.Context(), w.Now); err != nil {
		b.Fatal(err)
	}
	ed := editor.New(w.Ledger, w.View, func(func(*planfile.Sources)) (*rules.Set, *problem.List) { return after, &problem.List{} }, nil, zerolog.Nop())
	for b.Loop() {
		r, _, err := ed.RehearseYear(b.Context(), calendar.Year{})
		if err != nil || len(r.Changes) != units {
			b.Fatal(len(r.Changes), err)
		}
	}
}
