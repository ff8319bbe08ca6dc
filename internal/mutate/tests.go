package main

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"golang.org/x/tools/cover"
)

// test is one test of a package: how long it took and which lines it came by.
type test struct {
	folder, name string
	took         time.Duration
	lines        map[string][]cover.ProfileBlock // by file
}

// comesBy: what stands in no function, such as a constant, every test comes by.
func (t *test) comesBy(m *mutant) bool {
	counted := false
	for _, b := range t.lines[m.file] {
		if b.StartLine <= m.line && m.line <= b.EndLine {
			if b.Count > 0 {
				return true
			}
			counted = true
		}
	}
	return !counted && t.lines[m.file] != nil
}

// testsOf runs each test of a room alone. One that fails as it is is an error.
func testsOf(room, skip string) (out []test, err error) {
	listed, err := exec.Command("go", "list", "-f", "{{if or .TestGoFiles .XTestGoFiles}}{{.Dir}}{{end}}", "./"+room+"/...").Output()
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "mutate")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	for folder := range strings.FieldsSeq(string(listed)) {
		some, err := testsIn(folder, room, skip, dir)
		if err != nil {
			return nil, err
		}
		out = append(out, some...)
	}
	return out, nil
}

func testsIn(folder, room, skip, dir string) (out []test, err error) {
	binary, profile := filepath.Join(dir, "test"), filepath.Join(dir, "profile")
	build := exec.Command("go", "test", "-c", "-cover", "-coverpkg", "./"+room+"/...", "-o", binary, folder)
	if said, err := build.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("%s: %w\n%s", folder, err, said)
	}
	run := func(args ...string) ([]byte, error) {
		c := exec.Command(binary, append(args, "-test.short")...)
		c.Dir = folder
		return c.CombinedOutput()
	}
	listed, err := run("-test.list", ".", "-test.skip", skip)
	if err != nil {
		return nil, fmt.Errorf("%s: %w\n%s", folder, err, listed)
	}
	for name := range strings.FieldsSeq(string(listed)) {
		if strings.HasPrefix(name, "Benchmark") || strings.HasPrefix(name, "Example") {
			continue
		}
		t := test{folder: folder, name: name, lines: map[string][]cover.ProfileBlock{}}
		began := time.Now()
		said, err := run("-test.run", "^"+name+"$", "-test.skip", skip, "-test.coverprofile", profile)
		if err != nil {
			return nil, fmt.Errorf("%s fails as it is: %w\n%s", name, err, said)
		}
		t.took = time.Since(began)
		found, err := cover.ParseProfiles(profile)
		if err != nil {
			return nil, err
		}
		for _, p := range found {
			_, file, _ := strings.Cut(p.FileName, "/") // behind the module's name
			t.lines[file] = p.Blocks
		}
		out = append(out, t)
	}
	return out, nil
}

// inTurn are the tests that come by a mutant, as they are asked: of its own package
// first, the quickest before those that take long.
func inTurn(all []test, m *mutant) (out [][]test) {
	own, err := filepath.Abs(filepath.Dir(m.file))
	if err != nil {
		return nil
	}
	by := map[string][]test{}
	for _, t := range all {
		if t.comesBy(m) {
			by[t.folder] = append(by[t.folder], t)
		}
	}
	for _, some := range by {
		slices.SortFunc(some, func(a, b test) int { return cmp.Compare(a.took, b.took) })
		quick := 0
		for took := time.Duration(0); quick < len(some) && took < 3*time.Second; quick++ {
			took += some[quick].took
		}
		for _, part := range [][]test{some[:quick], some[quick:]} {
			if len(part) > 0 {
				out = append(out, part)
			}
		}
	}
	slices.SortStableFunc(out, func(a, b []test) int {
		switch aOwn := a[0].folder == own; {
		case aOwn == (b[0].folder == own):
			return cmp.Compare(sum(a), sum(b))
		case aOwn:
			return -1
		}
		return 1
	})
	return out
}

func sum(of []test) (d time.Duration) {
	for _, t := range of {
		d += t.took
	}
	return d
}

// noticed tells whether a test of these fails, or takes three times as long as before.
func noticed(overlay string, some []test) bool {
	var names []string
	for _, t := range some {
		names = append(names, t.name)
	}
	err := exec.Command("go", "test", "-short", "-failfast", "-vet=off", "-overlay", overlay,
		"-timeout", (3*sum(some) + 30*time.Second).Round(time.Second).String(), "-run", "^("+strings.Join(names, "|")+")$", some[0].folder).Run()
	return errors.As(err, new(*exec.ExitError))
}
