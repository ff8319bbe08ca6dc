package catalogue

import (
	"fmt"
	"regexp"
	"strconv"
	"time"

	"duban/rules/calendar"
)

var (
	periodForm = regexp.MustCompile(`^(\d{4})(?:-(?:(\d\d)(?:-(\d\d))?|Q(\d)|H(\d)|W(\d\d)))?$`)
	halves     = map[string]string{"1": "上", "2": "下"}
)

// Period is a period as people say it; an event's key stays as it is.
func (w *Words) Period(p string) string {
	m := periodForm.FindStringSubmatch(p)
	if m == nil {
		return p
	}
	num := func(s string) int { n, _ := strconv.Atoi(s); return n }
	month := time.Month(num(m[2])).String()
	switch {
	case m[3] != "" && w.Chinese():
		return fmt.Sprintf("%s年%d月%d日", m[1], num(m[2]), num(m[3]))
	case m[3] != "":
		return fmt.Sprintf("%d %s %s", num(m[3]), month, m[1])
	case m[2] != "" && w.Chinese():
		return fmt.Sprintf("%s年%d月", m[1], num(m[2]))
	case m[2] != "":
		return month + " " + m[1]
	case m[4] != "" && w.Chinese():
		return m[1] + "年第" + m[4] + "季度"
	case m[4] != "":
		return "Q" + m[4] + " " + m[1]
	case m[5] != "" && w.Chinese():
		return m[1] + "年" + halves[m[5]] + "半年"
	case m[5] != "":
		return "H" + m[5] + " " + m[1]
	case m[6] != "" && w.Chinese():
		return fmt.Sprintf("%s年第%d周", m[1], num(m[6]))
	case m[6] != "":
		return fmt.Sprintf("week %d of %s", num(m[6]), m[1])
	case w.Chinese():
		return m[1] + "年"
	}
	return m[1]
}

// Short is a day of the year at hand.
func (w *Words) Short(d calendar.Date) string {
	if w.Chinese() {
		return fmt.Sprintf("%d月%d日", d.Month(), d.Day())
	}
	return fmt.Sprintf("%d %s", d.Day(), d.Month())
}
