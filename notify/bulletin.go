package notify

import (
	"bytes"
	"math"
	"strings"
	"unicode/utf8"

	"duban/rules/calendar"
	"duban/rules/sheet"
)

// Bulletin is what a bulletin (通报) says, part by part, in the language of its
// notice: a mail, a page, and a workbook say the same.
type Bulletin struct {
	Title string
	AsOf  string // of when the figures are
	File  string // its name as a file, without what it ends with
	Parts []BulletinPart
}

// BulletinPart is a chapter: what it says, and its table.
type BulletinPart struct {
	Heading string
	Text    []string // paragraphs
	Table   *sheet.Table
	Bars    int // the column whose shares are drawn as bars too, from 1; 0: none
}

// WorkbookType is the media type of a workbook.
const WorkbookType = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

// Workbook has what it says in words as its first sheet, and a sheet a table.
func (b *Bulletin) Workbook() ([]byte, error) {
	said := sheet.Table{Name: b.Title, Heads: []sheet.Head{{Text: b.Title, Width: 100}}, Rows: [][]any{{b.AsOf}}}
	tables := []sheet.Table{}
	for _, p := range b.Parts {
		if len(p.Text) > 0 {
			said.Rows = append(said.Rows, []any{p.Heading})
		}
		for _, text := range p.Text {
			said.Rows = append(said.Rows, []any{text})
		}
		if p.Table != nil {
			tables = append(tables, *p.Table)
		}
	}
	var out bytes.Buffer
	err := sheet.WriteXLSX(&out, append([]sheet.Table{said}, tables...))
	return out.Bytes(), err
}

// BulletinCell is one value of a table.
type BulletinCell struct {
	Text  string
	Right bool // a number
	Whole bool // a day, or as short: it is not broken into lines
	Share int  // in percent, of a bar that is drawn before it; -1: none
	Well  int  // how much of the bar went well, and how much did not: in pixels
	Badly int
}

// barWidth is how long a bar is, in pixels.
const barWidth = 80

// draw has a share drawn: by cells of a table, which every mail reader has. What is
// not quite all, or not quite nothing, shows as that.
func (c *BulletinCell) draw(share float64) {
	c.Share, c.Right, c.Well = int(share*100), false, int(math.Round(share*barWidth))
	switch {
	case share > 0 && c.Well == 0:
		c.Well = 1
	case share < 1 && c.Well == barWidth:
		c.Well--
	}
	c.Badly = barWidth - c.Well
}

// mostWhole is how many characters stay on a line: a month, or a quarter.
const mostWhole = 9

// Cells are the rows of its table as they are shown.
func (p *BulletinPart) Cells() [][]BulletinCell {
	if p.Table == nil {
		return nil
	}
	out := make([][]BulletinCell, len(p.Table.Rows))
	for i, row := range p.Table.Rows {
		for k, v := range row {
			c := BulletinCell{Text: sheet.Text(v), Share: -1}
			switch v := v.(type) {
			case sheet.Percent:
				c.Right = true
				if k+1 == p.Bars {
					c.draw(float64(v))
				}
			case int:
				c.Right = true
			case calendar.Date:
				c.Whole = true
			default:
				c.Whole = utf8.RuneCountInString(c.Text) <= mostWhole
			}
			out[i] = append(out[i], c)
		}
	}
	return out
}

// lines are its rows where there are no tables: what each is, then each value under
// its head.
func (p *BulletinPart) lines(w *words) []string {
	var out []string
	for _, row := range p.Cells() {
		var parts []string
		for i, c := range row {
			if c.Text != "" {
				parts = append(parts, p.Table.Heads[i].Text+w.Colon+c.Text)
			}
		}
		out = append(out, strings.Join(parts, w.join))
	}
	return out
}

// bulletinLines are a part in lines of text.
type bulletinLines struct {
	Heading string
	Text    []string
	Lines   []string
}

// BulletinLines are its parts for the text of a mail.
func (p page) BulletinLines() []bulletinLines {
	out := make([]bulletinLines, len(p.Bulletin.Parts))
	for i, part := range p.Bulletin.Parts {
		out[i] = bulletinLines{part.Heading, part.Text, part.lines(p.Words)}
	}
	return out
}
