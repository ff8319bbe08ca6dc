package rules

import (
	"fmt"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"duban/rules/calendar"
	"duban/rules/problem"
)

// Plan is a 方案: one issued document, encoded as a folder of TOML files.
type Plan struct {
	ID              string
	Title           string
	Issued          calendar.Date
	Issuer          string // unit id
	Timezone        *time.Location
	Calendar        *calendar.Calendar
	CloseOfBusiness int  // minutes after midnight in Timezone
	Review          bool // the supervisor accepts a report before it closes
	Draft           bool // nothing is owed or mailed
	Starts          calendar.Date
	Ends            calendar.Date // 0: open
	Policies        map[string]Policy
	Events          []Event       // that have names
	Obligations     []*Obligation // in the order of the files
	Dir             string        // the folder it was read from; empty: it is in the binary

	byID map[string]*Obligation
}

// Holds tells whether a file is the plan's own.
func (p *Plan) Holds(file string) bool {
	return p.Dir != "" && strings.HasPrefix(filepath.Clean(file), filepath.Clean(p.Dir)+string(filepath.Separator))
}

// Obligation is the one with that id, or nil.
func (p *Plan) Obligation(id string) *Obligation { return p.byID[id] }

func (p *Plan) add(o *Obligation) {
	if p.byID == nil {
		p.byID = map[string]*Obligation{}
	}
	p.byID[o.ID] = o
	o.Place = len(p.Obligations)
	p.Obligations = append(p.Obligations, o)
}

// Deadline is the moment a due date ends: close of business in the plan's time
// zone (Civil Code of China, art. 203).
func (p *Plan) Deadline(due calendar.Date) time.Time { return due.At(p.CloseOfBusiness, p.Timezone) }

// LateAfter is the moment after which what is due then is late: its deadline, or
// where the rule named a later day off (see Instance) the end of that day. At
// 24:00 the day is over.
func (p *Plan) LateAfter(due, named calendar.Date) time.Time {
	at := p.Deadline(due)
	if named > due {
		at = (named + 1).Time(p.Timezone)
	}
	if p.Day(at) > max(due, named) {
		return at.Add(-time.Nanosecond)
	}
	return at
}

// Closing is the moment that something counts for of which only the day is
// known: close of business, and where that is 24:00 the day's last second.
func (p *Plan) Closing(day calendar.Date) time.Time {
	if at := p.Deadline(day); p.Day(at) == day {
		return at
	}
	return (day + 1).Time(p.Timezone).Add(-time.Second)
}

// Day is the date it is at t where the plan applies.
func (p *Plan) Day(t time.Time) calendar.Date { return calendar.DayOf(t.In(p.Timezone)) }

// Signature changes when anything does that occurrences of this plan depend on.
func (p *Plan) Signature() string {
	var s string
	for _, o := range p.Obligations {
		s += o.ID + o.Fingerprint()
	}
	return p.CountsBy() + "/" + fingerprint(s)
}

// CountsBy begins Signature: it changes when the calendar does, whatever the
// rules say.
func (p *Plan) CountsBy() string {
	return fingerprint(p.Calendar.Signature() + fmt.Sprint(p.CloseOfBusiness, p.Timezone))
}

// PolicyNames are the names of its policies, in order.
func (p *Plan) PolicyNames() []string { return slices.Sorted(maps.Keys(p.Policies)) }

// newPlan reads what is said of the plan as a whole.
func newPlan(spec PlanSpec, problems *problem.List) *Plan {
	r := read(spec.Plan, problems)
	p := &Plan{
		ID: r.text("id"), Title: r.text("title"), Issuer: r.text("issuer"), Dir: spec.Dir,
		Issued: r.day("issued"), Starts: r.day("starts"), Ends: r.day("ends"),
		Review: r.flag("review"), Draft: spec.IsDraft(), Calendar: spec.Calendar, Policies: map[string]Policy{},
	}
	if p.Calendar == nil {
		p.Calendar = calendar.China()
	}
	if p.Ends != 0 && p.Ends < p.Starts {
		r.errorf("ends", "%s is before starts, %s", p.Ends, p.Starts)
	}
	p.readTimes(r)
	for _, e := range r.entries("event") {
		p.addEvent(e, problems)
	}
	for _, e := range r.entries("policy") {
		p.Policies[e.Name] = Policy{}.over(read(e, problems))
	}
	return p
}

// readTimes reads the zone and the close of business.
func (p *Plan) readTimes(r reader) {
	zone := r.textOr("timezone", "Asia/Shanghai")
	var err error
	if p.Timezone, err = time.LoadLocation(zone); err != nil || zone == "Local" {
		r.errorf("timezone", `no time zone %q: write a name like "Asia/Shanghai"`, problem.Clip(zone))
		p.Timezone = time.UTC
	}
	clock := r.textOr("close_of_business", "17:30")
	if p.CloseOfBusiness, err = ParseClock(clock); err != nil || p.CloseOfBusiness == 0 {
		r.errorf("close_of_business", `%q is no time of day: write "17:30"`, problem.Clip(clock))
	}
}

var clockForm = regexp.MustCompile(`^(\d\d):(\d\d)$`)

// ParseClock reads a time of day, 00:00 to 24:00, as minutes after midnight.
func ParseClock(s string) (int, error) {
	m := clockForm.FindStringSubmatch(s)
	if m != nil {
		h, _ := strconv.Atoi(m[1])
		min, _ := strconv.Atoi(m[2])
		if n := h*60 + min; min < 60 && n <= 24*60 {
			return n, nil
		}
	}
	return 0, problem.Errorf(`%q is no time of day: write it like "08:30"`, problem.Clip(s))
}
