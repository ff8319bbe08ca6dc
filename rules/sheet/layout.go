package sheet

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"duban/rules/problem"
)

// Row is one duty of a table: what its cells say, with what holds for it from
// further up.
type Row struct {
	Number   int               // of its line, as people count it
	Cells    map[Column]string // those that say something
	Shared   bool              // its task holds for other rows too
	Section  string            // the heading that it stands under
	Resolved bool              // its title and note are what they are to be: a form has them
	Other    []string          // what stands under heads that are not used: "head: text"
}

// LeftOut is a line that is no duty.
type LeftOut struct {
	Number int
	Text   string
	Why    *problem.Error
}

// Layout is a table as its duties.
type Layout struct {
	Name     string // of the sheet
	HeadRow  int    // the line in which the heads stand
	Columns  []Column
	Rows     []Row
	LeftOut  []LeftOut
	Unused   []string          // heads of columns that were not used
	Plan     map[string]string // what a sheet of the plan says
	headings heads
}

// Lay finds the row of heads, and what of the rest is a duty.
func Lay(g *Grid) (*Layout, error) {
	h, ok := findHeads(g)
	if !ok {
		return nil, problem.Errorf("no row of heads was found: one row has to say what the columns hold, as in 工作任务、责任单位、完成时限 (task, units, deadline)")
	}
	l := &Layout{Name: g.Name, HeadRow: g.Rows[h.row].Number, Columns: h.columns, Plan: g.Plan, headings: h}
	for _, line := range g.Rows[:h.row] {
		l.leave(line, "stands above the heads")
	}
	body := g.Rows[h.row+h.rows:]
	l.findNumbers(body)
	w := walk{l: l, held: map[Column]string{}, from: map[Column]int{}}
	for _, line := range body {
		w.line(line)
	}
	w.mark()
	for i, c := range h.columns {
		if c == Unused && h.texts[i] != "" && !slices.Contains(l.Unused, h.texts[i]) {
			l.Unused = append(l.Unused, h.texts[i])
		}
	}
	l.number()
	if len(l.Rows) == 0 {
		return nil, problem.Errorf("has heads in row %d, and no task under them", l.HeadRow)
	}
	return l, nil
}

// mostAbove is how many characters a title above a table has at least and at most.
const leastAbove, mostAbove = 5, 80

// Title is what stands above the table as its title; empty: nothing does.
func (l *Layout) Title() string {
	for _, line := range l.LeftOut {
		text := strings.Join(strings.Split(line.Text, " | "), "")
		if n := utf8.RuneCountInString(text); line.Number < l.HeadRow && n >= leastAbove && n <= mostAbove && !noteForm.MatchString(plain(text)) {
			return text
		}
	}
	return ""
}

func (l *Layout) leave(line Line, why string) {
	l.LeftOut = append(l.LeftOut, LeftOut{line.Number, line.text(), problem.Word(why)})
}

// text is all that a line says, once.
func (line Line) text() string {
	var all []string
	for _, c := range line.Cells {
		if c.Text != "" && !c.Left && !c.Above {
			all = append(all, strings.ReplaceAll(c.Text, "\n", " "))
		}
	}
	return strings.Join(all, " | ")
}

// exact tells whether the table says everything of each rule by itself, as those
// that duban writes do.
func (l *Layout) exact() bool { return l.has(ID) }

// has tells whether some column holds that.
func (l *Layout) has(c Column) bool { return slices.Contains(l.Columns, c) }

var numberCell = regexp.MustCompile(`^[(]?([0-9]{1,4}(?:[.-][0-9]{1,3}){0,3}|[一二三四五六七八九十]{1,3}|[①-⑳])[)]?[.、,]?$`)

