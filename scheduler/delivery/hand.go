package delivery

import (
	"maps"
	"slices"
	"sync"
	"time"

	"duban/ledger"
)

// Where several daemons share the ledger, what one has claimed is its own for so long;
// it renews what it still has in hand, in good time.
const (
	claimLasts = 18 * time.Second // less than ledger.LongestLease: clocks differ a little
	renewClaim = 10 * time.Second
	renewEvery = 3 * time.Second
)

// unsure is how much before its end a lease is no longer trusted: the ledger keeps
// whole seconds, and the last word of a mail takes a moment.
const unsure = time.Second

// trusted tells whether something that is ours until then surely is.
func trusted(until, now time.Time) bool {
	return now.Before(until.Truncate(time.Second).Add(-unsure))
}

// hand is what a lane has claimed and not settled, and until when it is its own.
type hand struct {
	mu    sync.Mutex
	until map[int64]time.Time
}

func (h *hand) take(jobs []*job, l ledger.Lease) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.until == nil {
		h.until = map[int64]time.Time{}
	}
	for _, j := range jobs {
		h.until[j.ID] = l.Until
	}
}

// has tells whether a notice may still be sent: another daemon has surely not taken
// it up.
func (h *hand) has(id int64, now time.Time) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return trusted(h.until[id], now)
}

// ending are those that want to be renewed.
func (h *hand) ending(now time.Time) (ids []int64) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for id, until := range h.until {
		if until.Before(now.Add(renewClaim)) {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	return ids
}

// renewed notes which of those are kept; the others are no longer in hand.
func (h *hand) renewed(ids, kept []int64, until time.Time) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, id := range ids {
		if _, here := h.until[id]; !here {
			continue // settled meanwhile
		}
		if slices.Contains(kept, id) {
			h.until[id] = until
		} else {
			delete(h.until, id)
		}
	}
}

func (h *hand) put(batch []result) {
	h.mu.Lock()
	defer h.mu.Unlock()
	maps.DeleteFunc(h.until, func(id int64, _ time.Time) bool {
		return slices.ContainsFunc(batch, func(r result) bool { return r.ID == id })
	})
}
