package ledger

import (
	"context"
	"fmt"
	"time"

	"duban/rules/calendar"
)

// RequestKind is what a unit asks.
type RequestKind string

// The kinds of request.
const (
	ExtensionRequest RequestKind = "extension" // a later due date
	NotOursRequest   RequestKind = "not-ours"  // that the item is somebody else's
)

// RequestState is where a request stands.
type RequestState string

// The states of a request.
const (
	RequestOpen    RequestState = "open"
	RequestGranted RequestState = "granted"
	RequestRefused RequestState = "refused"
)

// Request is what a unit asks of its supervisor about an occurrence.
type Request struct {
	ID         int64
	Occurrence int64
	Kind       RequestKind
	To         calendar.Date // the due date asked for; 0: none is
	Reason     string
	By         string
	At         time.Time
	State      RequestState
	Answer     string
	DecidedBy  string
	DecidedAt  time.Time
}

const selectRequests = `SELECT r.id, r.occurrence, r.kind, r.to_day, r.reason, r.asked_by, r.asked_at, r.state, r.answer, r.decided_by, r.decided_at FROM request r`

func (q queries) requests(ctx context.Context, tail string, args ...any) ([]*Request, error) {
	var out []*Request
	err := q.each(ctx, selectRequests+tail, args, func(scan func(...any) error) error {
		r := &Request{}
		out = append(out, r)
		return scan(&r.ID, &r.Occurrence, &r.Kind, day{&r.To}, &r.Reason, &r.By, moment{&r.At}, &r.State, &r.Answer, &r.DecidedBy, moment{&r.DecidedAt})
	})
	return out, err
}

// Request is the one with that number.
func (q queries) Request(ctx context.Context, id int64) (*Request, error) {
	found, err := q.requests(ctx, ` WHERE r.id = ?`, id)
	if err == nil && len(found) == 0 {
		err = fmt.Errorf("request %d: %w", id, ErrNotFound)
	}
	if err != nil {
		return nil, err
	}
	return found[0], nil
}

// OpenRequests are those that wait for an answer, oldest first. What was asked
// about an occurrence that has ended since needs none.
func (q queries) OpenRequests(ctx context.Context) ([]*Request, error) {
	return q.requests(ctx, ` JOIN occurrence o ON o.id = r.occurrence WHERE r.state = 'open' AND o.state IN ('open', 'reported') ORDER BY r.id`)
}

// RequestsAbout are all about an occurrence, in order.
func (q queries) RequestsAbout(ctx context.Context, occurrence int64) ([]*Request, error) {
	return q.requests(ctx, ` WHERE r.occurrence = ? ORDER BY r.id`, occurrence)
}

// AddRequest records what a unit asks and sets its ID.
func (tx *Tx) AddRequest(r *Request, o *Occurrence, e Entry) error {
	res, err := tx.exec(`INSERT INTO request (occurrence, kind, to_day, reason, asked_by, asked_at, state) VALUES (?, ?, ?, ?, ?, ?, ?)`,
		r.Occurrence, r.Kind, dayText(r.To), r.Reason, r.By, timeText(r.At), r.State)
	if err != nil {
		return err
	}
	if r.ID, err = res.LastInsertId(); err != nil {
		return err
	}
	e.Action, e.Reason = "asked: "+string(r.Kind), r.Reason
	return tx.note(o, e, map[string]string{"request": fmt.Sprint(r.ID), "to": r.To.String()})
}

// DecideRequest writes the answer to a request.
func (tx *Tx) DecideRequest(r *Request, o *Occurrence, e Entry) error {
	_, err := tx.exec(`UPDATE request SET state = ?, answer = ?, decided_by = ?, decided_at = ? WHERE id = ?`,
		r.State, r.Answer, r.DecidedBy, timeText(r.DecidedAt), r.ID)
	if err != nil {
		return err
	}
	e.Action, e.Reason = string(r.State)+": "+string(r.Kind), r.Answer
	return tx.note(o, e, map[string]string{"request": fmt.Sprint(r.ID), "to": r.To.String()})
}

// note is a journal entry about what goes on around an occurrence, which itself
// stays as it is.
func (tx *Tx) note(o *Occurrence, e Entry, about map[string]string) error {
	e.Subject, e.After = "request "+o.FullKey(), jsonText(about)
	return tx.Journal(e)
}
