package ledger

import (
	"context"
	"time"
)

// Breaker is what the daemons that share a ledger know of a channel whose other side
// is in trouble: nobody asks it before Until.
type Breaker struct {
	Trips int // one after the other
	Until time.Time
}

// TrafficReader answers how a channel stands for all daemons together.
type TrafficReader interface {
	// Breaker is that of a channel; zero: the other side is not known to be in trouble.
	Breaker(ctx context.Context, channel string) (Breaker, error)
}

// TrafficWriter keeps that.
type TrafficWriter interface {
	SetBreaker(channel string, b Breaker) error

	// TakeTurn gives the caller the next turn to send something by a channel, whoever
	// had the one before: every so often there is one. It is at now or later.
	TakeTurn(channel string, now time.Time, every time.Duration) (time.Time, error)
}
