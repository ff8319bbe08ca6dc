package ledger

import "errors"

// Errors that callers tell apart.
var (
	ErrMissing  = errors.New("there is no ledger")
	ErrNewer    = errors.New("the ledger was written by a newer duban")
	ErrOlder    = errors.New("the ledger was written by an older duban")
	ErrNotFound = errors.New("not found")
	ErrFull     = errors.New("the disk is full")

	// ErrTaken says that another process evaluates and delivers.
	ErrTaken = errors.New("evaluates and delivers for it already: stop that one first, or let it work")

	// ErrGone says that the ledger that is open no longer lies where it lay. What is
	// written now, nobody finds when the process has ended.
	ErrGone = errors.New("the ledger is gone from its place")
)
