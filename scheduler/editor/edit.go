package editor

import (
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"duban/ledger"
	"duban/rules"
	"duban/rules/calendar"
	"duban/rules/planfile"
	"duban/rules/problem"
	"duban/scheduler/engine"
)

// Edit is a change of one entry of the rule files, or of one calendar year.
type Edit struct {
	planfile.Passage        // Text is what it was when the editor opened it
	To               string // the new text; empty: the entry goes
	By               string
	Reason           string

	Wrong []problem.Problem // within it, once it was tried
}

// ConflictError says that somebody else changed the entry in the meantime.
type ConflictError struct{ Theirs string }

func (e *ConflictError) Error() string {
	return "somebody else has changed this in the meantime: nothing was saved; compare, and save again what is to stand"
}

// Rehearsal is what would come of an edit.
type Rehearsal struct {
	Set     *rules.Set      // the rules as they would be; nil where they have errors
	Changes []engine.Change // of the ledger
	Notices int             // that would be made at once
	Units   int             // that would hear of it on the next mail day
}

// Rehearse tells what an edit would do, by doing it and taking it back. What is
// wrong with it is in the problems.
func (ed *Editor) Rehearse(ctx context.Context, e Edit) (*Rehearsal, *problem.List, error) {
	return ed.RehearseAll(ctx, []*Edit{&e})
}

// RehearseAll is Rehearse for edits that stand or fall together.
func (ed *Editor) RehearseAll(ctx context.Context, edits []*Edit) (*Rehearsal, *problem.List, error) {
	files, problems := ed.put(ctx, edits)
	if problems.Err() != nil {
		return nil, problems, nil
	}
	set, problems, err := ed.loadedWith(ctx, edits, files)
	return ed.rehearse(ctx, set, problems, err)
}

// put are the files as they would be with the edits, by their cleaned paths.
func (ed *Editor) put(ctx context.Context, edits []*Edit) (map[string][]byte, *problem.List) {
	files, problems := map[string][]byte{}, &problem.List{}
	for _, e := range edits {
		name := filepath.Clean(e.File)
		data, read := files[name]
		var err error
		if !read {
			data, err = ed.fileOf(ctx, e)
		}
		if err == nil {
			data, err = e.put(data)
		}
		if err != nil {
			problems.Add(problem.Pos{File: e.File}, "%v", err)
			e.Wrong = append(e.Wrong, problem.Problem{Pos: problem.Pos{File: e.File}, Said: &problem.Error{Key: "%v", Args: []any{err}}})
			continue
		}
		files[name] = data
	}
	return files, problems
}

// loadedWith are the rules as they would be with edits that are in files. What is
// wrong with an edited entry stops it in a draft too; the rest of a draft may be
// unfinished.
func (ed *Editor) loadedWith(ctx context.Context, edits []*Edit, files map[string][]byte) (*rules.Set, *problem.List, error) {
	set, problems, err := ed.loaded(ctx, func(src *planfile.Sources) { src.Instead = files })
	if err != nil {
		return nil, problems, err
	}
	for _, e := range edits {
		name := filepath.Clean(e.File)
		from, to, err := e.Lines(files[name])
		if err != nil {
			return nil, problems, err
		}
		within := func(p problem.Problem) bool {
			return e.To != "" && filepath.Clean(p.File) == name && from <= p.Line && p.Line <= to
		}
		problems.Draft(func(p problem.Problem) bool { return p.Draft && !within(p) })
		for _, p := range problems.Errors() {
			if within(p) {
				e.Wrong = append(e.Wrong, p)
			}
		}
	}
	return set, problems, nil
}

// RehearseYear is Rehearse for a calendar year.
func (ed *Editor) RehearseYear(ctx context.Context, y calendar.Year) (*Rehearsal, *problem.List, error) {
	set, problems, err := ed.loaded(ctx, func(src *planfile.Sources) { src.Years = append(src.Years, y) })
	return ed.rehearse(ctx, set, problems, err)
}

