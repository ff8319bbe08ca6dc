package tables

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"duban/ledger"
)

func (q Questions) Events(ctx context.Context, query ledger.EventQuery) ([]*ledger.Event, error) {
	f := &filter{}
	f.equal("name", query.Name)
	f.equal("unit", query.Unit)
	f.equal("key", query.Key)
	than, order := ">", ` ORDER BY day, id LIMIT ?`
	if query.Latest {
		than, order = "<", ` ORDER BY day DESC, id DESC LIMIT ?`
	}
	if e := query.After; e != nil {
		f.add("(day, id) "+than+" (?, ?)", e.Day.String(), e.ID)
	}
	var out []*ledger.Event
	err := q.each(ctx, selectEvents+f.String()+order, append(f.args, ledger.Most(query.Limit)), func(scan func(...any) error) error {
		e := &ledger.Event{}
		out = append(out, e)
		return scanEvent(e, scan)
	})
	return out, err
}

const selectEvents = `SELECT id, name, unit, key, day, title, recorded_at, withdrawn_at, reason FROM event`

func scanEvent(e *ledger.Event, scan func(...any) error) error {
	return scan(&e.ID, &e.Name, &e.Unit, &e.Key, day{&e.Day}, &e.Title, moment{&e.Recorded}, moment{&e.Withdrawn}, &e.Reason)
}

func (q Questions) Event(ctx context.Context, id int64) (*ledger.Event, error) {
	e := &ledger.Event{}
	err := scanEvent(e, q.DB.Row(ctx, selectEvents+` WHERE id = ?`, id).Scan)
	if errors.Is(err, sql.ErrNoRows) {
		err = fmt.Errorf("event %d: %w", id, ledger.ErrNotFound)
	}
	return e, q.explain(err)
}

func (tx *Tx) AddEvent(e *ledger.Event, entry ledger.Entry) error {
	var err error
	e.ID, err = tx.insert("event", `INSERT INTO event (name, unit, key, day, title, recorded_at) VALUES (?, ?, ?, ?, ?, ?)`,
		e.Name, e.Unit, e.Key, e.Day.String(), e.Title, timeText(e.Recorded))
	if err != nil {
		return err
	}
	entry.Action, entry.Subject, entry.After = "event recorded", e.Subject(), e.Snapshot()
	return tx.Journal(entry)
}

func (tx *Tx) RecordAgain(was, now *ledger.Event, entry ledger.Entry) error {
	_, err := tx.exec(`UPDATE event SET day = ?, title = ?, recorded_at = ?, withdrawn_at = NULL, reason = '' WHERE id = ?`,
		now.Day.String(), now.Title, timeText(now.Recorded), was.ID)
	if err != nil {
		return err
	}
	entry.Action, entry.Subject, entry.Before, entry.After = "event recorded again", was.Subject(), was.Snapshot(), now.Snapshot()
	return tx.Journal(entry)
}

func (tx *Tx) WithdrawEvent(e *ledger.Event, entry ledger.Entry) error {
	_, err := tx.exec(`UPDATE event SET withdrawn_at = ?, reason = ? WHERE id = ?`, timeText(e.Withdrawn), e.Reason, e.ID)
	if err != nil {
		return err
	}
	entry.Action, entry.Subject, entry.Reason = "event withdrawn", e.Subject(), e.Reason
	return tx.Journal(entry)
}
