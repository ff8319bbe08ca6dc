package ledger

import (
	"context"
	"time"
)

// SessionReader answers what the page remembers of a browser.
type SessionReader interface {
	// Session is what the page remembers under a token; not found: none, or it has
	// expired.
	Session(ctx context.Context, token string, now time.Time) (data []byte, found bool, err error)
}

// SessionWriter remembers and forgets it.
type SessionWriter interface {
	// SaveSession remembers data until it expires, and forgets what has.
	SaveSession(token string, data []byte, expires, now time.Time) error

	// EndSession forgets a session.
	EndSession(token string) error
}
