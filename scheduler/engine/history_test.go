package engine_test

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"duban/rules"
	"duban/rules/calendar"
)

// history is an oracle of what is owed: it replays the versions of the rules
// and walks days, with none of the scheduler's code.
type history struct {
	oracle
	versions []version
	items    map[string]*item
	wasOpen  map[string]bool // at the last look
}

type version struct {
	from  time.Time
	set   *rules.Set
	texts map[string]ruleText
}

// item is what people did to one occurrence.
type item struct {
	ended   bool // closed or waived
	closed  calendar.Date
	pauses  []rules.Pause
	granted calendar.Date
	event   calendar.Date
	gone    bool // its event was withdrawn
}

func (h *history) at(t time.Time) *version {
	for i := len(h.versions) - 1; i >= 0; i-- {
		if !h.versions[i].from.After(t) {
			return &h.versions[i]
		}
	}
	return nil
}

// holds tells whether a version asks for that period of that unit, and its anchor.
func (v *version) holds(id, unit, period string) (calendar.Date, bool) {
	if v == nil {
		return 0, false
	}
	o := v.set.Obligation("p", id)
	if o == nil || !o.Owes(unit) {
		return 0, false
	}
	in, err := o.Period(period)
	return in.Anchor, err == nil
}

// named is where a count in days ends before any roll.
func (h *history) named(r ruleText, anchor calendar.Date) calendar.Date {
	if strings.Contains(r.within, "working") {
		return 0
	}
	r.roll = "none"
	return h.due(r, anchor, nil)
}

// due walks from the anchor day by day; paused days do not count.
func (h *history) due(r ruleText, anchor calendar.Date, pauses []rules.Pause) calendar.Date {
	n, unit := 0, "days"
	if r.within != "" {
		parts := strings.SplitN(r.within, " ", 2)
		fmt.Sscan(parts[0], &n)
		unit = parts[1]
	}
	stopped := func(d calendar.Date) bool {
		return slices.ContainsFunc(pauses, func(p rules.Pause) bool { return p.To != 0 && d > p.From && d <= p.To })
	}
	d := anchor
	switch {
	case strings.HasPrefix(unit, "working") && n > 0:
		for left := n; left > 0; {
			if d++; h.cal.IsWorkingDay(d) && !stopped(d) {
				left--
			}
		}
		return d
	case strings.HasPrefix(unit, "working") && n < 0:
		return h.back(d, -n)
	case strings.HasPrefix(unit, "working"):
		return h.atOrAfter(d)
	case strings.HasPrefix(unit, "month"):
		first := calendar.DateOf(d.Year(), d.Month()+time.Month(n), 1)
		for d = first; d.Day() < anchor.Day() && (d+1).Month() == first.Month(); d++ {
		}
		for _, p := range pauses {
			if p.To > p.From && p.From < d {
				d += p.To - p.From
			}
		}
	case n < 0:
		d += calendar.Date(n)
	default:
		for left := n; left > 0; {
			if d++; !stopped(d) {
				left--
			}
		}
	}
	switch r.roll {
	case "backward":
		return h.atOrBefore(d)
	case "none":
		return d
	}
	return h.atOrAfter(d)
}

// open are the keys of what is owed and not ended, with their due dates; made are
// those that the ledger ever had.
func (h *history) open(now time.Time, periods, made map[string]bool) map[string]calendar.Date {
	out := map[string]calendar.Date{}
	v := &h.versions[len(h.versions)-1]
	plan := v.set.Plans[0]
	for _, o := range plan.Obligations {
		r := v.texts[o.ID]
		for _, u := range o.Units {
			for period := range periods {
				key := o.ID + "/" + u.ID + "/" + period
				it := h.items[key]
				if it == nil {
					it = &item{}
				}
				anchor, held := v.holds(o.ID, u.ID, period)
				if o.Cadence.Kind == rules.ByEvent {
					anchor, held = it.event, it.event != 0 && !it.gone && o.Counts(it.event)
				} else if o.Cadence.Kind == rules.After {
					cause := h.items[o.Cadence.Value+"/"+u.ID+"/"+period]
					held = cause != nil && cause.closed != 0 && !cause.gone
					// What a closing started hangs on what started that: a step whose first
					// cause is open again waits with it.
					for up := v.set.Obligation("p", o.Cadence.Value); held && up != nil && up.Cadence.Kind == rules.After; up = v.set.Obligation("p", up.Cadence.Value) {
						above := h.items[up.Cadence.Value+"/"+u.ID+"/"+period]
						held = above != nil && above.closed != 0
					}
					if held {
						anchor = cause.closed
						held = o.Counts(anchor)
					}
				}
				if !held {
					continue
				}
				own := h.due(r, anchor, it.pauses)
				if o.Cadence.Recurs() {
					end := plan.Deadline(max(own, it.granted))
					if named := h.named(r, anchor); r.roll == "backward" && named > max(own, it.granted) {
						end = (named + 1).Time(plan.Timezone)
					}
					if !end.After(now) {
						// No edit makes what is past due: what was never made stays so. What
						// is open stays so, also where the rule has become shorter.
						if _, held := h.at(end).holds(o.ID, u.ID, period); !h.wasOpen[key] && (!held || !end.After(v.from) && !made[key]) {
							continue
						}
					}
				}
				if !it.ended {
					out[key] = max(own, it.granted)
				}
			}
		}
	}
	return out
}

// linkGone marks the steps after an event: what a withdrawn event started starts
// nothing either.
func (h *history) linkGone(unit, key string, gone bool) {
	for _, id := range []string{"f", "g"} {
		if it := h.items[id+"/"+unit+"/"+key]; it != nil {
			it.gone = gone
		}
	}
}

func maxTime(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
