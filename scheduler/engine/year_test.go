package engine_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"duban/internal/series"
	"duban/internal/world"
	"duban/ledger"
	"duban/rules"
	"duban/rules/calendar"
)

// oracle says, by walking day by day and with none of the scheduler's code,
// which notices there must be.
type oracle struct {
	cal    *calendar.Calendar
	owed   []*owed
	last   map[string]calendar.Date // "unit" or "!supervisor" → day of its last notice
	expect []string
}

type owed struct {
	key, unit string
	policy    string
	due       calendar.Date
	told      []calendar.Date // the days on which its unit was told
	bossTold  []calendar.Date // and its supervisor
	closed    bool
}

// back and forth walk working days.
func (o *oracle) forth(d calendar.Date, n int) calendar.Date {
	for n > 0 {
		if d++; o.cal.IsWorkingDay(d) {
			n--
		}
	}
	return d
}

func (o *oracle) back(d calendar.Date, n int) calendar.Date {
	for n > 0 {
		if d--; o.cal.IsWorkingDay(d) {
			n--
		}
	}
	return d
}

func (o *oracle) atOrBefore(d calendar.Date) calendar.Date {
	for !o.cal.IsWorkingDay(d) {
		d--
	}
	return d
}

func (o *oracle) atOrAfter(d calendar.Date) calendar.Date {
	for !o.cal.IsWorkingDay(d) {
		d++
	}
	return d
}

// told tells on which days until the end the unit and its supervisor hear of it.
func (o *oracle) tells(w *owed, until calendar.Date) (unit, boss []calendar.Date) {
	var escalation calendar.Date
	switch w.policy {
	case "standard":
		unit = []calendar.Date{o.back(w.due, 7), o.back(w.due, 3), w.due}
		escalation = o.forth(w.due, 3)
		for d := o.forth(w.due, 1); d <= until; d = o.forth(d, 2) {
			unit = append(unit, d)
		}
	case "plain":
		unit = []calendar.Date{o.atOrBefore(w.due - 5), w.due}
		escalation = o.atOrAfter(w.due + 2)
		first := o.forth(w.due, 1)
		for k := 0; first+calendar.Date(7*k) <= until; k++ {
			unit = append(unit, o.atOrAfter(first+calendar.Date(7*k)))
		}
	}
	boss = []calendar.Date{escalation}
	for _, d := range unit {
		if d > escalation {
			boss = append(boss, d)
		}
	}
	return unit, boss
}

func last(days []calendar.Date) calendar.Date {
	if len(days) == 0 {
		return 0
	}
	return days[len(days)-1]
}

// setBack forgets what was told on days after today: the clock was ahead.
func (o *oracle) setBack(today calendar.Date) {
	ahead := func(d calendar.Date) bool { return d > today }
	for _, w := range o.owed {
		w.told, w.bossTold = slices.DeleteFunc(w.told, ahead), slices.DeleteFunc(w.bossTold, ahead)
	}
}

func between(days []calendar.Date, after, to calendar.Date) bool {
	return slices.ContainsFunc(days, func(d calendar.Date) bool { return d > after && d <= to })
}

// tick is what must happen on a day on which the daemon is up in the window.
func (o *oracle) tick(today calendar.Date) {
	if !o.cal.IsWorkingDay(today) {
		return
	}
	units, boss := map[string][]string{}, []string{}
	for _, w := range o.owed {
		if w.closed || w.due == 0 {
			continue
		}
		u, b := o.tells(w, today+1)
		kind := "upcoming"
		if today == w.due {
			kind = "due"
		} else if today > w.due {
			kind = "overdue"
		}
		if between(u, last(w.told), today) && o.last[w.unit] < today {
			units[w.unit] = append(units[w.unit], w.key+"="+kind)
			w.told = append(w.told, today)
		}
		if between(b, last(w.bossTold), today) && today > w.due && o.last["!boss"] < today {
			boss = append(boss, w.key+"=escalation")
			w.bossTold = append(w.bossTold, today)
		}
	}
	for unit, items := range units {
		slices.Sort(items)
		o.expect = append(o.expect, fmt.Sprintf("%s reminder %s: %s", today, unit, strings.Join(items, " ")))
		o.last[unit] = today
	}
	if len(boss) > 0 {
		slices.Sort(boss)
		o.expect = append(o.expect, fmt.Sprintf("%s escalation boss: %s", today, strings.Join(boss, " ")))
		o.last["!boss"] = today
	}
}

const yearRules = `
[[obligation]]
id = "month"
title = "M"
units = ["@all"]
every = "month"
within = "15 working days"
policy = "standard"
[[obligation]]
id = "quarter"
title = "Q"
units = ["a", "b"]
every = "quarter"
within = "20 days"
policy = "plain"
[[obligation]]
id = "week"
title = "W"
units = ["c"]
every = "week"
within = "2 working days"
policy = "plain"
[[obligation]]
id = "half"
title = "H"
units = ["b"]
every = "half-year"
within = "1 month"
policy = "standard"
`

