package webhook

import (
	"context"
	"errors"
	"time"

	"duban/ledger"
)

// Outcomes are what a post comes to.
var Outcomes = []string{Sent, Retried, Paused}

// What a post came to.
const (
	Sent    = "sent"
	Retried = "retry"
	Paused  = "paused" // it was the last: nothing more is posted until a person says so
)

// Standing is how far a webhook is behind.
type Standing struct {
	Paused  bool
	Entries int64     // of the journal that it has not been told of
	Since   time.Time // when the first of them was written; zero: there is none
}

// Behind is how far a webhook is behind. One that nothing was told yet is told what
// happens from now on: it is behind nothing.
func Behind(ctx context.Context, l ledger.Reader, name string) (s Standing, err error) {
	w, known, err := l.Webhook(ctx, name)
	if err != nil || !known {
		return s, err
	}
	s.Paused = !w.Paused.IsZero()
	last, err := l.LastEntry(ctx)
	if err != nil || last <= w.Seq {
		return s, err
	}
	s.Entries = last - w.Seq
	// Of one moment: what is left of a list that is given up is then not read.
	err = ledger.AsOfOneMoment(ctx, l, func(l ledger.Reader) error {
		return l.EntriesSince(ctx, w.Seq, func(e ledger.Entry) error {
			s.Since = e.At
			return errEnough
		})
	})
	if errors.Is(err, errEnough) {
		err = nil
	}
	return s, err
}
