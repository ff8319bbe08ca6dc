package views

import (
	"context"

	"duban/ledger"
	"duban/scheduler/engine"
)

// Webhook is how a program stands that is told what happens.
type Webhook struct {
	Name        string  `json:"name"`
	Host        string  `json:"host"`
	State       string  `json:"state"`  // well, failing, paused, or new: nothing was posted to it yet
	Behind      int64   `json:"behind"` // how many entries of the journal it has not been told of
	Since       *string `json:"since"`  // it fails, or is paused
	NextAttempt *string `json:"next_attempt"`
	Reason      string  `json:"reason"`
	Last        []Post  `json:"last"` // the newest first
}

// Post is one post to a webhook.
type Post struct {
	At      string `json:"at"`
	Entry   int64  `json:"entry"` // of the journal
	Type    string `json:"type"`
	About   string `json:"about"`
	Outcome string `json:"outcome"` // sent, retry or paused
	Detail  string `json:"detail"`
}

// NewWebhook is how the webhook of a name stands, with its last posts.
func NewWebhook(ctx context.Context, from ledger.Reader, name string, last int, v engine.View) (out Webhook, err error) {
	zone := v.Settings.Timezone
	w, known, err := from.Webhook(ctx, name)
	if err != nil {
		return out, err
	}
	end, err := from.LastEntry(ctx)
	if err != nil {
		return out, err
	}
	out = Webhook{Name: name, State: "well", Behind: end - w.Seq, Reason: w.Reason, Last: []Post{}}
	switch {
	case !known:
		out.State, out.Behind = "new", 0
	case !w.Paused.IsZero():
		out.State, out.Since = "paused", Time(w.Paused, zone)
	case !w.Since.IsZero():
		out.State, out.Since, out.NextAttempt = "failing", Time(w.Since, zone), Time(w.NextTry, zone)
	}
	tries, err := from.WebhookTries(ctx, name, last)
	for _, t := range tries {
		out.Last = append(out.Last, Post{*Time(t.At, zone), t.Entry, t.What, t.About, t.Outcome, t.Detail})
	}
	return out, err
}
