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
)

// WriteCSV writes a table as comma-separated values (RFC 4180) in UTF-8.
func WriteCSV(w io.Writer, t Table) error {
	c := csv.NewWriter(w)
	record := make([]string, len(t.Heads))
	for i, h := range t.Heads {
		record[i] = SafeCell(h.Text)
	}
	if err := c.Write(record); err != nil {
		return err
	}
	for _, row := range t.Rows {
		for i, v := range row {
			record[i] = SafeCell(Text(v))
		}
		if err := c.Write(record); err != nil {
			return err
		}
	}
	c.Flush()
	return c.Error()
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

// sheetNames are names that workbooks take, each once.
func sheetNames(tables []Table) []string {
	var out []string
	taken := map[string]bool{}
	for _, t := range tables {
		name := strings.Trim(strings.Map(func(r rune) rune {
			if strings.ContainsRune(`:\/?*[]'`, r) || r == '：' || r == '？' || r == '＊' || r == '／' || r == '＼' || r == '［' || r == '］' {
				return ' '
			}
			return r
		}, t.Name), " ")
		if name == "" {
			name = "Sheet"
		}
		short := clipName(name, mostSheetName)
		for n := 2; taken[strings.ToLower(short)]; n++ {
			end := " " + strconv.Itoa(n)
			short = clipName(name, mostSheetName-len(end)) + end
		}
		taken[strings.ToLower(short)] = true
		out = append(out, short)
	}
	return out
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
	f := excelize.NewFile()
	defer f.Close()
	for i, name := range sheetNames(tables) {
		if i == 0 {
			if err := f.SetSheetName("Sheet1", name); err != nil {
				return err
			}
		} else if _, err := f.NewSheet(name); err != nil {
			return err
		}
		if err := writeSheet(f, name, tables[i]); err != nil {
			return err
		}
	}
	var b bytes.Buffer
	if err := f.Write(&b); err != nil {
		return err
	}
	return inOrder(w, b.Bytes())
}

// inOrder writes a workbook with its parts in the order of their names: the library
// has them in none, and the same tables are to be the same file.
func inOrder(w io.Writer, book []byte) error {
	in, err := zip.NewReader(bytes.NewReader(book), int64(len(book)))
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

func writeSheet(f *excelize.File, name string, t Table) error {
	styles, err := newStyles(f)
	if err != nil {
		return err
	}
	sw, err := f.NewStreamWriter(name)
	if err != nil {
		return err
	}
	for i, h := range t.Heads {
		if err := sw.SetColWidth(i+1, i+1, max(h.Width, 8)); err != nil {
			return err
		}
	}
	if err := sw.SetPanes(&excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft"}); err != nil {
		return err
	}
	heads := make([]any, len(t.Heads))
	for i, h := range t.Heads {
		heads[i] = excelize.Cell{StyleID: styles.head, Value: h.Text}
	}
	if err := sw.SetRow("A1", heads); err != nil {
		return err
	}
	for n, row := range t.Rows {
		cells := make([]any, len(row))
		for i, v := range row {
			cells[i] = styles.cell(v)
		}
		if err := sw.SetRow("A"+strconv.Itoa(n+2), cells); err != nil {
			return err
		}
	}
	return sw.Flush()
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
