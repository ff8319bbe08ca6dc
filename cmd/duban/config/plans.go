package config

import (
	"os"
	"path/filepath"
	"slices"
	"strings"

	"duban/rules/problem"
	"duban/rules/toml"
)

// thePlan is the one that runs where the configuration names none.
const thePlan = "rules/plans/zhongshan-2017"

// plans reads which plans there are: folders by their names, or by patterns, which
// stand for every folder with a plan.toml in it.
func (r reader) plans(t *toml.Table) {
	names := t.Strings("plans")
	for _, v := range names {
		path := r.path(v.Text)
		if !isPattern(v.Text) {
			r.c.named(path)
			continue
		}
		r.c.PlanPatterns = append(r.c.PlanPatterns, path)
		folders, err := matching(path)
		switch {
		case err != nil:
			t.ErrorAt(v, "plans", `%q is no pattern: write "plans/*" for every folder in plans that has a plan.toml`, v.Text)
		case len(folders) == 0 && !r.c.Shared():
			t.ErrorAt(v, "plans", "no folder matches %q that has a plan.toml in it", v.Text)
		}
		for _, f := range folders {
			r.c.named(f)
		}
	}
	if !t.Has("plans") {
		r.c.Plans = []string{thePlan}
	} else if len(names) == 0 && t.Empty("plans") {
		t.Errorf("plans", `names no plan: write plans = ["rules/plans/zhongshan-2017"]`)
	}
	r.c.PlanHome = filepath.Dir(thePlan)
	if len(names) > 0 {
		r.c.PlanHome = homeOf(r.path(names[0].Text))
	}
}

// homeOf is the folder in which a plan lies, or those that a pattern stands for.
func homeOf(plan string) string {
	dir := filepath.Dir(filepath.Clean(plan))
	for isPattern(dir) {
		dir = filepath.Dir(dir)
	}
	return dir
}

// named adds a plan, which a pattern may have named already.
func (c *Config) named(path string) {
	same := func(p string) bool { return filepath.Clean(p) == filepath.Clean(path) }
	if !slices.ContainsFunc(c.Plans, same) {
		c.Plans = append(c.Plans, path)
	}
}

func isPattern(name string) bool { return strings.ContainsAny(name, "*?[") }

// matching are the folders with a plan in them that a pattern stands for, by name;
// hidden ones it does not, as in a shell.
func matching(pattern string) ([]string, error) {
	found, err := filepath.Glob(pattern)
	return slices.DeleteFunc(found, func(dir string) bool { return hidden(dir) || !holdsPlan(dir) }), err
}

func hidden(dir string) bool { return strings.HasPrefix(filepath.Base(dir), ".") }

func holdsPlan(dir string) bool {
	info, err := os.Stat(filepath.Join(dir, "plan.toml"))
	return err == nil && info.Mode().IsRegular()
}

// PlanFolder is where a new plan of that id goes: beside the first one.
func (c *Config) PlanFolder(id string) string { return filepath.Join(c.PlanHome, id) }

// Listed is the configuration with a plan's folder among its plans, as it would
// stand in File; nil: it is there by a pattern, and nothing has to change.
func (c *Config) Listed(folder string) ([]byte, error) {
	for _, p := range c.PlanPatterns {
		if ok, err := filepath.Match(filepath.Clean(p), filepath.Clean(folder)); err == nil && ok && !hidden(folder) {
			return nil, nil
		}
	}
	if c.File == "" {
		return nil, problem.New(problem.Conflict, "there is no configuration to list the plan in: duban init DIR writes one")
	}
	data, err := toml.ReadFile(c.File)
	if err != nil {
		return nil, err
	}
	return toml.AddToList(data, "plans", c.asListed(folder), thePlan)
}

// asListed is a folder as the configuration names it: relative to its own where
// that leads down, as the others are.
func (c *Config) asListed(folder string) string {
	rel, err := filepath.Rel(filepath.Dir(c.File), folder)
	if err == nil && filepath.IsLocal(rel) {
		return filepath.ToSlash(rel)
	}
	if abs, err := filepath.Abs(folder); err == nil {
		return abs
	}
	return folder
}

// Unlisted is what to write into the configuration where duban may not.
func (c *Config) Unlisted(folder string) string { return toml.Quote(c.asListed(folder)) }

// Watched are the files and folders that rules come from.
func (c *Config) Watched() []string {
	var out []string
	if !c.Shared() { // where the ledger has the rules
		out = slices.Concat([]string{c.CalendarDir()}, c.Plans, c.Units)
	}
	for _, p := range c.PlanPatterns {
		out = append(out, homeOf(p))
	}
	if c.File != "" {
		out = append(out, c.File)
	}
	return out
}
