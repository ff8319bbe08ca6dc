package sqlite

// This file holds what is particular to SQLite's SQL, files and errors: another
// engine has one like it.

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"net/url"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/mattn/go-sqlite3"

	"duban/ledger"
	"duban/ledger/tables"
)

// busyTimeout is how long a write waits for another process, such as a backup
// or a command run beside the daemon.
const busyTimeout = 30 * time.Second

// walPages is how many pages of 4 KB the write-ahead log takes before a commit
// has to copy it back: with SQLite's own 1,000 every large tick would wait for
// that. Checkpoint does it when nobody waits.
const walPages = 4000

// How much of a file a connection keeps in memory: one that writes, and one that need not
// keep much: that reads beside it (there are several, and the kernel has the file's pages
// too), or that fills an empty table (what is written then is not looked at again).
const (
	cacheKB = 32_000
	leanKB  = 8_000
)

// keepCache changes how much the connection of a transaction keeps.
func keepCache(ctx context.Context, tx *sql.Tx, kb int) error {
	_, err := tx.ExecContext(ctx, fmt.Sprintf(`PRAGMA cache_size = %d`, -kb))
	return explain(err)
}

// connector makes connections to one file.
type connector struct {
	*sqlite3.SQLiteDriver
	dsn string
}

func (c connector) Connect(context.Context) (driver.Conn, error) { return c.Open(c.dsn) }
func (c connector) Driver() driver.Driver                        { return c.SQLiteDriver }

