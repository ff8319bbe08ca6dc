package toml

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"duban/rules/problem"
)

// Block is one table of a file as people edit it: the comment lines right above
// its header, the header, and all up to its last key, with the tables that belong
// to it ([[unit.away]] to the [[unit]] before it). Comments that stand apart belong
// to the file.
type Block struct {
	Path       string // of the header: "obligation", "policy.standard"
	ID         string // the text of its key id, or empty
	Start, End int    // bytes; End is before the last line's break

	list bool // of [[ ]]: tables below may follow
	sub  bool // it is in one of them
}

// Blocks are the tables of data that have a header, in order.
func Blocks(data []byte) ([]Block, error) {
	var out []Block
	doc := scan(data)
	for e, ok := doc.next(); ok; e, ok = doc.next() {
		name, last := dotted(e.key), len(out)-1
		switch {
		case e.form == pair && last >= 0:
			b := &out[last]
			_, _, b.End = valueSpan(data, e.key[0].start)
			if name == "id" && !b.sub && e.value.kind == String {
				b.ID = e.value.text
			}
		case e.form == pair: // before the first header
		case last >= 0 && out[last].list && strings.HasPrefix(name, out[last].Path+"."):
			out[last].End, out[last].sub = lineEnd(data, e.key[0].start), true
		default:
			at := e.key[0].start
			out = append(out, Block{Path: name, Start: commentsAbove(data, lineStart(data, at)), End: lineEnd(data, at), list: e.form == list})
		}
	}
	return out, parseError(doc.err())
}

// Head is what stands before the first header, without the line break at its end.
func Head(data []byte) (Block, error) {
	doc := scan(data)
	head := Block{}
	for e, ok := doc.next(); ok && e.form == pair; e, ok = doc.next() {
		if _, _, head.End = valueSpan(data, e.key[0].start); dotted(e.key) == "id" && e.value.kind == String {
			head.ID = e.value.text
		}
	}
	return head, rest(doc)
}

// Splice is data with text in place of the bytes from start to end.
func Splice(data []byte, start, end int, text string) []byte {
	return slices.Concat(data[:start], []byte(text), data[end:])
}

// Change is one key that an edit gives a value, as TOML; empty: the key goes.
// With As the key gets another name, in its place.
type Change struct{ Key, Value, As string }

// SetKeys changes keys of the first table that text holds, and nothing else of
// it: other lines, comments and spacing stay as they are. A new key comes after
// the last one, aligned with the first.
func SetKeys(text string, changes ...Change) (string, error) {
	for _, s := range changes {
		var err error
		if text, err = setKey(text, s); err != nil {
			return "", err
		}
	}
	return text, nil
}

func setKey(text string, s Change) (string, error) {
	data := []byte(text)
	doc := scan(data)
	last, width, headers := len(data), 0, 0
	for e, ok := doc.next(); ok; e, ok = doc.next() {
		at := e.key[0].start
		if e.form != pair {
			if headers++; headers > 1 {
				break // of a table that belongs to this one
			}
			last = lineEnd(data, at)
			continue
		}
		start, end, line := valueSpan(data, at)
		switch key := dotted(e.key); {
		case key == s.Key && s.As != "":
			name := fmt.Sprintf("%-*s", bytes.IndexByte(data[at:start], '='), s.As)
			if !strings.HasSuffix(name, " ") {
				name += " "
			}
			return string(Splice(data, at, end, name+"= "+s.Value)), nil
		case key == s.Key && s.Value != "":
			return string(Splice(data, start, end, s.Value)), nil
		case key == s.Key:
			from := lineStart(data, at)
			if line < len(data) {
				return string(Splice(data, from, line+1, "")), nil
			}
			return string(Splice(data, max(0, from-1), line, "")), nil
		}
		last = line
		if width == 0 {
			width = bytes.IndexByte(data[at:], '=')
		}
	}
	if err := parseError(doc.err()); err != nil || s.Value == "" {
		return text, err
	}
	return string(Splice(data, last, last, fmt.Sprintf("\n%-*s= %s", max(width, len(s.Key)+1), s.Key, s.Value))), nil
}

