package ledger

import "context"

// AtOnce is how much a list that grows with the years holds where its query sets
// no limit: who wants more asks for the next page, or has each of them told.
const AtOnce = 1000

func most(limit int) int {
	if limit <= 0 {
		return AtOnce
	}
	return limit
}

// Page is the query with a limit.
func (q Query) Page() Query {
	q.Limit = most(q.Limit)
	return q
}

// Page is the query with a limit.
func (q EventQuery) Page() EventQuery {
	q.Limit = most(q.Limit)
	return q
}

// Page is the query with a limit.
func (q NoticeQuery) Page() NoticeQuery {
	q.Limit = most(q.Limit)
	return q
}

// Page is the query with a limit.
func (q EntryQuery) Page() EntryQuery {
	q.Limit = most(q.Limit)
	return q
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
	q = q.Page()
	for {
		found, err := r.Events(ctx, q)
		out = append(out, found...)
		if err != nil || len(found) < q.Limit {
			return out, err
		}
		q.After = found[len(found)-1]
	}
}
