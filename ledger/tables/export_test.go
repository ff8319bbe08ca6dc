package tables

import (
	"context"

	"duban/ledger"
)

// MuchText and LongestLine are made small where a test has few rows.
var (
	MuchText    = &muchText
	LongestLine = &longestLine
)

// EachEntry gives the journal's entries with what they tell of rows.
func EachEntry(q Questions, ctx context.Context, f func(ledger.Entry) error) error {
	return q.eachEntry(ctx, 0, f)
}
