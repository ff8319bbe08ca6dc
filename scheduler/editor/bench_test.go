package editor_test

import (
	"fmt"
	"strings"
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

func manyDuties(b *testing.B, units int, within string) *rules.Set {
	dir := b.TempDir()
	var unitText, text strings.Builder
	fmt.Fprintf(&unitText, "[[unit]]\nid=\"boss\"\nname=\"B\"\nmail=[\"boss@x.example\"]\n")
	members := make([]string, units)
	for i := range units {
		members[i] = fmt.Sprintf("%q", fmt.Sprintf("u%d", i))
		fmt.Fprintf(&unitText, "[[unit]]\nid=\"u%d\"\nname=\"U%d\"\nmail=[\"u%d@x.example\"]\nsupervisor=\"boss\"\n", i, i, i)
	}
	fmt.Fprintf(&unitText, "[[group]]\nid=\"all\"\nmembers=[%s]\n", strings.Join(members, ","))
	for i := range 200 {
		text.WriteString(world.Ob(fmt.Sprintf("o%d", i), `["@all"]`, "every=\"month\"\nwithin=\""+within+"\"\npolicy=\"standard\""))
		within = "15 working days"
	}
	world.WriteAll(b, dir, map[string]string{"plan.toml": world.PlanHead, "units.toml": unitText.String(), "obligations/01.toml": text.String()})
	set, problems := planfile.Load(planfile.Sources{Plans: []string{dir}})
	if err := problems.Err(); err != nil {
		b.Fatal(err)
	}
	return set
}

// BenchmarkEdit200000Duties is what the first preview of an edit takes, the day
// after 1,000 units were told of 200 obligations each.
func BenchmarkEdit200000Duties(b *testing.B) {
	units := 1000
	if testing.Short() {
		units = 50
	}
	before, after := manyDuties(b, units, "15 working days"), manyDuties(b, units, "10 working days")
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
