package main

import (
	"bytes"
	"io"
	"strings"

	"github.com/google/renameio/v2"
	"github.com/spf13/cobra"

	"duban/rules/catalogue"
	"duban/rules/sheet"
)

// sheets is how a command writes its list as a table that programs read: the
// flags that say so.
type sheets struct {
	format reportFormat // empty: the list for people, as ever
	output string
}

func (s *sheets) flags(cmd *cobra.Command) {
	f := cmd.Flags()
	f.Var(choiceValue[reportFormat]{&s.format, reportFormats}, "format", "table, csv or xlsx: heads in the reader's language, dates as dates")
	f.StringVarP(&s.output, "output", "o", "", "write to this `file` instead of the standard output")
}

// asked tells whether a table is wanted; it cannot be JSON too.
func (s *sheets) asked(a *env) (bool, error) {
	switch {
	case s.format == "" && s.output == "":
		return false, nil
	case a.asJSON:
		return false, usagef("--json and --format cannot go together")
	case s.format == "":
		s.format = "table"
		for _, f := range reportFormats {
			if strings.HasSuffix(s.output, "."+string(f)) {
				s.format = f
			}
		}
	}
	return true, nil
}

// write writes the tables, one a plan.
func (s *sheets) write(a *env, tables []sheet.Table) error {
	if s.output == "" {
		if s.format == "xlsx" && isTerminal(a.out) {
			return usagef("a spreadsheet cannot be shown here: add --output FILE.xlsx")
		}
		return writeTables(a.out, a.words, s.format, tables)
	}
	var b bytes.Buffer
	if s.format == "csv" {
		b.WriteString("\ufeff") // as in writeReport
	}
	if err := writeTables(&b, a.words, s.format, tables); err != nil {
		return err
	}
	return renameio.WriteFile(s.output, b.Bytes(), 0o644)
}

func writeTables(w io.Writer, words *catalogue.Words, format reportFormat, tables []sheet.Table) error {
	switch format {
	case "csv":
		return sheet.WriteCSV(w, sheet.Join(tables))
	case "xlsx":
		return sheet.WriteXLSX(w, tables)
	}
	for _, t := range tables {
		columns := make([]column, len(t.Heads))
		for i, h := range t.Heads {
			columns[i] = column{head: h.Text, width: int(h.Width)}
		}
		rows := make([][]any, len(t.Rows))
		for i, r := range t.Rows {
			for _, v := range r {
				rows[i] = append(rows[i], strings.ReplaceAll(sheet.Text(v), "\n", " "))
			}
		}
		writeTable(w, words, columns, rows)
	}
	return nil
}
