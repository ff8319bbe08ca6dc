// Package sheet reads plans out of tables as offices make them, and writes rules
// as tables that it reads back.
//
//	Read       bytes (xlsx, csv, what was pasted) → Grid: texts, merged cells spread
//	Lay        Grid → Layout: the row of heads found, what each column is, one Row
//	           a duty, and everything that is none with the reason
//	Understand Rows, and what is known already → Draft: obligations, new units and
//	           events, and what is wrong, assumed or asked of each row
//	Table      rules → Rows under heads, of which Understand makes the same rules
//
// Nothing of a table is lost: a cell is in the draft, in the comment above its
// rule, or among what was left out. The package knows no file, clock or network.
package sheet

import (
	"bytes"
	"strings"
	"unicode/utf8"

	"duban/rules/problem"
)

// What is read at most: a table that people write is far smaller, and one that is
// larger is a mistake, or meant to do harm.
const (
	MaxBytes   = 20 << 20 // of a file
	maxUnzip   = 24 << 20 // of what it unpacks to
	maxRows    = 5000     // that hold something
	maxColumns = 200
	maxCell    = 8000 // characters
)

// Grid is a table as its cells: texts without the space around them.
type Grid struct {
	Name string // of its sheet; empty: it has none
	Rows []Line
	// Plan is what a sheet about the plan as a whole says, by the keys of a plan.
	Plan map[string]string
}

// Line is one row of a Grid.
type Line struct {
	Number int // as people count it, from 1
	Cells  []Cell
}

// Cell is one cell. One that is merged with the cell above it, or left of it, has
// its text.
type Cell struct {
	Text  string
	Above bool // the text is that of a merged cell which began further up
	Left  bool // likewise, further left
	Date  bool // the spreadsheet holds it as a date: Text is 2017-06-09
}

// Read reads a table out of a file, or out of what was pasted. sheetName chooses
// among several; empty: the first that has a row of heads, else the first.
func Read(data []byte, sheetName string) (*Grid, error) {
	if len(data) > MaxBytes {
		return nil, problem.Errorf("has %d bytes; %d are the most", len(data), MaxBytes)
	}
	switch {
	case bytes.HasPrefix(data, []byte("PK\x03\x04")):
		return readXLSX(data, sheetName)
	case bytes.HasPrefix(data, []byte("\xd0\xcf\x11\xe0")):
		return nil, problem.Errorf("is a spreadsheet of the old kind (.xls), or has a password: save it as .xlsx without one")
	case bytes.HasPrefix(data, []byte("%PDF")):
		return nil, problem.Errorf("is a PDF: copy the table out of it, or take the document that it was made from")
	}
	if looksLikeHTML(data) {
		return readHTML(data)
	}
	text, err := decode(data)
	if err != nil {
		return nil, err
	}
	return readText(text)
}

// best is the first grid that has heads, else the first with anything in it.
func best(grids []*Grid) *Grid {
	for _, g := range grids {
		if _, ok := findHeads(g); ok {
			return g
		}
	}
	for _, g := range grids {
		if len(g.Rows) > 0 {
			return g
		}
	}
	return nil
}

// add adds a row where it holds anything.
func (g *Grid) add(number int, cells []Cell) error {
	for len(cells) > 0 && cells[len(cells)-1].Text == "" {
		cells = cells[:len(cells)-1]
	}
	if len(cells) == 0 {
		return nil
	}
	if len(cells) > maxColumns {
		return problem.Errorf("row %d has %d columns; %d are the most", number, len(cells), maxColumns)
	}
	if len(g.Rows) == maxRows {
		return problem.Errorf("has more than %d rows: take out what is no task, or make several plans of it", maxRows)
	}
	for i := range cells {
		if n := utf8.RuneCountInString(cells[i].Text); n > maxCell {
			return problem.Errorf("row %d has a cell of %d characters; %d are the most", number, n, maxCell)
		}
	}
	g.Rows = append(g.Rows, Line{number, cells})
	return nil
}

// spaces are those around a text, and what looks like none.
const spaces = " \t\r\n\v\f\u00a0\u3000\u200b\u200c\u200d\ufeff"

// clean is a cell's text without what nobody sees.
func clean(s string) string {
	s = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\u2028", "\n", "\u2029", "\n", "_x000D_", "", "\u200b", "", "\ufeff", "", "\u00a0", " ").Replace(s)
	s = strings.ToValidUTF8(s, "\ufffd")
	s = strings.Map(func(r rune) rune {
		if r < 0x20 && r != '\n' && r != '\t' || r == 0x7f || r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069 || r == 0x200e || r == 0x200f {
			return -1
		}
		return r
	}, s)
	return strings.Trim(s, spaces)
}

// linesOf are the lines of a text that hold something.
func linesOf(s string) (out []string) {
	for l := range strings.SplitSeq(s, "\n") {
		if l = strings.Trim(l, spaces); l != "" {
			out = append(out, l)
		}
	}
	return out
}
