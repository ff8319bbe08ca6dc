package tables

import (
	"context"
	"encoding/binary"
	"fmt"
	"iter"
	"math"
	"slices"
	"strings"
)

// What the journal says of rows, and how they stand, read side by side.

// gone is the hash of a row that is.
var gone = rowHash{}

// rowKey is that of a row among those of all tables.
func rowKey(table int, row int64) (k [12]byte) {
	binary.BigEndian.PutUint16(k[:], uint16(table))
	binary.BigEndian.PutUint64(k[4:], uint64(row))
	return k
}

func (r *record) row() (table int, row int64) {
	return int(binary.BigEndian.Uint16(r.key[:])), int64(binary.BigEndian.Uint64(r.key[4:]))
}

// tableNumber is the number of a table that the journal tells of.
func (p *Proof) tableNumber(table string) int {
	if i := slices.Index(p.told, table); i >= 0 {
		return i
	}
	p.told = append(p.told, strings.Clone(table))
	return len(p.told) - 1
}

// saidOf reads on in what the journal says of rows.
type saidOf struct {
	next func() (record, error, bool)
	now  record
	more bool
}

func (s *saidOf) advance() error {
	var err error
	s.now, err, s.more = s.next()
	return err
}

// said begins to read what the journal says of rows; end ends it.
func (p *Proof) said() (s *saidOf, end func(), err error) {
	next, end := iter.Pull2(p.rowsOf.all())
	s = &saidOf{next: next}
	return s, end, s.advance()
}

// each calls f with what the journal says of rows of a table with smaller numbers than
// that one, and then tells what it says of that row itself.
func (s *saidOf) each(table int, below int64, f func(row int64, h rowHash) error) (h rowHash, known bool, err error) {
	for s.more {
		t, row := s.now.row()
		if t != table || row > below {
			return h, false, nil
		}
		h = s.now.hash
		if err := s.advance(); err != nil {
			return h, false, err
		}
		if row == below {
			return h, true, nil
		}
		if err := f(row, h); err != nil {
			return h, false, err
		}
	}
	return h, false, nil
}

// rows proves that the rows stand as the journal says: both are read side by side.
func (p *Proof) rows(ctx context.Context) error {
	tables, err := p.covered(ctx)
	if err != nil {
		return err
	}
	said, end, err := p.said()
	if err != nil {
		return err
	}
	defer end()
	for i, table := range p.told {
		if slices.Contains(tables, table) {
			err = p.table(ctx, i, table, said)
		} else {
			p.problem("the table %s is gone", table)
			_, _, err = said.each(i, math.MaxInt64, func(int64, rowHash) error { return nil })
		}
		if err != nil {
			return err
		}
	}
	for _, table := range tables { // of which it says nothing
		if !slices.Contains(p.told, table) && p.whole {
			if err := p.table(ctx, len(p.told), table, said); err != nil {
				return err
			}
		}
	}
	return nil
}

// mostWrong bounds how many occurrences are looked at one by one.
const mostWrong = 100 * maxProblems

// table proves the rows of one. Of occurrences people are told more in another step:
// which stand otherwise is noted for it.
func (p *Proof) table(ctx context.Context, number int, table string, said *saidOf) error {
	later := hasOccurrences(table) && !p.byRow
	missing := func(row int64, h rowHash) error {
		switch {
		case h == gone:
		case !later:
			p.problem("%s %d: the journal knows it, but it is gone", table, row)
		case len(p.wrong) < mostWrong:
			p.wrong[row] = true
		}
		return nil
	}
	if !p.whole {
		return p.some(ctx, number, table, said, missing)
	}
	columns, err := p.Dialect.Columns(ctx, p.DB, table)
	if err != nil {
		return err
	}
	err = p.eachRow(ctx, table, nil, func(row int64, h rowHash, values []any) error {
		want, known, err := said.each(number, row, missing)
		p.compare(table, row, columns, values, h, want, known)
		return err
	})
	if err != nil {
		return err
	}
	_, _, err = said.each(number, math.MaxInt64, missing)
	return err
}

// some proves those rows of a table that the journal tells of.
func (p *Proof) some(ctx context.Context, number int, table string, said *saidOf, missing func(int64, rowHash) error) error {
	columns, err := p.Dialect.Columns(ctx, p.DB, table)
	if err != nil {
		return err
	}
	for {
		want := map[int64]rowHash{}
		var rows []int64
		for said.more && len(rows) < Together {
			if t, _ := said.now.row(); t != number {
				break
			}
			_, row := said.now.row()
			want[row], rows = said.now.hash, append(rows, row)
			if err := said.advance(); err != nil {
				return err
			}
		}
		if len(rows) == 0 {
			return nil
		}
		err := p.eachRow(ctx, table, rows, func(row int64, h rowHash, values []any) error {
			p.compare(table, row, columns, values, h, want[row], true)
			delete(want, row)
			return nil
		})
		if err != nil {
			return err
		}
		for _, row := range rows {
			if h, left := want[row]; left {
				if err := missing(row, h); err != nil {
					return err
				}
			}
		}
	}
}

// compare proves a row that is there; known: the journal tells of it.
func (p *Proof) compare(table string, row int64, columns []Column, values []any, h, want rowHash, known bool) {
	switch later := hasOccurrences(table) && !p.byRow; {
	case known && want == h:
		p.verdict.Rows++
	case later && (known || IsYear(table)): // of others older versions told no hashes
		if len(p.wrong) < mostWrong {
			p.wrong[row] = true
		}
	case later:
	case !known || want == gone:
		p.problem("%s: the journal does not know it", rowName(table, row, columns, values))
	default:
		p.problem("%s: was changed behind the journal's back", rowName(table, row, columns, values))
	}
}

// rowName says for people which row it is: its table, number, and the first
// texts in it that are no times.
func rowName(table string, row int64, columns []Column, values []any) string {
	var parts []string
	for _, name := range []string{"name", "plan", "obligation", "unit", "address", "key", "period", "kind", "from_day"} {
		i := slices.IndexFunc(columns, func(c Column) bool { return c.Name == name })
		if i < 0 {
			continue
		}
		if s, ok := values[i].(string); ok && s != "" {
			parts = append(parts, s)
		}
	}
	text := fmt.Sprintf("%s %d", table, row)
	if len(parts) > 0 {
		text += " (" + strings.Join(parts, "/") + ")"
	}
	return text
}
