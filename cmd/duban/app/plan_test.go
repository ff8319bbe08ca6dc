package app_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rs/zerolog"

	"duban/cmd/duban/app"
	"duban/ledger"
	"duban/rules/problem"
)

// aPlan is what somebody who starts from nothing makes: two units, one duty.
func aPlan(id string) map[string][]byte {
	return map[string][]byte{
		"plan.toml":           []byte("id = \"" + id + "\"\ntitle = \"方案\"\nstarts = 2026-01-01\n[policy.standard]\nremind = [\"on the day\"]\n"),
		"units.toml":          []byte("[[unit]]\nid = \"new-unit\"\nname = \"新单位\"\nmail = [\"new@zs.example\"]\n"),
		"obligations/01.toml": []byte("[[obligation]]\nid = \"n-1\"\ntitle = \"T\"\nunits = [\"new-unit\"]\nevery = \"month\"\npolicy = \"standard\"\n"),
	}
}

// running is a daemon on a configuration that names its plans like that, and the
// editor that its page has.
func running(t *testing.T, plans string) (d *app.Daemon, dir string) {
	t.Helper()
	dir = t.TempDir()
	if err := os.CopyFS(filepath.Join(dir, "plans/zhongshan-2017"), os.DirFS("../../../rules/plans/zhongshan-2017")); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, "config.toml")
	if err := os.WriteFile(file, []byte("# mine\nplans = "+plans+" # and theirs\n[web]\nlisten = \"\"\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	problems := &problem.List{}
	s := app.Load(file, problems, nil)
	if err := problems.Err(); err != nil {
		t.Fatal(err)
	}
	d = started(t, s)
	t.Cleanup(func() {
		d.Stop()
		if err := d.Wait(); err != nil {
			t.Error(err)
		}
	})
	<-d.Scheduler.Health.Started()
	return d, dir
}

func TestAPlanThatIsMadeWhileTheDaemonRunsComesIntoForce(t *testing.T) {
	for _, c := range []struct{ what, plans, config string }{
		{"a pattern names it", `["plans/*"]`, `["plans/*"]`},
		{"the configuration is made to name it", `["plans/zhongshan-2017"]`, `["plans/zhongshan-2017", "plans/new-2026"]`},
	} {
		d, dir := running(t, c.plans)
		s := d.Scheduler
		ed := d.Site.Editor(s.Ledger, s.View, func(ctx context.Context) { s.TakeOver(ctx, d.Site.Loader()) }, zerolog.Nop())
		problems, err := ed.NewPlan(t.Context(), "new-2026", aPlan("new-2026"), "me")
		if err != nil || problems.Err() != nil {
			t.Fatalf("%s: %v %v", c.what, err, problems.Err())
		}
		if p := s.View().Rules.Plan("new-2026"); p == nil || p.Obligation("n-1") == nil {
			t.Errorf("%s: it is not in force", c.what)
		}
		config, err := os.ReadFile(filepath.Join(dir, "config.toml"))
		if want := "# mine\nplans = " + c.config + " # and theirs\n[web]\nlisten = \"\"\n"; err != nil || string(config) != want {
			t.Errorf("%s: %v, the configuration is\n%swant\n%s", c.what, err, config, want)
		}
		var told []ledger.Entry
		err = s.Ledger.Entries(t.Context(), ledger.ParseSubject("plan new-2026"), func(e ledger.Entry) error { told = append(told, e); return nil })
		if err != nil || len(told) == 0 || told[0].Action != "plan added" || told[0].Actor != "me" || !strings.Contains(told[0].After, `新单位`) {
			t.Errorf("%s: %v, the journal says %+v", c.what, err, told)
		}
		// The file as it is on disk says the same after a new start.
		again := &problem.List{}
		if l := app.Load(d.Site.Config.File, again, nil); again.Err() != nil || l.Rules.Plan("new-2026") == nil {
			t.Errorf("%s: started again: %v", c.what, again.Err())
		}
		if _, err := ed.NewPlan(t.Context(), "new-2026", aPlan("new-2026"), "me"); err == nil || !strings.Contains(err.Error(), "already") {
			t.Errorf("%s: made twice: %v", c.what, err)
		}
		if left, _ := filepath.Glob(filepath.Join(dir, "plans/.*")); len(left) > 0 {
			t.Errorf("%s: left behind: %q", c.what, left)
		}
	}
}

// A plan that two made at once, or that is wrong, leaves nothing behind.
func TestWhatIsWrongWithANewPlanIsToldAndNothingIsWritten(t *testing.T) {
	d, dir := running(t, `["plans/zhongshan-2017"]`)
	s := d.Scheduler
	ed := d.Site.Editor(s.Ledger, s.View, nil, zerolog.Nop())
	lies := func(change func(map[string][]byte)) map[string][]byte {
		files := aPlan("new-2026")
		change(files)
		return files
	}
	if err := os.MkdirAll(filepath.Join(dir, "plans/there"), 0o755); err != nil {
		t.Fatal(err)
	}
	before, err := os.ReadFile(filepath.Join(dir, "config.toml"))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		what, id string
		files    map[string][]byte
		want     string
	}{
		{"an id that is none", "New", aPlan("New"), `"New" is no id`},
		{"an id that leads elsewhere", "../new", aPlan("../new"), "is no id"},
		{"another id inside", "new-2026", aPlan("new-2027"), `another id than "new-2026"`},
		{"an id that is there", "zhongshan-2017", aPlan("zhongshan-2017"), `there is a plan "zhongshan-2017" already`},
		{"a folder that is there", "there", aPlan("there"), "is there already"},
		{"a file that lies elsewhere", "new-2026", lies(func(f map[string][]byte) { f["../x.toml"] = nil }), `"../x.toml" is no file of a plan`},
		{"a file of another kind", "new-2026", lies(func(f map[string][]byte) { f["run.sh"] = nil }), `"run.sh" is no file of a plan`},
		{"a mistake in a rule", "new-2026", lies(func(f map[string][]byte) {
			f["obligations/01.toml"] = []byte(strings.Replace(string(f["obligations/01.toml"]), "month", "monht", 1))
		}), "01.toml:5:"},
		{"a unit that is another one elsewhere", "new-2026", lies(func(f map[string][]byte) {
			f["units.toml"] = append(f["units.toml"], "[[unit]]\nid = \"czj\"\nname = \"另一局\"\nmail = [\"x@zs.example\"]\n"...)
		}), `unit "czj" is already defined otherwise`},
		{"no plan.toml", "new-2026", lies(func(f map[string][]byte) { delete(f, "plan.toml") }), "new-2026"},
		{"no obligations", "new-2026", lies(func(f map[string][]byte) { delete(f, "obligations/01.toml") }), "at least one obligation"},
	} {
		problems, err := ed.NewPlan(t.Context(), c.id, c.files, "me")
		said := ""
		if err != nil {
			said = err.Error()
		} else if err := problems.Err(); err != nil {
			said = err.Error()
		}
		if !strings.Contains(said, c.want) {
			t.Errorf("%s: says %q, want …%s…", c.what, said, c.want)
		}
	}
	after, err := os.ReadFile(filepath.Join(dir, "config.toml"))
	if err != nil || string(after) != string(before) {
		t.Errorf("%v, the configuration is now\n%s", err, after)
	}
	if here, _ := os.ReadDir(filepath.Join(dir, "plans")); len(here) != 2 {
		t.Errorf("there are now %v", here)
	}
}
