package ledger

import (
	"context"
	"time"
)

// OutboxCounts are how many notices are in each state, and when the oldest that
// waits was made; zero: none waits.
func (q queries) OutboxCounts(ctx context.Context) (counts map[MailState]int, oldest time.Time, err error) {
	counts = map[MailState]int{}
	err = q.each(ctx, `SELECT state, COUNT(*) FROM notice GROUP BY state`, nil, func(scan func(...any) error) error {
		var s MailState
		var n int
		err := scan(&s, &n)
		counts[s] = n
		return err
	})
	if err != nil {
		return nil, oldest, err
	}
	err = q.db.QueryRowContext(ctx, `SELECT MIN(created_at) FROM notice WHERE state IN ('pending', 'sending')`).Scan(moment{&oldest})
	return counts, oldest, explain(err)
}
