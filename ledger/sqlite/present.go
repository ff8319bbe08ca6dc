package sqlite

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sys/unix"

	"duban/ledger"
)

// identity is a file by its name and what it was when it was opened.
type identity struct {
	name string
	info os.FileInfo
}

func identify(names ...string) ([]identity, error) {
	var out []identity
	for _, name := range names {
		info, err := os.Stat(name)
		if err != nil {
			return nil, err
		}
		out = append(out, identity{name, info})
	}
	return out, nil
}

// Present tells whether the ledger's files are those that are open: the same
// inode on the same device. Somebody may have deleted them, or put others in
// their place.
func (l *Ledger) Present() error {
	for _, f := range l.files {
		info, err := os.Stat(f.name)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			return fmt.Errorf("%w: %s was deleted or moved; nothing is saved or sent until duban is started again with a ledger", ledger.ErrGone, f.name)
		case err != nil:
			return fmt.Errorf("ledger %s: %w", l.path, err)
		case !os.SameFile(f.info, info):
			return fmt.Errorf("%w: another file lies at %s; nothing is saved or sent until duban is started again", ledger.ErrGone, f.name)
		}
	}
	return nil
}

// leastRoom is what has to be free on the ledger's disk: what fits into the log
// as it is can be written without, the next larger change cannot.
const leastRoom = 1 << 20

func (l *Ledger) Room() error {
	var fs unix.Statfs_t
	if err := unix.Statfs(filepath.Dir(l.path), &fs); err != nil {
		return fmt.Errorf("ledger %s: %w", l.path, err)
	}
	if free := int64(fs.Bavail) * fs.Bsize; free < leastRoom {
		return fmt.Errorf("ledger %s: %w: %d KB are left; make room", l.path, ledger.ErrFull, free>>10)
	}
	return nil
}

func (l *Ledger) Rescue(ctx context.Context, now time.Time) (file string, err error) {
	file = l.path + ".rescued-" + now.UTC().Format(stamp)
	return file, l.Backup(ctx, file)
}

// stamp is how a time stands in the names of files: it sorts as it reads.
const stamp = "20060102T150405Z"
