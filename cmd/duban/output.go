package main

import (
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

// column is a table's column: its head and the most it may take of a line.
type column struct {
	head  string
	width int // 0: as wide as it wants
	right bool
}

// table prints a table for people.
func (a *env) table(columns []column, rows [][]any) { writeTable(a.out, a.words, columns, rows) }

// writeTable writes one; Chinese characters are two columns wide.
func writeTable(w io.Writer, words *catalogue.Words, columns []column, rows [][]any) {
	if len(rows) == 0 {
		fmt.Fprintln(w, words.Say("nothing to show"))
		return
	}
	t := table.NewWriter()
	t.SetOutputMirror(w)
	style := table.StyleLight
	style.Options = table.OptionsNoBordersAndSeparators
	style.Format.Header = text.FormatDefault
	t.SetStyle(style)
	head := make(table.Row, len(columns))
	var configs []table.ColumnConfig
	for i, c := range columns {
		head[i] = words.Say(c.head)
		config := table.ColumnConfig{Number: i + 1, WidthMax: c.width, WidthMaxEnforcer: clip}
		if c.right {
			config.Align, config.AlignHeader = text.AlignRight, text.AlignRight
		}
		configs = append(configs, config)
	}
	t.AppendHeader(head)
	t.SetColumnConfigs(configs)
	for _, r := range rows {
		t.AppendRow(r)
	}
	t.Render()
}

// clip shortens to a width on the screen.
func clip(s string, width int) string {
	if width == 0 || text.StringWidthWithoutEscSequences(s) <= width {
		return s
	}
	return text.Trim(s, width-1) + "…"
}
