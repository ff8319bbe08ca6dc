package toml

import (
	"bytes"
	"duban/rules/problem"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/pelletier/go-toml/v2/unstable"
)

// maxSyntaxErrors bounds the attempts to read on behind a syntax error.
const maxSyntaxErrors = 200

// Parse reads data as TOML. file is the name used in problems. The returned
// table is never nil; lines that are no TOML are reported and left out.
func Parse(file string, data []byte, problems *problem.List) *Table {
	if i := bytes.IndexByte(data, 0); i >= 0 || !utf8.Valid(data) {
		problems.Add(problem.Pos{File: file}, "is not a text file in UTF-8: save it as UTF-8")
		return newTable(problem.Pos{File: file, Line: 1, Col: 1}, problems)
	}
	data = bytes.TrimPrefix(data, []byte("\ufeff")) // which some editors put first
	b := &builder{file: file, data: bytes.Clone(data), problems: problems}
	for range maxSyntaxErrors {
		root, err := b.build()
		if err == nil {
			return root
		}
		b.skip(err)
	}
	return newTable(problem.Pos{File: file, Line: 1, Col: 1}, problems)
}

// builder turns the parser's expressions into tables. After a syntax error it
// blanks the bad lines and starts over, so that one slip does not hide the rest.
type builder struct {
	file     string
	data     []byte
	problems *problem.List
	parser   unstable.Parser
	lines    []int                             // byte offsets at which lines start
	broken   []int                             // lines that were blanked
	last     struct{ line, offset, chars int } // where pos has counted to
}

func (b *builder) build() (*Table, error) {
	b.lines, b.last.line = []int{0}, 0
	for i, c := range b.data {
		if c == '\n' {
			b.lines = append(b.lines, i+1)
		}
	}
	b.parser.Reset(b.data)
	found := &problem.List{} // kept only if this attempt reads to the end
	root := newTable(b.pos(0), b.problems)
	current := root
	header := 0
	ends := func(offset int) {
		current.text = strings.TrimRight(string(b.data[header:offset]), "\n\r\t ")
		for _, l := range b.broken {
			current.damaged = current.damaged || header <= b.lines[l-1] && b.lines[l-1] < offset
		}
	}
	for b.parser.NextExpression() {
		e := b.parser.Expression()
		switch e.Kind {
		case unstable.KeyValue:
			b.keyValue(current, e, found)
		case unstable.Table, unstable.ArrayTable:
			start := b.headerStart(e)
			ends(start)
			header = start
			current = b.open(root, e, found)
		}
	}
	ends(len(b.data))
	if err := b.parser.Error(); err != nil {
		return nil, err
	}
	b.problems.Join(found)
	return root, nil
}

// skip reports a syntax error and blanks what it spoils: the line, or for a
// bad header everything up to the next one, lest its keys land elsewhere.
func (b *builder) skip(err error) {
	offset := len(b.data)
	message := err.Error()
	var pe *unstable.ParserError
	if errors.As(err, &pe) {
		message = pe.Message
		if pe.Highlight != nil {
			offset = b.offsetOf(pe.Highlight)
		}
	}
	at := b.pos(min(offset, max(0, len(b.data)-1)))
	b.problems.Add(at, "not valid TOML: %s", message)
	line := at.Line
	blank := func(n int) bool {
		start, end := b.lines[n-1], len(b.data)
		if n < len(b.lines) {
			end = b.lines[n] - 1
		}
		empty := len(bytes.TrimSpace(b.data[start:end])) == 0
		for i := start; i < end; i++ {
			b.data[i] = ' '
		}
		b.broken = append(b.broken, n)
		return !empty
	}
	isHeader := func(n int) bool {
		return bytes.HasPrefix(bytes.TrimLeft(b.data[b.lines[n-1]:], " \t"), []byte("["))
	}
	head := isHeader(line)
	// An unfinished value is noticed at the end of its line or beyond it.
	for !blank(line) && line > 1 {
		line--
	}
	for n := line + 1; head && n <= len(b.lines) && !isHeader(n); n++ {
		blank(n)
	}
}

func (b *builder) offsetOf(part []byte) (offset int) {
	defer func() {
		if recover() != nil { // a highlight outside the document: no place known
			offset = len(b.data)
		}
	}()
	return int(b.parser.Range(part).Offset)
}

// pos turns a byte offset into a place; columns count characters.
func (b *builder) pos(offset int) problem.Pos {
	lo, hi := 0, len(b.lines)
	for hi-lo > 1 {
		if mid := (lo + hi) / 2; b.lines[mid] <= offset {
			lo = mid
		} else {
			hi = mid
		}
	}
	// Places are asked for in order, as a rule: a long line is counted once.
	from, chars := b.lines[lo], 0
	if offset = min(offset, len(b.data)); b.last.line == lo+1 && b.last.offset <= offset {
		from, chars = b.last.offset, b.last.chars
	}
	chars += utf8.RuneCount(b.data[from:offset])
	b.last.line, b.last.offset, b.last.chars = lo+1, offset, chars
	return problem.Pos{File: b.file, Line: lo + 1, Col: chars + 1}
}

