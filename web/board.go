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
	"duban/scheduler/figures"
)

// boardPage is what the board shows.
type boardPage struct {
	Filter     filter
	Choices    choices
	Today      calendar.Date
	Totals     []lightTotal
	Units      []tiles // by kind
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
	MoreRows   string // the address of the units after those; empty: there are none
	FirstRows  string // and of the first ones
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
	name := fmt.Sprintf("%s %s %q %t", lang, f.With("/"), f.From, all)
	main, err := s.boards.get(stamp{now.seq, view.Rules, view.Now.Unix() / 60}, fmt.Sprintf("%s %q", name, f.Rows), func() (template.HTML, error) {
		p, err := s.boardOf(r.Context(), now, f, view, wordsOf(lang), name, all)
		if err != nil {
			return "", err
		}
		return s.frame.part(lang, "board", "grid", p)
	})
	if err != nil {
		return err
	}
	v := boardView{Grid: bigPart, Filter: f, Unit: view.Rules.Unit(f.Unit), Item: view.Rules.Obligation(f.Plan, f.Obligation), Year: view.Now.Year()}
	if boss := view.Supervisor(v.Unit); boss != nil {
		v.Boss = boss.DisplayName(lang)
	}
	if v.Untold, err = engine.Untellable(r.Context(), s.ledger, view); err != nil {
		return err
	}
	return s.frame.showWith(w, r, lang, http.StatusOK, "board", "layout", v, main)
}

// boardOf gathers what the board shows. What it was made of stays under that name.
func (s *standing) boardOf(ctx context.Context, now *picture, f filter, view engine.View, w *words, name string, all bool) (p boardPage, err error) {
	searched, some := f.searched(view.Rules)
	if !some {
		searched.units = map[string]bool{} // nothing is called so
	}
	most := mostLate
	if all {
		most = mostAllLate
	}
	passed, err := s.passed(ctx, searched, view)
	if err != nil {
		return p, err
	}
	m := s.parts.get(name, searched, view, w, most, func(part string, data any) (template.HTML, error) { return s.frame.part(w.lang, "board", part, data) })
	if m.counted() {
		p, err = m.board(now, now.units, passed, view, f.Rows)
	} else {
		p, err = s.boardOfItems(ctx, now, searched, passed, view, m)
	}
	if err != nil {
		return p, err
	}
	asked, err := s.ledger.OpenRequests(ctx)
	p.Deciding += len(asked)
	return p, err
}

// boardOfItems is a board of some items, or by item: what has ended of those nobody
// counts, and the ledger is asked.
func (s *standing) boardOfItems(ctx context.Context, now *picture, f filter, passed []figures.Passed, view engine.View, m *boardMaker) (p boardPage, err error) {
	ended, err := s.ended(ctx, now, f.boards(), view.Rules)
	if err == nil && f.byItem() {
		m.itemsEnded, err = s.endedItems(ctx, f.boards(), view)
	}
	if err != nil {
		return p, err
	}
	return m.board(now, withEnded(now, ended), passed, view, f.Rows)
}

// withEnded is what units owe, with other counts of what they have behind them.
func withEnded(now *picture, ended []ledger.Ended) map[string]*owing {
	units := make(map[string]*owing, len(now.units))
	for id, u := range now.units {
		units[id] = &owing{rows: u.rows}
	}
	for _, e := range ended {
		if units[e.Unit] == nil {
			units[e.Unit] = &owing{}
		}
		units[e.Unit].ended = append(units[e.Unit].ended, e)
	}
	return units
}

// passed is what the chart of some units counts for others than who has it; that of all
// units need not ask.
func (s *standing) passed(ctx context.Context, f filter, view engine.View) ([]figures.Passed, error) {
	if f.Unit == "" && f.Kind == "" && f.units == nil {
		return nil, nil
	}
	from, _ := chartMonths(view.Now)
	mine := func(unit string) bool { return f.hasUnit(unit, view.Rules) }
	found, err := figures.PassedBy(ctx, s.ledger, view, mine, from, lastOfMonth(calendar.DayOf(view.Now)))
	lights, whoever := newLighter(view), f
	whoever.Unit, whoever.Kind, whoever.units = "", "", nil
	return slices.DeleteFunc(found, func(p figures.Passed) bool {
		b := p.Brief()
		return !whoever.has(b, view.Rules) || f.Light != "" && lights.light(b) != f.Light
	}), err
}

// ended is how many that the filter has have ended: the kept counts, or where it is about
// some obligations, which those do not tell apart, counts made for it.
func (s *standing) ended(ctx context.Context, now *picture, f filter, set *rules.Set) (out []ledger.Ended, err error) {
	q, ok := f.ended(set)
	switch {
	case !ok:
		return nil, nil
	case f.Obligation == "" && f.items == nil:
		for e := range now.ended() {
			if f.hasSome(e.Plan, e.Unit, e.State, set) {
				out = append(out, e)
			}
		}
		return out, nil
	}
	err = s.ledger.CountSelected(ctx, q, false, func(e ledger.Ended) { out = append(out, e) })
	return out, err
}

// endedItems is how many of each item have ended that were due in the months of the grid.
func (s *standing) endedItems(ctx context.Context, f filter, view engine.View) (out []ledger.Ended, err error) {
	q, ok := f.ended(view.Rules)
	if !ok {
		return nil, nil
	}
	q.DueFrom, q.DueTo = newMonthly(f, view.Now).bounds()
	err = s.ledger.CountSelected(ctx, q, true, func(e ledger.Ended) { out = append(out, e) })
	return out, err
}

// occurrencePath is the address of an occurrence's page.
func occurrencePath(plan, obligation, unit, period string) string {
	return "/occurrence/" + strings.Join([]string{url.PathEscape(plan), url.PathEscape(obligation), url.PathEscape(unit), url.PathEscape(period)}, "/")
}
