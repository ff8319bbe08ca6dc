package ledger

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"
)

// Entry is one line of the journal (台账流水): who changed what, and how it was
// before and after. Each carries the hash of the one before.
type Entry struct {
	Seq     int64
	At      time.Time
	Actor   string // "duban", or who acted
	Action  string
	Subject string // an occurrence, event, plan or notice
	Reason  string
	Before  string // JSON, or empty
	After   string
	Prev    string
	Hash    string
}

// digest binds an entry's fields, each by its length, to the entry before.
func (e *Entry) digest() string {
	h := sha256.New()
	for _, s := range []string{e.Prev, fmt.Sprint(e.Seq), e.At.UTC().Format(time.RFC3339), e.Actor, e.Action, e.Subject, e.Reason, e.Before, e.After} {
		fmt.Fprintf(h, "%d:%s", len(s), s)
	}
	return hex.EncodeToString(h.Sum(nil))
}

// Journal appends entries; Seq, Prev and Hash are set here.
func (tx *Tx) Journal(entries ...Entry) error {
	if len(entries) == 0 {
		return nil
	}
	if tx.lastHash == "" {
		err := tx.db.QueryRowContext(tx.ctx, `SELECT seq, hash FROM journal ORDER BY seq DESC LIMIT 1`).Scan(&tx.lastSeq, &tx.lastHash)
		if err != nil && !errors.Is(err, sql.ErrNoRows) {
			return explain(err)
		}
	}
	var values rows
	for _, e := range entries {
		e.Seq, e.Prev = tx.lastSeq+1, tx.lastHash
		e.Hash = e.digest()
		values.add(e.Seq, timeText(e.At), e.Actor, e.Action, e.Subject, e.Reason, e.Before, e.After, e.Prev, e.Hash)
		tx.lastSeq, tx.lastHash = e.Seq, e.Hash
	}
	_, err := tx.exec(`INSERT INTO journal (seq, at, actor, action, subject, reason, before, after, prev, hash) VALUES `+values.values(), values.args...)
	return err
}

// Entries calls f for each entry about the subject, or about all, in order.
func (q queries) Entries(ctx context.Context, subject string, f func(Entry) error) error {
	w := &filter{}
	w.equal("subject", subject)
	return q.entries(ctx, w.String()+` ORDER BY seq`, w.args, f)
}

// EntriesSince calls f for each entry after the one with that number, in order.
func (q queries) EntriesSince(ctx context.Context, seq int64, f func(Entry) error) error {
	return q.entries(ctx, ` WHERE seq > ? ORDER BY seq`, []any{seq}, f)
}

// EntryQuery selects entries; empty fields select all.
type EntryQuery struct {
	Subject string // or what it begins with
	Actor   string
	Before  int64 // only those with a smaller number
	Limit   int
}

// LatestEntries are those selected, the newest first.
func (q queries) LatestEntries(ctx context.Context, query EntryQuery) ([]Entry, error) {
	w := &filter{}
	w.equal("actor", query.Actor)
	if query.Subject != "" {
		w.add("subject >= ? AND subject < ?", query.Subject, query.Subject+"\U0010ffff")
	}
	if query.Before > 0 {
		w.add("seq < ?", query.Before)
	}
	var out []Entry
	err := q.entries(ctx, w.String()+` ORDER BY seq DESC LIMIT ?`, append(w.args, query.Limit), func(e Entry) error {
		out = append(out, e)
		return nil
	})
	return out, err
}

// LastEntry is the number of the newest entry; 0: none.
func (q queries) LastEntry(ctx context.Context) (seq int64, err error) {
	err = q.db.QueryRowContext(ctx, `SELECT COALESCE(MAX(seq), 0) FROM journal`).Scan(&seq)
	return seq, explain(err)
}

func (q queries) entries(ctx context.Context, tail string, args []any, f func(Entry) error) error {
	return q.each(ctx, `SELECT seq, at, actor, action, subject, reason, before, after, prev, hash FROM journal`+tail, args, func(scan func(...any) error) error {
		var e Entry
		if err := scan(&e.Seq, moment{&e.At}, &e.Actor, &e.Action, &e.Subject, &e.Reason, &e.Before, &e.After, &e.Prev, &e.Hash); err != nil {
			return err
		}
		return f(e)
	})
}

// Verdict is what Verify found.
type Verdict struct {
	Entries     int
	Occurrences int
	Problems    []string
}

// maxProblems bounds what Verify lists.
const maxProblems = 100

// Verify proves the ledger: the file is whole, every journal entry follows from
// the one before, and every occurrence stands as its last entry says.
func (l *Ledger) Verify(ctx context.Context) (Verdict, error) {
	var v Verdict
	problem := func(format string, args ...any) {
		if len(v.Problems) < maxProblems {
			v.Problems = append(v.Problems, fmt.Sprintf(format, args...))
		}
	}
	if err := integrity(ctx, l.read); err != nil {
		problem("%v", err)
	}
	prev, seq := "", int64(0)
	last := map[string]string{}
	err := l.Entries(ctx, "", func(e Entry) error {
		v.Entries++
		switch {
		case e.Seq != seq+1:
			problem("journal %d: entries %d to %d are gone", e.Seq, seq+1, e.Seq-1)
		case e.Prev != prev:
			problem("journal %d: does not follow from entry %d", e.Seq, seq)
		}
		if e.digest() != e.Hash {
			problem("journal %d: was changed after it was written (%s %s)", e.Seq, e.Action, e.Subject)
		}
		prev, seq = e.Hash, e.Seq
		if e.AboutOccurrence() {
			last[e.Subject] = e.After
		}
		return nil
	})
	if err != nil {
		return v, err
	}
	err = l.each(ctx, `SELECT `+occurrenceColumns+` FROM occurrence o`, nil, func(scan func(...any) error) error {
		o := &Occurrence{}
		if err := o.scan(scan); err != nil {
			return err
		}
		v.Occurrences++
		switch after, ok := last[o.FullKey()]; {
		case !ok:
			problem("%s: the journal does not know it", o.FullKey())
		case after != o.snapshot():
			problem("%s: was changed behind the journal's back: it holds %s, the journal says %s", o.FullKey(), o.snapshot(), after)
		}
		delete(last, o.FullKey())
		return nil
	})
	for subject := range last {
		problem("%s: the journal knows it, but it is gone", subject)
	}
	return v, err
}

// AboutOccurrence tells whether the subject is an occurrence's FullKey, and not
// "event …", "notice …" or another.
func (e *Entry) AboutOccurrence() bool {
	plan, _, ok := strings.Cut(e.Subject, ":")
	return ok && !strings.Contains(plan, " ")
}

func jsonText(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err) // plain values always marshal
	}
	return string(b)
}
