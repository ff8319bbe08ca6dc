package ledger

import (
	"context"
	"time"
)

// Webhook is how far a program has been told what the journal says: its queue is the
// journal itself, after Seq.
type Webhook struct {
	Name    string
	Seq     int64     // of the last entry of which everything is told
	Since   time.Time // no post has gone well since; zero: the last did
	Tries   int       // that failed, one after the other
	NextTry time.Time
	Paused  time.Time // nothing is posted since, until a person says so; zero: it is
	Reason  string    // of the last failure
}

// WebhookTry is one post.
type WebhookTry struct {
	Number  int64
	At      time.Time
	Entry   int64  // of the journal
	What    string // made, closed, …
	About   string // the occurrence, or the plan
	Outcome string // sent, retry or paused
	Detail  string // what was answered
}

// MostTries is how many posts of a webhook are remembered.
const MostTries = 200

// WebhookReader answers how webhooks stand.
type WebhookReader interface {
	// Webhook is that of the name; not known: nothing was ever told to it.
	Webhook(ctx context.Context, name string) (w Webhook, known bool, err error)

	// WebhookTries are the last posts, the newest first, at most so many.
	WebhookTries(ctx context.Context, name string, most int) ([]WebhookTry, error)

	// FirstNotice is the number of the first notice that carries a reminder of that kind
	// of an occurrence and was not dropped; 0: none does.
	FirstNotice(ctx context.Context, occurrence int64, kind string) (int64, error)

	// MadeBefore is how many occurrences of a plan the journal says were made before an
	// entry and in the same second.
	MadeBefore(ctx context.Context, plan string, e Entry) (int, error)
}

// WebhookWriter keeps that.
type WebhookWriter interface {
	SaveWebhook(w Webhook) error

	// AddWebhookTry remembers a post, and forgets those of long ago.
	AddWebhookTry(name string, t WebhookTry) error
}