// openSQLite opens a file; mode is the part of its address that says what for, kb what a
// connection keeps in memory; each prepare sees every connection before it is used.
func openSQLite(path, mode string, kb, connections int, prepare ...func(*sqlite3.SQLiteConn)) (*sql.DB, error) {
	q := url.Values{
		"_foreign_keys": {"1"}, "_busy_timeout": {fmt.Sprint(busyTimeout.Milliseconds())},
		"_cache_size": {fmt.Sprint(-kb)}, "_stmt_cache_size": {"64"},
		"_mutex": {"no"}, // database/sql gives a connection to one goroutine at a time
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

// integrity asks SQLite to check its file.
func integrity(ctx context.Context, db tables.Querier) error {
	var word string
	if err := db.Row(ctx, `PRAGMA integrity_check(1)`).Scan(&word); err != nil {
		return err
	}
	if word != "ok" {
		return fmt.Errorf("the file is damaged: %s", word)
	}
	return nil
}

// Version is SQLite's own.
func Version() string {
	v, _, _ := sqlite3.Version()
	return v
}

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

// watch makes SQLite tell the ledger of every row that a connection changes
// (sqlite3_update_hook). What it does not tell of, rows that REPLACE puts aside
// and tables WITHOUT ROWID, the migrations and queries here do not use.
func (l *Ledger) watch(c *sqlite3.SQLiteConn) {
	c.RegisterUpdateHook(func(op int, _, table string, row int64) {
		if l.touched != nil { // within a transaction of ours
			l.touched.Add(table, row, op == sqlite3.SQLITE_INSERT)
		}
	})
}

// dialect is SQLite's.
type dialect struct{}

func (dialect) Explain(err error) error { return explain(err) }

// Number of a row is what SQLite numbers all of them by.
func (dialect) Number(string) string { return "rowid" }

// Passing is nothing: SQLite has one writer at a time.
func (dialect) Passing(string) string { return "" }

func (dialect) Among(numbers []int64) (is string, args []any) {
	args = make([]any, len(numbers))
	for i, n := range numbers {
		args[i] = n
	}
	return `IN (` + strings.TrimSuffix(strings.Repeat("?,", len(numbers)), ",") + `)`, args
}

func (dialect) Values(types []tables.Type, args []any) (query string, all []any) {
	one := "(?" + strings.Repeat(", ?", len(types)-1) + ")"
	return "VALUES " + one + strings.Repeat(", "+one, len(args)/len(types)-1), args
}

func (dialect) Columns(ctx context.Context, db tables.Querier, table string) ([]tables.Column, error) {
	return tables.ReadColumns(ctx, db, literal, `SELECT name, dflt_value FROM pragma_table_info(?) ORDER BY name`, table)
}

// literal is a default as SQLite keeps it: the text of an expression.
func literal(s string) any {
	if s == "" || strings.EqualFold(s, "NULL") {
		return nil
	}
	if n, err := strconv.ParseInt(s, 10, 64); err == nil {
		return n
	}
	return strings.ReplaceAll(strings.Trim(s, "'"), "''", "'")
}

func (dialect) Tables(ctx context.Context, db tables.Querier) ([]string, error) {
	return namesOf(ctx, db, `SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite~_%' ESCAPE '~' ORDER BY name`)
}

// LikeOccurrences are the statements that made that table, under another name.
func (dialect) LikeOccurrences(ctx context.Context, db tables.Querier, table string) ([]string, error) {
	var laid string
	if err := db.Row(ctx, `SELECT sql FROM sqlite_master WHERE type = 'table' AND name = 'occurrence'`).Scan(&laid); err != nil {
		return nil, err
	}
	_, columns, _ := strings.Cut(laid, "(")
	out := []string{`CREATE TABLE ` + table + ` (` + columns}
	names, made, err := indexesOf(ctx, db, "occurrence")
	for i, name := range names {
		_, of, _ := strings.Cut(made[i], "(")
		out = append(out, `CREATE INDEX `+table+strings.TrimPrefix(name, "occurrence")+` ON `+table+` (`+of)
	}
	return out, err
}

func (dialect) InOrder(ctx context.Context, db tables.Querier, table string) ([]string, error) {
	return namesOf(ctx, db, `SELECT name FROM pragma_table_info(?) ORDER BY cid`, table)
}

// Laid is as the table's statement has it.
func (dialect) Laid(ctx context.Context, db tables.Querier, table, column string) (laid string, err error) {
	err = db.Row(ctx, `SELECT '"' || name || '" ' || type || iif("notnull", ' NOT NULL', '') || COALESCE(' DEFAULT ' || dflt_value, '')
		FROM pragma_table_info(?) WHERE name = ?`, table, column).Scan(&laid)
	return laid, err
}

func (dialect) Showing(view, query string) []string {
	return []string{`DROP VIEW IF EXISTS ` + view, `CREATE VIEW ` + view + ` AS ` + query}
}

const (
	keepsJournal = "keeps the journal from being changed"
	counted      = "counts what has ended"
)

func (dialect) Guards(ctx context.Context, db tables.Querier) (found []string, want map[string]string, err error) {
	want = map[string]string{"journal_keeps": keepsJournal, "journal_stays": keepsJournal}
	counts, err := hasTable(ctx, db, "ended") // not before a schema moves that has none
	if err != nil {
		return nil, nil, err
	}
	if counts {
		want["ended_made"], want["ended_moved"] = counted, counted
	}
	found, err = namesOf(ctx, db, `SELECT name FROM sqlite_master WHERE type = 'trigger' ORDER BY name`)
	return found, want, err
}

// namesOf are what a query finds.
func namesOf(ctx context.Context, db tables.Querier, query string, args ...any) (out []string, err error) {
	err = db.Each(ctx, query, args, func(scan func(...any) error) error {
		var name string
		err := scan(&name)
		out = append(out, name)
		return err
	})
	return out, err
}

// indexesOf are a table's that are not part of it, with the statements that made
// them.
func indexesOf(ctx context.Context, db tables.Querier, table string) (names, made []string, err error) {
	err = db.Each(ctx, `SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL AND tbl_name = ? ORDER BY name`, []any{table}, func(scan func(...any) error) error {
		var name, statement string
		err := scan(&name, &statement)
		names, made = append(names, name), append(made, statement)
		return err
	})
	return names, made, explain(err)
}

// hasTable tells whether there is a table of that name.
func hasTable(ctx context.Context, db tables.Querier, name string) (there bool, err error) {
	err = db.Row(ctx, `SELECT EXISTS (SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?)`, name).Scan(&there)
	return there, err
}

// checkpoint copies the log back into the file; truncate waits until all of it
// is there.
func checkpoint(ctx context.Context, db *sql.DB, truncate bool) error {
	mode := "PASSIVE"
	if truncate {
		mode = "TRUNCATE"
	}
	_, err := db.ExecContext(ctx, `PRAGMA wal_checkpoint(`+mode+`)`)
	return explain(err)
}

// standAlone makes of a ledger one file that wants no log beside it.
func standAlone(ctx context.Context, db *sql.DB) error {
	_, err := db.ExecContext(ctx, `PRAGMA journal_mode = DELETE`)
	return err
}
