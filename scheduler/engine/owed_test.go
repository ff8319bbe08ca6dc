package engine_test

import (
	"context"
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
	"duban/rules/planfile"
	"duban/scheduler/desk"
)

// A rule of a test: what its TOML says, in parts that an edit may change.
type ruleText struct {
	id, cadence, within, roll, policy, span string
	units                                   []string
}

// brief is what changes, on one line.
func (r ruleText) brief() string {
	return fmt.Sprintf("%s %v %s %q %s %s %q", r.id, r.units, r.cadence, r.within, r.roll, r.policy, r.span)
}

func briefs(texts map[string]ruleText) string {
	var lines []string
	for _, id := range slices.Sorted(maps.Keys(texts)) {
		lines = append(lines, "\t"+texts[id].brief())
	}
	return "\n" + strings.Join(lines, "\n")
}

func (r ruleText) String() string {
	units := make([]string, len(r.units))
	for i, u := range r.units {
		units[i] = fmt.Sprintf("%q", u)
	}
	lines := r.cadence + "\n" + r.span + "\npolicy=" + fmt.Sprintf("%q", r.policy) + "\n"
	lines += fmt.Sprintf("roll=%q\n", r.roll)
	if r.within != "" {
		lines += fmt.Sprintf("within=%q\n", r.within)
	}
	return world.Ob(r.id, "["+strings.Join(units, ",")+"]", lines)
}

var (
	someCadences = []string{
		`every="day"`, `every="week"`, `every="month"`, `every="quarter"`, `every="half-year"`, `every="year"`,
		`cron="0 0 9,10 12 *"`, `cron="0 0 25 * *"`, `cron="30 9,17 1,2,28-31 * *"`, `cron="0 0 * * 6,0"`,
		`rrule="FREQ=MONTHLY;BYDAY=-1FR"`, `rrule="FREQ=WEEKLY;INTERVAL=2;BYDAY=SA,SU"`, `rrule="FREQ=YEARLY;BYMONTH=1,9,10;BYMONTHDAY=1,2,3"`,
		"on=2017-12-31", "on=2018-02-16",
	}
	someWithins = []string{"", "0 working days", "1 working day", "5 working days", "15 working days", "40 working days", "-3 working days",
		"0 days", "10 days", "45 days", "-5 days", "1 month", "2 months", "-1 month"}
	someRolls    = []string{"forward", "backward", "none"}
	somePolicies = []string{"standard", "plain", "tracked"}
	someSpans    = []string{"", "", "", "starts=2017-09-15", "ends=2018-03-10", "starts=2017-08-01\nends=2018-10-01"}
)

// drawRule draws one that occurs at all: others are refused.
func drawRule(t testing.TB, rt *rapid.T, id string) ruleText {
	occurs := func(r ruleText) bool { return tryRules(t, map[string]string{"p": r.String()}) != nil }
	return rapid.Custom(func(rt *rapid.T) ruleText { return anyRule(rt, id) }).Filter(occurs).Draw(rt, "rule "+id)
}

func anyRule(rt *rapid.T, id string) ruleText {
	pick := func(from []string, what string) string { return rapid.SampledFrom(from).Draw(rt, id+" "+what) }
	units := []string{"a"}
	if rapid.Bool().Draw(rt, id+" of two units") {
		units = []string{"a", "b"}
	}
	return ruleText{id, pick(someCadences, "cadence"), pick(someWithins, "within"), pick(someRolls, "roll"), pick(somePolicies, "policy"), pick(someSpans, "span"), units}
}

// tryRules are nil where the rules have an error: a rule that never occurs, say.
func tryRules(t testing.TB, plans map[string]string, years ...calendar.Year) *rules.Set {
	src := planfile.Sources{Years: years}
	for _, id := range slices.Sorted(maps.Keys(plans)) {
		dir := t.TempDir()
		head := strings.Replace(world.PlanHead, `id = "p"`, "id = \""+id+"\"", 1)
		if id == "far" {
			head = "timezone = \"America/New_York\"\n" + head
		}
		world.WriteAll(t, dir, map[string]string{"plan.toml": head, "units.toml": world.PlanUnits, "obligations/01.toml": plans[id]})
		src.Plans = append(src.Plans, dir)
	}
	set, problems := planfile.Load(src)
	if problems.Err() != nil {
		return nil
	}
	return set
}

