package web

import (
	"cmp"
	"html/template"
	"slices"
	"time"

	"duban/ledger"
	"duban/rules"
	"duban/rules/calendar"
	"duban/scheduler/engine"
)

// A board is the sum of its units' parts. A part is made when what its unit owes has
// changed, or a moment has come after which it looks otherwise; the others stay as they
// are. So a change costs what one unit owes, and not what a province does.

// part is what one unit brings to a board.
type part struct {
	of     *owing
	made   time.Time
	stays  time.Time // until then it looks the same
	totals [4]int    // in the order of rules.Lights
	charts []judged

	deciding int
	tracked  []int // items of which something is past its day that is only tracked, by number
	trackedN int

	owes      bool // the board has it
	tile      tile
	lateItems int
	late      []lateOf   // the longest late of them
	coming    []comingOf // by number

	row       *gridRow // nil: nothing is due in the months of the board
	drawnTile template.HTML
}

// judged is how many of a month were judged, and how many of those were on time.
type judged struct{ month, n, onTime int }

// lateOf is an item that is overdue.
type lateOf struct {
	earliest    owed
	n, reported int
	days        int
}

// comingOf is what is due on a day to come, of one item.
type comingOf struct {
	key, n      int
	one         owed
	provisional bool
}

// looks is what parts are made by.
type looks struct {
	*boardMaker
	view   engine.View
	f      filter // as the board counts
	lights *lighter
	months *monthly
	stays  time.Time
	ended  bool // the board has what has ended
}

// newLooks is how parts look now.
func (m *boardMaker) newLooks(view engine.View) *looks {
	l := &looks{boardMaker: m, view: view, f: m.f.boards(), lights: newLighter(view), months: newMonthly(m.f, view.Now), stays: endOfDay(view.Now, view.Settings.Timezone)}
	for _, p := range view.Rules.Plans {
		if at := endOfDay(view.Now, p.Timezone); at.Before(l.stays) {
			l.stays = at
		}
	}
	_, l.ended = l.f.ended(view.Rules)
	return l
}

// endOfDay is the last moment of the day that it is somewhere.
func endOfDay(now time.Time, where *time.Location) time.Time {
	return (calendar.DayOf(now.In(where)) + 1).Time(where).Add(-1)
}

// fits tells whether a part is as it would be made now.
func (p *part) fits(u *owing, now time.Time) bool {
	return p != nil && p.of == u && !now.Before(p.made) && !now.After(p.stays)
}

// part is made of what a unit owes.
func (l *looks) part(unit string, u *owing) *part {
	p := &part{of: u, made: l.view.Now, stays: l.stays, tile: tile{Unit: unit}}
	charts, months := newTally(), l.months
	if !months.byItem {
		months = &monthly{first: months.first, rows: map[gridKey]*gridRow{}}
	}
	late, coming, tracked := map[[2]string]*lateOf{}, map[comingKey]*comingOf{}, map[int]bool{}
	for i := range u.rows {
		of := owed{unit, &u.rows[i]}
		brief := of.brief()
		b := &brief
		p.outlives(b, l.view)
		if b.State == ledger.StateReported {
			p.deciding++
		}
		light, ok := l.lights.has(l.boardMaker.f, b)
		if !ok {
			continue
		}
		charts.add(l.view, b, light)
		if !l.f.counts(l.lights.tracked(b)) {
			if light == rules.Red {
				tracked[l.items.of([2]string{b.Plan, b.Obligation})] = true
				p.trackedN++
			}
			continue
		}
		p.totals[lightIndex(light)]++
		months.put(b.Plan, b.Obligation, unit, b.Due, light, 1)
		p.press(l, of, b, light, late, coming)
	}
	for _, e := range u.ended {
		if e.State == ledger.StateCancelled || !l.ended || l.counted() && !l.f.hasSome(e.Plan, e.Unit, e.State, l.set) {
			continue
		}
		p.owes = true
		p.totals[lightIndex(rules.Grey)] += e.N
		if !months.byItem {
			months.put(e.Plan, "", unit, e.Due, rules.Grey, e.N)
		}
		charts.count(e)
	}
	for id := range tracked {
		p.tracked = append(p.tracked, id)
	}
	p.gather(l, late, coming)
	p.charts = charts.months()
	p.row = months.rows[gridKey{"", unit}]
	return p
}

// outlives shortens the time that a part stays as it is to when something becomes late.
func (p *part) outlives(b *ledger.Brief, view engine.View) {
	if b.State != ledger.StateOpen || !b.PausedOn.IsZero() {
		return
	}
	o := b.Occurrence()
	if at := view.LateAfter(&o); !at.Before(p.made) && at.Before(p.stays) {
		p.stays = at
	}
}

// press takes in what is late, and what comes.
func (p *part) press(l *looks, of owed, b *ledger.Brief, light rules.Light, late map[[2]string]*lateOf, coming map[comingKey]*comingOf) {
	p.owes = true
	if light == rules.Red {
		k := [2]string{b.Plan, b.Obligation}
		if late[k] == nil {
			late[k] = &lateOf{earliest: of}
		}
		late[k].add(of)
		return
	}
	if light == rules.Yellow {
		p.tile.Soon++
	}
	if b.State != ledger.StateOpen {
		return
	}
	if b.PausedOn.IsZero() && (p.tile.Next.IsZero() || b.Due < p.tile.Next) {
		p.tile.Next = b.Due
	}
	if today := l.view.Today(); b.Due < today || b.Due > today+7*comingWeeks {
		return
	}
	k := comingKey{b.Due, b.Plan, b.Obligation, light}
	if coming[k] == nil {
		coming[k] = &comingOf{key: l.coming.of(k), one: of}
	}
	coming[k].n++
	coming[k].provisional = coming[k].provisional || b.Provisional
}

func (o *lateOf) add(of owed) {
	if o.n++; of.reported {
		o.reported++
	}
	if of.due < o.earliest.due || of.due == o.earliest.due && of.period.Value() < o.earliest.period.Value() {
		o.earliest = of
	}
}

// gather keeps what the board may show of what is late, and what comes.
func (p *part) gather(l *looks, late map[[2]string]*lateOf, coming map[comingKey]*comingOf) {
	p.lateItems, p.tile.Late = len(late), len(late)
	p.late = make([]lateOf, 0, len(late))
	for _, o := range late {
		o.days = lateDays(l.set, l.view.Now, o.earliest.item.Value().plan, o.earliest.due)
		p.tile.Days = max(p.tile.Days, o.days)
		p.late = append(p.late, *o)
	}
	slices.SortFunc(p.late, l.longest)
	p.late = slices.Clone(p.late[:min(len(p.late), l.most)])
	for _, c := range coming {
		p.coming = append(p.coming, *c)
	}
}

// longest puts what is late for longest first.
func (m *boardMaker) longest(a, b lateOf) int {
	x, y := a.earliest, b.earliest
	i, j := x.item.Value(), y.item.Value()
	return cmp.Or(cmp.Compare(b.days, a.days), cmp.Compare(x.due, y.due), cmp.Compare(m.place[x.unit], m.place[y.unit]),
		cmp.Compare(x.unit, y.unit), cmp.Compare(i.plan, j.plan), cmp.Compare(i.obligation, j.obligation))
}

// lateDays is by how many working days something is late that was due on a day.
func lateDays(set *rules.Set, now time.Time, plan string, due calendar.Date) int {
	if p := set.Plan(plan); p != nil {
		return -p.Calendar.Count(p.Day(now), due)
	}
	return 0
}
