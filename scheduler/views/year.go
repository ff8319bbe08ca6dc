package views

import "duban/rules/calendar"

// Year is a year of the working-day calendar.
type Year struct {
	Year    int      `json:"year"`
	Known   bool     `json:"known" doc:"Whether the public holidays are known"`
	Off     int      `json:"days_off" doc:"Public holidays, weekends among them"` // public holidays, weekends among them
	MakeUp  int      `json:"make_up_days" doc:"Working days at weekends"`
	Working int      `json:"working_days" doc:"Working days in all"`
	Source  []string `json:"source" doc:"Where that stands"`
	Days    []Day    `json:"days,omitempty" doc:"Those that are not as the day of the week says"` // that are not as the day of the week says
}

// Day is one of them.
type Day struct {
	Date calendar.Date `json:"date"`
	Name string        `json:"name"`
	Kind string        `json:"kind"` // off or work
}

// NewYear is a year as the calendar has it, with its days or without.
func NewYear(c *calendar.Calendar, year int, days bool) Year {
	y, known := c.Year(year)
	v := Year{Year: year, Known: known, Source: list(y.Source)}
	first, last := calendar.DateOf(year, 1, 1), calendar.DateOf(year, 12, 31)
	v.Working = c.Count(first-1, last)
	for d := first; d <= last; d++ {
		x, ok := c.Exception(d)
		if !ok {
			continue
		}
		kind := "work"
		if x.Off {
			kind = "off"
			v.Off++
		} else {
			v.MakeUp++
		}
		if days {
			v.Days = append(v.Days, Day{d, x.Name, kind})
		}
	}
	return v
}
