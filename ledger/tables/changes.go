package tables

import (
	"context"

	"duban/ledger"
)

// MarkOf is that of now, where this process has changed that much.
func (q Questions) MarkOf(ctx context.Context, here int64) (ledger.Mark, error) {
	m := ledger.Mark{Here: here}
	err := q.DB.Row(ctx, `SELECT COALESCE(MAX(seq), 0) FROM journal`).Scan(&m.Seq)
	return m, q.explain(err)
}

// ChangedSince tells whether anybody has changed more than the outbox since.
func (q Questions) ChangedSince(ctx context.Context, m ledger.Mark) (changed bool, err error) {
	// In order, so that it is asked of what came since: else PostgreSQL, which hopes for
	// many, looks through all for the first.
	err = q.DB.Row(ctx, `SELECT EXISTS (SELECT 1 FROM (SELECT seq FROM journal WHERE seq > ? AND kind NOT IN ('ledger', 'notice') ORDER BY seq LIMIT 1) later)`, m.Seq).Scan(&changed)
	return changed, q.explain(err)
}
