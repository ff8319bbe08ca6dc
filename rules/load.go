package rules

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"duban/rules/calendar"
	"duban/rules/problem"
	"duban/rules/toml"
)

// shippedPlans lets a lone binary run the plans it was built with.
//
//go:embed plans
var shippedPlans embed.FS

// maxFile is the most bytes a plan file may have.
const maxFile = toml.MaxFile

// Set is all that is in force: the plans, and the units they share.
type Set struct {
	Plans  []*Plan
	Units  []*Unit  // in the order of the files
	Groups []*Group // likewise

	units map[string]*Unit
}

// Sources names what to load.
type Sources struct {
	Plans []string        // folders; a name like rules/plans/zhongshan-2017 that is not there is looked for in the binary
	Units []string        // files or folders of units shared by all plans
	Years []calendar.Year // added to, or replacing those of, every plan's calendar
	// Instead holds what to read in place of files on disk, by their cleaned
	// paths: an edit that has not been saved.
	Instead map[string][]byte
}

// readFile reads a file, or what stands in for it.
func (src Sources) readFile(name string) ([]byte, error) {
	if data, ok := src.Instead[filepath.Clean(name)]; ok {
		return data, nil
	}
	return toml.ReadFile(name)
}

// Load reads plans with their units and calendars. Everything that is wrong is
// in the problems; the set is usable only if they hold no error.
func Load(src Sources) (*Set, *problem.List) {
	problems := &problem.List{}
	dir := newDirectory()
	set := &Set{units: dir.units}
	for _, name := range src.Units {
		src.readUnits(name, dir, problems)
	}
	folders := make([]folder, 0, len(src.Plans))
	for _, name := range src.Plans {
		f, err := src.openPlan(name)
		if err != nil {
			problems.Add(problem.Pos{File: name}, "%v", err)
			continue
		}
		folders = append(folders, f)
		if units := f.parse("units.toml", len(src.Units) == 0, problems); units != nil {
			dir.read(units, problems)
		}
	}
	dir.check()
	set.Units, set.Groups = dir.order, dir.groupOrder
	for _, f := range folders {
		if p := f.read(dir, src.Years, problems); p != nil {
			set.add(p, f, problems)
		}
	}
	if len(src.Plans) == 0 {
		problems.Add(problem.Pos{File: "config"}, "plans: names no plan: there is nothing to remind of")
	}
	return set, problems
}

func (s *Set) add(p *Plan, f folder, problems *problem.List) {
	if old := s.Plan(p.ID); old != nil && p.ID != "" {
		problems.Add(problem.Pos{File: f.file("plan.toml")}, "id: another plan is %q already: plan ids are unique", p.ID)
		return
	}
	s.Plans = append(s.Plans, p)
}

// Plan is the one with that id, or nil.
func (s *Set) Plan(id string) *Plan {
	for _, p := range s.Plans {
		if p.ID == id {
			return p
		}
	}
	return nil
}

// Obligation is the one with that id in that plan, or nil.
func (s *Set) Obligation(plan, id string) *Obligation {
	if p := s.Plan(plan); p != nil {
		return p.Obligation(id)
	}
	return nil
}

// FindObligation takes what a person writes: OBLIGATION or PLAN:OBLIGATION.
func (s *Set) FindObligation(name string) (*Obligation, error) {
	plan, id, qualified := strings.Cut(name, ":")
	if !qualified {
		plan, id = "", name
	}
	var found []*Obligation
	var ids []string
	for _, p := range s.Plans {
		if qualified && p.ID != plan {
			continue
		}
		if o := p.Obligation(id); o != nil {
			found = append(found, o)
		}
		for _, o := range p.Obligations {
			ids = append(ids, o.ID)
		}
	}
	switch {
	case qualified && s.Plan(plan) == nil:
		return nil, fmt.Errorf("no plan %q", clip(plan))
	case len(found) == 0:
		return nil, fmt.Errorf("no obligation %q%s: duban rules lists them", clip(id), problem.DidYouMean(id, ids))
	case len(found) > 1:
		names := make([]string, len(found))
		for i, o := range found {
			names[i] = o.Plan.ID + ":" + o.ID
		}
		return nil, fmt.Errorf("%q is in several plans: say which: %s", id, strings.Join(names, " or "))
	}
	return found[0], nil
}

// Unit is the one with that id, or nil.
func (s *Set) Unit(id string) *Unit { return s.units[id] }

// FindUnit takes what a person writes; the error helps where there is none.
func (s *Set) FindUnit(id string) (*Unit, error) {
	if u := s.units[id]; u != nil {
		return u, nil
	}
	ids := make([]string, len(s.Units))
	for i, u := range s.Units {
		ids[i] = u.ID
	}
	return nil, fmt.Errorf("no unit %q%s", clip(id), problem.DidYouMean(id, ids))
}

// folder is one plan's files, on disk or in the binary.
type folder struct {
	fs   fs.FS
	name string // as people know it
	disk bool
	src  Sources
}

func (src Sources) openPlan(name string) (folder, error) {
	info, err := os.Stat(name)
	switch {
	case err == nil && info.IsDir():
		return folder{os.DirFS(name), name, true, src}, nil
	case err == nil:
		return folder{}, fmt.Errorf("is a file: a plan is a folder with plan.toml in it")
	case !os.IsNotExist(err):
		return folder{}, fmt.Errorf("cannot be read: %v", err)
	}
	inner := path.Join("plans", path.Base(filepath.ToSlash(name)))
	if _, err := fs.Stat(shippedPlans, inner+"/plan.toml"); err == nil {
		sub, err := fs.Sub(shippedPlans, inner)
		return folder{sub, name, false, src}, err
	}
	return folder{}, fmt.Errorf("no such folder, and no plan of that name is in the binary: check plans in the configuration")
}

