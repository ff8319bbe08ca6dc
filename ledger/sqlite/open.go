package sqlite

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"sync/atomic"

	"duban/ledger"
	"duban/ledger/tables"
)

// Options of a ledger.
type Options struct {
	MustExist bool // an error instead of a new file
	ReadOnly  bool // nothing is changed: no file is made, nothing written, the schema stays
	Sole      bool // by the one process that evaluates and delivers, which has the Lock
	Throwaway bool // nobody will miss it: no waiting for the disk
}

// Ledger is an open ledger. Its methods may be called from many goroutines.
type Ledger struct {
	tables.Questions
	path  string
	write *sql.DB // nil: it is open to be read only
	read  *sql.DB
	files []identity // what has to lie where it lay; none: nobody will miss it
	held  *os.File   // locked, where this process is the one that evaluates

	touched tables.Touched // by the transaction under way; nil: there is none
	lean    bool           // the connection that writes keeps little in memory, since an empty table was filled

	changes atomic.Int64 // transactions of this process that changed more than the outbox
}

// connections are those that read side by side.
const connections = 4

// Open opens the ledger at path and makes it if need be. The schema of one that
// is there is Migrate's to change: an older one is ErrOlder.
func Open(ctx context.Context, path string, opt Options) (*Ledger, error) {
	l := &Ledger{path: path}
	if err := l.open(ctx, opt); err != nil {
		_ = l.Close() // the first error is the one to tell
		return nil, fmt.Errorf("ledger %s: %w", path, explain(err))
	}
	return l, nil
}

func (l *Ledger) open(ctx context.Context, opt Options) error {
	there, err := isThere(l.path)
	if err != nil {
		return err
	}
	if !there && (opt.MustExist || opt.ReadOnly) {
		return missing(l.path)
	}
	if opt.ReadOnly {
		return l.openToRead(ctx)
	}
	if err := os.MkdirAll(filepath.Dir(l.path), 0o750); err != nil {
		return err
	}
	// Of two processes that start at once one makes it.
	done, err := lockFolder(filepath.Dir(l.path))
	if err != nil {
		return err
	}
	defer done()
	if there, err = isThere(l.path); err != nil { // by now another may have made it
		return err
	}
	if !there {
		err = l.make(ctx, opt)
	} else {
		err = upToDate(ctx, l.path) // before anything is touched
	}
	if err != nil {
		return err
	}
	if err := l.connect(ctx, opt); err != nil {
		return err
	}
	if opt.Sole {
		if err := l.hold(); err != nil {
			return err
		}
	}
	if opt.Throwaway {
		return nil
	}
	l.files, err = identify(l.path, l.path+"-wal")
	return err
}

// isThere tells whether a file is at path that may be a ledger.
func isThere(path string) (bool, error) {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return false, nil
	case err != nil:
		return false, err
	case info.IsDir():
		return false, fmt.Errorf("is a folder: give the path of a file in [ledger]")
	case !info.Mode().IsRegular():
		return false, fmt.Errorf("is no file (%s): give the path of a file in [ledger]", info.Mode().Type())
	case info.Size() == 0:
		return false, errors.New("is empty, as a copy is that failed or a disk that was full leaves it: put a backup in its place with duban restore FILE, or remove it to begin anew")
	}
	return true, nil
}

// missing says that there is no ledger, and what to do where it seems that there
// was one.
func missing(path string) error {
	if err := remains(path); err != nil {
		return err
	}
	return fmt.Errorf("%w: duban serve or duban tick makes it", ledger.ErrMissing)
}

