package web

import (
	"cmp"
	"html/template"
	"maps"
	"slices"
	"sync"

	"duban/ledger"
	"duban/rules"
	"duban/scheduler/engine"
	"duban/scheduler/figures"
)

// boardMaker makes one board again and again, out of parts that it keeps.
type boardMaker struct {
	f    filter // as it was asked for, and searched
	w    *words
	set  *rules.Set
	most int // items that the board lists as late
	// draw makes a row or a tile that is kept as it is drawn; nil: the template does.
	draw       drawing
	itemsEnded []ledger.Ended // of a board by item

	mu     sync.Mutex
	first  int // month
	parts  map[string]*part
	coming numbering[comingKey]
	items  numbering[[2]string]
	place  map[string]int // of units in the rules
}

// drawing makes what a part of the board's template makes.
type drawing func(part string, data any) (template.HTML, error)

// numbering gives numbers to what it has not seen before, so that sums over all units are
// sums in a row.
type numbering[K comparable] struct {
	number map[K]int
	all    []K
}

func (n *numbering[K]) of(k K) int {
	i, ok := n.number[k]
	if !ok {
		if n.number == nil {
			n.number = map[K]int{}
		}
		i = len(n.all)
		n.number[k] = i
		n.all = append(n.all, k)
	}
	return i
}

func newBoardMaker(f filter, set *rules.Set, w *words, most int) *boardMaker {
	m := &boardMaker{f: f, w: w, set: set, most: most, parts: map[string]*part{}, place: map[string]int{}}
	for i, u := range set.Units {
		m.place[u.ID] = i
	}
	return m
}

// counted tells whether what has ended is counted for such a board.
func (m *boardMaker) counted() bool {
	return m.f.Obligation == "" && m.f.items == nil && !m.f.byItem()
}

// boardMakers are kept for the boards that were asked for last.
type boardMakers struct {
	mu   sync.Mutex
	made map[string]*boardMaker
	last []string // by when they were made
}

// mostMakers is so few because each has a province's parts: some megabytes.
const mostMakers = 4

// get is the one of that name, or a new one.
func (c *boardMakers) get(name string, f filter, view engine.View, w *words, most int, draw drawing) *boardMaker {
	c.mu.Lock()
	defer c.mu.Unlock()
	m := c.made[name]
	if m != nil && m.set == view.Rules {
		return m
	}
	m = newBoardMaker(f, view.Rules, w, most)
	if !m.counted() || f.Unit != "" { // one unit's is soon made
		return m
	}
	m.draw = draw
	if c.made == nil {
		c.made = map[string]*boardMaker{}
	}
	maps.DeleteFunc(c.made, func(_ string, old *boardMaker) bool { return old.set != view.Rules })
	c.last = slices.DeleteFunc(c.last, func(n string) bool { return c.made[n] == nil || n == name })
	if len(c.last) >= mostMakers {
		delete(c.made, c.last[0])
		c.last = c.last[1:]
	}
	c.made[name], c.last = m, append(c.last, name)
	return m
}

// board is made of what units owe now, and of what counts for others than who has it;
// the months have the units after that one.
func (m *boardMaker) board(now *picture, units map[string]*owing, passed []figures.Passed, view engine.View, after string) (boardPage, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	l := m.newLooks(view)
	if m.first != l.months.first {
		clear(m.parts)
		m.first = l.months.first
	}
	maps.DeleteFunc(m.parts, func(id string, _ *part) bool { return units[id] == nil })
	sum := &boardSum{looks: l, charts: newTally(), came: make([]comingOf, len(m.coming.all)), tracked: map[int]bool{}, longest: 1}
	for id, u := range units {
		if !m.parts[id].fits(u, view.Now) {
			m.parts[id] = l.part(id, u)
		}
		sum.add(m.parts[id])
	}
	sum.charts.move(view, passed, func(unit string) bool { return m.f.hasUnit(unit, m.set) })
	for _, e := range m.itemsEnded {
		l.months.put(e.Plan, e.Obligation, e.Unit, e.Due, rules.Grey, e.N)
	}
	p := sum.page()
	p.HasNothing = len(now.units) == 0
	err := sum.drawTiles(&p)
	if err == nil {
		err = sum.drawMonths(&p, after)
	}
	if len(m.coming.all) > 10*(len(sum.came)+1000) { // nearly all are of days that are past
		m.coming, m.parts = numbering[comingKey]{}, map[string]*part{}
	}
	return p, err
}

// boardSum is the sum of the parts.
type boardSum struct {
	*looks
	charts   *tally
	totals   [4]int
	deciding int
	trackedN int
	tracked  map[int]bool
	items    int // that are late
	late     []lateOf
	came     []comingOf // by number
	longest  int        // by how many working days something is late
}

