package tables

import (
	"context"
	"time"

	"duban/ledger"
	"duban/rules/calendar"
)

func (q Questions) OutboxCounts(ctx context.Context, states ...ledger.MailState) (map[ledger.MailState]int, error) {
	args := make([]any, len(states))
	for i, s := range states {
		args[i] = s
	}
	counts := map[ledger.MailState]int{}
	err := q.each(ctx, `SELECT state, COUNT(*) FROM notice WHERE state IN (`+marks(len(states))+`) GROUP BY state`, args, func(scan func(...any) error) error {
		var s ledger.MailState
		var n int
		err := scan(&s, &n)
		counts[s] = n
		return err
	})
	return counts, err
}

func (q Questions) ChannelCounts(ctx context.Context) (map[string]map[ledger.MailState]int, error) {
	counts := map[string]map[ledger.MailState]int{}
	err := q.each(ctx, `SELECT channel, state, COUNT(*) FROM notice WHERE state IN ('pending', 'sending', 'held', 'failed') GROUP BY channel, state`, nil, func(scan func(...any) error) error {
		var channel string
		var s ledger.MailState
		var n int
		err := scan(&channel, &s, &n)
		if counts[channel] == nil {
			counts[channel] = map[ledger.MailState]int{}
		}
		counts[channel][s] = n
		return err
	})
	return counts, err
}

func (q Questions) FirstReminder(ctx context.Context) (d calendar.Date, err error) {
	err = q.DB.Row(ctx, `SELECT MIN(next_reminder) FROM occurrence WHERE next_reminder IS NOT NULL`).Scan(day{&d})
	return d, q.explain(err)
}

func (q Questions) OldestWaiting(ctx context.Context) (oldest time.Time, err error) {
	err = q.DB.Row(ctx, `SELECT MIN(created_at) FROM notice WHERE state IN ('pending', 'sending')`).Scan(moment{&oldest})
	return oldest, q.explain(err)
}
