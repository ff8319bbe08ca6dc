package province

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"duban/ledger"
	"duban/ledger/tables"
	"duban/rules"
	"duban/rules/calendar"
)

// past is a target that is given what had ended before the first tick as well.
type past struct {
	tables.Target
	size Size
	set  *rules.Set

	columns []tables.Column // of an occurrence
	rule    map[string]int64
	last    ledger.Entry // of the journal
	from    int64        // the number of the first occurrence that is made
	ended   map[ended]int
}

type ended struct {
	due, unit, state string
	late             bool
}

// plan is the one that a province has.
const plan = "p"

func newPast(ctx context.Context, q tables.Questions, to tables.Target, set *rules.Set, size Size) (*past, error) {
	p := &past{Target: to, size: size, set: set, rule: map[string]int64{}, ended: map[ended]int{}}
	var err error
	if p.columns, err = q.Dialect.Columns(ctx, q.DB, "occurrence"); err != nil {
		return nil, err
	}
	standings, err := q.Standings(ctx, plan)
	if err != nil {
		return nil, err
	}
	for _, s := range standings {
		p.rule[s.Obligation] = s.Rule
	}
	if p.last, err = q.LastOf(ctx); err != nil {
		return nil, err
	}
	err = q.DB.Row(ctx, `SELECT COALESCE(MAX(id), 0) + 1 FROM occurrence`).Scan(&p.from)
	return p, err
}

// Fill puts what is made behind the rows that come.
func (p *past) Fill(ctx context.Context, table string, columns []string, next func() ([]any, error), fact, value string) error {
	var more func(yield func([]any) bool)
	switch table {
	case "occurrence":
		more = p.occurrences(columns)
	case "journal":
		more = p.entries(columns)
	case "ended":
		more = p.counts(columns)
	default:
		return p.Target.Fill(ctx, table, columns, next, fact, value)
	}
	rows, stop := make(chan []any, 1024), make(chan struct{})
	defer close(stop)
	go func() {
		defer close(rows)
		more(func(row []any) bool {
			select {
			case rows <- row:
				return true
			case <-stop:
				return false
			}
		})
	}()
	return p.Target.Fill(ctx, table, columns, func() ([]any, error) {
		row, err := next()
		if !tables.IsEnd(err) {
			return row, err
		}
		if made, ok := <-rows; ok {
			return made, nil
		}
		return nil, err
	}, fact, value)
}

// each calls f for what has ended, in the order of its key. Of sixteen one was late, of
// a hundred one was waived.
func (p *past) each(f func(n int64, o *ledger.Occurrence) bool) {
	obligations, units := make([]string, p.size.Obligations), make([]string, p.size.Units)
	for i := range obligations {
		obligations[i] = fmt.Sprintf("o%d", i)
	}
	for i := range units {
		units[i] = fmt.Sprintf("u%d", i)
	}
	slices.Sort(obligations)
	slices.Sort(units)
	cal := p.set.Plans[0].Calendar
	type month struct {
		period      string
		anchor, due calendar.Date
	}
	var months []month
	for m := p.size.Months; m > 0; m-- {
		first := calendar.DateOf(2017, time.May-time.Month(m), 1)
		anchor := calendar.DateOf(2017, time.May-time.Month(m)+1, 1) - 1
		months = append(months, month{first.String()[:7], anchor, cal.Add(anchor, 15)})
	}
	n := int64(0)
	for _, obligation := range obligations {
		for _, unit := range units {
			for _, m := range months {
				o := &ledger.Occurrence{
					ID: p.from + n, Plan: plan, Obligation: obligation, Unit: unit, Period: m.period, Rule: p.rule[obligation],
					Anchor: m.anchor, FirstDue: m.due, Due: m.due, State: ledger.StateClosed, ToldThrough: m.due - 3,
					Evidence: "https://www.example.gov.cn/" + obligation + "/" + m.period, ReportedBy: unit,
				}
				closed := (m.due - calendar.Date(n%9)).At(9*60+int(n%480), time.UTC)
				if o.Late = n%16 == 5; o.Late {
					closed = (m.due + 1 + calendar.Date(n%7)).At(9*60, time.UTC)
				}
				o.ReportedAt, o.ClosedAt = closed, closed
				if n%100 == 99 {
					o.State, o.Late, o.ReportedAt, o.ReportedBy, o.Evidence, o.Reason = ledger.StateWaived, false, time.Time{}, "", "", "机构改革"
				}
				if !f(n, o) {
					return
				}
				n++
			}
		}
	}
}

