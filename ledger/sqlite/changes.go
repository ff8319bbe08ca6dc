package sqlite

import (
	"context"

	"duban/ledger"
)

func (l *Ledger) Mark(ctx context.Context) (ledger.Mark, error) {
	return l.MarkOf(ctx, l.changes.Load())
}

func (l *Ledger) ChangedHere(m ledger.Mark) bool { return l.changes.Load() != m.Here }

func (l *Ledger) Changed(ctx context.Context, m ledger.Mark) (bool, error) {
	if l.ChangedHere(m) {
		return true, nil
	}
	return l.ChangedSince(ctx, m)
}
