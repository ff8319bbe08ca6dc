package ledger

import (
	"context"
	"encoding/json"
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
func (e *Event) Subject() Subject { return Subject{AboutEvent, e.Name + "/" + e.Unit + "/" + e.Key} }

// EventQuery selects events; empty fields select all.
type EventQuery struct {
	Name, Unit, Key string

	Latest bool   // the latest day first
	After  *Event // the last one of the page before
	Limit  int    // 0: AtOnce
}

// Snapshot is what the journal keeps of an event.
func (e *Event) Snapshot() string {
	b, err := json.Marshal(map[string]string{"date": e.Day.String(), "title": e.Title})
	if err != nil {
		panic(err) // plain values always marshal
	}
	return string(b)
}

// EventReader finds events.
type EventReader interface {
	// Events are a page of those selected, by day.
	Events(ctx context.Context, query EventQuery) ([]*Event, error)

	// Event is the one with that number.
	Event(ctx context.Context, id int64) (*Event, error)
}

// EventWriter records and withdraws them.
type EventWriter interface {
	// AddEvent records an event and sets its ID.
	AddEvent(e *Event, entry Entry) error

	// RecordAgain puts a withdrawn event in force again, as now says it was.
	RecordAgain(was, now *Event, entry Entry) error

	// WithdrawEvent says that an event did not count.
	WithdrawEvent(e *Event, entry Entry) error
}
