package ledger

import (
	"context"
	"io"
	"time"
)

// Attachment is a file that somebody sent with a report, with progress or with a
// request. Its bytes lie in the ledger in pieces, so that no more of a file is in
// memory at once than one.
type Attachment struct {
	ID         int64
	Occurrence int64
	Name       string // harmless: no path, nothing that turns text around
	Type       string // as its bytes say
	Size       int64
	SHA256     string
	With       string // done, progress, extension, not-ours: what it came with
	By         string
	At         time.Time
	Removed    time.Time // the bytes are gone; zero: they are there
	RemovedBy  string
	Reason     string // of the removal
}

// PieceSize is how much of a file one piece holds.
const PieceSize = 256 << 10

// AttachmentReader finds files.
type AttachmentReader interface {
	// Attachments are the files of an occurrence, in order.
	Attachments(ctx context.Context, occurrence int64) ([]*Attachment, error)

	// Attachment is the one with that number.
	Attachment(ctx context.Context, id int64) (*Attachment, error)

	// AttachmentsUnder calls f for each file of a plan's occurrences of a period that is
	// there; an empty period: of all.
	AttachmentsUnder(ctx context.Context, plan, period string, f func(*Occurrence, *Attachment) error) error

	// AttachedBytes is how many bytes of files the ledger has.
	AttachedBytes(ctx context.Context) (int64, error)

	// Piece is that piece of a file, from 0 on; nil: it has no more.
	Piece(ctx context.Context, attachment int64, n int) ([]byte, error)
}

// AttachmentWriter keeps files and takes them away.
type AttachmentWriter interface {
	// AddAttachment keeps a file of an occurrence and sets its ID.
	AddAttachment(a *Attachment, o *Occurrence, content io.Reader, e Entry) error

	// RemoveAttachment takes the bytes of a file away; its name, its hash and the
	// reason stay.
	RemoveAttachment(a *Attachment, o *Occurrence, e Entry) error

	// MoveAttachments gives the files of one occurrence to another.
	MoveAttachments(from, to int64) error
}

// CopyAttachment writes the bytes of a file to w, piece by piece.
func CopyAttachment(ctx context.Context, r AttachmentReader, a *Attachment, w io.Writer) error {
	for n := 0; ; n++ {
		piece, err := r.Piece(ctx, a.ID, n)
		if err != nil || piece == nil {
			return err
		}
		if _, err := w.Write(piece); err != nil {
			return err
		}
	}
}
