package rules

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"time"

	"duban/rules/calendar"
	"duban/rules/problem"
	"duban/rules/toml"
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
	Starts          calendar.Date
	Ends            calendar.Date // 0: open
	Policies        map[string]Policy
	Obligations     []*Obligation // in the order of the files
	Dir             string        // the folder it was read from; empty: it is in the binary

	byID map[string]*Obligation
}

// Obligation is the one with that id, or nil.
func (p *Plan) Obligation(id string) *Obligation { return p.byID[id] }

func (p *Plan) add(o *Obligation) {
	if p.byID == nil {
		p.byID = map[string]*Obligation{}
	}
	p.byID[o.ID] = o
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

func (p *Plan) policyNames() []string { return slices.Sorted(maps.Keys(p.Policies)) }

// readPlan reads plan.toml; loadCalendar turns its calendar key into one.
func readPlan(t *toml.Table, loadCalendar func(t *toml.Table, name string) *calendar.Calendar) *Plan {
	p := &Plan{
		ID: identifier(t, "id"), Title: oneLine(t, "title"), Issuer: t.String("issuer"),
		Issued: date(t, "issued"), Starts: date(t, "starts"), Ends: date(t, "ends"),
		Review: t.Bool("review", false), Policies: map[string]Policy{},
	}
	if !t.Has("title") {
		t.Missing("title", "write the document's title")
	}
	if !t.Has("starts") {
		t.Missing("starts", "write starts = 2017-06-09: no period that ends, and no event, before that day counts")
	}
	if p.Ends != 0 && p.Ends < p.Starts {
		t.Errorf("ends", "%s is before starts, %s", p.Ends, p.Starts)
	}
	zone := t.String("timezone")
	if zone == "" {
		zone = "Asia/Shanghai"
	}
	var err error
	if p.Timezone, err = time.LoadLocation(zone); err != nil || zone == "Local" {
		t.Errorf("timezone", `no time zone %q: write a name like "Asia/Shanghai"`, clip(zone))
		p.Timezone = time.UTC
	}
	name := t.String("calendar")
	if name == "" {
		name = "cn"
	}
	p.Calendar = loadCalendar(t, name)
	p.CloseOfBusiness = 17*60 + 30
	if s := t.String("close_of_business"); s != "" {
		if p.CloseOfBusiness, err = ParseClock(s); err != nil || p.CloseOfBusiness == 0 {
			t.Errorf("close_of_business", `%q is no time of day: write "17:30"`, clip(s))
		}
	}
	if policies := t.Table("policy"); policies != nil {
		for _, name := range policies.Keys() {
			pt := policies.Table(name)
			if pt == nil {
				continue
			}
			p.Policies[name] = Policy{}.over(pt)
			pt.Done()
		}
	}
	t.Done()
	return p
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
	return 0, problem.Errorf(`%q is no time of day: write it like "08:30"`, clip(s))
}