// rehearse is what would come of a set of rules, if it was loaded.
func (ed *Editor) rehearse(ctx context.Context, set *rules.Set, problems *problem.List, err error) (*Rehearsal, *problem.List, error) {
	if err != nil || problems.Err() != nil {
		return &Rehearsal{}, problems, err
	}
	v := ed.view()
	v.Rules = set
	r, err := rehearse(ctx, ed.ledger, v, engine.Work{Adopt: true, NewDay: true})
	return r, problems, err
}

// rehearse evaluates under a view's rules and takes that back.
func rehearse(ctx context.Context, l ledger.Store, v engine.View, w engine.Work) (*Rehearsal, error) {
	r := &Rehearsal{Set: v.Rules}
	err := l.Rehearse(ctx, func(tx ledger.Tx) error { return r.evaluate(tx, v, w) })
	return r, err
}

// evaluate notes what comes of an evaluation.
func (r *Rehearsal) evaluate(tx ledger.Tx, v engine.View, w engine.Work) error {
	r.Changes = nil // of a try that is begun anew
	before, err := tx.UntoldDuties(tx.Context())
	if err != nil {
		return err
	}
	out, err := engine.Evaluate(tx, v, w)
	if err != nil {
		return err
	}
	r.Notices = len(out.Made)
	after, err := tx.UntoldDuties(tx.Context())
	if err != nil {
		return err
	}
	r.Units = hearOf(before, after)
	return tx.Written(r.note)
}

// hearOf is how many units have something else to hear of than before.
func hearOf(before, after []*ledger.Duty) int {
	type news struct {
		plan, obligation, unit string
		retired                bool
	}
	of := map[news]int{}
	for _, d := range before {
		of[news{d.Plan, d.Obligation, d.Unit, d.Retired}]--
	}
	for _, d := range after {
		of[news{d.Plan, d.Obligation, d.Unit, d.Retired}]++
	}
	units := map[string]bool{}
	for n, more := range of {
		if more != 0 {
			units[n.unit] = true
		}
	}
	return len(units)
}

// Missing is what a backfill would make or open again.
func Missing(ctx context.Context, l ledger.Store, v engine.View, b engine.Backfill) ([]engine.Change, error) {
	with, err := rehearse(ctx, l, v, engine.Work{Adopt: true, NewDay: true, Backfill: &b})
	if err != nil {
		return nil, err
	}
	without, err := rehearse(ctx, l, v, engine.Work{Adopt: true, NewDay: true})
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(with.Changes, func(c engine.Change) bool {
		return c.Action != "made" && c.Action != "owed again" || slices.ContainsFunc(without.Changes, func(w engine.Change) bool { return w.Occurrence == c.Occurrence })
	}), nil
}

// note takes a change out of the journal of a rehearsal.
func (r *Rehearsal) note(e ledger.Entry) error {
	if e.Subject.Kind != ledger.AboutOccurrence {
		return nil
	}
	var before, after struct {
		Due         calendar.Date `json:"due"`
		Provisional bool          `json:"provisional"`
	}
	if err := json.Unmarshal([]byte(e.After), &after); err != nil {
		return err
	}
	if e.Before != "" {
		if err := json.Unmarshal([]byte(e.Before), &before); err != nil {
			return err
		}
	}
	if e.Action == "recounted" && before == after {
		return nil
	}
	r.Changes = append(r.Changes, engine.Change{Action: e.Action, Occurrence: e.Subject.Ref, Due: after.Due, Before: before.Due, Provisional: after.Provisional})
	return nil
}

func (ed *Editor) fileOf(ctx context.Context, e *Edit) ([]byte, error) {
	if e.File == "" {
		return nil, errors.New("there is no file for it: name one")
	}
	data, err := ed.read(ctx, e.File)
	if e.Text == "" && errors.Is(err, fs.ErrNotExist) {
		return nil, nil // the first entry makes the file
	}
	return data, err
}