// findNumbers finds the column of numbers that has no head.
func (l *Layout) findNumbers(body []Line) {
	if l.has(Ref) {
		return
	}
	for i, c := range l.Columns {
		if c != Unused || l.headings.texts[i] != "" {
			continue
		}
		numbers, others := 0, 0
		for _, line := range body {
			if i < len(line.Cells) && line.Cells[i].Text != "" && !line.Cells[i].Left {
				if numberCell.MatchString(plain(line.Cells[i].Text)) {
					numbers++
				} else {
					others++
				}
			}
		}
		if numbers > 0 && numbers > 3*others {
			l.Columns[i] = Ref
			return
		}
	}
}

// walk goes down the lines of a table.
type walk struct {
	l       *Layout
	held    map[Column]string // what an empty cell takes over
	from    map[Column]int    // the line that said it
	section string
	tasks   []int // of each row: the line that its task was said in
}

var (
	sectionForm = regexp.MustCompile(`^(?:[一二三四五六七八九十]{1,3}[、.]|\([一二三四五六七八九十]{1,3}\)|第[一二三四五六七八九十0-9]{1,3}(?:部分|章|类|项))`)
	noteForm    = regexp.MustCompile(`^(?:注|备注|说明|附注|附件|此件|抄送|填表|填报|制表|审核|单位|联系人|联系电话|主办|印发|列第一位|note)[0-9]*[::]|^(?:此件|列第一位|注[0-9]?[.、]|附件[0-9]*$)`)
	sumForm     = regexp.MustCompile(`^(?:合计|总计|小计|共计|total)[::]?$`)
	nothingForm = regexp.MustCompile(`^(?:/|\\|-+|—+|－+|无|暂无|不涉及|n/a|□|√|■)$`)
	dittoForm   = regexp.MustCompile(`^(?:同上|同前|同上行|〃|"|″|ditto)[。.]?$`)
)

// silent tells whether a cell says nothing of its own.
func silent(text string) bool {
	return nothingForm.MatchString(plain(text)) || dittoForm.MatchString(plain(text))
}

// line takes one line for what it is.
func (w *walk) line(line Line) {
	switch {
	case w.repeatsHeads(line):
		w.l.leave(line, "repeats the heads")
	case !w.l.exact() && w.isSum(line):
		w.l.leave(line, "is a sum")
	default:
		if text, at, wide, ok := line.only(); ok && !w.l.exact() && w.apart(line, text, at, wide) {
			return
		}
		w.duty(line)
	}
}

// only is the text of a line that says just one thing, the column where it stands,
// and whether it stands over several.
func (line Line) only() (text string, at int, wide, ok bool) {
	at = -1
	for i, c := range line.Cells {
		switch {
		case c.Text == "" || c.Above:
		case at < 0:
			text, at = c.Text, i
		case c.Left && c.Text == text:
			wide = true
		default:
			return "", 0, false, false
		}
	}
	return text, at, wide, at >= 0
}

// apart takes a line with one text that is no duty: a heading or a note.
func (w *walk) apart(line Line, text string, at int, wide bool) bool {
	column := Unused
	if at < len(w.l.Columns) {
		column = w.l.Columns[at]
	}
	p := plain(text)
	switch {
	case noteForm.MatchString(p):
		w.l.leave(line, "is a note")
	case !wide && (column == Units || column == Partners || column == Deadline || column == Note):
		return false
	case !wide && (column == Title || column == Task) && !sectionForm.MatchString(p):
		return false
	case !wide && column == Ref && numberCell.MatchString(p):
		w.l.leave(line, "holds a number alone")
	default:
		w.section = strings.ReplaceAll(text, "\n", "")
		w.held, w.from = map[Column]string{}, map[Column]int{}
		w.l.leave(line, "is a heading")
	}
	return true
}

func (w *walk) repeatsHeads(line Line) bool {
	again, same := headsIn(line), 0
	if again.score() < 2 {
		return false
	}
	for i, t := range again.texts {
		if t == "" {
			continue
		}
		if i >= len(w.l.headings.texts) || plain(t) != plain(w.l.headings.texts[i]) {
			return false
		}
		same++
	}
	return same >= 2
}

