package main

import (
	"bytes"
	"io"

	"duban/cmd/duban/app"
	"duban/rules/catalogue"
	"duban/scheduler/figures"

	"github.com/google/renameio/v2"
	"github.com/spf13/cobra"
)

type reportFormat string

var reportFormats = []reportFormat{"table", "csv", "xlsx"}

func reportCommand(a *env) *cobra.Command {
	var sel selection
	format := reportFormats[0]
	var output string
	cmd := jsonFlag(a, &cobra.Command{
		Use:   "report",
		Short: "On-time figures a unit and obligation",
		Long: `report counts what was due from one day to another (default: up to today), for
each unit and obligation: on time, late, overdue and still open. Cancelled and
waived ones are not counted in the rate.`,
		Args: exactly(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.look(cmd.Context(), func(l *app.Site, b *app.Book) error {
				if sel.of.To == 0 {
					sel.of.To = l.Rules.Plans[0].Day(a.now())
				}
				if err := sel.check(l.Rules); err != nil {
					return err
				}
				found, err := figures.Of(cmd.Context(), b.Store, b.View(), sel.of.From, sel.of.To)
				if err != nil {
					return err
				}
				if a.asJSON {
					return printJSON(a.out, found)
				}
				return writeReport(a, format, output, found)
			})
		},
	})
	f := cmd.Flags()
	f.Var(dateValue{&sel.of.From}, "from", "earliest due date")
	f.Var(dateValue{&sel.of.To}, "to", "latest due date (default: today)")
	f.Var(choiceValue[reportFormat]{&format, reportFormats}, "format", "table, csv or xlsx")
	f.StringVarP(&output, "output", "o", "", "write to this `file` instead of the standard output")
	return cmd
}

func writeReport(a *env, format reportFormat, output string, found []figures.Figure) error {
	if output == "" {
		if format == "xlsx" && isTerminal(a.out) {
			return usagef("a spreadsheet cannot be shown here: add --output FILE.xlsx")
		}
		return writeFormat(a.out, a.words, format, found)
	}
	var b bytes.Buffer
	if format == "csv" {
		// People open files with spreadsheets, which take UTF-8 for GBK without this
		// mark; programs read the standard output, and would stumble over it.
		b.WriteString("\ufeff")
	}
	if err := writeFormat(&b, a.words, format, found); err != nil {
		return err
	}
	return renameio.WriteFile(output, b.Bytes(), 0o644)
}

func writeFormat(w io.Writer, words *catalogue.Words, format reportFormat, found []figures.Figure) error {
	switch format {
	case "csv":
		return figures.WriteCSV(w, found)
	case "xlsx":
		return figures.WriteXLSX(w, found)
	}
	var rows [][]any
	for _, f := range found {
		rows = append(rows, f.Cells())
	}
	columns := make([]column, len(figures.FigureHead))
	for i, h := range figures.FigureHead {
		columns[i] = column{head: h, right: i >= 4}
	}
	columns[1].width, columns[3].width = 20, 40
	writeTable(w, words, columns, rows)
	return nil
}
