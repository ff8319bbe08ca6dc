package sqlite

// This file holds all that is particular to SQLite.

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"github.com/mattn/go-sqlite3"

	"duban/ledger"
)

// busyTimeout is how long a write waits for another process, such as a backup
// or a command run beside the daemon.
const busyTimeout = 30 * time.Second

// walPages is how many pages of 4 KB the write-ahead log takes before a commit
// has to copy it back: with SQLite's own 1,000 every large tick would wait for
// that. Checkpoint does it when nobody waits.
const walPages = 4000

// connector makes connections to one file.
type connector struct {
	*sqlite3.SQLiteDriver
	dsn string
}

func (c connector) Connect(context.Context) (driver.Conn, error) { return c.Open(c.dsn) }
func (c connector) Driver() driver.Driver                        { return c.SQLiteDriver }

// openSQLite opens a file; mode is the part of its address that says what for,
// each prepare sees every connection before it is used.
func openSQLite(path, mode string, connections int, prepare ...func(*sqlite3.SQLiteConn)) (*sql.DB, error) {
	q := url.Values{
		"_foreign_keys": {"1"}, "_busy_timeout": {fmt.Sprint(busyTimeout.Milliseconds())},
		"_cache_size": {"-32000"}, "_stmt_cache_size": {"64"},
	}
	abs, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	dsn := url.URL{Scheme: "file", Path: abs, RawQuery: q.Encode() + "&" + mode}
	db := sql.OpenDB(connector{&sqlite3.SQLiteDriver{ConnectHook: func(c *sqlite3.SQLiteConn) error {
		for _, p := range prepare {
			p(c)
		}
		_, err := c.Exec(fmt.Sprintf("PRAGMA wal_autocheckpoint = %d", walPages), nil)
		return err
	}}, dsn.String()})
	db.SetMaxOpenConns(connections)
	db.SetMaxIdleConns(connections)
	return db, nil
}

// durable is what a connection that writes asks of the disk: that a commit is on
// it, unless nobody will miss the ledger.
func durable(throwaway bool) string {
	if throwaway {
		return "&_journal_mode=WAL&_synchronous=OFF"
	}
	return "&_journal_mode=WAL&_synchronous=FULL"
}

// cannotWrite tells whether an error says that SQLite wanted to make a file
// where it may not.
func cannotWrite(err error) bool {
	var e sqlite3.Error
	return errors.As(err, &e) && (e.Code == sqlite3.ErrReadonly || e.Code == sqlite3.ErrCantOpen || e.Code == sqlite3.ErrPerm)
}

// explain adds what to do to SQLite's errors.
func explain(err error) error {
	var e sqlite3.Error
	if !errors.As(err, &e) {
		return err
	}
	hint := map[sqlite3.ErrNo]string{
		sqlite3.ErrNotADB:   "is not a ledger: check [ledger] path",
		sqlite3.ErrCorrupt:  "is damaged: stop duban and restore a backup",
		sqlite3.ErrBusy:     "another process has kept it locked: find out which, and try again",
		sqlite3.ErrLocked:   "another process has kept it locked: find out which, and try again",
		sqlite3.ErrReadonly: "may not be written by this user: check the permissions of the file and its folder",
		sqlite3.ErrCantOpen: "cannot be opened: check that its folder exists and may be written by this user",
		sqlite3.ErrPerm:     "may not be opened by this user: check its permissions",
		sqlite3.ErrIoErr:    "the disk reports an error; nothing was changed",
	}[e.Code]
	switch {
	case e.Code == sqlite3.ErrFull:
		return fmt.Errorf("%w: make room; nothing was changed (%w)", ledger.ErrFull, err)
	case hint == "":
		return err
	}
	return fmt.Errorf("%s (%w)", hint, err)
}

func (l *Ledger) Checkpoint(ctx context.Context) error {
	_, err := l.write.ExecContext(ctx, `PRAGMA wal_checkpoint(PASSIVE)`)
	return explain(err)
}

func (l *Ledger) Backup(ctx context.Context, file string) (err error) {
	if same, err := sameFile(file, l.path); err != nil || same {
		if same {
			err = errors.New("is the ledger itself: name another file")
		}
		return fmt.Errorf("backup %s: %w", file, err)
	}
	part := file + ".part"
	defer func() {
		if err != nil {
			_ = os.Remove(part) // what is left of a failed copy is of no use
			err = fmt.Errorf("backup %s: %w", file, explain(err))
		}
	}()
	_ = os.Remove(part) // left by a copy that was interrupted
	if err := l.copyTo(ctx, part); err != nil {
		return err
	}
	if err := syncFile(part); err != nil {
		return err
	}
	if err := os.Rename(part, file); err != nil {
		return err
	}
	return syncFile(filepath.Dir(file))
}

func sameFile(a, b string) (bool, error) {
	ai, err := os.Stat(a)
	if os.IsNotExist(err) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	bi, err := os.Stat(b)
	if os.IsNotExist(err) {
		return false, nil
	}
	return err == nil && os.SameFile(ai, bi), err
}

func (l *Ledger) copyTo(ctx context.Context, file string) error {
	dst, err := sql.Open("sqlite3", (&url.URL{Scheme: "file", Opaque: url.PathEscape(file)}).String())
	if err != nil {
		return err
	}
	defer dst.Close()
	err = withConn(ctx, dst, func(to *sqlite3.SQLiteConn) error {
		return withConn(ctx, l.read, func(from *sqlite3.SQLiteConn) error {
			b, err := to.Backup("main", from, "main")
			if err != nil {
				return err
			}
			if _, err := b.Step(-1); err != nil {
				_ = b.Close() // the first error is the one to tell
				return err
			}
			return b.Close()
		})
	})
	if err != nil {
		return err
	}
	// One file that stands alone, not one that wants a log beside it.
	if _, err := dst.ExecContext(ctx, `PRAGMA journal_mode = DELETE`); err != nil {
		return err
	}
	return integrity(ctx, dst)
}

func withConn(ctx context.Context, db *sql.DB, f func(*sqlite3.SQLiteConn) error) error {
	c, err := db.Conn(ctx)
	if err != nil {
		return err
	}
	defer c.Close()
	return c.Raw(func(raw any) error { return f(raw.(*sqlite3.SQLiteConn)) })
}

// integrity asks SQLite to check its file.
func integrity(ctx context.Context, db querier) error {
	var word string
	if err := db.QueryRowContext(ctx, `PRAGMA integrity_check(1)`).Scan(&word); err != nil {
		return err
	}
	if word != "ok" {
		return fmt.Errorf("the file is damaged: %s", word)
	}
	return nil
}

func syncFile(name string) error {
	f, err := os.Open(name)
	if err != nil {
		return err
	}
	defer f.Close()
	return f.Sync()
}

// Version is SQLite's own.
func Version() string {
	v, _, _ := sqlite3.Version()
	return v
}