func (w *walk) isSum(line Line) bool {
	for _, c := range line.Cells {
		if c.Text != "" {
			return sumForm.MatchString(plain(c.Text))
		}
	}
	return false
}

// duty takes a line for a duty.
func (w *walk) duty(line Line) {
	r := Row{Number: line.Number, Cells: map[Column]string{}, Section: w.section}
	own := map[Column]bool{}
	for i, c := range line.Cells {
		column := Unused
		if i < len(w.l.Columns) {
			column = w.l.Columns[i]
		}
		if c.Text == "" || c.Left && column != Unused && r.Cells[column] == "" && i > 0 && i-1 < len(w.l.Columns) && w.l.Columns[i-1] != column {
			continue // the cell beside it reaches over
		}
		if column == Unused || column == Person {
			if i < len(w.l.headings.texts) && w.l.headings.texts[i] != "" && !c.Left {
				r.Other = append(r.Other, w.l.headings.texts[i]+colon(w.l.headings.texts[i])+strings.ReplaceAll(c.Text, "\n", " "))
			}
			continue
		}
		text := c.Text
		if column == Ref && c.Date {
			text = undated(text)
		}
		said := w.l.exact() && (column == Title || column == TitleEn || column == Note || column == ID || column == Ref)
		if !said && dittoForm.MatchString(plain(text)) {
			text = w.held[column]
		}
		if !said && nothingForm.MatchString(plain(text)) {
			own[column] = true
			delete(w.held, column)
			continue
		}
		if text == "" {
			continue
		}
		if own[column] && r.Cells[column] != "" && r.Cells[column] != text {
			text = r.Cells[column] + "\n" + text
		}
		r.Cells[column] = text
		if own[column] = true; !c.Above {
			w.from[column] = line.Number
		}
		w.held[column] = text
	}
	if r.Cells[ID] == "" {
		w.hold(&r, own)
	}
	if r.Cells[Title] == "" && r.Cells[Note] == "" && r.Cells[Task] == "" {
		w.l.leave(line, "names no task")
		return
	}
	w.l.Rows = append(w.l.Rows, r)
	w.tasks = append(w.tasks, w.from[w.taskColumn()])
}

// hold fills in what an empty cell means: the unit and the task of the row above.
func (w *walk) hold(r *Row, own map[Column]bool) {
	take := func(c Column) {
		if !own[c] && w.held[c] != "" {
			r.Cells[c] = w.held[c]
		}
	}
	if !own[Units] {
		take(Units)
		take(Partners)
	} else if !own[Partners] {
		delete(w.held, Partners)
	}
	take(Task)
	if r.Cells[Note] != "" || own[Units] || own[Deadline] {
		take(Title)
	}
}

// taskColumn is the one whose cells hold for several rows.
func (w *walk) taskColumn() Column {
	if w.l.has(Task) {
		return Task
	}
	return Title
}

// mark tells each row whether its task holds for others too.
func (w *walk) mark() {
	count := map[int]int{}
	for _, from := range w.tasks {
		count[from]++
	}
	for i, from := range w.tasks {
		w.l.Rows[i].Shared = from > 0 && count[from] > 1
	}
}

// undated is what stood in a cell before a spreadsheet made a date of it: 1.10.
func undated(iso string) string {
	if len(iso) != len("2017-06-09") {
		return iso
	}
	month, err := strconv.Atoi(iso[5:7])
	day, err2 := strconv.Atoi(iso[8:10])
	if err != nil || err2 != nil {
		return iso
	}
	return strconv.Itoa(month) + "." + strconv.Itoa(day)
}

var (
	itemForm    = regexp.MustCompile(`^[ \x{3000}]*(?:[(\x{FF08}]?([0-9]{1,3})[)\x{FF09}]?[.\x{FF0E}、,\x{FF0C}\x{FF09})]|([0-9]{1,3})[ \x{3000}]+|[(\x{FF08}]([一二三四五六七八九十]{1,3})[)\x{FF09}]|([①-⑳]))[ \x{3000}]*`)
	chapterForm = regexp.MustCompile(`^[ \x{3000}]*(?:第)?([一二三四五六七八九十]{1,3})(?:[、.\x{FF0E}]|部分|章|类)[ \x{3000}]*`)
)

