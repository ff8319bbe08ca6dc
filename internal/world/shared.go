package world

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"duban/ledger"
	"duban/rules"
	"duban/scheduler/delivery"
)

// Server is a ledger that several daemons share: SQLite below, with a clock of its own
// and word of what the others do.
type Server struct {
	Store ledger.Store
	Clock func() time.Time

	mu        sync.Mutex
	committed chan struct{} // closed by the next commit
}

// NewServer shares a ledger.
func NewServer(l ledger.Store, clock func() time.Time) *Server {
	return &Server{Store: l, Clock: clock, committed: make(chan struct{})}
}

// Line is one daemon's way to the server. It may be cut, and what goes over it may be
// listened to.
type Line struct {
	ledger.Store
	server *Server

	mu     sync.Mutex
	cut    bool
	before func() // an update begins
}

var _ ledger.Shared = (*Line)(nil)

// Line is another daemon's.
func (s *Server) Line() *Line { return &Line{Store: s.Store, server: s} }

var errCut = errors.New("the line to the database is cut, for a test")

// Cut ends all that goes over the line, or lets it go again.
func (l *Line) Cut(cut bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.cut = cut
}

// Before calls f once, when the next update begins.
func (l *Line) Before(f func()) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.before = f
}

func (l *Line) works() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.cut {
		return errCut
	}
	return nil
}

// Now is the server's clock.
func (l *Line) Now(context.Context) (time.Time, error) { return l.server.Clock(), l.works() }

// Await waits for a commit.
func (l *Line) Await(ctx context.Context) error {
	if err := l.works(); err != nil {
		return err
	}
	l.server.mu.Lock()
	committed := l.server.committed
	l.server.mu.Unlock()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-committed:
		return l.works()
	}
}

// Update tells the others.
func (l *Line) Update(ctx context.Context, f func(ledger.Tx) error) error {
	if err := l.works(); err != nil {
		return err
	}
	l.mu.Lock()
	before := l.before
	l.before = nil
	l.mu.Unlock()
	if before != nil {
		before()
	}
	if err := l.Store.Update(ctx, f); err != nil {
		return err
	}
	l.server.mu.Lock()
	defer l.server.mu.Unlock()
	close(l.server.committed)
	l.server.committed = make(chan struct{})
	return nil
}

// DueNotices and LeaseOf are what is asked all the time.
func (l *Line) DueNotices(ctx context.Context, channel string, now time.Time, limit int) ([]*ledger.Notice, error) {
	if err := l.works(); err != nil {
		return nil, err
	}
	return l.Store.DueNotices(ctx, channel, now, limit)
}

// LeaseOf asks the server.
func (l *Line) LeaseOf(ctx context.Context, task string) (ledger.Lease, error) {
	if err := l.works(); err != nil {
		return ledger.Lease{}, err
	}
	return l.Store.LeaseOf(ctx, task)
}

// Beside is a daemon of another name on a shared ledger, with a mailbox of its own.
func Beside(t testing.TB, name string, line *Line, set *rules.Set, sending delivery.Settings) *World {
	w := Empty(t, t.TempDir())
	w.Clock, w.byServer = time.Now, true
	w.Sending = sending
	w.Sending.Owner = name
	w.With(line, set)
	return w
}
