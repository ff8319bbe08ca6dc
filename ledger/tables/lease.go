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
	err = q.DB.QueryRowContext(ctx, `SELECT owner, until FROM lease WHERE task = ?`, task).Scan(&l.Owner, moment{&l.Until})
	if errors.Is(err, sql.ErrNoRows) {
		err = nil
	}
	return l, q.explain(err)
}

func (tx *Tx) TakeLease(task string, l ledger.Lease, now time.Time) error {
	held, err := tx.LeaseOf(tx.ctx, task)
	if err != nil {
		return err
	}
	if held.Owner != l.Owner && held.Lasts(now) {
		return fmt.Errorf("%s: until %s it is for %s: another duban %w", task, held.Until.Format(time.RFC3339), held.Owner, ledger.ErrTaken)
	}
	_, err = tx.exec(`INSERT INTO lease (task, owner, until) VALUES (?, ?, ?)
		ON CONFLICT (task) DO UPDATE SET owner = excluded.owner, until = excluded.until`, task, l.Owner, timeText(l.Until))
	return err
}
