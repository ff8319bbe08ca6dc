package sheet

import (
	"bytes"
	"strconv"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
	"golang.org/x/net/html/charset"

	"duban/rules/problem"
)

// looksLikeHTML tells whether there is a table in it as pages and word processors
// write them.
func looksLikeHTML(data []byte) bool {
	head := bytes.ToLower(data[:min(len(data), 200000)])
	return bytes.Contains(head, []byte("<table")) || bytes.Contains(head, []byte("<tr"))
}

// mostNested is how deep a page may be nested; what people write is not.
const mostNested = 500

// readHTML reads the table of a page that has heads.
func readHTML(data []byte) (*Grid, error) {
	r, err := charset.NewReader(bytes.NewReader(data), htmlType(data))
	if err != nil {
		return nil, problem.Errorf("cannot be read: %v", err)
	}
	doc, err := html.Parse(r)
	if err != nil {
		return nil, problem.Errorf("cannot be read: %v", err)
	}
	var grids []*Grid
	var failed error
	var walk func(n *html.Node, depth int)
	walk = func(n *html.Node, depth int) {
		if depth > mostNested || failed != nil {
			return
		}
		if n.Type == html.ElementNode && n.DataAtom == atom.Table {
			g := &Grid{}
			if failed = g.addTable(n); failed == nil && len(g.Rows) > 0 {
				grids = append(grids, g)
			}
		}
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			walk(c, depth+1)
		}
	}
	walk(doc, 0)
	if failed != nil {
		return nil, failed
	}
	if g := best(grids); g != nil {
		return g, nil
	}
	return nil, (&Grid{}).some()
}

// htmlType is what a page says of its characters; UTF-8 where it is that.
func htmlType(data []byte) string {
	if text, err := decode(data); err == nil && text == string(data) {
		return "text/html; charset=utf-8"
	}
	return "text/html"
}

// spread is a cell that reaches into the rows below.
type spread struct {
	text string
	rows int // that are left
	left bool
}

// addTable reads the rows of a table; tables within it are read by themselves.
func (g *Grid) addTable(table *html.Node) error {
	var down []spread // by column
	number := 0
	for _, tr := range inside(table, atom.Tr) {
		number++
		var cells []Cell
		fill := func() { // the columns that cells from above take up
			for i := len(cells); i < len(down) && down[i].rows > 0; i++ {
				down[i].rows--
				cells = append(cells, Cell{Text: down[i].text, Above: true, Left: down[i].left})
			}
		}
		for _, td := range inside(tr, atom.Td, atom.Th) {
			fill()
			text := clean(textOf(td, 0))
			rows, columns := span(td, "rowspan", maxRows), span(td, "colspan", maxColumns)
			for c := range columns {
				if len(cells) > maxColumns {
					break
				}
				for len(down) <= len(cells) {
					down = append(down, spread{})
				}
				down[len(cells)] = spread{text, rows - 1, c > 0}
				cells = append(cells, Cell{Text: text, Left: c > 0})
			}
		}
		fill()
		if err := g.add(number, cells); err != nil {
			return err
		}
	}
	return nil
}

// span is how many rows or columns a cell takes up.
func span(n *html.Node, key string, most int) int {
	for _, a := range n.Attr {
		if a.Key == key {
			if v, err := strconv.Atoi(strings.TrimSpace(a.Val)); err == nil && v > 1 {
				return min(v, most)
			}
		}
	}
	return 1
}

// inside are the elements of these kinds in n, without those in another table.
func inside(n *html.Node, kinds ...atom.Atom) (out []*html.Node) {
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		switch {
		case c.Type != html.ElementNode:
		case is(c, kinds...):
			out = append(out, c)
		case is(c, atom.Thead, atom.Tbody, atom.Tfoot, atom.Form):
			out = append(out, inside(c, kinds...)...)
		}
	}
	return out
}

func is(n *html.Node, kinds ...atom.Atom) bool {
	for _, k := range kinds {
		if n.DataAtom == k {
			return true
		}
	}
	return false
}

// textOf is what people read of a node; its paragraphs and breaks are lines.
func textOf(n *html.Node, depth int) string {
	if depth > mostNested {
		return ""
	}
	var b strings.Builder
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		switch {
		case c.Type == html.TextNode:
			b.WriteString(strings.Map(func(r rune) rune {
				if r == '\n' || r == '\t' || r == '\r' { // as a browser shows them
					return ' '
				}
				return r
			}, c.Data))
		case c.Type != html.ElementNode, is(c, atom.Script, atom.Style, atom.Table):
		case is(c, atom.Br):
			b.WriteByte('\n')
		case is(c, atom.P, atom.Div, atom.Li):
			b.WriteString("\n" + textOf(c, depth+1) + "\n")
		default:
			b.WriteString(textOf(c, depth+1))
		}
	}
	return b.String()
}
