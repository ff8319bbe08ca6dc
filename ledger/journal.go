package ledger

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strconv"
	"time"
)

// Entry is one line of the journal (台账流水): who changed what, and how it was
// before and after. Each carries the hash of the one before.
type Entry struct {
	Seq     int64
	At      time.Time
	Actor   string // "duban", or who acted
	Action  string
	Subject Subject
	Reason  string
	Before  string // JSON, or empty
	After   string
	Prev    string
	Hash    string
	Rows    string // which rows of the other tables changed with it
}

// Digest binds an entry's fields, each by its length, to the entry before.
func (e *Entry) Digest() string {
	h := sha256.New()
	var few [1024]byte
	buf := few[:0]
	field := func(s string) {
		buf = append(strconv.AppendInt(buf, int64(len(s)), 10), ':')
		for len(buf)+len(s) > cap(buf) { // what tells of many rows is long: it is not copied whole
			n := cap(buf) - len(buf)
			h.Write(append(buf, s[:n]...))
			buf, s = buf[:0], s[n:]
		}
		h.Write(append(buf, s...))
		buf = buf[:0]
	}
	field(e.Prev)
	field(strconv.FormatInt(e.Seq, 10))
	for _, s := range []string{e.At.UTC().Format(time.RFC3339), e.Actor, e.Action, e.Subject.String(), e.Reason, e.Before, e.After} {
		field(s)
	}
	if e.Rows != "" { // older entries have none, and keep their hashes
		field(e.Rows)
	}
	return hex.EncodeToString(h.Sum(nil))
}

// RowsChanged is the action of entries that only tell which rows a transaction
// has changed: lists leave them out.
const RowsChanged = "rows"

// Head is SEQ:HASH of an entry: who keeps it elsewhere can prove later that the
// journal up to there is the same.
func (e *Entry) Head() string { return fmt.Sprintf("%d:%s", e.Seq, e.Hash) }

// OnlyRows tells whether an entry only says which rows changed: a mail that is on
// its way, say.
func (e *Entry) OnlyRows() bool { return e.Action == RowsChanged }

// EntryQuery selects entries; empty fields select all.
type EntryQuery struct {
	Subject string // what its text begins with
	Actor   string
	Before  int64 // only those with a smaller number
	Limit   int   // 0: AtOnce
}

// JournalReader reads the journal.
type JournalReader interface {
	// Entries calls f for each entry about the subject, or about all, in order.
	Entries(ctx context.Context, subject Subject, f func(Entry) error) error

	// EntriesSince calls f for each entry after the one with that number, in order.
	EntriesSince(ctx context.Context, seq int64, f func(Entry) error) error

	// LatestEntries are those selected, the newest first.
	LatestEntries(ctx context.Context, query EntryQuery) ([]Entry, error)

	// NextEntries are those that lists show, after the one with that number, at most so
	// many, the oldest first.
	NextEntries(ctx context.Context, after int64, most int) ([]Entry, error)

	// LastEntry is the number of the newest entry; 0: none.
	LastEntry(ctx context.Context) (seq int64, err error)
}

// JournalWriter appends to it.
type JournalWriter interface {
	// Journal appends entries; Seq, Prev and Hash are set when they are written.
	Journal(entries ...Entry) error

	// Written calls f for each entry that this transaction has appended so far, in order.
	// Most of them have no number yet: what it would have written a rehearsal is told so.
	Written(f func(Entry) error) error
}
