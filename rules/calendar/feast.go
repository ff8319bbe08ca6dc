package calendar

import (
	"slices"
	"strings"
	"time"

	lunar "github.com/6tail/lunar-go/calendar"
)

// feast is a holiday of the law (全国年节及纪念日放假办法).
type feast struct {
	name  string
	other []string // what else a circular calls it
	days  func(year int) []Date
}

// feasts are all seven. Their days are those that no circular moves.
var feasts = []feast{
	{"元旦", []string{"新年"}, fixed(time.January, 1)},
	{"春节", nil, lunarDays(1, 1, 2, 3)},
	{"清明节", []string{"清明"}, tombSweeping},
	{"劳动节", []string{"五一"}, fixed(time.May, 1)},
	{"端午节", []string{"端午"}, lunarDays(5, 5)},
	{"中秋节", []string{"中秋"}, lunarDays(8, 15)},
	{"国庆节", []string{"国庆"}, fixed(time.October, 1, 2, 3)},
}

func fixed(month time.Month, days ...int) func(int) []Date {
	return func(year int) []Date {
		var out []Date
		for _, d := range days {
			out = append(out, DateOf(year, month, d))
		}
		return out
	}
}

func lunarDays(month int, days ...int) func(int) []Date {
	return func(year int) []Date {
		var out []Date
		for _, d := range days {
			out = append(out, ofSolar(lunar.NewLunarFromYmd(year, month, d).GetSolar()))
		}
		return out
	}
}

// tombSweeping is the day of the solar term 清明.
func tombSweeping(year int) []Date {
	return []Date{ofSolar(lunar.NewLunarFromYmd(year, 1, 1).GetJieQiTable()["清明"])}
}

func ofSolar(s *lunar.Solar) Date { return DateOf(s.GetYear(), time.Month(s.GetMonth()), s.GetDay()) }

// feastsIn are the feasts that a text names, in its order.
func feastsIn(text string) []feast {
	type found struct {
		at    int
		feast feast
	}
	var all []found
	for _, f := range feasts {
		at := -1
		for _, name := range append([]string{f.name}, f.other...) {
			if i := strings.Index(text, name); i >= 0 && (at < 0 || i < at) {
				at = i
			}
		}
		if at >= 0 {
			all = append(all, found{at, f})
		}
	}
	slices.SortFunc(all, func(a, b found) int { return a.at - b.at })
	var out []feast
	for _, f := range all {
		out = append(out, f.feast)
	}
	return out
}

// nameOf is what the days of these feasts are called.
func nameOf(list []feast) string {
	var names []string
	for _, f := range list {
		names = append(names, f.name)
	}
	return strings.Join(names, "、")
}
