package tables

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"time"

	"duban/ledger"
)

func (tx *Tx) Journal(entries ...ledger.Entry) error {
	for _, e := range entries {
		tx.Changed = tx.Changed || e.Subject.Kind != ledger.AboutLedger && e.Subject.Kind != ledger.AboutNotice
	}
	tx.entries = append(tx.entries, entries...)
	for len(tx.entries) >= tx.keep { // the last are still to tell of the rows
		if err := tx.append(tx.entries[:Together]); err != nil {
			return err
		}
		tx.entries = slices.Delete(tx.entries, 0, Together)
	}
	return nil
}

// sealJournal tells the journal which rows the transaction has changed.
func (tx *Tx) sealJournal() error {
	rows, err := tx.Touched.text(tx.ctx, Questions{tx.engine, tx.Dialect})
	if err != nil {
		return err
	}
	if rows != "" && len(tx.entries) == 0 {
		if err := tx.readLast(); err != nil {
			return err
		}
		// Nobody has said when: not before the entry before.
		tx.entries = []ledger.Entry{{At: tx.last.At, Actor: "duban", Action: ledger.RowsChanged, Subject: ledger.Subject{Kind: ledger.AboutLedger}}}
	}
	return tx.writeEntries(rows)
}

func (tx *Tx) readLast() error {
	if tx.last != nil {
		return nil
	}
	e, err := tx.engine.Last()
	if err != nil {
		return err
	}
	if e.Seq == 0 {
		e.At = time.Unix(0, 0)
	}
	tx.last, tx.began = &e, e.Seq
	return nil
}

func (tx *Tx) Written(f func(ledger.Entry) error) error {
	if tx.last != nil { // some may not wait any more
		if err := (Questions{tx.engine, tx.Dialect}).EntriesSince(tx.ctx, tx.began, f); err != nil {
			return err
		}
	}
	for _, e := range tx.entries {
		if err := f(e); err != nil {
			return err
		}
	}
	return nil
}

// LastOf is the journal's last entry, its time, number and hash alone.
func (q Questions) LastOf(ctx context.Context) (e ledger.Entry, err error) {
	err = q.DB.Row(ctx, `SELECT seq, at, hash FROM journal ORDER BY seq DESC LIMIT 1`).Scan(&e.Seq, moment{&e.At}, &e.Hash)
	if errors.Is(err, sql.ErrNoRows) {
		return e, nil
	}
	return e, q.explain(err)
}

// muchText is as much as one statement should carry of what is told of rows: the
// first tick of a city changes a million, and SQLite holds a statement several times.
var muchText = 1 << 20

// writeEntries writes the entries that wait; the last of them tell of the rows.
func (tx *Tx) writeEntries(changed string) error {
	if len(tx.entries) == 0 {
		return nil
	}
	for i := len(tx.entries) - 1; i > 0 && len(changed) > muchText; i-- {
		cut := strings.LastIndexByte(changed[:len(changed)-muchText], '\n')
		if cut < 0 {
			break
		}
		tx.entries[i].Rows, changed = changed[cut+1:], changed[:cut+1]
	}
	i := len(tx.entries) - 1
	for i > 0 && tx.entries[i].Rows != "" {
		i--
	}
	tx.entries[i].Rows = changed + tx.entries[i].Rows
	for rest := tx.entries; len(rest) > 0; {
		n, text := 0, 0
		for n < min(len(rest), Together) && (n == 0 || text+len(rest[n].Rows) <= 2*muchText) {
			text += len(rest[n].Rows)
			n++
		}
		if err := tx.append(rest[:n]); err != nil {
			return err
		}
		rest = rest[n:]
	}
	tx.entries = tx.entries[:0]
	return tx.engine.NoteEnd(tx.last.Head())
}

