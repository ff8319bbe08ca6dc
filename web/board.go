package web

import (
	"cmp"
	"context"
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
	Totals     []lightTotal
	Months     []string
	Earlier    string // addresses of the months before and after
	Later      string
	Rows       []gridRow
	Attention  []itemRow
	More       int // red and yellow ones that are not listed
	Year       int
	OnTime     template.HTML // charts
	ByUnit     template.HTML
	HasNothing bool
}

// boardView is the board, and the failures that no mail can tell of.
type boardView struct {
	Grid   template.HTML
	Untold []ledger.Failure
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

// mostAttention is how many red and yellow ones the board lists.
const mostAttention = 10

// stamp is what decides how a board looks: the ledger, the rules, the minute.
type stamp struct {
	seq    int64
	set    *rules.Set
	minute int64
}

func (s *standing) board(w http.ResponseWriter, r *http.Request) error {
	lang, f := s.frame.lang(w, r), filterOf(r.URL.Query())
	view := s.view()
	now, err := s.snapshot.look(r.Context())
	if err != nil {
		return err
	}
	name := strings.Join([]string{lang, f.With("/"), f.From}, " ")
	main, err := s.boards.get(stamp{now.seq, view.Rules, view.Now.Unix() / 60}, name, func() (template.HTML, error) {
		ended, err := s.ended(r.Context(), now, f, view.Rules)
		if err != nil {
			return "", err
		}
		return s.frame.part(lang, "board", "grid", s.makeBoard(now, ended, f, view, wordsOf(lang)))
	})
	if err != nil {
		return err
	}
	untold, err := engine.Untellable(r.Context(), s.ledger, view)
	if err != nil {
		return err
	}
	return s.frame.showIn(w, r, lang, http.StatusOK, "board", "layout", boardView{main, untold})
}

// ended is how many that the filter has have ended: counts, of one obligation the
// occurrences themselves.
func (s *standing) ended(ctx context.Context, now *picture, f filter, set *rules.Set) (out []ledger.Ended, err error) {
	q, ok := f.ended(set)
	switch {
	case !ok:
		return nil, nil
	case f.Obligation == "":
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

func (s *standing) makeBoard(now *picture, ended []ledger.Ended, f filter, view engine.View, w *words) boardPage {
	set := view.Rules
	first := f.firstMonth(view.Now)
	p := boardPage{
		Filter: f, Choices: choicesOf(set), Year: view.Now.Year(), HasNothing: len(now.rows) == 0 && len(now.ended) == 0,
		Earlier: f.With("/", "from", monthName(first-gridMonths)), Later: f.With("/", "from", monthName(first+gridMonths)),
	}
	for m := range gridMonths {
		p.Months = append(p.Months, monthName(first+m))
	}
	grid := map[string]*gridRow{}
	lights, totals := newLighter(view), [4]int{}
	var pressing []*ledger.Brief
	charts := newTally()
	put := func(unit string, due calendar.Date, light rules.Light, n int) {
		at := slices.Index(rules.Lights, light)
		totals[at] += n
		m := monthOf(due) - first
		if m < 0 || m >= gridMonths {
			return
		}
		row := grid[unit]
		if row == nil {
			row = &gridRow{Unit: unit, Name: unit, Cells: make([]cell, gridMonths)}
			grid[unit] = row
		}
		row.Cells[m].Counts[at] += n
		if light == rules.Red {
			row.Red += n
		}
	}
	for _, b := range now.rows {
		light := lights.light(b)
		if !f.has(b, set) || f.Light != "" && light != f.Light {
			continue
		}
		put(b.Unit, b.Due, light, 1)
		if light == rules.Red || light == rules.Yellow {
			pressing = append(pressing, b)
		}
		charts.add(view, b, light)
	}
	for _, e := range ended {
		if e.State != ledger.StateCancelled {
			put(e.Unit, e.Due, rules.Grey, e.N)
			charts.count(e)
		}
	}
	for i, l := range rules.Lights {
		other := f
		other.Light = l
		p.Totals = append(p.Totals, lightTotal{l, totals[i], other.With("/occurrences")})
	}
	p.Rows = finishGrid(grid, p.Months, f, set, w)
	p.Attention, p.More = pressingRows(pressing, lights, w)
	p.OnTime, p.ByUnit = charts.draw(set, view.Now, w)
	return p
}

// pressingRows are the red and yellow ones, red first, the oldest first.
func pressingRows(list []*ledger.Brief, lights *lighter, w *words) (rows []itemRow, more int) {
	slices.SortFunc(list, func(a, b *ledger.Brief) int {
		la, lb := slices.Index(rules.Lights, lights.light(a)), slices.Index(rules.Lights, lights.light(b))
		return cmp.Or(cmp.Compare(la, lb), cmp.Compare(a.Due, b.Due), cmp.Compare(a.Unit, b.Unit), cmp.Compare(a.Obligation, b.Obligation))
	})
	for _, b := range list[:min(len(list), mostAttention)] {
		rows = append(rows, lights.row(b, w))
	}
	return rows, len(list) - len(rows)
}

// occurrencePath is the address of an occurrence's page.
func occurrencePath(plan, obligation, unit, period string) string {
	return "/occurrence/" + strings.Join([]string{url.PathEscape(plan), url.PathEscape(obligation), url.PathEscape(unit), url.PathEscape(period)}, "/")
}
