package figures

import (
	"encoding/csv"
	"fmt"
	"io"
	"strconv"

	"github.com/xuri/excelize/v2"
)

// FigureHead names the cells of a figure.
var FigureHead = []string{"unit", "unit_name", "obligation", "title", "due", "on_time", "late", "overdue", "open", "waived", "on_time_rate"}

// Cells are the figure as a row under FigureHead.
func (f *Figure) Cells() []any {
	return []any{f.Unit, f.UnitName, f.Obligation, f.Title, f.Due, f.OnTime, f.Late, f.Overdue, f.Open, f.Waived, Percent(f.Rate)}
}

// WriteCSV writes figures as comma-separated values (RFC 4180) in UTF-8.
func WriteCSV(w io.Writer, figures []Figure) error {
	c := csv.NewWriter(w)
	if err := c.Write(FigureHead); err != nil {
		return err
	}
	for _, f := range figures {
		cells := f.Cells()
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

// WriteXLSX writes figures as an Excel workbook.
func WriteXLSX(w io.Writer, figures []Figure) error {
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
	head := make([]any, len(FigureHead))
	for i, h := range FigureHead {
		head[i] = h
	}
	if err := sw.SetRow("A1", head); err != nil {
		return err
	}
	for i, fig := range figures {
		cells := fig.Cells()
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
