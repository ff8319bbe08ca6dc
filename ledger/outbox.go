package ledger

import (
	"context"
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
	Bulletin   NoticeKind = "bulletin"   // 通报: who was on time, to those who supervise
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

// Recipient is one address of a notice, as its channel has them.
type Recipient struct {
	Address string
	Copy    bool
	State   MailState // Pending, Sent or Failed
	Error   string
}

// ByMail is the channel that every ledger knows; the others have the names that the
// configuration gives them.
const ByMail = "mail"

// Notice is a 通知: one message to one unit by one channel, in the outbox. What
// goes to a unit by several channels is as many notices, each with its own state,
// tries and bytes.
type Notice struct {
	ID         int64
	Kind       NoticeKind
	Channel    string // empty, as one is put in: ByMail
	Unit       string // empty: the administrators
	Day        calendar.Date
	MessageID  string // without angle brackets
	Subject    string
	Text       string // of notices to the administrators
	Letter     string // what a letter is about, JSON of the scheduler's; empty: Text says it
	Language   string // of the first attempt; empty: none yet, and its addresses are those of now
	State      MailState
	Body       []byte // what left, or is to leave; nil until the first attempt
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

// NoticeSubject is what the journal calls the notice with that number.
func NoticeSubject(id int64) Subject { return Subject{AboutNotice, strconv.FormatInt(id, 10)} }

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

// NoticeQuery selects notices; empty fields select all.
type NoticeQuery struct {
	State         MailState
	After, Before int64 // only those with larger, or smaller, numbers
	Newest        bool  // the newest first
	Limit         int   // of a page; 0: AtOnce
}

// NoticeReader finds notices.
type NoticeReader interface {
	// EachNotice calls f for those selected, without their bodies, items and
	// recipients; the next only after f has returned. Limit 0: all.
	EachNotice(ctx context.Context, q NoticeQuery, f func(*Notice) error) error

	// Notices are a page of those selected, likewise.
	Notices(ctx context.Context, q NoticeQuery) ([]*Notice, error)

	// NoticesAbout are those that carry an occurrence, in order.
	NoticesAbout(ctx context.Context, occurrence int64) ([]*Notice, error)

	// CarriedSince are the occurrences that newer notices of the same kind to the same
	// unit by the same channel carry, which leave or have reached all their recipients.
	CarriedSince(ctx context.Context, n *Notice) (map[int64]bool, error)

	// Notice is the one with that number, whole.
	Notice(ctx context.Context, id int64) (*Notice, error)

	// NoticeByMessageID is the notice that was sent under that id; ErrNotFound: none.
	NoticeByMessageID(ctx context.Context, id string) (*Notice, error)

	// Unsent are the pending notices of a kind to these units that no server has seen,
	// whole and in order.
	Unsent(ctx context.Context, kind NoticeKind, units ...string) ([]*Notice, error)

	// HaveNotice are those of these units that have a notice of one of these kinds that
	// leaves on that day and was made by now.
	HaveNotice(ctx context.Context, units []string, d calendar.Date, now time.Time, kinds ...NoticeKind) (map[string]bool, error)

	// MadeAfter are the notices that were made after a time and no server has seen.
	MadeAfter(ctx context.Context, t time.Time) ([]*Notice, error)

	// PreviousMessages are the Message-IDs of the thread that a notice about that
	// occurrence alone belongs to, oldest first: of the last one mailed to that unit
	// before, and of what that one referred to (RFC 5322, 3.6.4).
	PreviousMessages(ctx context.Context, occurrence int64, unit string, before int64) ([]string, error)

	// Attempts to send a notice, in order.
	Attempts(ctx context.Context, notice int64) ([]Attempt, error)

	// ItemKeys are the ids of the occurrences that each of these notices carries.
	ItemKeys(ctx context.Context, notices []*Notice) (map[int64][]string, error)

	// Addresses are the recipients of each of these notices.
	Addresses(ctx context.Context, notices []*Notice) (map[int64][]string, error)
}

// OutboxReader answers what waits to leave.
type OutboxReader interface {
	// DueNotices are at most limit pending ones of a channel whose time to be tried
	// has come, whole.
	DueNotices(ctx context.Context, channel string, now time.Time, limit int) ([]*Notice, error)

	// NextTry is when the outbox of a channel wants to be looked at again; zero:
	// nothing waits.
	NextTry(ctx context.Context, channel string) (time.Time, error)

	// WaitingChannels are those that something pending is to leave by.
	WaitingChannels(ctx context.Context) ([]string, error)

	// OldestWaiting is when the oldest notice that waits to be sent was made; zero:
	// none waits.
	OldestWaiting(ctx context.Context) (oldest time.Time, err error)

	// OutboxCounts are how many notices are in each of these states. Those that wait
	// are few and quickly counted; those that were sent are counted one by one.
	OutboxCounts(ctx context.Context, states ...MailState) (map[MailState]int, error)

	// ChannelCounts are how many notices of each channel wait, are held and have failed.
	ChannelCounts(ctx context.Context) (map[string]map[MailState]int, error)

	// CountHeld is how many notices are held that wait for a person: not reminders
	// that a clock made which was ahead of now, for what is true of them is made anew.
	CountHeld(ctx context.Context, now time.Time) (int, error)
}

// OutboxWriter puts notices into the outbox and writes what becomes of them.
type OutboxWriter interface {
	// AddNotice puts a notice into the outbox and sets its ID. Where one with its
	// Message-ID is there already, nothing happens and the ID is that one's.
	AddNotice(n *Notice, e Entry) error

	// AddNotices is AddNotice for many, none of them twice.
	AddNotices(all []*Notice, e Entry) error

	// Join puts more into a pending notice that nobody has tried to send, with
	// the subject and the letter that it then has; ErrMoved where it is under way.
	Join(n *Notice, items []Item, e Entry) error

	// Claim marks pending notices as being sent by the lease's owner, with the bytes
	// that will go out; ErrMoved, and none is, where one of them is not pending.
	Claim(notices []*Notice, l Lease) error

	// Reserve finds what DueNotices does, of which nobody else has reserved anything
	// that lasts, and keeps it for the lease's owner to claim: several daemons then do
	// not make the same mails. What waits for another's transaction is passed over.
	Reserve(channel string, now time.Time, limit int, l Lease) ([]*Notice, error)

	// Claimed are those of these notices that the owner has claimed, and that nobody has
	// settled or taken over since.
	Claimed(ids []int64, owner string) ([]int64, error)

	// KeepClaims lets the owner go on with notices that he claimed, until the lease
	// ends, and tells which of them he may go on with: those that he still has, and
	// those that were put back since and nobody has taken up. The others are none of
	// his any more: he neither sends nor settles them.
	KeepClaims(ids []int64, l Lease) (kept []int64, err error)

	// Unclaim gives back notices that were claimed and not sent.
	Unclaim(n *Notice, nextTry time.Time) error

	// Settle writes what attempts came to; those that went well, as a rule nearly
	// all, with few statements.
	Settle(all []Settled, e Entry) error

	// MoveNotice changes a notice's state by hand or because nothing in it is true
	// any more. One that is to go again goes as if it had never been tried: to the
	// addresses of then, in words of then, and who moved it knows that it failed.
	MoveNotice(n *Notice, to MailState, nextTry, giveUp time.Time, e Entry) error

	// ResumeSending finds what was left in the middle of being sent: what this owner
	// claimed before it began anew, and what others did whose lease has ended. It goes
	// again, with the same bytes, since the server may have accepted it.
	ResumeSending(owner string, now time.Time) (int, error)

	// MadeToday gives the notices that were made after now the day that it is: on
	// that of the clock that made them nobody has had a notice yet.
	MadeToday(today calendar.Date, now time.Time) error

	// DropBodies removes the bytes of mails that were sent or dropped before a time,
	// at most so many, and tells how many; that they were sent, when and to whom
	// stays.
	DropBodies(before time.Time, most int, e Entry) (int, error)
}
