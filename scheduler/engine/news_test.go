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
	"duban/notify"
	"duban/rules"
	"duban/rules/calendar"
)

// quiet is a rhythm whose reminders are far from the days of these tests.
const quiet = "every=\"year\"\nwithin=\"6 months\"\npolicy=\"standard\""

// toUnits leaves out what is for the administrators and the supervisors.
func toUnits(notices []string, since string) []string {
	return slices.DeleteFunc(world.Since(notices, since), func(n string) bool {
		return strings.Contains(n, " admin ") || strings.Contains(n, " escalation ") || strings.Contains(n, "=overdue")
	})
}

// edit puts rules in force at that moment.
func edit(w *world.World, at string, set *rules.Set) {
	w.Daemon.SetRules(set)
	w.Tick(at)
}

// A morning of typing is one notice, on the next day on which mail leaves; what was
// added and taken away before that is never told.
func TestEditsAreToldOnceOnTheNextMailDay(t *testing.T) {
	m := world.Ob("m", `["a"]`, quiet)
	w := world.New(t, world.Rules(t, m+world.Ob("gone", `["a", "b"]`, quiet)), "2017-08-01 09:00")
	w.TickNow()
	since := func(day string) []string { return toUnits(w.Notices(), day) }
	edit(w, "2017-08-04 09:00", world.Rules(t, m+world.Ob("gone", `["b"]`, quiet)+world.Ob("x", `["a", "c"]`, quiet)))
	edit(w, "2017-08-04 09:10", world.Rules(t, m+world.Ob("gone", `["b"]`, quiet)+world.Ob("x", `["a", "c"]`, quiet)+world.Ob("slip", `["c"]`, quiet)))
	edit(w, "2017-08-04 11:40", world.Rules(t, m+world.Ob("x", `["a", "c"]`, quiet)+world.Ob("y", `["c"]`, quiet)))
	w.Tick("2017-08-04 17:00")
	w.Tick("2017-08-05 09:00") // a Saturday
	w.Want(since("2017-08-04"))
	w.Tick("2017-08-07 08:00") // before the window
	w.Want(since("2017-08-04"))
	w.Tick("2017-08-07 09:00")
	w.Tick("2017-08-07 09:05")
	w.Days("2017-08-08", "2017-08-10")
	w.Want(since("2017-08-04"),
		"2017-08-07 assignment a: -gone x", "2017-08-07 assignment b: -gone", "2017-08-07 assignment c: x y")
	w.Verify()

	// Back before anybody heard of it: there is nothing to tell.
	edit(w, "2017-08-10 10:00", world.Rules(t, m+world.Ob("y", `["c"]`, quiet)))
	edit(w, "2017-08-10 10:30", world.Rules(t, m+world.Ob("x", `["a", "c"]`, quiet)+world.Ob("y", `["c"]`, quiet)))
	w.Days("2017-08-11", "2017-08-14")
	w.Want(since("2017-08-10"))
}

// Of what was taken away before the unit had heard of it nobody hears, though a
// notice had been made: it says what is true when it leaves.
func TestNobodyIsRelievedOfWhatHeNeverHeardOf(t *testing.T) {
	both := world.Ob("m", `["a", "b"]`, quiet) + world.Ob("n", `["a"]`, quiet)
	w := world.New(t, world.Rules(t, both), "2017-08-05 09:00") // a Saturday: the assignments wait for Monday
	w.TickNow()
	edit(w, "2017-08-06 12:00", world.Rules(t, world.Ob("m", `["a"]`, quiet)))
	w.Tick("2017-08-07 09:00")
	w.Tick("2017-08-08 09:00")
	w.Want(toUnits(w.Notices(), "2017-08-07"), "2017-08-07 assignment a: m n", "2017-08-07 assignment b: m") // as they were made
	for _, m := range w.Mail.Mails() {
		said, err := notify.ReadText(m.Raw)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(strings.Join(m.To, " "), "b@") || strings.Contains(said, "不再") || strings.Contains(said, "2. ") {
			t.Errorf("told of what had been taken away: %v\n%s", m.To, said)
		}
	}
	// What it heard of it is relieved of.
	edit(w, "2017-08-08 10:00", world.Rules(t, world.Ob("other", `["b"]`, quiet)))
	w.Tick("2017-08-09 09:00")
	w.Want(toUnits(w.Notices(), "2017-08-09"), "2017-08-09 assignment a: -m", "2017-08-09 assignment b: other")
	w.Verify()
}

// What an edit makes due before the next mail day ends is told as soon as nobody
// has edited for half an hour what concerns the unit.
func TestWhatAnEditMakesDueSoonIsToldTheSameDay(t *testing.T) {
	m := world.Ob("m", `["a"]`, quiet)
	soon := world.Ob("s", `["a", "b"]`, "on=2017-08-07\npolicy=\"standard\"")
	w := world.New(t, world.Rules(t, m), "2017-08-01 09:00")
	w.TickNow()
	edit(w, "2017-08-04 09:00", world.Rules(t, m+soon)) // Friday; it is due on Monday
	edit(w, "2017-08-04 09:20", world.Rules(t, m+soon+world.Ob("x", `["a"]`, quiet)))
	w.Tick("2017-08-04 09:29")
	w.Want(toUnits(w.Notices(), "2017-08-04"))
	w.Tick("2017-08-04 09:30") // a's were edited at 09:20
	w.Want(toUnits(w.Notices(), "2017-08-04"), "2017-08-04 assignment b: s/b/2017-08-07=upcoming (new)")
	w.Tick("2017-08-04 09:50")
	w.Tick("2017-08-04 10:30")
	w.Tick("2017-08-07 09:00")
	w.Want(toUnits(w.Notices(), "2017-08-04"),
		"2017-08-04 assignment a: s/a/2017-08-07=upcoming (new) x", "2017-08-04 assignment b: s/b/2017-08-07=upcoming (new)",
		"2017-08-07 reminder a: s/a/2017-08-07=due", "2017-08-07 reminder b: s/b/2017-08-07=due")
	w.Verify()
}

