package web

import (
	"cmp"
	"fmt"
	"html/template"
	"slices"
	"strings"
	"time"

	"duban/rules"
	"duban/rules/calendar"
)

// gridMonths is how many months a board shows, and behind how many before this one.
const (
	gridMonths = 12
	gridBefore = 6
)

// cell is a unit or an item in a month.
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

// gridKey is whose row it is: a unit's, or an item's of a plan.
type gridKey struct{ plan, id string }

type gridRow struct {
	Unit  string // or item
	Name  string
	URL   string // its own board
	Cells []cell
	Drawn template.HTML // all this, once drawn
}

// monthly is what is due in each of some months, by unit or by item.
type monthly struct {
	first  int // month
	byItem bool
	rows   map[gridKey]*gridRow
}

func newMonthly(f filter, now time.Time) *monthly {
	return &monthly{f.firstMonth(now), f.byItem(), map[gridKey]*gridRow{}}
}

// byItem tells whether the rows are items: one unit's are, unless of one item.
func (f filter) byItem() bool {
	return f.Obligation == "" && (f.By == "item" || f.By == "" && f.Unit != "")
}

// bounds are the days of the grid.
func (g *monthly) bounds() (from, to calendar.Date) {
	day := func(m int) calendar.Date {
		return max(calendar.First, min(calendar.Last, calendar.DateOf(m/12, time.Month(m%12+1), 1)))
	}
	return day(g.first), day(g.first+gridMonths) - 1
}

func (g *monthly) put(plan, obligation, unit string, due calendar.Date, light rules.Light, n int) {
	m := monthOf(due) - g.first
	if m < 0 || m >= gridMonths {
		return
	}
	k := gridKey{"", unit}
	if g.byItem {
		k = gridKey{plan, obligation}
	}
	row := g.rows[k]
	if row == nil {
		row = &gridRow{Unit: k.id, Cells: make([]cell, gridMonths)}
		g.rows[k] = row
	}
	row.Cells[m].Counts[slices.Index(rules.Lights, light)] += n
}

func monthOf(d calendar.Date) int { return d.Year()*12 + int(d.Month()) - 1 }

func monthName(m int) string { return fmt.Sprintf("%04d-%02d", m/12, m%12+1) }

// firstMonth is the grid's, from the filter or about now.
func (f filter) firstMonth(now time.Time) int {
	if t, err := time.Parse("2006-01", f.From); err == nil {
		return t.Year()*12 + int(t.Month()) - 1
	}
	return monthOf(calendar.DayOf(now)) - gridBefore + 1
}

// items puts the rows of items into the order of the rules, so that each keeps its
// place, and says what their cells hold.
func (g *monthly) items(months []string, f filter, set *rules.Set, w *words) []gridRow {
	var out []gridRow
	add := func(k gridKey, name string) {
		row := g.rows[k]
		if row == nil {
			return
		}
		delete(g.rows, k)
		own := f
		own.By, own.Plan, own.Obligation = "", k.plan, k.id
		row.finish(name, months, own, w)
		out = append(out, *row)
	}
	for _, p := range set.Plans {
		for _, o := range p.Obligations {
			add(gridKey{p.ID, o.ID}, strings.TrimSpace(o.Ref+" "+o.DisplayTitle(w.lang)))
		}
	}
	gone := make([]gridKey, 0, len(g.rows))
	for k := range g.rows {
		gone = append(gone, k)
	}
	slices.SortFunc(gone, func(a, b gridKey) int { return cmp.Or(cmp.Compare(a.plan, b.plan), cmp.Compare(a.id, b.id)) })
	for _, k := range gone {
		add(k, k.id)
	}
	return out
}

// finish says what a row's cells hold, under the filter of its own board.
func (r *gridRow) finish(name string, months []string, own filter, w *words) {
	r.Name, r.URL = name, own.With("/")
	for i := range r.Cells {
		r.Cells[i].finish(r, months[i], own, w)
	}
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
		c.URL = f.list("month", month, "light", string(c.Worst))
		c.Label = row.Name + " " + month + w.t(": ") + strings.Join(parts, w.t(", "))
	}
}
