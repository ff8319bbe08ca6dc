package sqlite

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"

	"duban/ledger"
)

// Lock makes this process the only one that evaluates and delivers for the
// ledger at path; the system gives the lock back when the process ends, however
// it ends. Commands that only read, or record what people do, need no lock.
func Lock(path string) (release func(), err error) {
	name := lockName(path)
	if err := os.MkdirAll(filepath.Dir(name), 0o750); err != nil {
		return nil, fmt.Errorf("ledger %s: %w", path, err)
	}
	f, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE, 0o640)
	if err != nil {
		return nil, fmt.Errorf("ledger %s: %w", path, err)
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		f.Close()
		if errors.Is(err, syscall.EWOULDBLOCK) {
			return nil, taken(path)
		}
		return nil, fmt.Errorf("ledger %s: %w", name, err)
	}
	_ = f.Truncate(0)
	_, _ = f.WriteAt([]byte(strconv.Itoa(os.Getpid())+"\n"), 0) // only for people to read
	return func() { f.Close() }, nil
}

func lockName(path string) string { return path + ".lock" }

func taken(path string) error {
	who, _ := os.ReadFile(lockName(path)) // only to name it
	return fmt.Errorf("ledger %s: another duban (process %s) %w", path, strings.TrimSpace(string(who)), ledger.ErrTaken)
}

// heldByte is locked in the ledger's own file by who evaluates, far behind all
// that SQLite locks or writes: the file of Lock may be removed, this one not.
const heldByte = 1 << 61

// hold locks the open ledger's own file. The lock is one of the open file (OFD,
// fcntl(2)): SQLite's own locks and closings in this process do not touch it.
// Closing this file drops SQLite's, so it is closed last.
func (l *Ledger) hold() (err error) {
	if l.held, err = os.OpenFile(l.path, os.O_RDWR, 0); err != nil {
		return err
	}
	lock := unix.Flock_t{Type: unix.F_WRLCK, Start: heldByte, Len: 1}
	err = unix.FcntlFlock(l.held.Fd(), unix.F_OFD_SETLK, &lock)
	if errors.Is(err, unix.EAGAIN) || errors.Is(err, unix.EACCES) {
		return fmt.Errorf("another duban %w", ledger.ErrTaken)
	}
	return err
}

// Daemon is what evaluates and delivers for a ledger.
type Daemon struct {
	Runs  bool
	Pid   string // as it said
	Holds bool   // the file at the ledger's path is the one that it has open
}

// FindDaemon looks for the process that evaluates and delivers for the ledger at
// path, and changes nothing. This process must not have the ledger open.
func FindDaemon(path string) (d Daemon, err error) {
	if f, err := os.Open(lockName(path)); err == nil {
		defer f.Close()
		d.Runs = errors.Is(syscall.Flock(int(f.Fd()), syscall.LOCK_SH|syscall.LOCK_NB), syscall.EWOULDBLOCK)
		who, _ := os.ReadFile(lockName(path)) // only to name it
		d.Pid = strings.TrimSpace(string(who))
	} else if !errors.Is(err, fs.ErrNotExist) {
		return d, err
	}
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return d, nil
	}
	if err != nil {
		return d, err
	}
	defer f.Close()
	lock := unix.Flock_t{Type: unix.F_RDLCK, Start: heldByte, Len: 1}
	if err := unix.FcntlFlock(f.Fd(), unix.F_OFD_GETLK, &lock); err != nil {
		return d, err
	}
	d.Holds = lock.Type != unix.F_UNLCK
	d.Runs = d.Runs || d.Holds
	return d, nil
}

// lockFolder waits until nobody else holds the folder.
func lockFolder(dir string) (release func(), err error) {
	f, err := os.Open(dir)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX); err != nil {
		f.Close()
		return nil, fmt.Errorf("folder %s: %w", dir, err)
	}
	return func() { f.Close() }, nil
}
