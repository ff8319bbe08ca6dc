package ledger

import (
	"context"
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
	Unit       string        // that the item is said to be of, or was given to; empty: none is
	Reason     string
	By         string
	At         time.Time
	State      RequestState
	Answer     string
	DecidedBy  string
	DecidedAt  time.Time
}

// RequestReader finds requests.
type RequestReader interface {
	// Request is the one with that number.
	Request(ctx context.Context, id int64) (*Request, error)

	// OpenRequests are those that wait for an answer, oldest first. What was asked
	// about an occurrence that has ended since needs none.
	OpenRequests(ctx context.Context) ([]*Request, error)

	// RequestsAbout are all about an occurrence, in order.
	RequestsAbout(ctx context.Context, occurrence int64) ([]*Request, error)
}

// RequestWriter records them and their answers.
type RequestWriter interface {
	// AddRequest records what a unit asks and sets its ID.
	AddRequest(r *Request, o *Occurrence, e Entry) error

	// DecideRequest writes the answer to a request.
	DecideRequest(r *Request, o *Occurrence, e Entry) error
}
