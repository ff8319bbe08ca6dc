package views

import (
	"time"

	"duban/ledger"
)

// Notice is a mail in the outbox.
type Notice struct {
	ID          int64             `json:"id"`
	Unit        string            `json:"unit"`
	To          []string          `json:"to"`
	Subject     string            `json:"subject"`
	Kind        ledger.NoticeKind `json:"kind"`
	State       ledger.MailState  `json:"state"`
	Attempts    int               `json:"attempts"`
	CreatedAt   *string           `json:"created_at"`
	SentAt      *string           `json:"sent_at"`
	Error       string            `json:"error"`
	Occurrences []string          `json:"occurrences"`
	MessageID   string            `json:"message_id"`
	NextAttempt *string           `json:"next_attempt"`
	Channel     string            `json:"channel,omitempty"` // where it is not mail
}

// NewNotice is how a notice stands; to are its addresses, occurrences the ids of
// what it carries.
func NewNotice(n *ledger.Notice, to, occurrences []string, zone *time.Location) Notice {
	v := Notice{
		ID: n.ID, Unit: n.Unit, To: to, Subject: n.Subject, Kind: n.Kind, State: n.State, Attempts: n.Attempts,
		CreatedAt: Time(n.Created, zone), SentAt: Time(n.SentAt, zone), Error: n.Error,
		Occurrences: list(occurrences), MessageID: n.MessageID,
	}
	if n.Channel != ledger.ByMail {
		v.Channel = n.Channel
	}
	if n.State == ledger.Pending {
		v.NextAttempt = Time(n.NextTry, zone)
	}
	return v
}
