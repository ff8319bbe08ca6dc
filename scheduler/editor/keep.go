package editor

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/google/renameio/v2"

	"duban/ledger"
)

// factIntent is a change of a file that has begun: the journal tells of it once
// the file has its name. One that was interrupted in between is ended by the next
// start, or the next change.
const factIntent = "file being changed"

// intent is what a change of a file is to come to.
type intent struct {
	File  string       `json:"file"`
	Sum   string       `json:"sum"` // SHA-256 of what the file is to hold
	Entry ledger.Entry `json:"entry"`

	More   []ledger.Entry `json:"more,omitempty"`   // of the same change
	Folder string         `json:"folder,omitempty"` // of a new plan, which the file is to name
}

// entries are all that the journal is to tell.
func (in intent) entries() []ledger.Entry { return append([]ledger.Entry{in.Entry}, in.More...) }

func sumOf(data []byte) string {
	h := sha256.Sum256(data)
	return hex.EncodeToString(h[:])
}

// keep changes a file and journals that: the new one lies ready on the disk, the
// ledger knows what is to come, then the file gets its name, then the journal
// tells of it. The file is the old one or the new one whole. What the ledger has to
// know before the file has its name is done also.
func (ed *Editor) keep(ctx context.Context, file string, data []byte, entries []ledger.Entry, also ...func(ledger.Tx) error) error {
	if ed.held {
		return ed.keepHeld(ctx, map[string][]byte{file: data}, entries, also...)
	}
	if err := Finish(ctx, ed.ledger); err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o750); err != nil {
		return err
	}
	pending, err := ready(file, data)
	if err != nil {
		return err
	}
	defer pending.Cleanup() // nothing left to do once it has its name
	in := intent{File: file, Sum: sumOf(data), Entry: entries[0], More: entries[1:]}
	if err := intend(ctx, ed, in, also...); err != nil {
		return err
	}
	if err := pending.CloseAtomicallyReplace(); err != nil {
		return errors.Join(err, Finish(ctx, ed.ledger))
	}
	journalTells(ctx, ed, in, file)
	return nil
}

// ready is a file that has to get its name yet; all of it is on the disk.
func ready(file string, data []byte) (*renameio.PendingFile, error) {
	pending, err := renameio.NewPendingFile(file, renameio.WithPermissions(0o644), renameio.WithExistingPermissions())
	if err != nil {
		return nil, err
	}
	if _, err := pending.Write(data); err != nil {
		return nil, errors.Join(err, pending.Cleanup())
	}
	if err := pending.Sync(); err != nil {
		return nil, errors.Join(err, pending.Cleanup())
	}
	return pending, nil
}

// intend notes in the ledger what is to come.
func intend(ctx context.Context, ed *Editor, in intent, also ...func(ledger.Tx) error) error {
	in.Entry.At = ed.view().Now
	for i := range in.More {
		in.More[i].At = in.Entry.At
	}
	text, err := json.Marshal(in)
	if err != nil {
		return err
	}
	return ed.ledger.Update(ctx, func(tx ledger.Tx) error {
		for _, f := range also {
			if err := f(tx); err != nil {
				return err
			}
		}
		return tx.SetFact(factIntent, string(text))
	})
}

// told lets the journal tell of what has come to pass.
func journalTells(ctx context.Context, ed *Editor, in intent, where string) {
	for _, e := range in.entries() {
		ed.log.Info().Stringer("subject", e.Subject).Str("file", where).Msg(e.Action)
	}
	if err := Finish(context.WithoutCancel(ctx), ed.ledger); err != nil {
		// It is saved, and in force; the journal tells of it as soon as it can.
		ed.log.Error().Err(err).Str("file", where).Msg("saved; the journal could not tell of it yet")
	}
}

// Finish journals a change of a file that has come to pass, and forgets one
// that has not.
func Finish(ctx context.Context, l ledger.Store) error {
	return l.Update(ctx, func(tx ledger.Tx) error {
		text, err := tx.Fact(tx.Context(), factIntent)
		if err != nil || text == "" {
			return err
		}
		var in intent
		if err := json.Unmarshal([]byte(text), &in); err != nil {
			return err
		}
		switch data, err := os.ReadFile(in.File); {
		case err == nil && sumOf(data) == in.Sum:
			for _, e := range in.entries() {
				if err := tx.Journal(e); err != nil {
					return err
				}
			}
		case err != nil && !errors.Is(err, fs.ErrNotExist):
			return err
		case in.Folder != "": // a power cut came before it was named: it would only be in the way
			if err := os.Rename(in.Folder, lies(in.Folder)); err != nil && !errors.Is(err, fs.ErrNotExist) {
				return err
			}
		}
		return tx.SetFact(factIntent, "")
	})
}
