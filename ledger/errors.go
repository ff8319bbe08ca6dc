package ledger

import "duban/rules/problem"

// Errors that callers tell apart.
var (
	ErrMissing  = problem.New(problem.Unavailable, "there is no ledger")
	ErrNewer    = problem.New(problem.Unavailable, "the ledger was written by a newer duban")
	ErrOlder    = problem.New(problem.Unavailable, "the ledger was written by an older duban")
	ErrNotFound = problem.New(problem.NotFound, "not found")
	ErrFull     = problem.New(problem.Full, "the disk is full")

	// ErrTaken says that another daemon has the ledger, or a task in it.
	ErrTaken = problem.New(problem.Conflict, "evaluates and delivers for it already: stop that one first, or let it work")

	// ErrMoved says that a notice was moved, or claimed, since it was read.
	ErrMoved = problem.New(problem.Conflict, "moved meanwhile")

	// ErrAway says that the server that keeps the ledger does not answer. Nothing is
	// lost; whoever asks again later finds it back.
	ErrAway = problem.New(problem.Unavailable, "the ledger's database does not answer")

	// ErrGone says that the ledger that is open no longer lies where it lay. What is
	// written now, nobody finds when the process has ended.
	ErrGone = problem.New(problem.Unavailable, "the ledger is gone from its place")
)
