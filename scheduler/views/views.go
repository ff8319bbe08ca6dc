// Package views is what duban shows of its things to programs: the fields and their
// names are those of --json, and of whatever else speaks JSON. Names never change
// and none is taken away.
//
//	Obligation   a rule (obligation.go)           Year    a year of the calendar (year.go)
//	Planned      a due date that rules give,      Notice  a mail in the outbox (notice.go)
//	Occurrence   and one that the ledger has      Event   what started clocks (event.go)
//	             (occurrence.go)                  Entry   of the journal (entry.go)
//
// Dates are like 2017-07-21, times are those of the zone of the ticks, as RFC 3339
// has them; what is not there is null, a list is never null. On-time figures are
// duban/scheduler/figures'.
package views

import (
	"time"

	"duban/rules/calendar"
)

// Time is a moment in that zone; nil: there is none.
func Time(t time.Time, zone *time.Location) *string {
	if t.IsZero() {
		return nil
	}
	s := t.In(zone).Format(time.RFC3339)
	return &s
}

// Date is a day; nil: there is none.
func Date(d calendar.Date) *string {
	if d.IsZero() {
		return nil
	}
	s := d.String()
	return &s
}

// list is one that is not null.
func list[T any](l []T) []T {
	if l == nil {
		return []T{}
	}
	return l
}
