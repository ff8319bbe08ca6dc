package sheet

import (
	"bytes"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/xuri/excelize/v2"

	"duban/rules/problem"
)

// maxScanned is how many rows of a sheet are looked at, empty ones too: some have
// a border down to the last.
const maxScanned = 200000

// readXLSX reads a sheet of a workbook: values as they were last computed, never
// a formula.
func readXLSX(data []byte, sheetName string) (*Grid, error) {
	f, err := excelize.OpenReader(bytes.NewReader(data), excelize.Options{UnzipSizeLimit: maxUnzip, UnzipXMLSizeLimit: maxUnzip, RawCellValue: true})
	if err != nil {
		return nil, problem.Errorf("is no spreadsheet that can be read (%v): save it as .xlsx once more, or copy the table and paste it", err)
	}
	defer f.Close()
	plan := planSheet(f)
	var grids []*Grid
	for _, name := range f.GetSheetList() {
		visible, err := f.GetSheetVisible(name)
		switch {
		case sheetName != "" && name != sheetName, sheetName == "" && err == nil && !visible, isPlanSheet(name):
			continue
		}
		g, err := readSheet(f, name)
		if err != nil {
			return nil, err
		}
		g.Plan = plan
		grids = append(grids, g)
	}
	if len(grids) == 0 {
		return nil, problem.Errorf("has no sheet %q; there are: %s", problem.Clip(sheetName), strings.Join(f.GetSheetList(), ", "))
	}
	if g := best(grids); g != nil {
		return g, nil
	}
	return nil, (&Grid{}).some()
}

func readSheet(f *excelize.File, name string) (*Grid, error) {
	g := &Grid{Name: name}
	merged, err := mergedCells(f, name)
	if err != nil {
		return nil, problem.Errorf("cannot be read: %v", err)
	}
	dates := dateStyles{f: f, sheet: name, known: map[int]bool{}}
	if props, err := f.GetWorkbookProps(); err == nil && props.Date1904 != nil {
		dates.from1904 = *props.Date1904
	}
	rows, err := f.Rows(name)
	if err != nil {
		return nil, problem.Errorf("cannot be read: %v", err)
	}
	defer rows.Close()
	for number := 1; rows.Next(); number++ {
		values, err := rows.Columns()
		switch {
		case err != nil:
			return nil, problem.Errorf("cannot be read: %v", err)
		case number > maxScanned && len(values) == 0:
			continue // only formatted
		case number > maxScanned:
			return nil, problem.Errorf("has more than %d rows: take out what is no task, or make several plans of it", maxScanned)
		}
		if err := g.add(number, merged.spread(number, dates.cells(number, values))); err != nil {
			return nil, err
		}
	}
	if err := rows.Error(); err != nil {
		return nil, problem.Errorf("cannot be read: %v", err)
	}
	return g, nil
}

// area is a block of merged cells.
type area struct {
	top, left, bottom, right int
	text                     string
}

type areas []*area

// mostMerged is how many merged cells are looked at.
const mostMerged = 5000

func mergedCells(f *excelize.File, name string) (areas, error) {
	found, err := f.GetMergeCells(name, true)
	if err != nil || len(found) > mostMerged {
		return nil, err
	}
	var out areas
	for _, m := range found {
		left, top, err := excelize.CellNameToCoordinates(m.GetStartAxis())
		if err != nil {
			return nil, err
		}
		right, bottom, err := excelize.CellNameToCoordinates(m.GetEndAxis())
		if err != nil {
			return nil, err
		}
		out = append(out, &area{top: top, left: left, bottom: bottom, right: min(right, maxColumns)})
	}
	return out, nil
}

// spread gives the cells of a row that are merged with others their text.
func (all areas) spread(row int, cells []Cell) []Cell {
	for _, a := range all {
		if row < a.top || row > a.bottom {
			continue
		}
		if row == a.top && a.left <= len(cells) {
			a.text = cells[a.left-1].Text
		}
		if a.text == "" {
			continue
		}
		for len(cells) < a.right {
			cells = append(cells, Cell{})
		}
		for c := a.left; c <= a.right; c++ {
			cells[c-1] = Cell{Text: a.text, Above: row > a.top, Left: c > a.left, Date: cells[c-1].Date}
		}
	}
	return cells
}

// dateStyles tell which cells a spreadsheet shows as dates.
type dateStyles struct {
	f     *excelize.File
	sheet string
	known map[int]bool // by style

	from1904 bool // the workbook counts days as old Macintoshes did
}

// What stands in a format of dates, in quotes or as a colour, says nothing.
var (
	notFormat  = regexp.MustCompile(`"[^"]*"|\[[^\]]*\]|\\.`)
	dateFormat = regexp.MustCompile(`(?i)[yd]|m{1,5}.*[yd]`)
)

// builtInDates are the numbers of formats that every spreadsheet knows as dates.
func builtInDate(n int) bool {
	return n >= 14 && n <= 17 || n == 22 || n >= 27 && n <= 31 || n == 36 || n >= 50 && n <= 54 || n == 57 || n == 58
}

func (d dateStyles) cells(row int, values []string) []Cell {
	cells := make([]Cell, len(values))
	for i, v := range values {
		cells[i].Text = clean(v)
		serial, err := strconv.ParseFloat(v, 64)
		if err != nil || serial < 1 || serial > 109939 || i >= maxColumns { // 2200-12-31
			continue
		}
		cell, err := excelize.CoordinatesToCellName(i+1, row)
		if err != nil || !d.isNumber(cell) {
			continue
		}
		if !d.isDate(cell) {
			cells[i].Text = plainNumber(v, serial)
			continue
		}
		if at, err := excelize.ExcelDateToTime(serial, d.from1904); err == nil {
			cells[i] = Cell{Text: at.Format(time.DateOnly), Date: true}
		}
	}
	return cells
}

// isNumber tells a number from a text of digits.
func (d dateStyles) isNumber(cell string) bool {
	kind, err := d.f.GetCellType(d.sheet, cell)
	return err == nil && (kind == excelize.CellTypeUnset || kind == excelize.CellTypeNumber || kind == excelize.CellTypeDate)
}

func (d dateStyles) isDate(cell string) bool {
	style, err := d.f.GetCellStyle(d.sheet, cell)
	if err != nil {
		return false
	}
	is, ok := d.known[style]
	if !ok {
		is = d.styleIsDate(style)
		d.known[style] = is
	}
	return is
}

func (d dateStyles) styleIsDate(id int) bool {
	style, err := d.f.GetStyle(id)
	if err != nil {
		return false
	}
	if style.CustomNumFmt != nil {
		return dateFormat.MatchString(notFormat.ReplaceAllString(*style.CustomNumFmt, ""))
	}
	return builtInDate(style.NumFmt)
}

// plainNumber is a number as people write it: 1.1000000000000001 is 1.1.
func plainNumber(s string, n float64) string {
	if len(s) > 12 {
		return strconv.FormatFloat(n, 'g', 12, 64)
	}
	return s
}
