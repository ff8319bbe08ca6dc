package web

import (
	"cmp"
	"context"
	"fmt"
	"html/template"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"duban/ledger"
	"duban/rules"
	"duban/rules/calendar"
	"duban/scheduler/engine"
)

// filter is what a board or list is about; it lives in the address.
type filter struct {
	Plan, Unit, Kind, Obligation string
	Search                       string // what items or units are called
	Light                        rules.Light
	State                        ledger.State
	From                         string // first month of the grid, 2017-07

	units map[string]bool    // what a search found, by id; nil: it is not of units
	items map[[2]string]bool // likewise obligations, by plan and id
}

func filterOf(q url.Values) filter {
	f := filter{Plan: q.Get("plan"), Unit: q.Get("unit"), Kind: q.Get("kind"), Obligation: q.Get("obligation"), Search: q.Get("q"), From: q.Get("from")}
	if l := rules.Light(q.Get("light")); slices.Contains(rules.Lights, l) {
		f.Light = l
	}
	if s := ledger.State(q.Get("state")); slices.Contains(ledger.States, s) {
		f.State = s
	}
	return f
}

// With is the address of path with the filter, and other keys besides.
func (f filter) With(path string, pairs ...string) string {
	q := url.Values{}
	for k, v := range map[string]string{"plan": f.Plan, "unit": f.Unit, "kind": f.Kind, "obligation": f.Obligation, "q": f.Search, "light": string(f.Light), "state": string(f.State)} {
		if v != "" {
			q.Set(k, v)
		}
	}
	for i := 0; i+1 < len(pairs); i += 2 {
		q.Set(pairs[i], pairs[i+1])
	}
	if len(q) == 0 {
		return path
	}
	return path + "?" + q.Encode()
}

func (f filter) has(b *ledger.Brief, set *rules.Set) bool {
	return (f.Obligation == "" || b.Obligation == f.Obligation) && (f.items == nil || f.items[[2]string{b.Plan, b.Obligation}]) && f.hasSome(b.Plan, b.Unit, b.State, set)
}

// hasSome is has, whatever the obligation.
func (f filter) hasSome(plan, unit string, state ledger.State, set *rules.Set) bool {
	if f.Plan != "" && plan != f.Plan || f.Unit != "" && unit != f.Unit || f.State != "" && state != f.State || f.units != nil && !f.units[unit] {
		return false
	}
	if f.Kind != "" {
		u := set.Unit(unit)
		return u != nil && u.Kind == f.Kind
	}
	return true
}

// ended asks the ledger for what has ended that the filter has; not ok: that is
// none.
func (f filter) ended(set *rules.Set) (q ledger.Query, ok bool) {
	q = ledger.Query{Plan: f.Plan, Unit: f.Unit, Obligation: f.Obligation, Ended: true}
	if f.State != "" {
		q.States = []ledger.State{f.State}
	}
	if f.Kind != "" || f.units != nil {
		for _, u := range set.Units {
			if (f.Kind == "" || u.Kind == f.Kind) && (f.units == nil || f.units[u.ID]) {
				q.Units = append(q.Units, u.ID)
			}
		}
	}
	for item := range f.items {
		q.Of = append(q.Of, item)
	}
	return q, (f.Light == "" || f.Light == rules.Grey) && (f.State == "" || f.State.Ended()) && (f.Kind == "" && f.units == nil || len(q.Units) > 0)
}

// gridMonths is how many months a board shows, and behind how many before this one.
const (
	gridMonths = 12
	gridBefore = 6
)

// cell is a unit in a month.
type cell struct {
	Counts [4]int // in the order of rules.Lights
	Worst  rules.Light
	URL    string
	Label  string
}

// N is how many occurrences the cell's colour stands for.
func (c cell) N() int {
	if c.Worst == "" {
		return 0
	}
	return c.Counts[slices.Index(rules.Lights, c.Worst)]
}

type gridRow struct {
	Unit, Name string
	Cells      []cell
	Red        int
}

