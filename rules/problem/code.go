package problem

import "errors"

// Code is a kind of trouble. A code never changes: programs go by it.
type Code string

// The codes.
const (
	Invalid     Code = "invalid"     // wrong in itself
	Usage       Code = "usage"       // a command line that is not understood
	Conflict    Code = "conflict"    // right in itself, and not as things stand
	NotFound    Code = "not-found"   // nothing is there
	Gone        Code = "gone"        // something was there
	Unreadable  Code = "unreadable"  // what was sent is no form
	SignedOut   Code = "signed-out"  // nobody is known to ask
	Forbidden   Code = "forbidden"   // who asks may not
	Changed     Code = "changed"     // it is no longer what who asks has seen
	Method      Code = "method"      // nothing of that kind can be done there
	Media       Code = "media"       // in a form that is not read, or not written
	Slow        Code = "slow"        // it took too long to arrive
	TooMany     Code = "too-many"    // so much at once
	TooLarge    Code = "too-large"   // so much in one
	Full        Code = "full"        // there is no room to keep it
	Unavailable Code = "unavailable" // not before somebody has seen to it
	Internal    Code = "internal"    // a fault of duban's own
)

// results are what a command exits with, and the status of an answer by HTTP
// (RFC 9110, section 15).
var results = map[Code]struct{ exit, status int }{
	Invalid: {1, 422}, Usage: {2, 400}, Conflict: {1, 409}, NotFound: {1, 404}, Gone: {1, 410}, Unreadable: {1, 400}, SignedOut: {1, 401},
	Forbidden: {1, 403}, Changed: {1, 412}, Method: {1, 405}, Media: {1, 415}, Slow: {1, 408}, TooMany: {1, 429}, TooLarge: {1, 413}, Full: {1, 507}, Unavailable: {1, 503}, Internal: {1, 500},
}

// Exit is what a command exits with.
func (c Code) Exit() int { return results[c].exit }

// Status is that of an answer by HTTP.
func (c Code) Status() int { return results[c].status }

// CodeOf is the code of an error; what others than duban say is a fault.
func CodeOf(err error) Code {
	var e *Error
	if errors.As(err, &e) && e.Code != "" {
		return e.Code
	}
	return Internal
}
