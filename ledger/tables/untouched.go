package tables

import (
	"database/sql"
	"errors"
	"slices"
)

// untouched is what a table has of an obligation, where that was nothing when the
// transaction came to it: of what is put in there nothing can be there already but what it
// has put in itself. To look for each row whether it is there was a sixth of a first tick.
type untouched struct {
	of  part
	put map[[2]string]bool // unit and period; nil: something was there
}

// part is an obligation of a plan.
type part struct{ plan, obligation string }

// cannotBeThere tells of n rows with these keys, as they will stand in a table, whether none
// of them can be there, or twice among them. It remembers one obligation, since they come by
// obligations.
func (tx *Tx) cannotBeThere(table string, n int, key func(i int) (of part, unit, period string)) (bool, error) {
	none := n == Together // for fewer nobody asks
	var left []part       // whose rows among these are not in the table yet
	for i := range n {
		of, unit, period := key(i)
		u := tx.untouched[table]
		if u == nil || u.of != of {
			if none = none && !slices.Contains(left, of); !none {
				continue
			}
			if u != nil {
				left = append(left, u.of)
			}
			there, err := tx.has(table, of)
			if err != nil {
				return false, err
			}
			u = &untouched{of: of}
			if !there {
				u.put = map[[2]string]bool{}
			}
			if tx.untouched == nil {
				tx.untouched = map[string]*untouched{}
			}
			tx.untouched[table] = u
		}
		if none = none && u.put != nil && !u.put[[2]string{unit, period}]; u.put != nil {
			u.put[[2]string{unit, period}] = true
		}
	}
	return none, nil
}

// AnyOf asks a table for a unit of an obligation of a plan. It asks in order: else PostgreSQL
// hopes to meet one soon, of few obligations, and where there is none reads the whole table.
func AnyOf(table string) string {
	return `SELECT unit FROM ` + table + ` WHERE plan = ? AND obligation = ? ORDER BY unit LIMIT 1`
}

// has tells whether a table has anything of an obligation; it asks for the key alone, which
// a table has while it is being filled too.
func (tx *Tx) has(table string, of part) (bool, error) {
	var unit string
	err := tx.engine.Row(tx.ctx, AnyOf(table), of.plan, of.obligation).Scan(&unit)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	return err == nil, tx.explain(err)
}
