package editor_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"testing"

	"github.com/rs/zerolog"

	"duban/internal/world"
	"duban/ledger"
	"duban/rules"
	"duban/rules/planfile"
	"duban/rules/problem"
	"duban/scheduler/editor"
)

// shelf is a ledger that has the rules' files itself.
type shelf struct {
	*world.World
	ed *editor.Editor
}

func shelved(t *testing.T) *shelf {
	w := world.New(t, world.Rules(t, world.Ob("m", `["@all"]`, world.Monthly)), "2017-07-12 09:00")
	s := &shelf{World: w}
	load := func(change func(*planfile.Sources)) (*rules.Set, *problem.List) {
		problems := &problem.List{}
		files := map[string][]byte{}
		for _, f := range s.files() {
			files[f.Path] = f.Text
		}
		src := planfile.FromHeld(files, problems)
		if change != nil {
			change(&src)
		}
		set, more := planfile.Load(src)
		problems.Join(more)
		return set, problems
	}
	s.ed = editor.New(w.Ledger, w.View, load, nil, zerolog.Nop()).InLedger()
	return s
}

func (s *shelf) files() []*ledger.RuleFile {
	all, err := s.Ledger.RuleFiles(s.T.Context())
	if err != nil {
		s.T.Fatal(err)
	}
	return all
}

// plan are the files of one.
func plan(id, title string) map[string][]byte {
	head := strings.Replace(world.PlanHead, `id = "p"`, fmt.Sprintf("id = %q", id), 1)
	return map[string][]byte{
		"plans/" + id + "/plan.toml":           []byte(strings.Replace(head, "方案", title, 1)),
		"plans/" + id + "/obligations/01.toml": []byte(world.Ob("m", `["@all"]`, world.Monthly)),
		"units/all.toml":                       []byte(world.PlanUnits),
	}
}

// push brings files in, and tells what became of them.
func (s *shelf) push(files map[string][]byte, pulled map[string]int64, force bool) (string, error) {
	told, problems, err := s.ed.Push(s.T.Context(), files, pulled, "li", force)
	if err == nil {
		err = problems.Err()
	}
	var out []string
	for _, p := range told {
		out = append(out, p.What+" "+p.File)
	}
	return strings.Join(out, ", "), err
}

func (s *shelf) pushed(files map[string][]byte, pulled map[string]int64, want string) {
	s.T.Helper()
	if got, err := s.push(files, pulled, false); err != nil || got != want {
		s.T.Errorf("pushed %q, %v; want %q", got, err, want)
	}
}

func TestWhatIsPushedIsThereAndNothingElseGoes(t *testing.T) {
	s := shelved(t)
	s.pushed(plan("p", "甲"), nil, "added plans/p/obligations/01.toml, added plans/p/plan.toml, added units/all.toml")
	s.pushed(plan("p", "甲"), nil, "")
	s.pushed(plan("p", "乙"), nil, "changed plans/p/plan.toml")

	more := plan("p", "乙")
	more["plans/p/obligations/02.toml"] = []byte(world.Ob("n", `["a"]`, world.Monthly))
	s.pushed(more, nil, "added plans/p/obligations/02.toml")
	s.pushed(plan("p", "乙"), nil, "removed plans/p/obligations/02.toml")
	s.pushed(plan("q", "丙"), nil, "added plans/q/obligations/01.toml, added plans/q/plan.toml") // p stays

	broken := plan("p", "丁")
	broken["plans/p/obligations/01.toml"] = []byte("nonsense")
	if got, err := s.push(broken, nil, false); err == nil || got != "" {
		t.Errorf("rules that are wrong: %q, %v", got, err)
	}
	year := plan("p", "乙")
	year["calendar/2018.toml"] = []byte("nonsense")
	if got, err := s.push(year, nil, false); err == nil || got != "" {
		t.Errorf("a year that is wrong: %q, %v", got, err)
	}
	s.pushed(plan("p", "乙"), nil, "") // nothing came of those
	s.Verify()
}

