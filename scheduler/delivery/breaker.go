package delivery

import (
	"sync"
	"time"
)

// breaker keeps a server that is down from being asked for every notice.
type breaker struct {
	mu    sync.Mutex
	trips int
	until time.Time
}

func (b *breaker) open(now time.Time) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	// A clock that was set back must not keep it open for longer than it said.
	return now.Before(b.until) && b.until.Sub(now) <= 15*time.Minute
}

// trip opens the breaker and tells when to ask again: after 15 s, doubling, to
// ten minutes.
func (b *breaker) trip(now time.Time) time.Time {
	b.mu.Lock()
	defer b.mu.Unlock()
	if now.Before(b.until) {
		return b.until // other connections noticed too
	}
	b.until = now.Add(jitter(min(15*time.Second<<min(b.trips, 6), 10*time.Minute)))
	b.trips++
	return b.until
}

func (b *breaker) reset() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.trips, b.until = 0, time.Time{}
}
