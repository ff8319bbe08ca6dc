package web

import (
	"cmp"
	"slices"

	"duban/ledger"
	"duban/rules"
	"duban/rules/calendar"
)

// lateRow is one item of one unit that is overdue, however many periods of it are.
type lateRow struct {
	Plan, Obligation, Unit string
	Ref, Title, UnitName   string
	N                      int
	Since                  calendar.Date // the earliest due date
	Period                 string        // of that
	Days                   int           // working days that it is late
	Reported               int           // of them wait for the supervisor
	URL, Periods, UnitURL  string        // the earliest, all of them, the unit's board
}

// tile is a unit at a glance; units keep their places, so that one finds one's own.
type tile struct {
	Unit, Name string
	URL        string
	Late       int           // items
	Days       int           // working days that the latest of them is late
	Share      int           // of the longest on the board, in percent
	Soon       int           // within the reminder window
	Next       calendar.Date // what is due next
}

// tiles are the units of one kind.
type tiles struct {
	Kind  string
	Tiles []tile
}

// comingDay is what is due on a day to come, by item.
type comingDay struct {
	Due  calendar.Date
	Days int
	Rows []comingRow
}

type comingRow struct {
	Ref, Title, URL string
	Unit            string // the only one
	N               int    // units
	Light           rules.Light
	Provisional     bool
}

// What the board lists at most, and how far it looks ahead.
const (
	mostLate    = 40
	mostComing  = 40
	comingWeeks = 4
)

// pressing gathers what is late and what comes.
type pressing struct {
	lights *lighter
	f      filter
	w      *words
	late   map[[3]string]*lateRow
	next   map[string]*tile // by unit
	coming map[comingKey]*comingRow
}

type comingKey struct {
	due              calendar.Date
	plan, obligation string
	light            rules.Light
}

func newPressing(lights *lighter, f filter, w *words) *pressing {
	return &pressing{lights, f, w, map[[3]string]*lateRow{}, map[string]*tile{}, map[comingKey]*comingRow{}}
}

func (p *pressing) add(b *ledger.Brief, light rules.Light) {
	t := p.next[b.Unit]
	if t == nil {
		t = &tile{Unit: b.Unit}
		p.next[b.Unit] = t
	}
	if light == rules.Red {
		p.addLate(b, t)
		return
	}
	if light == rules.Yellow {
		t.Soon++
	}
	if b.State != ledger.StateOpen {
		return
	}
	if b.PausedOn.IsZero() && (t.Next.IsZero() || b.Due < t.Next) {
		t.Next = b.Due
	}
	p.addComing(b, light)
}

func (p *pressing) addLate(b *ledger.Brief, t *tile) {
	k := [3]string{b.Plan, b.Obligation, b.Unit}
	row := p.late[k]
	if row == nil {
		row = &lateRow{Plan: b.Plan, Obligation: b.Obligation, Unit: b.Unit, Title: b.Obligation, Since: calendar.Last + 1}
		if ob := p.lights.view.Rules.Obligation(b.Plan, b.Obligation); ob != nil {
			row.Ref, row.Title = ob.Ref, ob.DisplayTitle(p.w.lang)
		}
		p.late[k] = row
		t.Late++
	}
	if row.N++; b.State == ledger.StateReported {
		row.Reported++
	}
	if b.Due < row.Since || b.Due == row.Since && b.Period < row.Period {
		row.Since, row.Period = b.Due, b.Period
	}
}

func (p *pressing) addComing(b *ledger.Brief, light rules.Light) {
	today := p.lights.view.Today()
	if b.Due < today || b.Due > today+7*comingWeeks {
		return
	}
	k := comingKey{b.Due, b.Plan, b.Obligation, light}
	row := p.coming[k]
	if row == nil {
		row = &comingRow{Title: b.Obligation, Light: light, Unit: b.Unit, URL: occurrencePath(b.Plan, b.Obligation, b.Unit, b.Period)}
		if ob := p.lights.view.Rules.Obligation(b.Plan, b.Obligation); ob != nil {
			row.Ref, row.Title = ob.Ref, ob.DisplayTitle(p.w.lang)
		}
		p.coming[k] = row
	}
	row.Provisional = row.Provisional || b.Provisional
	row.N++
}