func (e *Edit) put(data []byte) ([]byte, error) {
	if e.To != "" {
		if err := e.Check(e.To); err != nil {
			return nil, err
		}
	}
	return e.Put(data, e.To)
}

// Version is an entry of the rules as it once stood.
type Version struct {
	ledger.Entry // of the change that made it so
	versionText
}

// versionText is what the journal keeps of a version.
type versionText struct {
	File string `json:"file"`
	Text string `json:"text"` // empty: it was not there
}

// Save writes an edit into its file, if the rules are right with it: only the
// entry's lines change, and the file is the old one or the new one whole. The
// text before is kept in the journal. Then the rules are taken over. Where
// somebody else was faster there is a ConflictError.
func (ed *Editor) Save(ctx context.Context, e Edit) (*problem.List, error) {
	return ed.SaveAll(ctx, []*Edit{&e})
}

// SaveAll is Save for edits that stand or fall together: those of one file are one
// change of it.
func (ed *Editor) SaveAll(ctx context.Context, edits []*Edit) (*problem.List, error) {
	done, err := ed.begin(ctx)
	if err != nil {
		return &problem.List{}, err
	}
	defer done()
	var changed []*Edit
	entries := map[string][]ledger.Entry{}
	for _, e := range edits {
		now, err := findPassage(ctx, ed, e.Passage)
		if err != nil {
			return &problem.List{}, err
		}
		if now.Text != "" {
			e.File = now.File
		}
		if strings.TrimSpace(now.Text) != strings.TrimSpace(e.Text) {
			return &problem.List{}, &ConflictError{now.Text}
		}
		if strings.TrimSpace(e.To) == strings.TrimSpace(now.Text) {
			continue // it stands as it is
		}
		changed = append(changed, e)
		name := filepath.Clean(e.File)
		entries[name] = append(entries[name], ledger.Entry{
			Action: e.verb(), Subject: ledger.ParseSubject(e.Subject()), Actor: e.By, Reason: e.Reason,
			Before: versionText{e.File, now.Text}.String(), After: versionText{e.File, e.To}.String(),
		})
	}
	if len(changed) == 0 {
		return &problem.List{}, nil
	}
	files, problems := ed.put(ctx, changed)
	if problems.Err() != nil {
		return problems, nil
	}
	if _, problems, err = ed.loadedWith(ctx, changed, files); err != nil || problems.Err() != nil {
		return problems, err
	}
	if ed.held {
		var all []ledger.Entry
		for _, name := range slices.Sorted(maps.Keys(files)) {
			all = append(all, entries[name]...)
		}
		err = ed.keepHeld(ctx, files, all)
	} else {
		for _, name := range slices.Sorted(maps.Keys(files)) {
			if err = ed.keep(ctx, name, files[name], entries[name]); err != nil {
				break
			}
		}
	}
	if err != nil {
		return problems, err
	}
	ed.inForce(ctx)
	return problems, nil
}

func (e *Edit) verb() string {
	switch {
	case e.Text == "":
		return "rule added"
	case e.To == "":
		return "rule retired"
	}
	return "rule edited"
}

func (v versionText) String() string {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err) // plain values always marshal
	}
	return string(b)
}

// Versions are all that the journal keeps of an entry, the newest first; each
// as it stood after the change, and the oldest also as it was before.
func (ed *Editor) Versions(ctx context.Context, b planfile.Passage) ([]Version, error) {
	var out []Version
	err := ed.ledger.Entries(ctx, ledger.ParseSubject(b.Subject()), func(e ledger.Entry) error {
		v := Version{Entry: e}
		if err := json.Unmarshal([]byte(e.After), &v.versionText); err != nil {
			return err
		}
		if len(out) == 0 {
			first := Version{}
			if err := json.Unmarshal([]byte(e.Before), &first.versionText); err != nil {
				return err
			}
			if first.Text != "" {
				out = append(out, first)
			}
		}
		out = append([]Version{v}, out...)
		return nil
	})
	return out, err
}
