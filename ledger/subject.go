package ledger

import "strings"

// Subject is what an entry of the journal is about.
type Subject struct {
	Kind string // AboutOccurrence, …, or the kind of a rule
	Ref  string // which of them; empty: there is only one
}

// The kinds of subject that the ledger itself tells of.
const (
	AboutOccurrence = "occurrence" // Ref is its FullKey
	AboutRequest    = "request"    // the FullKey of the occurrence
	AboutAttachment = "attachment" // likewise
	AboutEvent      = "event"      // NAME/UNIT/KEY
	AboutNotice     = "notice"     // its number
	AboutOutbox     = "outbox"
	AboutAccount    = "account"
	AboutToken      = "token"
	AboutPlan       = "plan"
	AboutYear       = "year"   // what was put aside of it
	AboutLedger     = "ledger" // which rows changed, or the schema
)

// String is the subject as people read it, and as the hashes of entries have it:
// an occurrence is its FullKey alone, anything else has its kind before it.
func (s Subject) String() string {
	switch {
	case s.Kind == AboutOccurrence:
		return s.Ref
	case s.Ref == "":
		return s.Kind
	}
	return s.Kind + " " + s.Ref
}

// ParseSubject reads what String writes.
func ParseSubject(text string) Subject {
	plan, _, key := strings.Cut(text, ":")
	if key && !strings.Contains(plan, " ") {
		return Subject{AboutOccurrence, text}
	}
	kind, ref, _ := strings.Cut(text, " ")
	return Subject{kind, ref}
}

func (s Subject) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

func (s *Subject) UnmarshalText(text []byte) error {
	*s = ParseSubject(string(text))
	return nil
}
