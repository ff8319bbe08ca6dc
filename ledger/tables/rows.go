package tables

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
)

// Every transaction tells the journal which rows it changed, and a hash of each
// as it left it. The engine itself tells of the rows, so that no function that writes
// can forget one, and no table or column that is added later stays out:
//
//	duty 1 HASH,HASH,-     the rows 1 and 2 of the table duty; row 3 is gone
//
// A row's hash is over the columns that differ from their defaults, by name: a
// column that is added later leaves the hashes of the rows that were there as
// they are, and is covered from then on.

// uncovered are tables whose rows the journal does not tell of: what the page, the API and
// the daemons remember for themselves, the bytes of mails, which retention takes
// away, and counts, which verify counts again.
var uncovered = []string{"answer", "ended", "session", "fact", "lease", "reserved", "traffic", "webhook", "webhook_try", "mail", "journal", "goose_db_version"}

// Covers tells whether the journal tells of a table's rows.
func Covers(table string) bool { return !slices.Contains(uncovered, table) }

// covered are the tables whose rows the journal tells of, by name.
func (q Questions) covered(ctx context.Context) ([]string, error) {
	all, err := q.Dialect.Tables(ctx, q.DB)
	return slices.DeleteFunc(all, func(table string) bool { return !Covers(table) }), q.explain(err)
}

// rowHash is enough of a SHA-256 that nobody finds another row with it.
type rowHash [12]byte

func (h rowHash) String() string { return base64.RawURLEncoding.EncodeToString(h[:]) }

// Touched are the rows that a transaction has changed, by table.
type Touched map[string]*touchedRows

// touchedRows are those of one table, some more than once. Of those that a large
// statement made, and of those that one gave back as it left them, the hashes are known, so
// that they are not read again.
type touchedRows struct {
	rows  []int64
	made  int // how many were inserted
	known []knownRows
	given map[int64]rowHash
}

// knownRows are rows that follow one another, the last of one before the first of
// the next.
type knownRows struct {
	first  int64
	hashes []rowHash // zero: the row has changed since
}

func (k knownRows) end() int64 { return k.first + int64(len(k.hashes)) }

// Add notes a row that has changed; made: it is new.
func (t Touched) Add(table string, row int64, made bool) {
	rows := t[table]
	if rows == nil {
		if !Covers(table) {
			return
		}
		rows = &touchedRows{}
		t[strings.Clone(table)] = rows
	}
	if made {
		rows.made++
	}
	if n := len(rows.rows); n == 0 || rows.rows[n-1] != row {
		rows.rows = append(rows.rows, row)
	}
	if h := rows.hash(row); h != nil {
		*h = rowHash{}
	}
	delete(rows.given, row)
}

// known tells whether no hash is to be read, where they are not too many to look at.
func (t Touched) known() bool {
	for _, of := range t {
		if len(of.rows) > Together || len(of.known) > 0 {
			return false
		}
		for _, row := range of.rows {
			if !of.knows(row) {
				return false
			}
		}
	}
	return true
}

// mostGiven is of how many rows of a table the hashes are remembered: a change of more reads
// the rest again.
const mostGiven = 50_000

// gave notes the hash of a row that a statement, which is over, has left so.
func (t Touched) gave(table string, row int64, h rowHash) {
	of := t[table]
	if of == nil || len(of.given) == mostGiven { // it is not covered, or enough is remembered
		return
	}
	if of.given == nil {
		of.given = map[int64]rowHash{}
	}
	of.given[row] = h
}

// knows notes the hashes of rows that were made in this order. Others than such as
// follow one another are left to be read.
func (t Touched) knows(table string, rows []int64, hash func(i int) rowHash) {
	of := t[table]
	if n := len(of.known); n > 0 && rows[0] < of.known[n-1].end() || rows[len(rows)-1]-rows[0] != int64(len(rows)-1) || !slices.IsSorted(rows) {
		return
	}
	some := knownRows{rows[0], make([]rowHash, len(rows))}
	for i := range rows {
		some.hashes[i] = hash(i)
	}
	of.known = append(of.known, some)
	of.rows = of.rows[:len(of.rows)-len(rows)] // which are the last of them
}

