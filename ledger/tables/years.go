package tables

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"duban/ledger"
	"duban/rules/calendar"
)

// What has ended and is old lies in tables of its own, one a year: occurrence_2019 has
// what was due in 2019. They are like the table of occurrences, column by column, and
// the view occurrence_ever shows all of them together with it: who asks for what may
// have ended asks the view. Nothing that goes on is ever put aside, so who asks for that
// asks the table alone, which stays as small as what is young.
//
// A row keeps its number where it lies; who writes to one that was put aside has it back
// first. What else tells of an occurrence (notices, files, pauses, requests) stays where
// it is, under that number.

// ever is the view of all occurrences.
const ever = "occurrence_ever"

const yearPrefix = "occurrence_"

// yearTable is where what was due in a year is put aside.
func yearTable(year int) string { return fmt.Sprintf(yearPrefix+"%04d", year) }

// IsYear tells whether a table is that of a year.
func IsYear(table string) bool {
	year, ok := strings.CutPrefix(table, yearPrefix)
	n, err := strconv.Atoi(year)
	return ok && err == nil && yearTable(n) == table
}

// hasOccurrences tells whether the rows of a table are occurrences.
func hasOccurrences(table string) bool { return table == "occurrence" || IsYear(table) }

// Years are the tables of years that there are, the latest first.
func (q Questions) Years(ctx context.Context) ([]string, error) {
	all, err := q.Dialect.Tables(ctx, q.DB)
	all = slices.DeleteFunc(all, func(table string) bool { return !IsYear(table) })
	slices.Sort(all)
	slices.Reverse(all)
	return all, q.explain(err)
}

// YearsFollow makes the tables of years that are named, and brings those that there are,
// with the view, to the columns that occurrences have. Whoever changes the schema calls
// it when the migrations are done.
func YearsFollow(ctx context.Context, q Questions, exec func(string) error, make []string) error {
	years, err := q.Years(ctx)
	if err != nil {
		return err
	}
	columns, err := q.Dialect.InOrder(ctx, q.DB, "occurrence")
	if err != nil {
		return q.explain(err)
	}
	var statements []string
	for _, table := range make {
		if slices.Contains(years, table) {
			continue
		}
		like, err := q.Dialect.LikeOccurrences(ctx, q.DB, table)
		if err != nil {
			return q.explain(err)
		}
		statements, years = append(statements, like...), append(years, table)
	}
	for _, table := range years {
		added, err := q.lacks(ctx, table, columns)
		if err != nil {
			return err
		}
		statements = append(statements, added...)
	}
	slices.Sort(years)
	names := quoted(columns)
	show := `SELECT ` + names + ` FROM occurrence`
	for _, table := range years {
		show += ` UNION ALL SELECT ` + names + ` FROM ` + table
	}
	for _, s := range append(statements, q.Dialect.Showing(ever, show)...) {
		if err := exec(s); err != nil {
			return q.explain(err)
		}
	}
	return nil
}

// lacks are the statements that add to a table of a year the columns that it has not.
func (q Questions) lacks(ctx context.Context, table string, columns []string) (add []string, err error) {
	has, err := q.Dialect.Columns(ctx, q.DB, table)
	if err != nil || len(has) == 0 {
		return nil, q.explain(err) // it is made just now
	}
	for _, c := range columns {
		if slices.ContainsFunc(has, func(h Column) bool { return h.Name == c }) {
			continue
		}
		laid, err := q.Dialect.Laid(ctx, q.DB, "occurrence", c)
		if err != nil {
			return nil, q.explain(err)
		}
		add = append(add, `ALTER TABLE `+table+` ADD COLUMN `+laid)
	}
	return add, nil
}

// years are the tables of years that the transaction sees.
func (tx *Tx) years() ([]string, error) {
	if tx.yearTables != nil {
		return *tx.yearTables, nil
	}
	found, err := Questions{tx.engine, tx.Dialect}.Years(tx.ctx)
	if err == nil {
		tx.yearTables = &found
	}
	return found, err
}

