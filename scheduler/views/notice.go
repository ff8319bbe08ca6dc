package views

import (
	"time"

	"duban/ledger"
)

// Notice is a mail in the outbox.
type Notice struct {
	ID          int64             `json:"id" doc:"Its number"`
	Unit        string            `json:"unit" doc:"The unit it goes to; empty: the administrators"`
	To          []string          `json:"to" doc:"Its addresses"`
	Subject     string            `json:"subject" doc:"Its subject"`
	Kind        ledger.NoticeKind `json:"kind" doc:"What sort of notice it is"`
	State       ledger.MailState  `json:"state" doc:"Where it stands on its way"`
	Attempts    int               `json:"attempts" doc:"How often it was tried"`
	CreatedAt   *string           `json:"created_at" doc:"When it was made"`
	SentAt      *string           `json:"sent_at" doc:"When it was sent"`
	Error       string            `json:"error" doc:"What went wrong last"`
	Occurrences []string          `json:"occurrences" doc:"The occurrences that it is about, by their ids"`
	MessageID   string            `json:"message_id" doc:"Its Message-ID"`
	NextAttempt *string           `json:"next_attempt" doc:"When it is tried next"`
	Channel     string            `json:"channel" doc:"The channel that it leaves by: mail, or the name of another"`
}

// NewNotice is how a notice stands; to are its addresses, occurrences the ids of
// what it carries.
func NewNotice(n *ledger.Notice, to, occurrences []string, zone *time.Location) Notice {
	v := Notice{
		ID: n.ID, Unit: n.Unit, To: to, Subject: n.Subject, Kind: n.Kind, State: n.State, Attempts: n.Attempts,
		CreatedAt: Time(n.Created, zone), SentAt: Time(n.SentAt, zone), Error: n.Error,
		Occurrences: list(occurrences), MessageID: n.MessageID, Channel: n.Channel,
	}
	if n.State == ledger.Pending {
		v.NextAttempt = Time(n.NextTry, zone)
	}
	return v
}
