package tables

import "strings"

// header names the columns of which a statement has a value in each of many rows. Those
// with a # are numbers, those with a * bytes, the others texts: an engine that is given
// them as lists has to know.
type header string

// Type is what the values of a column are; each may be nil.
type Type int

const (
	Text Type = iota
	Number
	Bytes
)

func (h header) names() []string {
	names := strings.Fields(string(h))
	for i, name := range names {
		names[i] = strings.TrimRight(name, "#*")
	}
	return names
}

func (h header) types() []Type {
	names := strings.Fields(string(h))
	types := make([]Type, len(names))
	for i, name := range names {
		switch name[len(name)-1] {
		case '#':
			types[i] = Number
		case '*':
			types[i] = Bytes
		}
	}
	return types
}

// rows are many of which one statement has the values.
type rows struct {
	args []any // of one after the other
	n    int
}

func (r *rows) add(values ...any) {
	if r.args == nil {
		r.args = make([]any, 0, min(Together, 16)*len(values))
	}
	r.args = append(r.args, values...)
	r.n++
}

// row are the values of one.
func (r *rows) row(i int) []any {
	width := len(r.args) / r.n
	return r.args[i*width : (i+1)*width]
}

// none forgets the rows and keeps their room for others.
func (r *rows) none() {
	clear(r.args)
	r.args, r.n = r.args[:0], 0
}

// given is a query that gives the rows back, and what it is asked with; its columns are
// column1, column2 and so on.
func (q Questions) given(of header, r *rows) (query string, args []any) {
	return q.Dialect.Values(of.types(), r.args)
}

// inserted is an INSERT of rows into a table.
func (q Questions) inserted(table string, of header, r *rows) (query string, args []any) {
	query, args = q.given(of, r)
	return `INSERT INTO ` + table + ` (` + strings.Join(of.names(), ", ") + `) ` + query, args
}
