package ledger

import (
	"time"

	"duban/rules/calendar"
)

// RequestKind is what a unit asks.
type RequestKind string

// The kinds of request.
const (
	ExtensionRequest RequestKind = "extension" // a later due date
	NotOursRequest   RequestKind = "not-ours"  // that the item is somebody else's
)

// RequestState is where a request stands.
type RequestState string

// The states of a request.
const (
	RequestOpen    RequestState = "open"
	RequestGranted RequestState = "granted"
	RequestRefused RequestState = "refused"
)

// Request is what a unit asks of its supervisor about an occurrence.
type Request struct {
	ID         int64
	Occurrence int64
	Kind       RequestKind
	To         calendar.Date // the due date asked for; 0: none is
	Reason     string
	By         string
	At         time.Time
	State      RequestState
	Answer     string
	DecidedBy  string
	DecidedAt  time.Time
}
