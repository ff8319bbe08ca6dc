package sheet

import (
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"duban/rules"
	"duban/rules/pinyin"
	"duban/rules/problem"
	"duban/rules/words"
)

// newEvent adds an event that nobody knew.
func (r *reading) newEvent(name string) (string, bool) {
	if rules.CheckID(name) == nil {
		return name, false // an id, of an event without a name
	}
	id := pinyin.ID(name, "event", func(id string) bool { return r.event(id) != "" })
	e := &rules.Entry{Kind: rules.EventEntry}
	e.Set("id", rules.Value{Text: id})
	e.Set("name", rules.Value{Text: clip(name, mostTitle)})
	r.events = append(r.events, e)
	return id, true
}

// What a rule takes of a text; the rest of a longer one is in its note.
const (
	mostTitle = 200
	mostNote  = 2000
	goodTitle = 80 // beyond that the first sentence has to do
)

// line is one row under way.
type line struct {
	r      *reading
	row    Row
	result *Result
	note   []string
}

func (l *line) trouble(t Trouble, key string, args ...any) {
	t.Error = &problem.Error{Code: problem.Invalid, Field: string(t.Column), Key: key, Args: args}
	l.result.Problems = append(l.result.Problems, t)
}

// row makes the obligations of one row.
func (r *reading) row(row Row) {
	r.draft.Rows = append(r.draft.Rows, Result{Row: row.Number, Ref: clip(row.Cells[Ref], mostTitle)})
	l := &line{r: r, row: row, result: &r.draft.Rows[len(r.draft.Rows)-1]}
	if row.Cells[Units] == "" {
		l.fromText()
	}
	title := l.title()
	l.result.Title = title
	resolved := l.resolved(title)
	base := l.base(title)
	lead, partners := l.people()
	base.Set("units", rules.Value{List: texts(lead...), At: base.At})
	if len(partners) > 0 {
		base.Set("partners", rules.Value{List: texts(partners...)})
	}
	all := l.deadlines()
	l.resolve(resolved, all)
	if l.sameUnits(all) {
		base.Drop("units")
	}
	l.keys(base)
	for i, f := range all {
		e := base.Clone()
		if len(all) > 1 {
			e.Set("title", rules.Value{Text: suffixed(title, f.Phrase)})
		}
		l.write(e, f, i, len(all))
	}
}

// suffixed is a title with a word that tells it from the others of its row.
func suffixed(title, word string) string {
	word = "（" + clip(word, 30) + "）"
	return clip(title, mostTitle-utf8.RuneCountInString(word)) + word
}

// clip is as much of a text as there is room for.
func clip(s string, most int) string {
	if utf8.RuneCountInString(s) <= most {
		return s
	}
	return string([]rune(s)[:most-1]) + "…"
}

// title is what is owed, in a line: the task, with the row's own requirement after
// it where the task holds for several rows.
func (l *line) title() string {
	c := l.row.Cells
	if l.row.Resolved || c[ID] != "" && c[Title] != "" { // everything is in its place
		l.remark(c[Note], c[Remark])
		return c[Title]
	}
	task, title, note := oneLine(c[Task]), oneLine(c[Title]), c[Note]
	own := title
	switch {
	case title == "" && note == "":
		own, task = task, ""
	case title == "":
		own = firstSentence(note)
	case l.row.Shared && note != "" && task == "":
		task, own = title, firstSentence(note)
	}
	if task != "" && task != own && l.row.Shared {
		own = task + "：" + own
	} else if task != "" && task != own {
		l.note = append(l.note, task)
	}
	if short := firstSentence(own); utf8.RuneCountInString(own) > mostTitle && short != "" {
		l.note = append(l.note, own)
		own = short
	}
	if utf8.RuneCountInString(own) > mostTitle {
		l.note = append(l.note, own)
	}
	if note != "" && !strings.Contains(own, strings.TrimRight(oneLine(note), "。.；;")) {
		l.note = append(l.note, note)
	}
	l.remark("", c[Remark])
	return clip(strings.TrimRight(own, "。；;"), mostTitle)
}

