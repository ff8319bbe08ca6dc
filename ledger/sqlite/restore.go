package sqlite

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"duban/ledger"
)

func (l *Ledger) Check(ctx context.Context) error {
	var word string
	if err := l.read.QueryRowContext(ctx, `PRAGMA quick_check(1)`).Scan(&word); err != nil {
		return fmt.Errorf("ledger %s: %w", l.path, explain(err))
	}
	if word != "ok" {
		return fmt.Errorf("ledger %s: the file is damaged (%s): restore a backup with duban restore FILE", l.path, word)
	}
	return nil
}

// CopyBefore is where the ledger at path is kept as it was before its schema
// became that one.
func CopyBefore(path string, schema int64) string {
	return fmt.Sprintf("%s.before-schema-%d", path, schema)
}

// beforeMigration copies a ledger that a newer duban is about to change; an
// earlier copy, of a migration that was interrupted, is the one to keep.
func (l *Ledger) beforeMigration(ctx context.Context, target int64) error {
	file := CopyBefore(l.path, target)
	if _, err := os.Stat(file); err == nil {
		return nil
	}
	return l.Backup(ctx, file)
}

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
	book, err := Open(ctx, fresh, Options{MustExist: true, copied: true})
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

// setAside gives the ledger's file a second name, when all of it is in there. A
// file that cannot be opened any more is kept as it is, with its log.
func setAside(ctx context.Context, path, kept string) error {
	if db, err := openSQLite(path, "mode=rw", 1); err == nil {
		_, _ = db.ExecContext(ctx, `PRAGMA wal_checkpoint(TRUNCATE)`) // a damaged one: as far as it goes
		_ = db.Close()
	}
	if info, err := os.Stat(path + "-wal"); err == nil && info.Size() > 0 {
		if err := copyFile(path+"-wal", kept+"-wal"); err != nil {
			return err
		}
	}
	if err := os.Link(path, kept); err != nil {
		return err
	}
	for _, ending := range []string{"-wal", "-shm"} {
		if err := os.Remove(path + ending); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

func removeSQLite(file string) {
	for _, ending := range []string{"", "-wal", "-shm"} {
		_ = os.Remove(file + ending) // as a rule it is not there
	}
}

func copyFile(from, to string) error {
	src, err := os.Open(from)
	if err != nil {
		return err
	}
	defer src.Close()
	dst, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o640)
	if err != nil {
		return err
	}
	_, err = io.Copy(dst, src)
	return errors.Join(err, dst.Sync(), dst.Close())
}
