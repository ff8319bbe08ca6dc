package web

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"time"

	"duban/ledger"
	"duban/rules"
	"duban/rules/calendar"
	"duban/scheduler/engine"
)

// yearPage is a year of due dates.
type yearPage struct {
	Year, Before, After int
	Known               bool // its holidays are published
	Filter              filter
	Choices             choices
	Months              []monthView
}

type monthView struct {
	Name  string
	Weeks [][]dayView
}

// dayView is one day; its zero value is a blank before the first or after the
// last.
type dayView struct {
	Day     int
	Date    calendar.Date
	Off     bool
	MakeUp  bool
	Holiday string
	Today   bool
	N       int // due that day
	Worst   rules.Light
	URL     string
}

func (s *standing) year(w http.ResponseWriter, r *http.Request) error {
	y, err := strconv.Atoi(r.PathValue("year"))
	if err != nil || y < 1990 || y > 2200 {
		return errNotFound
	}
	f, view := filterOf(r.URL.Query()), s.view()
	set, now := view.Rules, view.Now
	plan := set.Plans[0]
	if p := set.Plan(f.Plan); p != nil {
		plan = p
	}
	_, known := plan.Calendar.Year(y)
	p := yearPage{Year: y, Before: y - 1, After: y + 1, Known: known, Filter: f, Choices: choicesOf(set)}
	due, err := s.dueIn(r.Context(), y, f, view)
	if err != nil {
		return err
	}
	for m := time.January; m <= time.December; m++ {
		p.Months = append(p.Months, month(plan, y, m, due, f, plan.Day(now)))
	}
	return s.frame.show(w, r, http.StatusOK, "year", p)
}

// dueIn is what is due on each day of a year.
func (s *standing) dueIn(ctx context.Context, year int, f filter, view engine.View) (map[calendar.Date]*dayView, error) {
	f = f.boards()
	due := map[calendar.Date]*dayView{}
	put := func(on calendar.Date, light rules.Light, n int) {
		d := due[on]
		if d == nil {
			d = &dayView{Worst: light}
			due[on] = d
		}
		d.N += n
		if slices.Index(rules.Lights, light) < slices.Index(rules.Lights, d.Worst) {
			d.Worst = light
		}
	}
	now, err := s.snapshot.look(ctx)
	if err != nil {
		return nil, err
	}
	lights := newLighter(view)
	for b := range now.ongoing() {
		if b.Due.Year() != year {
			continue
		}
		if light, ok := lights.has(f, &b); ok {
			put(b.Due, light, 1)
		}
	}
	q, ok := f.ended(view.Rules)
	if !ok {
		return due, nil
	}
	from, to := max(calendar.DateOf(year, 1, 1), calendar.First), min(calendar.DateOf(year, 12, 31), calendar.Last)
	if f.Obligation == "" && f.items == nil { // the kept counts tell no items apart
		return due, s.ledger.CountEnded(ctx, ledger.EndedQuery{DueFrom: from, DueTo: to}, func(e ledger.Ended) {
			if e.State != ledger.StateCancelled && f.hasSome(e.Plan, e.Unit, e.State, view.Rules) {
				put(e.Due, rules.Grey, e.N)
			}
		})
	}
	q.DueFrom, q.DueTo = from, to
	return due, s.ledger.EachOccurrence(ctx, q, func(o *ledger.Occurrence) error {
		if o.State != ledger.StateCancelled {
			put(o.Due, rules.Grey, 1)
		}
		return nil
	})
}

func month(plan *rules.Plan, year int, m time.Month, due map[calendar.Date]*dayView, f filter, today calendar.Date) monthView {
	v := monthView{Name: monthName(year*12 + int(m) - 1)}
	first := calendar.DateOf(year, m, 1)
	week := make([]dayView, (int(first.Weekday())+6)%7) // weeks begin on Monday (ISO 8601)
	for d := first; d.Month() == m; d++ {
		day := dayView{Day: d.Day(), Date: d, Off: !plan.Calendar.IsWorkingDay(d), Today: d == today}
		if x, ok := plan.Calendar.Exception(d); ok {
			day.Holiday, day.MakeUp = x.Name, !x.Off
		}
		if owed := due[d]; owed != nil {
			day.N, day.Worst = owed.N, owed.Worst
			day.URL = f.list("day", d.String())
		}
		if week = append(week, day); len(week) == 7 {
			v.Weeks = append(v.Weeks, week)
			week = nil
		}
	}
	if len(week) > 0 {
		v.Weeks = append(v.Weeks, append(week, make([]dayView, 7-len(week))...))
	}
	return v
}
