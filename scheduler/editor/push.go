package editor

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"

	"duban/ledger"
	"duban/rules/planfile"
	"duban/rules/problem"
)

// Pulled is the name of the file beside those that Pull gives: which versions they
// are, so that Push knows whether somebody has changed them since.
const Pulled = "versions.json"

// factPushed is which versions the files had that were pushed last: what has another
// now was changed in the ledger since.
const factPushed = "rule files pushed"

// Pushed is what became of a file.
type Pushed struct{ File, What string } // added, changed, removed

// Push brings rule files into a ledger that has them itself, if the rules are right
// with them; pulled are the versions of those that were pulled, nil: they come from
// elsewhere. A plan that is among them is then as it is there, and so is all of what
// was pulled; nothing else is taken away. What somebody has changed in the ledger
// meanwhile is not overwritten, unless force says so.
func (ed *Editor) Push(ctx context.Context, files map[string][]byte, pulled map[string]int64, by string, force bool) ([]Pushed, *problem.List, error) {
	done, err := ed.begin(ctx)
	if err != nil {
		return nil, &problem.List{}, err
	}
	defer done()
	there, err := ed.ledger.RuleFiles(ctx)
	if err != nil {
		return nil, &problem.List{}, err
	}
	known, err := pushedBefore(ctx, ed.ledger)
	if err != nil {
		return nil, &problem.List{}, err
	}
	change, told := difference(there, files, pulled)
	if len(told) == 0 {
		return nil, &problem.List{}, nil
	}
	if err := untouched(there, change, known, pulled); err != nil && !force {
		return nil, &problem.List{}, err
	}
	after := map[string][]byte{}
	for _, f := range there {
		after[f.Path] = f.Text
	}
	maps.Copy(after, change)
	maps.DeleteFunc(after, func(_ string, text []byte) bool { return text == nil })
	years := &problem.List{}
	held := planfile.FromHeld(after, years)
	_, problems, err := ed.loaded(ctx, func(src *planfile.Sources) { *src = held })
	problems.Join(years)
	if err != nil || problems.Err() != nil {
		return nil, problems, err
	}
	err = ed.keepHeld(ctx, change, entriesOf(there, change, by), func(tx ledger.Tx) error { return noteVersions(tx, known, change) })
	if err != nil {
		return nil, problems, err
	}
	ed.inForce(ctx)
	return told, problems, nil
}

// difference is what has to change for the files to be there; no text: the file goes.
func difference(there []*ledger.RuleFile, files map[string][]byte, pulled map[string]int64) (change map[string][]byte, told []Pushed) {
	change = map[string][]byte{}
	plans := map[string]bool{}
	for name := range files {
		if path.Base(name) == "plan.toml" {
			plans[path.Dir(name)] = true
		}
	}
	have := map[string]bool{}
	for _, f := range there {
		have[f.Path] = true
		text, named := files[f.Path]
		_, was := pulled[f.Path]
		whole := slices.ContainsFunc(slices.Collect(maps.Keys(plans)), func(dir string) bool { return strings.HasPrefix(f.Path, dir+"/") })
		switch {
		case named && !bytes.Equal(text, f.Text):
			change[f.Path], told = text, append(told, Pushed{f.Path, "changed"})
		case !named && (was || whole):
			change[f.Path], told = nil, append(told, Pushed{f.Path, "removed"})
		}
	}
	for _, name := range slices.Sorted(maps.Keys(files)) {
		if !have[name] {
			change[name], told = append([]byte{}, files[name]...), append(told, Pushed{name, "added"})
		}
	}
	slices.SortFunc(told, func(a, b Pushed) int { return strings.Compare(a.File, b.File) })
	return change, told
}

// untouched tells which of the files that would change somebody has changed otherwise.
func untouched(there []*ledger.RuleFile, change map[string][]byte, known, pulled map[string]int64) error {
	var names []string
	for _, f := range there {
		_, changes := change[f.Path]
		if changes && f.Version != known[f.Path] && f.Version != pulled[f.Path] {
			names = append(names, fmt.Sprintf("%s (%s, %s)", f.Path, f.By, f.Changed.Format("2006-01-02 15:04")))
		}
	}
	for name := range pulled {
		if _, changes := change[name]; changes && !slices.ContainsFunc(there, func(f *ledger.RuleFile) bool { return f.Path == name }) {
			names = append(names, name)
		}
	}
	if len(names) == 0 {
		return nil
	}
	slices.Sort(names)
	return problem.New(problem.Conflict, "somebody has changed these in the ledger since, and nothing was pushed: %s; duban ledger plans pull DIR shows them as they are, --force overwrites them", strings.Join(names, ", "))
}

func entriesOf(there []*ledger.RuleFile, change map[string][]byte, by string) (out []ledger.Entry) {
	before := map[string]string{}
	for _, f := range there {
		before[f.Path] = string(f.Text)
	}
	for _, name := range slices.Sorted(maps.Keys(change)) {
		out = append(out, ledger.Entry{
			Action: "rule file pushed", Subject: ledger.Subject{Kind: "file", Ref: name}, Actor: by,
			Before: versionText{name, before[name]}.String(), After: versionText{name, string(change[name])}.String(),
		})
	}
	return out
}

func pushedBefore(ctx context.Context, r ledger.FactReader) (map[string]int64, error) {
	known := map[string]int64{}
	text, err := r.Fact(ctx, factPushed)
	if err != nil || text == "" {
		return known, err
	}
	return known, json.Unmarshal([]byte(text), &known)
}

// noteVersions notes which versions the files have that were pushed.
func noteVersions(tx ledger.Tx, known map[string]int64, changed map[string][]byte) error {
	files, err := tx.RuleFiles(tx.Context())
	if err != nil {
		return err
	}
	next := map[string]int64{}
	for _, f := range files {
		if v, was := known[f.Path]; was {
			next[f.Path] = v
		}
		if _, now := changed[f.Path]; now {
			next[f.Path] = f.Version
		}
	}
	text, err := json.Marshal(next)
	if err != nil {
		return err
	}
	return tx.SetFact(factPushed, string(text))
}

// Pull are all rule files that the ledger has, by their paths, with the versions that
// they are among them.
func Pull(ctx context.Context, r ledger.Reader) (map[string][]byte, error) {
	files, err := r.RuleFiles(ctx)
	if err != nil {
		return nil, err
	}
	out, versions := map[string][]byte{}, map[string]int64{}
	for _, f := range files {
		out[f.Path], versions[f.Path] = f.Text, f.Version
	}
	text, err := json.MarshalIndent(versions, "", "  ")
	out[Pulled] = append(text, '\n')
	return out, err
}
