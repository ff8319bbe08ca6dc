package sqlite

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"duban/ledger"
)

// proof is a verification under way, in one read transaction.
type proof struct {
	queries
	ledger.Checks
	verdict  ledger.Verdict
	recorded map[string]map[int64]rowHash // by table: what the journal says of each row
	gone     map[string]map[int64]bool
	last     map[string]string // by occurrence: as its last entry leaves it
	whole    bool
	byRow    bool // occurrences are rows like others: their columns may not be those known here
}

// maxProblems bounds what Verify lists.
const maxProblems = 100

func (p *proof) problem(format string, args ...any) {
	if len(p.verdict.Problems) < maxProblems {
		p.verdict.Problems = append(p.verdict.Problems, fmt.Sprintf(format, args...))
	}
}

// Verify proves also that the file is whole and the schema's guards are there.
func (l *Ledger) Verify(ctx context.Context, checks ...ledger.Checks) (ledger.Verdict, error) {
	p := newProof(nil)
	for _, c := range checks {
		p.Checks = c
	}
	return l.prove(ctx, p, p.guards, p.chain, p.rows, p.occurrences, p.ended)
}

func newProof(db querier) *proof {
	return &proof{queries: queries{db}, recorded: map[string]map[int64]rowHash{}, gone: map[string]map[int64]bool{}, last: map[string]string{}}
}

// prove takes the steps of a proof, all of one moment.
func (l *Ledger) prove(ctx context.Context, p *proof, steps ...func(context.Context) error) (ledger.Verdict, error) {
	p.whole = p.Since == ""
	if p.whole {
		if err := integrity(ctx, l.read); err != nil {
			p.problem("%v", err)
		}
	}
	tx, err := l.read.BeginTx(ctx, nil)
	if err != nil {
		return p.verdict, explain(err)
	}
	defer func() { _ = tx.Rollback() }() // nothing was written
	p.queries = queries{tx}
	for _, step := range steps {
		if err := step(ctx); err != nil {
			return p.verdict, explain(err)
		}
	}
	return p.verdict, nil
}

// guards are the triggers: those that keep the journal, and those that count.
func (p *proof) guards(ctx context.Context) error {
	want := map[string]string{"journal_keeps": keepsJournal, "journal_stays": keepsJournal}
	counts, err := hasTable(ctx, p.db, "ended") // not before a schema moves that has none
	if err != nil {
		return err
	}
	if counts {
		want["ended_made"], want["ended_moved"] = counted, counted
	}
	found, err := triggersOf(ctx, p.db)
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

const (
	keepsJournal = "keeps the journal from being changed"
	counted      = "counts what has ended"
)

// chain proves that each entry follows from the one before, and gathers what
// they say of the rows.
func (p *proof) chain(ctx context.Context) error {
	known := map[int64]string{}
	for _, s := range []string{p.Expect, p.Since} {
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
	err := p.eachEntry(ctx, from, func(e ledger.Entry) error {
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
	switch kept, err := p.Fact(ctx, factHead); {
	case err != nil:
		return err
	case kept != "" && kept != p.verdict.Head:
		p.problem("the journal ends with entry %s, and ended with %s when it was written last", cmp.Or(p.verdict.Head, "none"), kept)
	}
	return nil
}

// subjectColumns are those of the kind and the reference of an entry. Before a
// schema moves that has one text for both, that is proved.
func subjectColumns(ctx context.Context, db querier) (string, error) {
	columns, err := columnsOf(ctx, db, "journal")
	if slices.ContainsFunc(columns, func(c column) bool { return c.name == "subject" }) {
		return "'', subject", err
	}
	return "kind, ref", err
}

func (q queries) eachEntry(ctx context.Context, from int64, f func(ledger.Entry) error) error {
	subject, err := subjectColumns(ctx, q.db)
	if err != nil {
		return err
	}
	return q.each(ctx, `SELECT seq, at, actor, action, `+subject+`, reason, before, after, prev, hash, rows FROM journal WHERE seq >= ? ORDER BY seq`, []any{from}, func(scan func(...any) error) error {
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
func (p *proof) gather(e ledger.Entry) error {
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
func (p *proof) rows(ctx context.Context) error {
	tables, err := tablesOf(ctx, p.db)
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

func (p *proof) table(ctx context.Context, table string) error {
	recorded := p.recorded[table]
	var only []int64 // all
	if !p.whole {
		only = append(slices.Collect(maps.Keys(recorded)), slices.Collect(maps.Keys(p.gone[table]))...)
		slices.Sort(only)
		if only == nil {
			return nil
		}
	}
	columns, err := columnsOf(ctx, p.db, table)
	if err != nil {
		return err
	}
	later := table == "occurrence" && !p.byRow // of these more is said below
	err = eachRow(ctx, p.db, table, only, func(row int64, h rowHash, values []any) error {
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
func rowName(table string, row int64, columns []column, values []any) string {
	var parts []string
	for _, name := range []string{"name", "plan", "obligation", "unit", "address", "key", "period", "kind", "from_day"} {
		i := slices.IndexFunc(columns, func(c column) bool { return c.name == name })
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
func (p *proof) occurrences(ctx context.Context) error {
	wrong := p.recorded["occurrence"]
	err := p.each(ctx, `SELECT `+occurrenceColumns+` FROM occurrence o`, nil, func(scan func(...any) error) error {
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
			if said, err := p.Derived(p.queries, o); err != nil {
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
