package scheduler

import (
	"context"
	"slices"
	"time"

	"duban/ledger"
)

// MoveNotice is a person's hand in the outbox: from one of some states to
// another.
func (s *Scheduler) MoveNotice(ctx context.Context, id int64, to ledger.MailState, by string, from ...ledger.MailState) error {
	now := s.Clock()
	err := s.Ledger.Update(ctx, func(tx ledger.Tx) error {
		n, err := tx.Notice(tx.Context(), id)
		if err != nil {
			return err
		}
		if !slices.Contains(from, n.State) {
			return refuse("", "notice %d is %s: only those %v can become %s", id, n.State, from, to)
		}
		if to == ledger.Pending {
			for _, r := range n.Recipients { // whoever retries has put it right
				if err := tx.AddressWorks(r.Address, now); err != nil {
					return err
				}
			}
		}
		return tx.MoveNotice(n, to, atOnce(n, to), s.Opens(now).Add(giveUp), entry(now, by))
	})
	if err == nil {
		s.Log.Info().Int64("notice", id).Str("state", string(to)).Msg("notice moved by hand")
	}
	return err
}

// ReleaseHeld lets held notices go; no ids: all of them.
func (s *Scheduler) ReleaseHeld(ctx context.Context, ids []int64, by string) (int, error) {
	now, released := s.Clock(), 0
	err := s.Ledger.Update(ctx, func(tx ledger.Tx) error {
		held, err := tx.Notices(tx.Context(), ledger.Held)
		if err != nil {
			return err
		}
		for _, id := range ids {
			if !slices.ContainsFunc(held, func(n *ledger.Notice) bool { return n.ID == id }) {
				return refuse("", "notice %d is not held", id)
			}
		}
		for _, n := range held {
			if len(ids) > 0 && !slices.Contains(ids, n.ID) {
				continue
			}
			if err := tx.MoveNotice(n, ledger.Pending, atOnce(n, ledger.Pending), s.Opens(now).Add(giveUp), entry(now, by)); err != nil {
				return err
			}
			if err := tx.ReleaseWithheld(n.ID); err != nil {
				return err
			}
			released++
		}
		if len(ids) > 0 {
			return nil
		}
		return tx.ReleaseWithheld(0)
	})
	if err == nil {
		s.Log.Info().Int("notices", released).Msg("held notices released")
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
