package postgres

import (
	"context"
	"database/sql"
	"fmt"
	"reflect"
	"strconv"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgtype"
	"github.com/jackc/pgx/v5/pgxpool"

	"duban/ledger/tables"
)

// exchange is what one transaction says and asks, on a connection of its own, from its
// BEGIN on. What is only said waits, and goes with the next question or the end: each
// turn costs the two processes a wait for each other, and a commit has to be waited for
// by all whose mail it is about.
//
// A connection answers one question at a time, so what scan is called with of Each and
// EachOfMany was read before: it may ask too.
type exchange struct {
	conn    *pgxpool.Conn
	waiting *pgx.Batch // nil: nothing
	opening int        // statements that it begins with
	begun   bool       // the server has heard of it
	cursors int        // that are open
	failed  error      // the first of the server, or on the way to it: nothing comes to pass any more
}

var _ tables.Querier = (*exchange)(nil)

// exchange begins one; the server hears of it with the first question.
func (l *Ledger) exchange(ctx context.Context, begin ...string) (*exchange, error) {
	conn, err := l.pool.Acquire(ctx)
	if err != nil {
		return nil, err
	}
	x := &exchange{conn: conn, opening: len(begin)}
	for _, statement := range begin {
		x.say(statement)
	}
	return x, nil
}

// say has a statement wait, whose values are plain.
func (x *exchange) say(query string, args ...any) *pgx.QueuedQuery {
	if x.waiting == nil {
		x.waiting = &pgx.Batch{}
	}
	return x.waiting.Queue(query, args...)
}

// send sends what waits. A batch may fail before the server has done any of it, its BEGIN
// neither: whatever comes after an error is refused.
func (x *exchange) send(ctx context.Context) error {
	b := x.waiting
	if b == nil || x.failed != nil {
		return x.failed
	}
	x.waiting, x.begun = nil, true
	return x.note(x.conn.SendBatch(ctx, b).Close())
}

// note keeps the first error: what comes after it only says that there was one.
func (x *exchange) note(err error) error {
	if err != nil && x.failed == nil {
		x.failed = err
	}
	return err
}

// ask sends what waits and a question, and gives f its answer. An error of f's own is
// nobody else's.
func (x *exchange) ask(ctx context.Context, query string, args []any, f func(pgx.Rows) error) error {
	if x.failed != nil {
		return x.failed
	}
	var own error
	answer := func(rows pgx.Rows) error {
		own = f(rows)
		return own
	}
	err := x.answered(ctx, query, args, answer)
	if own != nil {
		return own
	}
	return x.note(err)
}

