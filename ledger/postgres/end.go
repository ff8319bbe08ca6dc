package postgres

import (
	"context"
	"database/sql"
	"strconv"
	"strings"
	"sync"
	"time"

	"duban/ledger/tables"
)

// endNote notes where the journal ends, beside the transactions that write it: within
// them every two that write at once would have written the same row, and nobody has to
// wait for it. A note that is lost is behind, and verify takes it for what it is.
type endNote struct {
	mu      sync.Mutex
	head    string // the last that is to be noted
	seq     int64  // its number
	wake    chan struct{}
	closing chan struct{}
	closed  bool
	ended   chan struct{}
}

// noteWithin is for how long a note may wait for who has locked the row, or for a server
// that hangs: the next one says more.
const noteWithin = 5 * time.Second

// pause is for how long a note stands alone: transactions that follow one another closely
// share one.
const pause = 50 * time.Millisecond

// begin notes by db until close is called.
func (n *endNote) begin(db *sql.DB) {
	n.wake, n.closing, n.ended = make(chan struct{}, 1), make(chan struct{}), make(chan struct{})
	go func() {
		defer close(n.ended)
		for range n.wake {
			n.mu.Lock()
			head := n.head
			n.mu.Unlock()
			// Unless another has noted a later end.
			ctx, enough := context.WithTimeout(context.Background(), noteWithin)
			_, _ = db.ExecContext(ctx, `INSERT INTO fact (name, value) VALUES ($1, $2)
				ON CONFLICT (name) DO UPDATE SET value = excluded.value WHERE split_part(fact.value, ':', 1)::bigint < split_part(excluded.value, ':', 1)::bigint`,
				tables.FactEnd, head)
			enough()
			select {
			case <-time.After(pause):
			case <-n.closing:
			}
		}
	}()
}

// note has a head noted, unless there is a later one.
func (n *endNote) note(head string) {
	number, _, _ := strings.Cut(head, ":")
	seq, _ := strconv.ParseInt(number, 10, 64) // which it is
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.closed || seq <= n.seq {
		return
	}
	n.head, n.seq = head, seq
	select {
	case n.wake <- struct{}{}:
	default:
	}
}

// close waits for what is to be noted.
func (n *endNote) close() {
	n.mu.Lock()
	if !n.closed && n.wake != nil {
		close(n.closing)
		close(n.wake)
	}
	n.closed = true
	n.mu.Unlock()
	if n.ended != nil {
		<-n.ended
	}
}