// closure is a year with two months off: nobody counts on such, and it must do
// no harm.
func closure(year int, month time.Month) calendar.Year {
	y := calendar.Year{Year: year, Source: []string{"test"}}
	for d := calendar.DateOf(year, month, 1); d < calendar.DateOf(year, month+2, 1); d++ {
		y.Days = append(y.Days, calendar.Day{Date: d, Name: "closed", Off: true})
	}
	return y
}

// TestTheLedgerHoldsWhatThePreviewPromises: after daily ticks over two years,
// with outages, whatever the cadence, roll, policy, calendar and zone.
func TestTheLedgerHoldsWhatThePreviewPromises(t *testing.T) {
	series.Of(t, 12) // each is two years
	rapid.Check(t, func(rt *rapid.T) {
		plans := map[string]string{"p": drawRule(t, rt, "x").String() + drawRule(t, rt, "y").String()}
		if rapid.Bool().Draw(rt, "a plan in another zone") {
			plans["far"] = drawRule(t, rt, "z").String()
		}
		var years []calendar.Year
		if rapid.Bool().Draw(rt, "a closure of two months") {
			years = append(years, closure(2018, time.Month(rapid.IntRange(1, 11).Draw(rt, "from month"))))
		}
		set := tryRules(t, plans, years...)
		if set == nil {
			rt.Fatal("each rule occurs, and together they do not")
		}
		start, end := world.Date(t, "2017-06-09"), world.Date(t, "2019-06-08")
		w := world.New(t, set, "2017-06-09 09:00")
		w.Settings().AssignOnStart, w.Settings().MaxNoticesPerTick = false, 0
		w.Settings().Admins = nil
		skip := 0
		for d := start; d <= end; d++ {
			if skip > 0 && d != end {
				skip--
				continue
			}
			if rapid.IntRange(0, 59).Draw(rt, "outage") == 0 {
				skip = rapid.IntRange(1, 50).Draw(rt, "days")
			}
			w.At(d.String() + " 09:00")
			if _, err := w.Daemon.Tick(t.Context(), w.Now); err != nil {
				rt.Fatal(err)
			}
		}
		var want []string
		for _, p := range set.Plans {
			met := start.At(9*60, w.Settings().Timezone)
			for _, o := range p.Obligations {
				for in := range o.Between(p.Day(met)-100, p.Day(w.Now)) {
					if !p.LateAfter(in.Due, in.Named).After(met) {
						continue // past due when the plan met the ledger
					}
					for _, u := range o.Units {
						want = append(want, fmt.Sprintf("%s:%s/%s/%s %s %v", p.ID, o.ID, u.ID, in.Period, in.Due, in.Provisional))
					}
				}
			}
		}
		var got []string
		all, err := ledger.AllOccurrences(t.Context(), w.Ledger, ledger.Query{})
		if err != nil {
			rt.Fatal(err)
		}
		for _, o := range all {
			if p := set.Plan(o.Plan); o.Due <= p.Day(w.Now) {
				got = append(got, fmt.Sprintf("%s %s %v", o.FullKey(), o.Due, o.Provisional))
			}
		}
		slices.Sort(got)
		slices.Sort(want)
		if !slices.Equal(got, want) {
			rt.Fatalf("%v\n%s", plans, difference(got, want))
		}
	})
}

