package editor

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"duban/ledger"
	"duban/rules"
	"duban/rules/planfile"
	"duban/rules/problem"
	"duban/scheduler/engine"
)

// shelf is a folder of plans, and a list of them that may be nowhere.
type shelf struct{ dir, list string }

func (s shelf) Folder(id string) string { return filepath.Join(s.dir, id) }
func (s shelf) Listing(string) (string, []byte, error) {
	if s.list == "" {
		return "", nil, nil
	}
	return s.list, []byte("listed"), nil
}
func (s shelf) Line(string) string { return `"plans/new"` }

// shelved is an editor that takes a plan "new" for right, whatever is in it.
func shelved(t *testing.T, s func(dir string) shelf) (*Editor, ledger.Store, shelf) {
	t.Helper()
	ed, l, dir := begun(t, time.Date(2017, 7, 3, 9, 0, 0, 0, time.UTC))
	set := &rules.Set{}
	ed.view = func() engine.View { return engine.View{Now: time.Date(2017, 7, 3, 9, 0, 0, 0, time.UTC), Rules: set} }
	ed.load = func(func(*planfile.Sources)) (*rules.Set, *problem.List) {
		return &rules.Set{Plans: []*rules.Plan{{ID: "new"}}}, &problem.List{}
	}
	home := s(dir)
	return ed.At(home), l, home
}

func made(t *testing.T, l ledger.Store) (n int) {
	t.Helper()
	if err := l.Entries(t.Context(), ledger.ParseSubject("plan new"), func(ledger.Entry) error { n++; return nil }); err != nil {
		t.Fatal(err)
	}
	return n
}

func TestWhereTheListOfPlansMayNotBeWrittenNothingIs(t *testing.T) {
	ed, l, home := shelved(t, func(dir string) shelf { return shelf{dir, filepath.Join(dir, "nowhere", "config.toml")} })
	_, err := ed.NewPlan(t.Context(), "new", map[string][]byte{"plan.toml": []byte("x")}, "me")
	if err == nil || !strings.Contains(err.Error(), `add "plans/new" to its plans`) || strings.Contains(err.Error(), ".config.toml") {
		t.Errorf("says %v", err)
	}
	if _, err := os.Stat(home.Folder("new")); !os.IsNotExist(err) || made(t, l) != 0 {
		t.Errorf("the folder: %v, told %d times", err, made(t, l))
	}
}

// The list cannot get its name: what would only lie in the way of the next attempt
// is taken back.
func TestAPlanThatCannotBeListedIsTakenBack(t *testing.T) {
	ed, l, home := shelved(t, func(dir string) shelf { return shelf{dir, filepath.Join(dir, "config.toml")} })
	if err := os.MkdirAll(filepath.Join(home.dir, "config.toml", "x"), 0o755); err != nil { // a folder of that name
		t.Fatal(err)
	}
	for range 2 {
		_, err := ed.NewPlan(t.Context(), "new", map[string][]byte{"plan.toml": []byte("x"), "obligations/01.toml": []byte("y")}, "me")
		if err == nil {
			t.Fatal("listed in a folder")
		}
		left, err := filepath.Glob(filepath.Join(home.dir, "*new*"))
		if hidden, _ := filepath.Glob(filepath.Join(home.dir, ".new*")); err != nil || len(left)+len(hidden) > 0 || made(t, l) != 0 {
			t.Errorf("%v, left %q %q, told %d times", err, left, hidden, made(t, l))
		}
	}
}

