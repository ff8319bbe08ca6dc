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

// InTurn is how many of a long list are in memory at once where it is read in turns.
const InTurn = 5 * AtOnce

// OccurrencesInTurn calls f for those selected, by due date and key, as EachOccurrence
// does, but asks page by page: while f works no question is open, so who takes long over
// it, or never comes back, holds up nothing of the ledger. So a list of more than a page is
// not as of one moment: what is given another day meanwhile may come twice, or not at all.
func OccurrencesInTurn(ctx context.Context, r OccurrenceReader, q Query, f func(*Occurrence) error) error {
	for q.Limit = InTurn; ; {
		page, err := r.Occurrences(ctx, q)
		if err != nil {
			return err
		}
		whole := len(page) < q.Limit
		if !whole {
			n := len(page)
			for n > 0 && page[n-1].Due.IsZero() { // damaged: it says no place to go on from
				n--
			}
			if page = page[:n]; n > 0 {
				q.After = page[n-1]
			} else if page, err = allFrom(ctx, r, q); err != nil {
				return err
			} else {
				whole = true
			}
		}
		for _, o := range page {
			if err := f(o); err != nil {
				return err
			}
		}
		if whole {
			return nil
		}
	}
}

// allFrom are all that a query has from its page on.
func allFrom(ctx context.Context, r OccurrenceReader, q Query) ([]*Occurrence, error) {
	q.Limit = 0
	return AllOccurrences(ctx, r, q)
}

// NoticesInTurn calls f for each page of those selected, in the order of their numbers;
// while f works no question is open.
func NoticesInTurn(ctx context.Context, r NoticeReader, q NoticeQuery, f func([]*Notice) error) error {
	for q.Limit = AtOnce; ; {
		page, err := r.Notices(ctx, q)
		if err == nil && len(page) > 0 {
			err = f(page)
		}
		if err != nil || len(page) < q.Limit {
			return err
		}
		if last := page[len(page)-1].ID; q.Newest {
			q.Before = last
		} else {
			q.After = last
		}
	}
}

// EntriesInTurn calls f for each entry that people see, in order; while f works no question
// is open.
func EntriesInTurn(ctx context.Context, r JournalReader, f func(Entry) error) error {
	for after := int64(0); ; {
		page, err := r.NextEntries(ctx, after, AtOnce)
		if err != nil {
			return err
		}
		for _, e := range page {
			if err := f(e); err != nil {
				return err
			}
			after = e.Seq
		}
		if len(page) < AtOnce {
			return nil
		}
	}
}
