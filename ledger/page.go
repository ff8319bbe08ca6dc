package ledger

import "context"

// AtOnce is how much a list that grows with the years holds where its query sets
// no limit: who wants more asks for the next page, or has each of them told.
const AtOnce = 1000

// Most is how much a query with that limit asks for; 0: it sets none.
func Most(limit int) int {
	if limit <= 0 {
		return AtOnce
	}
	return limit
}

// AllOccurrences are all that are selected, for who has room for them.
func AllOccurrences(ctx context.Context, r OccurrenceReader, q Query) ([]*Occurrence, error) {
	var out []*Occurrence
	err := r.EachOccurrence(ctx, q, func(o *Occurrence) error {
		out = append(out, o)
		return nil
	})
	return out, err
}

// AllNotices are all in a state, or of all states where it is empty, for who has
// room for them.
func AllNotices(ctx context.Context, r NoticeReader, state MailState) ([]*Notice, error) {
	var out []*Notice
	err := r.EachNotice(ctx, NoticeQuery{State: state}, func(n *Notice) error {
		out = append(out, n)
		return nil
	})
	return out, err
}

// AllEvents are all that are selected, read page by page.
func AllEvents(ctx context.Context, r EventReader, q EventQuery) ([]*Event, error) {
	var out []*Event
	q.Limit = Most(q.Limit)
	for {
		found, err := r.Events(ctx, q)
		out = append(out, found...)
		if err != nil || len(found) < q.Limit {
			return out, err
		}
		q.After = found[len(found)-1]
	}
}
