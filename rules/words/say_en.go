package words

import (
	"strings"
	"time"

	"duban/rules/calendar"
)

var enPeriods = map[string]string{"week": "each week", "month": "each month", "quarter": "each quarter", "half-year": "each half-year", "year": "each year"}

func enDistanceText(n int, unit string) string {
	n = max(n, -n)
	if unit == Days {
		unit = "calendar days"
	}
	if n == 1 {
		unit = strings.TrimSuffix(unit, "s")
	}
	return itoa(n) + " " + unit
}

// nth is 1st, 2nd, 3rd, 11th …
func nth(n int) string {
	ending := "th"
	if n%100 < 11 || n%100 > 13 {
		switch n % 10 {
		case 1:
			ending = "st"
		case 2:
			ending = "nd"
		case 3:
			ending = "rd"
		}
	}
	return itoa(n) + ending
}

func sayEnglish(r Rule, c Context) []string {
	switch r.Kind {
	case Every:
		return enEvery(r)
	case Cron:
		return []string{"every calendar day"}
	case RRule:
		return enRRule(r.Value)
	case On:
		return enOn(r, c)
	case Event:
		name := r.Value
		if c.Name != nil && c.Name(r.Value, "en") != "" {
			name = c.Name(r.Value, "en")
		}
		said := "within " + enDistanceText(r.N, r.Unit) + " of "
		switch {
		case r.N == 0:
			said = "on the day of "
		case r.N < 0:
			said = enDistanceText(r.N, r.Unit) + " before "
		}
		return []string{said + name, said + r.Value, said + `event "` + r.Value + `"`}
	case After:
		if r.N == 0 {
			return []string{`on the day "` + r.Value + `" is closed`}
		}
		return []string{"within " + enDistanceText(r.N, r.Unit) + ` after "` + r.Value + `"`}
	}
	return nil
}

func enEvery(r Rule) []string {
	period, n := r.Value, r.N
	switch {
	case n == 0 && period == "day":
		return []string{"every working day"}
	case n == 0 && period == "week":
		return []string{"weekly", "by each Sunday"}
	case n == 0:
		return []string{"by the end of " + enPeriods[period]}
	case period == "week" && n < 0 && n > -7 && r.Unit == Days:
		return []string{"by each " + time.Weekday((n+7)%7).String()}
	case period == "month" && n > 0 && n <= 28 && r.Unit == Days:
		return []string{"by the " + nth(n) + " of each month"}
	case period == "quarter" && n > 0 && n <= 30 && r.Unit == Days:
		return []string{"by the " + nth(n) + " of the first month of each quarter"}
	case n < 0:
		return []string{enDistanceText(n, r.Unit) + " before the end of " + enPeriods[period]}
	}
	return []string{"within " + enDistanceText(n, r.Unit) + " after " + enPeriods[period]}
}

func enRRule(value string) []string {
	switch {
	case value == "FREQ=MONTHLY;BYMONTHDAY=28,29;BYSETPOS=-1":
		return []string{"by the 29th of each month"}
	case value == "FREQ=MONTHLY;BYMONTHDAY=28,29,30;BYSETPOS=-1":
		return []string{"by the 30th of each month"}
	}
	if n, day, ok := nthParts(value); ok {
		which := "last"
		if n > 0 {
			which = nth(n)
		}
		return []string{"on the " + which + " " + time.Weekday(day%7).String() + " of each month"}
	}
	months, day, ok := ruleParts(value)
	if !ok {
		return nil
	}
	by := "by the end of "
	if day > 0 {
		by = "by the " + nth(day) + " of "
	}
	if len(months) == 0 {
		return []string{map[int]string{10: "in the first ten days of each month", 20: "in the second ten days of each month", 0: "in the last ten days of each month"}[day]}
	}
	var out []string
	switch list(months) {
	case "1,4,7,10":
		out = append(out, by+"the first month of each quarter")
	case "2,5,8,11":
		out = append(out, by+"the second month of each quarter")
	case "3,6,9,12":
		out = append(out, by+"the last month of each quarter")
	case list(odd):
		out = append(out, by+"each odd month")
	case list(even):
		out = append(out, by+"each even month")
	case "12":
		out = append(out, "by the end of the fourth quarter of each year")
	}
	names, all := make([]string, len(months)), make([]string, len(months))
	for i, m := range months {
		names[i] = time.Month(m).String()
		if all[i] = itoa(daysOf(m)) + " " + names[i]; day > 0 {
			names[i] = itoa(day) + " " + names[i]
		}
	}
	joined := strings.Join(names[:len(names)-1], ", ") + " and " + names[len(names)-1]
	switch {
	case len(months) == 1 && day > 0:
		out = append(out, "by "+names[0]+" each year")
	case len(months) == 1:
		out = append(out, "by the end of "+names[0]+" each year")
	case day > 0:
		out = append(out, "by "+joined+" each year")
	default:
		out = append(out, "by the end of "+joined+" each year", "by "+strings.Join(all[:len(all)-1], ", ")+" and "+all[len(all)-1]+" each year")
	}
	return out
}

func enOn(r Rule, c Context) []string {
	d, err := calendar.ParseDate(r.Value)
	if err != nil {
		return nil
	}
	day := itoa(d.Day()) + " " + d.Month().String() + " " + itoa(d.Year())
	switch {
	case r.N > 0 && d == c.Issued:
		return []string{"within " + enDistanceText(r.N, r.Unit) + " of the plan"}
	case r.N > 0:
		return []string{"within " + enDistanceText(r.N, r.Unit) + " of " + day}
	case r.N < 0:
		return []string{enDistanceText(r.N, r.Unit) + " before " + day}
	case d.Month() == 12 && d.Day() == 31:
		return []string{"by the end of " + itoa(d.Year())}
	case (d+1).Day() == 1 && r.Roll == Backward:
		return []string{"by the end of " + d.Month().String() + " " + itoa(d.Year())}
	}
	return []string{"by " + day}
}
