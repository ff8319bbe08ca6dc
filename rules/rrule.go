package rules

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/teambition/rrule-go"

	"duban/rules/calendar"
	"duban/rules/problem"
)

// parseRRule reads a recurrence rule (RFC 5545, section 3.3.10) that counts from
// starts and ends with the last instance that is InRange.
func parseRRule(s string, starts calendar.Date) (*rrule.RRule, error) {
	if strings.ContainsAny(s, "\n:") || strings.Contains(strings.ToUpper(s), "DTSTART") {
		return nil, problem.Errorf(`%q: write the rule alone, as in "FREQ=MONTHLY;BYDAY=-1FR"; it counts from the plan's starts`, problem.Clip(s))
	}
	opt, err := rrule.StrToROption(s)
	if err != nil {
		return nil, problem.Errorf("%q: %v", problem.Clip(s), err)
	}
	if err := checkRRule(s, opt); err != nil {
		return nil, err
	}
	opt.Dtstart = starts.Time(time.UTC)
	if last := calendar.Last.Time(time.UTC); opt.Until.IsZero() || opt.Until.After(last) {
		opt.Until = last
	}
	r, err := rrule.NewRRule(*opt)
	if err != nil {
		return nil, problem.Errorf("%q: %v", problem.Clip(s), err)
	}
	if _, ok := r.Iterator()(); !ok {
		return nil, problem.Errorf("%q never happens after %s: there is no such day", problem.Clip(s), starts)
	}
	return r, nil
}

// rruleLimits are the largest numbers that the parts of a rule may hold, and
// whether they may count from the end (RFC 5545, section 3.3.10).
var rruleLimits = map[string]struct {
	most     int
	negative bool
}{
	"BYMONTH": {12, false}, "BYMONTHDAY": {31, true}, "BYYEARDAY": {366, true}, "BYWEEKNO": {53, true}, "BYSETPOS": {366, true},
	"COUNT": {99999, false}, "INTERVAL": {9999, false},
}

// checkRRule refuses what the library passes over in silence, or reads otherwise
// than RFC 5545 does.
func checkRRule(s string, opt *rrule.ROption) error {
	seen := map[string]bool{}
	by := false // a BYxxx besides BYSETPOS
	for part := range strings.SplitSeq(s, ";") {
		key, value, _ := strings.Cut(part, "=")
		if seen[key] {
			return problem.Errorf("%q: %s stands twice", problem.Clip(s), key)
		}
		seen[key] = true
		by = by || strings.HasPrefix(key, "BY") && key != "BYSETPOS"
		switch key {
		case "BYHOUR", "BYMINUTE", "BYSECOND":
			return problem.Errorf("%q: days are the smallest step: leave out %s", problem.Clip(s), key)
		case "BYEASTER":
			return problem.Errorf("%q: RFC 5545 has no %s", problem.Clip(s), key)
		}
		limit, ok := rruleLimits[key]
		if !ok {
			continue
		}
		for item := range strings.SplitSeq(value, ",") {
			n, err := strconv.Atoi(item)
			if err != nil || n == 0 || n > limit.most || n < 0 && (!limit.negative || -n > limit.most) {
				return problem.Errorf("%q: %s cannot be %s: 1 to %d", problem.Clip(s), key, problem.Clip(item), limit.most)
			}
		}
	}
	return checkRRuleParts(s, opt, seen, by)
}

func checkRRuleParts(s string, opt *rrule.ROption, seen map[string]bool, by bool) error {
	freq := opt.Freq.String()
	nth := slices.ContainsFunc(opt.Byweekday, func(d rrule.Weekday) bool { return d.N() != 0 })
	most := 53 // weeks of a year
	if opt.Freq == rrule.MONTHLY || seen["BYMONTH"] {
		most = 5
	}
	for _, d := range opt.Byweekday {
		if n := d.N(); n > most || -n > most {
			return problem.Errorf("%q: there is no %d%s: %d are the most", problem.Clip(s), n, d.String()[len(d.String())-2:], most)
		}
	}
	switch {
	case opt.Freq > rrule.DAILY:
		return problem.Errorf("%q: days are the smallest step: write FREQ=DAILY, WEEKLY, MONTHLY or YEARLY", problem.Clip(s))
	case nth && opt.Freq != rrule.MONTHLY && opt.Freq != rrule.YEARLY:
		return problem.Errorf(`%q: a number before a weekday, as in 1MO, goes with FREQ=MONTHLY or YEARLY alone, not %s: write BYDAY=MO, or FREQ=MONTHLY`, problem.Clip(s), freq)
	case nth && seen["BYWEEKNO"]:
		return problem.Errorf("%q: a number before a weekday cannot go with BYWEEKNO", problem.Clip(s))
	case seen["BYWEEKNO"] && opt.Freq != rrule.YEARLY:
		return problem.Errorf("%q: %s does not go with FREQ=%s", problem.Clip(s), "BYWEEKNO", freq)
	case seen["BYYEARDAY"] && opt.Freq != rrule.YEARLY:
		return problem.Errorf("%q: %s does not go with FREQ=%s", problem.Clip(s), "BYYEARDAY", freq)
	case seen["BYMONTHDAY"] && opt.Freq == rrule.WEEKLY:
		return problem.Errorf("%q: %s does not go with FREQ=%s", problem.Clip(s), "BYMONTHDAY", freq)
	case seen["BYSETPOS"] && !by:
		return problem.Errorf("%q: BYSETPOS picks out of what another BY… gives: there is none", problem.Clip(s))
	case seen["COUNT"] && seen["UNTIL"]:
		return problem.Errorf("%q: COUNT and UNTIL cannot go together", problem.Clip(s))
	}
	return nil
}
