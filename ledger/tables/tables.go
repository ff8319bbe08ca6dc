// Package tables is the ledger in plain SQL: the questions that it answers and what
// its transactions write, one file an entity, for every engine that speaks SQL.
//
// What only one engine can do it is asked for: a Dialect knows its words, its catalog
// and its errors; an Engine runs the statements of one transaction and tells of every
// row that they change. A new table or statement here is there for all engines; their
// migrations lay the tables, each in its own words, with the same columns.
//
// Statements have ? for their values. Dates and times are text that sorts as it reads,
// truth is 0 and 1, so that a row is the same row in every engine, and its hash too.
package tables

import (
	"context"
	"database/sql"
	"errors"
	"strings"

	"duban/ledger"
)

// Dialect is what engines say each in its own way, outside of transactions too.
type Dialect interface {
	// Explain adds to an engine's error what to do, and makes those of package ledger
	// of the ones that have a meaning there.
	Explain(error) error

	// Tables are all that there are, by name.
	Tables(ctx context.Context, db Querier) ([]string, error)

	// Columns of a table, by name; none: there is no such table.
	Columns(ctx context.Context, db Querier, table string) ([]Column, error)

	// Number is the column that numbers a table's rows.
	Number(table string) string

	// Passing is what makes a SELECT take rows of that alias for its transaction and
	// pass over those that another's has; empty: there is one at a time.
	Passing(alias string) string

	// LikeOccurrences are the statements that make a table like that of occurrences, told
	// of like it.
	LikeOccurrences(ctx context.Context, db Querier, table string) ([]string, error)

	// InOrder are the names of a table's columns as they were laid.
	InOrder(ctx context.Context, db Querier, table string) ([]string, error)

	// Laid is how a column of a table is laid: its name, type and what is in it otherwise.
	Laid(ctx context.Context, db Querier, table, column string) (string, error)

	// Showing are the statements that make a view show what a query finds.
	Showing(view, query string) []string

	// Values is a query that gives back rows of values of these types, which stand one row
	// after the other, and what it is asked with; its columns are column1, column2 and so on.
	Values(types []Type, args []any) (query string, all []any)

	// Among is what a number is asked that is one of these, and with what.
	Among(numbers []int64) (is string, args []any)

	// Guards are the triggers that are there, and those that have to be, with what
	// each of these is for.
	Guards(ctx context.Context, db Querier) (found []string, want map[string]string, err error)
}

// Column of a table, and what is in it where nobody has said otherwise.
type Column struct {
	Name  string
	Unset any
}

// ReadColumns gives the columns that a query finds, each with the text of what is in it
// otherwise; literal is what that says.
func ReadColumns(ctx context.Context, db Querier, literal func(string) any, query string, args ...any) (out []Column, err error) {
	err = db.Each(ctx, query, args, func(scan func(...any) error) error {
		var c Column
		var unset sql.NullString
		err := scan(&c.Name, &unset)
		c.Unset = literal(unset.String)
		out = append(out, c)
		return err
	})
	return out, err
}

// Querier asks a database: a transaction, or each question by itself.
type Querier interface {
	// Row asks for one; its Scan says sql.ErrNoRows where there is none.
	Row(ctx context.Context, query string, args ...any) Row

	// Each calls scan for every row of a query, EachOfMany for those of a list that may
	// not fit into memory. What scan calls may ask the same transaction.
	Each(ctx context.Context, query string, args []any, scan Scan) error
	EachOfMany(ctx context.Context, query string, args []any, scan Scan) error

	// Stream is EachOfMany where nothing else is asked meanwhile.
	Stream(ctx context.Context, query string, args []any, scan Scan) error
}

// Row is one that is read.
type Row interface{ Scan(to ...any) error }

// Scan is called with what reads the columns of a row.
type Scan func(read func(to ...any) error) error

// Asking is the Querier of what may be asked while it answers.
type Asking struct{ DB Database }

// Database is one of database/sql, or a transaction in it.
type Database interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

func (a Asking) Row(ctx context.Context, query string, args ...any) Row {
	return a.DB.QueryRowContext(ctx, query, args...)
}

func (a Asking) Each(ctx context.Context, query string, args []any, scan Scan) error {
	return a.Stream(ctx, query, args, scan)
}

func (a Asking) EachOfMany(ctx context.Context, query string, args []any, scan Scan) error {
	return a.Stream(ctx, query, args, scan)
}

func (a Asking) Stream(ctx context.Context, query string, args []any, scan Scan) error {
	found, err := a.DB.QueryContext(ctx, query, args...)
	if err != nil {
		return err
	}
	defer found.Close()
	for found.Next() {
		if err := scan(found.Scan); err != nil {
			return err
		}
	}
	return found.Err()
}

// Questions are those that the ledger answers, inside a transaction or out.
type Questions struct {
	DB      Querier
	Dialect Dialect
}

var _ ledger.Reader = Questions{}

func (q Questions) explain(err error) error {
	if err == nil {
		return nil
	}
	return q.Dialect.Explain(err)
}

// each calls scan for every row of a query.
func (q Questions) each(ctx context.Context, query string, args []any, scan Scan) error {
	return q.explain(q.DB.Each(ctx, query, args, scan))
}

// eachOfMany is each of a list that may not fit into memory.
func (q Questions) eachOfMany(ctx context.Context, query string, args []any, scan Scan) error {
	return q.explain(q.DB.EachOfMany(ctx, query, args, scan))
}

// hasTable tells whether there is a table of that name.
func (q Questions) hasTable(ctx context.Context, name string) (bool, error) {
	columns, err := q.Dialect.Columns(ctx, q.DB, name)
	return len(columns) > 0, err
}

func (q Questions) Fact(ctx context.Context, name string) (string, error) {
	var v string
	err := q.DB.Row(ctx, `SELECT value FROM fact WHERE name = ?`, name).Scan(&v)
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil
	}
	return v, q.explain(err)
}

func (tx *Tx) SetFact(name, value string) error {
	_, err := tx.exec(`INSERT INTO fact (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value`, name, value)
	return err
}

// filter builds the WHERE of a query out of what is asked.
type filter struct {
	where []string
	args  []any
}

func (f *filter) add(condition string, args ...any) {
	f.where = append(f.where, condition)
	f.args = append(f.args, args...)
}

func (f *filter) equal(column, value string) {
	if value != "" {
		f.add(column+" = ?", value)
	}
}

// among is equal of one of several; none: of any.
func among[T ~string](f *filter, column string, values []T) {
	if len(values) == 0 {
		return
	}
	args := make([]any, len(values))
	for i, v := range values {
		args[i] = string(v)
	}
	f.add(column+" IN ("+marks(len(values))+")", args...)
}

func (f *filter) String() string {
	if len(f.where) == 0 {
		return ""
	}
	return " WHERE " + strings.Join(f.where, " AND ")
}

// limited is a query with a limit; 0: none.
func limited(query string, args []any, limit int) (string, []any) {
	if limit == 0 {
		return query, args
	}
	return query + ` LIMIT ?`, append(args, limit)
}

// Together is how many rows one statement names or writes.
const Together = 500

// marks are n question marks for the list of an IN.
func marks(n int) string { return strings.TrimSuffix(strings.Repeat("?,", n), ",") }
