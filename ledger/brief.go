package ledger

import (
	"context"
	"strings"
	"time"
	"unique"

	"duban/rules/calendar"
)

// Brief is what a look at all occurrences at once needs of each. Names that
// many share are kept once.
type Brief struct {
	ID                             int64
	Plan, Obligation, Unit, Period string
	Due, Named                     calendar.Date
	Provisional                    bool
	State                          State
	Granted                        calendar.Date
	PausedOn                       calendar.Date
	ReportedAt, ClosedAt           time.Time
	Damage                         string // as Occurrence's
}

const briefColumns = `SELECT id, plan, obligation, unit, period, due, named, provisional, state, granted, paused_on, reported_at, closed_at FROM occurrence`

func shared(s string) string { return unique.Make(s).Value() }

func scanBrief(b *Brief, scan func(...any) error) error {
	err := scan(&b.ID, &b.Plan, &b.Obligation, &b.Unit, &b.Period, needed{day{&b.Due}, "due", &b.Damage}, day{&b.Named}, &b.Provisional, &b.State, day{&b.Granted}, day{&b.PausedOn}, moment{&b.ReportedAt}, moment{&b.ClosedAt})
	b.Plan, b.Obligation, b.Unit, b.Period, b.State = shared(b.Plan), shared(b.Obligation), shared(b.Unit), shared(b.Period), State(shared(string(b.State)))
	return err
}

// Briefs calls f for every occurrence.
func (q queries) Briefs(ctx context.Context, f func(*Brief)) error {
	return q.each(ctx, briefColumns, nil, func(scan func(...any) error) error {
		b := &Brief{}
		err := scanBrief(b, scan)
		f(b)
		return err
	})
}

// Brief is the one with that full key.
func (q queries) Brief(ctx context.Context, fullKey string) (*Brief, error) {
	plan, rest, _ := strings.Cut(fullKey, ":")
	parts := strings.SplitN(rest, "/", 3)
	b := &Brief{}
	row := q.db.QueryRowContext(ctx, briefColumns+` WHERE plan = ? AND obligation = ? AND unit = ? AND period = ?`, plan, parts[0], parts[1], parts[2])
	return b, explain(scanBrief(b, row.Scan))
}

// Occurrence is the brief as far as it goes: enough to tell its light.
func (b *Brief) Occurrence() Occurrence {
	return Occurrence{
		ID: b.ID, Plan: b.Plan, Obligation: b.Obligation, Unit: b.Unit, Period: b.Period, Due: b.Due, Named: b.Named, Provisional: b.Provisional,
		State: b.State, Granted: b.Granted, PausedOn: b.PausedOn, ReportedAt: b.ReportedAt, ClosedAt: b.ClosedAt, Damage: b.Damage,
	}
}

// FullKey is PLAN:OBLIGATION/UNIT/PERIOD.
func (b *Brief) FullKey() string { return b.Plan + ":" + b.Obligation + "/" + b.Unit + "/" + b.Period }

// Brief is what lists need of an occurrence.
func (o *Occurrence) Brief() *Brief {
	return &Brief{
		ID: o.ID, Plan: o.Plan, Obligation: o.Obligation, Unit: o.Unit, Period: o.Period, Due: o.Due, Named: o.Named, Provisional: o.Provisional,
		State: o.State, Granted: o.Granted, PausedOn: o.PausedOn, ReportedAt: o.ReportedAt, ClosedAt: o.ClosedAt, Damage: o.Damage,
	}
}
