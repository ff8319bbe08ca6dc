package postgres

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/jackc/pgx/v5/pgconn"

	"duban/ledger"
	"duban/ledger/tables"
)

// asking asks in PostgreSQL's way: $1 for ?, and no truth but 0 and 1.
type asking struct{ db tables.Database }

// outside is a Querier of the database outside of transactions.
func outside(db tables.Database) tables.Querier { return tables.Asking{DB: asking{db}} }

func (a asking) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	return a.db.QueryContext(ctx, numbered(query), plain(args)...)
}

func (a asking) QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row {
	return a.db.QueryRowContext(ctx, numbered(query), plain(args)...)
}

// known are queries with their values numbered: there are as many as the code has,
// and of those with a list of texts one of each length up to tables.Together.
var known sync.Map // string → string

// numbered is a query with $1, $2 … for its values.
func numbered(query string) string {
	if done, ok := known.Load(query); ok {
		return done.(string)
	}
	var b strings.Builder
	b.Grow(len(query) + len(query)/8)
	n := 0
	for i := range len(query) {
		if query[i] != '?' {
			b.WriteByte(query[i])
			continue
		}
		n++
		b.WriteByte('$')
		b.WriteString(strconv.Itoa(n))
	}
	if len(query) < 4096 {
		known.Store(query, b.String())
	}
	return b.String()
}

// plain are values as the columns have them.
func plain(args []any) []any {
	out := make([]any, len(args))
	for i, a := range tables.Cleaned(args) {
		out[i] = tables.Stored(a)
	}
	return out
}

// dialect is PostgreSQL's.
type dialect struct {
	within *engine // a transaction that writes; nil: none
}

func (dialect) Explain(err error) error { return explain(err) }

func (dialect) Tables(ctx context.Context, db tables.Querier) ([]string, error) {
	return namesOf(ctx, db, `SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = current_schema()::regnamespace ORDER BY relname COLLATE "C"`)
}

func (d dialect) Columns(ctx context.Context, db tables.Querier, table string) ([]tables.Column, error) {
	// Those of tables that come and follow beside the schema, of years, are asked for each time.
	if d.within != nil && tables.Covers(table) && !tables.IsYear(table) {
		return d.within.columns(table, func() ([]tables.Column, error) { return dialect{}.Columns(ctx, db, table) })
	}
	return tables.ReadColumns(ctx, db, literal, `SELECT a.attname, pg_get_expr(d.adbin, d.adrelid) FROM pg_attribute a LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
		WHERE a.attrelid = to_regclass(?) AND a.attnum > 0 AND NOT a.attisdropped AND a.attname <> 'rowid' ORDER BY a.attname COLLATE "C"`, table)
}

// literal is a default as PostgreSQL keeps it: the text of an expression.
func literal(s string) any {
	if s == "" || strings.HasPrefix(s, "NULL") {
		return nil
	}
	if quoted, ok := strings.CutPrefix(s, "'"); ok {
		end := strings.LastIndex(quoted, "'")
		text := strings.ReplaceAll(quoted[:max(end, 0)], "''", "'")
		if strings.HasSuffix(quoted, "::bigint") {
			n, _ := strconv.ParseInt(text, 10, 64) // which it is
			return n
		}
		return text
	}
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		return nil
	}
	return n
}

// numbers are the columns that number the rows of tables that have no rowid for it:
// as the triggers have it that tell of them.
var numbers = map[string]string{
	"rule": "id", "event": "id", "occurrence": "id", "request": "id", "notice": "id", "failure": "id", "withheld": "occurrence", "rule_file": "id",
	"attachment": "id", "attachment_piece": "id", "token": "id", "answer": "id",
}

func (dialect) Number(table string) string {
	if n, ok := numbers[table]; ok {
		return n
	}
	if tables.IsYear(table) {
		return "id"
	}
	return "rowid"
}

func (dialect) LikeOccurrences(_ context.Context, _ tables.Querier, table string) ([]string, error) {
	return []string{
		`CREATE TABLE ` + table + ` (LIKE occurrence INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING INDEXES)`,
		`SELECT tell_of('` + table + `', 'id')`,
	}, nil
}

func (dialect) InOrder(ctx context.Context, db tables.Querier, table string) ([]string, error) {
	return namesOf(ctx, db, `SELECT attname FROM pg_attribute WHERE attrelid = to_regclass(?) AND attnum > 0 AND NOT attisdropped AND attname <> 'rowid' ORDER BY attnum`, table)
}

func (dialect) Laid(ctx context.Context, db tables.Querier, table, column string) (laid string, err error) {
	err = db.Row(ctx, `SELECT quote_ident(a.attname) || ' ' || format_type(a.atttypid, a.atttypmod) || CASE WHEN a.attcollation <> t.typcollation THEN ' COLLATE "C"' ELSE '' END
			|| CASE WHEN a.attnotnull THEN ' NOT NULL' ELSE '' END || COALESCE(' DEFAULT ' || pg_get_expr(d.adbin, d.adrelid), '')
		FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
		WHERE a.attrelid = to_regclass(?) AND a.attname = ?`, table, column).Scan(&laid)
	return laid, err
}

// Showing lets those who look at the view go on meanwhile: it waits for them no longer
// than a second, for all others would wait behind it.
func (dialect) Showing(view, query string) []string {
	return []string{`SET LOCAL lock_timeout = '1s'`, `CREATE OR REPLACE VIEW ` + view + ` AS ` + query, `SET LOCAL lock_timeout = DEFAULT`}
}

