// Package mail is the channel that mailboxes are reached by: it makes the mail's
// bytes (compose.go), signs them (dkim.go) and hands them over, by SMTP (smtp.go,
// session.go, transaction.go) or into a Maildir (maildir.go). What only mail knows
// is here: threads, what a server may have taken, and the reports that come back
// (bounce.go, imap.go).
package mail

import (
	"context"

	"duban/notify"
)

// Transport puts finished mails into mailboxes. Send may be called from as many
// goroutines as Parallel says.
type Transport interface {
	Send(ctx context.Context, m notify.Message) notify.Outcome
	Parallel() int
	Close() error
}

// Channel is mail as a way to reach units (notify.Channel).
type Channel struct {
	transport Transport
	signer    *Signer
}

// NewChannel sends by a transport, which may be nil where nothing leaves; signer
// nil: mails are not signed.
func NewChannel(t Transport, signer *Signer) *Channel { return &Channel{t, signer} }

// Compose makes the mail, signed.
func (c *Channel) Compose(n *notify.Notice, e notify.Envelope) ([]byte, error) {
	raw, err := compose(n, e)
	if err == nil && c.signer != nil {
		raw, err = c.signer.Sign(raw)
	}
	return raw, err
}

// Send hands a mail to the transport.
func (c *Channel) Send(ctx context.Context, m notify.Message) notify.Outcome {
	return c.transport.Send(ctx, m)
}

// Parallel is how many mails the transport takes at a time.
func (c *Channel) Parallel() int { return c.transport.Parallel() }

// Close ends the transport; all that was sent has been answered.
func (c *Channel) Close() error { return c.transport.Close() }

// Rest ends the connections that nobody uses, so that others may have them.
func (c *Channel) Rest() {
	if t, ok := c.transport.(interface{ Rest() }); ok {
		t.Rest()
	}
}
