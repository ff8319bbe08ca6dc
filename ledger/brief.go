package ledger

import (
	"time"

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
	Late                           bool   // as Occurrence's
	Damage                         string // as Occurrence's
}

// Occurrence is the brief as far as it goes: enough to tell its light.
func (b *Brief) Occurrence() Occurrence {
	return Occurrence{
		ID: b.ID, Plan: b.Plan, Obligation: b.Obligation, Unit: b.Unit, Period: b.Period, Due: b.Due, Named: b.Named, Provisional: b.Provisional,
		State: b.State, Granted: b.Granted, PausedOn: b.PausedOn, ReportedAt: b.ReportedAt, ClosedAt: b.ClosedAt, Late: b.Late, Damage: b.Damage,
	}
}

// FullKey is PLAN:OBLIGATION/UNIT/PERIOD.
func (b *Brief) FullKey() string { return b.Plan + ":" + b.Obligation + "/" + b.Unit + "/" + b.Period }

// Brief is what lists need of an occurrence.
func (o *Occurrence) Brief() *Brief {
	return &Brief{
		ID: o.ID, Plan: o.Plan, Obligation: o.Obligation, Unit: o.Unit, Period: o.Period, Due: o.Due, Named: o.Named, Provisional: o.Provisional,
		State: o.State, Granted: o.Granted, PausedOn: o.PausedOn, ReportedAt: o.ReportedAt, ClosedAt: o.ClosedAt, Late: o.Late, Damage: o.Damage,
	}
}
