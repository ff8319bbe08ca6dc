package desk

import (
	"context"
	"slices"
	"time"

	"duban/ledger"
	"duban/rules/problem"
)

// MoveNotice is a person's hand in the outbox: from one of some states to
// another.
func (d *Desk) MoveNotice(ctx context.Context, id int64, to ledger.MailState, by string, from ...ledger.MailState) error {
	v := d.view()
	err := d.ledger.Update(ctx, func(tx ledger.Tx) error {
		n, err := tx.Notice(tx.Context(), id)
		if err != nil {
			return err
		}
		if !slices.Contains(from, n.State) {
			return problem.Refuse("", "notice %d is %s: only those %v can become %s", id, n.State, from, to)
		}
		if to == ledger.Pending {
			for _, r := range n.Recipients { // whoever retries has put it right
				if err := tx.AddressWorks(r.Address, v.Now); err != nil {
					return err
				}
			}
		}
		return tx.MoveNotice(n, to, atOnce(n, to), v.GiveUp(), v.Entry(by))
	})
	if err == nil {
		d.log.Info().Int64("notice", id).Str("state", string(to)).Msg("notice moved by hand")
	}
	return err
}

// ReleaseHeld lets held notices go; no ids: all of them.
func (d *Desk) ReleaseHeld(ctx context.Context, ids []int64, by string) (int, error) {
	return d.release(ctx, ids, "", by)
}

// ReleaseChannel lets go what is held of one channel, as after its robot was mended: what
// is held of others, for whatever reason, stays.
func (d *Desk) ReleaseChannel(ctx context.Context, channel, by string) (int, error) {
	return d.release(ctx, nil, channel, by)
}

func (d *Desk) release(ctx context.Context, ids []int64, channel, by string) (int, error) {
	v, released := d.view(), 0
	err := d.ledger.Update(ctx, func(tx ledger.Tx) error {
		released = 0
		held, err := ledger.AllNotices(tx.Context(), tx, ledger.Held)
		if err != nil {
			return err
		}
		for _, id := range ids {
			if !slices.ContainsFunc(held, func(n *ledger.Notice) bool { return n.ID == id }) {
				return problem.Refuse("", "notice %d is not held", id)
			}
		}
		for _, n := range held {
			if len(ids) > 0 && !slices.Contains(ids, n.ID) || channel != "" && n.Channel != channel {
				continue
			}
			if err := tx.MoveNotice(n, ledger.Pending, atOnce(n, ledger.Pending), v.GiveUp(), v.Entry(by)); err != nil {
				return err
			}
			if err := tx.ReleaseWithheld(n.ID); err != nil {
				return err
			}
			released++
		}
		if len(ids) > 0 || channel != "" {
			return nil
		}
		return tx.ReleaseWithheld(0)
	})
	if err == nil {
		d.log.Info().Int("notices", released).Msg("held notices released")
	}
	return released, err
}

// atOnce is a time to be tried that has come whatever the clock says.
func atOnce(n *ledger.Notice, to ledger.MailState) time.Time {
	if to == ledger.Pending {
		return n.Created
	}
	return time.Time{}
}
