package mail

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"duban/notify"
)

// Maildir is a folder that any mail reader opens. A mail of the same name and
// bytes is put there once, however often it is sent again: a crash repeats
// nothing. Only what is sent again is looked for, since a reader's folder grows.
type Maildir struct {
	Path string
	Fast bool // do not wait for the disk: for simulations
}

// OpenMaildir makes the folders that are missing.
func OpenMaildir(path string, fast bool) (*Maildir, error) {
	for _, sub := range []string{"tmp", "new", "cur"} {
		if err := os.MkdirAll(filepath.Join(path, sub), 0o750); err != nil {
			return nil, fmt.Errorf("maildir %s: %w", path, err)
		}
	}
	return &Maildir{path, fast}, nil
}

// Parallel is 1: a disk is one place.
func (d *Maildir) Parallel() int { return 1 }

// Close does nothing.
func (d *Maildir) Close() error { return nil }

// Send writes the mail beside, makes it durable and moves it into new.
func (d *Maildir) Send(_ context.Context, m notify.Message) notify.Outcome {
	h := sha256.Sum256(m.Raw)
	name := m.Name + "." + hex.EncodeToString(h[:6]) + ".duban"
	if m.Again {
		switch there, err := d.has(name); {
		case err != nil:
			return notify.Outcome{Err: down(err, false)}
		case there:
			return notify.Outcome{Reply: "already in " + d.Path}
		}
	}
	if err := m.MayEnd(); err != nil {
		return notify.Outcome{Err: err}
	}
	final := filepath.Join(d.Path, "new", name)
	// A file has the lines of files: LF, as every delivery agent writes them.
	if err := d.write(filepath.Join(d.Path, "tmp", name), final, bytes.ReplaceAll(m.Raw, []byte("\r\n"), []byte("\n"))); err != nil {
		return notify.Outcome{Err: down(fmt.Errorf("maildir: %w", err), false)}
	}
	return notify.Outcome{Reply: "put into " + final}
}

// has tells whether the mail is in new, or in cur under whatever flags its
// reader gave it.
func (d *Maildir) has(name string) (bool, error) {
	_, err := os.Stat(filepath.Join(d.Path, "new", name))
	if err == nil || !errors.Is(err, fs.ErrNotExist) {
		return err == nil, err
	}
	entries, err := os.ReadDir(filepath.Join(d.Path, "cur"))
	if err != nil {
		return false, err
	}
	for _, e := range entries {
		if e.Name() == name || strings.HasPrefix(e.Name(), name+":") {
			return true, nil
		}
	}
	return false, nil
}

func (d *Maildir) write(tmp, final string, raw []byte) (err error) {
	f, err := os.OpenFile(tmp, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o640)
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = os.Remove(tmp) // half a mail is of no use
		}
	}()
	_, err = f.Write(raw)
	if err == nil && !d.Fast {
		err = f.Sync()
	}
	if closeErr := f.Close(); err == nil {
		err = closeErr
	}
	if err != nil {
		return err
	}
	if err := os.Rename(tmp, final); err != nil {
		return err
	}
	if d.Fast {
		return nil
	}
	dir, err := os.Open(filepath.Dir(final))
	if err != nil {
		return err
	}
	defer dir.Close()
	return dir.Sync()
}
