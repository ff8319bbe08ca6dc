package views

import (
	"time"

	"duban/ledger"
	"duban/rules/calendar"
)

// Event is what started clocks.
type Event struct {
	Name        string        `json:"name"`
	Unit        string        `json:"unit"`
	Key         string        `json:"key"`
	Date        calendar.Date `json:"date"`
	Title       string        `json:"title"`
	RecordedAt  *string       `json:"recorded_at"`
	WithdrawnAt *string       `json:"withdrawn_at"`
	Reason      string        `json:"reason"`
	Occurrences []string      `json:"occurrences"`
}

// NewEvent is an event with what it started.
func NewEvent(e *ledger.Event, started []*ledger.Occurrence, zone *time.Location) Event {
	v := Event{
		Name: e.Name, Unit: e.Unit, Key: e.Key, Date: e.Day, Title: e.Title,
		RecordedAt: Time(e.Recorded, zone), WithdrawnAt: Time(e.Withdrawn, zone), Reason: e.Reason, Occurrences: []string{},
	}
	for _, o := range started {
		v.Occurrences = append(v.Occurrences, o.Key())
	}
	return v
}
