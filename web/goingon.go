package web

import (
	"time"
	"unique"

	"duban/ledger"
	"duban/rules/calendar"
)

// goingOn is what a ledger.Brief says of an occurrence that goes on, but for its unit, in a
// fifth of the room: a province's page keeps 600,000. What few have lies apart.
type goingOn struct {
	id          int64
	item        unique.Handle[itemKey]
	period      unique.Handle[string]
	rest        *seldom // nil: there is nothing
	due         calendar.Date
	reported    bool // else it is open
	provisional bool
}

type itemKey struct{ plan, obligation string }

// seldom is what few of them have.
type seldom struct {
	named, granted, pausedOn calendar.Date
	reportedAt, closedAt     time.Time
	late                     bool
	damage                   string
}

func goingOnOf(b *ledger.Brief) goingOn {
	g := goingOn{
		id: b.ID, item: unique.Make(itemKey{b.Plan, b.Obligation}), period: unique.Make(b.Period), due: b.Due,
		reported: b.State == ledger.StateReported, provisional: b.Provisional,
	}
	if rest := (seldom{b.Named, b.Granted, b.PausedOn, b.ReportedAt, b.ClosedAt, b.Late, b.Damage}); rest != (seldom{}) {
		kept := rest // that alone lies on the heap
		g.rest = &kept
	}
	return g
}

// brief is the brief that it was made of.
func (g *goingOn) brief(unit string) ledger.Brief {
	item := g.item.Value()
	b := ledger.Brief{
		ID: g.id, Plan: item.plan, Obligation: item.obligation, Unit: unit, Period: g.period.Value(), Due: g.due,
		Provisional: g.provisional, State: ledger.StateOpen,
	}
	if g.reported {
		b.State = ledger.StateReported
	}
	if r := g.rest; r != nil {
		b.Named, b.Granted, b.PausedOn, b.ReportedAt, b.ClosedAt, b.Late, b.Damage = r.named, r.granted, r.pausedOn, r.reportedAt, r.closedAt, r.late, r.damage
	}
	return b
}

// owed is what goes on of a unit, where a part keeps it.
type owed struct {
	unit string
	*goingOn
}

func (o owed) brief() ledger.Brief { return o.goingOn.brief(o.unit) }
