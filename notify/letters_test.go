package notify

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"duban/rules"
	"duban/rules/calendar"
	"duban/rules/sheet"
)

func TestALetterSaysItsActWhatItIsAboutAndWhereToAct(t *testing.T) {
	common := "Item: 事项\nId: 1.3/czj/2017-06\nDue: 2017-07-21\n"
	end := "Link: https://x.example\nNote: 说明\nReason: 缺数据\nBy: 张三"
	for name, want := range map[string]struct {
		has  []string
		hasn string
	}{
		"letter-report":        {[]string{common + "Link", "https://d.example/u"}, "Extension"},
		"letter-asks":          {[]string{"2017-08-01", "https://d.example/u"}, ""},
		"letter-asks-not-ours": {[]string{"2017-08-01", "https://d.example/u"}, ""},
		"letter-returned":      {[]string{common + end, "https://d.example/u"}, "Decision"},
		"letter-granted":       {[]string{"Decision: "}, "https://d.example/u"},
		"letter-refused":       {[]string{"Decision: "}, "https://d.example/u"},
		"letter-not-ours":      {[]string{"Decision: "}, "https://d.example/u"},
		"letter-ours":          {[]string{"Decision: "}, "https://d.example/u"},
	} {
		_, text := letters()[name].Words("en", "Bureau A")
		for _, s := range want.has {
			if !strings.Contains(text, s) {
				t.Errorf("%s: %q is not in\n%s", name, s, text)
			}
		}
		if want.hasn != "" && strings.Contains(text, want.hasn) {
			t.Errorf("%s: %q is in\n%s", name, want.hasn, text)
		}
	}
	seen := map[string]string{} // each opens in words of its own
	for _, name := range []string{"letter-report", "letter-asks", "letter-returned", "letter-granted"} {
		_, text := letters()[name].Words("en", "Bureau A")
		opening, _, _ := strings.Cut(text, "\n")
		if other, ok := seen[opening]; ok || opening == "" {
			t.Errorf("%s opens as %s: %q", name, other, opening)
		}
		seen[opening] = name
	}
}

// A letter about several items names each, says once what is the same of all, and a
// chat reads it without a link.
func TestALetterAboutSeveralItemsSaysOnceWhatIsTheSame(t *testing.T) {
	one := func(id, evidence string) *Letter {
		return &Letter{Act: Review, Owner: "Bureau A", Item: "Item " + id, ID: id, Due: day(2017, 7, 21), Evidence: evidence, Note: "printed", Link: "https://d.example/" + id}
	}
	l := *one("x/a/1", "https://x.example/1")
	l.Each, l.Link = []*Letter{one("x/a/1", "https://x.example/1"), one("y/a/2", "https://x.example/2")}, "https://d.example/s"
	n := &Notice{Kind: LetterKind, Language: "en", Unit: "Office", Letter: &l}
	if s := n.Subject(); s != "[To decide] Bureau A: 2 items reported as done, please decide" {
		t.Errorf("subject %q", s)
	}
	said, err := n.Say()
	if err != nil {
		t.Fatal(err)
	}
	for part, times := range map[string]int{"1. Item x/a/1\n   Id: x/a/1\n   Due: 2017-07-21\n   Link: https://x.example/1\n": 1, "2. Item y/a/2\n": 1, "Note: printed": 1, "https://d.example/s": 1, "https://d.example/y/a/2": 1} {
		if got := strings.Count(said.Text, part); got != times {
			t.Errorf("%q stands %d times, want %d, in\n%s", part, got, times, said.Text)
		}
	}
	for _, p := range l.points(wordsOf("en"), false) {
		if strings.Contains(p.text, "d.example") {
			t.Errorf("a chat reads %q", p.text)
		}
	}
}

func TestALetterNamesEachOfItsItemsHoweverMany(t *testing.T) {
	l := Letter{Act: Waived, Owner: "Bureau A", Reason: "r"}
	for i := range 3 * mostListed {
		l.Each = append(l.Each, &Letter{Act: Waived, Owner: "Bureau A", Item: fmt.Sprintf("Item %d.", i), ID: fmt.Sprintf("x/a/%d", i), Due: day(2017, 7, 21), Reason: "r"})
	}
	said, err := (&Notice{Kind: LetterKind, Language: "en", Unit: "Office", Letter: &l}).Say()
	if err != nil {
		t.Fatal(err)
	}
	for i := range l.Each {
		if !strings.Contains(said.Text, fmt.Sprintf("Item %d.", i)) {
			t.Fatalf("item %d is named nowhere", i)
		}
	}
}

