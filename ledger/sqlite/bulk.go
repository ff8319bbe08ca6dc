package sqlite

import (
	"slices"
	"strings"
)

// A table that was empty gets its indexes when it is full, sorted once and not row
// by row.

// unindexed are the indexes of a table that is being filled, which it has not.
type unindexed struct {
	table string
	made  []string // the statements that make them
}

// Filling takes the indexes from a table that is empty.
func (e *engine) Filling(table string) error {
	if slices.Contains(e.filled, table) {
		return nil
	}
	e.filled = append(e.filled, table)
	var there bool
	if err := e.Row(e.ctx, `SELECT EXISTS (SELECT 1 FROM `+table+`)`).Scan(&there); err != nil || there {
		return explain(err)
	}
	names, made, err := indexesOf(e.ctx, e, table)
	if err != nil {
		return err
	}
	for _, name := range names {
		if _, err := e.Exec(`DROP INDEX ` + name); err != nil {
			return explain(err)
		}
	}
	e.unindexed = append(e.unindexed, unindexed{table, made})
	e.ledger.lean = true
	return keepCache(e.ctx, e.tx, leanKB)
}

// Asked gives them back to the tables that a statement names, and to all in the end.
func (e *engine) Asked(query string) error {
	for i := 0; i < len(e.unindexed); {
		t := e.unindexed[i]
		if query != "" && !strings.Contains(query, t.table) {
			i++
			continue
		}
		e.unindexed = slices.Delete(e.unindexed, i, i+1)
		for _, statement := range t.made {
			if _, err := e.Exec(statement); err != nil {
				return explain(err)
			}
		}
	}
	return nil
}
