package web

import (
	"net/http"
	"slices"
	"strconv"
	"time"

	"duban/ledger"
	"duban/rules"
	"duban/rules/calendar"
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
	due := map[calendar.Date]*dayView{}
	err = s.snapshot.look(r.Context(), func(rows []*ledger.Brief, _ int64) error {
		lights := newLighter(view)
		for _, b := range rows {
			if b.Due.Year() != y || b.State == ledger.StateCancelled || !f.has(b, set) {
				continue
			}
			light := lights.light(b)
			if f.Light != "" && f.Light != light {
				continue
			}
			d := due[b.Due]
			if d == nil {
				d = &dayView{Worst: light}
				due[b.Due] = d
			}
			d.N++
			if slices.Index(rules.Lights, light) < slices.Index(rules.Lights, d.Worst) {
				d.Worst = light
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	for m := time.January; m <= time.December; m++ {
		p.Months = append(p.Months, month(plan, y, m, due, f, plan.Day(now)))
	}
	return s.frame.show(w, r, http.StatusOK, "year", p)
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
			day.URL = f.With("/occurrences", "day", d.String())
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
