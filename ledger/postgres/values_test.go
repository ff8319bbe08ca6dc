package postgres

import (
	"math"
	"reflect"
	"testing"

	"duban/ledger"
	"duban/ledger/tables"
)

// Rows that are given to a statement are what it finds, in their order.
func TestValuesAreFoundAsTheyWereGiven(t *testing.T) {
	l := open(t)
	types := []tables.Type{tables.Text, tables.Number, tables.Bytes, tables.Number}
	given := []any{
		"", int64(0), []byte{}, nil,
		nil, nil, nil, nil,
		`a 'b' "c" {d,e} \f 督办` + "\n", math.MaxInt64, []byte{0, 1, 255}, nil,
		"cut\x00 and \xff broken", true, []byte(`\x00`), nil,
		ledger.StateOpen, int64(math.MinInt64), []byte("x"), nil,
	}
	want := [][]any{
		{"", int64(0), []byte{}, nil},
		{nil, nil, nil, nil},
		{`a 'b' "c" {d,e} \f 督办` + "\n", int64(math.MaxInt64), []byte{0, 1, 255}, nil},
		{"cut\uFFFD and \uFFFD broken", int64(1), []byte(`\x00`), nil},
		{"open", int64(math.MinInt64), []byte("x"), nil},
	}
	query, args := dialect{}.Values(types, given)
	var found [][]any
	if err := l.View(ctx, func(r ledger.Reader) error {
		return r.(tables.Questions).DB.Each(ctx, `SELECT v.column1, v.column2, v.column3, v.column4 FROM (`+query+`) v`, args, func(read func(...any) error) error {
			row := make([]any, len(types))
			err := read(&row[0], &row[1], &row[2], &row[3])
			found = append(found, row)
			return err
		})
	}); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(found, want) {
		t.Errorf("%q\nwant %q", found, want)
	}
	if again, _ := (dialect{}).Values(types, given[:4]); again != query {
		t.Errorf("one row is asked for by %q, five by %q", again, query)
	}
	one, _ := dialect{}.Among([]int64{1})
	three, of := dialect{}.Among([]int64{1, 2, 3})
	if one != three || len(of) != 1 {
		t.Errorf("a number is asked for by %q, three by %q and %d values", one, three, len(of))
	}
}
