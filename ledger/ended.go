package ledger

import (
	"context"

	"duban/rules/calendar"
)

// EndedStates are those of occurrences of which nothing is asked any more.
var EndedStates = []State{StateClosed, StateWaived, StateCancelled}

// Ended tells whether nothing is asked any more.
func (s State) Ended() bool { return s == StateClosed || s == StateWaived || s == StateCancelled }

// Ended is how many occurrences of a unit under a plan have ended alike.
type Ended struct {
	Plan, Unit string
	Due        calendar.Date // the day they were due, or the first of its month
	State      State
	Late       bool
	N          int
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
}