func (s *boardSum) add(p *part) {
	for i, n := range p.totals {
		s.totals[i] += n
	}
	for _, j := range p.charts {
		s.charts.judged[j.month] += j.n
		s.charts.onTime[j.month] += j.onTime
	}
	s.deciding, s.trackedN, s.items, s.longest = s.deciding+p.deciding, s.trackedN+p.trackedN, s.items+p.lateItems, max(s.longest, p.tile.Days)
	for _, id := range p.tracked {
		s.tracked[id] = true
	}
	for _, o := range p.late {
		if len(s.late) == s.most && s.boardMaker.longest(s.late[len(s.late)-1], o) <= 0 {
			break // and so are those after it
		}
		i, _ := slices.BinarySearchFunc(s.late, o, s.boardMaker.longest)
		s.late = slices.Insert(s.late, i, o)
		s.late = s.late[:min(len(s.late), s.most)]
	}
	for _, c := range p.coming {
		if c.key >= len(s.came) {
			s.came = append(s.came, make([]comingOf, c.key+1-len(s.came))...)
		}
		all := &s.came[c.key]
		if all.n == 0 {
			all.key, all.one = c.key, c.one
		}
		all.n, all.provisional = all.n+c.n, all.provisional || c.provisional
	}
}

// page is what the board shows, but for the rows and tiles.
func (s *boardSum) page() boardPage {
	f, view := s.boardMaker.f, s.view
	g := s.months
	p := boardPage{
		Filter: f, Choices: choicesOf(s.set), Today: view.Today(), Year: view.Now.Year(), Deciding: s.deciding,
		Earlier: f.With("/", "from", monthName(g.first-gridMonths)), Later: f.With("/", "from", monthName(g.first+gridMonths)), ByItem: g.byItem,
		Tracked: trackedTotal{Items: len(s.tracked), N: s.trackedN, URL: s.f.With("/occurrences", "as", asTracked, "light", string(rules.Red), "by", "")},
	}
	for m := range gridMonths {
		p.Months = append(p.Months, monthName(g.first+m))
	}
	for i, l := range rules.Lights {
		p.Totals = append(p.Totals, lightTotal{l, s.totals[i], f.list("light", string(l))})
	}
	if f.Obligation == "" && f.Unit == "" {
		p.Other = f.With("/", "by", map[bool]string{false: "item"}[g.byItem]) + "#months"
	}
	for _, o := range s.late {
		p.Late = append(p.Late, s.lateRow(o))
	}
	p.LateItems, p.AllLate = s.items, "#late"
	switch {
	case s.items > mostAllLate:
		p.AllLate = f.list("light", string(rules.Red))
	case s.items > mostLate:
		p.AllLate = f.With("/", "late", "all") + "#late"
	}
	p.Coming, p.MoreComing = s.comingDays()
	p.OnTime = s.charts.draw(view.Now, s.w)
	return p
}

// drawTiles puts in the tiles of the units.
func (s *boardSum) drawTiles(p *boardPage) (err error) {
	for _, u := range s.set.Units {
		one := s.parts[u.ID]
		if one == nil || !one.owes {
			continue
		}
		if one.tile.Late > 0 {
			p.LateUnits++
		} else {
			p.Calm++
		}
		if s.f.Unit != "" {
			continue // it is that unit's board
		}
		t := s.tile(u, one)
		if one.drawnTile == "" || one.tile.Share != t.Share {
			if one.tile.Share = t.Share; s.draw != nil {
				if one.drawnTile, err = s.draw("tile", t); err != nil {
					return err
				}
			}
		}
		t.Drawn = one.drawnTile
		i := slices.IndexFunc(p.Units, func(g tiles) bool { return g.Kind == u.Kind })
		if i < 0 {
			i = len(p.Units)
			p.Units = append(p.Units, tiles{Kind: u.Kind})
		}
		p.Units[i].Tiles = append(p.Units[i].Tiles, t)
	}
	return nil
}

// mostMonths is how many units the months have on one page.
const mostMonths = 300

// drawMonths puts in the rows of the months: each unit keeps its place.
func (s *boardSum) drawMonths(p *boardPage, after string) error {
	f := s.boardMaker.f
	if s.months.byItem {
		p.Rows = s.months.items(p.Months, f, s.set, s.w)
		return nil
	}
	var ids []string
	for _, u := range s.set.Units {
		ids = append(ids, u.ID)
	}
	ids = append(ids, slices.DeleteFunc(slices.Sorted(maps.Keys(s.parts)), func(id string) bool { return s.set.Unit(id) != nil })...) // gone
	ids = ids[slices.Index(ids, after)+1:]
	ids = slices.DeleteFunc(ids, func(id string) bool { return s.parts[id] == nil || s.parts[id].row == nil })
	if len(ids) > mostMonths {
		ids = ids[:mostMonths]
		p.MoreRows = f.With("/", "from", f.From, "rows", ids[mostMonths-1]) + "#months"
	}
	if after != "" {
		p.FirstRows = f.With("/", "from", f.From) + "#months"
	}
	for _, id := range ids {
		if err := s.row(p, s.parts[id], s.unitName(id)); err != nil {
			return err
		}
	}
	return nil
}

