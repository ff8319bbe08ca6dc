package tables

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"duban/ledger"
)

// Proof is a verification under way, in one read transaction.
type Proof struct {
	Questions
	ledger.Checks
	verdict  ledger.Verdict
	recorded map[string]map[int64]rowHash // by table: what the journal says of each row
	gone     map[string]map[int64]bool
	last     map[string]string // by occurrence: as its last entry leaves it
	whole    bool
	byRow    bool // occurrences are rows like others: their columns may not be those known here
	lags     bool // the note of the journal's end may be behind it
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
	p := &Proof{Questions: q, lags: lags, recorded: map[string]map[int64]rowHash{}, gone: map[string]map[int64]bool{}, last: map[string]string{}}
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
	for _, step := range steps {
		if err := step(ctx); err != nil {
			return p.verdict, p.explain(err)
		}
	}
	return p.verdict, nil
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
		p.last[e.Subject.Ref] = e.After
	}
	if e.Action == schemaMoved {
		p.verdict.NotProved = append(p.verdict.NotProved, fmt.Sprintf("journal %d, %s: %s", e.Seq, e.At.UTC().Format("2006-01-02"), e.Reason))
	}
	err := readRows(e.Rows, func(table string, row int64, h rowHash, gone bool) {
		if p.recorded[table] == nil {
			p.recorded[table], p.gone[table] = map[int64]rowHash{}, map[int64]bool{}
		}
		delete(p.gone[table], row)
		p.recorded[table][row] = h
		if gone {
			p.gone[table][row] = true
			delete(p.recorded[table], row)
		}
	})
	if err != nil {
		p.problem("journal %d: what it says of rows cannot be read: %v", e.Seq, err)
	}
	return nil
}

// rows proves that the rows stand as the journal says.
func (p *Proof) rows(ctx context.Context) error {
	tables, err := p.covered(ctx)
	if err != nil {
		return err
	}
	for table := range p.recorded {
		if !slices.Contains(tables, table) {
			p.problem("the table %s is gone", table)
		}
	}
	for _, table := range tables {
		if err := p.table(ctx, table); err != nil {
			return err
		}
	}
	return nil
}

func (p *Proof) table(ctx context.Context, table string) error {
	recorded := p.recorded[table]
	var only []int64 // all
	if !p.whole {
		only = append(slices.Collect(maps.Keys(recorded)), slices.Collect(maps.Keys(p.gone[table]))...)
		slices.Sort(only)
		if only == nil {
			return nil
		}
	}
	columns, err := p.Dialect.Columns(ctx, p.DB, table)
	if err != nil {
		return err
	}
	later := hasOccurrences(table) && !p.byRow // of these more is said below
	err = p.eachRow(ctx, table, only, func(row int64, h rowHash, values []any) error {
		want, known := recorded[row]
		switch {
		case known && want == h:
			p.verdict.Rows++
		case later:
			return nil
		case !known:
			p.problem("%s: the journal does not know it", rowName(table, row, columns, values))
		default:
			p.problem("%s: was changed behind the journal's back", rowName(table, row, columns, values))
		}
		delete(recorded, row)
		return nil
	})
	if err != nil || later {
		return err
	}
	for _, row := range slices.Sorted(maps.Keys(recorded)) {
		p.problem("%s %d: the journal knows it, but it is gone", table, row)
	}
	return nil
}

// rowName says for people which row it is: its table, number, and the first
// texts in it that are no times.
func rowName(table string, row int64, columns []Column, values []any) string {
	var parts []string
	for _, name := range []string{"name", "plan", "obligation", "unit", "address", "key", "period", "kind", "from_day"} {
		i := slices.IndexFunc(columns, func(c Column) bool { return c.Name == name })
		if i < 0 {
			continue
		}
		if s, ok := values[i].(string); ok && s != "" {
			parts = append(parts, s)
		}
	}
	text := fmt.Sprintf("%s %d", table, row)
	if len(parts) > 0 {
		text += " (" + strings.Join(parts, "/") + ")"
	}
	return text
}

// occurrences are looked at one by one: each stands as its last entry says, in
// words that people read, and its dates follow from the rules.
func (p *Proof) occurrences(ctx context.Context) error {
	wrong := map[int64]rowHash{}
	for table, rows := range p.recorded {
		if hasOccurrences(table) {
			maps.Copy(wrong, rows)
		}
	}
	err := p.eachOfMany(ctx, `SELECT `+occurrenceColumns+` FROM `+ever+` o`, nil, func(scan func(...any) error) error {
		o := &ledger.Occurrence{}
		if err := scanOccurrence(o, scan); err != nil {
			return err
		}
		p.verdict.Occurrences++
		after, known := p.last[o.FullKey()]
		switch _, changed := wrong[o.ID]; {
		case !known && p.whole:
			p.problem("%s: the journal does not know it", o.FullKey())
		case known && after != o.Snapshot():
			p.problem("%s: was changed behind the journal's back: it holds %s, the journal says %s", o.FullKey(), o.Snapshot(), after)
		case changed:
			p.problem("%s: was changed behind the journal's back: when people are told of it, or what started it", o.FullKey())
		case p.Derived != nil:
			if said, err := p.Derived(p.Questions, o); err != nil {
				return err
			} else if said != "" {
				p.problem("%s: %s", o.FullKey(), said)
			}
		}
		delete(p.last, o.FullKey())
		return nil
	})
	for _, subject := range slices.Sorted(maps.Keys(p.last)) {
		p.problem("%s: the journal knows it, but it is gone", subject)
	}
	return err
}
