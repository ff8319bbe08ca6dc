package tables

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"

	"duban/ledger"
)

// A ledger is copied from one engine to another table by table, each in a transaction
// of its target; a copy that was interrupted goes on with the first table that is not
// whole. Rows keep their numbers, so that they keep their hashes: verify says the same
// of the copy as of the ledger, and gives the same head.

// Target is an engine that a copy is made in. Nobody else has it open.
type Target interface {
	// Asked is the target as it is.
	Asked() Questions

	// Fill puts the rows that next gives, until io.EOF, in the place of those that a
	// table has, and notes a fact with them: all or nothing.
	Fill(ctx context.Context, table string, columns []string, next func() ([]any, error), fact, value string) error

	// Years makes tables of years where they are not there.
	Years(ctx context.Context, names []string) error

	// Finish makes a ledger of what was filled, once all of it was found to be right.
	Finish(ctx context.Context) error
}

// Progress is told how many rows there are of all tables, and how many are copied.
type Progress func(table string, done, all int64)

// factCopied is the fact that a table is copied: as of which ledger and head.
const factCopied = "copied "

// Copy makes a ledger like the one that from sees, in an empty target or one in which a
// copy of the same was begun. It returns an error where the copy is not the same, row
// by row.
func Copy(ctx context.Context, from Questions, to Target, tell Progress) error {
	names, of, err := fill(ctx, from, to, tell)
	if err != nil {
		return err
	}
	// What changes without an entry of the journal, a session or a try, may be another than
	// when it was copied, where the copy was gone on with.
	for _, name := range names {
		same, err := sameRows(ctx, from, to.Asked(), name)
		if err == nil && !same {
			if err = from.copyTable(ctx, to, name, of, func(int64) {}); err == nil {
				same, err = sameRows(ctx, from, to.Asked(), name)
			}
		}
		if err != nil {
			return err
		}
		if !same {
			return fmt.Errorf("the table %s is not the same in the copy", name)
		}
	}
	return to.Finish(ctx)
}

// Proved is the error of a copy, all of whose rows are those that were copied, by what
// Verify found in it.
func Proved(v ledger.Verdict) error {
	if len(v.Problems) == 0 {
		return nil
	}
	return fmt.Errorf("the copy has what the ledger has, and that does not prove right: %s; duban verify tells all that is wrong with the ledger", v.Problems[0])
}

// Fill is Copy as far as the rows: whoever adds some of his own finishes the target himself.
func Fill(ctx context.Context, from Questions, to Target, tell Progress) error {
	_, _, err := fill(ctx, from, to, tell)
	return err
}

// fill fills the tables, and tells which they are and as of what.
func fill(ctx context.Context, from Questions, to Target, tell Progress) (names []string, of string, err error) {
	if of, err = from.stand(ctx); err != nil {
		return nil, "", err
	}
	if names, err = from.copied(ctx); err != nil {
		return nil, "", err
	}
	years, err := from.Years(ctx)
	if err != nil {
		return nil, "", err
	}
	if err := to.Years(ctx, years); err != nil {
		return nil, "", err
	}
	if err := sameTables(ctx, from, to.Asked(), names); err != nil {
		return nil, "", err
	}
	counts := map[string]int64{}
	var done, all int64
	for _, name := range names {
		var n int64
		if err := from.DB.Row(ctx, `SELECT COUNT(*) FROM "`+name+`"`).Scan(&n); err != nil {
			return nil, "", from.explain(err)
		}
		counts[name], all = n, all+n
	}
	for _, name := range names {
		switch is, err := to.Asked().Fact(ctx, factCopied+name); {
		case err != nil:
			return nil, "", err
		case is == of:
			done += counts[name]
			tell(name, done, all)
			continue
		}
		if err := from.copyTable(ctx, to, name, of, func(n int64) { tell(name, done+n, all) }); err != nil {
			return nil, "", fmt.Errorf("the table %s: %w", name, err)
		}
		done += counts[name]
	}
	return names, of, nil
}

// stand is which ledger this is, and where it stands.
func (q Questions) stand(ctx context.Context) (string, error) {
	uid, err := q.Fact(ctx, "uid")
	if err != nil {
		return "", err
	}
	last, err := q.LastOf(ctx)
	return fmt.Sprintf("%s %d:%s", uid, last.Seq, last.Hash), err
}

// referred are tables that others refer to, in the order in which they can be filled.
var referred = []string{"plan", "rule", "event", "occurrence", "notice"}

// copied are the tables that are, what others refer to first and facts last: those of
// the copy itself go with them.
func (q Questions) copied(ctx context.Context) ([]string, error) {
	all, err := q.Dialect.Tables(ctx, q.DB)
	all = slices.DeleteFunc(all, func(name string) bool { return name == "goose_db_version" })
	order := func(name string) int {
		if name == "fact" {
			return len(referred) + 1
		}
		if i := slices.Index(referred, name); i >= 0 {
			return i
		}
		return len(referred)
	}
	slices.SortStableFunc(all, func(a, b string) int { return order(a) - order(b) })
	return all, q.explain(err)
}

