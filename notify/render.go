package notify

import (
	"bytes"
	"cmp"
	"embed"
	"fmt"
	htmltemplate "html/template"
	"maps"
	"slices"
	"strings"
	texttemplate "text/template"

	"duban/rules"
)

//go:embed templates
var templateFiles embed.FS

var (
	textTemplates = texttemplate.Must(texttemplate.New("").Funcs(texttemplate.FuncMap{
		"indent": func(s string) string { return strings.ReplaceAll(s, "\n", "\n   ") },
	}).ParseFS(templateFiles, "templates/*.txt"))
	htmlTemplates = htmltemplate.Must(htmltemplate.ParseFS(templateFiles, "templates/*.html"))
)

// page is what the templates see: text and HTML say the same because they are
// filled from the same values.
type page struct {
	*Notice
	Words    *words
	Subject  string
	Opening  string
	Closing  string
	Sections []section
	More     string // of what an escalation has no room to list: how many items of which units
	Text     string // of a letter, or to the administrators
}

type section struct {
	Heading string
	Items   []line
	Duties  []dutyLine
}

// line is an item in words. They are made once for both parts: a template that
// called for them would take several times as long.
type line struct {
	N                                                                                     int
	ID, Title, Ref, Unit, Plan, Note, Link                                                string // Unit and Plan only where they differ
	Due, Left, Light, Colour, Mark, Class, Period, Basis, Provisional, Extended, NewToYou string // empty: not so
}

// dutyLine is an obligation in words.
type dutyLine struct {
	N                                 int
	Title, Ref, Deadline, Basis, Note string // of what is no longer owed only the first two
	Next                              []dateLine
}

type dateLine struct{ Due, Period, Provisional string }

// colours and marks of the lights: each reads in grey too. The colours are 4.5:1 on
// white (WCAG 2.2, 1.4.3).
var (
	colours = map[rules.Light]string{rules.Red: "#b3161f", rules.Yellow: "#7a5200", rules.Green: "#1a6b2f", rules.Grey: "#57606a"}
	marks   = map[rules.Light]string{rules.Red: "▲", rules.Yellow: "◆", rules.Green: "●", rules.Grey: "✓"}
)

func (n *Notice) page() page {
	w := wordsOf(n.Language)
	p := page{Notice: n, Words: w, Subject: n.Subject(), Closing: w.Closing, Text: n.Text}
	if n.Supervisor != "" {
		p.Closing = fmt.Sprintf(w.ClosingSupervisor, n.Supervisor)
	}
	switch n.Kind {
	case Assignment:
		p.Opening = w.Assigned
		if len(n.Items)+len(n.Duties) == 0 && len(n.Relieved) > 0 {
			p.Opening, p.Closing = w.RelievedOnly, ""
		}
		p.Sections = append(n.sections(func(it Item) string { return w.kinds[it.Kind] }), n.dutySections()...)
	case Escalation:
		p.Opening = w.Escalated
		if n.Waiting > 0 {
			p.Opening += " " + fmt.Sprintf(w.nWaiting, n.Waiting)
		}
		own := *w
		own.Report, own.All = w.Handle, w.AllOfUnits
		p.Words = &own
		p.Closing = ""
		listed, rest := n.pressing()
		p.Sections, p.More = listed.sections(func(it Item) string { return it.Unit }), w.rest(rest)
	case LetterKind:
		if n.Letter != nil {
			p.Text = n.Letter.text(w)
		}
	case Reminder:
		p.Opening = w.tally(n)
		if len(n.Items) > 0 && n.partners() == len(n.Items) && len(n.Duties)+len(n.Relieved) == 0 {
			p.Closing = "" // there is nothing to report
		}
		p.Sections = append(n.sections(func(it Item) string { return w.kinds[it.Kind] }), n.dutySections()...)
	}
	return p
}

// sections groups the items under headings, in the order in which they come.
func (n *Notice) sections(heading func(Item) string) []section {
	var out []section
	w := wordsOf(n.Language)
	plans := slices.ContainsFunc(n.Items, func(it Item) bool { return it.Plan != n.Items[0].Plan })
	for i, it := range n.Items {
		h := heading(it)
		if it.Partner {
			h = w.Partner
		}
		if len(out) == 0 || out[len(out)-1].Heading != h {
			out = append(out, section{Heading: h})
		}
		l := line{
			N: i + 1, ID: it.ID, Title: it.Title, Ref: it.Ref, Note: it.Note, Link: it.Link,
			Due: w.dueText(it), Left: w.left(it), Light: w.lights[it.Light], Colour: colours[it.Light], Mark: marks[it.Light], Class: string(it.Light), Period: w.in.Period(it.Period),
			Basis: w.bases[it.Basis], Provisional: only(it.Provisional, w.Provisional), Extended: only(it.Extended, w.Extended), NewToYou: only(it.New, w.New),
			Unit: only(n.Kind == Escalation || it.Partner, it.Unit), Plan: only(plans, it.Plan),
		}
		s := &out[len(out)-1]
		s.Items = append(s.Items, l)
	}
	return out
}