// TestTheLedgerIsWhatRulesAndEventsSay: whatever edits come and are taken back,
// with closings, extensions, pauses, events and reopenings between them.
func TestTheLedgerIsWhatRulesAndEventsSay(t *testing.T) {
	series.Of(t, 40)
	ctx := context.Background()
	rapid.Check(t, func(rt *rapid.T) {
		pick := func(from []string, what string) string { return rapid.SampledFrom(from).Draw(rt, what) }
		texts := map[string]ruleText{
			"x": drawRule(t, rt, "x"),
			"y": {"y", `every="month"`, "15 working days", "forward", "standard", "", []string{"a", "b"}},
			"e": {"e", `event="request"`, "20 days", "forward", "standard", "pausable=true\nextendable=\"60 days\"", []string{"a", "b"}},
			"f": {"f", `after="e"`, "5 working days", "forward", "tracked", "", []string{"a", "b"}},
			"g": {"g", `after="f"`, "10 days", "backward", "tracked", "", []string{"a", "b"}},
		}
		build := func(texts map[string]ruleText) *rules.Set {
			var s string
			for _, id := range slices.Sorted(maps.Keys(texts)) {
				s += texts[id].String()
			}
			return tryRules(t, map[string]string{"p": s})
		}
		set := build(texts)
		if set == nil {
			rt.Fatal("each rule occurs, and together they do not")
		}
		start := world.Date(t, "2017-08-20")
		w := world.New(t, set, "2017-08-20 09:00")
		w.Settings().AssignOnStart, w.Settings().MaxNoticesPerTick, w.Settings().Admins = false, 0, nil
		h := &history{oracle: oracle{cal: calendar.China()}, items: map[string]*item{}}
		h.versions = []version{{w.Now, set, maps.Clone(texts)}}
		periods := map[string]bool{}
		learn := func(set *rules.Set) {
			for _, o := range set.Plans[0].Obligations {
				for in := range o.Anchored(world.Date(t, "2017-06-01")) {
					if in.Anchor > start+900 {
						break
					}
					periods[in.Period] = true
				}
			}
		}
		learn(set)
		var log []string
		say := func(format string, args ...any) {
			log = append(log, w.Now.Format("2006-01-02 15:04 ")+fmt.Sprintf(format, args...))
		}
		itemOf := func(key string) *item {
			if h.items[key] == nil {
				h.items[key] = &item{}
			}
			return h.items[key]
		}
		previous := maps.Clone(texts)
		ticked := start // the day of the last tick
		check := func() {
			got, err := ledger.AllOccurrences(ctx, w.Ledger, ledger.Query{})
			if err != nil {
				rt.Fatal(err)
			}
			made := map[string]bool{}
			for _, o := range got {
				made[o.Key()] = true
			}
			got = slices.DeleteFunc(got, func(o *ledger.Occurrence) bool { return o.State != ledger.StateOpen })
			want := h.open(w.Now, periods, made)
			h.wasOpen = map[string]bool{}
			for key := range want {
				h.wasOpen[key] = made[key] // what is due later than ticks look ahead is open nowhere yet
			}
			have := map[string]calendar.Date{}
			var lines []string
			for _, o := range got {
				have[o.Key()] = o.Due
				if due, ok := want[o.Key()]; !ok {
					lines = append(lines, fmt.Sprintf("not owed: %s due %s", o.Key(), o.Due))
				} else if due != o.Due {
					lines = append(lines, fmt.Sprintf("%s is due %s, the ledger says %s", o.Key(), due, o.Due))
				}
			}
			for key, due := range want {
				if have[key] == 0 && due <= ticked+10 {
					lines = append(lines, fmt.Sprintf("missing: %s due %s", key, due))
				}
			}
			if len(lines) > 0 {
				slices.Sort(lines)
				rt.Fatalf("%s\n%s", strings.Join(log, "\n"), strings.Join(lines, "\n"))
			}
		}
		tick := func() {
			if _, err := w.Daemon.Tick(ctx, w.Now); err != nil {
				rt.Fatal(err)
			}
			ticked = calendar.DayOf(w.Now)
			check()
		}
		say("begun with %s", briefs(texts))
		tick()
		openNow := func(where func(*ledger.Occurrence) bool) *ledger.Occurrence {
			all, err := ledger.AllOccurrences(ctx, w.Ledger, ledger.Query{States: []ledger.State{ledger.StateOpen}})
			if err != nil {
				rt.Fatal(err)
			}
			all = slices.DeleteFunc(all, func(o *ledger.Occurrence) bool { return !where(o) })
			if len(all) == 0 {
				return nil
			}
			return rapid.SampledFrom(all).Draw(rt, "occurrence")
		}
		day := start
		for range rapid.IntRange(10, 45).Draw(rt, "steps") {
			day += calendar.Date(rapid.IntRange(0, 12).Draw(rt, "days later"))
			w.Now = maxTime(w.Now.Add(time.Minute), day.At(9*60, w.Settings().Timezone))
			if rapid.IntRange(0, 3).Draw(rt, "no tick") > 0 {
				tick()
			}
			w.Now = w.Now.Add(time.Minute)
			any := func(*ledger.Occurrence) bool { return true }
			switch pick([]string{"edit", "edit", "undo", "close", "close", "reopen", "extend", "pause", "resume", "event", "withdraw", "wait"}, "what") {
			case "edit", "undo":
				next := maps.Clone(texts)
				if pick([]string{"undo", "edit"}, "which") == "undo" {
					next = maps.Clone(previous)
				} else {
					id := pick(slices.Sorted(maps.Keys(texts)), "rule")
					r := next[id]
					switch pick([]string{"units", "within", "roll", "span", "cadence", "gone"}, "change") {
					case "units":
						if id == "f" || id == "g" {
							break // a step of other units than its cause's falls on all of them
						}
						r.units = rapid.SampledFrom([][]string{{"a"}, {"b"}, {"a", "b"}, {"c"}}).Draw(rt, "units")
					case "within":
						r.within = pick(someWithins, "within")
					case "roll":
						r.roll = pick(someRolls, "roll")
					case "span":
						if id == "x" || id == "y" {
							r.span = pick(someSpans, "span")
						}
					case "cadence":
						if id == "x" || id == "y" {
							r.cadence = pick(someCadences, "cadence")
						}
					}
					next[id] = r
				}
				set := build(next)
				if set == nil {
					continue
				}
				previous, texts = texts, next
				w.Daemon.SetRules(set)
				learn(set)
				h.versions = append(h.versions, version{w.Now.Truncate(time.Second), set, maps.Clone(texts)})
				say("edited to %s", briefs(texts))
				tick()
			case "close":
				o := openNow(func(o *ledger.Occurrence) bool { return o.PausedOn.IsZero() })
				if o == nil {
					continue
				}
				say("closed %s", o.Key())
				w.Done(o.Key(), "")
				it := itemOf(o.Key())
				it.ended, it.closed = true, calendar.DayOf(w.Now)
			case "reopen":
				all, err := ledger.AllOccurrences(ctx, w.Ledger, ledger.Query{States: []ledger.State{ledger.StateClosed}})
				if err != nil {
					rt.Fatal(err)
				}
				if len(all) == 0 {
					continue
				}
				o := rapid.SampledFrom(all).Draw(rt, "closed one")
				if _, err := w.Desk.Do(ctx, desk.Reopen, o.Key(), desk.Act{By: "test"}); err != nil {
					continue // no rule asks for it any more
				}
				say("reopened %s", o.Key())
				it := itemOf(o.Key())
				it.ended, it.closed = false, 0
				h.wasOpen[o.Key()] = true
			case "extend":
				o := openNow(func(o *ledger.Occurrence) bool { return o.PausedOn.IsZero() })
				if o == nil {
					continue
				}
				to := o.Due + calendar.Date(rapid.IntRange(1, 40).Draw(rt, "longer"))
				if _, err := w.Desk.Do(ctx, desk.Extend, o.Key(), desk.Act{By: "test", Reason: "r", To: to}); err != nil {
					continue
				}
				say("extended %s to %s", o.Key(), to)
				itemOf(o.Key()).granted = to
			case "pause":
				o := openNow(func(o *ledger.Occurrence) bool { return strings.HasPrefix(o.Key(), "e/") && o.Granted.IsZero() })
				if o == nil {
					continue
				}
				if _, err := w.Desk.Do(ctx, desk.Pause, o.Key(), desk.Act{By: "test"}); err != nil {
					continue
				}
				say("paused %s", o.Key())
				it := itemOf(o.Key())
				it.pauses = append(it.pauses, rules.Pause{From: calendar.DayOf(w.Now)})
			case "resume":
				o := openNow(func(o *ledger.Occurrence) bool { return !o.PausedOn.IsZero() })
				if o == nil {
					continue
				}
				if _, err := w.Desk.Do(ctx, desk.Resume, o.Key(), desk.Act{By: "test"}); err != nil {
					rt.Fatal(err)
				}
				say("resumed %s", o.Key())
				it := itemOf(o.Key())
				it.pauses[len(it.pauses)-1].To = calendar.DayOf(w.Now)
			case "event":
				unit := pick([]string{"a", "b"}, "unit")
				on := calendar.DayOf(w.Now) - calendar.Date(rapid.IntRange(0, 60).Draw(rt, "days ago"))
				key := pick([]string{"No1", "No2", "No3"}, "key")
				if _, added, err := w.Desk.AddEvent(ctx, &ledger.Event{Name: "request", Unit: unit, Day: on, Key: key}, "test"); err != nil || !added {
					continue
				}
				say("event %s of %s on %s", key, unit, on)
				periods[key] = true
				it := itemOf("e/" + unit + "/" + key)
				it.event, it.gone = on, false
				h.linkGone(unit, key, false)
			case "withdraw":
				unit, key := pick([]string{"a", "b"}, "unit"), pick([]string{"No1", "No2", "No3"}, "key")
				if _, err := w.Desk.WithdrawEvent(ctx, "request/"+unit+"/"+key, "wrong", "test"); err != nil {
					continue
				}
				say("withdrawn %s of %s", key, unit)
				itemOf("e/" + unit + "/" + key).gone = true
				h.linkGone(unit, key, true)
			}
			_ = any
			check()
		}
		w.Verify()
	})
}
