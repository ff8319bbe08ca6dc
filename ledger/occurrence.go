package ledger

import (
	"context"
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"duban/rules"
	"duban/rules/calendar"
)

// State is where an occurrence stands in its life.
type State string

// The states of an occurrence.
const (
	StateOpen      State = "open"
	StateReported  State = "reported" // waits for the supervisor
	StateClosed    State = "closed"
	StateWaived    State = "waived"
	StateCancelled State = "cancelled" // no longer owed: the rule or its event is gone
)

// States in the order of life.
var States = []State{StateOpen, StateReported, StateClosed, StateWaived, StateCancelled}

// Occurrence is a 期次: one obligation × one unit × one period or event.
type Occurrence struct {
	ID          int64
	Plan        string
	Obligation  string
	Unit        string
	Period      string
	Rule        int64 // the rule text it was last counted by
	Anchor      calendar.Date
	FirstDue    calendar.Date // before any extension
	Due         calendar.Date
	Named       calendar.Date // a day off after Due that the rule names: late begins after it; 0: none
	Provisional bool
	State       State
	Granted     calendar.Date // the day that an extension granted; 0: none
	PausedOn    calendar.Date // the clock stands still since the end of that day
	Sequence    int           // rises when Due moves
	Evidence    string        // a link to what was published
	Note        string
	Reason      string // of the last return, waiver, extension …
	ReportedBy  string
	ReportedAt  time.Time
	ClosedAt    time.Time
	Late        bool   // of a closed one: by the rules of when it was closed
	Event       int64  // the event that started it, or 0
	Cause       int64  // the occurrence whose closing started it, or 0
	Origin      string // the unit that the rules ask, where it was transferred to Unit; empty: Unit itself
	Transferred string // the unit that it was transferred to: cancelled for ever; empty: none

	Started        calendar.Date // the day an event was recorded that started it, until the unit is told; 0: it knows
	ToldThrough    calendar.Date // reminders up to that day have been told to the unit
	SupervisorTold calendar.Date // the same of the supervisor
	Damage         string        // what of its dates cannot be read; empty: nothing

	NextReminder calendar.Date // of either; 0: none
}

// Extended tells whether an extension has been granted.
func (o *Occurrence) Extended() bool { return !o.Granted.IsZero() }

// Owner is the unit that the rules ask for it, whoever it was transferred to.
func (o *Occurrence) Owner() string {
	if o.Origin != "" {
		return o.Origin
	}
	return o.Unit
}

// TransferredTo is the full key under which it goes on; empty: it was not transferred.
func (o *Occurrence) TransferredTo() string {
	if o.Transferred == "" {
		return ""
	}
	return o.Plan + ":" + o.Obligation + "/" + o.Transferred + "/" + o.Period
}

// Key is OBLIGATION/UNIT/PERIOD, as people write it.
func (o *Occurrence) Key() string { return o.Obligation + "/" + o.Unit + "/" + o.Period }

// FullKey is PLAN:OBLIGATION/UNIT/PERIOD.
func (o *Occurrence) FullKey() string { return o.Plan + ":" + o.Key() }

// Subject is what the journal calls it.
func (o *Occurrence) Subject() Subject { return Subject{AboutOccurrence, o.FullKey()} }

// Snapshot is what the journal keeps of an occurrence: JSON, written by hand
// because the first tick of a city writes hundreds of thousands.
func (o *Occurrence) Snapshot() string {
	b := make([]byte, 0, 160)
	text := func(name, value string, always bool) {
		if value != "" || always {
			b = append(append(append(b, '"'), name...), `":"`...)
			b = append(append(b, value...), `",`...)
		}
	}
	fact := func(name string, holds bool) {
		if holds {
			b = append(append(append(b, '"'), name...), `":true,`...)
		}
	}
	b = append(b, '{')
	text("state", string(o.State), true)
	text("anchor", o.Anchor.String(), true)
	text("first_due", o.FirstDue.String(), true)
	text("due", o.Due.String(), true)
	text("named", o.Named.String(), false)
	fact("provisional", o.Provisional)
	fact("extended", o.Extended())
	text("paused_on", o.PausedOn.String(), false)
	text("evidence", quoted(o.Evidence), false)
	text("note", quoted(o.Note), false)
	text("reported_by", quoted(o.ReportedBy), false)
	text("reported_at", moment(o.ReportedAt), false)
	text("closed_at", moment(o.ClosedAt), false)
	text("origin", o.Origin, false)
	text("transferred", o.Transferred, false)
	b = append(b, `"rule":`...)
	return string(append(strconv.AppendInt(b, o.Rule, 10), '}'))
}

// Clean is a text without what no ledger keeps: what is no UTF-8, as servers of old answer
// and forms may send, and the character 0.
func Clean(s string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\x00", "\uFFFD")
}

// quoted is a text as it stands between the quotes of JSON: the same before and after it
// came into a ledger (Clean).
func quoted(s string) string {
	if s == "" {
		return ""
	}
	b, err := json.Marshal(Clean(s))
	if err != nil {
		panic(err) // texts always marshal
	}
	return string(b[1 : len(b)-1])
}

