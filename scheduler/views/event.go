package views

import (
	"time"

	"duban/ledger"
	"duban/rules/calendar"
)

// Event is what started clocks.
type Event struct {
	Name        string        `json:"name" doc:"Which event, by its id in the plans"`
	Unit        string        `json:"unit" doc:"The unit it happened to"`
	Key         string        `json:"key" doc:"What tells it from others of its name and unit"`
	Date        calendar.Date `json:"date" doc:"The day it happened"`
	Title       string        `json:"title" doc:"What it is, for people"`
	RecordedAt  *string       `json:"recorded_at" doc:"When it was recorded"`
	WithdrawnAt *string       `json:"withdrawn_at" doc:"When it was withdrawn"`
	Reason      string        `json:"reason" doc:"Why it was withdrawn"`
	Occurrences []string      `json:"occurrences" doc:"The occurrences that it started, by their ids"`
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
