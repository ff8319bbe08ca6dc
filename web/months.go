package web

import (
	"cmp"
	"duban/rules"
	"duban/rules/calendar"
	"fmt"
	"slices"
	"strings"
	"time"
)

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

func monthOf(d calendar.Date) int { return d.Year()*12 + int(d.Month()) - 1 }

func monthName(m int) string { return fmt.Sprintf("%04d-%02d", m/12, m%12+1) }

// firstMonth is the grid's, from the filter or about now.
func (f filter) firstMonth(now time.Time) int {
	if t, err := time.Parse("2006-01", f.From); err == nil {
		return t.Year()*12 + int(t.Month()) - 1
	}
	return monthOf(calendar.DayOf(now)) - gridBefore + 1
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