// remark adds to the note what is there.
func (l *line) remark(note, remark string) {
	if note != "" {
		l.note = append(l.note, note)
	}
	if remark != "" {
		l.note = append(l.note, "备注："+remark)
	}
}

// firstSentence is the beginning of a requirement, as far as a title has room.
func firstSentence(s string) string {
	s = oneLine(s)
	end := len(s)
	if i := strings.IndexAny(s, "。；;"); i > 0 {
		end = i
	}
	s = s[:end]
	if utf8.RuneCountInString(s) <= goodTitle {
		return s
	}
	head := string([]rune(s)[:goodTitle])
	if i := strings.LastIndexAny(head, ",，、"); i > len(head)/3 {
		head = head[:i]
	}
	return head + "…"
}

// base is what all obligations of the row have alike.
func (l *line) base(title string) *rules.Entry {
	e := &rules.Entry{Kind: rules.ObligationEntry, At: problem.Pos{File: "table", Line: l.row.Number, Col: 1}}
	if ref := clip(oneLine(l.row.Cells[Ref]), mostTitle); ref != "" {
		e.Set("ref", rules.Value{Text: ref})
	}
	e.Set("title", rules.Value{Text: title, At: e.At})
	if en := oneLine(l.row.Cells[TitleEn]); en != "" {
		e.Set("title_en", rules.Value{Text: clip(en, mostTitle)})
	}
	return e
}

// sameUnitsWord stands for the units of what comes before in a chain.
const sameUnitsWord = "（同上一环节）"

// sameUnits tells whether the row's units are those of what it comes after.
func (l *line) sameUnits(all []found) bool {
	return plain(l.row.Cells[Units]) == plain(sameUnitsWord) && len(all) == 1 && all[0].Kind == words.After
}

// people reads who owes it, and who is kept informed.
func (l *line) people() (lead, partners []string) {
	c := l.row.Cells
	if plain(c[Units]) == plain(sameUnitsWord) {
		return nil, l.refs(l.r.dir.people(c[Partners]).Lead, Partners)
	}
	p := l.r.dir.people(c[Units])
	lead = l.refs(p.Lead, Units)
	with := l.r.dir.people(c[Partners])
	partners = l.refs(append(append(p.Partners, with.Lead...), with.Partners...), Partners)
	if c[ID] == "" {
		partners = slices.DeleteFunc(partners, func(s string) bool { return slices.Contains(lead, s) })
	}
	for _, off := range append(p.Taken, with.Taken...) {
		l.trouble(Trouble{Column: Units}, "%q was taken off the units", off)
	}
	if p.Open || with.Open {
		l.trouble(Trouble{Column: Units}, "等 says that the list of units is not complete: add those that are meant")
	}
	if p.Comma && len(p.Lead) > 1 {
		l.trouble(Trouble{Column: Units}, "the units after the first comma may be partners: they were taken for units that owe it")
	}
	if len(lead) == 0 {
		l.trouble(Trouble{Column: Units, Hinders: true}, "says not who owes it")
		if boss := l.r.supervisor(); boss != "" { // so that the row stands in the draft
			lead = []string{boss}
		}
	}
	l.result.Units, l.result.Partners = lead, partners
	return lead, partners
}

// refs are names as rules have them; unknown ones become new units.
func (l *line) refs(names []named, column Column) (out []string) {
	for _, n := range names {
		ref := n.Ref
		if ref == "" {
			ref = l.newUnit(n, column)
		}
		if !slices.Contains(out, ref) {
			out = append(out, ref)
		}
	}
	return out
}