// append writes entries behind the last one.
func (tx *Tx) append(entries []ledger.Entry) error {
	if err := tx.readLast(); err != nil {
		return err
	}
	values := &tx.values
	values.none()
	for _, e := range entries {
		for _, text := range []*string{&e.Actor, &e.Subject.Ref, &e.Reason, &e.Before, &e.After} { // as it will stand there
			*text = ledger.Clean(*text)
		}
		e.Seq, e.Prev = tx.last.Seq+1, tx.last.Hash
		e.Hash = e.Digest()
		values.add(e.Seq, timeText(e.At), e.Actor, e.Action, e.Subject.Kind, e.Subject.Ref, e.Reason, e.Before, e.After, e.Prev, e.Hash, e.Rows)
		tx.last = &e
	}
	const of header = `seq# at actor action kind ref reason before after prev hash rows`
	if values.n == Together {
		return tx.explain(tx.engine.Load("journal", of.names(), values.args))
	}
	query, args := tx.inserted("journal", of, values)
	return tx.queueWhatWaited("journal", query, args...)
}

// FactEnd is where the journal ended last.
const FactEnd = "journal head"

func (q Questions) Entries(ctx context.Context, subject ledger.Subject, f func(ledger.Entry) error) error {
	w := &filter{}
	w.equal("kind", subject.Kind)
	w.equal("ref", subject.Ref)
	return q.entries(ctx, w.String()+` ORDER BY seq`, w.args, f)
}

func (q Questions) EntriesSince(ctx context.Context, seq int64, f func(ledger.Entry) error) error {
	return q.entries(ctx, ` WHERE seq > ? ORDER BY seq`, []any{seq}, f)
}

func (q Questions) LatestEntries(ctx context.Context, query ledger.EntryQuery) ([]ledger.Entry, error) {
	w := &filter{}
	w.add("action <> ?", ledger.RowsChanged)
	w.equal("actor", query.Actor)
	if query.Subject != "" {
		begins(w, query.Subject)
	}
	if query.Before > 0 {
		w.add("seq < ?", query.Before)
	}
	var out []ledger.Entry
	err := q.entries(ctx, w.String()+` ORDER BY seq DESC LIMIT ?`, append(w.args, ledger.Most(query.Limit)), func(e ledger.Entry) error {
		out = append(out, e)
		return nil
	})
	return out, err
}

func (q Questions) NextEntries(ctx context.Context, after int64, most int) ([]ledger.Entry, error) {
	var out []ledger.Entry
	err := q.entries(ctx, ` WHERE seq > ? AND action <> ? ORDER BY seq LIMIT ?`, []any{after, ledger.RowsChanged, most}, func(e ledger.Entry) error {
		out = append(out, e)
		return nil
	})
	return out, err
}

// begins selects the entries whose subject's text begins so.
func begins(w *filter, text string) {
	const last = "\U0010ffff"
	s := ledger.ParseSubject(text)
	switch {
	case s.Kind == ledger.AboutOccurrence || strings.Contains(text, " "):
		w.equal("kind", s.Kind)
		w.add("ref >= ? AND ref < ?", s.Ref, s.Ref+last)
	default: // the kind, or the plan of an occurrence, is not whole yet
		w.add("(kind = 'occurrence' AND ref >= ? AND ref < ? OR kind <> 'occurrence' AND kind >= ? AND kind < ?)", text, text+last, text, text+last)
	}
}

func (q Questions) LastEntry(ctx context.Context) (seq int64, err error) {
	err = q.DB.Row(ctx, `SELECT COALESCE(MAX(seq), 0) FROM journal`).Scan(&seq)
	return seq, q.explain(err)
}

// LastEntry of a transaction counts those that wait: they need not be written for that.
func (tx *Tx) LastEntry(ctx context.Context) (int64, error) {
	if len(tx.entries) == 0 {
		return tx.Questions.LastEntry(ctx)
	}
	if err := tx.readLast(); err != nil {
		return 0, err
	}
	return tx.last.Seq + int64(len(tx.entries)), nil
}

func (q Questions) entries(ctx context.Context, tail string, args []any, f func(ledger.Entry) error) error {
	return q.eachOfMany(ctx, `SELECT seq, at, actor, action, kind, ref, reason, before, after, prev, hash FROM journal`+tail, args, func(scan func(...any) error) error {
		var e ledger.Entry
		if err := scan(&e.Seq, moment{&e.At}, &e.Actor, &e.Action, &e.Subject.Kind, &e.Subject.Ref, &e.Reason, &e.Before, &e.After, &e.Prev, &e.Hash); err != nil {
			return err
		}
		return f(e)
	})
}

func jsonText(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err) // plain values always marshal
	}
	return string(b)
}