// SetTables puts others in place of the tables [[path]] that belong to the first
// table of text, each as its keys' lines; no other byte changes.
func SetTables(text, path string, tables []string) (string, error) {
	data := []byte(text)
	doc := scan(data)
	var cuts [][2]int
	inside := false
	for e, ok := doc.next(); ok; e, ok = doc.next() {
		at := e.key[0].start
		switch {
		case e.form == pair && inside:
			_, _, cuts[len(cuts)-1][1] = valueSpan(data, at)
		case e.form == pair:
		default:
			if inside = e.form == list && dotted(e.key) == path; inside {
				cuts = append(cuts, [2]int{commentsAbove(data, lineStart(data, at)), lineEnd(data, at)})
			}
		}
	}
	if err := parseError(doc.err()); err != nil {
		return text, err
	}
	for _, cut := range slices.Backward(cuts) {
		before := bytes.TrimRight(data[:cut[0]], "\r\n\t ")
		data = Splice(data, len(before), cut[1], "")
	}
	out := strings.TrimRight(string(data), "\r\n\t ")
	for _, t := range tables {
		out += "\n[[" + path + "]]\n" + t
	}
	return out, nil
}

// dotted is a key with its dots.
func dotted(key []part) string {
	names := make([]string, len(key))
	for i, k := range key {
		names[i] = k.name
	}
	return strings.Join(names, ".")
}

// valueSpan is where the value of the key at that place begins and ends, and
// the end of its last line. The text is known to be TOML.
func valueSpan(data []byte, key int) (start, end, line int) {
	i := key
	for data[i] != '=' { // quoted keys may hold one
		if data[i] == '"' || data[i] == '\'' {
			i = skipString(data, i)
			continue
		}
		i++
	}
	for i++; i < len(data) && (data[i] == ' ' || data[i] == '\t'); i++ {
	}
	start, end = i, i
	for depth := 0; i < len(data); {
		switch c := data[i]; {
		case c == '"' || c == '\'':
			i = skipString(data, i)
			end = i
			continue
		case c == '[' || c == '{':
			depth++
		case c == ']' || c == '}':
			depth--
		case c == '#':
			i = lineEnd(data, i)
			continue
		case c == '\n' && depth == 0:
			return start, end, i
		}
		if !strings.ContainsRune(" \t\r\n", rune(data[i])) {
			end = i + 1
		}
		i++
	}
	return start, end, len(data)
}

// skipString is the place after the string that begins at i (TOML 1.0, "String").
func skipString(data []byte, i int) int {
	quote := data[i : i+1]
	if triple := bytes.Repeat(quote, 3); bytes.HasPrefix(data[i:], triple) {
		quote = triple
	}
	for j := i + len(quote); j < len(data); j++ {
		switch {
		case data[j] == '\\' && quote[0] == '"':
			j++
		case bytes.HasPrefix(data[j:], quote):
			j += len(quote)
			for len(quote) == 3 && j < len(data) && data[j] == quote[0] { // a quote before the closing three
				j++
			}
			return j
		}
	}
	return len(data)
}

func lineStart(data []byte, at int) int { return bytes.LastIndexByte(data[:at], '\n') + 1 }

func lineEnd(data []byte, at int) int {
	if n := bytes.IndexByte(data[at:], '\n'); n >= 0 {
		return at + n
	}
	return len(data)
}

// commentsAbove is where the comment lines right above the line at start begin;
// those at the head of a file are the file's.
func commentsAbove(data []byte, start int) int {
	at := start
	for at > 0 {
		above := lineStart(data, at-1)
		if !bytes.HasPrefix(bytes.TrimLeft(data[above:at], " \t"), []byte("#")) {
			return at
		}
		at = above
	}
	return start
}

func parseError(err *syntaxError) error {
	if err == nil {
		return nil
	}
	return problem.Errorf("not valid TOML: %s", err.message)
}
