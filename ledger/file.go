package ledger

import (
	"context"
	"time"
)

// File is what a Store can do besides that keeps the ledger in a file: ask for
// it by a type assertion.
type File interface {
	// Path is where the ledger's file lies.
	Path() string

	// Check asks whether the file is whole: quick, and enough to notice a damaged
	// disk before anything is written.
	Check(ctx context.Context) error

	// Room tells whether the ledger's disk has room for more.
	Room() error

	// Checkpoint copies what was logged back into the file, as far as readers allow:
	// for when there is time.
	Checkpoint(ctx context.Context) error

	// Backup writes a consistent copy to file while others go on writing. The copy
	// is checked and made durable before it takes its name; an existing file is
	// replaced only then.
	Backup(ctx context.Context, file string) error

	// Rescue writes what is open into a file beside its place, for when it is gone
	// from there: until the process ends all of it can still be read.
	Rescue(ctx context.Context, now time.Time) (file string, err error)
}