// row puts in a unit's months; once drawn, that is all that is kept of them.
func (s *boardSum) row(p *boardPage, one *part, name string) (err error) {
	if r := one.row; r.Drawn == "" && r.Name == "" {
		own := s.boardMaker.f
		own.By, own.Unit = "", r.Unit
		r.finish(name, p.Months, own, s.w)
		if s.draw != nil {
			if r.Drawn, err = s.draw("month-row", r); err != nil {
				return err
			}
			one.row = &gridRow{Unit: r.Unit, Drawn: r.Drawn}
		}
	}
	p.Rows = append(p.Rows, *one.row)
	return nil
}

// lateRow is what the list of what is late says of an item.
func (s *boardSum) lateRow(o lateOf) lateRow {
	b, own := o.earliest.brief(), s.boardMaker.f
	own.Plan, own.Obligation, own.Unit = b.Plan, b.Obligation, b.Unit
	r := lateRow{
		Plan: b.Plan, Obligation: b.Obligation, Unit: b.Unit, UnitName: s.unitName(b.Unit), N: o.n, Since: b.Due, Period: b.Period, Days: o.days, Reported: o.reported,
		URL: occurrencePath(b.Plan, b.Obligation, b.Unit, b.Period), Periods: own.list("light", string(rules.Red)), UnitURL: filter{Unit: b.Unit}.With("/"),
	}
	r.Ref, r.Title = s.titled(&b)
	return r
}

// titled is the reference and the title of an item.
func (s *boardSum) titled(b *ledger.Brief) (ref, title string) {
	if ob := s.set.Obligation(b.Plan, b.Obligation); ob != nil {
		return ob.Ref, ob.DisplayTitle(s.w.lang)
	}
	return "", b.Obligation
}

func (s *boardSum) unitName(id string) string {
	if u := s.set.Unit(id); u != nil {
		return u.DisplayName(s.w.lang)
	}
	return id
}

// tile is a unit at a glance.
func (s *boardSum) tile(u *rules.Unit, one *part) tile {
	t := one.tile
	t.Name, t.URL, t.Share = u.DisplayName(s.w.lang), s.boardMaker.f.With("/", "unit", u.ID, "by", ""), 100*t.Days/s.longest
	switch {
	case t.Late > 0:
		t.URL += "#late"
	case t.Soon > 0:
		t.URL = s.boardMaker.f.list("unit", u.ID, "light", string(rules.Yellow))
	}
	return t
}

// comingDays are what is due within the next weeks, by day, and how many items are
// not listed.
func (s *boardSum) comingDays() (days []comingDay, more int) {
	came := slices.DeleteFunc(s.came, func(c comingOf) bool { return c.n == 0 })
	slices.SortFunc(came, func(x, y comingOf) int {
		a, b := s.coming.all[x.key], s.coming.all[y.key]
		return cmp.Or(cmp.Compare(a.due, b.due), cmp.Compare(lightIndex(a.light), lightIndex(b.light)), cmp.Compare(a.plan, b.plan), cmp.Compare(a.obligation, b.obligation))
	})
	for _, c := range came[:min(len(came), mostComing)] {
		k, b := s.coming.all[c.key], c.one.brief()
		row := comingRow{Light: k.light, Unit: s.unitName(b.Unit), N: c.n, Provisional: c.provisional, URL: occurrencePath(b.Plan, b.Obligation, b.Unit, b.Period)}
		row.Ref, row.Title = s.titled(&b)
		if row.N > 1 {
			own := s.boardMaker.f
			own.Plan, own.Obligation = k.plan, k.obligation
			row.Unit = "" // any of them came first
			row.URL = own.list("day", k.due.String(), "light", string(k.light), "state", string(ledger.StateOpen))
		}
		if len(days) == 0 || days[len(days)-1].Due != k.due {
			days = append(days, comingDay{Due: k.due, Days: -lateDays(s.set, s.view.Now, k.plan, k.due)})
		}
		days[len(days)-1].Rows = append(days[len(days)-1].Rows, row)
	}
	s.came = came
	return days, len(came) - min(len(came), mostComing)
}