// hash is where that of a row is noted; nil: it never was.
func (r *touchedRows) hash(row int64) *rowHash {
	if n := len(r.known); n == 0 || row >= r.known[n-1].end() { // as of all that is made
		return nil
	}
	i, _ := slices.BinarySearchFunc(r.known, row, func(k knownRows, row int64) int { return cmp.Compare(k.end()-1, row) })
	if k := r.known[i]; row >= k.first {
		return &k.hashes[row-k.first]
	}
	return nil
}

// all are the rows, each once, in order.
func (r *touchedRows) all() []int64 {
	out := slices.Clone(r.rows)
	for _, k := range r.known {
		for i := range k.hashes {
			out = append(out, k.first+int64(i))
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// knownHash is a row's hash that need not be read; zero: it has to be.
func (r *touchedRows) knownHash(row int64) rowHash {
	if h := r.hash(row); h != nil && *h != (rowHash{}) {
		return *h
	}
	return r.given[row]
}

// knows tells whether it need not be read.
func (r *touchedRows) knows(row int64) bool { return r.knownHash(row) != rowHash{} }

// eachRow calls f for rows of a table, those with these numbers or all, in order.
func (q Questions) eachRow(ctx context.Context, table string, only []int64, f func(row int64, h rowHash, values []any) error) error {
	columns, err := q.Dialect.Columns(ctx, q.DB, table)
	if err != nil || len(columns) == 0 {
		return err
	}
	names := make([]string, len(columns))
	for i, c := range columns {
		names[i] = `"` + c.Name + `"`
	}
	number := q.Dialect.Number(table)
	query := `SELECT ` + number + `, ` + strings.Join(names, ", ") + ` FROM "` + table + `"`
	for _, part := range chunks(only) {
		where, args := "", []any(nil)
		if only != nil {
			where, args = q.Dialect.Among(part)
			where = ` WHERE ` + number + ` ` + where
		}
		err := q.hashRows(ctx, query+where+` ORDER BY `+number, args, columns, f)
		if err != nil {
			return err
		}
	}
	return nil
}

// chunks are parts that one query takes; all rows are one part.
func chunks(rows []int64) [][]int64 {
	if rows == nil {
		return [][]int64{nil}
	}
	return slices.Collect(slices.Chunk(rows, Together))
}

func (q Questions) hashRows(ctx context.Context, query string, args []any, columns []Column, f func(int64, rowHash, []any) error) error {
	h := hashing(columns)
	return q.explain(q.DB.Stream(ctx, query, args, func(scan func(...any) error) error {
		row, hash, err := h.of(scan)
		if err != nil {
			return err
		}
		return f(row, hash, h.values)
	}))
}

// hasher hashes rows whose number and columns are read one after the other.
type hasher struct {
	columns []Column
	row     int64
	values  []any // of the row that was read last
	into    []any
	buf     []byte
}

func hashing(columns []Column) *hasher {
	h := &hasher{columns: columns, values: make([]any, len(columns)), into: make([]any, len(columns)+1)}
	h.into[0] = &h.row
	for i := range h.values {
		h.into[i+1] = &h.values[i]
	}
	return h
}

// of reads a row.
func (h *hasher) of(read func(...any) error) (row int64, hash rowHash, err error) {
	if err := read(h.into...); err != nil {
		return 0, hash, err
	}
	hash, h.buf = hashOf(h.buf, h.columns, h.values)
	return h.row, hash, nil
}

// hashOf is the hash of a row; buf is room for it.
func hashOf(buf []byte, columns []Column, values []any) (rowHash, []byte) {
	buf = buf[:0]
	for i, c := range columns {
		if values[i] != c.Unset {
			buf = appendValue(appendText(buf, c.Name), values[i])
		}
	}
	sum := sha256.Sum256(buf)
	return rowHash(sum[:len(rowHash{})]), buf
}

// Told is what an entry of the journal tells of one row; values are those of the columns.
func Told(table string, row int64, columns []Column, values []any) string {
	h, _ := hashOf(nil, columns, values)
	return fmt.Sprintf("%s %d %s", table, row, h)
}

// state is how far a table has been touched.
func (t Touched) state(table string) (at [2]int) {
	if of := t[table]; of != nil {
		at = [2]int{len(of.rows), of.made}
	}
	return at
}

// since are the rows that one statement touched, in its order, if it made all of
// them.
func (t Touched) since(table string, before [2]int) []int64 {
	of := t[table]
	if of == nil || of.made-before[1] != len(of.rows)-before[0] {
		return nil
	}
	return of.rows[before[0]:]
}

func appendText(buf []byte, s string) []byte {
	return append(binary.AppendUvarint(buf, uint64(len(s))), s...)
}

// appendValue binds a value with its type and length.
func appendValue(buf []byte, v any) []byte {
	switch v := v.(type) {
	case nil:
		return append(buf, 'n')
	case int64:
		return binary.AppendVarint(append(buf, 'i'), v)
	case float64:
		return binary.AppendUvarint(append(buf, 'f'), math.Float64bits(v))
	case string:
		return appendText(append(buf, 's'), v)
	case []byte:
		return appendText(append(buf, 'b'), string(v))
	}
	return appendText(append(buf, '?'), fmt.Sprint(v)) // engines have no others
}

// text tells of the rows as they are now.
func (t Touched) text(ctx context.Context, q Questions) (string, error) {
	var b strings.Builder
	all := 0
	for _, of := range t {
		all += len(of.rows)
		for _, k := range of.known {
			all += len(k.hashes)
		}
	}
	b.Grow(all * 17) // a hash and a comma
	for _, table := range slices.Sorted(maps.Keys(t)) {
		of := t[table]
		rows := of.all()
		w := rowWriter{Builder: &b, table: table}
		// upTo writes those before a row that is read: their hashes are known, or they
		// are gone.
		upTo := func(row int64) {
			for ; len(rows) > 0 && rows[0] < row; rows = rows[1:] {
				if h := of.knownHash(rows[0]); h != (rowHash{}) {
					w.row(rows[0], h.String())
				} else {
					w.row(rows[0], "-")
				}
			}
		}
		read := slices.DeleteFunc(slices.Clone(rows), of.knows)
		err := q.eachRow(ctx, table, read, func(row int64, h rowHash, _ []any) error {
			upTo(row)
			w.row(row, h.String())
			rows = rows[1:]
			return nil
		})
		if err != nil {
			return "", err
		}
		upTo(math.MaxInt64)
	}
	return b.String(), nil
}

// rowWriter writes what an entry tells of the rows of a table.
type rowWriter struct {
	*strings.Builder
	table string
	last  int64 // row
	line  int   // rows in this line
}

// longestLine is how many rows one holds.
var longestLine = 10_000

// row writes the hash of one; a line holds those that follow one another.
func (w *rowWriter) row(n int64, hash string) {
	switch {
	case w.last != 0 && n == w.last+1 && w.line < longestLine:
		w.WriteByte(',')
	case w.Len() > 0:
		w.WriteByte('\n')
		fallthrough
	default:
		fmt.Fprintf(w, "%s %d ", w.table, n)
		w.line = 0
	}
	w.WriteString(hash)
	w.last, w.line = n, w.line+1
}

// readRows calls f for each row that an entry tells of; gone: it was deleted.
func readRows(text string, f func(table string, row int64, h rowHash, gone bool)) error {
	for line := range strings.Lines(text) {
		table, rest, _ := strings.Cut(strings.TrimSuffix(line, "\n"), " ")
		first, list, _ := strings.Cut(rest, " ")
		n, err := strconv.ParseInt(first, 10, 64)
		if err != nil {
			return err
		}
		for one := range strings.SplitSeq(list, ",") {
			var h rowHash
			if one != "-" {
				data, err := base64.RawURLEncoding.DecodeString(one)
				if err != nil || len(data) != len(h) {
					return fmt.Errorf("%q is no hash of a row", one)
				}
				copy(h[:], data)
			}
			f(table, n, h, one == "-")
			n++
		}
	}
	return nil
}
