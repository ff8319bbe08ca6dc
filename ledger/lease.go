package ledger

import (
	"context"
	"time"
)

// Lease is what somebody holds until a time, unless he renews it: of several
// daemons that share a ledger one evaluates, and each mail is one's to send.
type Lease struct {
	Owner string
	Until time.Time
}

// LongestLease bounds for how long a daemon that died keeps others waiting: one that
// goes on renews its task at each tick. A lease that ends later was taken by a clock
// that was wrong, and holds nothing. Where one daemon has the ledger alone, as on a
// file, all leases are its own, and what it left is taken up when it starts again.
const LongestLease = 20 * time.Second

// Lasts tells whether the lease keeps others away now.
func (l Lease) Lasts(now time.Time) bool {
	return now.Before(l.Until) && !l.Until.After(now.Add(LongestLease))
}

// Evaluating is the task of the one daemon that evaluates.
const Evaluating = "evaluate"

// LeaseReader answers whose task something is.
type LeaseReader interface {
	// LeaseOf is the lease on a task, ended or not; zero: nobody has had one.
	LeaseOf(ctx context.Context, task string) (Lease, error)

	// Leases are those on all tasks whose names begin so, by task, ended or not.
	Leases(ctx context.Context, begin string) (map[string]Lease, error)
}

// LeaseWriter hands tasks out.
type LeaseWriter interface {
	// TakeLease gives or renews a task; ErrTaken: another's lease on it lasts.
	TakeLease(task string, l Lease, now time.Time) error

	// Fence lets the transaction come to pass only if the task is still the owner's,
	// whether his lease lasts or not: ErrTaken where another has taken it over since,
	// and nobody takes it over until the transaction has ended. It is the last that
	// a transaction does, so that others do not wait for the rest of it.
	Fence(task, owner string) error

	// ForgetLeases takes those away that ended before a time, on tasks whose names
	// begin so: of daemons that are no more.
	ForgetLeases(begin string, before time.Time) error
}
