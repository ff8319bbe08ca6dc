// Package planfile reads plans from TOML, and writes edits back.
//
// A plan is a folder: plan.toml, units.toml, and a file of obligations a section;
// units may lie elsewhere too, shared by all plans. Load turns files into a
// rules.Spec by the table of keys, and that into rules. A Passage is one entry as
// it stands in its file: what an editor shows and puts back, without changing
// another byte.
package planfile

import (
	"errors"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"duban/rules"
	"duban/rules/calendar"
	"duban/rules/plans"
	"duban/rules/problem"
	"duban/rules/toml"
)

// Sources names what to load.
type Sources struct {
	Plans []string        // folders; a name like rules/plans/zhongshan-2017 that is not there is looked for in the binary
	Units []string        // files or folders of units shared by all plans
	Years []calendar.Year // added to, or replacing those of, every plan's calendar
	// Instead holds what to read in place of files on disk, by their cleaned
	// paths: an edit that has not been saved.
	Instead map[string][]byte
	// Held holds all files there are, by their cleaned paths, where they lie in a ledger
	// and on no disk; nil: on a disk.
	Held map[string][]byte
}

// Load reads plans with their units and calendars. Everything that is wrong is
// in the problems; the set is usable only if they hold no error but those inside
// drafts. Of a draft the set has what could be read; drafts come last, so that
// what is in force gives way to none.
func Load(src Sources) (*rules.Set, *problem.List) {
	problems := &problem.List{}
	spec, drafts := src.read(problems)
	set, more := rules.New(spec)
	problems.Join(more)
	if src.Held != nil {
		set.Texts = map[string][]byte{}
		maps.Copy(set.Texts, src.Held)
		maps.Copy(set.Texts, src.Instead)
	}
	problems.Draft(func(p problem.Problem) bool {
		return slices.ContainsFunc(drafts, func(dir string) bool { return strings.HasPrefix(p.File, dir+string(filepath.Separator)) })
	})
	return set, problems
}

// read is what the files say, and which folders hold drafts.
func (src Sources) read(problems *problem.List) (spec rules.Spec, drafts []string) {
	for _, name := range src.Units {
		src.readUnits(name, &spec, problems)
	}
	var later []func()
	for _, name := range src.Plans {
		f, err := src.openPlan(name)
		if err != nil {
			problems.Add(problem.Pos{File: name}, "%v", err)
			continue
		}
		p, ok := f.read(problems)
		draft := ok && p.IsDraft() || !ok && f.saysDraft()
		add := func() {
			if t := f.parse("units.toml", len(src.Units) == 0, problems); t != nil {
				addUnits(t, &spec, draft)
			}
			if ok {
				spec.Plans = append(spec.Plans, p)
			}
		}
		if draft {
			drafts, later = append(drafts, filepath.Clean(name)), append(later, add)
		} else {
			add()
		}
	}
	for _, add := range later {
		add()
	}
	if len(src.Plans) == 0 && src.Held == nil {
		problems.AddTo(problem.Pos{File: "config"}, "plans", "names no plan: there is nothing to remind of")
	}
	return spec, drafts
}

// readFile reads a file, or what stands in for it.
func (src Sources) readFile(name string) ([]byte, error) {
	if data, ok := src.Instead[filepath.Clean(name)]; ok {
		return data, nil
	}
	if src.Held != nil {
		return held(src.Held, name)
	}
	return toml.ReadFile(name)
}

func (src Sources) has(name string) bool { return src.Instead[name] != nil || src.Held[name] != nil }

// folder is one plan's files, on disk or in the binary.
type folder struct {
	fs   fs.FS
	name string // as people know it
	disk bool
	src  Sources
}

func (src Sources) openPlan(name string) (folder, error) {
	if src.Held != nil {
		return src.heldPlan(name)
	}
	info, err := os.Stat(name)
	switch {
	case err == nil && info.IsDir(), os.IsNotExist(err) && src.has(filepath.Join(name, "plan.toml")):
		return folder{os.DirFS(name), name, true, src}, nil
	case err == nil:
		return folder{}, problem.Errorf("is a file: a plan is a folder with plan.toml in it")
	case !os.IsNotExist(err):
		return folder{}, problem.Errorf("cannot be read: %v", err)
	}
	inner := path.Base(filepath.ToSlash(name))
	if _, err := fs.Stat(plans.Shipped, inner+"/plan.toml"); err == nil {
		sub, err := fs.Sub(plans.Shipped, inner)
		return folder{sub, name, false, src}, err
	}
	return folder{}, problem.Errorf("no such folder, and no plan of that name is in the binary: check plans in the configuration")
}

func (f folder) file(name string) string { return filepath.Join(f.name, name) }