// only is s where so is true.
func only(so bool, s string) string {
	if so {
		return s
	}
	return ""
}

// dutySections groups the obligations by plan, those in a reminder as new ones;
// last come those that are the unit's no longer.
func (n *Notice) dutySections() []section {
	var out []section
	w := wordsOf(n.Language)
	for i, d := range n.Duties {
		h := d.Plan
		if n.Kind == Reminder {
			h = w.New
		}
		if len(out) == 0 || out[len(out)-1].Heading != h {
			out = append(out, section{Heading: h})
		}
		l := dutyLine{N: len(n.Items) + i + 1, Title: d.Title, Ref: d.Ref, Deadline: d.Deadline, Basis: w.bases[d.Basis], Note: d.Note}
		for _, next := range d.Next {
			l.Next = append(l.Next, dateLine{w.date(next.Due), w.in.Period(next.Period), only(next.Provisional, w.Provisional)})
		}
		s := &out[len(out)-1]
		s.Duties = append(s.Duties, l)
	}
	if len(n.Relieved) > 0 {
		out = append(out, section{Heading: w.Relieved})
	}
	for i, d := range n.Relieved {
		s := &out[len(out)-1]
		s.Duties = append(s.Duties, dutyLine{N: len(n.Items) + len(n.Duties) + i + 1, Title: d.Title, Ref: d.Ref})
	}
	return out
}

// Sort puts the items into the order of a mail: the most urgent first; in an
// escalation by unit. Equals keep their order.
func (n *Notice) Sort() {
	partnerRank := map[bool]int{true: 1}
	rank := map[rules.ReminderKind]int{rules.DueToday: 1, rules.Overdue: 0, rules.Upcoming: 2}
	slices.SortStableFunc(n.Items, func(a, b Item) int {
		if n.Kind == Escalation {
			return cmp.Or(cmp.Compare(a.Unit, b.Unit), cmp.Compare(a.Due, b.Due))
		}
		if a.Partner != b.Partner { // what is to be done goes first
			return cmp.Compare(partnerRank[a.Partner], partnerRank[b.Partner])
		}
		return cmp.Or(cmp.Compare(rank[a.Kind], rank[b.Kind]), cmp.Compare(a.Due, b.Due))
	})
}

// mostPressing is how many items an escalation lists.
const mostPressing = 20

// pressing parts what an escalation lists, the longest late, from the rest.
func (n *Notice) pressing() (listed *Notice, rest []Item) {
	if len(n.Items) <= mostPressing {
		return n, nil
	}
	all := slices.Clone(n.Items)
	slices.SortStableFunc(all, func(a, b Item) int { return cmp.Compare(a.Due, b.Due) })
	out := *n
	out.Items, rest = all[:mostPressing:mostPressing], all[mostPressing:]
	out.Sort()
	return &out, rest
}

// rest says how many items each unit has besides, in the order of their names.
func (w *words) rest(items []Item) string {
	if len(items) == 0 {
		return ""
	}
	count := map[string]int{}
	for _, it := range items {
		count[it.Unit]++
	}
	var parts []string
	for _, unit := range slices.Sorted(maps.Keys(count)) {
		parts = append(parts, fmt.Sprintf(w.nOfUnit, unit, count[unit]))
	}
	return fmt.Sprintf(w.nMore, len(items)) + w.Colon + strings.Join(parts, w.join)
}

// Said is a notice in words: its text and HTML say the same.
type Said struct{ Subject, Text, HTML string }

// Say puts a notice into the words of its language.
func (n *Notice) Say() (s Said, err error) {
	p := n.page()
	s.Subject = p.Subject
	if s.Text, err = p.text(); err == nil {
		s.HTML, err = p.html()
	}
	return s, err
}

func (p page) text() (string, error) {
	var b bytes.Buffer
	err := textTemplates.ExecuteTemplate(&b, p.template()+".txt", &p)
	return b.String(), err
}

func (p page) html() (string, error) {
	var b bytes.Buffer
	err := htmlTemplates.ExecuteTemplate(&b, p.template()+".html", &p)
	return b.String(), err
}

func (n *Notice) template() string {
	switch n.Kind {
	case Admin, LetterKind:
		return "letter"
	case BulletinKind:
		return "bulletin"
	}
	return "notice"
}
