package tables

import (
	"context"
	"time"

	"duban/ledger"
	"duban/rules/calendar"
)

const failures = `SELECT f.id, f.notice, n.kind, n.unit, n.subject, f.address, f.at, f.error FROM failure f JOIN notice n ON n.id = f.notice `

func (q Questions) failures(ctx context.Context, tail string, args ...any) ([]ledger.Failure, error) {
	var out []ledger.Failure
	err := q.each(ctx, failures+tail, args, func(scan func(...any) error) error {
		var f ledger.Failure
		err := scan(&f.ID, &f.Notice, &f.Kind, &f.Unit, &f.Subject, &f.Address, moment{&f.At}, &f.Error)
		out = append(out, f)
		return err
	})
	return out, err
}

// waiting are the notices of days before that tell of failures and have reached
// nobody yet.
const waiting = `SELECT n.id FROM notice n WHERE n.state = 'pending' AND n.day < ? AND EXISTS (SELECT 1 FROM failure f WHERE f.told_by = n.id)
	AND NOT EXISTS (SELECT 1 FROM recipient r WHERE r.notice = n.id AND r.state = 'sent')`

func (q Questions) UntoldFailures(ctx context.Context, today calendar.Date) ([]ledger.Failure, error) {
	return q.failures(ctx, `WHERE f.told_at IS NULL OR f.told_by IN (`+waiting+`) ORDER BY f.id`, today.String())
}

func (q Questions) AnyUntoldFailure(ctx context.Context, today calendar.Date) (bool, error) {
	var any bool
	err := q.DB.Row(ctx, `SELECT EXISTS (SELECT 1 FROM failure WHERE told_at IS NULL) OR EXISTS (`+waiting+`)`, today.String()).Scan(&any)
	return any, q.explain(err)
}

func (q Questions) AdminFailures(ctx context.Context) ([]ledger.Failure, error) {
	return q.failures(ctx, `WHERE n.kind = 'admin' AND n.state IN ('failed', 'sent')
		AND EXISTS (SELECT 1 FROM recipient r WHERE r.notice = f.notice AND r.address = f.address AND r.state = 'failed' UNION ALL SELECT 1 WHERE f.address = '')
		AND NOT EXISTS (SELECT 1 FROM recipient r JOIN notice later ON later.id = r.notice WHERE later.id > f.notice AND later.kind = 'admin' AND r.state = 'sent' AND (r.address = f.address OR f.address = ''))
		ORDER BY f.id DESC`)
}

func (tx *Tx) addFailure(notice int64, address, reason string, at time.Time) error {
	_, err := tx.exec(`INSERT INTO failure (notice, address, at, error) VALUES (?, ?, ?, ?)`, notice, address, timeText(at), reason)
	return err
}

func (tx *Tx) ToldOfFailures(told []ledger.Failure, by int64, today calendar.Date, e ledger.Entry) error {
	late, err := tx.notices(tx.ctx, ` WHERE n.id IN (`+waiting+`)`, today.String())
	if err != nil {
		return err
	}
	for _, n := range late {
		if err := tx.MoveNotice(n, ledger.Dropped, time.Time{}, time.Time{}, e); err != nil {
			return err
		}
	}
	for _, f := range told {
		if _, err := tx.exec(`UPDATE failure SET told_at = ?, told_by = ? WHERE id = ?`, timeText(e.At), by, f.ID); err != nil {
			return err
		}
	}
	return nil
}

// untell takes back what a notice told that reached nobody.
func (tx *Tx) untell(notice int64) error {
	_, err := tx.exec(`UPDATE failure SET told_at = NULL, told_by = NULL WHERE told_by = ?`, notice)
	return err
}

// untellUnread does so once it has come back from all of its addresses.
func (tx *Tx) untellUnread(notice int64) error {
	_, err := tx.exec(`UPDATE failure SET told_at = NULL, told_by = NULL WHERE told_by = ? AND NOT EXISTS (SELECT 1 FROM recipient WHERE notice = ? AND state <> 'failed')`, notice, notice)
	return err
}
