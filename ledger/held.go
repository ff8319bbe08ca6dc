package ledger

import "context"

// WithheldReader answers about which occurrences nothing leaves.
type WithheldReader interface {
	// Withheld are the occurrences about which nothing leaves.
	Withheld(ctx context.Context) (map[int64]bool, error)

	// PendingAboutWithheld are the pending notices that no server has seen and that
	// carry something withheld.
	PendingAboutWithheld(ctx context.Context) ([]*Notice, error)
}

// WithheldWriter keeps notices about occurrences back and lets them go.
type WithheldWriter interface {
	// Withhold keeps notices about an occurrence back until ReleaseWithheld.
	Withhold(occurrence int64) error

	// ReleaseWithheld lets notices about what a notice carries leave again; 0: about
	// everything.
	ReleaseWithheld(notice int64) error
}
