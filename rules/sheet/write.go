package sheet

import (
	"archive/zip"
	"bytes"
	"encoding/csv"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/xuri/excelize/v2"

	"duban/rules/calendar"
	"duban/rules/problem"
)

// Sink takes tables row by row, one after another.
type Sink interface {
	// Table begins one.
	Table(name string, heads []Head) error
	Row(cells []any) error
}

// WriteCSV writes a table as comma-separated values (RFC 4180) in UTF-8.
func WriteCSV(w io.Writer, t Table) error {
	return StreamCSV(w, false, func(to Sink) error { return t.Into(to) })
}

// StreamCSV writes the tables that fill gives, all with the same heads, as Join and WriteCSV
// do: of several each row begins with the name of its own.
func StreamCSV(w io.Writer, several bool, fill func(Sink) error) error {
	c := &csvSink{w: csv.NewWriter(w), several: several}
	if err := fill(c); err != nil {
		return err
	}
	c.w.Flush()
	return c.w.Error()
}

type csvSink struct {
	w       *csv.Writer
	several bool
	name    string
	record  []string
	begun   bool
}

func (c *csvSink) Table(name string, heads []Head) error {
	c.name = name
	if c.begun {
		return nil
	}
	c.begun = true
	if c.several {
		heads = append([]Head{nameHead()}, heads...)
	}
	for _, h := range heads {
		c.record = append(c.record, SafeCell(h.Text))
	}
	return c.w.Write(c.record)
}

func (c *csvSink) Row(cells []any) error {
	to := c.record
	if c.several {
		to[0], to = SafeCell(c.name), to[1:]
	}
	for i, v := range cells {
		to[i] = SafeCell(Text(v))
	}
	return c.w.Write(c.record)
}

// formulaStarts begin what a spreadsheet would take for a formula.
const formulaStarts = "=+-@"

// SafeCell keeps a text from being taken for a formula, by the mark that
// spreadsheets know for that; unsafeCell takes it off again.
func SafeCell(s string) string {
	if rest := strings.TrimLeft(s, "'"); rest != "" && strings.ContainsRune(formulaStarts, rune(rest[0])) {
		return "'" + s
	}
	return s
}

func unsafeCell(s string) string {
	if rest := strings.TrimLeft(s, "'"); len(rest) < len(s) && rest != "" && strings.ContainsRune(formulaStarts, rune(rest[0])) {
		return s[1:]
	}
	return s
}

// mostSheetName is how long a sheet's name may be.
const mostSheetName = 31

// sheetNames makes names that workbooks take, each once.
type sheetNames map[string]bool

func (taken sheetNames) of(name string) string {
	name = strings.Trim(strings.Map(func(r rune) rune {
		if strings.ContainsRune(":\\/?*[]'\uff1a\uff1f\uff0a\uff0f\uff3c\uff3b\uff3d", r) {
			return ' '
		}
		return r
	}, name), " ")
	if name == "" {
		name = "Sheet"
	}
	short := clipName(name, mostSheetName)
	for n := 2; taken[strings.ToLower(short)]; n++ {
		end := " " + strconv.Itoa(n)
		short = clipName(name, mostSheetName-len(end)) + end
	}
	taken[strings.ToLower(short)] = true
	return short
}

func clipName(s string, most int) string {
	if r := []rune(s); len(r) > most {
		return string(r[:most])
	}
	return s
}

// WriteXLSX writes tables as a workbook, a sheet each: dates are dates, texts are
// texts whatever they begin with, and the heads stay in sight.
func WriteXLSX(w io.Writer, tables []Table) error {
	return StreamXLSX(w, &memory{}, func(to Sink) error {
		for _, t := range tables {
			if err := t.Into(to); err != nil {
				return err
			}
		}
		return nil
	})
}

// Scratch is where a workbook lies until it is whole: a file that nobody else has.
type Scratch interface {
	io.Writer
	io.ReaderAt
}

// memory is scratch for a workbook that is known to be small.
type memory struct{ bytes.Buffer }

func (m *memory) ReadAt(p []byte, at int64) (int, error) {
	return bytes.NewReader(m.Bytes()).ReadAt(p, at)
}

