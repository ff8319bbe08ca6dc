package calendar

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"duban/rules/problem"
)

// The circulars of 2018 to 2026 as they were written, from the facts that the
// shipped years are from; where there were two, the second is an amendment.
func circularText(t testing.TB, name string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", "circulars", name+".txt"))
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func readCircular(text string, c *Calendar) (Circular, *problem.List) {
	var problems problem.List
	n, _ := ReadCircular("circular.txt", []byte(text), c, &problems)
	return n, &problems
}

// days are what a year says of its days, in their order.
func days(y Year) string {
	var out []string
	for _, d := range y.Days {
		out = append(out, fmt.Sprintln(d.Date, d.Name, d.Off))
	}
	slices.Sort(out)
	return strings.Join(out, "")
}

// before is a calendar as it was before the amendment of a year.
func before(t testing.TB, year int) *Calendar {
	t.Helper()
	n, problems := readCircular(circularText(t, fmt.Sprint(year)), New())
	if err := problems.Err(); err != nil {
		t.Fatalf("%d: %v", year, err)
	}
	return New(n.Year)
}

func TestCircularsGiveTheShippedYears(t *testing.T) {
	amended := map[int]string{2019: "劳动节", 2020: "春节"}
	for year := 2018; year <= 2026; year++ {
		got, _ := before(t, year).Year(year)
		if feast := amended[year]; feast != "" {
			n, problems := readCircular(circularText(t, fmt.Sprintf("%d-2", year)), before(t, year))
			if err := problems.Err(); err != nil {
				t.Fatal(err)
			}
			if strings.Join(n.Amends, " ") != feast {
				t.Errorf("%d amends %v", year, n.Amends)
			}
			got = n.Year
		}
		want, _ := China().Year(year)
		if days(got) != days(want) {
			t.Errorf("%d is\n%s\nshipped:\n%s", year, days(got), days(want))
		}
	}
}

// One digit that is not as it was written is not taken, where anything that the
// circular says twice shows it. Nothing shows a make-up day that is whole weeks off.
func TestNoDigitOfACircularCanBeWrong(t *testing.T) {
	for _, name := range []string{"2018", "2019", "2019-2", "2020", "2020-2", "2021", "2022", "2023", "2024", "2025", "2026"} {
		var year int
		if _, err := fmt.Sscan(name[:4], &year); err != nil {
			t.Fatal(err)
		}
		c := New()
		if len(name) > 4 {
			c = before(t, year)
		}
		text := circularText(t, name)
		right, _ := readCircular(text, c)
		refused, harmless, weeks := 0, 0, 0
		for i, r := range text {
			if r < '0' || r > '9' {
				continue
			}
			for digit := '0'; digit <= '9'; digit++ {
				if digit == r {
					continue
				}
				n, problems := readCircular(text[:i]+string(digit)+text[i+1:], c)
				switch {
				case problems.Err() != nil:
					refused++
				case n.Year.Year == year && days(n.Year) == days(right.Year):
					harmless++ // when it was signed, or a day that is only recommended
				case weeksOff(n.Year, right.Year):
					weeks++
				default:
					t.Errorf("%s: %c for %c in …%s… is taken", name, digit, r, around(text, i))
				}
			}
		}
		if refused < 20*weeks || refused < 50 {
			t.Errorf("%s: only %d changes were refused, %d did no harm, %d cannot be seen", name, refused, harmless, weeks)
		}
	}
}

// weeksOff tells whether two years differ in one make-up day alone, which is whole
// weeks away from where it was.
func weeksOff(a, b Year) bool {
	only := func(a, b Year) []Day {
		return slices.DeleteFunc(slices.Clone(a.Days), func(d Day) bool { return slices.Contains(b.Days, d) })
	}
	in, out := only(a, b), only(b, a)
	return len(in) == 1 && len(out) == 1 && !in[0].Off && !out[0].Off && (in[0].Date-out[0].Date)%7 == 0
}

// around is the text about a place.
func around(text string, at int) string {
	from, to := max(0, at-15), min(len(text), at+15)
	for !utf8.RuneStart(text[from]) {
		from--
	}
	for to < len(text) && !utf8.RuneStart(text[to]) {
		to++
	}
	return text[from:to]
}

func TestWhatIsWrongWithACircularIsTold(t *testing.T) {
	right := circularText(t, "2026")
	for _, tc := range []struct{ mistake, old, new, want string }{
		{"a count", "放假调休，共9天", "放假调休，共8天", "circular.txt:9:1: 2026-02-15 to 2026-02-23 are 9 days, not 8"},
		{"no count", "放假调休，共9天", "放假调休", "say how many days that are, as in 共9天"},
		{"a weekday", "1月4日（周日）", "1月4日（周六）", "2026-01-04 is a Sunday, not a Saturday"},
		{"no weekday for a make-up day", "1月4日（周日）", "1月4日", "2026-01-04: say which day of the week that is"},
		{"a make-up day that is a working day", "1月4日（周日）", "1月5日（周一）", "2026-01-05 is a Monday, a working day anyhow"},
		{"a feast outside", "9月25日（周五）至27日（周日）", "9月26日（周六）至28日（周一）", "中秋节 is on 2026-09-25, which is not among the days off"},
		{"a weekend that is not joined", "1月1日（周四）至3日（周六）放假调休，共3天", "1月1日（周四）放假，与周末连休", "2026-01-01 is a Thursday, which joins no weekend"},
		{"no such day", "6月19日", "6月31日", "there is no such day: 2026-06-31"},
		{"a day off that is a make-up day", "5月9日（周六）", "5月2日（周六）", "2026-05-02 stands twice"},
		{"a day of the wrong year", "1月1日（周四）", "2028年1月1日（周四）", "2028-01-01 is not in 2026 or the year before"},
		{"what is not understood", "1月4日（周日）上班", "1月4日（周日）加班", `"1月4日（周日）加班" is not understood`},
		{"a make-up day far from its holiday", "5月9日（周六）", "5月30日（周六）", "2026-05-30 is more than 14 days from the holiday"},
		{"backwards", "5月1日（周五）至5日（周二）", "5月5日（周二）至1日（周五）", "2026-05-05 to 2026-05-01 is no holiday"},
	} {
		t.Run(tc.mistake, func(t *testing.T) {
			text := strings.Replace(right, tc.old, tc.new, 1)
			if text == right {
				t.Fatal("nothing is changed")
			}
			if _, problems := readCircular(text, New()); problems.Err() == nil || !strings.Contains(problems.Err().Error(), tc.want) {
				t.Errorf("says %v, want %s", problems.Err(), tc.want)
			}
		})
	}
	for text, want := range map[string]string{
		"一、元旦：1月1日放假，与周末连休。":                            "names no year",
		"关于2027年部分节假日安排的通知\n一、元旦：1月1日放假，共1天。":           "names 元旦 alone, and 2027 is not known",
		"关于2027年部分节假日安排的通知\n请各地妥善安排。":                   "has no holiday in it",
		"关于延长2027年春节假期的通知\n延长2027年春节假期至2月20日（星期六）。":     "makes a holiday longer that is not known",
		"关于2027年部分节假日安排的通知\n6月1日至3日放假，共3天。6月5日（星期六）上班。": "says of no feast that these are its days",
	} {
		if _, problems := readCircular(text, New()); problems.Err() == nil || !strings.Contains(problems.Err().Error(), want) {
			t.Errorf("%s: %v, want %s", text, problems.Err(), want)
		}
	}
}

func TestACircularIsReadHoweverItIsSpaced(t *testing.T) {
	text := circularText(t, "2026")
	want, _ := China().Year(2026)
	for what, changed := range map[string]string{
		"half-width punctuation": strings.NewReplacer("\uff1a", ":", "\uff0c", ",", "\uff08", "(", "\uff09", ")").Replace(text),
		"full-width digits":      strings.NewReplacer("1", "\uff11", "2", "\uff12", "9", "\uff19").Replace(text),
		"spaces":                 strings.NewReplacer("月", " 月 ", "日", " 日 ").Replace(text),
		"breaks of Windows":      strings.ReplaceAll(text, "\n", "\r\n"),
		"a mark before it":       "\ufeff" + text,
		"星期 for 周":               strings.ReplaceAll(text, "周", "星期"),
		"dashes":                 strings.ReplaceAll(text, "至", "—"),
	} {
		n, problems := readCircular(changed, New())
		if problems.Err() != nil || days(n.Year) != days(want) {
			t.Errorf("%s: %v", what, problems.Err())
		}
	}
	if n, problems := readCircular(text[strings.Index(text, "一、"):], New()); problems.Err() == nil {
		t.Errorf("without a year it is %d", n.Year.Year)
	}
	var problems problem.List
	if n, ok := ReadCircular("calendar/2026.txt", []byte(text[strings.Index(text, "一、"):]), New(), &problems); !ok || n.Year.Year != 2026 {
		t.Errorf("the file's name says the year: %v", problems.Err())
	}
}

func FuzzCircular(f *testing.F) {
	for _, name := range []string{"2019", "2019-2", "2020-2", "2026"} {
		f.Add(circularText(f, name))
	}
	f.Add("2026年放假\n延长2026年春节假期至3月2日，3月3日起正常上班。")
	f.Fuzz(func(t *testing.T, text string) {
		n, problems := readCircular(text, China())
		if problems.Err() != nil {
			return
		}
		seen := map[Date]bool{}
		for _, d := range n.Year.Days {
			if seen[d.Date] || d.Name == "" || !d.Date.InRange() {
				t.Errorf("%+v", d)
			}
			seen[d.Date] = true
		}
	})
}
