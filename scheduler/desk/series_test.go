package desk_test

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"duban/internal/series"
	"duban/internal/world"
	"duban/ledger"
	"duban/rules"
	"duban/rules/calendar"
	"duban/scheduler/desk"
	"duban/scheduler/figures"
)

// thing is what an oracle knows of one item: what people did to it, and no more.
type thing struct {
	obligation, period string
	holders            []held // who had it since when, the last one has it
	state              ledger.State
	due                calendar.Date
	reported           calendar.Date
	since              calendar.Date // whoever has it has owed it in this way since
	told               calendar.Date // when its holder was last reminded of it
	event              calendar.Date // that started it; 0: it is of a month
	paused             calendar.Date // since the end of that day; 0: it is not
	pausable           calendar.Date // from that day on, where it was paused before
	granted            calendar.Date // an extension; 0: none
	cause              *thing        // whose closing started it; nil: none did
	moved              bool          // it was transferred itself
	closed             calendar.Date // the day on which it was
}

type held struct {
	unit string
	from calendar.Date
}

func (x *thing) unit() string { return x.holders[len(x.holders)-1].unit }
func (x *thing) key() string  { return x.obligation + "/" + x.unit() + "/" + x.period }

// whenDue is who had it at the close of its due day.
func (x *thing) whenDue() string {
	who := x.holders[0].unit
	for _, h := range x.holders[1:] {
		if h.from <= x.due { // acts of a day are before its close here
			who = h.unit
		}
	}
	return who
}

// ended tells why nothing can be done to it: a step has no cause any more.
func (x *thing) ended() bool { return x.state == ledger.StateCancelled }

// started tells whether what started it still says so.
func (x *thing) started() bool { return x.cause == nil || x.cause.state == ledger.StateClosed }

// late tells whether it missed its day, by the day of the report that stands.
func (x *thing) late(today calendar.Date) bool {
	if x.paused != 0 { // also while its report waits
		return false
	}
	switch x.state {
	case ledger.StateOpen:
		return today > x.due
	case ledger.StateReported, ledger.StateClosed:
		return x.reported > x.due
	}
	return false
}

// resume starts the clock of a paused thing again after a day: as many working days
// are left as there were.
func (x *thing) resume(days *calendar.Calendar, day calendar.Date) {
	if x.paused == 0 {
		return
	}
	if day > x.paused { // else it moves nothing, not even a day off that somebody named
		x.due = days.Add(day, days.Count(x.paused, x.due))
	}
	x.pausable, x.paused, x.since = max(x.paused+1, day), 0, day
}

