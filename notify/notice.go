// Package notify says what a notice (通知) reads like, in the reader's language
// (words.go, render.go, letter.go, ics.go), and what a channel is that takes it to
// a unit (channel.go; below: mail). It knows no database and no clock: what to say
// comes in as values.
//
//	Notice → subject, text, HTML, calendar entries → Channel.Compose: bytes to keep
//	bytes → Channel.Send → Outcome: there, refused for good, or worth another try
//
// A notice composed twice from the same values is the same message to the byte.
package notify

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"time"

	"duban/rules"
	"duban/rules/calendar"
)

// Kind is what a notice is for.
type Kind string

// The kinds of notice.
const (
	Assignment   Kind = "assignment" // 交办
	Relieved     Kind = "release"    // of an item alone: a duty is the unit's no longer
	Reminder     Kind = "reminder"
	Escalation   Kind = "escalation" // to the supervisor
	LetterKind   Kind = "letter"     // about one act
	BulletinKind Kind = "bulletin"   // of some months, to those who supervise
	Admin        Kind = "admin"      // to the administrators
)

// Notice is all that one mail says.
type Notice struct {
	Kind       Kind
	Language   string // "zh-CN" or "en"
	Unit       string // its name, for people
	Supervisor string // its name; empty: none
	Day        calendar.Date
	Items      []Item
	Duties     []Duty  // that are new to the unit, or all of them in a plan's first notice
	Relieved   []Duty  // that are its own no longer
	Waiting    int     // to a supervisor: requests and reports that wait for its word
	All        string  // where all that the unit owes is to be seen; empty: no page
	Letter     *Letter // what a letter is about; nil: Title and Text say it
	Bulletin   *Bulletin
	Title      string // of a notice to the administrators: its subject
	Text       string
}

// Item is one occurrence in a notice.
type Item struct {
	ID          string // OBLIGATION/UNIT/PERIOD
	UID         string // stable for ever: of the calendar entry
	Kind        rules.ReminderKind
	Light       rules.Light
	Plan        string // its title
	Title       string
	Ref         string
	Unit        string // its name
	Period      string
	Due         calendar.Date
	Deadline    time.Time // in the plan's time zone
	Days        int       // working days left; negative: late
	Basis       rules.Basis
	Provisional bool
	Extended    bool
	New         bool // the unit has not heard of this obligation before
	Partner     bool // the unit is a partner in it: it is another's, and only told of
	Closed      bool // of such one: it is done
	Note        string
	Link        string // to report it; empty: no page
	Sequence    int    // of the calendar entry
}

// Duty is one obligation in an assignment.
type Duty struct {
	Plan     string
	Title    string
	Ref      string
	Deadline string // in words
	Basis    rules.Basis
	Note     string
	Next     []NextDate
}

// NextDate is one of the dates to come.
type NextDate struct {
	Period      string
	Due         calendar.Date
	Provisional bool
}

// count is how many items there are of a kind.
func (n *Notice) count(kind rules.ReminderKind) int {
	c := 0
	for _, it := range n.Items {
		if it.Kind == kind && !it.Partner {
			c++
		}
	}
	return c
}

// partners is how many items are others', of which the unit is only told.
func (n *Notice) partners() int {
	c := 0
	for _, it := range n.Items {
		if it.Partner {
			c++
		}
	}
	return c
}

// AdminSubject marks a notice to the administrators.
func AdminSubject(language, title string) string { return wordsOf(language).adminTag + title }

// Subject says whom, what and when.
func (n *Notice) Subject() string {
	w := wordsOf(n.Language)
	switch n.Kind {
	case BulletinKind:
		if n.Bulletin != nil {
			return w.bulletinTag + n.Bulletin.Title
		}
		return w.bulletinTag
	case LetterKind, Admin:
		if n.Letter != nil {
			return n.Letter.subject(w, n.Unit)
		}
		return n.Title
	case Assignment:
		return w.assignTag + fmt.Sprintf(w.subject, n.Unit, w.assigned(n), w.in.Short(n.Day))
	case Escalation:
		return w.escalateTag + fmt.Sprintf(w.subject, n.Unit, fmt.Sprintf(w.nEscalated, len(n.Items)), w.in.Short(n.Day))
	}
	return w.remindTag + fmt.Sprintf(w.subject, n.Unit, w.tally(n), w.in.Short(n.Day))
}

// MessageID is made of what a notice is about, so that the same notice made
// again, after a restore say, is the same mail to every mailbox.
func MessageID(domain string, parts ...string) string {
	h := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	return "duban." + hex.EncodeToString(h[:12]) + "@" + domain
}
