package views

import (
	"encoding/json"
	"time"

	"duban/ledger"
)

// Entry is one of the journal.
type Entry struct {
	Seq        int64           `json:"seq" doc:"Its number: they rise"`
	At         string          `json:"at" doc:"When"`
	By         string          `json:"by" doc:"Who did it"`
	Action     string          `json:"action" doc:"What was done"`
	Occurrence string          `json:"occurrence" doc:"What it is about: an occurrence, an event, a notice, a plan"` // or event, notice, plan
	Reason     string          `json:"reason" doc:"Why"`
	Before     json.RawMessage `json:"before" doc:"How it was"`
	After      json.RawMessage `json:"after" doc:"How it is since"`
	Hash       string          `json:"hash" doc:"It proves this entry and all before it"`
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