// After any series of acts with ticks between, who owes a thing is reminded of it and
// nobody else, and lights and figures are those of what was done.
func TestAfterAnySeriesOfActsRemindersLightsAndFiguresFollow(t *testing.T) {
	series.Of(t, 100)
	review := strings.Replace(world.PlanHead, "\n[policy.standard]", "\nreview = true\n[policy.standard]", 1)
	step := strings.Replace(world.Closed, "5", "3", 1)
	obligations := world.Ob("s", `["a", "b"]`, step) + world.Ob("m", `["a"]`, world.Monthly) + world.Ob("n", `["a", "b"]`, strings.Replace(world.Monthly, "15", "10", 1)) + world.Ob("e", `["a", "b"]`, world.Asked)
	rapid.Check(t, func(r *rapid.T) {
		reviewed := rapid.Bool().Draw(r, "review")
		head := world.PlanHead
		if reviewed {
			head = review
		}
		w := world.New(t, world.RulesWith(t, head, obligations), "2017-06-12 09:00")
		defer w.Ledger.Close()
		w.TickNow()
		day := world.Date(t, "2017-07-05")
		w.Tick(day.String() + " 09:00")
		for _, unit := range []string{"a", "b"} {
			w.Event("asked", unit, (day - calendar.Date(rapid.IntRange(0, 20).Draw(r, "days ago"))).String(), "k"+unit)
		}
		w.Tick(day.String() + " 09:30")
		things := map[string]*thing{}
		for _, o := range w.Open() {
			if x := (&thing{obligation: o.Obligation, period: o.Period, holders: []held{{o.Unit, 0}}, state: ledger.StateOpen, due: o.Due, since: day}); o.Period == "2017-06" || o.Event != 0 {
				if o.Event != 0 {
					x.event = o.Anchor
				}
				things[o.Key()] = x
			}
		}
		seen := len(w.Listed(""))
		for range rapid.IntRange(5, 16).Draw(r, "days") {
			day = w.View().Workdays().Add(day, 1)
			w.At(day.String() + " 08:00")
			for i := range rapid.IntRange(0, 3).Draw(r, "acts") {
				w.At(fmt.Sprintf("%s 08:%02d", day, 10*i))
				which := slices.Sorted(maps.Keys(things))
				if rapid.Bool().Draw(r, "a chain") {
					which = slices.DeleteFunc(which, func(key string) bool { return !strings.HasPrefix(key, "e/") && !strings.HasPrefix(key, "s/") })
				}
				one := things[rapid.SampledFrom(which).Draw(r, "which")]
				doTo(r, w, things, one, day, reviewed)
			}
			w.Tick(day.String() + " 09:00")
			seen = wasToldRightly(r, w, things, day, seen)
			standsRightly(r, w, things, day)
		}
		w.Verify()
	})
}

// doTo does something to a thing, in the world and in what the oracle knows.
func doTo(r *rapid.T, w *world.World, things map[string]*thing, x *thing, day calendar.Date, reviewed bool) {
	verb := rapid.SampledFrom([]desk.Verb{desk.Done, desk.Done, desk.Retract, desk.Accept, desk.Return, desk.Reopen, desk.Waive, desk.Extend, desk.Transfer, desk.Transfer, desk.Progress, desk.Pause, desk.Pause, desk.Resume, "urge"}).Draw(r, "verb")
	was := x.state
	in := desk.Act{By: "test", Reason: "r", Note: "n"}
	unit := rapid.SampledFrom([]string{"a", "b", "c"}).Draw(r, "unit")
	may := map[desk.Verb]bool{
		desk.Done: x.state == ledger.StateOpen, desk.Accept: x.state == ledger.StateReported, desk.Return: x.state == ledger.StateReported,
		desk.Reopen: x.state != ledger.StateOpen && x.started(), desk.Waive: x.state == ledger.StateOpen || x.state == ledger.StateReported,
		desk.Extend: (x.state == ledger.StateOpen || x.state == ledger.StateReported) && x.paused == 0, desk.Progress: x.state == ledger.StateOpen || x.state == ledger.StateReported,
		desk.Retract: x.started() && (x.state == ledger.StateReported || x.state == ledger.StateClosed && !reviewed && w.View().Workdays().Count(x.reported, day) <= 3),
		"urge":       x.state == ledger.StateOpen && x.paused == 0,
		desk.Pause:   x.state == ledger.StateOpen && x.event != 0 && x.paused == 0 && day < x.due && day >= max(x.pausable, x.event),
		desk.Resume:  x.paused != 0,
	}
	may[desk.Transfer] = x.state == ledger.StateOpen
	for _, other := range things { // whoever has, or had, that period
		if other.obligation == x.obligation && other.period == x.period && slices.ContainsFunc(other.holders, func(h held) bool { return h.unit == unit }) {
			may[desk.Transfer] = false
		}
	}
	switch verb {
	case desk.Extend:
		in.To = max(x.due, day) + calendar.Date(rapid.IntRange(1, 10).Draw(r, "more"))
		if x.event != 0 && in.To > x.event+50 { // 10 working days, and 30 more at most
			return
		}
	case desk.Transfer:
		if in.Unit = unit; things["s/"+x.period] != nil && x.obligation == "e" {
			return // it begins another step then: TestAStepFollowsItsCauseToAnotherUnit
		}
	}
	var err error
	if verb == "urge" {
		if _, err = w.Desk.Urge(context.Background(), []string{x.key()}, in); err != nil && strings.Contains(err.Error(), "has left") {
			return
		}
	} else {
		_, err = w.Desk.Do(context.Background(), verb, x.key(), in)
	}
	if (err == nil) != may[verb] {
		r.Fatalf("%s %s (%s, due %s, reported %s) on %s: %v", verb, x.key(), x.state, x.due, x.reported, day, err)
	}
	if err != nil {
		return
	}
	days := w.View().Workdays()
	switch verb {
	case desk.Pause:
		x.paused = day
	case desk.Resume:
		x.resume(days, day)
	case desk.Done:
		x.reported, x.state = day, ledger.StateReported
		if !reviewed {
			x.resume(days, day)
			x.state, x.closed = ledger.StateClosed, day
		}
	case desk.Accept:
		x.resume(days, day)
		x.state, x.closed = ledger.StateClosed, day
	case desk.Return, desk.Reopen, desk.Retract:
		x.state, x.reported, x.since = ledger.StateOpen, 0, day
		if x.cause != nil { // which may have been closed anew while the step was
			x.due = max(days.Add(x.cause.closed, 3), x.granted)
		}
	case desk.Waive:
		x.resume(days, day)
		x.state = ledger.StateWaived
	case desk.Extend:
		x.due, x.granted, x.since = in.To, in.To, day
	case desk.Transfer:
		x.holders, x.since, x.told, x.moved = append(x.holders, held{unit, day}), day, 0, true
	}
	if (was == ledger.StateClosed) != (x.state == ledger.StateClosed) && x.obligation == "e" {
		x.starts(things, days)
	}
}

