package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"

	"github.com/mattn/go-sqlite3"

	"duban/ledger/tables"
)

func (l *Ledger) Checkpoint(ctx context.Context) error {
	return checkpoint(ctx, l.write, false)
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
			removeSQLite(part) // what is left of a failed copy is of no use
			err = fmt.Errorf("backup %s: %w", file, explain(err))
		}
	}()
	removeSQLite(part) // left by a copy that was interrupted
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
	if err := standAlone(ctx, dst); err != nil {
		return err
	}
	return integrity(ctx, tables.Asking{DB: dst})
}

func withConn(ctx context.Context, db *sql.DB, f func(*sqlite3.SQLiteConn) error) error {
	c, err := db.Conn(ctx)
	if err != nil {
		return err
	}
	defer c.Close()
	return c.Raw(func(raw any) error { return f(raw.(*sqlite3.SQLiteConn)) })
}

func syncFile(name string) error {
	f, err := os.Open(name)
	if err != nil {
		return err
	}
	defer f.Close()
	return f.Sync()
}

// setAside gives the ledger's file a second name, when all of it is in there. A
// file that cannot be opened any more is kept as it is, with its log.
func setAside(ctx context.Context, path, kept string) error {
	if db, err := openSQLite(path, "mode=rw", cacheKB, 1); err == nil {
		_ = checkpoint(ctx, db, true) // a damaged one: as far as it goes
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
	for _, ending := range []string{"", "-journal", "-wal", "-shm"} {
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
