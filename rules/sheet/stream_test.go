package sheet

import (
	"bytes"
	"fmt"
	"testing"

	"pgregory.net/rapid"

	"duban/rules/calendar"
)

// Several tables with the same heads are the same values row by row as they are when they
// are joined first.
func TestTablesRowByRowAreAsOne(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		columns := rapid.IntRange(1, 4).Draw(t, "columns")
		var heads []Head
		for i := range columns {
			heads = append(heads, Head{Text: fmt.Sprint("h", i), Width: 10})
		}
		cell := rapid.OneOf(rapid.Map(rapid.StringMatching(`[=+'a,"]{0,4}`), func(s string) any { return s }), rapid.Just[any](7), rapid.Just[any](calendar.Date(17000)))
		var tables []Table
		for n := range rapid.IntRange(1, 3).Draw(t, "tables") {
			one := Table{Name: fmt.Sprint("=", n), Heads: heads}
			for range rapid.IntRange(0, 3).Draw(t, "rows") {
				one.Rows = append(one.Rows, rapid.SliceOfN(cell, columns, columns).Draw(t, "row"))
			}
			tables = append(tables, one)
		}
		var joined, streamed bytes.Buffer
		if err := WriteCSV(&joined, Join(tables)); err != nil {
			t.Fatal(err)
		}
		err := StreamCSV(&streamed, len(tables) > 1, func(to Sink) error {
			for _, one := range tables {
				if err := one.Into(to); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil || joined.String() != streamed.String() {
			t.Fatalf("%v\n%s\n%s", err, joined.String(), streamed.String())
		}
	})
}
