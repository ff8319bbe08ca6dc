package postgres

import (
	"context"
	"errors"
	"sync"

	"duban/ledger/tables"
)

// columns are those of tables as the schema of that number has them, so that not every
// transaction asks for them.
type columns struct {
	mu     sync.Mutex
	schema int64
	tables map[string][]tables.Column
}

// seenColumns are those that one transaction has gone by: of one schema, which it compares in
// its end with that of its own sight, and is begun anew where that is another.
type seenColumns struct {
	of     *Ledger
	schema int64 // 0: none
}

// errSchemaMoved begins a transaction anew that went by the columns of before.
var errSchemaMoved = errors.New("the schema has become another meanwhile")

func (s *seenColumns) columns(ctx context.Context, table string) ([]tables.Column, error) {
	schema, found, err := s.of.columns.read(ctx, s.of.fresh(), table)
	if err == nil && s.schema != 0 && s.schema != schema {
		err = errSchemaMoved
	}
	s.schema = schema
	return found, err
}

// are tells whether what was seen is of the schema that the transaction sees. If not, it is
// forgotten.
func (s *seenColumns) are(schema int64) bool {
	if s.schema == 0 || s.schema == schema {
		return true
	}
	c := &s.of.columns
	c.mu.Lock()
	defer c.mu.Unlock()
	c.tables = nil
	return false
}

// read gives a table's columns and the schema that has them. They are asked for beside the
// transaction: those that it sees may be of a schema that is no more.
func (c *columns) read(ctx context.Context, q tables.Questions, table string) (schema int64, found []tables.Column, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if found := c.tables[table]; found != nil {
		return c.schema, found, nil
	}
	for before := int64(-1); err == nil && schema != before; {
		before = schema
		if found, err = q.Dialect.Columns(ctx, q.DB, table); err == nil {
			schema, err = schemaOf(ctx, q)
		}
	}
	if err != nil || len(found) == 0 {
		return schema, found, err
	}
	if c.schema != schema || c.tables == nil {
		c.schema, c.tables = schema, map[string][]tables.Column{}
	}
	c.tables[table] = found
	return schema, found, nil
}
