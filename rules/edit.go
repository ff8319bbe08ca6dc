package rules

import (
	"bytes"
	"duban/rules/problem"
	"duban/rules/toml"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// BlockKind is what is edited by itself in the rule files.
type BlockKind string

// The kinds of block.
const (
	ObligationBlock BlockKind = "obligation"
	UnitBlock       BlockKind = "unit"
	GroupBlock      BlockKind = "group"
	PolicyBlock     BlockKind = "policy"
)

// BlockKinds in the order in which people look for them.
var BlockKinds = []BlockKind{ObligationBlock, UnitBlock, GroupBlock, PolicyBlock}

// Block is one entry of the rule files, as its lines.
type Block struct {
	Kind BlockKind
	Plan string
	ID   string
	File string
	Text string // empty: it is not there
}

// Subject is what the journal calls it.
func (b Block) Subject() string { return string(b.Kind) + " " + b.Plan + ":" + b.ID }

// Block is an entry as it now stands on disk; its Text is empty where there is
// none. The error tells why it cannot be edited.
func (s *Set) Block(kind BlockKind, plan, id string) (Block, error) {
	b := Block{Kind: kind, Plan: plan, ID: id}
	p := s.Plan(plan)
	if p == nil {
		return b, problem.Errorf("no plan %q", clip(plan))
	}
	if p.Dir == "" {
		return b, problem.Errorf("the plan %s is part of the binary: copy it into a folder and name that in the configuration to edit it", plan)
	}
	switch kind {
	case ObligationBlock:
		if o := p.Obligation(id); o != nil {
			b.File = o.pos.File
		}
	case UnitBlock:
		if u := s.Unit(id); u != nil {
			b.File = u.pos.File
		}
	case GroupBlock:
		if i := slices.IndexFunc(s.Groups, func(g *Group) bool { return g.ID == id }); i >= 0 {
			b.File = s.Groups[i].pos.File
		}
	case PolicyBlock:
		b.File = filepath.Join(p.Dir, "plan.toml")
	default:
		return b, problem.Errorf("there is no kind of rule %q", clip(string(kind)))
	}
	if b.File == "" {
		b.File = p.FilesFor(kind)[0]
	}
	data, err := toml.ReadFile(b.File)
	if err != nil && !os.IsNotExist(err) { // the first entry makes the file
		return b, err
	}
	if at, ok, err := b.find(data); err != nil {
		return b, fmt.Errorf("%s: %w", b.File, err)
	} else if ok {
		b.Text = unixLines(string(data[at.Start:at.End]))
	}
	return b, nil
}

// FilesFor are the files of the plan that a new entry of that kind may go into.
func (p *Plan) FilesFor(kind BlockKind) []string {
	switch kind {
	case ObligationBlock:
		var files []string
		for _, o := range p.Obligations {
			if !slices.Contains(files, o.pos.File) {
				files = append(files, o.pos.File)
			}
		}
		if len(files) == 0 { // the plan has none yet
			files = []string{filepath.Join(p.Dir, "obligations", "01.toml")}
		}
		return files
	case PolicyBlock:
		return []string{filepath.Join(p.Dir, "plan.toml")}
	}
	return []string{filepath.Join(p.Dir, "units.toml")}
}

// path is that of the block's header.
func (b Block) path() string {
	if b.Kind == PolicyBlock {
		return "policy." + b.ID
	}
	return string(b.Kind)
}

func (b Block) is(t toml.Block) bool {
	return t.Path == b.path() && (b.Kind == PolicyBlock || t.ID == b.ID)
}

func (b Block) find(data []byte) (toml.Block, bool, error) {
	all, err := toml.Blocks(data)
	if i := slices.IndexFunc(all, b.is); i >= 0 {
		return all[i], true, nil
	}
	return toml.Block{}, false, err
}

// Check refuses a text that is not this one entry and nothing else.
func (b Block) Check(text string) error {
	all, err := toml.Blocks([]byte(text))
	switch {
	case err != nil:
		return err
	case len(all) != 1 || all[0].Path != b.path():
		return problem.Errorf("the text has to be one entry that begins with %s", b.Header())
	case !onlyComments(text[:all[0].Start]):
		return problem.Errorf("nothing but comments may stand before %s", b.Header())
	case b.Kind != PolicyBlock && all[0].ID != b.ID:
		return problem.Errorf("id: stays %q for ever, since the ledger knows it by that: add a copy to have another", b.ID)
	}
	return nil
}

func onlyComments(text string) bool {
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line != "" && line[0] != '#' {
			return false
		}
	}
	return true
}

// Header is the line that the block begins with.
func (b Block) Header() string {
	if b.Kind == PolicyBlock {
		return "[" + b.path() + "]"
	}
	return "[[" + b.path() + "]]"
}

// Put is data with text in place of the block: no other byte changes. Without a
// text the block goes, with the empty lines before it; one that is not there is
// added at the end.
func (b Block) Put(data []byte, text string) ([]byte, error) {
	text = strings.TrimRight(unixLines(text), "\n\t ")
	if bytes.Contains(data, []byte("\r\n")) {
		text = strings.ReplaceAll(text, "\n", "\r\n")
	}
	at, ok, err := b.find(data)
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
