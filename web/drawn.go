package web

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"duban/rules/calendar"
	"duban/rules/problem"
	"duban/scheduler/editor"
)

// A year of the calendar is drawn as printed calendars have it: what is off and what
// is worked, each with its mark; a day that a text has wrong stands out.

// drawnMonth is one month, a line a week.
type drawnMonth struct {
	Name  string
	Weeks [][]drawnDay
}

// drawnDay is one day; its zero value stands before the first and after the last.
type drawnDay struct {
	Day                int
	Class, Mark, Title string
}

// drawn are the months of a year; bad are the days of it that are wrong.
func drawn(c *calendar.Calendar, year int, bad []calendar.Date, w *words) []drawnMonth {
	var out []drawnMonth
	for m := time.January; m <= time.December; m++ {
		month := drawnMonth{Name: w.month(monthName(year*12 + int(m) - 1))}
		first := calendar.DateOf(year, m, 1)
		week := make([]drawnDay, (int(first.Weekday())+6)%7) // weeks begin on Monday (ISO 8601)
		for d := first; d.Month() == m; d++ {
			if week = append(week, drawDay(c, d, slices.Contains(bad, d), w)); len(week) == 7 {
				month.Weeks, week = append(month.Weeks, week), nil
			}
		}
		if len(week) > 0 {
			month.Weeks = append(month.Weeks, append(week, make([]drawnDay, 7-len(week))...))
		}
		out = append(out, month)
	}
	return out
}

func drawDay(c *calendar.Calendar, d calendar.Date, bad bool, w *words) drawnDay {
	day := drawnDay{Day: d.Day()}
	x, special := c.Exception(d)
	switch {
	case special && x.Off:
		day.Class, day.Mark, day.Title = "rest", w.t("mark off"), x.Name
	case special:
		day.Class, day.Mark, day.Title = "work", w.t("mark work"), x.Name
	case !c.IsWorkingDay(d):
		day.Class = "end"
	}
	if bad {
		day.Class, day.Mark, day.Title = "bad", "✕", w.t("this day does not fit")
	}
	return day
}

// daysBlamed are the days that what is wrong with a notice is about.
func daysBlamed(problems *problem.List) (days []calendar.Date) {
	for _, wrong := range problems.Errors() {
		for _, arg := range wrong.Said.Args {
			if d, ok := arg.(calendar.Date); ok {
				days = append(days, d)
			}
		}
	}
	return days
}

// feastView is what was read of one holiday.
type feastView struct {
	Name, Off, Work string
	Days            int
}

// feastsOf are the holidays of a year, in order.
func feastsOf(y calendar.Year, w *words) []feastView {
	days := slices.SortedFunc(slices.Values(y.Days), func(a, b calendar.Day) int { return cmp.Compare(a.Date, b.Date) })
	var out []feastView
	at := map[string]int{}
	off, work := map[string][]calendar.Date{}, map[string][]calendar.Date{}
	for _, d := range days {
		if _, ok := at[d.Name]; !ok {
			at[d.Name] = len(out)
			out = append(out, feastView{Name: d.Name})
		}
		if d.Off {
			off[d.Name] = append(off[d.Name], d.Date)
		} else {
			work[d.Name] = append(work[d.Name], d.Date)
		}
	}
	for name, i := range at {
		out[i].Off, out[i].Work, out[i].Days = w.spans(off[name]), w.spans(work[name]), len(off[name])
	}
	return out
}

// spans are days, those in a row as from the first to the last.
func (w *words) spans(days []calendar.Date) string {
	var out []string
	for i := 0; i < len(days); {
		last := i
		for last+1 < len(days) && days[last+1] == days[last]+1 {
			last++
		}
		text := w.date(days[i])
		if last > i {
			text += " – " + w.date(days[last])
		}
		out = append(out, text)
		i = last + 1
	}
	return w.joinNames(out)
}

// shiftView is a due date that moves, with all that is due on it.
type shiftView struct {
	Title       string // of one of them
	More        int    // obligations besides
	N, Units    int
	Before, Due calendar.Date
	Days        int // later; negative: earlier
}

// shifts are the due dates that a year moves, the most first; final are the
// occurrences whose date stays, and is provisional no longer.
func shifts(what *editor.Rehearsal, w *words) (out []shiftView, final int) {
	type move struct{ before, due calendar.Date }
	at := map[move]int{}
	obligations, units := map[move]map[string]bool{}, map[move]map[string]bool{}
	for _, c := range what.Changes {
		m := move{c.Before, c.Due}
		switch {
		case c.Action != "recounted":
			continue
		case c.Before == c.Due:
			final++
			continue
		}
		plan, key, _ := strings.Cut(c.Occurrence, ":")
		parts := strings.SplitN(key, "/", 3)
		if _, ok := at[m]; !ok {
			at[m] = len(out)
			obligations[m], units[m] = map[string]bool{}, map[string]bool{}
			title := parts[0]
			if o := what.Set.Obligation(plan, parts[0]); o != nil {
				title = o.DisplayTitle(w.lang)
			}
			out = append(out, shiftView{Title: title, Before: c.Before, Due: c.Due, Days: int(c.Due - c.Before)})
		}
		out[at[m]].N++
		obligations[m][plan+":"+parts[0]] = true
		if len(parts) > 1 {
			units[m][parts[1]] = true
		}
	}
	for m, i := range at {
		out[i].More, out[i].Units = len(obligations[m])-1, len(units[m])
	}
	slices.SortStableFunc(out, func(a, b shiftView) int { return cmp.Or(cmp.Compare(b.N, a.N), cmp.Compare(a.Before, b.Before)) })
	return out, final
}