// itemRow is one occurrence in a list.
type itemRow struct {
	Plan, Obligation, Unit, Period string
	Title, UnitName                string
	Due                            calendar.Date
	Provisional, Extended, Late    bool
	Paused                         bool
	State                          ledger.State
	Light                          rules.Light
	Days                           int // working days left; negative: late
}

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

// lighter tells lights: those of open occurrences of one obligation that are
// due on the same day are the same.
type lighter struct {
	view engine.View
	memo map[lightKey]rules.Light
}

type lightKey struct {
	plan, obligation string
	due, paused      calendar.Date
}

func (l *lighter) light(b *ledger.Brief) rules.Light {
	o := b.Occurrence()
	if b.State != ledger.StateOpen {
		return l.view.Light(&o)
	}
	k := lightKey{b.Plan, b.Obligation, b.Due, b.PausedOn}
	light, ok := l.memo[k]
	if !ok {
		light = l.view.Light(&o)
		l.memo[k] = light
	}
	return light
}

func newLighter(v engine.View) *lighter { return &lighter{v, map[lightKey]rules.Light{}} }

func monthOf(d calendar.Date) int { return d.Year()*12 + int(d.Month()) - 1 }

func monthName(m int) string { return fmt.Sprintf("%04d-%02d", m/12, m%12+1) }

// firstMonth is the grid's, from the filter or about now.
func (f filter) firstMonth(now time.Time) int {
	if t, err := time.Parse("2006-01", f.From); err == nil {
		return t.Year()*12 + int(t.Month()) - 1
	}
	return monthOf(calendar.DayOf(now)) - gridBefore + 1
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

// finishGrid puts units into the order of the rules, and says what cells hold.
func finishGrid(grid map[string]*gridRow, months []string, f filter, set *rules.Set, w *words) []gridRow {
	var out []gridRow
	add := func(id, name string) {
		row := grid[id]
		if row == nil {
			return
		}
		delete(grid, id)
		row.Name = name
		for i := range row.Cells {
			row.Cells[i].finish(row, months[i], f, w)
		}
		out = append(out, *row)
	}
	for _, u := range set.Units {
		add(u.ID, u.DisplayName(w.lang))
	}
	for id := range grid { // units that are gone
		add(id, id)
	}
	slices.SortStableFunc(out, func(a, b gridRow) int { return cmp.Compare(min(b.Red, 1), min(a.Red, 1)) })
	return out
}

func (c *cell) finish(row *gridRow, month string, f filter, w *words) {
	var parts []string
	for i, l := range rules.Lights {
		if c.Counts[i] == 0 {
			continue
		}
		if c.Worst == "" {
			c.Worst = l
		}
		parts = append(parts, fmt.Sprintf("%s %d", w.light(l), c.Counts[i]))
	}
	if c.Worst != "" {
		f.Unit = row.Unit
		c.URL = f.With("/occurrences", "month", month)
		c.Label = row.Name + " " + month + ": " + strings.Join(parts, ", ")
	}
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

// row is one occurrence as lists show it.
func (l *lighter) row(b *ledger.Brief, w *words) itemRow {
	o := b.Occurrence()
	r := itemRow{
		Plan: b.Plan, Obligation: b.Obligation, Unit: b.Unit, Period: b.Period, Title: b.Obligation, UnitName: b.Unit, Due: b.Due,
		Provisional: b.Provisional, Extended: !b.Granted.IsZero(), Paused: !b.PausedOn.IsZero(), State: b.State, Light: l.light(b), Late: l.view.Late(&o),
	}
	if u := l.view.Rules.Unit(b.Unit); u != nil {
		r.UnitName = u.DisplayName(w.lang)
	}
	if ob := l.view.Rules.Obligation(b.Plan, b.Obligation); ob != nil {
		r.Title = ob.DisplayTitle(w.lang)
		r.Days = ob.Plan.Calendar.Count(ob.Plan.Day(l.view.Now), b.Due)
	}
	return r
}

// occurrencePath is the address of an occurrence's page.
func occurrencePath(plan, obligation, unit, period string) string {
	return "/occurrence/" + strings.Join([]string{url.PathEscape(plan), url.PathEscape(obligation), url.PathEscape(unit), url.PathEscape(period)}, "/")
}
