package planfile

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"

	"duban/rules"
	"duban/rules/problem"
	"duban/rules/toml"
)

// Kinds are the entries that are edited each by itself, in the order in which
// people look for them.
var Kinds = []rules.EntryKind{rules.ObligationEntry, rules.UnitEntry, rules.GroupEntry, rules.PolicyEntry, rules.EventEntry}

// Edited tells whether entries of that kind are edited each by itself: those of
// Kinds, and the plan's own keys, which stand before the first header of its file.
func Edited(kind rules.EntryKind) bool {
	return kind == rules.PlanEntry || slices.Contains(Kinds, kind)
}

// Passage is one entry of the rule files, as its lines.
type Passage struct {
	Kind rules.EntryKind
	Plan string
	ID   string
	File string
	Text string // empty: it is not there
}

// Subject is what the journal calls it.
func (p Passage) Subject() string { return SubjectKind(p.Kind) + " " + p.Plan + ":" + p.ID }

// SubjectKind is what the journal calls entries of a kind. An event there is one
// that was recorded; what events are called is something else.
func SubjectKind(k rules.EntryKind) string {
	if k == rules.EventEntry {
		return "event-name"
	}
	return string(k)
}

// Find is an entry as it now stands in its file; its Text is empty where there is
// none. The error tells why it cannot be edited.
func Find(set *rules.Set, kind rules.EntryKind, plan, id string) (Passage, error) {
	return FindBy(func(name string) ([]byte, error) { return ReadFile(set, name) }, set, kind, plan, id)
}

// FindBy is Find by another reader of files.
func FindBy(read func(name string) ([]byte, error), set *rules.Set, kind rules.EntryKind, plan, id string) (Passage, error) {
	e := Passage{Kind: kind, Plan: plan, ID: id}
	p := set.Plan(plan)
	switch {
	case p == nil:
		return e, problem.Errorf("no plan %q", problem.Clip(plan))
	case p.Dir == "":
		return e, problem.Errorf("the plan %s is part of the binary: copy it into a folder and name that in the configuration to edit it", plan)
	case !Edited(kind) || kind == rules.PlanEntry && id != plan:
		return e, problem.Errorf("there is no kind of rule %q", problem.Clip(string(kind)))
	}
	if e.File = fileOf(set, p, kind, id); e.File == "" {
		e.File = FilesFor(p, kind)[0]
	}
	data, err := read(e.File)
	if err != nil && !errors.Is(err, fs.ErrNotExist) { // the first entry makes the file
		return e, err
	}
	if at, ok, err := e.find(data); err != nil {
		return e, fmt.Errorf("%s: %w", e.File, err)
	} else if ok {
		e.Text = unixLines(string(data[at.Start:at.End]))
	}
	return e, nil
}

// fileOf is where an entry that is in force stands; empty: none is.
func fileOf(set *rules.Set, p *rules.Plan, kind rules.EntryKind, id string) string {
	switch kind {
	case rules.ObligationEntry:
		if o := p.Obligation(id); o != nil {
			return o.Pos().File
		}
	case rules.UnitEntry:
		if u := set.Unit(id); u != nil {
			return u.Pos().File
		}
	case rules.GroupEntry:
		if i := slices.IndexFunc(set.Groups, func(g *rules.Group) bool { return g.ID == id }); i >= 0 {
			return set.Groups[i].Pos().File
		}
	}
	return "" // the rest stands in plan.toml
}

// FilesFor are the files of the plan that a new entry of that kind may go into.
func FilesFor(p *rules.Plan, kind rules.EntryKind) []string {
	switch kind {
	case rules.ObligationEntry:
		var files []string
		for _, o := range p.Obligations {
			if file := o.Pos().File; !slices.Contains(files, file) {
				files = append(files, file)
			}
		}
		if len(files) == 0 { // the plan has none yet
			files = []string{filepath.Join(p.Dir, "obligations", "01.toml")}
		}
		return files
	case rules.PolicyEntry, rules.EventEntry, rules.PlanEntry:
		return []string{filepath.Join(p.Dir, "plan.toml")}
	}
	return []string{filepath.Join(p.Dir, "units.toml")}
}

