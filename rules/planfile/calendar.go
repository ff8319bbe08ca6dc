package planfile

import (
	"os"
	"path/filepath"

	"duban/rules/calendar"
	"duban/rules/problem"
	"duban/rules/toml"
)

// calendar is the shipped one, or what a path relative to the plan names: a
// file changes years of the shipped one, a folder of files stands alone.
func (f folder) calendar(t *toml.Table, problems *problem.List) *calendar.Calendar {
	name := t.String("calendar")
	if name == "" || name == "cn" {
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
	isDir, err := f.src.isDir(at)
	if err != nil {
		t.Errorf("calendar", `no calendar %q: write "cn" or the path of a calendar file`, problem.Clip(name))
		return calendar.China()
	}
	years := f.src.readYears(at, problems)
	if len(years) == 0 && problems.Err() == nil {
		t.Errorf("calendar", `no calendar %q: write "cn" or the path of a calendar file`, problem.Clip(name))
	}
	if isDir {
		return calendar.New(years...)
	}
	return calendar.China().With(years...)
}

func (src Sources) isDir(name string) (bool, error) {
	if src.Held != nil {
		_, err := held(src.Held, name)
		return err != nil && len(src.heldFiles(name, calendarFiles)) > 0, nil
	}
	info, err := os.Stat(name)
	return err == nil && info.IsDir(), err
}

var calendarFiles = []string{".toml", ".json"}

// ReadYears reads a calendar file, or all that lie in a folder.
func ReadYears(name string, problems *problem.List) []calendar.Year {
	return Sources{}.readYears(name, problems)
}

func (src Sources) readYears(name string, problems *problem.List) []calendar.Year {
	var years []calendar.Year
	for _, file := range src.tomlFiles(name, problems, calendarFiles...) {
		data, err := src.readFile(file)
		if err != nil {
			problems.Add(problem.Pos{File: file}, "%v", readError(err))
			continue
		}
		if y, ok := calendar.Read(file, data, problems); ok {
			years = append(years, y)
		}
	}
	return years
}
