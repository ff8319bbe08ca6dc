package sheet

import (
	"bytes"
	"fmt"
	"html"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"duban/rules"
	"duban/rules/calendar"
	"duban/rules/planfile"
)

// shipped are the rules in the binary.
func shipped(t testing.TB) *rules.Set {
	t.Helper()
	set, problems := planfile.Load(planfile.Sources{Plans: []string{"rules/plans/zhongshan-2017"}})
	if err := problems.Err(); err != nil {
		t.Fatal(err)
	}
	return set
}

// item is one row of the printed table: its section, its text, and the lines of
// the unit's cell where one begins.
type item struct {
	section, text string
	unit          []string
}

var (
	sectionLine = regexp.MustCompile(`^[一二三四五六七八九十]+、`)
	itemLine    = regexp.MustCompile(`^[0-9]+\.`)
)

// document is the plan of 2017 as the office published it, which a test lays out
// as the printed table.
func document(t testing.TB) []item {
	t.Helper()
	data, err := os.ReadFile("testdata/zhongshan-2017-plan.txt")
	if err != nil {
		t.Fatal(err)
	}
	_, body, _ := strings.Cut(string(data), "牵头落实单位\n\n一、")
	body, _, _ = strings.Cut("一、"+body, "\n新媒体")
	var items []item
	section, fresh := "", false
	for line := range strings.Lines(body) {
		line = strings.TrimSpace(line)
		switch {
		case line == "":
		case sectionLine.MatchString(line):
			section, fresh = line, true
		case itemLine.MatchString(line) || fresh:
			items = append(items, item{section: section, text: line})
			fresh = false
		default:
			last := &items[len(items)-1]
			last.unit = append(last.unit, line)
		}
	}
	return items
}

var documentHeads = []string{"工作任务", "具体要求", "牵头落实单位"}

// spans are how many rows the section and the unit of each item are merged over; 0:
// one further up is.
func spans(items []item) (sections, units []int) {
	sections, units = make([]int, len(items)), make([]int, len(items))
	s, u := 0, 0
	for i, it := range items {
		if i == 0 || it.section != items[i-1].section {
			s = i
		}
		if len(it.unit) > 0 {
			u = i
		}
		sections[s]++
		units[u]++
	}
	return sections, units
}

