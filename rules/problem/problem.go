// Package problem is what is wrong, said so that it can be put right: a text
// whose words a page can say in another language, the place in a file that it is
// about, and all that was found in one run as a List.
package problem

import (
	"cmp"
	"fmt"
)

// Pos is a place in a file. Line and Col start at 1; Col counts characters.
type Pos struct {
	File      string
	Line, Col int
}

// String is the usual file:line:col, or only the file where there is no line.
func (p Pos) String() string {
	if p.Line == 0 {
		return p.File
	}
	return fmt.Sprintf("%s:%d:%d", p.File, p.Line, p.Col)
}

// Compare orders places by file, line and column.
func (p Pos) Compare(o Pos) int {
	return cmp.Or(cmp.Compare(p.File, o.File), cmp.Compare(p.Line, o.Line), cmp.Compare(p.Col, o.Col))
}

// Text is something to say to people, as a format of package fmt and its
// arguments: a page can say it in another language. Arguments may be Texts too.
type Text struct {
	Format string
	Args   []any
}

func (t *Text) Error() string { return fmt.Sprintf(t.Format, t.Args...) }

// Errorf makes an error that keeps its format.
func Errorf(format string, args ...any) error { return &Text{format, args} }

// Problem is one thing that is wrong, where, and what would be right.
type Problem struct {
	Pos
	Message string
	Warning bool  // worth telling, but nothing fails for it
	Said    *Text // Message, before it was put into words
}

func (p Problem) String() string {
	if p.Warning {
		return p.Pos.String() + ": warning: " + p.Message
	}
	return p.Pos.String() + ": " + p.Message
}
