package ledger

import "time"

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
