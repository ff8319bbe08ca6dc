package web

import (
	"context"
	"fmt"
	"html/template"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"duban/ledger"
	"duban/rules"
	"duban/rules/calendar"
	"duban/scheduler/engine"
)

// boardPage is what the board shows.
type boardPage struct {
	Filter     filter
	Choices    choices
	Today      calendar.Date
	Totals     []lightTotal
	Units      []tiles
	LateUnits  int
	Calm       int // units that are not late
	Late       []lateRow
	LateItems  int    // all of them
	AllLate    string // the address where all are listed
	Coming     []comingDay
	MoreComing int
	Deciding   int // what waits for a decision
	Tracked    trackedTotal
	Months     []string
	Earlier    string // addresses of the months before and after
	Later      string
	Rows       []gridRow
	ByItem     bool
	Other      string // the address of the grid by item, or by unit; empty: there is none
	Year       int
	OnTime     template.HTML // a chart
	HasNothing bool
}

// trackedTotal is what nobody is reminded of and is past its day.
type trackedTotal struct {
	Items, N int
	URL      string
	seen     map[[2]string]bool
}

// boardView is the board, whose it is, and the failures that no mail can tell of.
type boardView struct {
	Grid   template.HTML
	Untold []ledger.Failure
	Filter filter
	Unit   *rules.Unit       // it is one unit's
	Boss   string            // its supervisor
	Item   *rules.Obligation // it is one item's
	Year   int
}

type lightTotal struct {
	Light rules.Light
	N     int
	URL   string
}

// choices are what a filter offers.
type choices struct {
	Plans []*rules.Plan
	Units []*rules.Unit
	Kinds []string
}

func choicesOf(set *rules.Set) choices {
	c := choices{Plans: set.Plans, Units: set.Units}
	for _, u := range set.Units {
		if u.Kind != "" && !slices.Contains(c.Kinds, u.Kind) {
			c.Kinds = append(c.Kinds, u.Kind)
		}
	}
	return c
}

// stamp is what decides how a board looks: the ledger, the rules, the minute.
type stamp struct {
	seq    int64
	set    *rules.Set
	minute int64
}

func (s *standing) board(w http.ResponseWriter, r *http.Request) error {
	lang, f := s.frame.lang(w, r), filterOf(r.URL.Query())
	view, all := s.view(), r.URL.Query().Get("late") == "all"
	now, err := s.snapshot.look(r.Context())
	if err != nil {
		return err
	}
	name := fmt.Sprint(lang, " ", f.With("/"), " ", f.From, " ", all)
	main, err := s.boards.get(stamp{now.seq, view.Rules, view.Now.Unix() / 60}, name, func() (template.HTML, error) {
		p, err := s.boardOf(r.Context(), now, f, view, wordsOf(lang))
		if err != nil {
			return "", err
		}
		if !all {
			p.Late = p.Late[:min(len(p.Late), mostLate)]
		}
		return s.frame.part(lang, "board", "grid", p)
	})
	if err != nil {
		return err
	}
	v := boardView{Grid: main, Filter: f, Unit: view.Rules.Unit(f.Unit), Item: view.Rules.Obligation(f.Plan, f.Obligation), Year: view.Now.Year()}
	if boss := view.Supervisor(v.Unit); boss != nil {
		v.Boss = boss.DisplayName(lang)
	}
	if v.Untold, err = engine.Untellable(r.Context(), s.ledger, view); err != nil {
		return err
	}
	return s.frame.showIn(w, r, lang, http.StatusOK, "board", "layout", v)
}

// boardOf gathers what the board shows.
func (s *standing) boardOf(ctx context.Context, now *picture, f filter, view engine.View, w *words) (p boardPage, err error) {
	searched, some := f.searched(view.Rules)
	var ended []ledger.Ended
	var items []endedItem
	if some {
		if ended, err = s.ended(ctx, now, searched.boards(), view.Rules); err == nil && searched.byItem() {
			items, err = s.endedItems(ctx, searched.boards(), view)
		}
	} else {
		searched.units = map[string]bool{} // nothing is called so
	}
	if err != nil {
		return p, err
	}
	p = s.makeBoard(now, ended, items, searched, view, w)
	asked, err := s.ledger.OpenRequests(ctx)
	p.Deciding += len(asked)
	return p, err
}

// ended is how many that the filter has have ended: counts, of some obligations the
// occurrences themselves.
func (s *standing) ended(ctx context.Context, now *picture, f filter, set *rules.Set) (out []ledger.Ended, err error) {
	q, ok := f.ended(set)
	switch {
	case !ok:
		return nil, nil
	case f.Obligation == "" && f.items == nil:
		for _, month := range now.ended {
			for _, e := range month {
				if f.hasSome(e.Plan, e.Unit, e.State, set) {
					out = append(out, e)
				}
			}
		}
		return out, nil
	}
	err = s.ledger.EachOccurrence(ctx, q, func(o *ledger.Occurrence) error {
		out = append(out, ledger.Ended{Plan: o.Plan, Unit: o.Unit, Due: o.Due, State: o.State, Late: o.Late, N: 1})
		return nil
	})
	return out, err
}

