package tables

import (
	"slices"
	"time"

	"duban/ledger"
)

// Claimable asks for the notices by a channel, due at a moment, of which nobody but an owner
// has reserved anything, up to a number, in the order in which they are claimed.
const Claimable = `SELECT n.id FROM notice n WHERE n.state = 'pending' AND n.channel = ? AND n.next_attempt <= ?
	AND NOT EXISTS (SELECT 1 FROM reserved r WHERE r.notice = n.id AND r.owner <> ?) ORDER BY n.next_attempt, n.id LIMIT ?`

func (tx *Tx) Reserve(channel string, now time.Time, limit int, l ledger.Lease) ([]*ledger.Notice, error) {
	wrong := now.Add(ledger.LongestLease) // of what lasts longer the clock was
	if err := tx.queue("reserved", `DELETE FROM reserved WHERE until <= ? OR until > ?`, timeText(now), timeText(wrong)); err != nil {
		return nil, err
	}
	var ids []int64
	err := tx.each(tx.ctx, Claimable+tx.Dialect.Passing("n"), []any{channel, timeText(now), l.Owner, limit}, func(scan func(...any) error) error {
		var id int64
		err := scan(&id)
		ids = append(ids, id)
		return err
	})
	if err != nil || len(ids) == 0 {
		return nil, err
	}
	values := &tx.values
	values.none()
	for _, id := range ids {
		values.add(id, l.Owner, timeText(l.Until))
	}
	query, args := tx.inserted("reserved", `notice# owner until`, values)
	err = tx.queue("reserved", query+` ON CONFLICT (notice) DO UPDATE SET until = excluded.until WHERE reserved.owner = excluded.owner`, args...)
	if err != nil {
		return nil, err
	}
	in, numbers := tx.Dialect.Among(ids)
	found, err := tx.notices(tx.ctx, ` WHERE n.state || '' = 'pending' AND n.id IN (SELECT notice FROM reserved WHERE owner = ? AND notice `+in+`) ORDER BY n.next_attempt, n.id`,
		append([]any{l.Owner}, numbers...)...)
	if err != nil {
		return nil, err
	}
	return found, tx.Questions.fill(tx.ctx, found)
}

func (tx *Tx) Claimed(ids []int64, owner string) (claimed []int64, err error) {
	for part := range slices.Chunk(ids, Together) {
		in, numbers := tx.Dialect.Among(part)
		err := tx.each(tx.ctx, `SELECT id FROM notice WHERE state || '' = 'sending' AND owner = ? AND id `+in, append([]any{owner}, numbers...), func(scan func(...any) error) error {
			var id int64
			err := scan(&id)
			claimed = append(claimed, id)
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	return claimed, nil
}

func (tx *Tx) KeepClaims(ids []int64, l ledger.Lease) (kept []int64, err error) {
	for part := range slices.Chunk(ids, Together) {
		in, numbers := tx.Dialect.Among(part)
		args := []any{l.Owner, timeText(l.Until), l.Owner, timeText(l.Until)} // what is to be tried again waits for longer
		err := tx.queueChange("notice", `UPDATE notice SET state = 'sending', owner = ?, lease_until = ?
			WHERE (state || '' = 'sending' AND owner = ? OR state || '' = 'pending' AND owner = '' AND may_have_arrived = 1 AND next_attempt <= ?) AND id `+in, append(args, numbers...)...)
		if err != nil {
			return nil, err
		}
	}
	return tx.Claimed(ids, l.Owner)
}
