// Package desk is where people act: they report, waive and reopen (act.go), move and
// stop clocks (clock.go), ask for an extension and answer that (requests.go), record what starts clocks
// (events.go), tell the other side by letter (letter.go), and move what waits in
// the outbox (outbox.go). Who may use the page, and which programs the API,
// is arranged here too (accounts.go, tokens.go).
//
// Every act sees one view and is one transaction: it changes something, with its
// journal entry and all that follows from it, or is refused with the reason and
// what to do instead. Commands, page and simulation act in the same way.
package desk

import (
	"context"

	"github.com/rs/zerolog"

	"duban/ledger"
	"duban/scheduler/engine"
)

// Desk is where people act. Every act sees one view, and is one transaction.
type Desk struct {
	ledger updater
	view   func() engine.View
	log    zerolog.Logger
}

// New makes a desk; view tells what an act that begins now goes by.
func New(l ledger.Store, view func() engine.View, log zerolog.Logger) *Desk {
	return &Desk{l, view, log}
}

// updater is what a desk asks of a ledger.
type updater interface {
	Update(ctx context.Context, f func(ledger.Tx) error) error
}

// inside is a transaction that is under way.
type inside struct{ tx ledger.Tx }

func (i inside) Update(_ context.Context, f func(ledger.Tx) error) error { return f(i.tx) }

// Within is a desk whose acts are part of a transaction that is under way. The log is
// told by whoever began it, once that is on disk.
func (d *Desk) Within(tx ledger.Tx, v engine.View) *Desk {
	return &Desk{inside{tx}, func() engine.View { return v }, zerolog.Nop()}
}
