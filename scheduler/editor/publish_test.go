package editor_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/rs/zerolog"
	"golang.org/x/sync/errgroup"

	"duban/internal/engines"
	"duban/ledger"
	"duban/rules"
	"duban/rules/planfile"
	"duban/rules/problem"
	"duban/scheduler/editor"
	"duban/scheduler/engine"
)

// Edits that stand or fall together may lie in several files.
func TestEditsOfSeveralFilesAreSavedTogether(t *testing.T) {
	ed, l, read := office(t, draftPlan, right)
	edits := func(to string) (all []*editor.Edit) {
		set := read()
		for _, in := range []struct {
			entry rules.EntryKind
			id    string
		}{{rules.ObligationEntry, "a"}, {rules.UnitEntry, "u"}} {
			at, err := planfile.Find(set, in.entry, "p", in.id)
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, &editor.Edit{Passage: at, To: strings.NewReplacer(`"t"`, `"`+to+`"`, `name="u"`, `name="`+to+`"`).Replace(at.Text), By: "t"})
		}
		return all
	}
	stands := func(title, name string) {
		t.Helper()
		if o := read().Obligation("p", "a"); o.Title != title || o.Units[0].Name != name {
			t.Errorf("%q of %q, want %q of %q", o.Title, o.Units[0].Name, title, name)
		}
	}
	if problems, err := ed.SaveAll(t.Context(), edits("new")); err != nil || problems.Err() != nil {
		t.Fatal(problems.Err(), err)
	}
	stands("new", "new")
	for _, about := range []string{"obligation p:a", "unit p:u"} {
		told := 0
		err := l.Entries(t.Context(), ledger.ParseSubject(about), func(ledger.Entry) error { told++; return nil })
		if err != nil || told != 1 {
			t.Errorf("%s: %d entries, %v", about, told, err)
		}
	}
	// What stands as it stood is not told of.
	if problems, err := ed.SaveAll(t.Context(), edits("new")); err != nil || problems.Err() != nil {
		t.Fatal(problems.Err(), err)
	}
	for _, about := range []string{"obligation p:a", "unit p:u"} {
		told := 0
		err := l.Entries(t.Context(), ledger.ParseSubject(about), func(ledger.Entry) error { told++; return nil })
		if err != nil || told != 1 {
			t.Errorf("%s, saved as it was: %d entries, %v", about, told, err)
		}
	}
	all := edits("newer")
	all[1].To = "what is no entry"
	if _, problems, err := ed.RehearseAll(t.Context(), all); err != nil || problems.Err() == nil || len(all[0].Wrong) != 0 || len(all[1].Wrong) != 1 {
		t.Errorf("what is wrong is said of %v and %v: %v, %v", all[0].Wrong, all[1].Wrong, problems.Err(), err)
	}
	all = edits("newer")
	all[1].Text = "what nobody wrote"
	if _, err := ed.SaveAll(t.Context(), all); !errors.As(err, new(*editor.ConflictError)) {
		t.Error(err)
	}
	stands("new", "new")
}