// remains is an error where what lies beside a ledger that is not there shows
// that there was one: a new one would tell everybody everything anew.
func remains(path string) error {
	copies, err := filepath.Glob(path + ".re*Z") // .rescued-…, .replaced-…
	if err != nil {
		return err
	}
	if len(copies) > 0 {
		slices.SortFunc(copies, func(a, b string) int {
			return cmp.Compare(a[max(0, len(a)-len(stamp)):], b[max(0, len(b)-len(stamp)):])
		})
		last := copies[len(copies)-1]
		return fmt.Errorf("%w any more, but %s is one: duban restore %s puts it in its place; to begin anew, move that away", ledger.ErrMissing, last, last)
	}
	if _, err := os.Stat(path + "-wal"); err == nil {
		return fmt.Errorf("%w any more, but %s-wal is what is left of one: put the file back beside it, or a backup in its place with duban restore FILE; to begin anew, move that away", ledger.ErrMissing, path)
	}
	return nil
}

// openToRead changes nothing. Where nobody has it open, SQLite needs a log
// beside the file while it reads and takes that away again; a log that is there
// stays as it is, with what it holds.
func (l *Ledger) openToRead(ctx context.Context) error {
	mode := []string{"mode=ro"}
	if _, err := os.Stat(l.path + "-wal"); errors.Is(err, fs.ErrNotExist) {
		mode = []string{"mode=rw&_query_only=1", "mode=ro&immutable=1"} // the second: where nothing may be written
	}
	var err error
	for _, m := range mode {
		if l.read, err = openSQLite(l.path, m, leanKB, connections); err != nil {
			return err
		}
		l.Questions = tables.Questions{DB: tables.Asking{DB: l.read}, Dialect: dialect{}}
		if err = l.schemaFits(ctx); err == nil || !cannotWrite(err) {
			return err
		}
		_ = l.read.Close() // tried the other way
	}
	return err
}

// connect opens the connections, all of them at once: one that was opened later
// might find another file.
func (l *Ledger) connect(ctx context.Context, opt Options) (err error) {
	mode := "mode=rw" + durable(opt.Throwaway)
	if l.write, err = openSQLite(l.path, mode+"&_txlock=immediate", cacheKB, 1, l.watch); err != nil {
		return err
	}
	if l.read, err = openSQLite(l.path, mode, leanKB, connections); err != nil {
		return err
	}
	l.Questions = tables.Questions{DB: tables.Asking{DB: l.read}, Dialect: dialect{}}
	return errors.Join(openAll(ctx, l.write, 1), openAll(ctx, l.read, connections))
}

// openAll makes n connections that stay.
func openAll(ctx context.Context, db *sql.DB, n int) error {
	for range n {
		c, err := db.Conn(ctx)
		if err != nil {
			return err
		}
		defer c.Close() // back to those that wait
	}
	return nil
}

// make makes a new ledger: under another name, until it is whole and on the
// disk, so that nobody ever sees half of one.
func (l *Ledger) make(ctx context.Context, opt Options) (err error) {
	if err := remains(l.path); err != nil {
		return err
	}
	fresh := l.path + ".new"
	removeSQLite(fresh) // left by one that was interrupted
	defer removeSQLite(fresh)
	db, err := openSQLite(fresh, "mode=rwc"+durable(opt.Throwaway), cacheKB, 1)
	if err != nil {
		return err
	}
	err = up(ctx, db)
	if err == nil {
		_, err = db.ExecContext(ctx, `INSERT INTO fact (name, value) VALUES ('`+tables.FactRecorded+`', ?)`, fmt.Sprint(Schema()))
	}
	if err := errors.Join(err, db.Close()); err != nil {
		return err
	}
	if !opt.Throwaway {
		if err := syncFile(fresh); err != nil {
			return err
		}
	}
	if err := os.Link(fresh, l.path); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	if opt.Throwaway {
		return nil
	}
	return syncFile(filepath.Dir(l.path))
}

// Close closes the file.
func (l *Ledger) Close() error {
	var errs []error
	for _, db := range []*sql.DB{l.read, l.write} {
		if db != nil {
			errs = append(errs, db.Close())
		}
	}
	if l.held != nil {
		errs = append(errs, l.held.Close())
	}
	return errors.Join(errs...)
}