// values are those of an occurrence in its columns.
func (p *past) values(o *ledger.Occurrence) map[string]any {
	values := map[string]any{
		"id": o.ID, "plan": o.Plan, "obligation": o.Obligation, "unit": o.Unit, "period": o.Period, "rule": o.Rule, "anchor": o.Anchor.String(),
		"first_due": o.FirstDue.String(), "due": o.Due.String(), "provisional": int64(0), "state": string(o.State), "evidence": o.Evidence, "reason": o.Reason,
		"reported_by": o.ReportedBy, "closed_at": o.ClosedAt.Format(time.RFC3339), "told_through": o.ToldThrough.String(), "late": int64(0),
	}
	if o.Late {
		values["late"] = int64(1)
	}
	if !o.ReportedAt.IsZero() {
		values["reported_at"] = o.ReportedAt.Format(time.RFC3339)
	}
	return values
}

// row is it as it stands in the ledger.
func (p *past) row(o *ledger.Occurrence) []any {
	given := p.values(o)
	row := make([]any, len(p.columns))
	for i, c := range p.columns {
		row[i] = c.Unset
		if v, ok := given[c.Name]; ok {
			row[i] = v
		}
	}
	return row
}

func (p *past) occurrences(columns []string) func(func([]any) bool) {
	return func(yield func([]any) bool) {
		p.each(func(_ int64, o *ledger.Occurrence) bool {
			p.ended[ended{o.Due.String(), o.Unit, string(o.State), o.Late}]++
			row := p.row(o)
			if len(columns) > len(row) { // the number that SQLite has for a row comes first
				row = append([]any{o.ID}, row...)
			}
			return yield(row)
		})
	}
}

// entries are what the journal tells of each: that it was reported or waived. That it
// was made is not there as well.
func (p *past) entries(columns []string) func(func([]any) bool) {
	return func(yield func([]any) bool) {
		last := p.last
		p.each(func(_ int64, o *ledger.Occurrence) bool {
			was := ledger.Occurrence{State: ledger.StateOpen, Anchor: o.Anchor, FirstDue: o.FirstDue, Due: o.Due, Rule: o.Rule}
			e := ledger.Entry{
				Seq: last.Seq + 1, At: o.ClosedAt, Actor: cmp.Or(o.ReportedBy, "root"), Action: "reported", Subject: o.Subject(), Reason: o.Reason,
				Before: was.Snapshot(), After: o.Snapshot(), Prev: last.Hash, Rows: tables.Told("occurrence", o.ID, p.columns, p.row(o)),
			}
			if o.State == ledger.StateWaived {
				e.Action = "waived"
			}
			e.Hash = e.Digest()
			last = e
			of := map[string]any{
				"seq": e.Seq, "at": e.At.Format(time.RFC3339), "actor": e.Actor, "action": e.Action, "kind": e.Subject.Kind, "ref": e.Subject.Ref, "reason": e.Reason,
				"before": e.Before, "after": e.After, "prev": e.Prev, "hash": e.Hash, "rows": e.Rows,
			}
			row := make([]any, len(columns))
			for i, c := range columns {
				row[i] = of[c]
			}
			return yield(row)
		})
	}
}

func (p *past) counts(columns []string) func(func([]any) bool) {
	return func(yield func([]any) bool) {
		for k, n := range p.ended {
			of := map[string]any{"due": k.due, "plan": plan, "unit": k.unit, "state": k.state, "late": map[bool]int64{true: 1}[k.late], "n": int64(n)}
			row := make([]any, len(columns))
			for i, c := range columns {
				row[i] = of[c]
			}
			if !yield(row) {
				return
			}
		}
	}
}
