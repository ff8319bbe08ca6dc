package rules

import (
	"strings"
	"time"

	"github.com/robfig/cron/v3"

	"duban/rules/calendar"
	"duban/rules/problem"
)

// cronParser takes the five classic fields and nothing else.
var cronParser = cron.NewParser(cron.Minute | cron.Hour | cron.Dom | cron.Month | cron.Dow)

// cronFields are the five fields and what each may hold.
var cronFields = []struct{ name, takes string }{
	{"the minute", "0 to 59"},
	{"the hour", "0 to 23"},
	{"the day of the month", `1 to 31; for the month's last day write rrule = "FREQ=MONTHLY;BYMONTHDAY=-1"`},
	{"the month", "1 to 12 or JAN to DEC"},
	{"the day of the week", "0 (Sunday) to 6 (Saturday) or SUN to SAT"},
}

// parseCron reads five fields; what is wrong is said of the field.
func parseCron(s string, starts calendar.Date) (cron.Schedule, error) {
	fields := strings.Fields(s)
	if strings.Contains(s, "TZ=") || len(fields) != len(cronFields) {
		return nil, problem.Errorf(`%q: write five fields: minute, hour, day of month, month, day of week, as in "0 0 25 * *"`, problem.Clip(s))
	}
	for i, f := range fields {
		alone := []string{"0", "0", "*", "*", "*"}
		alone[i] = f
		if _, err := cronParser.Parse(strings.Join(alone, " ")); err != nil {
			return nil, problem.Errorf("%q: %s cannot be %q: write %s, * for all, lists as 1,15, ranges as 1-5, steps as */2", problem.Clip(s), problem.Word(cronFields[i].name), problem.Clip(f), problem.Word(cronFields[i].takes))
		}
	}
	schedule, err := cronParser.Parse(s)
	if err != nil {
		return nil, problem.Errorf("%q: %v", problem.Clip(s), err)
	}
	if nextFiring(schedule, starts) == 0 {
		return nil, problem.Errorf("%q never fires: there is no such day", problem.Clip(s))
	}
	return schedule, nil
}

// nextFiring is the first day, from that one on, on which the schedule fires; 0:
// none that is InRange.
func nextFiring(schedule cron.Schedule, from calendar.Date) calendar.Date {
	const gaveUp = 5 // years after which cron stops looking: 29 February may be 8 away
	for from.InRange() {
		// Next is strictly later: from a minute before midnight the day itself counts.
		t := schedule.Next(from.Time(time.UTC).Add(-time.Minute))
		if t.IsZero() {
			from = calendar.DateOf(from.Year()+gaveUp, time.January, 1)
			continue
		}
		if d := calendar.DayOf(t); d.InRange() {
			return d
		}
		return 0
	}
	return 0
}