func (p *pressing) unitName(id string) string {
	if u := p.lights.view.Rules.Unit(id); u != nil {
		return u.DisplayName(p.w.lang)
	}
	return id
}

// lateDays is by how many working days something is late that was due on a day.
func (p *pressing) lateDays(plan string, due calendar.Date) int {
	if pl := p.lights.view.Rules.Plan(plan); pl != nil {
		return -pl.Calendar.Count(pl.Day(p.lights.view.Now), due)
	}
	return 0
}

// lateRows are the overdue ones, the longest first.
func (p *pressing) lateRows() []lateRow {
	place := map[string]int{}
	for i, u := range p.lights.view.Rules.Units {
		place[u.ID] = i
	}
	rows := make([]lateRow, 0, len(p.late))
	for _, r := range p.late {
		own := p.f
		own.Plan, own.Obligation, own.Unit = r.Plan, r.Obligation, r.Unit
		r.UnitName, r.Days = p.unitName(r.Unit), p.lateDays(r.Plan, r.Since)
		r.URL, r.Periods = occurrencePath(r.Plan, r.Obligation, r.Unit, r.Period), own.list("light", string(rules.Red))
		r.UnitURL = filter{Unit: r.Unit}.With("/")
		rows = append(rows, *r)
	}
	slices.SortFunc(rows, func(a, b lateRow) int {
		return cmp.Or(cmp.Compare(b.Days, a.Days), cmp.Compare(a.Since, b.Since), cmp.Compare(place[a.Unit], place[b.Unit]), cmp.Compare(a.Plan, b.Plan), cmp.Compare(a.Obligation, b.Obligation))
	})
	return rows
}

// tiles are the units that owe something under the filter, by kind, in the order of
// their files; late is how many are late, and longest by how many working days.
func (p *pressing) tiles(owe map[string]bool) (out []tiles, late int) {
	longest := 1
	for _, r := range p.late {
		t := p.next[r.Unit]
		t.Days = max(t.Days, p.lateDays(r.Plan, r.Since))
		longest = max(longest, t.Days)
	}
	for _, u := range p.lights.view.Rules.Units {
		t := p.next[u.ID]
		if t == nil && !owe[u.ID] {
			continue
		}
		if t == nil {
			t = &tile{Unit: u.ID}
		}
		t.Name, t.URL, t.Share = u.DisplayName(p.w.lang), p.f.With("/", "unit", u.ID, "by", ""), 100*t.Days/longest
		switch {
		case t.Late > 0:
			late++
			t.URL += "#late"
		case t.Soon > 0:
			t.URL = p.f.list("unit", u.ID, "light", string(rules.Yellow))
		}
		i := slices.IndexFunc(out, func(g tiles) bool { return g.Kind == u.Kind })
		if i < 0 {
			i = len(out)
			out = append(out, tiles{Kind: u.Kind})
		}
		out[i].Tiles = append(out[i].Tiles, *t)
	}
	return out, late
}

// comingDays are what is due within the next weeks, by day, and how many items are
// not listed.
func (p *pressing) comingDays() (days []comingDay, more int) {
	keys := make([]comingKey, 0, len(p.coming))
	for k := range p.coming {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, func(a, b comingKey) int {
		return cmp.Or(cmp.Compare(a.due, b.due), cmp.Compare(slices.Index(rules.Lights, a.light), slices.Index(rules.Lights, b.light)), cmp.Compare(a.plan, b.plan), cmp.Compare(a.obligation, b.obligation))
	})
	for _, k := range keys[:min(len(keys), mostComing)] {
		row := *p.coming[k]
		if row.Unit = p.unitName(row.Unit); row.N > 1 {
			own := p.f
			own.Plan, own.Obligation = k.plan, k.obligation
			row.URL = own.list("day", k.due.String(), "light", string(k.light), "state", string(ledger.StateOpen))
		}
		if len(days) == 0 || days[len(days)-1].Due != k.due {
			days = append(days, comingDay{Due: k.due, Days: -p.lateDays(k.plan, k.due)})
		}
		days[len(days)-1].Rows = append(days[len(days)-1].Rows, row)
	}
	return days, len(keys) - min(len(keys), mostComing)
}