func (x *exchange) answered(ctx context.Context, query string, args []any, f func(pgx.Rows) error) error {
	if b := x.waiting; b != nil {
		b.Queue(query, args...).Query(f)
		x.waiting, x.begun = nil, true
		return x.conn.SendBatch(ctx, b).Close()
	}
	rows, err := x.conn.Query(ctx, query, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	if err := f(rows); err != nil {
		return err
	}
	rows.Close()
	return rows.Err()
}

// do sends what waits and a statement, and tells what that came to.
func (x *exchange) do(ctx context.Context, query string, args ...any) (tag pgconn.CommandTag, err error) {
	x.say(query, args...).Exec(func(t pgconn.CommandTag) error {
		tag = t
		return nil
	})
	return tag, x.send(ctx)
}

// commit sends what waits with the end; where nothing was said, nothing is sent.
func (x *exchange) commit(ctx context.Context) error {
	if !x.begun && x.failed == nil && (x.waiting == nil || x.waiting.Len() == x.opening) {
		x.waiting = nil
		return nil
	}
	tag, err := x.do(ctx, `commit`)
	if err == nil && tag.String() == "ROLLBACK" {
		err = x.note(pgx.ErrTxCommitRollback) // something was wrong before, and nobody said so
	}
	return err
}

// idle tells whether the server knows of no transaction.
func (x *exchange) idle() bool { return x.conn.Conn().PgConn().TxStatus() == 'I' }

// takeBack takes back what was not committed.
func (x *exchange) takeBack(ctx context.Context) {
	x.waiting = nil
	if !x.idle() {
		_, _ = x.conn.Exec(ctx, `rollback`) // where that fails the pool lets the connection go
	}
}

// end takes back what was not committed, and gives the connection back.
func (x *exchange) end(ctx context.Context) {
	x.takeBack(ctx)
	x.conn.Release()
}

func (x *exchange) Row(ctx context.Context, query string, args ...any) tables.Row {
	found, err := x.all(ctx, query, args)
	switch {
	case err != nil:
		return noLine{err}
	case len(found) == 0:
		return noLine{sql.ErrNoRows}
	}
	return found[0]
}

func (x *exchange) Each(ctx context.Context, query string, args []any, scan tables.Scan) error {
	found, err := x.all(ctx, query, args)
	if err != nil {
		return err
	}
	return found.each(scan)
}

func (x *exchange) Stream(ctx context.Context, query string, args []any, scan tables.Scan) error {
	return x.ask(ctx, numbered(query), plain(args), func(rows pgx.Rows) error { return eachOf(rows, scan) })
}

// eachOf reads rows one by one.
func eachOf(rows pgx.Rows, scan tables.Scan) error {
	for rows.Next() {
		values, err := valuesOf(rows)
		if err != nil {
			return err
		}
		if err := scan(values.Scan); err != nil {
			return err
		}
	}
	return nil
}

// all are the rows of a query.
func (x *exchange) all(ctx context.Context, query string, args []any) (out lines, err error) {
	err = x.ask(ctx, numbered(query), plain(args), out.read)
	return out, err
}

// atOnce is how many rows of a long list are read before they are looked at.
const atOnce = 2000

// EachOfMany reads a list in parts, through a cursor. A short one is read at once: that
// there are no more is seen by its length.
func (x *exchange) EachOfMany(ctx context.Context, query string, args []any, scan tables.Scan) error {
	cursor := "long_list_" + strconv.Itoa(x.cursors) // one list may be read within another
	x.cursors++
	defer func() { x.cursors-- }()
	if err := x.send(ctx); err != nil {
		return err
	}
	if _, err := x.conn.Exec(ctx, `DECLARE `+cursor+` NO SCROLL CURSOR FOR `+numbered(query), append(unprepared, plain(args)...)...); err != nil {
		return x.note(err)
	}
	for {
		if err := x.send(ctx); err != nil { // what scan has said
			return err
		}
		var found lines
		err := x.ask(ctx, `FETCH `+strconv.Itoa(atOnce)+` FROM `+cursor, unprepared, found.read)
		if err != nil {
			return err
		}
		if err := found.each(scan); err != nil {
			if x.send(ctx) == nil {
				_, _ = x.conn.Exec(ctx, `CLOSE `+cursor, unprepared...) // the first error is the one to tell
			}
			return err
		}
		if len(found) < atOnce {
			_, err := x.do(ctx, `CLOSE `+cursor)
			return err
		}
	}
}

// unprepared keeps a statement from being prepared: the same FETCH gives other columns
// each time.
var unprepared = []any{pgx.QueryExecModeExec}

// lines are rows that were read.
type lines []line

func (l *lines) read(rows pgx.Rows) error {
	for rows.Next() {
		one, err := valuesOf(rows)
		if err != nil {
			return err
		}
		*l = append(*l, one)
	}
	return nil
}

func (l lines) each(scan tables.Scan) error {
	for _, one := range l {
		if err := scan(one.Scan); err != nil {
			return err
		}
	}
	return nil
}

// line is a row's values, as database/sql would have them.
type line []any

func valuesOf(rows pgx.Rows) (line, error) {
	values, err := rows.Values()
	for i, v := range values {
		switch v := v.(type) {
		case int32:
			values[i] = int64(v)
		case int16:
			values[i] = int64(v)
		case pgtype.Numeric: // a sum
			n, err := v.Int64Value()
			if err != nil {
				return nil, err
			}
			values[i] = n.Int64
			if !n.Valid {
				values[i] = nil
			}
		}
	}
	return values, err
}

// Scan puts the values where database/sql would.
func (l line) Scan(to ...any) error {
	if len(to) != len(l) {
		return fmt.Errorf("%d columns are read into %d", len(l), len(to))
	}
	for i := range to {
		if err := assign(to[i], l[i]); err != nil {
			return fmt.Errorf("column %d: %w", i+1, err)
		}
	}
	return nil
}

// noLine is a row that is not there.
type noLine struct{ error }

func (n noLine) Scan(...any) error { return n.error }

// assign puts a value where database/sql would.
func assign(to, v any) error {
	switch to := to.(type) {
	case sql.Scanner:
		return to.Scan(v)
	case *any:
		*to = v
		return nil
	}
	dest := reflect.ValueOf(to).Elem()
	switch v := v.(type) {
	case string:
		if dest.Kind() == reflect.String {
			dest.SetString(v)
			return nil
		}
	case int64:
		switch dest.Kind() {
		case reflect.Int, reflect.Int64:
			dest.SetInt(v)
			return nil
		case reflect.Bool:
			dest.SetBool(v != 0)
			return nil
		}
	case bool:
		if dest.Kind() == reflect.Bool {
			dest.SetBool(v)
			return nil
		}
	case []byte:
		if dest.Kind() == reflect.Slice && dest.Type().Elem().Kind() == reflect.Uint8 {
			dest.SetBytes(v)
			return nil
		}
	}
	return fmt.Errorf("%T does not fit into %T", v, to)
}
