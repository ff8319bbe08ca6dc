package world

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"duban/rules"
	"duban/rules/address"
	"duban/rules/calendar"
	"duban/rules/planfile"
	"duban/scheduler/engine"
)

// PlanHead is the plan.toml of the tests.
const PlanHead = `id = "p"
title = "方案"
starts = 2017-06-09
[policy.standard]
remind = ["7 working days before", "3 working days before", "on the day"]
overdue = "every 2 working days"
escalate = "3 working days after"
[policy.plain]
remind = ["5 days before", "on the day"]
overdue = "every 7 days"
escalate = "2 days after"
[policy.tracked]
remind = []
`

// PlanUnits is their units.toml.
const PlanUnits = `[[unit]]
id = "boss"
name = "市政府办公室"
mail = ["boss@x.example"]
[[unit]]
id = "a"
name = "甲局"
name_en = "Bureau A"
mail = ["a@x.example"]
supervisor = "boss"
[[unit]]
id = "b"
name = "乙局"
name_en = "Bureau B"
mail = ["b@x.example", "b2@x.example"]
cc = ["copy@x.example"]
supervisor = "boss"
language = "en"
[[unit]]
id = "c"
name = "丙镇"
mail = ["c@x.example"]
supervisor = "boss"
[[group]]
id = "all"
members = ["a", "b", "c"]
`

// Settings are those of an office.
func Settings() engine.Settings {
	shanghai, err := time.LoadLocation("Asia/Shanghai")
	if err != nil {
		panic(err)
	}
	return engine.Settings{
		Language: "zh-CN", Timezone: shanghai, WindowFrom: 8*60 + 30, WindowTo: 17*60 + 30, MaxNoticesPerTick: 500,
		AssignOnStart: true, From: address.Must("督办提醒 <duban@x.example>"), Admins: []address.Address{address.Must("admin@x.example")},
	}
}

// Rules loads a plan made of these obligations.
func Rules(t testing.TB, obligations string, years ...calendar.Year) *rules.Set {
	return RulesWith(t, PlanHead, obligations, years...)
}

// RulesWith is Rules with another plan.toml.
func RulesWith(t testing.TB, head, obligations string, years ...calendar.Year) *rules.Set {
	t.Helper()
	return RulesFrom(t, head, PlanUnits, obligations, years...)
}

// RulesFrom is Rules with other units as well.
func RulesFrom(t testing.TB, head, units, obligations string, years ...calendar.Year) *rules.Set {
	t.Helper()
	dir := t.TempDir()
	WriteAll(t, dir, map[string]string{"plan.toml": head, "units.toml": units, "obligations/01.toml": obligations})
	set, problems := planfile.Load(planfile.Sources{Plans: []string{dir}, Years: years})
	if err := problems.Err(); err != nil {
		t.Fatal(err)
	}
	return set
}

// WriteAll writes files below a folder.
func WriteAll(t testing.TB, dir string, files map[string]string) {
	t.Helper()
	for name, text := range files {
		name = filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// Ob is an obligation of that id and units; lines say how it recurs.
func Ob(id, units, lines string) string {
	return fmt.Sprintf("[[obligation]]\nid=%q\nref=\"1.1\"\ntitle=\"事项%s\"\ntitle_en=\"Item %s\"\nunits=%s\n%s\n", id, id, id, units, lines)
}
