package rules

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"duban/rules/calendar"
	"duban/rules/problem"
)

// Policy says when an occurrence is brought to somebody's mind.
type Policy struct {
	Remind   []Within // before the due date: N is negative, or 0 for the day itself
	Overdue  *Within  // how often the unit is told once it is late; nil: never
	Escalate *Within  // how long after the due date its supervisor is told too; nil: never
}

var (
	remindForm   = regexp.MustCompile(`^(\d{1,3}) (working day|day)s? before$`)
	overdueForm  = regexp.MustCompile(`^every (?:(\d{1,3}) )?(working day|day)s?$`)
	escalateForm = regexp.MustCompile(`^(\d{1,3}) (working day|day)s? after$`)
)

func parseRemind(s string) (Within, error) {
	if s == "on the day" {
		return Within{0, WorkingDays}, nil
	}
	m := remindForm.FindStringSubmatch(s)
	if m == nil {
		return Within{}, problem.Errorf(`%q is no reminder: write "7 working days before", "10 days before" or "on the day"`, problem.Clip(s))
	}
	n, err := strconv.Atoi(m[1])
	return Within{-n, CountUnit(m[2] + "s")}, err
}

func parseOverdue(s string) (*Within, error) {
	m := overdueForm.FindStringSubmatch(s)
	n := 1
	if m != nil && m[1] != "" {
		n, _ = strconv.Atoi(m[1]) // the form holds at most three digits
	}
	if m == nil || n == 0 {
		return nil, problem.Errorf(`%q is no rhythm: write "every 2 working days" or "every 7 days"`, problem.Clip(s))
	}
	return &Within{n, CountUnit(m[2] + "s")}, nil
}

func parseEscalate(s string) (*Within, error) {
	m := escalateForm.FindStringSubmatch(s)
	if m == nil || strings.Trim(m[1], "0") == "" {
		return nil, problem.Errorf(`%q is no escalation: write "3 working days after" or "7 days after"`, problem.Clip(s))
	}
	n, err := strconv.Atoi(m[1])
	return &Within{n, CountUnit(m[2] + "s")}, err
}

// over reads remind, overdue and escalate; keys that the entry lacks stay as p
// has them.
func (p Policy) over(r reader) Policy {
	if r.has("remind") {
		p.Remind = nil
		for _, v := range r.list("remind") {
			w, err := parseRemind(v.Text)
			if err != nil {
				r.errorAt(v, "remind", "%v", err)
				continue
			}
			p.Remind = append(p.Remind, w)
		}
		if len(p.Remind) == 0 && !r.has("overdue") {
			p.Overdue, p.Escalate = nil, nil // tracked, never mailed
		}
	}
	if s := r.text("overdue"); s != "" {
		w, err := parseOverdue(s)
		if err != nil {
			r.errorf("overdue", "%v", err)
		}
		p.Overdue = w
	}
	if s := r.text("escalate"); s != "" {
		w, err := parseEscalate(s)
		if err != nil {
			r.errorf("escalate", "%v", err)
		}
		p.Escalate = w
	}
	return p
}

// Tells tells whether a unit ever hears of what is owed under the policy; if not, it
// is only tracked.
func (p Policy) Tells() bool { return len(p.Remind) > 0 || p.Overdue != nil }

// Reach is a number of days before a due date earlier than which hardly ever
// anything is mailed; Timeline.First is exact.
func (p Policy) Reach() calendar.Date {
	most := calendar.Date(0)
	for _, w := range p.Remind {
		n := max(w.N, -w.N)
		if w.Unit == WorkingDays {
			n *= 2
		}
		most = max(most, calendar.Date(n+31))
	}
	return most
}

// String is the same for policies that remind alike.
func (p Policy) String() string {
	s := fmt.Sprint(p.Remind)
	for _, w := range []*Within{p.Overdue, p.Escalate} {
		if w != nil {
			s += "|" + w.String()
		} else {
			s += "|-"
		}
	}
	return s
}
