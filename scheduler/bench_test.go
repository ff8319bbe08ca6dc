package scheduler_test

import (
	"context"
	"database/sql"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	_ "github.com/mattn/go-sqlite3" // the driver
	"github.com/rs/zerolog"

	"duban/internal/world"
	"duban/ledger"
	"duban/ledger/sqlite"
	"duban/rules"
	"duban/rules/calendar"
	"duban/rules/planfile"
	"duban/rules/problem"
	"duban/scheduler/editor"
)

// benchWorld is a ledger on disk, written as the daemon writes it, with so many
// open occurrences of 50 units.
func benchWorld(b *testing.B, open int) (*world.World, *sql.DB) {
	b.Helper()
	const obligations, units = 20, 50
	var text, unitText strings.Builder
	for i := range obligations {
		fmt.Fprintf(&text, "[[obligation]]\nid=\"o%d\"\ntitle=\"事项%d\"\nunits=[\"@all\"]\nevent=\"e%d\"\nwithin=\"10 working days\"\npolicy=\"daily\"\n", i, i, i)
	}
	var members []string
	for i := range units {
		fmt.Fprintf(&unitText, "[[unit]]\nid=\"u%d\"\nname=\"单位%d\"\nmail=[\"u%d@x.example\"]\n", i, i, i)
		members = append(members, fmt.Sprintf("%q", fmt.Sprintf("u%d", i)))
	}
	fmt.Fprintf(&unitText, "[[group]]\nid=\"all\"\nmembers=[%s]\n", strings.Join(members, ","))
	dir := b.TempDir()
	world.WriteAll(b, dir, map[string]string{
		"plan.toml":  "id=\"p\"\ntitle=\"P\"\nstarts=2017-06-09\n[policy.daily]\nremind=[]\noverdue=\"every working day\"\n",
		"units.toml": unitText.String(), "obligations/01.toml": text.String(),
	})
	set, problems := planfile.Load(planfile.Sources{Plans: []string{dir}})
	if err := problems.Err(); err != nil {
		b.Fatal(err)
	}
	w := world.Empty(b, b.TempDir())
	w.At("2017-07-03 09:00")
	path := filepath.Join(w.Dir, "ledger.db")
	l, err := sqlite.Open(context.Background(), path, sqlite.Options{})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { l.Close() })
	w.With(l, set)
	w.Settings().AssignOnStart = false
	if _, err := w.Daemon.Tick(context.Background(), w.Now); err != nil {
		b.Fatal(err)
	}
	db, err := sql.Open("sqlite3", path+"?_busy_timeout=10000")
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { db.Close() })
	_, err = db.Exec(`WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i+1 FROM n WHERE i+1 < ?)
		INSERT INTO occurrence (plan, obligation, unit, period, rule, anchor, first_due, due, provisional, state, told_through, next_reminder)
		SELECT 'p', 'o' || (i % 20), 'u' || (i / 20 % 50), 'k' || (i / 1000), (SELECT id FROM rule WHERE obligation = 'o' || (i % 20)),
		'2017-06-09', '2017-06-23', '2017-06-23', 0, 'open', '2017-06-30', '2099-12-31' FROM n`, open)
	if err != nil {
		b.Fatal(err)
	}
	if _, err := db.Exec(`ANALYZE; PRAGMA wal_checkpoint(TRUNCATE)`); err != nil {
		b.Fatal(err)
	}
	return w, db
}

func benchmarkTick(b *testing.B, open, due int) {
	w, db := benchWorld(b, open)
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