// An event tells the units whose clocks it starts in the same way.
func TestAnEventIsToldOnceOnTheNextMailDay(t *testing.T) {
	set := world.Rules(t, world.Ob("e", `["a", "b"]`, strings.Replace(world.Asked, "10 working", "40 working", 1))+
		world.Ob("f", `["a"]`, "event=\"opened\"\nwithin=\"1 working day\"\npolicy=\"standard\"")+world.Ob("silent", `["a"]`, "event=\"quietly\"\nwithin=\"1 day\"\nremind=[]"))
	w := world.New(t, set, "2017-08-01 09:00")
	w.TickNow()
	w.At("2017-08-04 09:00").Event("asked", "a", "2017-08-03", "k")
	w.Event("quietly", "a", "2017-08-04", "q")
	w.Tick("2017-08-04 12:00")
	w.Verify()
	w.At("2017-08-07 08:00").Event("opened", "a", "2017-08-07", "o") // due on the eighth
	w.Tick("2017-08-07 08:35")
	w.Tick("2017-08-07 09:00")
	w.Verify()
	w.Days("2017-08-08", "2017-08-09")
	w.Want(toUnits(w.Notices(), "2017-08-04"),
		"2017-08-07 assignment a: e/a/k=upcoming (new) f/a/o=upcoming (new)", "2017-08-08 reminder a: f/a/o=due")
	// Withdrawn and recorded again, it is told again.
	if _, err := w.Desk.WithdrawEvent(t.Context(), "k", "another day", "t"); err != nil {
		t.Fatal(err)
	}
	w.At("2017-08-09 10:00").Event("asked", "a", "2017-08-09", "k")
	w.Days("2017-08-10", "2017-08-11")
	w.Want(toUnits(w.Notices(), "2017-08-10"),
		"2017-08-10 assignment a: e/a/k=upcoming (new)")
	w.Verify()
}

// Whatever is edited when: each unit hears on the next mail day what it owes now and
// did not know of, and what it knew and owes no longer; nothing else, and once a day.
func TestEveryUnitKnowsOnTheNextMailDayWhatItOwes(t *testing.T) {
	series.Of(t, 25)
	obligations, units := []string{"m", "n", "o"}, []string{"a", "b", "c"}
	rapid.Check(t, func(rt *rapid.T) {
		owes := map[string]map[string]bool{} // obligation → units
		set := func() string {
			text := world.Ob("always", `["a"]`, quiet)
			for _, o := range obligations {
				if len(owes[o]) > 0 {
					text += world.Ob(o, `["`+strings.Join(slices.Sorted(maps.Keys(owes[o])), `", "`)+`"]`, quiet)
				}
			}
			return text
		}
		w := world.New(t, world.Rules(t, set()), "2017-08-01 09:00")
		w.TickNow()
		type known struct {
			knows bool
			edit  calendar.Date // the last change that it has not heard of
		}
		state := map[string]*known{}
		for _, o := range obligations {
			for _, u := range units {
				state[o+"/"+u] = &known{}
			}
		}
		var want []string
		at := time.Date(2017, 8, 1, 9, 0, 0, 0, w.Now.Location())
		for range rapid.IntRange(1, 12).Draw(rt, "edits") {
			at = at.Add(time.Duration(rapid.IntRange(10, 2000).Draw(rt, "minutes")) * time.Minute)
			w.At(at.Format("2006-01-02 15:04"))
			today := calendar.DayOf(at)
			if rapid.Bool().Draw(rt, "edit") {
				o, u := rapid.SampledFrom(obligations).Draw(rt, "obligation"), rapid.SampledFrom(units).Draw(rt, "unit")
				if owes[o] == nil {
					owes[o] = map[string]bool{}
				}
				if owes[o][u] {
					delete(owes[o], u)
				} else {
					owes[o][u] = true
				}
				state[o+"/"+u].edit = today
				edit(w, at.Format("2006-01-02 15:04"), world.Rules(t, set()))
			} else {
				w.TickNow()
			}
			clock := at.Hour()*60 + at.Minute()
			if day := today.Weekday(); day == time.Saturday || day == time.Sunday || clock < 8*60+30 || clock >= 17*60+30 {
				continue
			}
			for _, u := range units {
				if slices.ContainsFunc(want, func(n string) bool { return strings.HasPrefix(n, fmt.Sprintf("%s assignment %s:", today, u)) }) {
					continue
				}
				line := ""
				for _, o := range obligations {
					k := state[o+"/"+u]
					if k.edit == 0 || k.edit >= today || k.knows == owes[o][u] {
						continue
					}
					if k.knows = owes[o][u]; k.knows {
						line += " " + o
					} else {
						line += " -" + o
					}
				}
				if line != "" {
					want = append(want, fmt.Sprintf("%s assignment %s:%s", today, u, line))
				}
			}
		}
		got := toUnits(w.Notices(), "2017-08-02")
		for _, list := range [][]string{got, want} {
			for i, n := range list {
				head, items, _ := strings.Cut(n, ": ")
				sorted := strings.Fields(items)
				slices.SortFunc(sorted, func(a, b string) int { return strings.Compare(strings.TrimLeft(a, "-"), strings.TrimLeft(b, "-")) })
				list[i] = head + ": " + strings.Join(sorted, " ")
			}
			slices.Sort(list)
		}
		if !slices.Equal(got, want) {
			rt.Fatalf("told:\n%s\nwant:\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
	})
}