func (tx *Tx) PutAside(before calendar.Date, most int, e ledger.Entry) (moved int, err error) {
	byYear := map[int][]int64{}
	// The one with the greatest number stays: by it the next one is numbered.
	err = tx.each(tx.ctx, `SELECT id, due FROM occurrence WHERE state IN ('closed', 'waived', 'cancelled') AND due < ? AND (closed_at IS NULL OR closed_at < ?)
		AND id < (SELECT MAX(id) FROM occurrence) ORDER BY due, plan, obligation, unit, period LIMIT ?`, []any{before.String(), before.String(), most}, func(scan func(...any) error) error {
		var id int64
		var due calendar.Date
		err := scan(&id, day{&due})
		if !due.IsZero() { // what cannot be read stays where people look for it
			byYear[due.Year()] = append(byYear[due.Year()], id)
		}
		return err
	})
	if err != nil || len(byYear) == 0 {
		return 0, err
	}
	if err := tx.makeYears(byYear); err != nil {
		return 0, err
	}
	for year, ids := range byYear {
		for part := range slices.Chunk(ids, Together) {
			if err := tx.moveRows("occurrence", yearTable(year), part); err != nil {
				return 0, err
			}
		}
		e.Action, e.Subject = "put aside", ledger.Subject{Kind: ledger.AboutYear, Ref: strconv.Itoa(year)}
		e.After = jsonText(map[string]any{"occurrences": len(ids)})
		if err := tx.Journal(e); err != nil {
			return 0, err
		}
		moved += len(ids)
	}
	return moved, nil
}

// makeYears makes the tables that these years lack.
func (tx *Tx) makeYears(of map[int][]int64) error {
	there, err := tx.years()
	if err != nil {
		return err
	}
	var make []string
	for year := range of {
		if table := yearTable(year); !slices.Contains(there, table) {
			make = append(make, table)
		}
	}
	if len(make) == 0 {
		return nil
	}
	slices.Sort(make)
	tx.yearTables = nil
	return YearsFollow(tx.ctx, Questions{tx.engine, tx.Dialect}, func(statement string) error {
		_, err := tx.write(statement)
		return err
	}, make)
}

func (tx *Tx) moveRows(from, to string, ids []int64) error {
	columns, err := tx.columnsOf("occurrence")
	if err != nil {
		return err
	}
	names := make([]string, len(columns))
	for i, c := range columns {
		names[i] = c.Name
	}
	in, args := tx.Dialect.Among(ids)
	in = ` WHERE id ` + in
	if _, err := tx.exec(`INSERT INTO `+to+` (`+quoted(names)+`) SELECT `+quoted(names)+` FROM `+from+in+` ORDER BY id`, args...); err != nil {
		return err
	}
	_, err = tx.exec(`DELETE FROM `+from+in, args...)
	return err
}

// recall takes those of these back that were put aside, since somebody writes to them.
func (tx *Tx) recall(ids []int64) error {
	years, err := tx.years()
	if err != nil {
		return err
	}
	delete(tx.untouched, "occurrence") // which has more than what was put in
	for _, table := range years {
		var here []int64
		in, args := tx.Dialect.Among(ids)
		if err := tx.each(tx.ctx, `SELECT id FROM `+table+` WHERE id `+in, args, func(scan func(...any) error) error {
			var id int64
			err := scan(&id)
			here = append(here, id)
			return err
		}); err != nil {
			return err
		}
		if len(here) == 0 {
			continue
		}
		for _, id := range here { // the trigger counts it again
			if _, err := tx.exec(`UPDATE ended SET n = n - 1 WHERE (due, plan, unit, state, late) = (SELECT due, plan, unit, state, late FROM `+table+` WHERE id = ?)`, id); err != nil {
				return err
			}
		}
		if err := tx.moveRows(table, "occurrence", here); err != nil {
			return err
		}
	}
	return nil
}

// asideUnderTheKeysOf is what was put aside under the keys of these.
func (tx *Tx) asideUnderTheKeysOf(all []*ledger.Occurrence) (map[[4]string]*ledger.Occurrence, error) {
	years, err := tx.years()
	if err != nil || len(years) == 0 {
		return nil, err
	}
	last, err := strconv.Atoi(strings.TrimPrefix(years[0], yearPrefix))
	if err != nil {
		return nil, err
	}
	// A period counts from a day near it, whatever the rule says: what counts from later
	// than all that was put aside is none of that. Of what somebody started the key is free.
	some := slices.DeleteFunc(slices.Clone(all), func(o *ledger.Occurrence) bool {
		return o.Event == 0 && o.Cause == 0 && o.Anchor.Year() > last+1
	})
	if len(some) == 0 {
		return nil, nil
	}
	there := map[[4]string]*ledger.Occurrence{}
	for _, table := range years {
		if err := tx.underKeys(table, some, there); err != nil {
			return nil, err
		}
	}
	return there, nil
}
