package editor

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"slices"

	"duban/ledger"
	"duban/rules/calendar"
	"duban/rules/problem"
)

// SaveYear keeps a calendar year beside the others that were added, in dir, and
// journals it; what is kept is read back first. Then the rules are taken over.
func (ed *Editor) SaveYear(ctx context.Context, dir string, y calendar.Year, by string) error {
	if err := ed.keepYear(ctx, dir, y, by); err != nil {
		return err
	}
	ed.inForce(ctx)
	return nil
}

func (ed *Editor) keepYear(ctx context.Context, dir string, y calendar.Year, by string) error {
	done, err := ed.begin(ctx)
	if err != nil {
		return err
	}
	defer done()
	if !ed.held {
		if err := os.MkdirAll(dir, 0o750); err != nil {
			return err
		}
	}
	file := filepath.Join(dir, fmt.Sprintf("%04d.toml", y.Year))
	text := y.TOML()
	if err := readsBack(file, text, y); err != nil {
		return err
	}
	before, err := ed.read(ctx, file)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return ed.keep(ctx, file, text, []ledger.Entry{{
		Action: "calendar year saved", Subject: ledger.Subject{Kind: "calendar", Ref: filepath.Base(file)}, Actor: by,
		Before: versionText{file, string(before)}.String(), After: versionText{file, string(text)}.String(),
	}})
}

// readsBack tells whether a text says what it was made from.
func readsBack(file string, text []byte, y calendar.Year) error {
	problems := &problem.List{}
	back, _ := calendar.Read(file, text, problems)
	if err := problems.Err(); err != nil {
		return problem.Refuse("text", "the year would not be read back, and nothing was saved: %w", err)
	}
	days := func(y calendar.Year) []calendar.Day {
		out := slices.Clone(y.Days)
		slices.SortFunc(out, func(a, b calendar.Day) int { return cmp.Compare(a.Date, b.Date) })
		return out
	}
	if back.Year != y.Year || !slices.Equal(back.Source, y.Source) || !reflect.DeepEqual(days(back), days(y)) {
		return problem.Refuse("text", "the year would be read back as another, and nothing was saved: a name or a source holds what is no text")
	}
	return nil
}