// endedItems are those that have ended and were due in the months of the grid, with
// their items.
func (s *standing) endedItems(ctx context.Context, f filter, view engine.View) (out []endedItem, err error) {
	q, ok := f.ended(view.Rules)
	if !ok {
		return nil, nil
	}
	q.DueFrom, q.DueTo = newMonthly(f, view.Now).bounds()
	err = s.ledger.EachOccurrence(ctx, q, func(o *ledger.Occurrence) error {
		out = append(out, endedItem{o.Obligation, ledger.Ended{Plan: o.Plan, Unit: o.Unit, Due: o.Due, State: o.State, Late: o.Late, N: 1}})
		return nil
	})
	return out, err
}

func (s *standing) makeBoard(now *picture, ended []ledger.Ended, items []endedItem, f filter, view engine.View, w *words) boardPage {
	set, address := view.Rules, f
	f = f.boards()
	g := newMonthly(f, view.Now)
	p := boardPage{
		Filter: address, Choices: choicesOf(set), Today: view.Today(), Year: view.Now.Year(), HasNothing: len(now.rows) == 0 && len(now.ended) == 0,
		Earlier: address.With("/", "from", monthName(g.first-gridMonths)), Later: address.With("/", "from", monthName(g.first+gridMonths)), ByItem: g.byItem,
	}
	for m := range gridMonths {
		p.Months = append(p.Months, monthName(g.first+m))
	}
	lights, totals, charts := newLighter(view), [4]int{}, newTally()
	press := newPressing(lights, address, w)
	for _, b := range now.rows {
		if b.State == ledger.StateReported {
			p.Deciding++
		}
		light, ok := lights.has(address, b)
		if !ok {
			continue
		}
		charts.add(view, b, light)
		if !f.counts(lights.tracked(b)) {
			p.Tracked.add(b, light)
			continue
		}
		totals[slices.Index(rules.Lights, light)]++
		g.put(b.Plan, b.Obligation, b.Unit, b.Due, light, 1)
		press.add(b, light)
	}
	for _, e := range ended {
		if e.State == ledger.StateCancelled {
			continue
		}
		if totals[slices.Index(rules.Lights, rules.Grey)] += e.N; !g.byItem {
			g.put(e.Plan, "", e.Unit, e.Due, rules.Grey, e.N)
		}
		charts.count(e)
	}
	for _, e := range items {
		g.put(e.Plan, e.Obligation, e.Unit, e.Due, rules.Grey, e.N)
	}
	for i, l := range rules.Lights {
		p.Totals = append(p.Totals, lightTotal{l, totals[i], address.list("light", string(l))})
	}
	p.Rows = g.finish(p.Months, address, set, w)
	if f.Obligation == "" && f.Unit == "" {
		p.Other = address.With("/", "by", map[bool]string{false: "item"}[g.byItem]) + "#months"
	}
	p.press(press, f, ended)
	p.Tracked.URL = address.With("/occurrences", "as", asTracked, "light", string(rules.Red), "by", "")
	p.OnTime = charts.draw(view.Now, w)
	return p
}

// press puts in what is late and what comes.
func (p *boardPage) press(press *pressing, f filter, ended []ledger.Ended) {
	owe := map[string]bool{}
	for _, e := range ended {
		owe[e.Unit] = true
	}
	p.Units, p.LateUnits = press.tiles(owe)
	for _, g := range p.Units {
		p.Calm += len(g.Tiles)
	}
	p.Calm -= p.LateUnits
	if f.Unit != "" {
		p.Units = nil // it is that unit's board
	}
	p.Late = press.lateRows()
	p.LateItems, p.AllLate = len(p.Late), "#late"
	if p.LateItems > mostLate {
		p.AllLate = p.Filter.With("/", "late", "all") + "#late"
	}
	p.Coming, p.MoreComing = press.comingDays()
}

// add counts what is only tracked.
func (t *trackedTotal) add(b *ledger.Brief, light rules.Light) {
	if light != rules.Red {
		return
	}
	if t.seen == nil {
		t.seen = map[[2]string]bool{}
	}
	t.seen[[2]string{b.Plan, b.Obligation}] = true
	t.N, t.Items = t.N+1, len(t.seen)
}

// occurrencePath is the address of an occurrence's page.
func occurrencePath(plan, obligation, unit, period string) string {
	return "/occurrence/" + strings.Join([]string{url.PathEscape(plan), url.PathEscape(obligation), url.PathEscape(unit), url.PathEscape(period)}, "/")
}