// StreamXLSX writes the tables that fill gives as WriteXLSX does. Of a sheet some megabytes
// are in memory, however long it is.
func StreamXLSX(w io.Writer, scratch Scratch, fill func(Sink) error) error {
	x := &xlsxSink{file: excelize.NewFile(), names: sheetNames{}}
	defer x.file.Close()
	if err := fill(x); err != nil {
		return err
	}
	if err := x.end(); err != nil {
		return err
	}
	size, err := x.file.WriteTo(scratch)
	if err != nil {
		return err
	}
	return inOrder(w, scratch, size)
}

type xlsxSink struct {
	file   *excelize.File
	names  sheetNames
	styles styles
	sheet  *excelize.StreamWriter // nil: none yet
	rows   int                    // of it
}

func (x *xlsxSink) Table(name string, heads []Head) (err error) {
	if err := x.end(); err != nil {
		return err
	}
	if name = x.names.of(name); x.sheet == nil {
		err = x.file.SetSheetName("Sheet1", name)
	} else {
		_, err = x.file.NewSheet(name)
	}
	if err == nil {
		x.styles, err = newStyles(x.file)
	}
	if err == nil {
		x.sheet, err = x.file.NewStreamWriter(name)
	}
	if err != nil {
		return err
	}
	for i, h := range heads {
		if err := x.sheet.SetColWidth(i+1, i+1, max(h.Width, 8)); err != nil {
			return err
		}
	}
	if err := x.sheet.SetPanes(&excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft"}); err != nil {
		return err
	}
	cells := make([]any, len(heads))
	for i, h := range heads {
		cells[i] = excelize.Cell{StyleID: x.styles.head, Value: h.Text}
	}
	x.rows = 1
	return x.sheet.SetRow("A1", cells)
}

func (x *xlsxSink) Row(row []any) error {
	if x.rows == excelize.TotalRows {
		return problem.Refuse("", "a sheet has at most %d rows: choose a unit, an item or a time, or take csv", excelize.TotalRows)
	}
	cells := make([]any, len(row))
	for i, v := range row {
		cells[i] = x.styles.cell(v)
	}
	x.rows++
	return x.sheet.SetRow("A"+strconv.Itoa(x.rows), cells)
}

// end ends the sheet that was begun last.
func (x *xlsxSink) end() error {
	if x.sheet == nil {
		return nil
	}
	return x.sheet.Flush()
}

// inOrder writes a workbook with its parts in the order of their names: the library
// has them in none, and the same tables are to be the same file.
func inOrder(w io.Writer, book io.ReaderAt, size int64) error {
	in, err := zip.NewReader(book, size)
	if err != nil {
		return err
	}
	slices.SortFunc(in.File, func(a, b *zip.File) int { return strings.Compare(a.Name, b.Name) })
	out := zip.NewWriter(w)
	for _, part := range in.File {
		if err := out.Copy(part); err != nil {
			return err
		}
	}
	return out.Close()
}

type styles struct{ head, text, date, number, percent int }

func newStyles(f *excelize.File) (s styles, err error) {
	top := &excelize.Alignment{Vertical: "top", WrapText: true}
	format, tenths := "yyyy-mm-dd", "0.0%"
	for _, one := range []struct {
		id    *int
		style excelize.Style
	}{
		{&s.head, excelize.Style{Font: &excelize.Font{Bold: true}, Alignment: top, Fill: excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{"E8EDF3"}}}},
		{&s.text, excelize.Style{Alignment: top, NumFmt: 49}}, // text: what is typed later stays as it is typed
		{&s.date, excelize.Style{Alignment: &excelize.Alignment{Vertical: "top", Horizontal: "left"}, CustomNumFmt: &format}},
		{&s.percent, excelize.Style{Alignment: &excelize.Alignment{Vertical: "top"}, CustomNumFmt: &tenths}},
		{&s.number, excelize.Style{Alignment: &excelize.Alignment{Vertical: "top"}}},
	} {
		if *one.id, err = f.NewStyle(&one.style); err != nil {
			return s, err
		}
	}
	return s, nil
}

func (s styles) cell(v any) excelize.Cell {
	switch v := v.(type) {
	case calendar.Date:
		if v == 0 {
			return excelize.Cell{StyleID: s.date}
		}
		return excelize.Cell{StyleID: s.date, Value: v.Time(time.UTC)}
	case Percent:
		return excelize.Cell{StyleID: s.percent, Value: float64(v)}
	case int, int64, float64:
		return excelize.Cell{StyleID: s.number, Value: v}
	}
	return excelize.Cell{StyleID: s.text, Value: Text(v)}
}
