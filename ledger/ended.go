package ledger

import (
	"context"

	"duban/rules/calendar"
)

// EndedStates are those of occurrences of which nothing is asked any more.
var EndedStates = []State{StateClosed, StateWaived, StateCancelled}

// Ended tells whether nothing is asked any more.
func (s State) Ended() bool { return s == StateClosed || s == StateWaived || s == StateCancelled }

// Ended is how many occurrences of a unit under a plan have ended alike, or of an item.
type Ended struct {
	Plan, Unit, Obligation string        // the unit or the obligation
	Due                    calendar.Date // the day they were due, or the first of its month
	State                  State
	Late                   bool
	N                      int
}

// EndedQuery selects what has ended; empty fields select all.
type EndedQuery struct {
	Unit           string
	DueFrom, DueTo calendar.Date // both included
	Monthly        bool          // what was due in one month is one count
}

// EndedReader counts what has ended. It grows with every day, so it is counted as it
// happens, in the transaction that ends an occurrence.
type EndedReader interface {
	// CountEnded calls f with the counts, in no order.
	CountEnded(ctx context.Context, q EndedQuery, f func(Ended)) error

	// CountSelected calls f with the counts of all those selected that have ended, by
	// month, of units or of items, in no order; pages (Limit, After, Latest) are not
	// looked at. Nobody keeps these counts: each occurrence is looked at, and no more is
	// held than is counted apart.
	CountSelected(ctx context.Context, q Query, byItem bool, f func(Ended)) error
}
