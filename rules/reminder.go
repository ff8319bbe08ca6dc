package rules

import (
	"slices"

	"duban/rules/calendar"
)

// ReminderKind says what a reminder is about.
type ReminderKind string

// The kinds of reminder.
const (
	Upcoming   ReminderKind = "upcoming"
	DueToday   ReminderKind = "due"
	Overdue    ReminderKind = "overdue"
	Escalation ReminderKind = "escalation" // the supervisor is told too
)

// Reminder is one point on an occurrence's timeline.
type Reminder struct {
	Kind ReminderKind  `json:"kind"`
	Date calendar.Date `json:"date"`
}

// Timeline says when people are told of one obligation: the unit before, on and
// after the due date, and from the escalation on its supervisor too.
//
// Mail does not leave on days off unless Weekends says so: what would fall on
// one goes out on the working day before, or once it is overdue on the one after.
type Timeline struct {
	policy   Policy
	calendar *calendar.Calendar
	weekends bool
	named    calendar.Date
}

// Timeline of the obligation; weekends: mail leaves on days off too.
func (o *Obligation) Timeline(weekends bool) Timeline {
	return Timeline{policy: o.Policy, calendar: o.Plan.Calendar, weekends: weekends}
}

// Named is the timeline of an occurrence whose rule names that later day (see
// Instance): nobody hears that it is late before it is over; 0: none is.
func (t Timeline) Named(day calendar.Date) Timeline {
	t.named = day
	return t
}

// First is the first day on which anybody is told of what is due then: on the
// due date at the latest. A later due date is never told of earlier.
func (t Timeline) First(due calendar.Date) calendar.Date {
	for _, r := range t.before(due) {
		return min(r.Date, due)
	}
	return due
}

// Reminders are all upcoming and due ones, the first overdue and the first
// escalation, by date.
func (t Timeline) Reminders(due calendar.Date) []Reminder {
	out := t.before(due)
	if d := t.firstOverdue(due); d != 0 {
		out = append(out, Reminder{Overdue, d})
	}
	if d := t.escalation(due); d != 0 {
		out = append(out, Reminder{Escalation, d})
	}
	return out
}

// before are the reminders up to the due date.
func (t Timeline) before(due calendar.Date) []Reminder {
	out := make([]Reminder, 0, len(t.policy.Remind)+2)
	for _, w := range t.policy.Remind {
		kind, d := Upcoming, due
		switch {
		case w.N == 0:
			kind = DueToday
		default:
			d = w.landing(t.calendar, due)
		}
		if !t.weekends {
			d = t.calendar.OnOrBefore(d)
		}
		if r := (Reminder{kind, d}); !slices.Contains(out, r) {
			out = append(out, r)
		}
	}
	slices.SortStableFunc(out, func(a, b Reminder) int { return int(a.Date - b.Date) })
	return out
}

func (t Timeline) firstOverdue(due calendar.Date) calendar.Date {
	if t.policy.Overdue == nil {
		return 0
	}
	return t.calendar.Add(due, 1)
}

func (t Timeline) escalation(due calendar.Date) calendar.Date {
	switch w := t.policy.Escalate; {
	case w == nil:
		return 0
	case w.Unit == WorkingDays:
		return w.landing(t.calendar, due) // never a day off, so after the day named
	default:
		return t.sending(max(w.landing(t.calendar, due), t.named+1))
	}
}

// sending is the day on which mail about something overdue leaves.
func (t Timeline) sending(d calendar.Date) calendar.Date {
	if t.weekends {
		return d
	}
	return t.calendar.Add(d, 0)
}

// overdueAfter is the first day later than day on which the unit is told that
// it is late; 0: never.
func (t Timeline) overdueAfter(due, day calendar.Date) calendar.Date {
	first := t.firstOverdue(due)
	if first == 0 || day < first {
		return first
	}
	w := t.policy.Overdue
	if w.Unit == WorkingDays {
		steps := t.calendar.Count(first, day)/w.N + 1
		return t.calendar.Add(first, steps*w.N)
	}
	for steps := int(day-first) / w.N; ; steps++ {
		if d := t.sending(first + calendar.Date(steps*w.N)); d > day {
			return d
		}
	}
}

// UnitAfter is the first day later than day on which the unit is told; 0: never.
func (t Timeline) UnitAfter(due, day calendar.Date) calendar.Date {
	for _, r := range t.before(due) {
		if r.Date > day {
			return r.Date
		}
	}
	return t.overdueAfter(due, day)
}

// SupervisorAfter is the first day later than day on which the supervisor is
// told: on the escalation, then whenever the unit is; 0: never.
func (t Timeline) SupervisorAfter(due, day calendar.Date) calendar.Date {
	e := t.escalation(due)
	if e == 0 || day < e {
		return e
	}
	return t.overdueAfter(due, day)
}

// After is the first day later than day on which anybody is told; 0: never.
func (t Timeline) After(due, day calendar.Date, supervised bool) calendar.Date {
	unit := t.UnitAfter(due, day)
	if !supervised {
		return unit
	}
	supervisor := t.SupervisorAfter(due, day)
	if unit == 0 || supervisor != 0 && supervisor < unit {
		return supervisor
	}
	return unit
}

// Light is a 红黄绿灯: how an occurrence stands at a glance.
type Light string

// The lights.
const (
	Green  Light = "green"  // no reminder reached yet
	Yellow Light = "yellow" // within the reminder window
	Red    Light = "red"    // overdue
	Grey   Light = "grey"   // closed, waived, cancelled
)

// Lights in the order people want to see them.
var Lights = []Light{Red, Yellow, Green, Grey}

// Light of an open occurrence on that day; late: its deadline has passed.
func (t Timeline) Light(due, today calendar.Date, late bool) Light {
	if late {
		return Red
	}
	if rs := t.before(due); today > due || len(rs) > 0 && rs[0].Date <= today {
		return Yellow
	}
	return Green
}