func (b *builder) headerStart(e *unstable.Node) int {
	it := e.Key()
	it.Next()
	offset := int(it.Node().Raw.Offset)
	for offset > 0 && b.data[offset] != '\n' {
		offset--
	}
	if b.data[offset] == '\n' {
		offset++
	}
	return offset
}

// open finds or makes the table that a [header] or [[header]] names.
func (b *builder) open(root *Table, e *unstable.Node, found *problem.List) *Table {
	t := root
	for it := e.Key(); it.Next(); {
		key, at := string(it.Node().Data), b.pos(int(it.Node().Raw.Offset))
		old := t.find(key)
		switch {
		case it.IsLast() && e.Kind == unstable.ArrayTable:
			if old == nil {
				old = t.set(key, at, &Value{Pos: at, Kind: List, tables: true})
			} else if !old.tables {
				found.Add(at, "%s: stands as something else at line %d", key, old.Pos.Line)
				return newTable(at, b.problems)
			}
			next := newTable(at, b.problems)
			old.List = append(old.List, &Value{Pos: at, Kind: Sub, Table: next})
			t = next
		case old == nil:
			next := newTable(at, b.problems)
			next.header = it.IsLast()
			t.set(key, at, &Value{Pos: at, Kind: Sub, Table: next})
			t = next
		case old.Kind == Sub:
			if it.IsLast() && old.Table.header {
				found.Add(at, "[%s] stands twice; it was first at line %d", key, old.Pos.Line)
			}
			old.Table.header = old.Table.header || it.IsLast()
			t = old.Table
		case old.tables && len(old.List) > 0:
			t = old.List[len(old.List)-1].Table
		default:
			found.Add(at, "%s: stands as something else at line %d", key, old.Pos.Line)
			return newTable(at, b.problems)
		}
	}
	return t
}

func (b *builder) keyValue(t *Table, e *unstable.Node, found *problem.List) {
	var key string
	var at problem.Pos
	end := 0
	for it := e.Key(); it.Next(); {
		n := it.Node()
		key, at = string(n.Data), b.pos(int(n.Raw.Offset))
		end = int(n.Raw.Offset + n.Raw.Length)
		if it.IsLast() {
			break
		}
		old := t.find(key)
		if old == nil {
			old = t.set(key, at, &Value{Pos: at, Kind: Sub, Table: newTable(at, b.problems)})
		}
		if old.Kind != Sub {
			found.Add(at, "%s: stands as something else at line %d", key, old.Pos.Line)
			return
		}
		t = old.Table
	}
	for end < len(b.data) && (b.data[end] == ' ' || b.data[end] == '\t' || b.data[end] == '=') {
		end++
	}
	if old := t.find(key); old != nil {
		found.Add(at, "%s: stands twice in this table; it was first at line %d", key, old.Pos.Line)
		return
	}
	t.set(key, at, b.value(e.Value(), b.pos(end), found))
}

func (b *builder) value(n *unstable.Node, at problem.Pos, found *problem.List) *Value {
	if n.Raw.Length > 0 {
		at = b.pos(int(n.Raw.Offset))
	}
	v := &Value{Pos: at, Text: string(n.Data)}
	var err error
	switch n.Kind {
	case unstable.String:
		v.Kind = String
	case unstable.Bool:
		v.Kind, v.Bool = Bool, v.Text == "true"
	case unstable.Integer:
		v.Kind = Int
		v.Int, err = strconv.ParseInt(strings.ReplaceAll(v.Text, "_", ""), 0, 64)
	case unstable.LocalDate:
		v.Kind = Date
		if _, err = time.Parse(time.DateOnly, v.Text); err != nil {
			err = fmt.Errorf("%s is not a day of the calendar", v.Text)
		}
	case unstable.Array:
		v.Kind = List
		for it := n.Children(); it.Next(); {
			v.List = append(v.List, b.value(it.Node(), at, found))
		}
	case unstable.InlineTable:
		v.Kind, v.Table = Sub, newTable(at, b.problems)
		v.Table.header = true
		for it := n.Children(); it.Next(); {
			b.keyValue(v.Table, it.Node(), found)
		}
	default:
		v.Kind = Other // floats and times: no key of ours takes them
	}
	if err != nil {
		found.Add(at, "%v", err)
		v.Kind = Invalid
	}
	return v
}
