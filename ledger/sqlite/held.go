package sqlite

import (
	"context"
	"time"

	"duban/ledger"
	"duban/rules/calendar"
)

// CountHeld is how many notices are held that wait for a person: not reminders
// that a clock made which was ahead of now, for what is true of them is made anew.
func (q queries) CountHeld(ctx context.Context, now time.Time) (int, error) {
	var n int
	err := q.db.QueryRowContext(ctx, `SELECT COUNT(*) FROM notice WHERE state = 'held' AND (created_at <= ? OR kind NOT IN ('assignment', 'reminder', 'escalation'))`, timeText(now)).Scan(&n)
	return n, explain(err)
}

// Withhold keeps notices about an occurrence back until ReleaseWithheld.
func (tx *Tx) Withhold(occurrence int64) error {
	_, err := tx.exec(`INSERT INTO withheld (occurrence) VALUES (?) ON CONFLICT DO NOTHING`, occurrence)
	return err
}

// Withheld are the occurrences about which nothing leaves.
func (q queries) Withheld(ctx context.Context) (map[int64]bool, error) {
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

// ReleaseWithheld lets notices about what a notice carries leave again; 0: about
// everything.
func (tx *Tx) ReleaseWithheld(notice int64) error {
	// With a WHERE even for all of them: else SQLite tells nobody of the rows (sqlite3_update_hook).
	query, args := `DELETE FROM withheld WHERE occurrence IS NOT NULL`, []any(nil)
	if notice != 0 {
		query, args = query+` AND occurrence IN (SELECT occurrence FROM notice_item WHERE notice = ?)`, []any{notice}
	}
	_, err := tx.exec(query, args...)
	return err
}

// PendingAboutWithheld are the pending notices that no server has seen and that
// carry something withheld.
func (q queries) PendingAboutWithheld(ctx context.Context) ([]*ledger.Notice, error) {
	return q.notices(ctx, ` WHERE n.state = 'pending' AND n.may_have_arrived = 0
		AND n.id IN (SELECT i.notice FROM notice_item i JOIN withheld w ON w.occurrence = i.occurrence) ORDER BY n.id`)
}

// MadeAfter are the notices that were made after a time and no server has seen.
func (q queries) MadeAfter(ctx context.Context, t time.Time) ([]*ledger.Notice, error) {
	found, err := q.notices(ctx, ` WHERE n.state = 'pending' AND n.may_have_arrived = 0 AND n.created_at > ? ORDER BY n.id`, timeText(t))
	if err != nil {
		return nil, err
	}
	return found, q.fill(ctx, found)
}

// MadeToday gives the notices that were made after now the day that it is: on
// that of the clock that made them nobody has had a notice yet.
func (tx *Tx) MadeToday(today calendar.Date, now time.Time) error {
	_, err := tx.exec(`UPDATE notice SET day = ? WHERE created_at > ?`, today.String(), timeText(now))
	return err
}

// FollowedBy brings back to now whatever a clock that was ahead says of when
// rules were followed.
func (tx *Tx) FollowedBy(now time.Time) error {
	for _, s := range []string{
		`UPDATE duty SET followed_from = ? WHERE followed_from > ?`,
		`UPDATE followed SET from_at = ? WHERE from_at > ?`,
		`UPDATE OR IGNORE followed SET to_at = ? WHERE to_at > ?`,
	} {
		if _, err := tx.exec(s, timeText(now), timeText(now)); err != nil {
			return err
		}
	}
	return nil
}

// DutyUntold writes that the unit has yet to hear of a duty.
func (tx *Tx) DutyUntold(plan, obligation, unit string) error {
	_, err := tx.exec(`UPDATE duty SET told = 0 WHERE plan = ? AND obligation = ? AND unit = ?`, plan, obligation, unit)
	return err
}

// ToldAfter are the occurrences of which somebody was told through a day later
// than that one.
func (q queries) ToldAfter(ctx context.Context, d calendar.Date) ([]*ledger.Occurrence, error) {
	return q.occurrences(ctx, ` WHERE o.told_through > ? OR o.supervisor_told > ? ORDER BY o.id`, d.String(), d.String())
}

// LastTold is the day of the last notice made by now that told somebody of an
// occurrence, or of its obligation; 0: there was none.
func (q queries) LastTold(ctx context.Context, o *ledger.Occurrence, unit string, now time.Time) (calendar.Date, error) {
	var d calendar.Date
	err := q.db.QueryRowContext(ctx, `SELECT MAX(n.day) FROM notice n JOIN notice_item i ON i.notice = n.id
		WHERE n.unit = ? AND n.created_at <= ? AND n.state <> 'dropped' AND (i.occurrence = ? OR i.occurrence IS NULL AND i.plan = ? AND i.obligation = ?)`,
		unit, timeText(now), o.ID, o.Plan, o.Obligation).Scan(day{&d})
	return d, explain(err)
}
