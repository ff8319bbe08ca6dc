package planfile

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestOnlyTheLineOfTheDraftChanges(t *testing.T) {
	for _, tc := range []struct{ what, draft, published string }{
		{"at the end of the head", "id = \"a\"\ndraft = true\n\n[policy.p]\nremind = []\n", "id = \"a\"\n\n[policy.p]\nremind = []\n"},
		{"with a comment of its own", "draft = true # until the mayor has seen it\nid = \"a\"\n", "id = \"a\"\n"},
		{"a policy of that name keeps it", "id = \"a\"\ndraft = true\n# of reminders\n[policy.draft]\nremind = []\n", "id = \"a\"\n# of reminders\n[policy.draft]\nremind = []\n"},
		{"the file of another system", "id = \"a\"\r\ndraft = true\r\n[policy.p]\r\n", "id = \"a\"\r\n[policy.p]\r\n"},
		{"the last line without an end", "id = \"a\"\ndraft = true", "id = \"a\""},
	} {
		got, err := SetDraft([]byte(tc.draft), false)
		if err != nil || string(got) != tc.published {
			t.Errorf("%s: published it is %q, want %q (%v)", tc.what, got, tc.published, err)
		}
		again, err := SetDraft(got, true)
		if err != nil || strings.Count(string(again), "draft = true") != 1 && strings.Count(string(again), "draft= true") != 1 {
			t.Errorf("%s: a draft again it is %q (%v)", tc.what, again, err)
		}
		if back, err := SetDraft(again, false); err != nil || strings.ReplaceAll(string(back), "\r", "") != strings.ReplaceAll(tc.published, "\r", "") {
			t.Errorf("%s: and back %q (%v)", tc.what, back, err)
		}
	}
	if _, err := SetDraft([]byte("id = \n"), true); err == nil {
		t.Error("a file that cannot be read was changed")
	}
}

// What is wrong inside a draft stops nothing in force, wherever the draft stands in
// the list; what is wrong elsewhere is an error as ever.
func TestErrorsInsideADraftStopNothingElse(t *testing.T) {
	dir := t.TempDir()
	write := func(plan, file, text string) {
		t.Helper()
		file = filepath.Join(dir, plan, file)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	const ob = "[[obligation]]\nid=\"o\"\ntitle=\"t\"\nunits=[\"u\"]\nevery=\"month\"\npolicy=\"p\"\n"
	const head = "title=\"t\"\nstarts=2017-01-01\n[policy.p]\nremind=[]\n"
	write("d", "plan.toml", "id=\"d\"\ndraft=true\n"+head)
	write("d", "units.toml", "[[unit]]\nid=\"u\"\nname=\"other\"\nmail=[\"x@y.example\"]\n[[unit]]\nid=\"new\"\nname=\"new\"\nmail=[]\n")
	write("d", "obligations/1.toml", ob+"within=\"2 fortnights\"\n[[obligation]]\nid=\"broken\n")
	write("f", "plan.toml", "id=\"f\"\n"+head)
	write("f", "units.toml", "[[unit]]\nid=\"u\"\nname=\"u\"\nmail=[\"u@y.example\"]\n")
	write("f", "obligations/1.toml", ob)
	for _, plans := range [][]string{{"d", "f"}, {"f", "d"}} {
		set, problems := Load(Sources{Plans: []string{filepath.Join(dir, plans[0]) + "/", filepath.Join(dir, plans[1])}})
		if err := problems.Err(); err != nil {
			t.Errorf("%v: stopped by %v", plans, err)
		}
		var told []string
		for _, p := range problems.InDrafts() {
			told = append(told, p.String())
		}
		for _, want := range []string{"fortnights", "no address", "already defined otherwise", "1.toml:9"} {
			if !strings.Contains(strings.Join(told, "\n"), want) {
				t.Errorf("%v: of %q nothing is told:\n%s", plans, want, strings.Join(told, "\n"))
			}
		}
		if set.Unit("u").Name != "u" || set.Plans[0].ID != "f" || len(set.InForce()) != 1 || set.Obligation("f", "o") == nil {
			t.Errorf("%v: what is in force gave way to the draft", plans)
		}
	}
	write("f", "obligations/1.toml", ob+"within=\"2 fortnights\"\n")
	if _, problems := Load(Sources{Plans: []string{filepath.Join(dir, "d"), filepath.Join(dir, "f")}}); len(problems.Errors()) != 1 {
		t.Errorf("an error in force is told %d times", len(problems.Errors()))
	}
}
