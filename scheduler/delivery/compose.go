package delivery

import (
	"context"
	"errors"
	"fmt"

	"duban/ledger"
	"duban/notify"
	"duban/rules/address"
	"duban/scheduler/engine"
)

// Composer makes what is said into a channel's bytes (notify.Channel.Compose).
type Composer func(*notify.Notice, notify.Envelope) ([]byte, error)

// composer makes a notice in the outbox into the message that would leave at the
// view's moment.
type composer struct {
	view  engine.View
	from  ledger.Reader
	make  Composer
	known map[int64]*ledger.Occurrence // read already
}

// envelope is what n says of itself; more than its name only where it is mail.
func (c composer) envelope(ctx context.Context, n *ledger.Notice) (notify.Envelope, error) {
	e := notify.Envelope{MessageID: n.MessageID, Date: c.view.Now.In(c.view.Settings.Timezone), From: c.view.Settings.From}
	if n.Channel != ledger.ByMail {
		return e, nil
	}
	for _, r := range n.Recipients {
		a, err := c.named(r.Address)
		if err != nil {
			return e, err
		}
		if r.Copy {
			e.CC = append(e.CC, a)
		} else {
			e.To = append(e.To, a)
		}
	}
	if boss := c.view.Supervisor(c.view.Rules.Unit(n.Unit)); boss != nil && n.Kind != ledger.Escalation && len(boss.Mail) > 0 {
		var err error
		if e.ReplyTo, err = address.Parse(boss.Mail[0]); err != nil {
			return e, &unsendable{fmt.Errorf("%s: %w", boss.Mail[0], err)}
		}
	} else if n.Kind != ledger.Admin && len(c.view.Settings.Admins) > 0 {
		e.ReplyTo = c.view.Settings.Admins[0]
	}
	if len(n.Items) != 1 || n.Items[0].Occurrence == 0 {
		return e, nil
	}
	var err error
	e.References, err = c.from.PreviousMessages(ctx, n.Items[0].Occurrence, n.Unit, n.ID)
	return e, err
}

// named is a recipient's address, with its name where the configuration has one.
func (c composer) named(bare string) (address.Address, error) {
	for _, a := range c.view.Settings.Admins {
		if a.Bare() == bare {
			return a, nil
		}
	}
	a, err := address.Parse(bare)
	if err != nil {
		return a, &unsendable{fmt.Errorf("%s: %w", bare, err)}
	}
	return a, nil
}

// unsendable is a notice that no mail can be made of: a fault of its own, which
// holds back no other.
type unsendable struct{ error }

func (e *unsendable) Unwrap() error { return e.error }

// Bytes are what n would leave as at the view's moment; nil where nothing in it is
// true any more. What may have arrived already stays as it is.
func Bytes(ctx context.Context, from ledger.Reader, v engine.View, make Composer, n *ledger.Notice) ([]byte, error) {
	raw, _, _, err := composer{v, from, make, nil}.message(ctx, n)
	return raw, err
}

// message is the bytes of n, its subject and what it says.
func (c composer) message(ctx context.Context, n *ledger.Notice) (raw []byte, subject string, said *notify.Notice, err error) {
	if n.Body != nil && (n.MayHave || n.State == ledger.Sent) {
		return n.Body, n.Subject, nil, nil
	}
	if n.State == ledger.Sent {
		return nil, n.Subject, nil, nil // it was sent, and its bytes are no longer kept
	}
	if said, err = engine.Say(ctx, c.from, c.view, n, c.known); err != nil {
		return nil, n.Subject, nil, err
	}
	if nothingToSay(said) {
		return nil, n.Subject, said, nil
	}
	if len(n.Recipients) == 0 && n.Channel != ledger.ByMail {
		return nil, n.Subject, said, nil // the unit is no longer reached that way
	}
	if len(n.Recipients) == 0 {
		return nil, n.Subject, said, &unsendable{errors.New("there is no address to send it to")}
	}
	e, err := c.envelope(ctx, n)
	if err != nil {
		return nil, n.Subject, said, err
	}
	if raw, err = c.make(said, e); err != nil {
		err = &unsendable{err}
	}
	return raw, said.Subject(), said, err
}

// nothingToSay tells whether a notice has nothing in it that is true.
func nothingToSay(said *notify.Notice) bool {
	return len(said.Items)+len(said.Duties)+len(said.Relieved) == 0 && said.Letter == nil && said.Bulletin == nil && said.Text == ""
}
