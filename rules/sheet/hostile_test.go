package sheet

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/unicode"

	"duban/rules/calendar"
)

const plainTable = "序号,事项,责任单位,完成时限\n1,公布收支,市财政局,每月15日前\n"

func TestEncodings(t *testing.T) {
	gb, err := simplifiedchinese.GB18030.NewEncoder().String(plainTable)
	if err != nil {
		t.Fatal(err)
	}
	wide, err := unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewEncoder().String(strings.ReplaceAll(plainTable, ",", "\t"))
	if err != nil {
		t.Fatal(err)
	}
	page := "<html><head><meta charset=gb2312></head><body><table><tr><td>事项</td><td>责任单位</td><td>完成时限</td></tr><tr><td>公布收支</td><td>市财政局</td><td>每月15日前</td></tr></table>"
	gbPage, err := simplifiedchinese.GBK.NewEncoder().String(page)
	if err != nil {
		t.Fatal(err)
	}
	for name, data := range map[string]string{
		"UTF-8": plainTable, "with a mark": "\ufeff" + plainTable, "GB18030": gb, "UTF-16": wide, "tabs": strings.ReplaceAll(plainTable, ",", "\t"),
		"semicolons": strings.ReplaceAll(plainTable, ",", ";"), "lines of Windows": strings.ReplaceAll(plainTable, "\n", "\r\n"), "a page in GBK": gbPage, "a page": page,
	} {
		g, err := Read([]byte(data), "")
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		l, err := Lay(g)
		if err != nil || len(l.Rows) != 1 || l.Rows[0].Cells[Title] != "公布收支" || l.Rows[0].Cells[Deadline] != "每月15日前" {
			t.Errorf("%s: %v, %v", name, l, err)
		}
	}
}

