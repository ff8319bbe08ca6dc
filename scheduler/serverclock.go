package scheduler

import (
	"context"
	"fmt"
	"sync"
	"time"

	"duban/ledger"
)

// serverClock is the clock of the server that keeps a shared ledger, by which all
// daemons go: what was measured last, and how long ago that was by this machine, which
// may be set meanwhile.
type serverClock struct {
	machine Clock

	mu     sync.Mutex
	asked  time.Time // by the machine
	server time.Time // it was then
}

// longestAnswer is how long the server may take to tell its time, to be believed.
const longestAnswer = time.Second

// now is the server's time; before it was asked for the first time the machine's.
func (c *serverClock) now() time.Time {
	now := c.machine()
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.asked.IsZero() {
		return now
	}
	return c.server.Add(now.Sub(c.asked)).In(now.Location())
}

// set asks the server.
func (c *serverClock) set(ctx context.Context, l ledger.Shared) error {
	before := c.machine()
	server, err := l.Now(ctx)
	if err != nil {
		return err
	}
	after := c.machine()
	took := after.Sub(before)
	c.mu.Lock()
	defer c.mu.Unlock()
	if took > longestAnswer && !c.asked.IsZero() {
		return nil // what was measured before is better
	}
	if took < 0 || took > ledger.LongestLease {
		return fmt.Errorf("the database took %s to tell its time: leases cannot be kept like that", took)
	}
	c.asked, c.server = before.Add(took/2), server
	return nil
}