func asXLSX(t testing.TB, items []item) []byte {
	t.Helper()
	f := excelize.NewFile()
	defer f.Close()
	set := func(column string, row int, text string, over int) {
		cell := fmt.Sprint(column, row)
		if err := f.SetCellStr("Sheet1", cell, text); err != nil {
			t.Fatal(err)
		}
		if over > 1 {
			if err := f.MergeCell("Sheet1", cell, fmt.Sprint(column, row+over-1)); err != nil {
				t.Fatal(err)
			}
		}
	}
	set("A", 1, "中山市贯彻落实省政府办公厅2017年政务公开工作要点分工方案", 1)
	if err := f.MergeCell("Sheet1", "A1", "C1"); err != nil {
		t.Fatal(err)
	}
	for i, h := range documentHeads {
		set(string(rune('A'+i)), 2, h, 1)
	}
	sections, units := spans(items)
	for i, it := range items {
		if sections[i] > 0 {
			set("A", i+3, it.section, sections[i])
		}
		set("B", i+3, it.text, 1)
		if units[i] > 0 {
			set("C", i+3, strings.Join(it.unit, "\n"), units[i])
		}
	}
	var b bytes.Buffer
	if err := f.Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func asHTML(items []item) []byte {
	var b strings.Builder
	b.WriteString(`<html><body><p>附件</p><table><tr><th>` + strings.Join(documentHeads, "</th><th>") + `</th></tr>`)
	sections, units := spans(items)
	for i, it := range items {
		b.WriteString("<tr>")
		if sections[i] > 0 {
			fmt.Fprintf(&b, `<td rowspan="%d"><p>%s</p></td>`, sections[i], html.EscapeString(it.section))
		}
		fmt.Fprintf(&b, "<td>%s</td>", html.EscapeString(it.text))
		if units[i] > 0 {
			fmt.Fprintf(&b, `<td rowspan="%d">%s</td>`, units[i], strings.Join(it.unit, "<br>"))
		}
		b.WriteString("</tr>\n")
	}
	b.WriteString("</table></body></html>")
	return []byte(b.String())
}

// asCSV is what is left of it where a program knows no merged cells.
func asCSV(items []item) []byte {
	quote := func(s string) string { return `"` + strings.ReplaceAll(s, `"`, `""`) + `"` }
	var b strings.Builder
	b.WriteString("\ufeff" + strings.Join(documentHeads, ",") + "\n")
	sections, _ := spans(items)
	for i, it := range items {
		section := ""
		if sections[i] > 0 {
			section = it.section
		}
		b.WriteString(quote(section) + "," + quote(it.text) + "," + quote(strings.Join(it.unit, "\n")) + "\n")
	}
	return []byte(b.String())
}

func understand(t testing.TB, data []byte, set *rules.Set, opt Options) *Draft {
	t.Helper()
	g, err := Read(data, "")
	if err != nil {
		t.Fatal(err)
	}
	l, err := Lay(g)
	if err != nil {
		t.Fatal(err)
	}
	if opt.Issued == 0 {
		opt.Issued = calendar.DateOf(2017, 6, 9)
	}
	if opt.ID == "" {
		opt.ID, opt.Title = "imported", "2017年政务公开工作要点分工方案"
	}
	return Understand(l.Rows, l.LeftOut, set, opt)
}

// fixed are the rhythms that the text of the document fixes in its own words.
var fixed = map[string][]string{
	"1.3":  {"every month, 0 days"},
	"2.2":  {"every quarter, 0 days"},
	"3.1":  {"every month, 0 days"},
	"5.7":  {"event file-repealed, 10 working days"},
	"7.4":  {"every month, 0 days", "every quarter, 0 days", "every year, 0 days"},
	"9.6":  {"every month, 0 days"},
	"13.2": {"every year, 0 days"},
	"17.1": {"every month, 0 days"},
	"21.2": {"every day, 0 days", "every quarter, 0 days", "every year, 0 days"},
}

func TestTheDocumentOf2017IsUnderstood(t *testing.T) {
	set, items := shipped(t), document(t)
	if len(items) != 114 {
		t.Fatalf("the document has %d items", len(items))
	}
	// The units of each item, as whoever encoded the shipped plan read them.
	owed := map[string][]string{}
	for _, o := range set.Plans[0].Obligations {
		if v, ok := o.Given("units"); ok && owed[o.Ref] == nil {
			for _, u := range v.List {
				owed[o.Ref] = append(owed[o.Ref], u.Text)
			}
		}
	}
	for name, data := range map[string][]byte{"xlsx": asXLSX(t, items), "html": asHTML(items), "csv": asCSV(items)} {
		t.Run(name, func(t *testing.T) {
			d := understand(t, data, set, Options{})
			if len(d.Rows) != 114 {
				t.Fatalf("%d rows", len(d.Rows))
			}
			for i, r := range d.Rows {
				if !slices.Equal(r.Units, owed[r.Ref]) {
					t.Errorf("%s %s: units %v, want %v (%q)", r.Ref, r.Title, r.Units, owed[r.Ref], items[i].unit)
				}
				if len(r.NewUnits) > 0 {
					t.Errorf("%s: new units %v", r.Ref, r.NewUnits)
				}
				var found []string
				for _, id := range r.Rules {
					o := d.Rule(id)
					if o == nil {
						t.Fatalf("%s has no rule %s: %v", r.Ref, id, r.Problems)
					}
					found = append(found, fmt.Sprintf("%s %s, %s", o.Cadence.Kind, o.Cadence.Value, o.Within))
				}
				want := fixed[r.Ref]
				if r.Understood != (want != nil) {
					t.Errorf("%s %s: understood %v as %v (%s)", r.Ref, items[i].text, r.Understood, found, r.Deadline)
				}
				if want == nil {
					want = []string{"every quarter, 0 days"}
				}
				if !slices.Equal(found, want) {
					t.Errorf("%s: %v, want %v", r.Ref, found, want)
				}
				if !strings.Contains(textOfRules(d, r), strings.TrimRight(itemLine.ReplaceAllString(items[i].text, ""), "。")) {
					t.Errorf("%s: the requirement is lost: %s", r.Ref, textOfRules(d, r))
				}
			}
		})
	}
}

// textOfRules is all that the rules of a row say.
func textOfRules(d *Draft, r Result) string {
	var b strings.Builder
	for _, id := range r.Rules {
		o := d.Rule(id)
		b.WriteString(o.Title + "\n" + o.Note + "\n")
	}
	return b.String()
}

// What a form shows of a row, sent back, is understood as the row was.
func TestAFormSendsBackWhatItShows(t *testing.T) {
	set := shipped(t)
	first := understand(t, asXLSX(t, document(t)), set, Options{})
	var rows []Row
	for _, r := range first.Rows {
		rows = append(rows, r.Resolved)
	}
	again := Understand(rows, nil, set, Options{ID: "imported", Title: "2017年政务公开工作要点分工方案", Issued: calendar.DateOf(2017, 6, 9)})
	for i, r := range again.Rows {
		was := first.Rows[i]
		if r.Title != was.Title || r.Understood != was.Understood || !slices.Equal(r.Units, was.Units) || !slices.Equal(r.Rules, was.Rules) {
			t.Errorf("row %d: %+v, was %+v", r.Row, r, was)
		}
		for _, id := range r.Rules {
			if a, b := again.Rule(id), first.Rule(id); a.Cadence.Value != b.Cadence.Value || a.Within != b.Within || a.Note != b.Note || a.Basis != b.Basis {
				t.Errorf("%s: %+v, was %+v", id, a, b)
			}
		}
	}
}
