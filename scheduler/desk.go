package scheduler

import (
	"github.com/rs/zerolog"

	"duban/ledger"
)

// Desk is where people act. Every act sees one view, and is one transaction.
type Desk struct {
	ledger ledger.Store
	view   func() View
	log    zerolog.Logger
}

// NewDesk makes a desk; view tells what an act that begins now goes by.
func NewDesk(l ledger.Store, view func() View, log zerolog.Logger) *Desk {
	return &Desk{l, view, log}
}
