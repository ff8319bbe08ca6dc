package tables

import (
	"context"

	"duban/ledger"
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
	return q.eachEnded(ctx, ask, w.args, query.Monthly, f)
}

func (q Questions) CountSelected(ctx context.Context, query ledger.Query, byItem bool, f func(ledger.Ended)) error {
	query.Ended = true
	w := selected(query)
	if byItem {
		return q.countItems(ctx, w, f)
	}
	ask := `SELECT o.plan, o.unit, MIN(o.due), o.state, o.late, COUNT(*) FROM ` + ever + ` o` + w.String() + ` GROUP BY substr(o.due, 1, 7), o.plan, o.unit, o.state, o.late`
	return q.eachEnded(ctx, ask, w.args, true, f)
}

// countItems counts by day and item in the order that the index has, so that millions
// need not be sorted: the ways to end stand beside each other.
func (q Questions) countItems(ctx context.Context, w *filter, f func(ledger.Ended)) error {
	var alike []ledger.Ended
	ask := `SELECT o.due, o.plan, o.obligation`
	for _, state := range ledger.EndedStates {
		for late, is := range []string{" AND o.late = 0", " AND o.late = 1"} {
			alike = append(alike, ledger.Ended{State: state, Late: late == 1})
			ask += `, COUNT(*) FILTER (WHERE o.state = '` + string(state) + `'` + is + `)`
		}
	}
	months := map[ledger.Ended]int{}
	err := q.eachOfMany(ctx, ask+` FROM `+ever+` o`+w.String()+` GROUP BY o.due, o.plan, o.obligation`, w.args, func(scan func(...any) error) error {
		var e ledger.Ended
		var damage string
		n := make([]int, len(alike))
		to := []any{needed{day{&e.Due}, "due", &damage}, &e.Plan, &e.Obligation}
		for i := range n {
			to = append(to, &n[i])
		}
		err := scan(to...)
		if damage == "" {
			e.Due = e.Due.FirstOfMonth()
		}
		for i, a := range alike {
			if e.State, e.Late = a.State, a.Late; n[i] > 0 {
				months[e] += n[i]
			}
		}
		return err
	})
	for e, n := range months {
		e.N = n
		f(e)
	}
	return err
}

// eachEnded reads counts of units.
func (q Questions) eachEnded(ctx context.Context, ask string, args []any, monthly bool, f func(ledger.Ended)) error {
	return q.eachOfMany(ctx, ask, args, func(scan func(...any) error) error {
		var e ledger.Ended
		var damage string
		if err := scan(&e.Plan, &e.Unit, needed{day{&e.Due}, "due", &damage}, &e.State, &e.Late, &e.N); err != nil {
			return err
		}
		if monthly && damage == "" {
			e.Due = e.Due.FirstOfMonth()
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