// A power cut leaves the plan there or not, and the journal of the same mind; what
// half an attempt wrote is not in the way.
func TestAPlanIsThereWholeOrNotAtAllAfterAPowerCut(t *testing.T) {
	ed, l, home := shelved(t, func(dir string) shelf { return shelf{dir, ""} })
	files := map[string][]byte{"plan.toml": []byte("x"), "obligations/01.toml": []byte("y")}
	if err := os.MkdirAll(filepath.Join(home.dir, ".new-new", "obligations", "99.toml"), 0o755); err != nil {
		t.Fatal(err)
	}
	in := intent{File: filepath.Join(home.Folder("new"), "plan.toml"), Sum: sumOf(files["plan.toml"]), Entry: ledger.Entry{
		At: time.Date(2017, 7, 3, 9, 0, 0, 0, time.UTC), Action: "plan added", Subject: ledger.ParseSubject("plan new"), Actor: "me"}}
	text, err := json.Marshal(in)
	if err != nil {
		t.Fatal(err)
	}
	if err := l.Update(t.Context(), func(tx ledger.Tx) error { return tx.SetFact(factIntent, string(text)) }); err != nil {
		t.Fatal(err)
	}
	if err := Finish(t.Context(), l); err != nil || made(t, l) != 0 {
		t.Fatalf("cut before the folder had its name: %v, told %d times", err, made(t, l))
	}
	if _, err := ed.NewPlan(t.Context(), "new", files, "me"); err != nil || made(t, l) != 1 {
		t.Fatalf("%v, told %d times", err, made(t, l))
	}
	var got []string
	err = filepath.WalkDir(home.Folder("new"), func(p string, d os.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			got = append(got, filepath.Base(p))
		}
		return err
	})
	if err != nil || strings.Join(got, " ") != "01.toml plan.toml" {
		t.Errorf("%v, it has %q", err, got)
	}
}

// A folder that holds something is not written to, and keeps what it holds.
func TestAFolderThatHoldsSomethingIsLeftAlone(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "new")
	if err := os.MkdirAll(folder, 0o755); err != nil {
		t.Fatal(err)
	}
	note := filepath.Join(folder, "note.txt")
	if err := os.WriteFile(note, []byte("mine"), 0o644); err != nil {
		t.Fatal(err)
	}
	files := map[string][]byte{"plan.toml": []byte("x")}
	if err := WriteFolder(folder, files); problem.CodeOf(err) != problem.Conflict || !strings.Contains(err.Error(), "is there already") {
		t.Errorf("written to: %v", err)
	}
	if text, err := os.ReadFile(note); err != nil || string(text) != "mine" {
		t.Errorf("it holds %q, %v", text, err)
	}
	for _, err := range []error{os.Remove(note), os.Chmod(folder, 0o700), WriteFolder(folder, files)} {
		if err != nil {
			t.Fatal(err)
		}
	}
	text, err := os.ReadFile(filepath.Join(folder, "plan.toml"))
	info, wrong := os.Stat(folder)
	if err != nil || wrong != nil || string(text) != "x" || info.Mode().Perm() != 0o700 {
		t.Errorf("an empty one holds %q then, %v, and is %v, %v", text, err, info.Mode(), wrong)
	}
	link := filepath.Join(t.TempDir(), "link")
	empty := t.TempDir()
	if err := os.Symlink(empty, link); err != nil {
		t.Fatal(err)
	}
	if err := WriteFolder(link, files); problem.CodeOf(err) != problem.Conflict {
		t.Errorf("in the place of a link: %v", err)
	}
	if left, err := os.ReadDir(filepath.Dir(link)); err != nil || len(left) != 1 {
		t.Errorf("beside the link lie %v, %v", left, err)
	}
}

// Cut after the folder had its name and before the list named it, it is in nobody's
// way.
func TestAFolderThatWasNotNamedIsNotInTheWay(t *testing.T) {
	ed, l, home := shelved(t, func(dir string) shelf { return shelf{dir, ""} })
	files := map[string][]byte{"plan.toml": []byte("x"), "obligations/01.toml": []byte("y")}
	if err := writePlan(home.Folder("new"), files); err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(intent{File: filepath.Join(home.dir, "config.toml"), Sum: "of the list that names it", Folder: home.Folder("new")})
	if err != nil {
		t.Fatal(err)
	}
	if err := l.Update(t.Context(), func(tx ledger.Tx) error { return tx.SetFact(factIntent, string(text)) }); err != nil {
		t.Fatal(err)
	}
	if err := Finish(t.Context(), l); err != nil {
		t.Fatal(err)
	}
	if _, err := ed.NewPlan(t.Context(), "new", files, "me"); err != nil || made(t, l) != 1 {
		t.Fatalf("%v, told %d times", err, made(t, l))
	}
}