// office is an editor of one plan in a folder, over an empty ledger.
func office(t *testing.T, plan, obligations string) (*editor.Editor, ledger.Store, func() *rules.Set) {
	t.Helper()
	dir := t.TempDir()
	for name, text := range map[string]string{
		"plan.toml": plan, "obligations/1.toml": obligations,
		"units.toml": "[[unit]]\nid=\"u\"\nname=\"u\"\nmail=[\"u@y.example\"]\n",
	} {
		file := filepath.Join(dir, "p", name)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	l := engines.Open(t, filepath.Join(dir, "ledger.db"))
	load := func(change func(*planfile.Sources)) (*rules.Set, *problem.List) {
		src := planfile.Sources{Plans: []string{filepath.Join(dir, "p")}}
		if change != nil {
			change(&src)
		}
		return planfile.Load(src)
	}
	read := func() *rules.Set {
		set, problems := load(nil)
		if _, err := engine.MarkDrafts(t.Context(), l, set, problems); err != nil {
			t.Fatal(err)
		}
		return set
	}
	view := func() engine.View {
		return engine.View{Rules: read(), Settings: engine.Settings{Timezone: time.UTC, WindowTo: 24 * 60, Weekends: true}, Now: time.Date(2017, 7, 3, 9, 0, 0, 0, time.UTC)}
	}
	return editor.New(l, view, load, nil, zerolog.Nop()), l, read
}

const (
	draftPlan = "id=\"p\"\ntitle=\"t\"\nstarts=2017-01-01\ndraft=true\n[policy.p]\nremind=[]\n"
	right     = "[[obligation]]\nid=\"a\"\ntitle=\"t\"\nunits=[\"u\"]\nevery=\"month\"\npolicy=\"p\"\n"
	wrong     = "[[obligation]]\nid=\"b\"\ntitle=\"t\"\nunits=[\"u\"]\nevery=\"month\"\nwithin=\"2 fortnights\"\npolicy=\"p\"\n"
)

// An entry that is edited is right when it is saved, in a draft too; what else the
// draft has yet to mend does not stop that.
func TestADraftIsMendedEntryByEntry(t *testing.T) {
	ed, _, read := office(t, draftPlan, right+"\n"+wrong)
	save := func(id, text string) error {
		t.Helper()
		at, err := planfile.Find(read(), rules.ObligationEntry, "p", id)
		if err != nil {
			t.Fatal(err)
		}
		problems, err := ed.Save(t.Context(), editor.Edit{Passage: at, To: text, By: "t"})
		if err != nil {
			return err
		}
		return problems.Err()
	}
	if err := save("a", strings.Replace(right, "month", "quarter", 1)); err != nil {
		t.Errorf("another entry's fault stops it: %v", err)
	}
	if err := save("a", strings.Replace(right, "month", "moon", 1)); err == nil || !strings.Contains(err.Error(), "moon") {
		t.Errorf("its own fault is taken: %v", err)
	}
	if r, problems, err := ed.RehearsePublish(t.Context(), "p"); err != nil || problems.Err() == nil || len(r.Changes) > 0 {
		t.Errorf("with a fault it may be published: %v %v", r, err)
	}
	if problems, err := ed.Publish(t.Context(), "p", "t"); err != nil || problems.Err() == nil || !read().Plan("p").Draft {
		t.Errorf("with a fault it is published: %v", err)
	}
	if err := save("b", strings.Replace(wrong, "2 fortnights", "10 days", 1)); err != nil {
		t.Errorf("mended: %v", err)
	}
	r, problems, err := ed.RehearsePublish(t.Context(), "p")
	if err != nil || problems.Err() != nil || len(r.Changes) == 0 {
		t.Errorf("mended it makes %v: %v %v", r.Changes, problems.Err(), err)
	}
	if !read().Plan("p").Draft {
		t.Error("a rehearsal published it")
	}
	if problems, err := ed.Publish(t.Context(), "p", "t"); err != nil || problems.Err() != nil || read().Plan("p").Draft {
		t.Errorf("mended it stays a draft: %v %v", problems.Err(), err)
	}
}

// What the ledger has in force stays so, whatever happens to the file, and what was
// withdrawn stays a draft: only the act itself moves it.
func TestAPlanInForceGoesBackToADraftByTheActAlone(t *testing.T) {
	ed, l, read := office(t, strings.Replace(draftPlan, "draft=true\n", "", 1), right)
	evaluate := func() int {
		t.Helper()
		v := engine.View{Rules: read(), Settings: engine.Settings{Timezone: time.UTC, WindowTo: 24 * 60, Weekends: true}, Now: time.Date(2017, 7, 3, 9, 0, 0, 0, time.UTC)}
		if err := l.Update(t.Context(), func(tx ledger.Tx) error {
			_, err := engine.Evaluate(tx, v, engine.Work{Adopt: true, NewDay: true})
			return err
		}); err != nil {
			t.Fatal(err)
		}
		open, err := ledger.AllOccurrences(t.Context(), l, ledger.Query{States: []ledger.State{ledger.StateOpen}})
		if err != nil {
			t.Fatal(err)
		}
		return len(open)
	}
	file := filepath.Join(read().Plan("p").Dir, "plan.toml")
	put := func(text string) {
		t.Helper()
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	first := evaluate()
	put(draftPlan)
	if n := evaluate(); n != first || n == 0 || read().Plan("p").Draft {
		t.Errorf("an edit of the file made it a draft: %d open, %d before", n, first)
	}
	if err := ed.Withdraw(t.Context(), "p", "t", " "); err == nil {
		t.Error("withdrawn without a reason")
	}
	if err := ed.Withdraw(t.Context(), "p", "t", "by mistake"); err != nil {
		t.Fatal(err)
	}
	put(strings.Replace(draftPlan, "draft=true\n", "", 1))
	if n := evaluate(); n != 0 || !read().Plan("p").Draft {
		t.Errorf("withdrawn, and %d open again by an edit of the file", n)
	}
	if problems, err := ed.Publish(t.Context(), "p", "t"); err != nil || problems.Err() != nil {
		t.Fatal(err, problems.Err())
	}
	if n := evaluate(); n != first {
		t.Errorf("published again it has %d open, %d before", n, first)
	}
}

// The preview of an edit counts whom it reaches: by mail at once, and on the next
// mail day.
func TestTheRehearsalCountsWhoHearsOfIt(t *testing.T) {
	ed, l, read := office(t, strings.NewReplacer("draft=true\n", "", "remind=[]", `remind=["on the day"]`).Replace(draftPlan), right)
	v := engine.View{Rules: read(), Settings: engine.Settings{Timezone: time.UTC, WindowTo: 24 * 60, Weekends: true}, Now: time.Date(2017, 7, 3, 9, 0, 0, 0, time.UTC)}
	if err := l.Update(t.Context(), func(tx ledger.Tx) error {
		_, err := engine.Evaluate(tx, v, engine.Work{Adopt: true, NewDay: true})
		return err
	}); err != nil {
		t.Fatal(err)
	}
	at, err := planfile.Find(read(), rules.ObligationEntry, "p", "b")
	if err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		what string
		edit editor.Edit
		hear int
	}{
		{"another rule", editor.Edit{Passage: at, To: strings.Replace(right, `"a"`, `"b"`, 1)}, 1},
		{"a rule that goes before anybody heard of it", editor.Edit{Passage: found(t, read(), "a")}, 0},
		{"a title", editor.Edit{Passage: found(t, read(), "a"), To: strings.Replace(right, `"t"`, `"other"`, 1)}, 0},
	} {
		r, problems, err := ed.Rehearse(t.Context(), tc.edit)
		if err != nil || problems.Err() != nil || r.Units != tc.hear {
			t.Errorf("%s: %d hear of it, want %d (%v, %v)", tc.what, r.Units, tc.hear, err, problems.Err())
		}
	}
}

func found(t *testing.T, set *rules.Set, id string) planfile.Passage {
	t.Helper()
	at, err := planfile.Find(set, rules.ObligationEntry, "p", id)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

// A command that edits beside the daemon is another process: its editor has a mutex
// of its own, and none overwrites what the other wrote.
func TestTwoProcessesEditOneFileAfterAnother(t *testing.T) {
	obligations := ""
	for i := range 12 {
		obligations += strings.Replace(right, `"a"`, fmt.Sprintf(`"o%d"`, i), 1) + "\n"
	}
	one, l, read := office(t, draftPlan, obligations)
	two := editor.New(l, func() engine.View {
		return engine.View{Rules: read(), Settings: engine.Settings{Timezone: time.UTC}, Now: time.Date(2017, 7, 3, 9, 0, 0, 0, time.UTC)}
	}, func(change func(*planfile.Sources)) (*rules.Set, *problem.List) {
		src := planfile.Sources{Plans: []string{read().Plan("p").Dir}}
		change(&src)
		return planfile.Load(src)
	}, nil, zerolog.Nop())
	var all errgroup.Group
	for i := range 12 {
		ed := []*editor.Editor{one, two}[i%2]
		at := found(t, read(), fmt.Sprintf("o%d", i))
		all.Go(func() error {
			problems, err := ed.Save(t.Context(), editor.Edit{Passage: at, To: strings.Replace(at.Text, "month", "quarter", 1), By: "t"})
			return errors.Join(err, problems.Err())
		})
	}
	if err := all.Wait(); err != nil {
		t.Fatal(err)
	}
	for _, o := range read().Plan("p").Obligations {
		if o.Cadence.Value != "quarter" {
			t.Errorf("the edit of %s is lost", o.ID)
		}
	}
	told := 0
	if err := l.Entries(t.Context(), ledger.Subject{}, func(e ledger.Entry) error {
		if e.Action == "rule edited" {
			told++
		}
		return nil
	}); err != nil || told != 12 {
		t.Errorf("the journal tells of %d edits (%v)", told, err)
	}
}