// starts has the step after a thing follow it: it begins with the closing, counts from
// it, and is over without it, unless it is done itself.
func (x *thing) starts(things map[string]*thing, days *calendar.Calendar) {
	key := "s/" + x.period
	next := things[key]
	due := days.Add(x.closed, 3)
	switch {
	case next == nil && x.state == ledger.StateClosed:
		things[key] = &thing{obligation: "s", period: x.period, holders: []held{{x.unit(), 0}}, state: ledger.StateOpen, due: due, since: x.closed, cause: x}
	case next == nil || next.state == ledger.StateClosed || next.state == ledger.StateWaived:
	case x.state != ledger.StateClosed:
		next.state = ledger.StateCancelled // its report stays, for the case that it counts again
	default:
		next.state, next.since = ledger.StateOpen, x.closed
		switch {
		case next.reported >= x.closed:
			next.state = ledger.StateReported
		default:
			next.reported = 0
		}
		next.due = max(due, next.granted)
		if !next.moved && next.unit() != x.unit() { // it goes where that has gone
			next.holders, next.told = []held{{x.unit(), 0}}, 0
		}
	}
}

// wasToldRightly looks at the notices since the last look.
func wasToldRightly(r *rapid.T, w *world.World, things map[string]*thing, day calendar.Date, seen int) int {
	all := w.Listed("")
	urged := map[string]int{}
	for _, n := range all {
		if key := n.Unit + " on " + n.Day.String(); n.Kind == ledger.Letter && strings.Contains(n.Letter, `"act":"urge"`) {
			if urged[key]++; urged[key] > 1 {
				r.Fatalf("%s is urged twice", key)
			}
		}
	}
	byKey := map[string]*thing{}
	for _, x := range things {
		byKey[x.key()] = x
	}
	for _, n := range all[seen:] {
		for _, it := range n.Items {
			if it.Occurrence == 0 || n.Kind != ledger.Reminder && n.Kind != ledger.Escalation {
				continue
			}
			o, err := w.Ledger.Occurrence(context.Background(), it.Occurrence)
			if err != nil {
				r.Fatal(err)
			}
			if o.Period == "2017-07" {
				continue
			}
			x := byKey[o.Key()]
			if x == nil || x.paused != 0 || x.state != ledger.StateOpen || n.Kind == ledger.Reminder && n.Unit != x.unit() {
				r.Fatalf("on %s %s is reminded of %s, which it does not owe", day, n.Unit, o.Key())
			}
			if n.Kind == ledger.Reminder {
				x.told = day
			} else if day <= x.due {
				r.Fatalf("on %s %s hears that %s is late, which is due on %s", day, n.Unit, o.Key(), x.due)
			}
		}
	}
	// An overdue one is told of every other working day at least.
	for _, x := range things {
		owed := max(x.since, x.due)
		if x.state != ledger.StateOpen || !x.late(day) || w.View().Workdays().Count(owed, day) <= 3 {
			continue
		}
		if x.told == 0 || w.View().Workdays().Count(x.told, day) > 2 {
			r.Fatalf("on %s nobody has reminded %s of %s since %s", day, x.unit(), x.key(), x.told)
		}
	}
	return len(all)
}

