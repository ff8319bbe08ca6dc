package postgres

import (
	"duban/ledger/tables"
)

// ofSchema names a table as a schema has it.
type ofSchema struct {
	schema int64
	table  string
}

// schemaNow asks which one there is.
const schemaNow = `SELECT COALESCE(MAX(version_id), 0) FROM goose_db_version WHERE is_applied`

// columns gives those of a table in the schema that the transaction sees, read where nobody
// has read them yet: not every transaction asks for them.
func (e *engine) columns(table string, read func() ([]tables.Column, error)) ([]tables.Column, error) {
	if e.schema == 0 {
		if err := e.send(e.ctx); err != nil { // with what it begins with, which asks for the schema
			return nil, err
		}
	}
	of := ofSchema{e.schema, table}
	if known, ok := e.ledger.columns.Load(of); ok {
		return known.([]tables.Column), nil
	}
	found, err := read()
	if err == nil {
		e.ledger.columns.Store(of, found)
	}
	return found, err
}
