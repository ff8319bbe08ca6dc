package config

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"duban/internal/world"
	"duban/rules/problem"
)

func TestWhichPlansThereAre(t *testing.T) {
	dir := t.TempDir()
	world.WriteAll(t, dir, map[string]string{
		"plans/b/plan.toml": "", "plans/a/plan.toml": "", "plans/empty/units.toml": "", "plans/.new-c/plan.toml": "", "plans/note.txt": "", "apart/plan.toml": "",
	})
	file := filepath.Join(dir, "config.toml")
	for _, c := range []struct {
		what, plans string
		want        []string // below dir
		home        string
		wrong       string
	}{
		{"by name", `["apart"]`, []string{"apart"}, ".", ""},
		{"by pattern, in order, hidden ones and those without a plan left out", `["plans/*"]`, []string{"plans/a", "plans/b"}, "plans", ""},
		{"each once", `["plans/b", "plans/*", "plans/b/"]`, []string{"plans/b", "plans/a"}, "plans", ""},
		{"a pattern of folders", `["*/a"]`, []string{"plans/a"}, ".", ""},
		{"nothing matches", `["other/*"]`, nil, "other", `no folder matches "other/*"`},
		{"no pattern", `["plans/["]`, nil, "plans", `"plans/[" is no pattern`},
		{"none", `[]`, nil, "rules/plans", "names no plan"},
		{"no list", `"plans/*"`, nil, "rules/plans", "plans"},
	} {
		if err := os.WriteFile(file, []byte("plans = "+c.plans+"\n"), 0o644); err != nil {
			t.Fatal(err)
		}
		problems := &problem.List{}
		got := Read(file, problems)
		var want []string
		for _, p := range c.want {
			want = append(want, filepath.Join(dir, p))
		}
		home := filepath.Join(dir, c.home)
		if c.home == "rules/plans" {
			home = c.home
		}
		var plans []string
		for _, p := range got.Plans {
			plans = append(plans, filepath.Clean(p))
		}
		if err := problems.Err(); c.wrong == "" && (err != nil || !slices.Equal(plans, want) || got.PlanHome != home) {
			t.Errorf("%s: %q below %s, want %q below %s: %v", c.what, plans, got.PlanHome, want, home, err)
		} else if c.wrong != "" && (err == nil || !strings.Contains(err.Error(), c.wrong)) {
			t.Errorf("%s: says %v, want …%s…", c.what, err, c.wrong)
		}
	}
}

func TestANewPlanIsListedWhereNoPatternNamesIt(t *testing.T) {
	dir := t.TempDir()
	world.WriteAll(t, dir, map[string]string{"plans/a/plan.toml": ""})
	file := filepath.Join(dir, "config.toml")
	for _, c := range []struct{ what, text, want string }{
		{"a pattern names it", "plans = [\"plans/*\"]\n", ""},
		{"none does", "plans = [\"plans/a\"] # mine\n[web]\n", "plans = [\"plans/a\", \"plans/new\"] # mine\n[web]\n"},
		{"another pattern", "plans = [\"plans/a*\"]\n", "plans = [\"plans/a*\", \"plans/new\"]\n"},
		{"a path from the root", "plans = [\"" + dir + "/plans/a\"]\n", "plans = [\"" + dir + "/plans/a\", \"plans/new\"]\n"},
	} {
		if err := os.WriteFile(file, []byte(c.text), 0o644); err != nil {
			t.Fatal(err)
		}
		got := Read(file, &problem.List{})
		data, err := got.Listed(got.PlanFolder("new"))
		if err != nil || string(data) != c.want {
			t.Errorf("%s: %v\n%s\nwant\n%s", c.what, err, data, c.want)
		}
	}
	if _, err := (&Config{PlanHome: "rules/plans"}).Listed("rules/plans/new"); err == nil || !strings.Contains(err.Error(), "duban init") {
		t.Errorf("without a configuration: %v", err)
	}
}
