package toml

import (
	"bytes"
	"slices"
	"strings"

	"duban/rules/problem"
)

// AddToList is data with one more text at the end of a list that stands before the
// first header; no other byte changes. Where there is no such key yet it comes to
// be, at the head of the file, with the texts of first before it.
func AddToList(data []byte, key, text string, first ...string) ([]byte, error) {
	doc := scan(data)
	for e, ok := doc.next(); ok && e.form == pair; e, ok = doc.next() {
		if dotted(e.key) != key {
			continue
		}
		if e.value.kind != List {
			return nil, problem.Errorf("%s is no list in [ ]", key)
		}
		if err := rest(doc); err != nil {
			return nil, err
		}
		start, end, _ := valueSpan(data, e.key[0].start)
		return intoList(data, start, end, Quote(text)), nil
	}
	if err := rest(doc); err != nil {
		return nil, err
	}
	return append([]byte(key+" = "+QuoteList(append(slices.Clone(first), text))+"\n"), data...), nil
}

// rest reads a document to its end.
func rest(doc *scanner) error {
	for _, ok := doc.next(); ok; _, ok = doc.next() {
	}
	return parseError(doc.err())
}

// intoList puts an item before the bracket that ends the list from start to end:
// on a line of its own, with a comma as its neighbours have one, where they have
// lines of their own.
func intoList(data []byte, start, end int, item string) []byte {
	last := lastItem(data, start, end)
	empty, comma := data[last-1] == '[', data[last-1] == ','
	line := lineEnd(data, last)
	switch {
	case empty:
		return Splice(data, last, last, item)
	case line >= end && comma: // the bracket is on the same line
		return Splice(data, last, last, " "+item)
	case line >= end:
		return Splice(data, last, last, ", "+item)
	}
	at := lineStart(data, last-1)
	indent := data[at : at+len(data[at:last])-len(bytes.TrimLeft(data[at:last], " \t"))]
	mark := ""
	if comma {
		mark = ","
	} else {
		data = Splice(data, last, last, ",")
		line++
	}
	after := "\n"
	if data[line-1] == '\r' {
		line, after = line-1, "\r\n"
	}
	return Splice(data, line, line, after+string(indent)+item+mark)
}

// lastItem is the place after what a list holds: its last item, the comma after
// that, or the bracket that begins it.
func lastItem(data []byte, start, end int) int {
	last := start + 1
	for i := start + 1; i < end-1; {
		switch c := data[i]; {
		case c == '"' || c == '\'':
			i = skipString(data, i)
			last = i
		case c == '#':
			i = lineEnd(data, i)
		case strings.ContainsRune(" \t\r\n", rune(c)):
			i++
		default:
			i++
			last = i
		}
	}
	return last
}
