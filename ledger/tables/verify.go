package tables

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"iter"
	"maps"
	"regexp"
	"slices"
	"strings"

	"duban/ledger"
)

// Proof is a verification under way, in one read transaction.
type Proof struct {
	Questions
	ledger.Checks
	verdict ledger.Verdict
	told    []string       // tables that the journal tells of, as they came
	rowsOf  sorted         // by table and row: what the journal says of it
	last    sorted         // by occurrence: as its last entry leaves it
	wrong   map[int64]bool // occurrences that stand otherwise than the journal says of their rows
	whole   bool
	byRow   bool // occurrences are rows like others: their columns may not be those known here
	lags    bool // the note of the journal's end may be behind it
}

// asItStands is what an entry tells of an occurrence. Of text that no ledger keeps older
// versions told as it was sent, in escapes, each byte that was no UTF-8 by itself: the
// occurrence has a U+FFFD (ledger.Clean).
func asItStands(after string) string {
	if !strings.Contains(after, `\u0000`) && !strings.Contains(after, `\ufffd`) {
		return after
	}
	return sentAsIs.ReplaceAllStringFunc(after, func(s string) string {
		if s == `\\` {
			return s
		}
		return "\uFFFD"
	})
}

var sentAsIs = regexp.MustCompile(`\\\\|\\u0000|(?:\\ufffd)+`)

// textHash is enough of the SHA-256 of a text that nobody finds another one with it.
func textHash(s string) rowHash {
	sum := sha256.Sum256([]byte(s))
	return rowHash(sum[:len(rowHash{})])
}

// maxProblems bounds what Verify lists.
const maxProblems = 100

func (p *Proof) problem(format string, args ...any) {
	if len(p.verdict.Problems) < maxProblems {
		p.verdict.Problems = append(p.verdict.Problems, fmt.Sprintf(format, args...))
	}
}

// NewProof is one that has not begun; lags: the engine notes the journal's end
// after the commit, so that the note may be behind it.
func NewProof(q Questions, lags bool, checks ...ledger.Checks) *Proof {
	p := &Proof{Questions: q, lags: lags, wrong: map[int64]bool{}}
	for _, c := range checks {
		p.Checks = c
	}
	p.whole = p.Since == ""
	return p
}

// All is whether everything is to be proved, and not only what the journal says
// since an entry.
func (p *Proof) All() bool { return p.whole }

// Wrong notes what an engine found by itself.
func (p *Proof) Wrong(err error) { p.problem("%v", err) }

// Prove proves the ledger.
func (p *Proof) Prove(ctx context.Context) (ledger.Verdict, error) {
	return p.take(ctx, p.guards, p.chain, p.rows, p.occurrences, p.ended)
}

// ProveRows is Prove of a ledger whose schema may be another: rows alone, whatever
// their columns mean.
func (p *Proof) ProveRows(ctx context.Context) (ledger.Verdict, error) {
	p.byRow = true
	return p.take(ctx, p.guards, p.chain, p.rows)
}

func (p *Proof) take(ctx context.Context, steps ...func(context.Context) error) (ledger.Verdict, error) {
	defer p.close()
	for _, step := range steps {
		if err := step(ctx); err != nil {
			return p.verdict, p.explain(err)
		}
	}
	return p.verdict, nil
}

// close gives back what the proof needed.
func (p *Proof) close() {
	p.rowsOf.close()
	p.last.close()
}

// guards are the triggers: those that keep the journal, those that count, and
// whatever else an engine has.
func (p *Proof) guards(ctx context.Context) error {
	found, want, err := p.Dialect.Guards(ctx, p.DB)
	for _, name := range found {
		if want[name] == "" {
			p.problem("a trigger %s is there that duban did not make", name)
		}
		delete(want, name)
	}
	for _, name := range slices.Sorted(maps.Keys(want)) {
		p.problem("the trigger %s is gone, which %s", name, want[name])
	}
	return err
}

