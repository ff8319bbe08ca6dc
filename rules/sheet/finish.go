package sheet

import (
	"slices"
	"strings"

	"duban/rules"
	"duban/rules/calendar"
	"duban/rules/problem"
)

// finish adds what the rows need: events, new units and, where the plan is to
// stand by itself, known ones; then it looks what comes of the rules.
func (r *reading) finish() {
	d := r.draft
	if len(r.events) > 0 {
		d.Plan.Set("event", rules.Value{Entries: r.events})
	}
	for i, u := range d.NewUnits {
		if u.Supervisor == "" {
			d.NewUnits[i].Supervisor = r.supervisor()
		}
		d.Units = append(d.Units, newEntry(d.NewUnits[i]))
	}
	if r.opt.Issuer == "" && d.issuer() == "" && len(d.Units) > 0 && r.known == nil {
		id, _ := d.Units[0].Get("id")
		d.Plan.Set("issuer", rules.Value{Text: id.Text})
	}
	all := slices.Clone(d.Units)
	var groups []*rules.Entry
	if r.known != nil {
		all = append(slices.Clone(r.known.Spec().Units), d.Units...)
		groups = r.known.Spec().Groups
		if r.opt.CopyUnits {
			r.copyUnits()
		}
	}
	r.check(all, groups)
}

func (d *Draft) issuer() string {
	v, _ := d.Plan.Get("issuer")
	return v.Text
}

// newEntry is a new unit as units.toml has it.
func newEntry(u Newcomer) *rules.Entry {
	e := &rules.Entry{Kind: rules.UnitEntry}
	e.Set("id", rules.Value{Text: u.ID})
	e.Set("name", rules.Value{Text: u.Name})
	var mail []rules.Value
	if u.Mail != "" {
		mail = texts(u.Mail)
	}
	e.Set("mail", rules.Value{List: mail})
	if u.Supervisor != "" && u.Supervisor != u.ID {
		e.Set("supervisor", rules.Value{Text: u.Supervisor})
	}
	return e
}

// copyUnits takes over the known units and groups that the plan names, with their
// supervisors.
func (r *reading) copyUnits() {
	spec := r.known.Spec()
	units, groups := map[string]bool{r.draft.issuer(): true}, map[string]bool{}
	for _, o := range r.draft.Obligations {
		for _, key := range []string{"units", "partners"} {
			v, _ := o.Get(key)
			for _, name := range v.List {
				if group, ok := strings.CutPrefix(name.Text, "@"); ok {
					groups[group] = true
				} else {
					units[name.Text] = true
				}
			}
		}
	}
	for _, g := range spec.Groups {
		if id, _ := g.Get("id"); groups[id.Text] {
			delete(groups, id.Text) // the same group may stand in two plans
			r.draft.Groups = append(r.draft.Groups, g)
			members, _ := g.Get("members")
			for _, m := range members.List {
				units[m.Text] = true
			}
		}
	}
	for _, u := range r.draft.NewUnits {
		units[u.Supervisor] = true
	}
	for more := true; more; {
		more = false
		for _, u := range spec.Units {
			id, _ := u.Get("id")
			if boss, _ := u.Get("supervisor"); units[id.Text] && boss.Text != "" && !units[boss.Text] {
				units[boss.Text], more = true, true
			}
		}
	}
	var copied []*rules.Entry
	for _, u := range spec.Units {
		if id, _ := u.Get("id"); units[id.Text] {
			delete(units, id.Text)
			copied = append(copied, u)
		}
	}
	r.draft.Units = append(copied, r.draft.Units...)
}

// check makes rules of the draft and tells each row what is wrong with its own.
func (r *reading) check(units, groups []*rules.Entry) {
	d := r.draft
	spec := rules.Spec{Units: units, Groups: groups}
	plan := rules.PlanSpec{Plan: d.Plan, Calendar: calendar.China()}
	if r.known != nil && len(r.known.Plans) > 0 {
		plan.Calendar = r.known.Plans[0].Calendar
	}
	for _, o := range d.Obligations {
		plan.Obligations = append(plan.Obligations, o.Entry)
	}
	spec.Plans = append(spec.Plans, plan)
	set, problems := rules.New(spec)
	d.Set = set
	if r.known != nil && r.known.Plan(r.opt.ID) != nil {
		r.wrong("id", "there is a plan %q already: give this one another id", r.opt.ID)
	}
	for _, p := range slices.Concat(problems.Errors(), problems.InDrafts()) {
		if p.File == "table" {
			if i := slices.IndexFunc(d.Rows, func(row Result) bool { return row.Row == p.Line }); i >= 0 {
				d.Rows[i].Problems = append(d.Rows[i].Problems, Trouble{Error: p.Said, Column: Column(p.Said.Field), Hinders: true})
			}
		} else if p.Said.Field != "mail" && p.Said.Field != "supervisor" { // a new unit's, told where it is named
			d.Problems = append(d.Problems, p.Said)
		}
	}
	if len(set.Plans) == 0 {
		return
	}
	for i := range d.Rows {
		for _, id := range d.Rows[i].Rules {
			if o := set.Plans[0].Obligation(id); o != nil {
				r.checkDates(&d.Rows[i], o)
			}
		}
	}
}

// Rule is the obligation with that id as far as its row is right; else nil.
func (d *Draft) Rule(id string) *rules.Obligation {
	if d.Set == nil || len(d.Set.Plans) == 0 {
		return nil
	}
	return d.Set.Plans[0].Obligation(id)
}

// farAhead is how long after its issue a plan without a year in its title may
// still name a date.
const farAhead = 400

// checkDates tells of a date outside the plan's time, and of a rule that is never
// due in it.
func (r *reading) checkDates(row *Result, o *rules.Obligation) {
	tell := func(key string, args ...any) {
		row.Problems = append(row.Problems, Trouble{Error: &problem.Error{Code: problem.Invalid, Field: string(Deadline), Key: key, Args: args}, Column: Deadline, Hinders: true})
	}
	if !o.Cadence.Recurs() {
		return
	}
	issued, last := r.opt.Issued, r.opt.Ends
	if last == 0 {
		last = issued + farAhead
	}
	if o.Cadence.Kind == rules.OnDate {
		on, err := calendar.ParseDate(o.Cadence.Value)
		due, _ := o.Due(on)
		switch {
		case err != nil:
		case due < issued:
			tell("%s is before %s, the day of issue", due, issued)
		case r.words.Year != 0 && on.Year() > r.words.Year:
			tell("%s is after %d, the year that the title names", due, r.words.Year)
		case r.words.Year == 0 && on > last:
			tell("%s is more than %d days after %s, the day of issue: is the year right?", due, farAhead, issued)
		}
		return
	}
	next := calendar.Date(0)
	for in := range o.From(issued) {
		next = in.Due
		break
	}
	switch _, ends := o.Span(); {
	case next == 0:
		tell("has no due date from %s on", issued)
	case ends != 0 && next > last && r.firstAnchor(o) > ends:
		tell("has no due date from %s to %s: the next one is %s", issued, ends, next)
	}
}

// firstAnchor is the anchor of the next instance.
func (r *reading) firstAnchor(o *rules.Obligation) calendar.Date {
	for in := range o.From(r.opt.Issued) {
		return in.Anchor
	}
	return 0
}

// Next are the next due dates of a rule from a day on, at most n.
func Next(o *rules.Obligation, from calendar.Date, n int) (out []rules.Instance) {
	if o == nil || n == 0 || !o.Cadence.Recurs() {
		return nil
	}
	for in := range o.From(from) {
		if out = append(out, in); len(out) == n {
			break
		}
	}
	return out
}
