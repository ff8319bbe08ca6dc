package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"

	"duban/rules/catalogue"
)

// printJSON writes one JSON value; text stays readable (no \u003c).
func printJSON(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(v)
}

// list takes the rows of a list that may be longer than memory, one after another.
type list[T any] interface {
	add(T) error
	end() error
}

// jsonList writes a list as printJSON does, one after another.
type jsonList[T any] struct {
	w   *bufio.Writer
	one bytes.Buffer
	n   int
}

func newJSONList[T any](w io.Writer) *jsonList[T] { return &jsonList[T]{w: bufio.NewWriter(w)} }

func (l *jsonList[T]) add(v T) error {
	l.one.Reset()
	l.one.WriteString(map[bool]string{true: "[", false: ","}[l.n == 0] + "\n  ")
	e := json.NewEncoder(&l.one)
	e.SetEscapeHTML(false)
	e.SetIndent("  ", "  ")
	if err := e.Encode(v); err != nil {
		return err
	}
	l.n++
	_, err := l.w.Write(bytes.TrimSuffix(l.one.Bytes(), []byte("\n")))
	return err
}

func (l *jsonList[T]) end() error {
	l.w.WriteString(map[bool]string{true: "[]\n", false: "\n]\n"}[l.n == 0]) // its error comes again
	return l.w.Flush()
}

// column is a table's column: its head and the most it may take of a line.
type column struct {
	head  string
	width int // 0: as wide as it wants
	right bool
}

// listed writes a list as JSON or as a table, as the reader wants it.
func listed[T any](a *env, columns []column, cells func(T) []any) list[T] {
	if a.asJSON {
		return newJSONList[T](a.out)
	}
	return tableOf[T]{newTableList(a.out, a.words, columns), cells}
}

// tableOf is a list as a table for people.
type tableOf[T any] struct {
	table *tableList
	cells func(T) []any
}

func (t tableOf[T]) add(v T) error { return t.table.add(t.cells(v)) }
func (t tableOf[T]) end() error    { return t.table.end() }

// table prints a table for people.
func (a *env) table(columns []column, rows [][]any) { writeTable(a.out, a.words, columns, rows) }

// writeTable writes one; Chinese characters are two columns wide.
func writeTable(w io.Writer, words *catalogue.Words, columns []column, rows [][]any) {
	t := newTableList(w, words, columns)
	for _, r := range rows {
		_ = t.add(r) // as what is printed elsewhere
	}
	_ = t.end()
}

// mostTogether is how many rows of a table are laid out together. Those that come after
// stand in columns as wide, or wider where they have to be.
const mostTogether = 5000

// tableList writes a table for people, some thousand rows at a time.
type tableList struct {
	w       io.Writer
	words   *catalogue.Words
	columns []column
	widths  []int // of what was written
	rows    []table.Row
	some    bool
}

func newTableList(w io.Writer, words *catalogue.Words, columns []column) *tableList {
	return &tableList{w: w, words: words, columns: columns, widths: make([]int, len(columns))}
}

func (t *tableList) add(r []any) error {
	if len(t.rows) == mostTogether {
		if err := t.write(); err != nil {
			return err
		}
	}
	t.rows = append(t.rows, r)
	return nil
}

func (t *tableList) end() error {
	if len(t.rows) == 0 && !t.some {
		_, err := fmt.Fprintln(t.w, t.words.Say("nothing to show"))
		return err
	}
	return t.write()
}

func (t *tableList) write() error {
	if len(t.rows) == 0 {
		return nil
	}
	p := table.NewWriter()
	style := table.StyleLight
	style.Options = table.OptionsNoBordersAndSeparators
	style.Format.Header = text.FormatDefault
	p.SetStyle(style)
	head := make(table.Row, len(t.columns))
	var configs []table.ColumnConfig
	for i, c := range t.columns {
		head[i] = t.words.Say(c.head)
		config := table.ColumnConfig{Number: i + 1, WidthMin: t.widths[i], WidthMax: c.width, WidthMaxEnforcer: clip}
		if c.right {
			config.Align, config.AlignHeader = text.AlignRight, text.AlignRight
		}
		configs = append(configs, config)
	}
	if !t.some {
		p.AppendHeader(head)
	}
	p.SetColumnConfigs(configs)
	p.AppendRows(t.rows)
	t.widen(head)
	t.rows, t.some = t.rows[:0], true
	_, err := fmt.Fprintln(t.w, p.Render())
	return err
}

// widen notes how wide the columns are.
func (t *tableList) widen(head table.Row) {
	for _, r := range append(t.rows, head) {
		for i, v := range r {
			n := text.LongestLineLen(fmt.Sprint(v))
			if most := t.columns[i].width; most > 0 {
				n = min(n, most)
			}
			t.widths[i] = max(t.widths[i], n)
		}
	}
}

// clip shortens to a width on the screen.
func clip(s string, width int) string {
	if width == 0 || text.StringWidthWithoutEscSequences(s) <= width {
		return s
	}
	return text.Trim(s, width-1) + "…"
}
