package main

import (
	"bufio"
	"io"
	"os"
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
	return s.to(a, func(w io.Writer) error { return writeTables(w, a.words, s.format, tables) })
}

// fill writes the tables that some give, row by row.
func (s *sheets) fill(a *env, w io.Writer, several bool, some func(sheet.Sink) error) error {
	switch s.format {
	case "csv":
		return sheet.StreamCSV(w, several, some)
	case "xlsx":
		scratch, err := nameless()
		if err != nil {
			return err
		}
		defer scratch.Close()
		return sheet.StreamXLSX(w, scratch, some)
	}
	to := &tableSink{w: w, words: a.words}
	if err := some(to); err != nil {
		return err
	}
	return to.end()
}

// nameless is a file that is gone when it is closed.
func nameless() (*os.File, error) {
	f, err := os.CreateTemp("", "duban-sheet-")
	if err != nil {
		return nil, err
	}
	return f, os.Remove(f.Name())
}

// forPeople tells whether it is read as it comes; what programs read is there whole or not
// at all.
func (s *sheets) forPeople() bool { return s.output == "" && s.format == "table" }

// to gives f what it is to write to: the standard output, or a file.
func (s *sheets) to(a *env, f func(io.Writer) error) error {
	switch {
	case s.forPeople():
		return f(a.out)
	case s.output == "" && s.format == "xlsx" && isTerminal(a.out):
		return usagef("a spreadsheet cannot be shown here: add --output FILE.xlsx")
	case s.output == "":
		whole, err := nameless()
		if err != nil {
			return err
		}
		defer whole.Close()
		w := bufio.NewWriter(whole)
		if err := f(w); err != nil {
			return err
		}
		if err := w.Flush(); err != nil {
			return err
		}
		if _, err := whole.Seek(0, io.SeekStart); err != nil {
			return err
		}
		_, err = io.Copy(a.out, whole)
		return err
	}
	file, err := renameio.NewPendingFile(s.output, renameio.WithPermissions(0o644), renameio.WithExistingPermissions())
	if err != nil {
		return err
	}
	defer func() { _ = file.Cleanup() }() // nothing is left of it where it is in place
	w := bufio.NewWriter(file)
	if s.format == "csv" {
		w.WriteString("\ufeff") // as in writeReport; its error comes again
	}
	if err := f(w); err != nil {
		return err
	}
	if err := w.Flush(); err != nil {
		return err
	}
	return file.CloseAtomicallyReplace()
}

// tableSink writes tables for people.
type tableSink struct {
	w     io.Writer
	words *catalogue.Words
	now   *tableList // nil: none yet
}

func (t *tableSink) Table(_ string, heads []sheet.Head) error {
	if err := t.end(); err != nil {
		return err
	}
	columns := make([]column, len(heads))
	for i, h := range heads {
		columns[i] = column{head: h.Text, width: int(h.Width)}
	}
	t.now = newTableList(t.w, t.words, columns)
	return nil
}

func (t *tableSink) Row(cells []any) error {
	row := make([]any, len(cells))
	for i, v := range cells {
		row[i] = strings.ReplaceAll(sheet.Text(v), "\n", " ")
	}
	return t.now.add(row)
}

func (t *tableSink) end() error {
	if t.now == nil {
		return nil
	}
	return t.now.end()
}

func writeTables(w io.Writer, words *catalogue.Words, format reportFormat, tables []sheet.Table) error {
	switch format {
	case "csv":
		return sheet.WriteCSV(w, sheet.Join(tables))
	case "xlsx":
		return sheet.WriteXLSX(w, tables)
	}
	to := &tableSink{w: w, words: words}
	for _, t := range tables {
		if err := t.Into(to); err != nil {
			return err
		}
	}
	return to.end()
}
