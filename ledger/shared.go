package ledger

import (
	"context"
	"time"
)

// Shared is what a Store can do besides that several daemons may have open at once,
// each on its own machine: ask for it by a type assertion. Of a Store that is not
// Shared one process at a time evaluates and delivers.
type Shared interface {
	// Now is the server's clock, by which leases begin and end: those of the machines
	// need not agree.
	Now(ctx context.Context) (time.Time, error)

	// Await returns when a process, this one or another, has committed something since
	// it was last called. It may return without that, and an error says that nothing is
	// heard at present: whoever waits asks by himself now and then.
	Await(ctx context.Context) error
}