// parse reads one file of the folder, or reports why not.
func (f folder) parse(name string, required bool, problems *problem.List) *toml.Table {
	data, err := f.readFile(name)
	if err != nil {
		if required || !os.IsNotExist(err) {
			problems.Add(problem.Pos{File: f.file(name)}, "%v", readError(err))
		}
		return nil
	}
	return parseFile(f.file(name), data, problems)
}

// readFile reads one file of the folder.
func (f folder) readFile(name string) ([]byte, error) {
	if _, instead := f.src.Instead[f.file(name)]; instead || f.disk {
		return f.src.readFile(f.file(name))
	}
	return fs.ReadFile(f.fs, name)
}

func parseFile(name string, data []byte, problems *problem.List) *toml.Table {
	if len(data) > toml.MaxFile {
		problems.Add(problem.Pos{File: name}, "has %d bytes; %d are the most", len(data), toml.MaxFile)
		return nil
	}
	return toml.Parse(name, data, problems)
}

// readError is why a file cannot be read; it is named already.
func readError(err error) error {
	switch {
	case os.IsNotExist(err):
		return problem.Errorf("there is no such file: a plan needs it")
	case os.IsPermission(err):
		return problem.Errorf("may not be read by this user: check its permissions")
	}
	var at *os.PathError
	if errors.As(err, &at) {
		err = at.Err
	}
	return problem.Errorf("cannot be read: %v", err)
}

// read reads the plan's own files.
func (f folder) read(problems *problem.List) (rules.PlanSpec, bool) {
	t := f.parse("plan.toml", true, problems)
	if t == nil {
		return rules.PlanSpec{}, false
	}
	p := rules.PlanSpec{Plan: entry(t, rules.PlanEntry), Calendar: f.calendar(t, problems).With(f.src.Years...)}
	if f.disk {
		p.Dir = f.name
	}
	files := f.sections()
	if len(files) == 0 && !t.Bool("draft", false) {
		problems.Add(problem.Pos{File: f.file("obligations")}, "holds no .toml file: a plan needs at least one obligation")
	}
	for _, name := range files {
		if t := f.parse(name, true, problems); t != nil {
			p.Obligations = append(p.Obligations, entries(t, "obligation", rules.ObligationEntry)...)
			t.Done()
		}
	}
	return p, true
}

// sections are the files with its obligations, in order.
func (f folder) sections() []string {
	const pattern = "obligations/*.toml"
	var files []string
	if f.src.Held == nil {
		files, _ = fs.Glob(f.fs, pattern) // of which the form alone can be wrong
	}
	for _, name := range slices.Concat(slices.Collect(maps.Keys(f.src.Instead)), slices.Collect(maps.Keys(f.src.Held))) {
		rel, err := filepath.Rel(f.name, name)
		if ok, _ := path.Match(pattern, filepath.ToSlash(rel)); ok && err == nil && !slices.Contains(files, filepath.ToSlash(rel)) {
			files = append(files, filepath.ToSlash(rel))
		}
	}
	slices.Sort(files)
	return files
}

// draftLine is what makes a plan a draft, wherever it stands.
var draftLine = regexp.MustCompile(`(?m)^[ \t]*draft[ \t]*=[ \t]*true\b`)

// saysDraft tells whether a plan.toml that cannot be read as such says that the plan
// is a draft.
func (f folder) saysDraft() bool {
	data, err := f.readFile("plan.toml")
	return err == nil && draftLine.Match(data)
}

// readUnits reads a units file, or all that lie in a folder.
func (src Sources) readUnits(name string, spec *rules.Spec, problems *problem.List) {
	for _, file := range src.tomlFiles(name, problems, ".toml") {
		data, err := src.readFile(file)
		if err != nil {
			problems.Add(problem.Pos{File: file}, "%v", readError(err))
			continue
		}
		if t := parseFile(file, data, problems); t != nil {
			addUnits(t, spec, false)
		}
	}
}

// tomlFiles is name itself, or the files with such an ending in that folder.
func (src Sources) tomlFiles(name string, problems *problem.List, endings ...string) []string {
	if src.Held != nil {
		return src.heldFiles(name, endings)
	}
	info, err := os.Stat(name)
	if err != nil {
		problems.Add(problem.Pos{File: name}, "%v", readError(err))
		return nil
	}
	if !info.IsDir() {
		return []string{name}
	}
	entries, err := os.ReadDir(name)
	if err != nil {
		problems.Add(problem.Pos{File: name}, "%v", readError(err))
		return nil
	}
	var files []string
	for _, e := range entries {
		if !e.IsDir() && slices.Contains(endings, filepath.Ext(e.Name())) {
			files = append(files, filepath.Join(name, e.Name()))
		}
	}
	return files
}
