package words

import (
	"slices"
	"strings"

	"duban/rules/calendar"
)

// Say is a rule in words of that language ("en", else Chinese), which Parse reads
// as the same rule. One that has no words of its own is said as itself.
func Say(r Rule, language string, c Context) string {
	candidates, stated := sayChinese(r, c), map[string]string{Forward: "（遇休息日顺延）", Backward: "（遇休息日提前）", NoRoll: "（不调整）"}
	if language == "en" {
		candidates, stated = sayEnglish(r, c), map[string]string{Forward: " (next working day)", Backward: " (working day before)", NoRoll: " (as it falls)"}
	}
	for _, said := range candidates {
		for _, whole := range []string{said, said + stated[r.Roll]} {
			if m, refusal := parse(whole, c); refusal == nil && m.Rule == r {
				return whole
			}
		}
	}
	return own(r)
}

var zhPeriods = map[string]string{"week": "每周", "month": "每月", "quarter": "每季度", "half-year": "每半年", "year": "每年度"}

// zhDistance is a number of days and what they are: 日 alone says not whether
// they are working days.
func zhDistance(n int, unit string) string {
	n = max(n, -n)
	return itoa(n) + map[string]string{WorkingDays: "个工作日", Days: "个自然日", Months: "个月", Years: "年"}[unit]
}

func sayChinese(r Rule, c Context) []string {
	switch r.Kind {
	case Every:
		return zhEvery(r)
	case Cron:
		return []string{"每天（含休息日）"}
	case RRule:
		return zhRRule(r.Value)
	case On:
		return zhOn(r, c)
	case Event:
		name := r.Value
		if c.Name != nil && c.Name(r.Value, "zh-CN") != "" {
			name = c.Name(r.Value, "zh-CN")
		}
		said := "后" + zhDistance(r.N, r.Unit) + "内"
		switch {
		case r.N == 0:
			said = "当日"
		case r.N < 0:
			said = "前" + zhDistance(r.N, r.Unit)
		}
		return []string{name + said, r.Value + said, `事件"` + r.Value + `"` + said}
	case After:
		if r.N == 0 {
			return []string{"「" + r.Value + "」办结当日"}
		}
		return []string{"「" + r.Value + "」办结后" + zhDistance(r.N, r.Unit) + "内"}
	}
	return nil
}

func zhEvery(r Rule) []string {
	period, n := r.Value, r.N
	switch {
	case n == 0 && period == "day":
		return []string{"每个工作日"}
	case n == 0 && period == "week":
		return []string{"每周", "每周日前"}
	case n == 0:
		return []string{map[string]string{"month": "每月底前", "quarter": "每季度末前", "half-year": "每半年", "year": "每年底前"}[period]}
	case period == "week" && n < 0 && n > -7 && r.Unit == Days:
		return []string{"每周" + string([]rune("一二三四五六日")[n+6]) + "前"}
	case period == "month" && n > 0 && n <= 28 && r.Unit == Days:
		return []string{"每月" + itoa(n) + "日前"}
	case period == "quarter" && n > 0 && n <= 30 && r.Unit == Days:
		return []string{"每季度首月" + itoa(n) + "日前"}
	case n < 0:
		return []string{zhPeriods[period] + "结束前" + zhDistance(n, r.Unit)}
	}
	return []string{zhPeriods[period] + "结束后" + zhDistance(n, r.Unit) + "内"}
}

// ruleParts are the months and the day of an rrule of the table; ok: it is one.
func ruleParts(value string) (months []int, day int, ok bool) {
	for part := range strings.SplitSeq(value, ";") {
		key, v, _ := strings.Cut(part, "=")
		switch key {
		case "FREQ":
		case "BYMONTH":
			for m := range strings.SplitSeq(v, ",") {
				months = append(months, number(m))
			}
		case "BYMONTHDAY":
			if day = number(v); v == "-1" {
				day = 0
			} else if day < 1 {
				return nil, 0, false
			}
			ok = true
		default:
			return nil, 0, false
		}
	}
	for _, m := range months {
		ok = ok && m >= 1 && m <= 12
	}
	return months, day, ok
}

func zhRRule(value string) []string {
	switch {
	case value == "FREQ=MONTHLY;BYMONTHDAY=28,29;BYSETPOS=-1":
		return []string{"每月29日前"}
	case value == "FREQ=MONTHLY;BYMONTHDAY=28,29,30;BYSETPOS=-1":
		return []string{"每月30日前"}
	}
	if n, day, ok := nthParts(value); ok {
		name := string([]rune("一二三四五六日")[day-1])
		if n == -1 {
			return []string{"每月最后一个周" + name}
		}
		return []string{"每月第" + string([]rune("一二三四五")[n-1]) + "个周" + name}
	}
	months, day, ok := ruleParts(value)
	if !ok {
		return nil
	}
	end := "底前"
	if day > 0 {
		end = itoa(day) + "日前"
	}
	if len(months) == 0 {
		return []string{map[int]string{10: "每月上旬", 20: "每月中旬", 0: "每月下旬"}[day]}
	}
	var out []string
	switch list(months) {
	case "1,4,7,10":
		out = append(out, "每季度首月"+end)
	case "2,5,8,11":
		out = append(out, "每季度第二个月"+end)
	case "3,6,9,12":
		out = append(out, "每季度末月"+end)
	case list(odd):
		out = append(out, "每单月"+end)
	case list(even):
		out = append(out, "每双月"+end)
	case "12":
		out = append(out, "每年第四季度内")
	}
	names := make([]string, len(months))
	all := make([]string, len(months))
	for i, m := range months {
		names[i] = itoa(m) + "月"
		all[i] = itoa(m) + "月" + itoa(daysOf(m)) + "日"
	}
	if len(months) == 1 {
		return append(out, "每年"+names[0]+end)
	}
	if day == 0 {
		out = append(out, "每年"+strings.Join(names, "底、")+"底前", "每年"+strings.Join(all, "、")+"前")
	}
	return append(out, "每年"+strings.Join(names, "、")+end)
}

// nthParts are the parts of an rrule such as FREQ=MONTHLY;BYDAY=-1FR.
func nthParts(value string) (n, day int, ok bool) {
	v, ok := strings.CutPrefix(value, "FREQ=MONTHLY;BYDAY=")
	if !ok || len(v) < 3 {
		return 0, 0, false
	}
	day = slices.Index(rruleDays[:], v[len(v)-2:])
	n = number(v[:len(v)-2])
	if v[:len(v)-2] == "-1" {
		n = -1
	}
	return n, day, day > 0 && (n == -1 || n >= 1 && n <= 5)
}

func zhOn(r Rule, c Context) []string {
	d, err := calendar.ParseDate(r.Value)
	if err != nil {
		return nil
	}
	day := itoa(d.Year()) + "年" + itoa(int(d.Month())) + "月" + itoa(d.Day()) + "日"
	switch {
	case r.N > 0 && d == c.Issued:
		return []string{"方案印发之日起" + zhDistance(r.N, r.Unit) + "内"}
	case r.N > 0:
		return []string{day + "后" + zhDistance(r.N, r.Unit) + "内"}
	case r.N < 0:
		return []string{day + "前" + zhDistance(r.N, r.Unit)}
	case d.Month() == 12 && d.Day() == 31:
		return []string{itoa(d.Year()) + "年底前"}
	case (d+1).Day() == 1 && r.Roll == Backward:
		return []string{itoa(d.Year()) + "年" + itoa(int(d.Month())) + "月底前"}
	}
	return []string{day + "前"}
}