// book is a workbook in which a test sets cells.
func book(t testing.TB, set func(f *excelize.File) error) []byte {
	t.Helper()
	f := excelize.NewFile()
	defer f.Close()
	if err := set(f); err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := f.Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// rewritten is a workbook with something else in place of a part of its first sheet.
func rewritten(t testing.TB, data []byte, old, now string) []byte {
	t.Helper()
	r, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, f := range r.File {
		in, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(in)
		if err != nil {
			t.Fatal(err)
		}
		if f.Name == "xl/worksheets/sheet1.xml" {
			if !bytes.Contains(text, []byte(old)) {
				t.Fatalf("the sheet holds no %s: %s", old, text)
			}
			text = bytes.Replace(text, []byte(old), []byte(now), 1)
		}
		out, err := z.Create(f.Name)
		if err == nil {
			_, err = out.Write(text)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// A formula is read as what it came to last, never computed.
func TestAFormulaIsWhatItCameTo(t *testing.T) {
	data := book(t, func(f *excelize.File) error {
		if err := row(f, 1, "事项", "责任单位"); err != nil {
			return err
		}
		return row(f, 2, 7, "市财政局")
	})
	data = rewritten(t, data, `<c r="A2"><v>7</v></c>`, `<c r="A2" t="str"><f>HYPERLINK("http://x.example","x")</f><v>公开</v></c>`)
	g, err := Read(data, "")
	if err != nil || g.Rows[1].Cells[0].Text != "公开" {
		t.Errorf("%+v, %v", g, err)
	}
}

func row(f *excelize.File, n int, cells ...any) error {
	return f.SetSheetRow("Sheet1", fmt.Sprint("A", n), &cells)
}

func TestWhatSpreadsheetsHold(t *testing.T) {
	day := time.Date(2026, 9, 30, 0, 0, 0, 0, time.UTC)
	data := book(t, func(f *excelize.File) error {
		style, err := f.NewStyle(&excelize.Style{NumFmt: 14})
		if err == nil {
			err = row(f, 1, "序号", "事项", "责任单位", "完成时限")
		}
		if err == nil {
			err = row(f, 2, time.Date(2026, 1, 2, 0, 0, 0, 0, time.UTC), "公布", "市财政局", day)
		}
		if err == nil {
			err = f.SetCellStyle("Sheet1", "A2", "A2", style)
		}
		if err == nil {
			err = f.SetCellStyle("Sheet1", "D2", "D2", style)
		}
		if err == nil {
			err = row(f, 3, "1.10", "43101", "市财政局", "每月")
		}
		if err == nil {
			err = row(f, 4, 1.3, "公开", "市财政局", "每月")
		}
		return err
	})
	g, err := Read(data, "")
	if err != nil {
		t.Fatal(err)
	}
	l, err := Lay(g)
	if err != nil || len(l.Rows) != 3 {
		t.Fatalf("%+v, %v", l, err)
	}
	for i, want := range []map[Column]string{
		{Ref: "1.2", Deadline: "2026-09-30"}, // made a date by the spreadsheet, and one that is
		{Ref: "1.10", Title: "43101"},        // texts of digits
		{Ref: "1.3", Title: "公开"},            // a number
	} {
		for c, text := range want {
			if got := l.Rows[i].Cells[c]; got != text {
				t.Errorf("row %d: %s is %q, want %q", i, c, got, text)
			}
		}
	}
}

// bomb is a workbook whose sheet unpacks to far more than it is.
func bomb(t testing.TB) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for name, text := range map[string]string{
		"[Content_Types].xml":        `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>`,
		"xl/workbook.xml":            `<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheets><sheet name="a" sheetId="1"/></sheets></workbook>`,
		"xl/worksheets/sheet1.xml":   strings.Repeat(" ", maxUnzip+1),
		"xl/_rels/workbook.xml.rels": `<Relationships/>`,
	} {
		w, err := z.Create(name)
		if err == nil {
			_, err = w.Write([]byte(text))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestHostileTablesAreRefused(t *testing.T) {
	far := book(t, func(f *excelize.File) error {
		if err := row(f, 1, "事项", "责任单位"); err != nil {
			return err
		}
		return f.SetCellStr("Sheet1", "XFD2", "x")
	})
	merged := book(t, func(f *excelize.File) error {
		if err := row(f, 1, "事项", "责任单位"); err != nil {
			return err
		}
		return row(f, 2, "公布", "市财政局")
	})
	merged = rewritten(t, merged, "</sheetData>", `</sheetData><mergeCells count="1"><mergeCell ref="A2:XFD1048576"/></mergeCells>`)
	for name, c := range map[string]struct {
		data []byte
		want string
	}{
		"a bomb":           {bomb(t), "no spreadsheet that can be read"},
		"a zip of nothing": {[]byte("PK\x03\x04"), "no spreadsheet that can be read"},
		"old":              {[]byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"), "of the old kind"},
		"a PDF":            {[]byte("%PDF-1.7"), "is a PDF"},
		"nothing":          {nil, "holds nothing"},
		"zeros":            {make([]byte, 100), "no text"},
		"far away":         {far, "columns"},
		"many columns":     {[]byte("事项,责任单位" + strings.Repeat(",x", 1000000)), "columns"},
		"many rows":        {[]byte("事项,责任单位\n" + strings.Repeat("a,b\n", maxRows+1)), "rows"},
		"a long cell":      {[]byte("事项,责任单位\n" + strings.Repeat("长", maxCell+1) + ",b\n"), "characters"},
		"too much":         {make([]byte, MaxBytes+1), "bytes"},
		"wide spans":       {[]byte("<table><tr><td colspan=999999>事项</td><td>责任单位</td></tr></table>"), "columns"},
	} {
		_, err := Read(c.data, "")
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
	if g, err := Read(merged, ""); err != nil || len(g.Rows) > 10 {
		t.Errorf("a block of all cells: %v", err)
	}
	if _, err := Read([]byte("<table>"+strings.Repeat("<div>", 100000)+"<tr><td>事项"), ""); err == nil {
		t.Error("a page as deep as that holds a table")
	}
}

// Whatever is read, nothing panics, and what comes of it is right or told.
func FuzzTables(f *testing.F) {
	f.Add([]byte(plainTable))
	f.Add([]byte("<table><tr><td rowspan=3>事项</td><td>单位</td></tr><tr><td colspan=2>一、x</td></tr></table>"))
	f.Add([]byte("序号\t具体要求\t责任单位\n1\t每月、每季度公布\t甲牵头，乙、丙配合\n"))
	set := shipped(f)
	f.Fuzz(func(t *testing.T, data []byte) {
		g, err := Read(data, "")
		if err != nil {
			return
		}
		l, err := Lay(g)
		if err != nil {
			return
		}
		d := Understand(l.Rows, l.LeftOut, set, Options{ID: "p", Title: "2026年方案", Issued: calendar.DateOf(2026, 3, 12)})
		if len(d.Rows) != len(l.Rows) {
			t.Fatalf("%d rows of %d", len(d.Rows), len(l.Rows))
		}
		for _, r := range d.Rows {
			if len(r.Rules) == 0 {
				t.Errorf("row %d made no rule", r.Row)
			}
			for _, id := range r.Rules {
				if d.Rule(id) == nil && !r.Broken() {
					t.Errorf("row %d has no rule %s, and nothing says why", r.Row, id)
				}
			}
		}
		for name, text := range d.Files("x") {
			if strings.Contains(string(text), "\x00") {
				t.Errorf("%s holds what TOML does not take", name)
			}
		}
	})
}
