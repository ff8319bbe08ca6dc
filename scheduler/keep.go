package scheduler

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"slices"

	"github.com/google/renameio/v2"

	"duban/ledger"
	"duban/rules/calendar"
	"duban/rules/problem"
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
}

func sumOf(data []byte) string {
	h := sha256.Sum256(data)
	return hex.EncodeToString(h[:])
}

// keep changes a file and journals that: the new one lies ready on the disk, the
// ledger knows what is to come, then the file gets its name, then the journal
// tells of it. The file is the old one or the new one whole.
func (s *Scheduler) keep(ctx context.Context, file string, data []byte, e ledger.Entry) error {
	if err := s.endIntent(ctx); err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o750); err != nil {
		return err
	}
	pending, err := renameio.NewPendingFile(file, renameio.WithPermissions(0o644), renameio.WithExistingPermissions())
	if err != nil {
		return err
	}
	defer pending.Cleanup() // nothing left to do once it has its name
	if _, err := pending.Write(data); err != nil {
		return err
	}
	if err := pending.Sync(); err != nil {
		return err
	}
	e.At = s.Clock()
	in := intent{file, sumOf(data), e}
	text, err := json.Marshal(in)
	if err != nil {
		return err
	}
	if err := s.Ledger.Update(ctx, func(tx ledger.Tx) error { return tx.SetFact(factIntent, string(text)) }); err != nil {
		return err
	}
	if err := pending.CloseAtomicallyReplace(); err != nil {
		return errors.Join(err, s.endIntent(ctx))
	}
	s.Log.Info().Stringer("subject", e.Subject).Str("file", file).Msg(e.Action)
	if err := s.endIntent(context.WithoutCancel(ctx)); err != nil {
		// It is saved, and in force; the journal tells of it as soon as it can.
		s.Log.Error().Err(err).Str("file", file).Msg("saved; the journal could not tell of it yet")
	}
	return nil
}

// endIntent journals a change of a file that has come to pass, and forgets one
// that has not.
func (s *Scheduler) endIntent(ctx context.Context) error {
	return s.Ledger.Update(ctx, func(tx ledger.Tx) error {
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
			if err := tx.Journal(in.Entry); err != nil {
				return err
			}
		case err != nil && !errors.Is(err, fs.ErrNotExist):
			return err
		}
		return tx.SetFact(factIntent, "")
	})
}

// KeepYear keeps a calendar year beside the others that were added, in dir, and
// journals it; what is kept is read back first. The next reload takes it over.
func (s *Scheduler) KeepYear(ctx context.Context, dir string, y calendar.Year, by string) error {
	s.editing.Lock()
	defer s.editing.Unlock()
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return err
	}
	file := filepath.Join(dir, fmt.Sprintf("%04d.toml", y.Year))
	text := y.TOML()
	if err := readsBack(file, text, y); err != nil {
		return err
	}
	before, err := os.ReadFile(file)
	if err != nil && !os.IsNotExist(err) {
		return err
	}
	return s.keep(ctx, file, text, ledger.Entry{
		Action: "calendar year saved", Subject: ledger.Subject{Kind: "calendar", Ref: filepath.Base(file)}, Actor: by,
		Before: versionText{file, string(before)}.String(), After: versionText{file, string(text)}.String(),
	})
}

// SaveYear is KeepYear, and takes the year over at once.
func (s *Scheduler) SaveYear(ctx context.Context, load Loader, dir string, y calendar.Year, by string) error {
	if err := s.KeepYear(ctx, dir, y, by); err != nil {
		return err
	}
	s.takeOver(ctx, load)
	return nil
}

// readsBack tells whether a text says what it was made from.
func readsBack(file string, text []byte, y calendar.Year) error {
	problems := &problem.List{}
	back, _ := calendar.Read(file, text, problems)
	if err := problems.Err(); err != nil {
		return refuse("text", "the year would not be read back, and nothing was saved: %w", err)
	}
	days := func(y calendar.Year) []calendar.Day {
		out := slices.Clone(y.Days)
		slices.SortFunc(out, func(a, b calendar.Day) int { return cmp.Compare(a.Date, b.Date) })
		return out
	}
	if back.Year != y.Year || !slices.Equal(back.Source, y.Source) || !reflect.DeepEqual(days(back), days(y)) {
		return refuse("text", "the year would be read back as another, and nothing was saved: a name or a source holds what is no text")
	}
	return nil
}