func (f folder) file(name string) string { return filepath.Join(f.name, name) }

// parse reads one file of the folder, or reports why not.
func (f folder) parse(name string, required bool, problems *problem.List) *toml.Table {
	data, ok := f.src.Instead[f.file(name)]
	var err error
	switch {
	case ok:
	case f.disk:
		data, err = toml.ReadFile(f.file(name))
	default:
		data, err = fs.ReadFile(f.fs, name)
	}
	if err != nil {
		if required || !os.IsNotExist(err) {
			problems.Add(problem.Pos{File: f.file(name)}, "%s", readError(err))
		}
		return nil
	}
	return parseFile(f.file(name), data, problems)
}

func parseFile(name string, data []byte, problems *problem.List) *toml.Table {
	if len(data) > maxFile {
		problems.Add(problem.Pos{File: name}, "has %d bytes; %d are the most", len(data), maxFile)
		return nil
	}
	return toml.Parse(name, data, problems)
}

func readError(err error) string {
	switch {
	case os.IsNotExist(err):
		return "there is no such file: a plan needs it"
	case os.IsPermission(err):
		return "may not be read by this user: check its permissions"
	}
	var at *os.PathError
	if errors.As(err, &at) {
		err = at.Err // the file is named already
	}
	return "cannot be read: " + err.Error()
}

// read makes the plan out of its files; units are known by now.
func (f folder) read(dir *directory, years []calendar.Year, problems *problem.List) *Plan {
	t := f.parse("plan.toml", true, problems)
	if t == nil {
		return nil
	}
	p := readPlan(t, func(t *toml.Table, name string) *calendar.Calendar {
		return f.calendar(t, name, problems).With(years...)
	})
	if f.disk {
		p.Dir = f.name
	}
	if p.Issuer != "" && dir.units[p.Issuer] == nil {
		t.Errorf("issuer", "no unit %q%s", p.Issuer, problem.DidYouMean(p.Issuer, dir.unitIDs()))
	}
	files, err := fs.Glob(f.fs, "obligations/*.toml")
	if err != nil || len(files) == 0 {
		problems.Add(problem.Pos{File: f.file("obligations")}, "holds no .toml file: a plan needs at least one obligation")
	}
	slices.Sort(files)
	mine := &problem.List{}
	for _, name := range files {
		ot := f.parse(name, true, mine)
		if ot == nil {
			continue
		}
		for _, o := range ot.Tables("obligation") {
			p.readObligation(o, dir, mine)
		}
		ot.Done()
	}
	p.joinChains(mine)
	problems.Join(mine)
	return p
}

// calendar is the shipped one, or what a path relative to the plan names: a
// file changes years of the shipped one, a folder of files stands alone.
func (f folder) calendar(t *toml.Table, name string, problems *problem.List) *calendar.Calendar {
	if name == "cn" {
		return calendar.China()
	}
	if !f.disk {
		t.Errorf("calendar", `a plan in the binary has the calendar "cn"`)
		return calendar.China()
	}
	at := name
	if !filepath.IsAbs(at) {
		at = filepath.Join(f.name, at)
	}
	info, err := os.Stat(at)
	if err != nil {
		t.Errorf("calendar", `no calendar %q: write "cn" or the path of a calendar file`, clip(name))
		return calendar.China()
	}
	years := ReadYears(at, problems)
	if len(years) == 0 && problems.Err() == nil {
		t.Errorf("calendar", `no calendar %q: write "cn" or the path of a calendar file`, clip(name))
	}
	if info.IsDir() {
		return calendar.New(years...)
	}
	return calendar.China().With(years...)
}

// ReadYears reads a calendar file, or all that lie in a folder.
func ReadYears(name string, problems *problem.List) []calendar.Year {
	var years []calendar.Year
	for _, file := range tomlFiles(name, problems, ".toml", ".json") {
		data, err := toml.ReadFile(file)
		if err != nil {
			problems.Add(problem.Pos{File: file}, "%s", readError(err))
			continue
		}
		if y, ok := calendar.Read(file, data, problems); ok {
			years = append(years, y)
		}
	}
	return years
}

// readUnits reads a units file, or all that lie in a folder.
func (src Sources) readUnits(name string, dir *directory, problems *problem.List) {
	for _, file := range tomlFiles(name, problems, ".toml") {
		data, err := src.readFile(file)
		if err != nil {
			problems.Add(problem.Pos{File: file}, "%s", readError(err))
			continue
		}
		if t := parseFile(file, data, problems); t != nil {
			dir.read(t, problems)
		}
	}
}

// tomlFiles is name itself, or the files with such an ending in that folder.
func tomlFiles(name string, problems *problem.List, endings ...string) []string {
	info, err := os.Stat(name)
	if err != nil {
		problems.Add(problem.Pos{File: name}, "%s", readError(err))
		return nil
	}
	if !info.IsDir() {
		return []string{name}
	}
	entries, err := os.ReadDir(name)
	if err != nil {
		problems.Add(problem.Pos{File: name}, "%s", readError(err))
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

func fingerprint(s string) string {
	h := sha256.Sum256([]byte(s))
	return hex.EncodeToString(h[:])[:16]
}
