package toml

import (
	"bytes"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"duban/rules/problem"
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
	lines    []int                             // byte offsets at which lines start
	broken   []int                             // lines that were blanked
	last     struct{ line, offset, chars int } // where pos has counted to
}

func (b *builder) build() (*Table, *syntaxError) {
	b.lines, b.last.line = []int{0}, 0
	for i, c := range b.data {
		if c == '\n' {
			b.lines = append(b.lines, i+1)
		}
	}
	doc := scan(b.data)
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
	for e, ok := doc.next(); ok; e, ok = doc.next() {
		if e.form == pair {
			b.keyValue(current, e, found)
			continue
		}
		start := lineStart(b.data, e.key[0].start)
		ends(start)
		header = start
		current = b.open(root, e, found)
	}
	ends(len(b.data))
	if err := doc.err(); err != nil {
		return nil, err
	}
	b.problems.Join(found)
	return root, nil
}

// skip reports a syntax error and blanks what it spoils: the line, or for a
// bad header everything up to the next one, lest its keys land elsewhere.
func (b *builder) skip(err *syntaxError) {
	offset := err.at
	if offset < 0 {
		offset = len(b.data)
	}
	at := b.pos(min(offset, max(0, len(b.data)-1)))
	b.problems.Add(at, "not valid TOML: %s", err.message)
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

// open finds or makes the table that a [header] or [[header]] names.
func (b *builder) open(root *Table, e expression, found *problem.List) *Table {
	t := root
	for i, k := range e.key {
		key, at, last := k.name, b.pos(k.start), i == len(e.key)-1
		old := t.find(key)
		switch {
		case last && e.form == list:
			if old == nil {
				old = t.set(key, at, &Value{Pos: at, Kind: List, tables: true})
			} else if !old.tables {
				found.AddTo(at, key, "stands as something else at line %d", old.Pos.Line)
				return newTable(at, b.problems)
			}
			next := newTable(at, b.problems)
			old.List = append(old.List, &Value{Pos: at, Kind: Sub, Table: next})
			t = next
		case old == nil:
			next := newTable(at, b.problems)
			next.header = last
			t.set(key, at, &Value{Pos: at, Kind: Sub, Table: next})
			t = next
		case old.Kind == Sub:
			if last && old.Table.header {
				found.Add(at, "[%s] stands twice; it was first at line %d", key, old.Pos.Line)
			}
			old.Table.header = old.Table.header || last
			t = old.Table
		case old.tables && len(old.List) > 0:
			t = old.List[len(old.List)-1].Table
		default:
			found.AddTo(at, key, "stands as something else at line %d", old.Pos.Line)
			return newTable(at, b.problems)
		}
	}
	return t
}

func (b *builder) keyValue(t *Table, e expression, found *problem.List) {
	last := len(e.key) - 1
	for _, k := range e.key[:last] {
		at := b.pos(k.start)
		old := t.find(k.name)
		if old == nil {
			old = t.set(k.name, at, &Value{Pos: at, Kind: Sub, Table: newTable(at, b.problems)})
		}
		if old.Kind != Sub {
			found.AddTo(at, k.name, "stands as something else at line %d", old.Pos.Line)
			return
		}
		t = old.Table
	}
	key, at, end := e.key[last].name, b.pos(e.key[last].start), e.key[last].end
	for end < len(b.data) && (b.data[end] == ' ' || b.data[end] == '\t' || b.data[end] == '=') {
		end++
	}
	if old := t.find(key); old != nil {
		found.AddTo(at, key, "stands twice in this table; it was first at line %d", old.Pos.Line)
		return
	}
	t.set(key, at, b.value(e.value, b.pos(end), found))
}

// value is a node as a table holds it; at is where it stands, if the node does
// not say.
func (b *builder) value(n node, at problem.Pos, found *problem.List) *Value {
	if n.start >= 0 {
		at = b.pos(n.start)
	}
	v := &Value{Pos: at, Kind: n.kind, Text: n.text}
	var err error
	switch n.kind {
	case Bool:
		v.Bool = v.Text == "true"
	case Int:
		v.Int, err = strconv.ParseInt(strings.ReplaceAll(v.Text, "_", ""), 0, 64)
	case Date:
		if _, err = time.Parse(time.DateOnly, v.Text); err != nil {
			err = problem.Errorf("%s is not a day of the calendar", v.Text)
		}
	case List:
		for _, one := range n.items {
			v.List = append(v.List, b.value(one, at, found))
		}
	case Sub:
		v.Table = newTable(at, b.problems)
		v.Table.header = true
		for _, one := range n.fields {
			b.keyValue(v.Table, one, found)
		}
	}
	if err != nil {
		found.Add(at, "%v", err)
		v.Kind = Invalid
	}
	return v
}
