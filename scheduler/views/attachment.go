package views

import (
	"time"

	"duban/ledger"
)

// Attachment is a file: what attachment list shows.
type Attachment struct {
	ID      int64   `json:"id"`
	Name    string  `json:"name"`
	Type    string  `json:"type"`
	Size    int64   `json:"size"`
	SHA256  string  `json:"sha256"`
	With    string  `json:"with"` // done, progress, extension or not-ours
	By      string  `json:"by"`
	At      *string `json:"at"`
	Removed *string `json:"removed"` // when its bytes were taken away
	Reason  string  `json:"reason,omitempty"`
}

// NewAttachment is a file as it is in the ledger.
func NewAttachment(a *ledger.Attachment, zone *time.Location) Attachment {
	return Attachment{
		ID: a.ID, Name: a.Name, Type: a.Type, Size: a.Size, SHA256: a.SHA256, With: a.With, By: a.By,
		At: Time(a.At, zone), Removed: Time(a.Removed, zone), Reason: a.Reason,
	}
}
