package delivery

import (
	"context"
	"errors"
	"strings"
	"time"

	"duban/ledger"
	"duban/notify/mail"
	"duban/rules/address"
	"duban/scheduler/engine"
)

// imapTime bounds one look into an inbox.
const imapTime = 2 * time.Minute

// bouncesUntilTold is after how many bounces the administrators hear of an address.
const bouncesUntilTold = 3

// ReadBounces takes the delivery reports that have come, matches each to its
// notice and marks the address as failing. All other mail is ignored.
func (c *Courier) ReadBounces(ctx context.Context) error {
	if c.settings.Inbox == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, imapTime)
	defer cancel()
	return c.settings.Inbox.Each(ctx, func(raw []byte) error {
		b, ok := mail.ParseBounce(raw)
		if !ok {
			return nil
		}
		return c.bounced(ctx, b)
	})
}

func (c *Courier) bounced(ctx context.Context, b mail.Bounce) error {
	v := c.view()
	n, err := c.ledger.NoticeByMessageID(ctx, b.MessageID)
	if errors.Is(err, ledger.ErrNotFound) {
		return nil // somebody else's mail
	}
	if err != nil {
		return err
	}
	return c.ledger.Update(ctx, func(tx ledger.Tx) error {
		for _, r := range b.Failed {
			address := recipientOf(n, r.Address)
			if address == "" {
				continue
			}
			f, err := tx.Bounced(n, address, strings.TrimSpace(r.Status+" "+r.Diagnostic), v.Entry(engine.ByDaemon))
			if err != nil {
				return err
			}
			c.log.Warn().Int64("notice", n.ID).Str("unit", n.Unit).Str("status", r.Status).Int("bounces", f.Bounces).Msg("mail came back")
			if f.Bounces < bouncesUntilTold || f.Told {
				continue
			}
			if err := tellOfAddress(tx, v, f); err != nil {
				return err
			}
		}
		return nil
	})
}

// recipientOf is the notice's address that a report means. A report that names
// another is about a mail that was forwarded: where there is only one recipient,
// about that one.
func recipientOf(n *ledger.Notice, reported string) string {
	for _, r := range n.Recipients {
		if address.Same(r.Address, reported) {
			return r.Address
		}
	}
	if len(n.Recipients) == 1 {
		return n.Recipients[0].Address
	}
	return ""
}

func tellOfAddress(tx ledger.Tx, v engine.View, f ledger.FailingAddress) error {
	name := f.Unit
	if u := v.Rules.Unit(f.Unit); u != nil {
		name = u.DisplayName(v.Settings.Language)
	}
	if err := engine.TellAdmins(tx, v, v.Text("bounces", name), v.Text("bounces text", name, f.Unit, f.Address, f.Bounces, f.Error)); err != nil {
		return err
	}
	return tx.ToldOfAddress(f.Address)
}