// numbered takes the number off a text that begins with one, as items of
// documents do; empty: it has none.
func numbered(s string) (n, rest string) {
	g := itemForm.FindStringSubmatch(s)
	if g == nil {
		return "", s
	}
	rest = s[len(g[0]):]
	if r, _ := utf8.DecodeRuneInString(rest); rest == "" || g[1] != "" && r >= '0' && r <= '9' { // 1.5倍
		return "", s
	}
	switch {
	case g[1] != "":
		return g[1], rest
	case g[2] != "":
		return g[2], rest
	case g[3] != "":
		return strconv.Itoa(chineseNumber(g[3])), rest
	}
	circled, _ := utf8.DecodeRuneInString(g[4])
	return strconv.Itoa(int(circled-'①') + 1), rest
}

// chapter takes the number off a heading: 一、 is 1; 0: it has none.
func chapter(s string) (n int, rest string) {
	g := chapterForm.FindStringSubmatch(s)
	if g == nil {
		return 0, s
	}
	return chineseNumber(g[1]), s[len(g[0]):]
}

// chineseNumber reads 一 to 九十九.
func chineseNumber(s string) int {
	n, digit := 0, 0
	for _, r := range s {
		if r == '十' {
			n += max(digit, 1) * 10
			digit = 0
			continue
		}
		digit = strings.IndexRune("一二三四五六七八九", r)/len("一") + 1
	}
	return n + digit
}

// number gives every row its ref: the one that the table has, else the numbers of
// its heading and in its own text.
func (l *Layout) number() {
	if l.exact() {
		return
	}
	repeated := l.refsRepeat()
	count := map[int]int{}
	running := 0
	for i := range l.Rows {
		r := &l.Rows[i]
		section, _ := chapter(r.Section)
		for _, c := range []Column{Task, Title} {
			if n, rest := chapter(r.Cells[c]); n > 0 && (c == Task || r.Shared || l.has(Note)) && rest != "" {
				section = n
				r.Cells[c] = rest
			}
		}
		item := strings.TrimRight(plain(r.Cells[Ref]), ".、,")
		own := item != ""
		text := l.requirement(*r)
		if n, rest := numbered(r.Cells[text]); n != "" {
			r.Cells[text] = rest
			if item == "" {
				item = n
			}
		}
		running++
		count[section]++
		switch {
		case own && section > 0 && repeated && isDigits(item):
			item = strconv.Itoa(section) + "." + item
		case own:
		case section > 0 && item == "":
			item = strconv.Itoa(section) + "." + strconv.Itoa(count[section])
		case section > 0:
			item = strconv.Itoa(section) + "." + item
		case item == "" && !l.has(ID):
			item = strconv.Itoa(running)
		}
		if item != "" {
			r.Cells[Ref] = item
		}
	}
}

// requirement is the column in which a row says what is its own to do.
func (l *Layout) requirement(r Row) Column {
	if r.Cells[Note] != "" && (r.Shared && !l.has(Task) || r.Cells[Title] == "") {
		return Note
	}
	return Title
}

// refsRepeat tells whether the numbers begin anew under each heading.
func (l *Layout) refsRepeat() bool {
	seen := map[string]bool{}
	for _, r := range l.Rows {
		ref := plain(r.Cells[Ref])
		if ref != "" && seen[ref] {
			return true
		}
		seen[ref] = true
	}
	return false
}

func isDigits(s string) bool {
	return s != "" && strings.Trim(s, "0123456789") == ""
}

// colon is what divides a head from what stands under it, in the head's script.
func colon(head string) string {
	if strings.ContainsFunc(head, func(r rune) bool { return unicode.Is(unicode.Han, r) }) {
		return "\uff1a"
	}
	return ": "
}
