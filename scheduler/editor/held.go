package editor

import (
	"context"
	"errors"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"

	"duban/ledger"
	"duban/rules/planfile"
	"duban/rules/toml"
)

// read is a file of the rules as it stands now.
func (ed *Editor) read(ctx context.Context, name string) ([]byte, error) {
	if !ed.held {
		return toml.ReadFile(name)
	}
	f, err := ed.ledger.RuleFile(ctx, filepath.Clean(name))
	if errors.Is(err, ledger.ErrNotFound) {
		return nil, &os.PathError{Op: "read", Path: name, Err: fs.ErrNotExist}
	}
	if err != nil {
		return nil, err
	}
	return f.Text, nil
}

// find is an entry as it stands now.
func findPassage(ctx context.Context, ed *Editor, at planfile.Passage) (planfile.Passage, error) {
	read := func(name string) ([]byte, error) { return ed.read(ctx, name) }
	return planfile.FindBy(read, ed.view().Rules, at.Kind, at.Plan, at.ID)
}

// keepHeld is keep for files in the ledger: all of them and the journal are one
// transaction, which goes through only while this editor is the one that edits. No text
// at all: the file goes.
func (ed *Editor) keepHeld(ctx context.Context, files map[string][]byte, entries []ledger.Entry, also ...func(ledger.Tx) error) error {
	now, by := ed.view().Now, ""
	if len(entries) > 0 {
		by = entries[0].Actor
	}
	err := ed.ledger.Update(ctx, func(tx ledger.Tx) error {
		for _, name := range slices.Sorted(maps.Keys(files)) {
			if err := putHeld(tx, &ledger.RuleFile{Path: path.Clean(name), Text: files[name], Changed: now, By: by}); err != nil {
				return err
			}
		}
		for _, f := range also {
			if err := f(tx); err != nil {
				return err
			}
		}
		for _, e := range entries {
			e.At = now
			if err := tx.Journal(e); err != nil {
				return err
			}
		}
		return tx.Fence(editing, ed.owner)
	})
	if err != nil {
		return err
	}
	for _, e := range entries {
		ed.log.Info().Stringer("subject", e.Subject).Msg(e.Action)
	}
	return nil
}

// putHeld writes one file over what is there.
func putHeld(tx ledger.Tx, f *ledger.RuleFile) error {
	there, err := tx.RuleFile(tx.Context(), f.Path)
	switch {
	case errors.Is(err, ledger.ErrNotFound) && f.Text == nil:
		return nil
	case errors.Is(err, ledger.ErrNotFound):
		return tx.SaveRuleFile(f)
	case err != nil:
		return err
	case f.Text == nil:
		return tx.RemoveRuleFile(f.Path, there.Version, f.By, f.Changed)
	}
	f.Version = there.Version
	return tx.SaveRuleFile(f)
}
