package sqlite

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"duban/ledger"
)

// Restore puts a backup in the place of the ledger at path, whose present file,
// if there is one, is kept under the name that is returned. The backup is
// checked first; until the last step, which is one rename, nothing has changed.
// The caller holds the Lock.
func Restore(ctx context.Context, backup, path string, now time.Time) (kept string, verdict ledger.Verdict, err error) {
	fail := func(err error) (string, ledger.Verdict, error) {
		return "", verdict, fmt.Errorf("restore %s: %w; nothing was changed", backup, err)
	}
	if same, err := sameFile(backup, path); err != nil || same {
		if same {
			err = errors.New("is the ledger itself: name a backup")
		}
		return fail(err)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
		return fail(err)
	}
	fresh := path + ".restoring"
	defer removeSQLite(fresh) // what is left of it
	removeSQLite(fresh)
	if err := copyFile(backup, fresh); err != nil {
		return fail(err)
	}
	var book *Ledger
	err = migrateAt(ctx, fresh, func(*Ledger, context.Context) error { return nil }) // the backup is the copy
	if err == nil {
		book, err = Open(ctx, fresh, Options{MustExist: true})
	}
	if err != nil {
		return fail(errors.New(strings.ReplaceAll(err.Error(), fresh, backup)))
	}
	verdict, err = book.Verify(ctx)
	if err := errors.Join(err, book.Close()); err != nil {
		return fail(err)
	}
	if len(verdict.Problems) > 0 {
		return fail(fmt.Errorf("it does not prove right: %s", verdict.Problems[0]))
	}
	if err := syncFile(fresh); err != nil {
		return fail(err)
	}
	aside := path + ".replaced-" + now.UTC().Format(stamp)
	switch _, err := os.Stat(path); {
	case err == nil:
		kept = aside
		if err := setAside(ctx, path, kept); err != nil {
			return fail(err)
		}
	case !errors.Is(err, fs.ErrNotExist):
		return fail(err)
	default: // the log of a file that is gone must not be taken for the backup's
		if err := os.Rename(path+"-wal", aside+"-wal"); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fail(err)
		}
	}
	if err := os.Rename(fresh, path); err != nil {
		return fail(err)
	}
	return kept, verdict, syncFile(filepath.Dir(path))
}