func moment(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}

// Query selects occurrences; empty fields select all.
type Query struct {
	Plan, Obligation, Unit, Period string
	States                         []State
	Ended                          bool          // only what has ended; the index of such is used
	Received                       bool          // only what was transferred to the unit that has it
	HandedOn                       bool          // only what was transferred from the unit that had it
	Units                          []string      // of one of these
	Of                             [][2]string   // of one of these obligations: plan and id
	DueFrom, DueTo                 calendar.Date // both included

	Latest bool        // the latest due first
	After  *Occurrence // the last one of the page before: its key and due date
	Limit  int         // of a page; 0: AtOnce
}

// OccurrenceReader finds occurrences.
type OccurrenceReader interface {
	// EachOccurrence calls f for those selected, by due date and key; the next only
	// after f has returned. Limit 0: all.
	EachOccurrence(ctx context.Context, q Query, f func(*Occurrence) error) error

	// Occurrences are a page of those selected, by due date and key.
	Occurrences(ctx context.Context, query Query) ([]*Occurrence, error)

	// Occurrence is the one with that number.
	Occurrence(ctx context.Context, id int64) (*Occurrence, error)

	// ByID are the occurrences with these numbers.
	ByID(ctx context.Context, ids []int64) (map[int64]*Occurrence, error)

	// Find is the occurrence that a person named: OBLIGATION/UNIT/PERIOD, with
	// PLAN: before it where several plans have one of that name.
	Find(ctx context.Context, name string) (*Occurrence, error)

	// CountOccurrences is how many are selected, whatever the page.
	CountOccurrences(ctx context.Context, q Query) (int, error)

	// Briefs calls f for every occurrence.
	Briefs(ctx context.Context, f func(*Brief)) error

	// Ongoing calls f for those that have not ended.
	Ongoing(ctx context.Context, f func(*Brief)) error

	// Brief is the one with that full key.
	Brief(ctx context.Context, fullKey string) (*Brief, error)

	// StartedBy are the occurrences that an event started.
	StartedBy(ctx context.Context, event int64) ([]*Occurrence, error)

	// CausedBy are the occurrences that the closing of another started.
	CausedBy(ctx context.Context, cause int64) ([]*Occurrence, error)

	// Pauses of an occurrence, in order.
	Pauses(ctx context.Context, occurrence int64) ([]rules.Pause, error)
}

// ReminderReader answers who is to be told when.
type ReminderReader interface {
	// Waiting are the occurrences whose next reminder has come by that day.
	Waiting(ctx context.Context, today calendar.Date) ([]*Occurrence, error)

	// AnyWaiting tells whether there are such.
	AnyWaiting(ctx context.Context, today calendar.Date) (bool, error)

	// FirstReminder is the first day on which anybody will be told of anything; 0:
	// none.
	FirstReminder(ctx context.Context) (d calendar.Date, err error)

	// ToldAfter are the occurrences of which somebody was told through a day later
	// than that one.
	ToldAfter(ctx context.Context, d calendar.Date) ([]*Occurrence, error)

	// LastTold is the day of the last notice made by now that told somebody of an
	// occurrence, or of its obligation; 0: there was none.
	LastTold(ctx context.Context, o *Occurrence, unit string, now time.Time) (calendar.Date, error)
}

// OccurrenceWriter makes occurrences and writes what becomes of them.
type OccurrenceWriter interface {
	// AddOccurrence makes an occurrence and sets its ID. It tells whether it is new:
	// where its key is taken already, nothing happens and o becomes what is there.
	AddOccurrence(o *Occurrence, e Entry) (bool, error)

	// AddOccurrences is AddOccurrence for many, none of them twice, and tells which
	// are new.
	AddOccurrences(all []*Occurrence, e Entry) (added []bool, err error)

	// SaveOccurrence writes what became of an occurrence; before is what the ledger has of it:
	// what is alike need not be written. Sequence rises where the due date moved.
	SaveOccurrence(before, o *Occurrence, e Entry) error

	// SaveReminder writes only when people were and will be told of o.
	SaveReminder(o *Occurrence) error

	// ClosedLate says of closed ones that they were closed late: for those that an
	// older version closed.
	ClosedLate(ids []int64) error

	// PutAside moves occurrences to the tables of the years that they were due in: those
	// that have ended and were due and closed before that day, the oldest first, at most
	// so many. It tells how many. Who asks finds them as before; one that is saved later
	// is back.
	PutAside(before calendar.Date, most int, e Entry) (int, error)

	// AddPause stops an occurrence's clock; the occurrence is saved apart.
	AddPause(occurrence int64, from calendar.Date, reason string) error

	// EndPause starts an occurrence's clock again.
	EndPause(occurrence int64, to calendar.Date) error
}

// TextKey is what the catalogue knows it by.
func (s State) TextKey() string { return "state " + string(s) }