func TestWhatSomebodyChangedInTheLedgerIsNotOverwritten(t *testing.T) {
	s := shelved(t)
	s.pushed(plan("p", "甲"), nil, "added plans/p/obligations/01.toml, added plans/p/plan.toml, added units/all.toml")
	before, err := editor.Pull(t.Context(), s.Ledger)
	if err != nil {
		t.Fatal(err)
	}
	versions := func() map[string]int64 {
		out := map[string]int64{}
		for _, f := range s.files() {
			out[f.Path] = f.Version
		}
		return out
	}
	was := versions()

	// Somebody edits an obligation on the page.
	edited := editor.Edit{Passage: planfile.Passage{Kind: rules.ObligationEntry, Plan: "p", ID: "m"}, By: "wang", Reason: "test"}
	set, problems := planfile.Load(planfile.FromHeld(before, &problem.List{}))
	if problems.Err() != nil {
		t.Fatal(problems.Err())
	}
	s.Daemon.SetRules(set)
	if edited.Passage, err = planfile.Find(set, rules.ObligationEntry, "p", "m"); err != nil || edited.Text == "" {
		t.Fatal(edited, err)
	}
	edited.To = strings.Replace(edited.Text, "事项m", "网页上改的", 1)
	if problems, err := s.ed.Save(t.Context(), edited); err != nil || problems.Err() != nil {
		t.Fatal(err, problems.Err())
	}
	var conflict *editor.ConflictError
	if _, err := s.ed.Save(t.Context(), edited); !errors.As(err, &conflict) || !strings.Contains(conflict.Theirs, "网页上改的") {
		t.Errorf("the same edit again: %v", err)
	}

	mine := plan("p", "甲")
	mine["plans/p/obligations/01.toml"] = []byte(strings.Replace(string(mine["plans/p/obligations/01.toml"]), "事项m", "目录里改的", 1))
	for _, pulled := range []map[string]int64{nil, was} {
		if _, err := s.push(mine, pulled, false); problem.CodeOf(err) != problem.Conflict || !strings.Contains(err.Error(), "plans/p/obligations/01.toml (wang,") || strings.Contains(err.Error(), "plan.toml") {
			t.Errorf("pushed over it: %v", err)
		}
	}
	s.pushed(mine, versions(), "changed plans/p/obligations/01.toml") // pulled, and changed again
	if got, err := s.push(plan("p", "甲"), nil, true); err != nil || got != "changed plans/p/obligations/01.toml" {
		t.Errorf("by force: %q, %v", got, err)
	}

	// What was pulled and is there no longer goes, a whole plan too.
	s.pushed(plan("q", "乙"), nil, "added plans/q/obligations/01.toml, added plans/q/plan.toml")
	s.pushed(plan("q", "乙"), versions(), "removed plans/p/obligations/01.toml, removed plans/p/plan.toml")
	kept, err := s.ed.Versions(t.Context(), edited.Passage)
	if err != nil || len(kept) != 2 || !strings.Contains(kept[0].Text, "网页上改的") {
		t.Errorf("versions: %v, %v", kept, err)
	}
	s.Verify()
}

// failing is a ledger of which one transaction fails, the one of that number.
type failing struct {
	ledger.Store
	left int
}

func (f *failing) Update(ctx context.Context, do func(ledger.Tx) error) error {
	if f.left--; f.left == 0 {
		return errors.New("no connection")
	}
	return f.Store.Update(ctx, do)
}

// Whichever transaction of a push fails, it is said, unless the push stands.
func TestAPushThatFailsIsSaid(t *testing.T) {
	refused := 0
	for n := 1; ; n++ {
		s := shelved(t)
		f := &failing{s.Ledger, n}
		s.Ledger = f
		load := func(change func(*planfile.Sources)) (*rules.Set, *problem.List) {
			return planfile.Load(planfile.FromHeld(plan("p", "甲"), &problem.List{}))
		}
		s.ed = editor.New(f, s.View, load, nil, zerolog.Nop()).InLedger()
		_, err := s.push(plan("p", "甲"), nil, false)
		if there := len(s.files()); err != nil && there > 0 || err == nil && there != 3 {
			t.Errorf("the %dth transaction failed: %v, and %d files are there", n, err, there)
		}
		if err != nil {
			refused++
		}
		if f.left > 0 {
			break // it needs no more than these
		}
	}
	if refused < 2 {
		t.Errorf("%d pushes were refused: the lease and the files are two", refused)
	}
}

func TestRuleFilesInALedgerAreReadFromNoDisk(t *testing.T) {
	files := plan("p", "甲")
	files["plans/p/days/2018.toml"] = []byte("year = 2018\nsource = [\"x\"]\n[[holiday]]\nname = \"元旦\"\noff = [2018-01-01]\n")
	files["plans/p/plan.toml"] = append([]byte("calendar = \"days\"\n"), files["plans/p/plan.toml"]...)
	set, problems := planfile.Load(planfile.FromHeld(files, &problem.List{}))
	if err := problems.Err(); err != nil {
		t.Fatal(err)
	}
	if years := set.Plan("p").Calendar.Years(); len(years) != 1 || years[0] != 2018 {
		t.Errorf("the plan's own calendar: %v", years)
	}
	if _, err := planfile.ReadFile(set, "go.mod"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a file of the disk: %v", err)
	}
	delete(files, "plans/p/obligations/01.toml")
	if _, problems := planfile.Load(planfile.FromHeld(files, &problem.List{})); problems.Err() == nil || !strings.Contains(problems.Err().Error(), "plans/p/obligations") {
		t.Errorf("without obligations: %v", problems.Err())
	}
}
