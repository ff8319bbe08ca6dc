package tables

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"duban/ledger"
)

func (q Questions) LeaseOf(ctx context.Context, task string) (l ledger.Lease, err error) {
	err = q.DB.Row(ctx, `SELECT owner, until FROM lease WHERE task = ?`, task).Scan(&l.Owner, moment{&l.Until})
	if errors.Is(err, sql.ErrNoRows) {
		err = nil
	}
	return l, q.explain(err)
}

func (q Questions) Leases(ctx context.Context, begin string) (map[string]ledger.Lease, error) {
	out := map[string]ledger.Lease{}
	err := q.each(ctx, `SELECT task, owner, until FROM lease WHERE task >= ? AND task < ?`, []any{begin, begin + "\U0010ffff"}, func(scan func(...any) error) error {
		var task string
		var l ledger.Lease
		err := scan(&task, &l.Owner, moment{&l.Until})
		out[task] = l
		return err
	})
	return out, err
}

// TakeLease asks and takes in one statement: of two that come at once, one is second.
func (tx *Tx) TakeLease(task string, l ledger.Lease, now time.Time) error {
	r, err := tx.exec(`INSERT INTO lease (task, owner, until) VALUES (?, ?, ?)
		ON CONFLICT (task) DO UPDATE SET owner = excluded.owner, until = excluded.until
		WHERE lease.owner = excluded.owner OR lease.until <= ? OR lease.until > ?`,
		task, l.Owner, timeText(l.Until), timeText(now), timeText(now.Add(ledger.LongestLease)))
	if err != nil {
		return err
	}
	if n, err := r.RowsAffected(); err != nil || n == 1 {
		return err
	}
	held, err := tx.LeaseOf(tx.ctx, task)
	if err != nil {
		return err
	}
	return fmt.Errorf("%s: until %s it is for %s: another duban %w", task, held.Until.Format(time.RFC3339), held.Owner, ledger.ErrTaken)
}

func (tx *Tx) Fence(task, owner string) error {
	has, err := tx.engine.HolderOf(task)
	if err != nil {
		return tx.explain(err)
	}
	if has != owner {
		return fmt.Errorf("%s: meanwhile it is for %s: another duban %w", task, has, ledger.ErrTaken)
	}
	return nil
}

func (tx *Tx) ForgetLeases(begin string, before time.Time) error {
	_, err := tx.exec(`DELETE FROM lease WHERE task >= ? AND task < ? AND until < ?`, begin, begin+"\U0010ffff", timeText(before))
	return err
}
