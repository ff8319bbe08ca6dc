package desk

import (
	"github.com/rs/zerolog"

	"duban/ledger"
	"duban/scheduler/engine"
)

// Desk is where people act. Every act sees one view, and is one transaction.
type Desk struct {
	ledger ledger.Store
	view   func() engine.View
	log    zerolog.Logger
}

// New makes a desk; view tells what an act that begins now goes by.
func New(l ledger.Store, view func() engine.View, log zerolog.Logger) *Desk {
	return &Desk{l, view, log}
}
