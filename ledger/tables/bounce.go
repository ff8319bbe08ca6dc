package tables

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"duban/ledger"
)

func (q Questions) NoticeByMessageID(ctx context.Context, id string) (*ledger.Notice, error) {
	var n int64
	err := q.DB.Row(ctx, `SELECT id FROM notice WHERE message_id = ?`, id).Scan(&n)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, fmt.Errorf("message %s: %w", id, ledger.ErrNotFound)
	}
	if err != nil {
		return nil, q.explain(err)
	}
	return q.Notice(ctx, n)
}

func (tx *Tx) Bounced(n *ledger.Notice, address, reason string, e ledger.Entry) (ledger.FailingAddress, error) {
	f := ledger.FailingAddress{Address: address, Unit: n.Unit, Error: reason}
	r, err := tx.exec(`UPDATE recipient SET state = 'failed', error = ? WHERE notice = ? AND address = ? AND error NOT LIKE 'bounced:%'`, "bounced: "+reason, n.ID, address)
	if err != nil {
		return f, err
	}
	changed, err := r.RowsAffected()
	if err != nil {
		return f, err
	}
	if changed > 0 {
		if err := tx.addFailure(n.ID, address, "bounced: "+reason, e.At); err != nil {
			return f, err
		}
		if err := tx.untellUnread(n.ID); err != nil {
			return f, err
		}
		_, err := tx.exec(`INSERT INTO failing_address (address, unit, bounces, last_at, error) VALUES (?, ?, 1, ?, ?)
			ON CONFLICT (address) DO UPDATE SET bounces = failing_address.bounces + 1, last_at = excluded.last_at, error = excluded.error, unit = excluded.unit`,
			address, n.Unit, timeText(e.At), reason)
		if err != nil {
			return f, err
		}
		e.Action, e.Subject, e.Reason = "notice bounced", ledger.NoticeSubject(n.ID), address+": "+reason
		if err := tx.Journal(e); err != nil {
			return f, err
		}
	}
	err = tx.DB.Row(tx.ctx, `SELECT bounces, told FROM failing_address WHERE address = ?`, address).Scan(&f.Bounces, &f.Told)
	if errors.Is(err, sql.ErrNoRows) {
		err = nil // it was not one of the notice's addresses
	}
	return f, tx.explain(err)
}

func (tx *Tx) ToldOfAddress(address string) error {
	_, err := tx.exec(`UPDATE failing_address SET told = 1 WHERE address = ?`, address)
	return err
}

func (tx *Tx) AddressWorks(address string, now time.Time) error {
	_, err := tx.exec(`UPDATE failing_address SET bounces = 0, told = 0, last_at = ? WHERE address = ?`, timeText(now), address)
	return err
}