// newUnit is the id of a unit that nobody knows.
func (l *line) newUnit(n named, column Column) string {
	r := l.r
	name := clip(n.Name, mostTitle)
	if !slices.Contains(l.result.NewUnits, name) {
		l.result.NewUnits = append(l.result.NewUnits, name)
	}
	i := slices.IndexFunc(r.draft.NewUnits, func(u Newcomer) bool { return u.Name == name })
	if i < 0 {
		given := r.opt.NewUnits[name]
		given.ID = l.freeUnitID(given.ID, name)
		i = len(r.draft.NewUnits)
		u := Newcomer{NewUnit: given, Name: name}
		if !given.Meant {
			u.Near = r.dir.near(name)
		}
		r.draft.NewUnits = append(r.draft.NewUnits, u)
	}
	u := &r.draft.NewUnits[i]
	if !slices.Contains(u.Rows, l.row.Number) {
		u.Rows = append(u.Rows, l.row.Number)
		l.tellNew(*u, n, column)
	}
	return u.ID
}

// tellNew says of a row what its new unit wants.
func (l *line) tellNew(u Newcomer, n named, column Column) {
	t := Trouble{Column: column, New: true, Hinders: u.Mail == "" || len(u.Near) > 0}
	switch {
	case len(u.Near) > 0:
		l.trouble(t, "no unit is called %q (did you mean %q?): until that is settled it is a new unit", u.Name, u.Near[0])
	case likeGroup(u.Name):
		l.trouble(t, "%q is several units: make a group of that name, or write the units; until then it is a new unit without an address", u.Name)
	case n.Asked:
		l.trouble(t, "%q stands on lines of its own: is it one name? It is a new unit without an address", u.Name)
	case u.Mail == "":
		l.trouble(t, "%q is a new unit: before the plan is published it needs an address", u.Name)
	}
}

func (l *line) freeUnitID(id, name string) string {
	taken := func(id string) bool {
		return l.r.known != nil && l.r.known.Unit(id) != nil || slices.ContainsFunc(l.r.draft.NewUnits, func(u Newcomer) bool { return u.ID == id })
	}
	if id != "" && rules.CheckID(id) == nil && !taken(id) {
		return id
	}
	return pinyin.ID(name, "unit", taken)
}

// deadlines are the row's: out of its cell, else out of its own words, else the
// one of every row, else the rhythm that is assumed.
func (l *line) deadlines() []found {
	c := l.r.words
	cell := l.row.Cells[Deadline]
	l.result.Deadline = oneLine(cell)
	var refusal *words.Refusal
	if cell != "" {
		all, why := deadlines(cell, c)
		if why == nil {
			l.result.Understood = true
			return all
		}
		refusal = why
	}
	if cell == "" {
		text := strings.Join([]string{l.row.Cells[Title], l.row.Cells[Note]}, "\n")
		all, doubt := rhythms(text, c)
		if len(all) > 0 {
			l.result.Understood = true
			var said []string
			for _, f := range all {
				said = append(said, f.Phrase)
			}
			l.result.Deadline = strings.Join(said, "；")
			return all
		}
		refusal = doubt
		if doubt == nil && l.r.opt.Deadline != "" {
			m, _ := words.Parse(l.r.opt.Deadline, c) // which was tried
			l.result.Understood, l.result.Deadline = true, l.r.opt.Deadline
			return []found{{l.r.opt.Deadline, m}}
		}
	}
	return []found{l.assumed(cell, refusal)}
}

// assumed is the rhythm of a row whose own is not understood.
func (l *line) assumed(cell string, refusal *words.Refusal) found {
	assume := l.r.opt.Assume
	if own := l.row.Cells[Assume]; own != "" {
		if _, err := words.Parse(own, l.r.words); err == nil {
			assume = own
		}
	}
	m, _ := words.Parse(assume, l.r.words) // which was tried
	switch {
	case refusal == nil:
		l.trouble(Trouble{Column: Deadline, Assumed: true}, "says no deadline: %s is assumed", assume)
	case refusal.TwoWays:
		for _, r := range refusal.Readings {
			l.result.Readings = append(l.result.Readings, words.Say(r, "zh-CN", l.r.words))
		}
		l.trouble(Trouble{Column: Deadline, Hinders: true, Assumed: true}, "%w: %s; until then %s is assumed", refusal.Text, strings.Join(l.result.Readings, " / "), assume)
	default:
		l.trouble(Trouble{Column: Deadline, Assumed: true, Hinders: !refusal.NoDay}, "%w; %s is assumed", refusal.Text, assume)
	}
	if cell != "" {
		l.note = append(l.note, "原文时限："+cell)
	}
	return found{assume, m}
}

