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
		ask = `SELECT plan, unit, substr(due, 1, 7) || '-01', state, late, SUM(n) FROM ended` + w.String() + ` GROUP BY substr(due, 1, 7), plan, unit, state, late`
	}
	return q.eachEnded(ctx, ask, w.args, f)
}

func (q Questions) CountSelected(ctx context.Context, query ledger.Query, byItem bool, f func(ledger.Ended)) error {
	query.Ended = true
	if byItem {
		return q.countItems(ctx, query, f)
	}
	w := selected(query)
	ask := `SELECT o.plan, o.unit, substr(o.due, 1, 7) || '-01', o.state, o.late, COUNT(*) FROM ` + ever + ` o` + w.String() + ` GROUP BY substr(o.due, 1, 7), o.plan, o.unit, o.state, o.late`
	return q.eachEnded(ctx, ask, w.args, f)
}

// alike are the ways in which occurrences end.
func alike() (ways []ledger.Ended) {
	for _, state := range ledger.EndedStates {
		ways = append(ways, ledger.Ended{State: state}, ledger.Ended{State: state, Late: true})
	}
	return ways
}

// ItemCounts asks a table for what has ended by day and item, in the order that its index
// has: millions need not be sorted, and the ways to end stand beside each other.
func ItemCounts(table string, query ledger.Query) (ask string, args []any) {
	ask = `SELECT o.due, o.plan, o.obligation`
	for _, way := range alike() {
		ask += `, COUNT(*) FILTER (WHERE o.state = '` + string(way.State) + `' AND o.late = ` + map[bool]string{false: "0", true: "1"}[way.Late] + `)`
	}
	plan := query.Plan
	if query.Unit == "" && query.Obligation == "" {
		query.Plan = "" // else the index of names is taken, which has to read all of the plan's rows
	}
	w := selected(query)
	if query.Plan != plan {
		w.add("o.plan || '' = ?", plan)
	}
	return ask + ` FROM ` + table + ` o` + w.String() + ` GROUP BY o.due, o.plan, o.obligation`, w.args
}

// countItems asks each table by itself: what is shown of all of them has no order.
func (q Questions) countItems(ctx context.Context, query ledger.Query, f func(ledger.Ended)) error {
	years, err := q.Years(ctx)
	if err != nil {
		return err
	}
	ways, months := alike(), map[ledger.Ended]int{}
	for _, table := range append(years, "occurrence") {
		ask, args := ItemCounts(table, query)
		err := q.eachOfMany(ctx, ask, args, func(scan func(...any) error) error {
			var e ledger.Ended
			var damage string
			n := make([]int, len(ways))
			to := []any{needed{day{&e.Due}, "due", &damage}, &e.Plan, &e.Obligation}
			for i := range n {
				to = append(to, &n[i])
			}
			if err := scan(to...); err != nil {
				return err
			}
			if damage == "" {
				e.Due = e.Due.FirstOfMonth()
			}
			for i, way := range ways {
				if e.State, e.Late = way.State, way.Late; n[i] > 0 {
					months[e] += n[i]
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	for e, n := range months {
		e.N = n
		f(e)
	}
	return nil
}

// eachEnded reads counts of units.
func (q Questions) eachEnded(ctx context.Context, ask string, args []any, f func(ledger.Ended)) error {
	return q.eachOfMany(ctx, ask, args, func(scan func(...any) error) error {
		var e ledger.Ended
		var damage string
		if err := scan(&e.Plan, &e.Unit, needed{day{&e.Due}, "due", &damage}, &e.State, &e.Late, &e.N); err != nil {
			return err
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