// A share is drawn by cells of a table, which all mail readers have, and stands beside
// the bar in digits; only all is drawn as all, and only nothing as nothing.
func TestABulletinsSharesAreDrawnByCells(t *testing.T) {
	bar := regexp.MustCompile(`class="(well|badly)" width="(\d+)"`)
	for share, want := range map[float64]string{0: "badly 80", 0.001: "well 1 badly 79", 0.471: "well 38 badly 42", 0.999: "well 79 badly 1", 1: "well 80"} {
		table := &sheet.Table{Heads: []sheet.Head{{Text: "Unit"}, {Text: "Rate"}}, Rows: [][]any{{"Bureau A", sheet.Percent(share)}, {"Bureau B", ""}}}
		said, err := (&Notice{Kind: BulletinKind, Language: "en", Bulletin: &Bulletin{Title: "T", Parts: []BulletinPart{{Heading: "H", Table: table, Bars: 2}}}}).Say()
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		for _, cell := range bar.FindAllStringSubmatch(said.HTML, -1) {
			got += " " + cell[1] + " " + cell[2]
		}
		digits := fmt.Sprintf("%.1f%%", share*100)
		if got != " "+want || !strings.Contains(said.HTML, digits+"</td>") || !strings.Contains(said.Text, digits) {
			t.Errorf("%v: drawn as%s, want %s; %s is in the text: %t", share, got, want, digits, strings.Contains(said.Text, digits))
		}
		for _, none := range []string{"<img", "<svg", "<span"} {
			if strings.Contains(said.HTML, none) {
				t.Errorf("%s is in\n%s", none, said.HTML)
			}
		}
	}
}

func TestPeriodsAsPeopleSayThem(t *testing.T) {
	for period, want := range map[string][2]string{
		"2017":       {"2017年", "2017"},
		"2017-07":    {"2017年7月", "July 2017"},
		"2017-07-14": {"2017年7月14日", "14 July 2017"},
		"2017-Q3":    {"2017年第3季度", "Q3 2017"},
		"2017-H2":    {"2017年下半年", "H2 2017"},
		"2017-W28":   {"2017年第28周", "week 28 of 2017"},
		"粤府函65号":     {"粤府函65号", "粤府函65号"},
	} {
		for i, language := range []string{"zh-CN", "en"} {
			if got := wordsOf(language).in.Period(period); got != want[i] {
				t.Errorf("%s in %s: %s, want %s", period, language, got, want[i])
			}
		}
	}
}

func TestTheMostUrgentStandsFirst(t *testing.T) {
	of := func(kind rules.ReminderKind, unit string, due calendar.Date) Item {
		return Item{Kind: kind, Unit: unit, Due: due, Title: unit}
	}
	n := &Notice{Items: []Item{of(rules.Upcoming, "a", 1), of(rules.DueToday, "b", 2), of(rules.Overdue, "c", 4), of(rules.Overdue, "d", 3)}}
	order := func() (out string) {
		n.Sort()
		for _, it := range n.Items {
			out += it.Unit
		}
		return out
	}
	if got := order(); got != "dcba" {
		t.Errorf("to a unit: %s", got)
	}
	n.Kind, n.Items = Escalation, append(n.Items, of(rules.Overdue, "a", 0))
	if got := order(); got != "aabcd" || n.Items[0].Due != 0 {
		t.Errorf("to a supervisor: %s", got)
	}
}

func TestASupervisorsMailListsTheMostPressing(t *testing.T) {
	n := &Notice{Kind: Escalation, Language: "en", Unit: "Office", Waiting: 3}
	for i := range 25 {
		unit := "Bureau " + string(rune('A'+i%3))
		n.Items = append(n.Items, Item{ID: fmt.Sprint("m/a/", i), Unit: unit, Due: calendar.Date(20000 + (i*7)%25), Title: fmt.Sprint("Item ", (i*7)%25), Kind: rules.Overdue, Days: -1})
	}
	n.Sort()
	said, err := n.Say()
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{said.Text, said.HTML} {
		for i := range 25 {
			if listed := regexp.MustCompile(fmt.Sprint(`Item `, i, `\b`)).MatchString(text); listed != (i < 20) {
				t.Errorf("item %d is listed: %t", i, listed)
			}
		}
		if !strings.Contains(text, "5 more: Bureau A") || !strings.Contains(text, "3 requests or reports wait") {
			t.Errorf("the rest is not counted:\n%s", text)
		}
	}
	if !strings.Contains(said.Subject, "25 overdue") {
		t.Errorf("subject %q", said.Subject)
	}
}