// chain proves that each entry follows from the one before, and gathers what
// they say of the rows.
func (p *Proof) chain(ctx context.Context) error {
	noted, err := p.Fact(ctx, FactEnd)
	if err != nil {
		return err
	}
	known := map[int64]string{}
	ends := []string{p.Expect, p.Since}
	if p.lags {
		ends = append(ends, noted)
	}
	for _, s := range ends {
		if s == "" {
			continue
		}
		seq, hash, err := ledger.ParseHead(s)
		if err != nil {
			return err
		}
		known[seq] = hash
	}
	from := int64(0)
	if p.Since != "" {
		from, _, _ = ledger.ParseHead(p.Since) // read above
	}
	var prev ledger.Entry
	first := true
	err = p.eachEntry(ctx, from, func(e ledger.Entry) error {
		p.verdict.Entries++
		switch {
		case first && from > 0:
			if e.Seq != from {
				p.problem("journal %d: the entry is gone", from)
			}
		case e.Seq != prev.Seq+1:
			p.problem("journal %d: entries %d to %d are gone", e.Seq, prev.Seq+1, e.Seq-1)
		case e.Prev != prev.Hash:
			p.problem("journal %d: does not follow from entry %d", e.Seq, prev.Seq)
		}
		first = false
		if e.Digest() != e.Hash {
			p.problem("journal %d: was changed after it was written (%s %s)", e.Seq, e.Action, e.Subject)
		}
		if hash, ok := known[e.Seq]; ok && hash != e.Hash {
			p.problem("journal %d: has the hash %s, and had %s: the journal was written anew", e.Seq, e.Hash, hash)
		}
		prev = e
		if from > 0 && e.Seq == from {
			return nil // what it says is proved already
		}
		return p.gather(e)
	})
	if err != nil {
		return err
	}
	for seq := range known {
		if seq > prev.Seq {
			p.problem("the journal ends with entry %d, and once had entry %d: its end was cut off", prev.Seq, seq)
		}
	}
	if prev.Seq > 0 {
		p.verdict.Head = prev.Head()
	}
	if noted != "" && noted != p.verdict.Head && !p.lags {
		p.problem("the journal ends with entry %s, and ended with %s when it was written last", cmp.Or(p.verdict.Head, "none"), noted)
	}
	return nil
}

// subjectColumns are those of the kind and the reference of an entry. Before a
// schema moves that has one text for both, that is proved.
func (q Questions) subjectColumns(ctx context.Context) (string, error) {
	columns, err := q.Dialect.Columns(ctx, q.DB, "journal")
	if slices.ContainsFunc(columns, func(c Column) bool { return c.Name == "subject" }) {
		return "'', subject", err
	}
	return "kind, ref", err
}

func (q Questions) eachEntry(ctx context.Context, from int64, f func(ledger.Entry) error) error {
	subject, err := q.subjectColumns(ctx)
	if err != nil {
		return err
	}
	return q.eachOfMany(ctx, `SELECT seq, at, actor, action, `+subject+`, reason, before, after, prev, hash, rows FROM journal WHERE seq >= ? ORDER BY seq`, []any{from}, func(scan func(...any) error) error {
		var e ledger.Entry
		if err := scan(&e.Seq, moment{&e.At}, &e.Actor, &e.Action, &e.Subject.Kind, &e.Subject.Ref, &e.Reason, &e.Before, &e.After, &e.Prev, &e.Hash, &e.Rows); err != nil {
			return err
		}
		if e.Subject.Kind == "" {
			e.Subject = ledger.ParseSubject(e.Subject.Ref)
		}
		return f(e)
	})
}

// gather takes what an entry says.
func (p *Proof) gather(e ledger.Entry) error {
	if e.Subject.Kind == ledger.AboutOccurrence {
		if err := p.last.add(record{textHash(e.Subject.Ref), e.Seq, textHash(asItStands(e.After))}); err != nil {
			return err
		}
	}
	if e.Action == schemaMoved {
		p.verdict.NotProved = append(p.verdict.NotProved, fmt.Sprintf("journal %d, %s: %s", e.Seq, e.At.UTC().Format("2006-01-02"), e.Reason))
	}
	var wrong error // with the files that rows are sorted in
	err := readRows(e.Rows, func(table string, row int64, h rowHash, isGone bool) {
		if isGone {
			h = gone
		}
		wrong = errors.Join(wrong, p.rowsOf.add(record{rowKey(p.tableNumber(table), row), e.Seq, h}))
	})
	if err != nil {
		p.problem("journal %d: what it says of rows cannot be read: %v", e.Seq, err)
	}
	return wrong
}

