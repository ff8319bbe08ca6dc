package notify

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"sort"
	"strings"
	"unicode"
	"unicode/utf8"

	"duban/rules"
)

// Short is a notice in its short form, as chats and programs get it: what it is
// about, what presses most, and where to act.
type Short struct {
	Title string `json:"title"`
	Text  string `json:"text"` // lines, of which none is cut
	Link  string `json:"link"` // empty: no page
}

// ShortForm is how much of a notice a channel takes, and what it may show.
type ShortForm struct {
	Fits  func(Short) bool    // the service's limit
	Plain func(string) string // takes from words what the service would read as more than words; nil: nothing
	Link  bool                // the unit's signed link, which then everyone who reads it holds
	Page  string              // shown in its place; empty: no page
}

// point is a line of a short form; what it says is there whole or not at all.
type point struct {
	text string
	item bool // it counts when it is left out
}

// Short puts a notice into the form: as many of its lines as fit, the most pressing
// first, and how many more there are. Nothing is cut but a title that is longer than
// all that there is room for.
func (n *Notice) Short(f ShortForm) Short {
	w := wordsOf(n.Language)
	points := n.points(w, f.Link)
	for i := range points {
		points[i].text = f.words(points[i].text)
	}
	out := Short{Title: f.words(n.Subject()), Link: f.Page}
	if link := n.signedLink(); f.Link && link != "" {
		out.Link = link
	}
	if out.Text = w.upTo(points, len(points)); f.Fits(out) {
		return out
	}
	// A point more is longer, whatever it takes from the words for the rest.
	tooMany := sort.Search(len(points), func(k int) bool {
		out.Text = w.upTo(points, k)
		return !f.Fits(out)
	})
	if out.Text = w.upTo(points, max(tooMany-1, 0)); f.Fits(out) {
		return out
	}
	title := []rune(out.Title)
	for len(title) > 0 && !f.Fits(out) {
		title = title[:len(title)-1]
		out.Title = strings.TrimSpace(string(title)) + "\u2026"
	}
	if !f.Fits(out) { // a link that is longer than all the room is none to show
		out.Link = ""
	}
	return out
}

// upTo are the first k points, and how many items there are besides.
func (w *words) upTo(points []point, k int) string {
	var lines []string
	left := 0
	for i, p := range points {
		switch {
		case i < k:
			lines = append(lines, p.text)
		case p.item:
			left++
		}
	}
	switch {
	case left > 0:
		lines = append(lines, fmt.Sprintf(w.nMore, left))
	case k < len(points):
		lines = append(lines, w.shortRest)
	}
	return strings.Join(lines, "\n")
}

// words are a line of the form: one line, of characters that show.
func (f ShortForm) words(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\r' || r == '\t':
			return ' '
		case unicode.IsControl(r), r == utf8.RuneError, '\u202a' <= r && r <= '\u202e', '\u2066' <= r && r <= '\u2069':
			return -1 // nor does one turn the others round
		}
		return r
	}, s)
	if f.Plain != nil {
		s = f.Plain(s)
	}
	return strings.TrimSpace(s)
}

// PlainForChats takes from words what chats read as more: a mention, a tag, an address
// to open.
func PlainForChats(s string) string { return plainForChats.Replace(s) }

var plainForChats = strings.NewReplacer("@", "\uff20", "<", "\uff1c", ">", "\uff1e", "://", "\uff1a//")

// signedLink is where whoever holds it acts for the unit.
func (n *Notice) signedLink() string {
	if n.Letter != nil && n.Letter.Link != "" {
		return n.Letter.Link
	}
	return n.All
}

// points are what a notice says, the most pressing first.
func (n *Notice) points(w *words, linked bool) (out []point) {
	switch {
	case n.Letter != nil:
		return n.Letter.points(w, linked)
	case n.Bulletin != nil:
		return n.Bulletin.points()
	}
	for _, line := range strings.Split(n.Text, "\n") {
		out = said(out, line)
	}
	if n.Waiting > 0 {
		out = said(out, fmt.Sprintf(w.nWaiting, n.Waiting))
	}
	items := n.Items
	if n.Kind == Escalation { // which a mail lists by unit
		items = slices.Clone(items)
		slices.SortStableFunc(items, func(a, b Item) int { return cmp.Compare(a.Due, b.Due) })
	}
	for _, it := range items {
		out = append(out, point{w.shortItem(it, n.Kind == Escalation), true})
	}
	for _, d := range n.Duties {
		out = append(out, point{w.shortDuty(d), true})
	}
	for _, d := range n.Relieved {
		out = append(out, point{w.shortRelieved + d.Title, true})
	}
	return out
}

// said adds a line that is no item, unless it is empty.
func said(to []point, line string) []point {
	if strings.TrimSpace(line) == "" {
		return to
	}
	return append(to, point{text: line})
}

// shortItem is an item in a line: ▲ what (whose): how late, due when.
func (w *words) shortItem(it Item, whose bool) string {
	var b strings.Builder
	b.WriteString(marks[it.Light] + " ")
	if it.Partner {
		b.WriteString(w.shortPartner)
	}
	b.WriteString(it.Title)
	if whose || it.Partner {
		b.WriteString(w.Open + it.Unit + w.Close)
	}
	if it.New {
		b.WriteString(w.Open + w.New + w.Close)
	}
	b.WriteString(w.Colon + w.left(it))
	if it.Kind != rules.DueToday || it.Closed {
		b.WriteString(w.join + fmt.Sprintf(w.shortDue, w.in.Short(it.Due)))
	}
	if it.Provisional {
		b.WriteString(w.Open + w.shortProvisional + w.Close)
	}
	return b.String()
}

// shortDuty is an obligation in a line: ● what: by when, due next when.
func (w *words) shortDuty(d Duty) string {
	s := "\u25cf " + d.Title + w.Colon + d.Deadline
	if len(d.Next) > 0 {
		s += w.join + fmt.Sprintf(w.shortDue, w.in.Short(d.Next[0].Due))
	}
	return s
}

// points are those of a letter: what it says, without the links in it.
func (l *Letter) points(w *words, linked bool) (out []point) {
	bare := *l
	bare.Link, bare.Desk, bare.Items = "", "", nil
	bare.Each = slices.Clone(l.Each)
	for i, one := range bare.Each {
		own := *one
		own.Link = ""
		bare.Each[i] = &own
	}
	if l.kind() == "link" && !linked {
		return said(nil, w.shortNoLink)
	}
	for _, line := range strings.Split(bare.text(w), "\n") {
		out = said(out, line)
	}
	for _, it := range l.Items {
		out = append(out, point{w.shortItem(it, false), true})
	}
	return out
}

// points are those of a bulletin: all that it says in sentences.
func (b *Bulletin) points() (out []point) {
	out = said(out, b.AsOf)
	for _, part := range b.Parts {
		if len(part.Text) > 0 {
			out = said(out, part.Heading)
		}
		for _, line := range part.Text {
			out = said(out, line)
		}
	}
	return out
}

// Kept is the short form as bytes to keep in the outbox.
func (s Short) Kept() ([]byte, error) { return json.Marshal(s) }

// ReadShort reads what Kept made.
func ReadShort(kept []byte) (s Short, err error) {
	err = json.Unmarshal(kept, &s)
	return s, err
}

// Whole is the short form as one text.
func (s Short) Whole() string {
	parts := []string{s.Title}
	if s.Text != "" {
		parts = append(parts, s.Text)
	}
	if s.Link != "" {
		parts = append(parts, "\u2192 "+s.Link)
	}
	return strings.Join(parts, "\n")
}