// standsRightly compares lights, links and figures.
func standsRightly(r *rapid.T, w *world.World, things map[string]*thing, day calendar.Date) {
	ctx := context.Background()
	want := map[string]int{}
	var from, to calendar.Date = calendar.Last, 0
	for _, x := range things {
		o, err := w.Ledger.Find(ctx, x.key())
		if err != nil {
			r.Fatal(err)
		}
		if o.State != x.state || o.Due != x.due {
			r.Fatalf("on %s %s is %s, due %s; want %s, due %s", day, o.Key(), o.State, o.Due, x.state, x.due)
		}
		if red := x.late(day) && (x.state == ledger.StateOpen || x.state == ledger.StateReported); (w.View().Light(o) == rules.Red) != red {
			r.Fatalf("on %s the light of %s is %s, due %s", day, o.Key(), w.View().Light(o), x.due)
		}
		if x.ended() {
			continue // it counts nowhere
		}
		for i, h := range x.holders[:len(x.holders)-1] {
			past, err := w.Ledger.Find(ctx, x.obligation+"/"+h.unit+"/"+x.period)
			if err != nil || past.State != ledger.StateCancelled || past.Transferred != x.holders[i+1].unit || past.NextReminder != 0 {
				r.Fatalf("where %s was: %+v, %v", x.key(), past, err)
			}
		}
		outcome := "on time"
		switch late := x.late(day); {
		case x.state == ledger.StateWaived:
			outcome = "waived"
		case x.state == ledger.StateOpen && late:
			outcome = "overdue"
		case x.state == ledger.StateOpen:
			outcome = "open"
		case late:
			outcome = "late"
		}
		want[fmt.Sprint(x.whenDue(), " ", x.obligation, " ", outcome)]++
		from, to = min(from, x.due), max(to, x.due)
	}
	got := map[string]int{}
	all, err := figures.Of(ctx, w.Ledger, w.View(), from, to)
	if err != nil {
		r.Fatal(err)
	}
	later, err := ledger.AllOccurrences(ctx, w.Ledger, ledger.Query{DueFrom: from, DueTo: to})
	if err != nil {
		r.Fatal(err)
	}
	for _, f := range all {
		open := f.Open
		for _, o := range later { // of other periods nothing was done
			if o.Period == "2017-07" && o.Unit == f.Unit && o.Obligation == f.Obligation {
				if w.View().Late(o) {
					f.Overdue--
				} else {
					open--
				}
			}
		}
		for outcome, n := range map[string]int{"on time": f.OnTime, "late": f.Late, "overdue": f.Overdue, "open": open, "waived": f.Waived} {
			if n != 0 {
				got[fmt.Sprint(f.Unit, " ", f.Obligation, " ", outcome)] = n
			}
		}
	}
	if !maps.Equal(got, want) {
		r.Fatalf("on %s the figures are %v, want %v", day, got, want)
	}
}