func sameTables(ctx context.Context, from, to Questions, names []string) error {
	for _, name := range names {
		a, err := from.Dialect.Columns(ctx, from.DB, name)
		if err != nil {
			return from.explain(err)
		}
		b, err := to.Dialect.Columns(ctx, to.DB, name)
		if err != nil {
			return to.explain(err)
		}
		if !slices.EqualFunc(a, b, func(a, b Column) bool { return a.Name == b.Name }) {
			return fmt.Errorf("the table %s is another one there: both need the schema of this duban (duban ledger migrate)", name)
		}
	}
	return nil
}

// columnsToCopy are the names of a table's columns, with the one that numbers its rows
// where that is none of them, in both engines.
func (q Questions) columnsToCopy(ctx context.Context, to Dialect, table string) (names []string, err error) {
	columns, err := q.Dialect.Columns(ctx, q.DB, table)
	for _, c := range columns {
		names = append(names, c.Name)
	}
	const unnamed = "rowid"
	if Covers(table) && q.Dialect.Number(table) == unnamed && to.Number(table) == unnamed {
		names = append([]string{unnamed}, names...)
	}
	return names, q.explain(err)
}

// copyTable copies one.
func (q Questions) copyTable(ctx context.Context, to Target, table, of string, tell func(int64)) error {
	columns, err := q.columnsToCopy(ctx, to.Asked().Dialect, table)
	if err != nil {
		return err
	}
	query := `SELECT ` + quoted(columns) + ` FROM "` + table + `"`
	if table == "fact" { // what the target notes of the copy stays its own, until that is whole
		query += ` WHERE name NOT LIKE '` + factCopied + `%'`
	}
	if Covers(table) {
		query += ` ORDER BY ` + q.Dialect.Number(table)
	}
	// For every row that could be interrupted SQLite's driver starts a goroutine: the target
	// looks whether somebody has had enough.
	next, stop := iter.Pull2(q.all(context.WithoutCancel(ctx), query, len(columns)))
	defer stop()
	n := int64(0)
	return to.Fill(ctx, table, columns, func() ([]any, error) {
		values, err, ok := next()
		if !ok || err != nil {
			tell(n)
			return nil, errors.Join(err, errEnd)
		}
		if n++; n%10_000 == 0 {
			tell(n)
		}
		return values, nil
	}, factCopied+table, of)
}

// all are the rows of a query, each with as many columns; the last of them may be an error.
func (q Questions) all(ctx context.Context, query string, columns int) iter.Seq2[[]any, error] {
	return func(yield func([]any, error) bool) {
		enough := errors.New("nobody wants more")
		err := q.DB.Stream(ctx, query, nil, func(scan func(...any) error) error {
			values, into := make([]any, columns), make([]any, columns)
			for i := range values {
				into[i] = &values[i]
			}
			if err := scan(into...); err != nil {
				return err
			}
			if !yield(values, nil) {
				return enough
			}
			return nil
		})
		if err != nil && !errors.Is(err, enough) {
			yield(nil, q.explain(err))
		}
	}
}

// errEnd is what next says when there are no more.
var errEnd = errors.New("no more rows")

// IsEnd tells whether next has no more rows, and nothing was wrong.
func IsEnd(err error) bool { return err != nil && err.Error() == errEnd.Error() }

func quoted(names []string) string { return `"` + strings.Join(names, `", "`) + `"` }

// sameRows compares all rows of a table, those of the copy itself aside.
func sameRows(ctx context.Context, from, to Questions, table string) (bool, error) {
	columns, err := from.columnsToCopy(ctx, to.Dialect, table)
	if err != nil {
		return false, err
	}
	a, err := from.sum(ctx, table, columns)
	if err != nil {
		return false, err
	}
	b, err := to.sum(ctx, table, columns)
	return a == b, err
}

// summed is what tells two tables apart, in whatever order their rows come.
type summed struct {
	rows int
	sum  [4]uint64
}

func (q Questions) sum(ctx context.Context, table string, columns []string) (s summed, err error) {
	query := `SELECT ` + quoted(columns) + ` FROM "` + table + `"`
	if table == "fact" {
		query += ` WHERE name NOT LIKE '` + factCopied + `%' AND name <> '` + FactEnd + `'`
	}
	values, into := make([]any, len(columns)), make([]any, len(columns))
	for i := range values {
		into[i] = &values[i]
	}
	var buf []byte
	err = q.DB.Stream(context.WithoutCancel(ctx), query, nil, func(scan func(...any) error) error {
		if err := scan(into...); err != nil {
			return err
		}
		buf = buf[:0]
		for i, name := range columns {
			buf = appendValue(appendText(buf, name), values[i])
		}
		hash := sha256.Sum256(buf)
		for i := range s.sum {
			s.sum[i] += binary.BigEndian.Uint64(hash[8*i:])
		}
		if s.rows++; s.rows%10_000 == 0 {
			return ctx.Err()
		}
		return nil
	})
	return s, q.explain(err)
}
