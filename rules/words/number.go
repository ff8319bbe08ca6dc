package words

import (
	"slices"
	"strconv"
	"strings"
)

func itoa(n int) string { return strconv.Itoa(n) }

// list writes numbers as rrules do.
func list(numbers []int) string {
	parts := make([]string, len(numbers))
	for i, n := range numbers {
		parts[i] = itoa(n)
	}
	return strings.Join(parts, ",")
}

var hanDigits = map[rune]int{'〇': 0, '零': 0, '一': 1, '二': 2, '两': 2, '三': 3, '四': 4, '五': 5, '六': 6, '七': 7, '八': 8, '九': 9}

// number reads digits or Chinese numerals below a thousand; -1: it is none.
func number(s string) int {
	if n, err := strconv.Atoi(s); err == nil && len(s) <= 6 {
		return n
	}
	total, digit, last := 0, -1, 1000
	for _, r := range s {
		unit := map[rune]int{'十': 10, '百': 100}[r]
		d, isDigit := hanDigits[r]
		switch {
		case isDigit && (digit < 0 || digit == 0):
			digit = d
		case unit != 0 && unit < last:
			if digit < 0 {
				digit = 1 // 十五
			}
			total, digit, last = total+digit*unit, -1, unit
		default:
			return -1
		}
	}
	if s == "" {
		return -1
	}
	if digit > 0 || total == 0 {
		total += max(digit, 0)
	}
	return total
}

// rhythm is one rule for a list of days of the year, if one says it: the same day
// of several months, or their ends.
func rhythm(days [][2]int) (Rule, bool) {
	slices.SortFunc(days, func(a, b [2]int) int { return slices.Compare(a[:], b[:]) })
	days = slices.Compact(days)
	var months []int
	same, ends := true, true
	for _, d := range days {
		months = append(months, d[0])
		same = same && d[1] == days[0][1]
		ends = ends && (d[1] == 0 || d[1] == daysOf(d[0]) || d[0] == 2 && d[1] == 28)
	}
	if len(slices.Compact(slices.Clone(months))) != len(months) {
		return Rule{}, false // two days of one month
	}
	named := days[0][1] == 0 // an end is named, not a day
	switch {
	case ends && named && list(months) == "6,12":
		return atEnd("half-year"), true
	case ends && named && list(months) == "3,6,9,12":
		return atEnd("quarter"), true
	case ends && named:
		return monthEnds(months...), true
	case same && days[0][1] > 0:
		r, refusal := monthDays(days[0][1], months...)
		return r, refusal == nil
	case ends:
		r := monthEnds(months...)
		r.Roll = Forward
		return r, true
	}
	return Rule{}, false
}
