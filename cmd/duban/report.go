package main

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"io"
	"strconv"

	"github.com/spf13/cobra"
	"github.com/xuri/excelize/v2"

	"duban/scheduler"
)

type reportFormat string

var reportFormats = []reportFormat{"table", "csv", "xlsx"}

func (a *app) reportCommand() *cobra.Command {
	var sel selection
	format := reportFormats[0]
	var output string
	cmd := a.jsonFlag(&cobra.Command{
		Use:   "report",
		Short: "On-time figures a unit and obligation",
		Long: `report counts what was due from one day to another (default: up to today), for
each unit and obligation: on time, late, overdue and still open. Cancelled and
waived ones are not counted in the rate.`,
		Args: exactly(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.look(cmd.Context(), func(l *loaded, s *scheduler.Scheduler) error {
				if sel.to == 0 {
					sel.to = l.rules.Plans[0].Day(a.now())
				}
				if err := sel.check(l.rules); err != nil {
					return err
				}
				figures, err := s.Figures(cmd.Context(), a.now(), sel.from, sel.to)
				if err != nil {
					return err
				}
				if a.asJSON {
					return printJSON(a.out, figures)
				}
				return a.writeReport(format, output, figures)
			})
		},
	})
	f := cmd.Flags()
	f.Var(dateValue{&sel.from}, "from", "earliest due date")
	f.Var(dateValue{&sel.to}, "to", "latest due date (default: today)")
	f.Var(choiceValue[reportFormat]{&format, reportFormats}, "format", "table, csv or xlsx")
	f.StringVarP(&output, "output", "o", "", "write to this `file` instead of the standard output")
	return cmd
}

var reportHead = []string{"unit", "unit_name", "obligation", "title", "due", "on_time", "late", "overdue", "open", "waived", "on_time_rate"}

func reportCells(f scheduler.Figure) []any {
	rate := ""
	if f.Rate != nil {
		rate = fmt.Sprintf("%.1f%%", *f.Rate*100)
	}
	return []any{f.Unit, f.UnitName, f.Obligation, f.Title, f.Due, f.OnTime, f.Late, f.Overdue, f.Open, f.Waived, rate}
}

func (a *app) writeReport(format reportFormat, output string, figures []scheduler.Figure) error {
	if output == "" {
		if format == "xlsx" && isTerminal(a.out) {
			return usagef("a spreadsheet cannot be shown here: add --output FILE.xlsx")
		}
		return writeFormat(a.out, format, figures)
	}
	var b bytes.Buffer
	if format == "csv" {
		// People open files with spreadsheets, which take UTF-8 for GBK without this
		// mark; programs read the standard output, and would stumble over it.
		b.WriteString("\ufeff")
	}
	if err := writeFormat(&b, format, figures); err != nil {
		return err
	}
	return writeFile(output, b.Bytes(), true)
}

func writeFormat(w io.Writer, format reportFormat, figures []scheduler.Figure) error {
	switch format {
	case "csv":
		return writeCSV(w, figures)
	case "xlsx":
		return writeXLSX(w, figures)
	}
	var rows [][]any
	for _, f := range figures {
		rows = append(rows, reportCells(f))
	}
	columns := make([]column, len(reportHead))
	for i, h := range reportHead {
		columns[i] = column{head: h, right: i >= 4}
	}
	columns[1].width, columns[3].width = 20, 40
	printTable(w, columns, rows)
	return nil
}

func writeCSV(w io.Writer, figures []scheduler.Figure) error {
	c := csv.NewWriter(w)
	if err := c.Write(reportHead); err != nil {
		return err
	}
	for _, f := range figures {
		cells := reportCells(f)
		record := make([]string, len(cells))
		for i, v := range cells {
			record[i] = safeCell(fmt.Sprint(v))
		}
		if err := c.Write(record); err != nil {
			return err
		}
	}
	c.Flush()
	return c.Error()
}

// safeCell keeps a text from being taken for a formula.
func safeCell(s string) string {
	if s != "" && (s[0] == '=' || s[0] == '+' || s[0] == '@' || s[0] == '-') {
		return "'" + s
	}
	return s
}

func writeXLSX(w io.Writer, figures []scheduler.Figure) error {
	f := excelize.NewFile()
	defer f.Close()
	const sheet = "Sheet1"
	sw, err := f.NewStreamWriter(sheet)
	if err != nil {
		return err
	}
	if err := sw.SetColWidth(2, 2, 24); err != nil {
		return err
	}
	if err := sw.SetColWidth(4, 4, 48); err != nil {
		return err
	}
	head := make([]any, len(reportHead))
	for i, h := range reportHead {
		head[i] = h
	}
	if err := sw.SetRow("A1", head); err != nil {
		return err
	}
	for i, fig := range figures {
		cells := reportCells(fig)
		if fig.Rate != nil {
			cells[len(cells)-1] = *fig.Rate
		}
		if err := sw.SetRow("A"+strconv.Itoa(i+2), cells); err != nil {
			return err
		}
	}
	if err := sw.Flush(); err != nil {
		return err
	}
	return f.Write(w)
}
