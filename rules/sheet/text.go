package sheet

import (
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/unicode"

	"duban/rules/problem"
)

// decode reads a text in UTF-8, with a mark or without, in UTF-16 with one, or in
// GB18030, which spreadsheets here write.
func decode(data []byte) (string, error) {
	var from encoding.Encoding
	switch {
	case bytes.HasPrefix(data, []byte("\xef\xbb\xbf")):
		data = data[3:]
	case bytes.HasPrefix(data, []byte("\xff\xfe")), bytes.HasPrefix(data, []byte("\xfe\xff")):
		from = unicode.UTF16(unicode.LittleEndian, unicode.ExpectBOM)
	}
	if from == nil && utf8.Valid(data) {
		return string(data), binary(data)
	}
	if from == nil {
		from = simplifiedchinese.GB18030
	}
	text, err := from.NewDecoder().Bytes(data)
	if err != nil || bytes.ContainsRune(text, utf8.RuneError) {
		return "", problem.Errorf("is no text in UTF-8 or GB18030, and no spreadsheet: save it as .xlsx or .csv")
	}
	return string(text), binary(text)
}

func binary(text []byte) error {
	if bytes.IndexByte(text, 0) >= 0 {
		return problem.Errorf("is no text in UTF-8 or GB18030, and no spreadsheet: save it as .xlsx or .csv")
	}
	return nil
}

// readText reads values that commas, tabs or semicolons separate: by the one that
// gives heads, since the others may stand in texts.
func readText(text string) (*Grid, error) {
	var first *Grid
	for _, comma := range "\t,;" {
		if !strings.ContainsRune(text, comma) && comma != ',' {
			continue
		}
		g, err := separated(text, comma)
		if err != nil {
			return nil, err
		}
		if _, ok := findHeads(g); ok {
			return g, nil
		}
		if first == nil {
			first = g
		}
	}
	return first, first.some()
}

func separated(text string, comma rune) (*Grid, error) {
	g := &Grid{}
	r := csv.NewReader(strings.NewReader(text))
	r.Comma = comma
	r.FieldsPerRecord, r.LazyQuotes = -1, true
	for {
		record, err := r.Read()
		switch {
		case errors.Is(err, io.EOF):
			return g, nil
		case err != nil:
			return nil, problem.Errorf("cannot be read: %v", err)
		}
		line, _ := r.FieldPos(0)
		cells := make([]Cell, len(record))
		for i, s := range record {
			cells[i].Text = clean(unsafeCell(s))
		}
		if err := g.add(line, cells); err != nil {
			return nil, err
		}
	}
}

func (g *Grid) some() error {
	if len(g.Rows) == 0 {
		return problem.Errorf("holds nothing: there has to be a row of heads, and a row a task")
	}
	return nil
}
