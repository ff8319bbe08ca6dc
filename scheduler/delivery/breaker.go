package delivery

import (
	"sync"
	"time"

	"duban/ledger"
)

// breaker keeps a server that is down from being asked for every notice.
type breaker struct {
	mu    sync.Mutex
	trips int
	until time.Time

	known ledger.Breaker // as the daemons know it that share the ledger
}

func (b *breaker) open(now time.Time) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	// A clock that was set back must not keep it open for longer than it said.
	return now.Before(b.until) && b.until.Sub(now) <= longestOpen
}

// longestOpen bounds how long nobody is asked.
const longestOpen = 15 * time.Minute

// trip opens the breaker and tells when to ask again: after 15 s, doubling, to
// ten minutes, or when the other side says, which is in no trouble then.
func (b *breaker) trip(now time.Time, wait time.Duration) time.Time {
	b.mu.Lock()
	defer b.mu.Unlock()
	if wait > 0 {
		if until := now.Add(min(wait, longestOpen)); until.After(b.until) {
			b.until = until
		}
		return b.until
	}
	if now.Before(b.until) {
		return b.until // other connections noticed too
	}
	b.until = now.Add(jitter(min(15*time.Second<<min(b.trips, 6), 10*time.Minute)))
	b.trips++
	return b.until
}

// set takes over what another daemon has found: that the other side is in trouble, or
// no longer.
func (b *breaker) set(known ledger.Breaker) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if !same(known, b.known) {
		b.known, b.trips, b.until = known, known.Trips, known.Until
	}
}

// untold is what others do not know yet, until told is called with it.
func (b *breaker) untold() (now ledger.Breaker, changed bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	now = ledger.Breaker{Trips: b.trips, Until: b.until.Truncate(time.Second)} // as the ledger keeps it
	return now, !same(now, b.known)
}

func (b *breaker) told(known ledger.Breaker) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.known = known
}

func same(a, b ledger.Breaker) bool { return a.Trips == b.Trips && a.Until.Equal(b.Until) }

func (b *breaker) reset() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.trips, b.until = 0, time.Time{}
}
