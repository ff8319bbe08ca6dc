package tables

import (
	"context"

	"duban/ledger"
	"duban/rules/calendar"
)

func (q Questions) CountEnded(ctx context.Context, query ledger.EndedQuery, f func(ledger.Ended)) error {
	w := &filter{}
	w.equal("unit", query.Unit)
	if !query.DueFrom.IsZero() {
		w.add("due >= ?", query.DueFrom.String())
	}
	if !query.DueTo.IsZero() {
		w.add("due <= ?", query.DueTo.String())
	}
	ask := `SELECT plan, unit, due, state, late, n FROM ended` + w.String()
	if query.Monthly {
		ask = `SELECT plan, unit, MIN(due), state, late, SUM(n) FROM ended` + w.String() + ` GROUP BY substr(due, 1, 7), plan, unit, state, late`
	}
	return q.eachOfMany(ctx, ask, w.args, func(scan func(...any) error) error {
		var e ledger.Ended
		var damage string
		if err := scan(&e.Plan, &e.Unit, needed{day{&e.Due}, "due", &damage}, &e.State, &e.Late, &e.N); err != nil {
			return err
		}
		if query.Monthly && damage == "" {
			e.Due -= calendar.Date(e.Due.Day() - 1)
		}
		e.Plan, e.Unit, e.State = shared(e.Plan), shared(e.Unit), ledger.State(shared(string(e.State)))
		f(e)
		return nil
	})
}

// ended proves that the counts are those of the occurrences.
func (p *Proof) ended(ctx context.Context) error {
	const stands = `SELECT due, plan, unit, state, late, COUNT(*) AS n FROM ` + ever + ` WHERE state IN ('closed', 'waived', 'cancelled') GROUP BY due, plan, unit, state, late`
	if !p.whole {
		return nil
	}
	if there, err := p.hasTable(ctx, "ended"); err != nil || !there {
		p.problem("the table ended is gone")
		return err
	}
	return p.each(ctx, `SELECT due, plan, unit, state, late, SUM(kept), SUM(n) FROM (
			SELECT due, plan, unit, state, late, n AS kept, 0 AS n FROM ended UNION ALL
			SELECT due, plan, unit, state, late, 0, n FROM (`+stands+`) s) both_ways
		GROUP BY due, plan, unit, state, late HAVING SUM(kept) <> SUM(n)`, nil, func(scan func(...any) error) error {
		var due, plan, unit, state string
		var late bool
		var kept, n int
		err := scan(&due, &plan, &unit, &state, &late, &kept, &n)
		p.problem("the count of what %s has under %s, due on %s and %s%s, is %d, and %d stand there", unit, plan, due, state, map[bool]string{true: " late"}[late], kept, n)
		return err
	})
}
