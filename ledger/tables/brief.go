package tables

import (
	"context"
	"strings"
	"unique"

	"duban/ledger"
)

const briefColumns = `SELECT id, plan, obligation, unit, period, due, named, provisional, state, granted, paused_on, reported_at, closed_at, late FROM `

func shared(s string) string { return unique.Make(s).Value() }

func scanBrief(b *ledger.Brief, scan func(...any) error) error {
	err := scan(&b.ID, &b.Plan, &b.Obligation, &b.Unit, &b.Period, needed{day{&b.Due}, "due", &b.Damage}, day{&b.Named}, &b.Provisional, &b.State, day{&b.Granted}, day{&b.PausedOn}, moment{&b.ReportedAt}, moment{&b.ClosedAt}, &b.Late)
	b.Plan, b.Obligation, b.Unit, b.Period, b.State = shared(b.Plan), shared(b.Obligation), shared(b.Unit), shared(b.Period), ledger.State(shared(string(b.State)))
	return err
}

func (q Questions) Briefs(ctx context.Context, f func(*ledger.Brief)) error {
	return q.briefs(ctx, ever, f)
}

func (q Questions) Ongoing(ctx context.Context, f func(*ledger.Brief)) error {
	return q.briefs(ctx, `occurrence WHERE state IN ('open', 'reported')`, f)
}

func (q Questions) briefs(ctx context.Context, from string, f func(*ledger.Brief)) error {
	return q.eachOfMany(ctx, briefColumns+from, nil, func(scan func(...any) error) error {
		b := &ledger.Brief{}
		err := scanBrief(b, scan)
		f(b)
		return err
	})
}

func (q Questions) Brief(ctx context.Context, fullKey string) (*ledger.Brief, error) {
	plan, rest, _ := strings.Cut(fullKey, ":")
	parts := strings.SplitN(rest, "/", 3)
	b := &ledger.Brief{}
	row := q.DB.Row(ctx, briefColumns+ever+` WHERE plan = ? AND obligation = ? AND unit = ? AND period = ?`, plan, parts[0], parts[1], parts[2])
	return b, q.explain(scanBrief(b, row.Scan))
}
