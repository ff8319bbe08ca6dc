package toml

import (
	"errors"

	"github.com/pelletier/go-toml/v2/unstable"
)

// What a document consists of. The library's parser is the one part of it that
// tells where things stand, and it may change with any release: this file alone
// knows it.

// form is what an expression is.
type form int

const (
	pair  form = iota // key = value
	table             // [key]
	list              // [[key]]
)

// expression is one header, or one key with its value.
type expression struct {
	form  form
	key   []part // as many as its dots part
	value node   // of a pair
}

// part is one name of a dotted key, and the bytes at which it stands.
type part struct {
	name       string
	start, end int
}

// node is a value as it is written.
type node struct {
	kind   Kind
	text   string // a String's text, and what another stands as
	start  int    // the byte at which it stands; -1: the parser does not say
	items  []node // of a List
	fields []expression
}

// syntaxError is why a document is no TOML, and where; at is -1 where the parser
// does not say.
type syntaxError struct {
	message string
	at      int
}

// scanner gives the expressions of a document.
type scanner struct{ parser unstable.Parser }

func scan(data []byte) *scanner {
	s := &scanner{}
	s.parser.Reset(data)
	return s
}

// next is the next expression; ok: there was one.
func (s *scanner) next() (e expression, ok bool) {
	for s.parser.NextExpression() {
		switch n := s.parser.Expression(); n.Kind {
		case unstable.KeyValue:
			return pairOf(n), true
		case unstable.Table:
			return expression{form: table, key: keyOf(n)}, true
		case unstable.ArrayTable:
			return expression{form: list, key: keyOf(n)}, true
		}
	}
	return expression{}, false
}

// err is why there is no next expression; nil: the document is over.
func (s *scanner) err() *syntaxError {
	err := s.parser.Error()
	if err == nil {
		return nil
	}
	said := &syntaxError{message: err.Error(), at: -1}
	var pe *unstable.ParserError
	if errors.As(err, &pe) {
		said.message = pe.Message
		if pe.Highlight != nil {
			said.at = s.offsetOf(pe.Highlight)
		}
	}
	return said
}

// offsetOf is where a part of the document stands; -1: it is no part of it.
func (s *scanner) offsetOf(part []byte) (offset int) {
	defer func() {
		if recover() != nil { // which the parser does for what lies outside
			offset = -1
		}
	}()
	return int(s.parser.Range(part).Offset)
}

func pairOf(n *unstable.Node) expression {
	return expression{form: pair, key: keyOf(n), value: nodeOf(n.Value())}
}

func keyOf(n *unstable.Node) []part {
	var key []part
	for it := n.Key(); it.Next(); {
		k := it.Node()
		key = append(key, part{string(k.Data), int(k.Raw.Offset), int(k.Raw.Offset + k.Raw.Length)})
	}
	return key
}

var kindOf = map[unstable.Kind]Kind{
	unstable.String: String, unstable.Bool: Bool, unstable.Integer: Int, unstable.LocalDate: Date, unstable.Array: List, unstable.InlineTable: Sub,
}

func nodeOf(n *unstable.Node) node {
	out := node{kind: Other, text: string(n.Data), start: -1}
	if kind, ok := kindOf[n.Kind]; ok {
		out.kind = kind
	}
	if n.Raw.Length > 0 {
		out.start = int(n.Raw.Offset)
	}
	for it := n.Children(); it.Next(); {
		switch out.kind {
		case List:
			out.items = append(out.items, nodeOf(it.Node()))
		case Sub:
			out.fields = append(out.fields, pairOf(it.Node()))
		}
	}
	return out
}