// path is that of its header.
func (p Passage) path() string {
	if p.Kind == rules.PolicyEntry {
		return "policy." + p.ID
	}
	return string(p.Kind)
}

func (p Passage) is(t toml.Block) bool {
	return t.Path == p.path() && (p.Kind == rules.PolicyEntry || t.ID == p.ID)
}

func (p Passage) find(data []byte) (toml.Block, bool, error) {
	if p.Kind == rules.PlanEntry {
		head, err := toml.Head(data)
		return head, head.End > 0, err
	}
	all, err := toml.Blocks(data)
	if i := slices.IndexFunc(all, p.is); i >= 0 {
		return all[i], true, nil
	}
	return toml.Block{}, false, err
}

// Lines are the first and the last line of the passage in data; 0 and 0: it is not
// there.
func (p Passage) Lines(data []byte) (first, last int, err error) {
	at, ok, err := p.find(data)
	if !ok || err != nil {
		return 0, 0, err
	}
	return 1 + bytes.Count(data[:at.Start], []byte("\n")), 1 + bytes.Count(data[:at.End], []byte("\n")), nil
}

// Check refuses a text that is not this one entry and nothing else.
func (p Passage) Check(text string) error {
	if p.Kind == rules.PlanEntry {
		return p.checkHead(text)
	}
	all, err := toml.Blocks([]byte(text))
	switch {
	case err != nil:
		return err
	case len(all) != 1 || all[0].Path != p.path():
		return problem.Errorf("the text has to be one entry that begins with %s", p.Header())
	case !onlyComments(text[:all[0].Start]):
		return problem.Errorf("nothing but comments may stand before %s", p.Header())
	case p.Kind != rules.PolicyEntry && all[0].ID != p.ID:
		return p.otherID()
	}
	return nil
}

func (p Passage) otherID() error {
	return &problem.Error{Code: problem.Invalid, Field: "id", Key: "stays %q for ever, since the ledger knows it by that: add a copy to have another", Args: []any{p.ID}}
}

// checkHead is Check for a plan's own keys.
func (p Passage) checkHead(text string) error {
	all, err := toml.Blocks([]byte(text))
	if err == nil && len(all) > 0 {
		err = problem.Errorf("the text has to be the plan's own keys, without %s: events and policies are edited each by itself", "["+all[0].Path+"]")
	}
	if err != nil {
		return err
	}
	head, err := toml.Head([]byte(text))
	if err == nil && head.ID != p.ID {
		err = p.otherID()
	}
	return err
}

func onlyComments(text string) bool {
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line != "" && line[0] != '#' {
			return false
		}
	}
	return true
}

// Header is the line that it begins with; a plan's own keys have none.
func (p Passage) Header() string {
	if p.Kind == rules.PlanEntry {
		return ""
	}
	if p.Kind == rules.PolicyEntry {
		return "[" + p.path() + "]"
	}
	return "[[" + p.path() + "]]"
}

// Put is data with text in place of the passage: no other byte changes. Without
// a text it goes, with the empty lines before it; one that is not there is
// added at the end.
func (p Passage) Put(data []byte, text string) ([]byte, error) {
	text = strings.TrimRight(unixLines(text), "\n\t ")
	if bytes.Contains(data, []byte("\r\n")) {
		text = strings.ReplaceAll(text, "\n", "\r\n")
	}
	at, ok, err := p.find(data)
	switch {
	case err != nil:
		return nil, err
	case ok && text != "":
		return toml.Splice(data, at.Start, at.End, text), nil
	case ok:
		before := bytes.TrimRight(data[:at.Start], "\r\n\t ")
		return toml.Splice(data, len(before), at.End, ""), nil
	case text == "":
		return data, nil
	}
	end := bytes.TrimRight(data, "\r\n\t ")
	if len(end) > 0 {
		text = "\n\n" + text
	}
	return slices.Concat(end, []byte(text), []byte("\n")), nil
}

func unixLines(s string) string { return strings.ReplaceAll(s, "\r\n", "\n") }
