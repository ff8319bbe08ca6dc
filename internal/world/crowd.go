package world

import (
	"context"
	"database/sql"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"duban/ledger/sqlite"
	"duban/rules"
	"duban/rules/planfile"
)

// Crowd is a ledger on disk, written as the daemon writes it, with so many
// open occurrences of 50 units.
func Crowd(b *testing.B, open int) (*World, *sql.DB) {
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
	WriteAll(b, dir, map[string]string{
		"plan.toml":  "id=\"p\"\ntitle=\"P\"\nstarts=2017-06-09\n[policy.daily]\nremind=[]\noverdue=\"every working day\"\n",
		"units.toml": unitText.String(), "obligations/01.toml": text.String(),
	})
	set, problems := planfile.Load(planfile.Sources{Plans: []string{dir}})
	if err := problems.Err(); err != nil {
		b.Fatal(err)
	}
	w := Empty(b, b.TempDir())
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

// City are the rules of so many units that owe 200 obligations each; within is
// that of the first of them.
func City(b *testing.B, units int, within string) *rules.Set {
	return Province(b, units, 200, within)
}

// Province is City with so many obligations.
func Province(b testing.TB, units, obligations int, within string) *rules.Set {
	dir := b.TempDir()
	var unitText, text strings.Builder
	fmt.Fprintf(&unitText, "[[unit]]\nid=\"boss\"\nname=\"B\"\nmail=[\"boss@x.example\"]\n")
	members := make([]string, units)
	for i := range units {
		members[i] = fmt.Sprintf("%q", fmt.Sprintf("u%d", i))
		fmt.Fprintf(&unitText, "[[unit]]\nid=\"u%d\"\nname=\"U%d\"\nmail=[\"u%d@x.example\"]\nsupervisor=\"boss\"\n", i, i, i)
	}
	fmt.Fprintf(&unitText, "[[group]]\nid=\"all\"\nmembers=[%s]\n", strings.Join(members, ","))
	for i := range obligations {
		text.WriteString(Ob(fmt.Sprintf("o%d", i), `["@all"]`, "every=\"month\"\nwithin=\""+within+"\"\npolicy=\"standard\""))
		within = "15 working days"
	}
	WriteAll(b, dir, map[string]string{"plan.toml": PlanHead, "units.toml": unitText.String(), "obligations/01.toml": text.String()})
	set, problems := planfile.Load(planfile.Sources{Plans: []string{dir}})
	if err := problems.Err(); err != nil {
		b.Fatal(err)
	}
	return set
}
