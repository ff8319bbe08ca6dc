package ledger

import (
	"context"
	"time"

	"duban/rules/calendar"
)

// Event is a 事件: something recorded that starts clocks.
type Event struct {
	ID        int64
	Name      string
	Unit      string
	Key       string // unique for the name and unit
	Day       calendar.Date
	Title     string
	Recorded  time.Time
	Withdrawn time.Time
	Reason    string // of the withdrawal
}

// Subject is what the journal calls it.
func (e *Event) Subject() string { return "event " + e.Name + "/" + e.Unit + "/" + e.Key }

// EventQuery selects events; empty fields select all.
type EventQuery struct{ Name, Unit, Key string }

// Events are those selected, by day.
func (q queries) Events(ctx context.Context, query EventQuery) ([]*Event, error) {
	f := &filter{}
	f.equal("name", query.Name)
	f.equal("unit", query.Unit)
	f.equal("key", query.Key)
	var out []*Event
	err := q.each(ctx, selectEvents+f.String()+` ORDER BY day, id`, f.args, func(scan func(...any) error) error {
		e := &Event{}
		out = append(out, e)
		return scanEvent(e, scan)
	})
	return out, err
}

const selectEvents = `SELECT id, name, unit, key, day, title, recorded_at, withdrawn_at, reason FROM event`

func scanEvent(e *Event, scan func(...any) error) error {
	return scan(&e.ID, &e.Name, &e.Unit, &e.Key, day{&e.Day}, &e.Title, moment{&e.Recorded}, moment{&e.Withdrawn}, &e.Reason)
}

// Event is the one with that number.
func (q queries) Event(ctx context.Context, id int64) (*Event, error) {
	e := &Event{}
	return e, explain(scanEvent(e, q.db.QueryRowContext(ctx, selectEvents+` WHERE id = ?`, id).Scan))
}

// AddEvent records an event and sets its ID.
func (tx *Tx) AddEvent(e *Event, entry Entry) error {
	r, err := tx.exec(`INSERT INTO event (name, unit, key, day, title, recorded_at) VALUES (?, ?, ?, ?, ?, ?)`,
		e.Name, e.Unit, e.Key, e.Day.String(), e.Title, timeText(e.Recorded))
	if err != nil {
		return err
	}
	if e.ID, err = r.LastInsertId(); err != nil {
		return err
	}
	entry.Action, entry.Subject, entry.After = "event recorded", e.Subject(), e.Snapshot()
	return tx.Journal(entry)
}

// RecordAgain puts a withdrawn event in force again, as now says it was.
func (tx *Tx) RecordAgain(was, now *Event, entry Entry) error {
	_, err := tx.exec(`UPDATE event SET day = ?, title = ?, recorded_at = ?, withdrawn_at = NULL, reason = '' WHERE id = ?`,
		now.Day.String(), now.Title, timeText(now.Recorded), was.ID)
	if err != nil {
		return err
	}
	entry.Action, entry.Subject, entry.Before, entry.After = "event recorded again", was.Subject(), was.Snapshot(), now.Snapshot()
	return tx.Journal(entry)
}

// text is what the journal keeps of an event.
func (e *Event) Snapshot() string {
	return jsonText(map[string]string{"date": e.Day.String(), "title": e.Title})
}

// WithdrawEvent says that an event did not count.
func (tx *Tx) WithdrawEvent(e *Event, entry Entry) error {
	_, err := tx.exec(`UPDATE event SET withdrawn_at = ?, reason = ? WHERE id = ?`, timeText(e.Withdrawn), e.Reason, e.ID)
	if err != nil {
		return err
	}
	entry.Action, entry.Subject, entry.Reason = "event withdrawn", e.Subject(), e.Reason
	return tx.Journal(entry)
}
