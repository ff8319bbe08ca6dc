package sqlite

import (
	"slices"
	"strings"

	"duban/ledger"
)

// What a large statement writes is not looked up again: the hashes of its rows are
// noted as they are written, and a table that was empty gets its indexes when it is
// full, sorted once and not row by row.

// insertMany is INSERT with many rows of a table, whose hashes are noted as they are
// written. It tells how many were added; the last of them has the number last.
func (tx *Tx) insertMany(table string, names []string, values *rows, onConflict string) (added int, last int64, err error) {
	if values.n == together {
		if err := tx.fill(table); err != nil {
			return 0, 0, err
		}
	}
	before := tx.ledger.touched.state(table)
	r, err := tx.write(`INSERT INTO `+table+` (`+strings.Join(names, ", ")+`) VALUES `+values.values()+onConflict, values.args...)
	if err != nil {
		return 0, 0, err
	}
	n, err := r.RowsAffected()
	if err != nil || n == 0 {
		return 0, 0, err
	}
	if last, err = r.LastInsertId(); err != nil {
		return 0, 0, err
	}
	made := tx.ledger.touched.since(table, before)
	if len(made) != values.n {
		return int(n), last, nil
	}
	columns, err := tx.columns(table)
	if err != nil {
		return 0, 0, err
	}
	at := make([]int, len(columns)) // of each column among the names
	id := -1
	for i, c := range columns {
		at[i] = slices.Index(names, c.name)
		if c.name == "id" {
			id = i
		}
	}
	row, buf := make([]any, len(columns)), []byte(nil)
	tx.ledger.touched.knows(table, made, func(i int) (h rowHash) {
		given := values.args[i*len(names) : (i+1)*len(names)]
		for j, c := range columns {
			row[j] = c.unset
			if at[j] >= 0 {
				row[j] = stored(given[at[j]])
			}
		}
		if id >= 0 {
			row[id] = made[i]
		}
		h, buf = hashOf(buf, columns, row)
		return h
	})
	return int(n), last, nil
}

// stored is a value as SQLite gives it back.
func stored(v any) any {
	switch v := v.(type) {
	case bool:
		if v {
			return int64(1)
		}
		return int64(0)
	case int:
		return int64(v)
	case ledger.State:
		return string(v)
	}
	return v
}

// columns are those of a table.
func (tx *Tx) columns(table string) ([]column, error) {
	if known, ok := tx.tables[table]; ok {
		return known, nil
	}
	columns, err := columnsOf(tx.ctx, tx.tx, table)
	if err == nil {
		if tx.tables == nil {
			tx.tables = map[string][]column{}
		}
		tx.tables[table] = columns
	}
	return columns, err
}

// unindexed are the indexes of a table that is being filled, which it has not.
type unindexed struct {
	table string
	made  []string // the statements that make them
}

// fill takes the indexes from a table that is empty, before many rows come.
func (tx *Tx) fill(table string) error {
	if slices.Contains(tx.filled, table) {
		return nil
	}
	tx.filled = append(tx.filled, table)
	var there bool
	if err := tx.tx.QueryRowContext(tx.ctx, `SELECT EXISTS (SELECT 1 FROM `+table+`)`).Scan(&there); err != nil || there {
		return explain(err)
	}
	names, made, err := indexesOf(tx.ctx, tx.tx, table)
	if err != nil {
		return err
	}
	for _, name := range names {
		if _, err := tx.write(`DROP INDEX ` + name); err != nil {
			return err
		}
	}
	tx.unindexed = append(tx.unindexed, unindexed{table, made})
	tx.ledger.lean = true
	return keepCache(tx.ctx, tx.tx, leanKB)
}

// index gives them back to the tables that a statement names.
func (tx *Tx) index(query string) error {
	for i := 0; i < len(tx.unindexed); {
		t := tx.unindexed[i]
		if !strings.Contains(query, t.table) {
			i++
			continue
		}
		tx.unindexed = slices.Delete(tx.unindexed, i, i+1)
		for _, statement := range t.made {
			if _, err := tx.write(statement); err != nil {
				return err
			}
		}
	}
	return nil
}