// Passing takes rows for the transaction, and passes over those that another has.
func (dialect) Passing(alias string) string { return ` FOR UPDATE OF ` + alias + ` SKIP LOCKED` }

const (
	keepsJournal = "keeps the journal from being changed"
	counted      = "counts what has ended"
	fences       = "keeps a task from being taken over in the middle"
	tells        = "tells the journal of rows"
	refers       = "keeps what is referred to from being missing"
)

// references are those of rows of a table to rows of another, by the column of its name,
// that triggers look at (migrations/00047_by_the_thousand.sql).
var references = []struct{ table, other string }{{"duty", "rule"}, {"occurrence", "rule"}, {"notice_item", "notice"}}

func (d dialect) Guards(ctx context.Context, db tables.Querier) (found []string, want map[string]string, err error) {
	want = map[string]string{"journal_keeps": keepsJournal, "ended_made": counted, "ended_moved": counted, "lease_taken": fences}
	var schema int64
	if err := db.Row(ctx, schemaNow).Scan(&schema); err != nil {
		return nil, nil, err
	}
	since47 := map[string]string{} // before, foreign keys did it
	for _, r := range references {
		stays := r.other + "_of_" + r.table
		for _, name := range []string{r.table + "_refers", r.table + "_refers_anew", stays + "_stays", stays + "_keeps_number"} {
			since47[name] = refers
		}
	}
	if schema >= 47 {
		maps.Copy(want, since47)
	}
	all, err := d.Tables(ctx, db)
	if err != nil {
		return nil, nil, err
	}
	for _, table := range all {
		if tables.Covers(table) {
			for _, does := range []string{"made", "changed", "deleted"} {
				want[table+"_"+does] = tells
			}
		}
	}
	found, err = namesOf(ctx, db, `SELECT t.tgname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
		WHERE NOT t.tgisinternal AND t.tgenabled IN ('O', 'A') AND c.relnamespace = current_schema()::regnamespace ORDER BY t.tgname COLLATE "C"`)
	switch {
	case schema < 47: // some are there where the change was interrupted
		found = slices.DeleteFunc(found, func(name string) bool { return since47[name] != "" })
	case schema > Schema(): // what a newer duban adds, beside which this one goes on, it knows itself
		found = slices.DeleteFunc(found, func(name string) bool { return want[name] == "" })
	}
	return found, want, err
}

// namesOf are what a query finds.
func namesOf(ctx context.Context, db tables.Querier, query string, args ...any) (out []string, err error) {
	err = db.Each(ctx, query, args, func(read func(...any) error) error {
		var name string
		err := read(&name)
		out = append(out, name)
		return err
	})
	return out, err
}

// readTold reads what a trigger says: "INSERT occurrence 1,2,3".
func readTold(touched tables.Touched, said string) {
	op, rest, _ := strings.Cut(said, " ")
	table, list, _ := strings.Cut(rest, " ")
	for one := range strings.SplitSeq(list, ",") {
		row, err := strconv.ParseInt(one, 10, 64)
		if err != nil {
			return // what else it says verify will find
		}
		touched.Add(table, row, op == "INSERT")
	}
}

// explain adds what to do to PostgreSQL's errors. None of them has a password.
func explain(err error) error {
	var e *pgconn.PgError
	switch {
	case err == nil, errors.Is(err, ledger.ErrAway), errors.Is(err, ledger.ErrFull):
		return err
	case errors.As(err, &e):
		switch {
		case e.Code == "53100":
			return fmt.Errorf("%w: make room on the database's disk; nothing was changed (%w)", ledger.ErrFull, err)
		case e.Code == "3D000":
			return fmt.Errorf("there is no such database: create it (createdb), or check [ledger] postgres (%w)", err)
		case strings.HasPrefix(e.Code, "28"):
			return fmt.Errorf("the database does not let duban in: check the user and password of [ledger] postgres (%w)", err)
		case e.Code == "42501":
			return fmt.Errorf("the database lets duban do less than it has to: give its user the database (ALTER DATABASE … OWNER TO …) (%w)", err)
		case away(e.Code):
			return fmt.Errorf("%w (%w)", ledger.ErrAway, err)
		}
	case lost(err):
		return fmt.Errorf("%w (%w)", ledger.ErrAway, err)
	}
	return err
}

// away tells whether the server says that it goes, comes, or has no connection left.
func away(code string) bool {
	return strings.HasPrefix(code, "08") || strings.HasPrefix(code, "57P") || code == "53300" || code == "25P03"
}

// lost tells whether a connection was lost, or there was none.
func lost(err error) bool {
	var connect *pgconn.ConnectError
	var network net.Error
	return errors.As(err, &connect) || errors.As(err, &network) && !errors.Is(err, context.DeadlineExceeded) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) ||
		errors.Is(err, net.ErrClosed) || errors.Is(err, os.ErrDeadlineExceeded) || err != nil && strings.Contains(err.Error(), "conn closed")
}

// isDuplicate tells whether something is there already.
func isDuplicate(err error) bool {
	var e *pgconn.PgError
	return errors.As(err, &e) && e.Code == "23505"
}

// again tells whether a transaction that failed so is to be begun anew.
func again(err error) bool {
	var e *pgconn.PgError
	if errors.As(err, &e) {
		switch e.Code {
		case "40001", "40P01", "55P03": // it could not come after the others; a deadlock; a lock that was not to be had
			return true
		}
		return isDuplicate(err) || away(e.Code) // another has put in the same meanwhile: who is asked again finds it
	}
	return lost(err)
}