// TestAYearOfOutagesJumpsEditsAndClosings compares the scheduler with the
// oracle over a year: the exact set of notices, whatever happens.
func TestAYearOfOutagesJumpsEditsAndClosings(t *testing.T) {
	series.Of(t, 8) // each is a year
	rapid.Check(t, func(rt *rapid.T) {
		set := world.Rules(t, yearRules)
		edited := world.Rules(t, strings.Replace(yearRules, "15 working days", "12 working days", 1))
		start, end := world.Date(t, "2017-06-09"), world.Date(t, "2018-06-08")
		w := world.New(t, set, "2017-06-09 09:00")
		w.Settings().AssignOnStart = false
		o := &oracle{cal: calendar.China(), last: map[string]calendar.Date{}}
		known := map[string]*owed{}
		learn := func(rules *rules.Set, from calendar.Date) {
			for _, ob := range rules.Plans[0].Obligations {
				for in := range ob.Between(from, end+400) {
					for _, u := range ob.Units {
						key := ob.ID + "/" + u.ID + "/" + in.Period
						if k := known[key]; k != nil {
							if !k.closed {
								k.due = in.Due
							}
							continue
						}
						known[key] = &owed{key: key, unit: u.ID, policy: ob.PolicyName, due: in.Due}
						o.owed = append(o.owed, known[key])
					}
				}
			}
		}
		learn(set, start)
		outages := map[calendar.Date]bool{}
		for range rapid.IntRange(0, 3).Draw(rt, "outages") {
			at := start + calendar.Date(rapid.IntRange(1, 360).Draw(rt, "outage"))
			for d := range calendar.Date(rapid.IntRange(1, 12).Draw(rt, "days away")) {
				outages[at+d] = true
			}
		}
		edit := start + calendar.Date(rapid.IntRange(30, 330).Draw(rt, "edit"))
		jump := start + calendar.Date(rapid.IntRange(1, 360).Draw(rt, "jump"))
		closes := rapid.IntRange(2, 9).Draw(rt, "one in so many stays open")
		step := func(d calendar.Date, clock string) {
			w.Tick(d.String() + " " + clock)
			o.tick(d)
		}
		isEdited := false
		for d := start; d <= end; d++ {
			if outages[d] {
				continue
			}
			if d >= edit && !isEdited {
				isEdited = true
				w.Daemon.SetRules(edited)
				// An open occurrence is counted by the new rule; what it makes due before today it owes no more.
				learn(edited, d)
				for _, k := range o.owed {
					if ob := edited.Obligation("p", strings.SplitN(k.key, "/", 2)[0]); !k.closed {
						in, err := ob.Period(k.key[strings.LastIndex(k.key, "/")+1:])
						if err != nil {
							t.Fatal(err)
						}
						k.due = in.Due
					}
				}
			}
			step(d, "08:30")
			step(d, "12:00")
			if d == jump {
				had, n := maps.Clone(o.last), len(o.expect)
				step(d+1, "08:30")
				w.Tick(d.String() + " 13:00") // not believed
				o.setBack(d)                  // but again at the end of the day
				o.last = had
				for i := range o.expect[n:] { // it was made on this day
					o.expect[n+i] = d.String() + o.expect[n+i][len("2017-06-09"):]
				}
			}
			if n := int(d); n%3 == 0 {
				for i, k := range o.owed {
					if k.closed || (i+n)%closes != 0 || k.due > d+3 {
						continue
					}
					if found, err := w.Ledger.Find(t.Context(), k.key); err == nil && found.State == ledger.StateOpen {
						w.Now = w.Now.Add(time.Minute)
						w.Done(k.key, "")
						k.closed = true
					}
				}
			}
			step(d, "17:25")
		}
		got := slices.DeleteFunc(w.Notices(), func(n string) bool { return strings.Contains(n, " admin ") })
		slices.Sort(got)
		slices.Sort(o.expect)
		if !slices.Equal(got, o.expect) {
			rt.Fatalf("notices differ (outages %v, edit %s, jump %s):\n%s", outages, edit, jump, difference(got, o.expect))
		}
		w.Verify()
	})
}

func difference(got, want []string) string {
	var b strings.Builder
	for _, s := range got {
		if !slices.Contains(want, s) {
			fmt.Fprintf(&b, "  too much: %s\n", s)
		}
	}
	for _, s := range want {
		if !slices.Contains(got, s) {
			fmt.Fprintf(&b, "  missing:  %s\n", s)
		}
	}
	return b.String()
}
