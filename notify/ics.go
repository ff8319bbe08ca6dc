package notify

import (
	"io"
	"time"

	ics "github.com/arran4/golang-ical"

	"duban/rules/address"
	"duban/rules/calendar"
)

// CalendarEntry is one due date in a calendar file (RFC 5545).
type CalendarEntry struct {
	UID         string // stable for ever
	Sequence    int    // rises when the date moves
	Due         calendar.Date
	Summary     string
	Description string
	Link        string
	Provisional bool
}

// WriteCalendar writes entries as one calendar of all-day events; stamp is when
// they were true.
//
// What is published says who organises it (RFC 5546, 3.2.1).
func WriteCalendar(w io.Writer, name string, organizer address.Address, entries []CalendarEntry, stamp time.Time) error {
	return write(w, newCalendar(name), organizer, entries, stamp)
}

// refresh is how often programs that subscribe to a calendar ask for it again.
const refresh = "PT4H"

// WriteFeed is WriteCalendar for programs that ask again: it says how often that is worth it
// (RFC 7986, 5.7, and what was there before it).
func WriteFeed(w io.Writer, name string, organizer address.Address, entries []CalendarEntry, stamp time.Time) error {
	cal := newCalendar(name)
	cal.SetRefreshInterval(refresh)
	cal.SetXPublishedTTL(refresh)
	return write(w, cal, organizer, entries, stamp)
}

func newCalendar(name string) *ics.Calendar {
	cal := ics.NewCalendarFor("duban")
	cal.SetMethod(ics.MethodPublish)
	if name != "" {
		cal.SetXWRCalName(name)
	}
	return cal
}

func write(w io.Writer, cal *ics.Calendar, organizer address.Address, entries []CalendarEntry, stamp time.Time) error {
	for _, e := range entries {
		ev := cal.AddEvent(e.UID)
		ev.SetDtStampTime(stamp)
		if !organizer.IsZero() {
			var name []ics.PropertyParameter
			if organizer.Name != "" {
				name = append(name, ics.WithCN(organizer.Name))
			}
			ev.SetOrganizer("mailto:"+organizer.Wire(), name...)
		}
		ev.SetSequence(e.Sequence)
		ev.SetAllDayStartAt(e.Due.Time(time.UTC))
		ev.SetAllDayEndAt((e.Due + 1).Time(time.UTC))
		ev.SetSummary(e.Summary)
		ev.SetTimeTransparency(ics.TransparencyTransparent)
		if e.Description != "" {
			ev.SetDescription(e.Description)
		}
		if e.Link != "" {
			ev.SetURL(e.Link)
		}
		if e.Provisional {
			ev.SetStatus(ics.ObjectStatusTentative)
		}
	}
	return cal.SerializeTo(w, ics.WithNewLineWindows)
}

// Entries are the due dates that the notice tells of.
func (n *Notice) Entries() []CalendarEntry {
	w := wordsOf(n.Language)
	var out []CalendarEntry
	for _, it := range n.Items {
		if it.Partner {
			continue // not a date of this unit's
		}
		summary := it.Title + " · " + w.in.Period(it.Period)
		if n.Kind == Escalation {
			summary = it.Unit + " · " + summary
		}
		description := w.Due + w.Colon + w.dueText(it) + "\n" + w.Basis + w.Colon + w.bases[it.Basis] + "\n" + w.ID + w.Colon + it.ID
		if it.Provisional {
			description += "\n" + w.Provisional
		}
		out = append(out, CalendarEntry{it.UID, it.Sequence, it.Due, summary, description, it.Link, it.Provisional})
	}
	return out
}
