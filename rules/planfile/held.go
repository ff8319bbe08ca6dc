package planfile

import (
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"duban/rules"
	"duban/rules/calendar"
	"duban/rules/problem"
	"duban/rules/toml"
)

// Rule files that lie in a ledger have paths as those on a disk: a plan's in
// plans/ID, units of all plans in units, calendar years in calendar.
const (
	HeldPlans    = "plans"
	HeldUnits    = "units"
	HeldCalendar = "calendar"
)

// FromHeld are the sources of files that lie in a ledger: every plan that has a
// plan.toml, in the order of their folders, all units, and all years.
func FromHeld(files map[string][]byte, problems *problem.List) Sources {
	src := Sources{Held: files}
	for _, name := range slices.Sorted(maps.Keys(files)) {
		dir, base := path.Split(name)
		switch {
		case base == "plan.toml" && path.Dir(path.Clean(dir)) == HeldPlans:
			src.Plans = append(src.Plans, path.Clean(dir))
		case path.Clean(dir) == HeldUnits && path.Ext(base) == ".toml":
			src.Units = append(src.Units, name)
		case path.Clean(dir) == HeldCalendar:
			if y, ok := calendar.Read(name, files[name], problems); ok {
				src.Years = append(src.Years, y)
			}
		}
	}
	return src
}

// ReadFile reads a file that rules came from.
func ReadFile(set *rules.Set, name string) ([]byte, error) {
	if set.Texts != nil {
		return held(set.Texts, name)
	}
	return toml.ReadFile(name)
}

func held(files map[string][]byte, name string) ([]byte, error) {
	if data, ok := files[filepath.Clean(name)]; ok {
		return data, nil
	}
	return nil, &os.PathError{Op: "read", Path: name, Err: fs.ErrNotExist}
}

// heldFiles is name itself, or the files with such an ending in that folder.
func (src Sources) heldFiles(name string, endings []string) []string {
	name = filepath.Clean(name)
	if _, err := held(src.Held, name); err == nil {
		return []string{name}
	}
	var files []string
	for _, file := range slices.Sorted(maps.Keys(src.Held)) {
		if path.Dir(file) == name && slices.Contains(endings, path.Ext(file)) {
			files = append(files, file)
		}
	}
	return files
}

func (src Sources) heldPlan(name string) (folder, error) {
	if src.has(path.Join(name, "plan.toml")) {
		return folder{name: name, disk: true, src: src}, nil
	}
	return folder{}, problem.Errorf("there is no such plan in the ledger: duban ledger plans push DIR brings one")
}

// heldOf are the files of a plan's folder that are copied with it, by their names in
// it.
func heldOf(files map[string][]byte, dir string) map[string][]byte {
	out := map[string][]byte{}
	for name, data := range files {
		rel, err := filepath.Rel(dir, name)
		if ok, _ := path.Match("obligations/*.toml", rel); err == nil && (ok || rel == "plan.toml") {
			out[rel] = data
		}
	}
	return out
}

// Gather reads all files that the sources name, by the paths that they have in a
// ledger; years is the folder of those that were added.
func (src Sources) Gather(years string) (map[string][]byte, error) {
	out := map[string][]byte{}
	for _, name := range src.Plans {
		f, err := src.openPlan(name)
		if err != nil {
			return nil, problem.Errorf("%s: %w", name, err)
		}
		if err := f.gather(out); err != nil {
			return nil, err
		}
	}
	problems := &problem.List{}
	for _, name := range src.Units {
		for _, file := range src.tomlFiles(name, problems, ".toml") {
			if err := put(out, path.Join(HeldUnits, filepath.Base(file)), file); err != nil {
				return nil, err
			}
		}
	}
	if _, err := os.Stat(years); years != "" && err == nil {
		for _, file := range src.tomlFiles(years, problems, calendarFiles...) {
			if err := put(out, path.Join(HeldCalendar, filepath.Base(file)), file); err != nil {
				return nil, err
			}
		}
	}
	return out, problems.Err()
}

func put(out map[string][]byte, as, file string) error {
	if _, there := out[as]; there {
		return problem.Errorf("%s: another file is called %s too: rename one", file, path.Base(as))
	}
	data, err := toml.ReadFile(file)
	out[as] = data
	return err
}

// gather reads a plan's folder, its calendar among it.
func (f folder) gather(out map[string][]byte) error {
	data, err := f.readFile("plan.toml")
	if err != nil {
		return problem.Errorf("%s: %w", f.file("plan.toml"), readError(err))
	}
	head, err := toml.Head(data)
	if err != nil {
		return problem.Errorf("%s: %w", f.file("plan.toml"), err)
	}
	if err := rules.CheckID(head.ID); err != nil {
		return problem.Errorf("%s: id: %w", f.file("plan.toml"), err)
	}
	dir := path.Join(HeldPlans, head.ID)
	if _, there := out[path.Join(dir, "plan.toml")]; there {
		return problem.Errorf("%s: another plan has the id %q too", f.name, head.ID)
	}
	return fs.WalkDir(f.fs, ".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && name != "." && strings.HasPrefix(d.Name(), "."):
			return fs.SkipDir
		case d.IsDir() || !slices.Contains(calendarFiles, path.Ext(name)) || strings.HasPrefix(d.Name(), "."):
			return nil
		}
		out[path.Join(dir, name)], err = f.readFile(name)
		return err
	})
}
