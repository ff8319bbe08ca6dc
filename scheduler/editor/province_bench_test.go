package editor_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"duban/internal/province"
	"duban/internal/world"
	"duban/rules"
	"duban/rules/calendar"
	"duban/rules/planfile"
	"duban/rules/problem"
	"duban/scheduler/editor"
)

// BenchmarkProvinceEdit is an edit of one rule that all units of a province follow: what
// its preview takes, and the tick that takes it over.
func BenchmarkProvinceEdit(b *testing.B) {
	for _, engine := range province.Engines {
		b.Run(fmt.Sprintf("%s/occurrences=%d", engine, province.Asked()), func(b *testing.B) { editOf(b, engine) })
	}
}

func editOf(b *testing.B, engine string) {
	p := province.Open(b, engine, province.Asked())
	p.Quiet(b)
	w := world.Empty(b, b.TempDir()).At(province.Begins)
	w.With(p.Store, p.Rules)
	w.Settings().MaxNoticesPerTick = 0
	w.Now = p.Last(b).Add(time.Minute)
	tick := func() {
		w.Now = w.Now.Add(time.Minute)
		if _, err := w.Daemon.Tick(b.Context(), w.Now); err != nil {
			b.Fatal(err)
		}
	}
	other := world.Province(b, p.Units, p.Obligations, "10 working days")
	next := func() *rules.Set {
		if w.Daemon.Rules() == p.Rules {
			return other
		}
		return p.Rules
	}
	tick()
	ed := editor.New(w.Ledger, w.View, func(func(*planfile.Sources)) (*rules.Set, *problem.List) { return next(), &problem.List{} }, nil, zerolog.Nop())
	b.Run("preview", func(b *testing.B) {
		for b.Loop() {
			if r, _, err := ed.RehearseYear(b.Context(), calendar.Year{}); err != nil || len(r.Changes) < p.Units {
				b.Fatal(len(r.Changes), err)
			}
		}
	})
	b.Run("edit", func(b *testing.B) {
		for b.Loop() {
			w.Daemon.SetRules(next())
			tick()
		}
	})
	w.Daemon.SetRules(p.Rules)
	tick()
}
