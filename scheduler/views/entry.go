package views

import (
	"encoding/json"
	"time"

	"duban/ledger"
)

// Entry is one of the journal.
type Entry struct {
	Seq        int64           `json:"seq"`
	At         string          `json:"at"`
	By         string          `json:"by"`
	Action     string          `json:"action"`
	Occurrence string          `json:"occurrence"` // or event, notice, plan
	Reason     string          `json:"reason"`
	Before     json.RawMessage `json:"before"`
	After      json.RawMessage `json:"after"`
	Hash       string          `json:"hash"`
}

// NewEntry is how an entry is shown.
func NewEntry(e ledger.Entry, zone *time.Location) Entry {
	return Entry{
		Seq: e.Seq, At: e.At.In(zone).Format(time.RFC3339), By: e.Actor, Action: e.Action, Occurrence: e.Subject.String(), Reason: e.Reason,
		Before: raw(e.Before), After: raw(e.After), Hash: e.Hash,
	}
}

// raw is a stored JSON text as such; a plain text, such as a plan's signature,
// becomes a string.
func raw(s string) json.RawMessage {
	switch {
	case s == "":
		return json.RawMessage("null")
	case json.Valid([]byte(s)):
		return json.RawMessage(s)
	}
	b, _ := json.Marshal(s) // a string always marshals
	return b
}
