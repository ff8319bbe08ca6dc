package sqlite

import (
	"context"

	"duban/ledger"
)

func (l *Ledger) Mark(ctx context.Context) (ledger.Mark, error) {
	m := ledger.Mark{Here: l.changes.Load()}
	err := l.DB.QueryRowContext(ctx, `SELECT COALESCE(MAX(seq), 0) FROM journal`).Scan(&m.Seq)
	return m, explain(err)
}

func (l *Ledger) ChangedHere(m ledger.Mark) bool { return l.changes.Load() != m.Here }

func (l *Ledger) Changed(ctx context.Context, m ledger.Mark) (bool, error) {
	if l.ChangedHere(m) {
		return true, nil
	}
	var changed bool
	err := l.DB.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM journal WHERE seq > ? AND kind NOT IN ('ledger', 'notice'))`, m.Seq).Scan(&changed)
	return changed, explain(err)
}
