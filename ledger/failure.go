package ledger

import (
	"context"
	"time"

	"duban/rules/calendar"
)

// Failure is one address that a notice did not reach, for good.
type Failure struct {
	ID      int64
	Notice  int64
	Kind    NoticeKind
	Unit    string // empty: the administrators
	Subject string
	Address string // empty: it had none, or could not be made into a mail
	At      time.Time
	Error   string
}

// FailureReader finds what did not reach people.
type FailureReader interface {
	// UntoldFailures are those that nobody has been told of by today, in the order
	// in which they happened.
	UntoldFailures(ctx context.Context, today calendar.Date) ([]Failure, error)

	// AnyUntoldFailure tells whether there is one.
	AnyUntoldFailure(ctx context.Context, today calendar.Date) (bool, error)

	// AdminFailures are those of mail to the administrators, the newest first, to
	// addresses that nothing has reached since: mail cannot tell of them. What a
	// person has sent again or dropped is not among them.
	AdminFailures(ctx context.Context) ([]Failure, error)
}

// FailureWriter keeps who has been told of it.
type FailureWriter interface {
	// ToldOfFailures says that a notice tells the administrators of these failures.
	// Notices of days before that still wait to tell of them are dropped.
	ToldOfFailures(told []Failure, by int64, today calendar.Date, e Entry) error
}
