// Package problem is what is wrong, said so that it can be put right: an Error,
// which commands, pages and programs alike understand; the place in a file that
// it is about; and all that was found in one run as a List.
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

// Problem is one thing that is wrong, where, and what would be right.
type Problem struct {
	Pos
	Warning bool // worth telling, but nothing fails for it
	Draft   bool // inside a draft: told, and nothing else stops for it
	Said    *Error
}

// Message is what is wrong, after the key that it is about.
func (p Problem) Message() string {
	if p.Said.Field == "" {
		return p.Said.Error()
	}
	return p.Said.Field + ": " + p.Said.Error()
}

func (p Problem) String() string {
	if p.Warning {
		return p.Pos.String() + ": warning: " + p.Message()
	}
	return p.Pos.String() + ": " + p.Message()
}
