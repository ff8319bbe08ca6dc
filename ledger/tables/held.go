package tables

import (
	"context"
	"time"

	"duban/ledger"
	"duban/rules/calendar"
)

func (q Questions) CountHeld(ctx context.Context, now time.Time) (int, error) {
	var n int
	err := q.DB.Row(ctx, `SELECT COUNT(*) FROM notice WHERE state = 'held' AND (created_at <= ? OR kind NOT IN ('assignment', 'reminder', 'escalation'))`, timeText(now)).Scan(&n)
	return n, q.explain(err)
}

func (tx *Tx) Withhold(occurrence int64) error {
	_, err := tx.exec(`INSERT INTO withheld (occurrence) VALUES (?) ON CONFLICT DO NOTHING`, occurrence)
	return err
}

func (q Questions) Withheld(ctx context.Context) (map[int64]bool, error) {
	var out map[int64]bool
	err := q.each(ctx, `SELECT occurrence FROM withheld`, nil, func(scan func(...any) error) error {
		if out == nil {
			out = map[int64]bool{}
		}
		var id int64
		err := scan(&id)
		out[id] = true
		return err
	})
	return out, err
}

func (tx *Tx) ReleaseWithheld(notice int64) error {
	// With a WHERE even for all of them: else SQLite tells nobody of the rows (sqlite3_update_hook).
	query, args := `DELETE FROM withheld WHERE occurrence IS NOT NULL`, []any(nil)
	if notice != 0 {
		query, args = query+` AND occurrence IN (SELECT occurrence FROM notice_item WHERE notice = ?)`, []any{notice}
	}
	_, err := tx.exec(query, args...)
	return err
}

func (q Questions) PendingAboutWithheld(ctx context.Context) ([]*ledger.Notice, error) {
	return q.notices(ctx, ` WHERE n.state = 'pending' AND n.may_have_arrived = 0
		AND n.id IN (SELECT i.notice FROM notice_item i JOIN withheld w ON w.occurrence = i.occurrence) ORDER BY n.id`)
}

func (q Questions) MadeAfter(ctx context.Context, t time.Time) ([]*ledger.Notice, error) {
	found, err := q.notices(ctx, ` WHERE n.state = 'pending' AND n.may_have_arrived = 0 AND n.created_at > ? ORDER BY n.id`, timeText(t))
	if err != nil {
		return nil, err
	}
	return found, q.fill(ctx, found)
}

func (tx *Tx) MadeToday(today calendar.Date, now time.Time) error {
	_, err := tx.exec(`UPDATE notice SET day = ? WHERE created_at > ?`, today.String(), timeText(now))
	return err
}

func (tx *Tx) FollowedBy(now time.Time) error {
	for _, s := range []string{
		`UPDATE duty SET followed_from = ? WHERE followed_from > ?`,
		`UPDATE duty SET retired_at = ? WHERE retired_at > ?`,
		`UPDATE followed SET from_at = ? WHERE from_at > ?`,
	} {
		if _, err := tx.exec(s, timeText(now), timeText(now)); err != nil {
			return err
		}
	}
	// Of several that ended after now only the first did: the others' moments stay apart.
	_, err := tx.exec(`UPDATE followed SET to_at = ? WHERE to_at > ? AND NOT EXISTS (SELECT 1 FROM followed f
		WHERE f.plan = followed.plan AND f.obligation = followed.obligation AND f.unit = followed.unit AND (f.to_at = ? OR f.to_at > ? AND f.to_at < followed.to_at))`,
		timeText(now), timeText(now), timeText(now), timeText(now))
	return err
}

func (tx *Tx) DutyUntold(plan, obligation, unit string, own bool) error {
	_, err := tx.exec(`UPDATE duty SET told = ? WHERE plan = ? AND obligation = ? AND unit = ?`, own, plan, obligation, unit)
	return err
}

func (q Questions) ToldAfter(ctx context.Context, d calendar.Date) ([]*ledger.Occurrence, error) {
	return q.occurrences(ctx, ` WHERE o.told_through > ? OR o.supervisor_told > ? ORDER BY o.id`, d.String(), d.String())
}

func (q Questions) LastTold(ctx context.Context, o *ledger.Occurrence, unit string, now time.Time) (calendar.Date, error) {
	var d calendar.Date
	err := q.DB.Row(ctx, `SELECT MAX(n.day) FROM notice n JOIN notice_item i ON i.notice = n.id
		WHERE n.unit = ? AND n.created_at <= ? AND n.state <> 'dropped' AND (i.occurrence = ? OR i.occurrence IS NULL AND i.plan = ? AND i.obligation = ?)`,
		unit, timeText(now), o.ID, o.Plan, o.Obligation).Scan(day{&d})
	return d, q.explain(err)
}
