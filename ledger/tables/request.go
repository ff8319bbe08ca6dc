package tables

import (
	"context"
	"fmt"

	"duban/ledger"
)

const selectRequests = `SELECT r.id, r.occurrence, r.kind, r.to_day, r.to_unit, r.reason, r.asked_by, r.asked_at, r.state, r.answer, r.decided_by, r.decided_at FROM request r`

func (q Questions) requests(ctx context.Context, tail string, args ...any) ([]*ledger.Request, error) {
	var out []*ledger.Request
	err := q.each(ctx, selectRequests+tail, args, func(scan func(...any) error) error {
		r := &ledger.Request{}
		out = append(out, r)
		return scan(&r.ID, &r.Occurrence, &r.Kind, day{&r.To}, &r.Unit, &r.Reason, &r.By, moment{&r.At}, &r.State, &r.Answer, &r.DecidedBy, moment{&r.DecidedAt})
	})
	return out, err
}

func (q Questions) Request(ctx context.Context, id int64) (*ledger.Request, error) {
	found, err := q.requests(ctx, ` WHERE r.id = ?`, id)
	if err == nil && len(found) == 0 {
		err = fmt.Errorf("request %d: %w", id, ledger.ErrNotFound)
	}
	if err != nil {
		return nil, err
	}
	return found[0], nil
}

func (q Questions) OpenRequests(ctx context.Context) ([]*ledger.Request, error) {
	return q.requests(ctx, ` JOIN occurrence o ON o.id = r.occurrence WHERE r.state = 'open' AND o.state IN ('open', 'reported') ORDER BY r.id`)
}

func (q Questions) RequestsAbout(ctx context.Context, occurrence int64) ([]*ledger.Request, error) {
	return q.requests(ctx, ` WHERE r.occurrence = ? ORDER BY r.id`, occurrence)
}

func (tx *Tx) AddRequest(r *ledger.Request, o *ledger.Occurrence, e ledger.Entry) error {
	var err error
	r.ID, err = tx.insert("request", `INSERT INTO request (occurrence, kind, to_day, to_unit, reason, asked_by, asked_at, state) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
		r.Occurrence, r.Kind, dayText(r.To), r.Unit, r.Reason, r.By, timeText(r.At), r.State)
	if err != nil {
		return err
	}
	e.Action, e.Reason = "asked: "+string(r.Kind), r.Reason
	return tx.note(o, e, requested(r))
}

func (tx *Tx) DecideRequest(r *ledger.Request, o *ledger.Occurrence, e ledger.Entry) error {
	_, err := tx.exec(`UPDATE request SET state = ?, to_day = ?, to_unit = ?, answer = ?, decided_by = ?, decided_at = ? WHERE id = ?`,
		r.State, dayText(r.To), r.Unit, r.Answer, r.DecidedBy, timeText(r.DecidedAt), r.ID)
	if err != nil {
		return err
	}
	e.Action, e.Reason = string(r.State)+": "+string(r.Kind), r.Answer
	return tx.note(o, e, requested(r))
}

// requested is what the journal keeps of a request.
func requested(r *ledger.Request) map[string]string {
	about := map[string]string{"request": fmt.Sprint(r.ID), "to": r.To.String()}
	if r.Unit != "" {
		about["unit"] = r.Unit
	}
	return about
}

// note is a journal entry about what goes on around an occurrence, which itself
// stays as it is.
func (tx *Tx) note(o *ledger.Occurrence, e ledger.Entry, about map[string]string) error {
	e.Subject, e.After = ledger.Subject{Kind: ledger.AboutRequest, Ref: o.FullKey()}, jsonText(about)
	return tx.Journal(e)
}
