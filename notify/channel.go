package notify

import (
	"context"
	"errors"
	"time"

	"duban/rules/address"
)

// Channel (通道) is a way to reach units: mail, a chat, a webhook. What it makes of
// a notice is kept before it leaves, so that after a crash the same bytes go again.
type Channel interface {
	// Compose makes what is said into the bytes that leave: from the same values the
	// same bytes.
	Compose(n *Notice, e Envelope) ([]byte, error)
	// Send hands them over. It may be called from as many goroutines as Parallel says.
	Send(ctx context.Context, m Message) Outcome
	Parallel() int
	Close() error
}

// Envelope is what a message says of itself besides its content.
type Envelope struct {
	MessageID  string // without angle brackets
	Date       time.Time
	From       address.Address
	ReplyTo    address.Address // zero: From
	To, CC     []address.Address
	References []string // message ids of earlier notices, oldest first
}

// Message is one finished message and where it goes.
type Message struct {
	Name string // stable for the notice: who keeps messages by name holds it once
	From string // who hears if it cannot be handed over, bare
	To   []string
	Raw  []byte

	Again bool // it may have arrived already

	// Ready, if there is one, is called when all is said but the last word, after
	// which the message may have arrived. An error from it takes the message back.
	Ready func() error
}

// MayEnd asks whether the last word may be said.
func (m *Message) MayEnd() error {
	if m.Ready == nil {
		return nil
	}
	return m.Ready()
}

// Outcome is what became of a message. Its errors are one of three: a DownError,
// about the channel; a RefusedError, for good; any other is worth another try.
type Outcome struct {
	Reply   string           // the other side's last words, or where it was put
	Refused map[string]error // recipients that did not get it; those not named did, unless Err is set
	Err     error            // nobody got it, as far as is known
	Unknown bool             // with Err: the other side may have accepted it all the same
}

// DownError says that the other side could not be reached or would not talk to us:
// it is about the channel, not about the message.
type DownError struct {
	Err  error
	Ours bool          // it answers, and dislikes who we are: somebody has to put that right
	Wait time.Duration // it wants to be left alone for so long; 0: it does not say
}

func (e *DownError) Error() string { return e.Err.Error() }

// Unwrap is the cause.
func (e *DownError) Unwrap() error { return e.Err }

// RefusedError says that the message, or a recipient, is refused for good.
type RefusedError struct{ Err error }

func (e *RefusedError) Error() string { return e.Err.Error() }

// Unwrap is the cause.
func (e *RefusedError) Unwrap() error { return e.Err }

// IsOurs tells whether err is about us, and not about the message.
func IsOurs(err error) bool {
	var down *DownError
	return errors.As(err, &down) && down.Ours
}

// WaitOf is how long the other side wants to be left alone; 0: it does not say.
func WaitOf(err error) time.Duration {
	var down *DownError
	if errors.As(err, &down) {
		return down.Wait
	}
	return 0
}

// IsDown tells whether err is about the channel and not about the message.
func IsDown(err error) bool {
	var down *DownError
	return errors.As(err, &down)
}

// IsRefused tells whether err is about the message and for good.
func IsRefused(err error) bool {
	var refused *RefusedError
	return errors.As(err, &refused) && !IsDown(err)
}
