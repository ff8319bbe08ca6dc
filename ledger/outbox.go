package ledger

import (
	"strconv"
	"time"

	"duban/rules/calendar"
)

// NoticeKind says what a notice is.
type NoticeKind string

// The kinds of notice.
const (
	Assignment NoticeKind = "assignment" // 交办: what the unit owes, with the next dates
	Reminder   NoticeKind = "reminder"   // the daily digest
	Escalation NoticeKind = "escalation" // to the supervisor, one a day
	Letter     NoticeKind = "letter"     // about one act, to one unit
	Admin      NoticeKind = "admin"      // to the administrators alone
)

// MailState is where a notice stands in the outbox:
// pending → sending → sent, or failed, held, dropped.
type MailState string

// The states of a notice.
const (
	Pending MailState = "pending"
	Sending MailState = "sending"
	Sent    MailState = "sent"
	Failed  MailState = "failed"  // permanent, or retries spent
	Held    MailState = "held"    // until a person lets it go
	Dropped MailState = "dropped" // nothing in it is true any more, or a person said so
)

// Item is one reminder that a notice carries.
type Item struct {
	Kind       string // a rules.ReminderKind, or "assignment"
	Plan       string
	Obligation string
	Occurrence int64 // 0: the obligation as such, in an assignment
	New        bool  // the unit has not heard of this obligation before
}

// Recipient is one address of a notice.
type Recipient struct {
	Address string
	Copy    bool
	State   MailState // Pending, Sent or Failed
	Error   string
}

// Notice is a 通知: one mail to one unit, in the outbox.
type Notice struct {
	ID         int64
	Kind       NoticeKind
	Unit       string // empty: the administrators
	Day        calendar.Date
	MessageID  string // without angle brackets
	Subject    string
	Text       string // of notices to the administrators
	Letter     string // what a letter is about, JSON of the scheduler's; empty: Text says it
	Language   string // of the first attempt; empty: none yet, and its addresses are those of now
	State      MailState
	Body       []byte // the mail as sent; nil until the first attempt
	Resubject  bool   // Subject has changed since it was made
	Readdress  bool   // and so have its recipients
	MayHave    bool   // the server may have accepted it: only the same bytes may go again
	Attempts   int
	Created    time.Time
	NextTry    time.Time
	GiveUp     time.Time
	SentAt     time.Time
	Error      string
	Items      []Item
	Recipients []Recipient
}

func NoticeSubject(id int64) string { return "notice " + strconv.FormatInt(id, 10) }

// Settled is what an attempt to send came to: Notice holds the new state,
// recipients and times, Detail what the server said.
type Settled struct {
	*Notice
	Outcome string // sent, partly sent, retry or failed
	Detail  string
	Refused []Recipient // those that it failed to reach, for good, this time
}

// Attempt is one try to send a notice.
type Attempt struct {
	Number  int
	At      time.Time
	Outcome string
	Detail  string
}
