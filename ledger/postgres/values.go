package postgres

import (
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5/pgtype"

	"duban/ledger/tables"
)

// Values gives each column as one list: however many rows there are, the statement is the
// same, so that the server has read and planned it before, and it has a value to take in
// where each row would have had as many as there are columns.
func (dialect) Values(types []tables.Type, args []any) (query string, lists []any) {
	n, all := len(args)/len(types), tables.Cleaned(args)
	var marks, names strings.Builder
	lists = make([]any, len(types))
	for i, t := range types {
		if i > 0 {
			marks.WriteString(", ")
			names.WriteString(", ")
		}
		marks.WriteString("?::" + listOf[t])
		names.WriteString("column" + strconv.Itoa(i+1))
		lists[i] = list(t, n, func(row int) any { return tables.Stored(all[row*len(types)+i]) })
	}
	return `SELECT * FROM unnest(` + marks.String() + `) AS list (` + names.String() + `)`, lists
}

// Among is one value too.
func (dialect) Among(numbers []int64) (is string, args []any) {
	return `= ANY (?::bigint[])`, []any{numbers}
}

var listOf = map[tables.Type]string{tables.Text: "text[]", tables.Number: "bigint[]", tables.Bytes: "bytea[]"}

// list is that of a column.
func list(t tables.Type, n int, value func(row int) any) any {
	switch t {
	case tables.Number:
		out := make(pgtype.FlatArray[pgtype.Int8], n)
		for row := range out {
			if v := value(row); v != nil {
				out[row] = pgtype.Int8{Int64: v.(int64), Valid: true}
			}
		}
		return out
	case tables.Bytes:
		out := make(pgtype.FlatArray[[]byte], n)
		for row := range out {
			if v := value(row); v != nil {
				out[row] = v.([]byte)
			}
		}
		return out
	}
	out := make(pgtype.FlatArray[pgtype.Text], n)
	for row := range out {
		if v := value(row); v != nil {
			out[row] = pgtype.Text{String: v.(string), Valid: true}
		}
	}
	return out
}