// write puts one obligation of the row into the draft.
func (l *line) write(e *rules.Entry, f found, i, of int) {
	if f.Kind == words.Event {
		id, isNew := l.r.useEvent(f.Value)
		if isNew {
			l.trouble(Trouble{Column: Deadline, New: true}, "%q is a new event: the clock starts when it is recorded", f.Value)
		}
		f.Value = id
	}
	note := l.note
	deadline := words.Say(f.Rule, "zh-CN", l.r.words)
	if f.Starts != 0 {
		deadline = f.Phrase // which says more than its rule
	}
	if f.Hour != "" {
		l.trouble(Trouble{Column: Deadline}, "%s is not counted: it is due at close of business, and the note says the hour", f.Hour)
		note = append(slices.Clone(note), "原文时限："+f.Phrase)
	}
	e.Set("deadline", rules.Value{Text: deadline, At: e.At})
	if _, given := e.Get("basis"); !given {
		basis := rules.Assumed
		if l.result.Understood {
			basis = rules.InText
		}
		e.Set("basis", rules.Value{Text: string(basis)})
	}
	if len(note) > 0 {
		text := strings.Join(note, "\n")
		if utf8.RuneCountInString(text) > mostNote {
			l.trouble(Trouble{Column: Note}, "the note holds the first %d of %d characters; the table has the rest", mostNote, utf8.RuneCountInString(text))
		}
		e.Set("note", rules.Value{Text: clip(text, mostNote)})
	}
	id := l.id(i, of)
	e.Set("id", rules.Value{Text: id, At: e.At})
	l.result.Rules = append(l.result.Rules, id)
	l.r.draft.Obligations = append(l.r.draft.Obligations, Written{e, l.comments(), l.row.Section})
}

// comments say where an obligation comes from, and what of its row it has no key
// for.
func (l *line) comments() []string {
	where := "表格第" + strconv.Itoa(l.row.Number) + "行"
	if said := oneLine(l.row.Cells[Deadline]); said != "" {
		where += "：" + said
	}
	return append([]string{where}, l.row.Other...)
}

// id is that of one of so many obligations of a row.
func (l *line) id(i, of int) string {
	base := plain(l.row.Cells[ID])
	if rules.CheckID(base) != nil {
		if base != "" {
			l.trouble(Trouble{Column: ID}, "%q is no id: small letters, digits, \".\" and \"-\" are; it has got another", problem.Clip(base))
		}
		base = idOf(l.row.Cells[Ref])
	}
	if base == "" {
		base = "r" + strconv.Itoa(l.row.Number)
	}
	if of > 1 {
		base = clipID(base) + "-" + suffix(i)
	}
	id := base
	for n := 2; l.r.taken[id]; n++ {
		id = clipID(base) + "-" + strconv.Itoa(n)
	}
	if id != base && l.row.Cells[ID] != "" && of == 1 {
		l.trouble(Trouble{Column: ID}, "%q is already the id of another row: this one is %q", problem.Clip(base), id)
	}
	l.r.taken[id] = true
	return id
}

// suffix is a, b … z, then numbers.
func suffix(i int) string {
	if i < 26 {
		return string(rune('a' + i))
	}
	return strconv.Itoa(i + 1)
}

func clipID(s string) string {
	return strings.TrimRight(s[:min(len(s), 56)], ".-")
}

// idOf makes an id of a ref: 1.3 stays so, 甲（三） becomes jia-san.
func idOf(ref string) string {
	ref = strings.Trim(plain(ref), ".-、,()")
	if rules.CheckID(ref) == nil {
		return clipID(ref)
	}
	return clipID(pinyin.ID(ref, "", func(string) bool { return false }))
}