// occurrences are looked at one by one: each stands as its last entry says, in
// words that people read, and its dates follow from the rules.
func (p *Proof) occurrences(ctx context.Context) error {
	var stand sorted // by occurrence: its number, and as it stands
	defer stand.close()
	err := p.eachOfMany(ctx, `SELECT `+occurrenceColumns+` FROM `+ever+` o`, nil, func(scan func(...any) error) error {
		o := &ledger.Occurrence{}
		if err := scanOccurrence(o, scan); err != nil {
			return err
		}
		p.verdict.Occurrences++
		if p.Derived != nil && !p.wrong[o.ID] {
			if said, err := p.Derived(p.Questions, o); err != nil {
				return err
			} else if said != "" {
				p.problem("%s: %s", o.FullKey(), said)
			}
		}
		return stand.add(record{textHash(o.FullKey()), o.ID, textHash(o.Snapshot())})
	})
	if err != nil {
		return err
	}
	if err := p.standAsLast(ctx, &stand); err != nil {
		return err
	}
	for _, id := range slices.Sorted(maps.Keys(p.wrong)) { // that stand as the journal's words say, and not as their rows
		o, err := p.Occurrence(ctx, id)
		if errors.Is(err, ledger.ErrNotFound) {
			continue // its name was told
		}
		if err != nil {
			return err
		}
		p.problem("%s: was changed behind the journal's back: when people are told of it, or what started it", o.FullKey())
	}
	return nil
}

// standAsLast reads side by side how occurrences stand and how their last entries leave
// them.
func (p *Proof) standAsLast(ctx context.Context, stand *sorted) error {
	lastNext, endLast := iter.Pull2(p.last.all())
	defer endLast()
	nextStand, endStand := iter.Pull2(stand.all())
	defer endStand()
	last, err, more := lastNext()
	o, wrong, there := nextStand()
	for err == nil && wrong == nil && (more || there) {
		order := 0
		switch {
		case !there:
			order = -1
		case !more:
			order = 1
		default:
			order = bytes.Compare(last.key[:], o.key[:])
		}
		switch {
		case order < 0:
			err = p.isGone(ctx, last.at)
		case order > 0 && p.whole, order == 0 && last.hash != o.hash:
			err = p.standsOtherwise(ctx, o.at, order == 0)
		}
		if err != nil {
			return err
		}
		if order <= 0 {
			last, err, more = lastNext()
		}
		if order >= 0 {
			o, wrong, there = nextStand()
		}
	}
	return errors.Join(err, wrong)
}

// isGone says that an occurrence is, of which an entry tells.
func (p *Proof) isGone(ctx context.Context, seq int64) error {
	return p.entries(ctx, ` WHERE seq = ?`, []any{seq}, func(e ledger.Entry) error {
		p.problem("%s: the journal knows it, but it is gone", e.Subject.Ref)
		return nil
	})
}

// standsOtherwise says that an occurrence does, or that the journal does not know it.
func (p *Proof) standsOtherwise(ctx context.Context, id int64, known bool) error {
	delete(p.wrong, id)
	o, err := p.Occurrence(ctx, id)
	if err != nil {
		return err
	}
	if !known {
		p.problem("%s: the journal does not know it", o.FullKey())
		return nil
	}
	var after string
	err = p.DB.Row(ctx, `SELECT after FROM journal WHERE kind = ? AND ref = ? ORDER BY seq DESC LIMIT 1`, ledger.AboutOccurrence, o.FullKey()).Scan(&after)
	p.problem("%s: was changed behind the journal's back: it holds %s, the journal says %s", o.FullKey(), o.Snapshot(), after)
	return err
}
