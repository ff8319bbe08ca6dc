package ledger

import (
	"context"
	"time"
)

// RuleFile is a file that rules come from, a plan's, one of units or a calendar year,
// where the ledger keeps them and not a disk: all daemons that share the ledger then
// go by the same.
type RuleFile struct {
	Path    string // with slashes, as of a disk: plans/ID/plan.toml, units/NAME.toml, calendar/YEAR.toml
	Text    []byte
	Version int64 // grows with each change of any file
	Changed time.Time
	By      string
}

// RuleFileReader reads them.
type RuleFileReader interface {
	// RuleFiles are all, by path.
	RuleFiles(ctx context.Context) ([]*RuleFile, error)

	// RuleFile is the one of that path; ErrNotFound: none.
	RuleFile(ctx context.Context, path string) (*RuleFile, error)

	// RuleFilesVersion is another after each change of any of them, and costs little; 0:
	// there has never been one.
	RuleFilesVersion(ctx context.Context) (int64, error)
}

// RuleFileWriter keeps them. The journal keeps what stood in them before, by the
// entries of whoever changes them.
type RuleFileWriter interface {
	// SaveRuleFile writes a file whose Version is the one that was read; 0: it is new.
	// ErrMoved: somebody else has changed it since. Version is the new one then.
	SaveRuleFile(f *RuleFile) error

	// RemoveRuleFile takes a file away, likewise.
	RemoveRuleFile(path string, version int64, by string, now time.Time) error
}
