// Package mail puts finished mails into mailboxes, over SMTP or into a Maildir,
// and reads the delivery reports that come back.
package mail

import (
	"context"
	"errors"
)

// Message is one finished mail and where it goes.
type Message struct {
	Name string // stable for the notice: a Maildir holds it once
	From string // envelope sender, bare
	To   []string
	Raw  []byte // the whole message, CRLF lines

	Again bool // it may have arrived already

	// Ready, if there is one, is called when all is said but the last word, after
	// which the mail may have arrived. An error from it takes the mail back.
	Ready func() error
}

// ready asks whether the last word may be said.
func (m *Message) ready() error {
	if m.Ready == nil {
		return nil
	}
	return m.Ready()
}

// Outcome is what became of a mail.
type Outcome struct {
	Reply   string           // the server's last words, or where it was put
	Refused map[string]error // recipients that did not get it; those not named did, unless Err is set
	Err     error            // nobody got it, as far as is known
	Unknown bool             // with Err: the server may have accepted it all the same
}

// Transport puts mails into mailboxes. Send may be called from as many
// goroutines as Parallel says.
type Transport interface {
	Send(ctx context.Context, m Message) Outcome
	Parallel() int
	Close() error
}

// DownError says that the mail server could not be reached or would not talk
// to us: it is about the server, not about the mail.
type DownError struct {
	Err  error
	Ours bool // it answers, and dislikes who we are: somebody has to put that right
}

func (e *DownError) Error() string { return "mail server: " + e.Err.Error() }

// Unwrap is the cause.
func (e *DownError) Unwrap() error { return e.Err }

// IsOurs tells whether err is about us, and not about the mail.
func IsOurs(err error) bool {
	var down *DownError
	return errors.As(err, &down) && down.Ours
}

// IsDown tells whether err is about the server and not about the mail.
func IsDown(err error) bool {
	var down *DownError
	return errors.As(err, &down)
}
