package sheet

import (
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"duban/rules"
)

// named is one name out of a cell.
type named struct {
	Name  string // as the table has it, without breaks and endings
	Ref   string // the unit's id, or "@" and the group's; empty: nobody is known by it
	Asked bool   // whether lines are one name or two nobody knows
}

// people are the names out of a cell of units.
type people struct {
	Lead, Partners []named
	Open           bool     // 等: the list is not complete
	Taken          []string // what was taken off: 按职责分工负责
	Comma          bool     // the first comma may stand between the lead and the others
}

// directory knows units and groups by their names.
type directory struct {
	refs  map[string]string // by the plain form of a name
	ids   map[string]string // by an id, or "@" and a group's
	names []knownName
}

type knownName struct{ name, ref string }

func newDirectory(set *rules.Set) *directory {
	d := &directory{refs: map[string]string{}, ids: map[string]string{}}
	if set == nil {
		return d
	}
	var weak []knownName // names that come after those which people chose
	for _, g := range set.Groups {
		d.ids["@"+g.ID] = "@" + g.ID
		d.add(g.Name, "@"+g.ID)
		d.add("@"+g.ID, "@"+g.ID)
	}
	for _, u := range set.Units {
		d.ids[u.ID] = u.ID
		for _, name := range append([]string{u.Name, u.NameEn, u.ID}, u.Alias...) {
			d.add(name, u.ID)
		}
		if short := withoutBrackets(plain(u.Name)); short != plain(u.Name) {
			weak = append(weak, knownName{short, u.ID})
		}
	}
	for _, w := range weak {
		d.add(w.name, w.ref)
	}
	return d
}

func (d *directory) add(name, ref string) {
	p := plain(name)
	if p == "" {
		return
	}
	if _, taken := d.refs[p]; !taken {
		d.refs[p] = ref
		d.names = append(d.names, knownName{name, ref})
	}
}

func (d *directory) find(name string) string {
	p := plain(name)
	if id, ok := strings.CutPrefix(p, "「"); ok && strings.HasSuffix(id, "」") {
		return d.ids[strings.TrimSuffix(id, "」")]
	}
	if ref := d.refs[p]; ref != "" {
		return ref
	}
	if short := withoutBrackets(p); short != p && short != "" && !strings.Contains(short, "各") {
		return d.refs[short] // 市政府办公室（市政府督查室）
	}
	return ""
}

var (
	dutiesForm   = regexp.MustCompile(`[,;、(]?(?:按照?|根据|依)(?:各自|部门|有关)?职责(?:分工)?(?:分别|共同|各自)?(?:负责)?\)?|[,;、]?(?:分别|共同|各自)(?:牵头)?负责|\([^()]*(?:列第一位|排第一位|下同)[^()]*\)`)
	labelForm    = regexp.MustCompile(`(牵头(?:责任|负责|落实)?(?:单位|部门)|(?:责任|负责|主办|承办)(?:单位|部门)|(?:协同|配合|协办|参与|协助)(?:责任)?(?:单位|部门)):`)
	endingForm   = regexp.MustCompile(`(?:等有关|等相关|等)(?:各)?(?:部门|单位|部门和单位|单位和部门)?$`)
	roleForm     = regexp.MustCompile(`^(?:由)?(.+?)(?:牵头负责|负责牵头|牵头组织|牵头|主办)(?:[,;。、\n]|会同|,?由)*(.*?)(?:共同)?(?:配合做好|配合|协助|协办|参与|参加)?[。.;]*$`)
	withForm     = regexp.MustCompile(`^(.+?)[,;\n](.+?)(?:配合做好|配合|协助|协办)[。.;]*$`)
	groupForm    = regexp.MustCompile(`各[县市区镇乡旗街道州]+(?:\([^()]*\))?(?:[、,/][市区县镇乡旗州街道办]{1,3}(?:\([^()]*\))?)+(?:人民)?(?:政府|街道办事处|办事处|党委|管委会)?`)
	nobodyForm   = regexp.MustCompile(`^(?:各)?(?:有关|相关)?$`)
	listAnd      = []string{"以及", "和", "及", "与"}
	unitEndings  = []string{"局", "委", "办", "厅", "部", "院", "会", "所", "站", "处", "室", "队", "社", "馆", "行", "团", "司", "中心", "政府", "公司", "指挥部", "委员会", "街道", "学校", "大学", "集团", "镇", "乡", "区", "县", "市", "单位", "部门", "法院", "检察院", "大队", "支队", "园", "港", "厂", "台", "网"}
	noUnitBefore = []string{"有关", "相关", "各"}
)

// likeUnit tells whether a name ends as those of offices do.
func likeUnit(s string) bool {
	s = withoutBrackets(plain(s))
	if strings.HasSuffix(s, "社会") || strings.HasSuffix(s, "城市") || strings.HasSuffix(s, "机关") {
		return false // the beginning of a name that is broken there
	}
	return utf8.RuneCountInString(s) >= 2 && slices.ContainsFunc(unitEndings, func(e string) bool { return strings.HasSuffix(s, e) })
}

// likeGroup tells whether a name is of several units.
func likeGroup(s string) bool {
	p := plain(s)
	return strings.Contains(p, "各") || strings.Contains(p, "有关单位") || strings.Contains(p, "有关部门") || strings.Contains(p, "成员单位") || strings.Contains(p, "相关单位")
}

// width is a text with narrow marks, each in place of its wide one.
func width(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= 0xFF01 && r <= 0xFF5E:
			return r - 0xFEE0
		case r == '\u3000' || r == '\t':
			return ' '
		case r == '<' || r == '〈' || r == '〔' || r == '【':
			return '('
		case r == '>' || r == '〉' || r == '〕' || r == '】':
			return ')'
		}
		return r
	}, s)
}

// people reads the units of a cell; asPartners: of a column of partners.
func (d *directory) people(cell string) people {
	var p people
	text := strings.TrimRight(strings.TrimSpace(width(cell)), "。.;,、")
	if text == "" {
		return p
	}
	if ref := d.find(text); ref != "" {
		p.Lead = []named{{Name: joined(text), Ref: ref}}
		return p
	}
	for _, off := range dutiesForm.FindAllString(text, -1) {
		p.Taken = append(p.Taken, strings.Trim(off, ",;、()"))
	}
	text = strings.TrimSpace(dutiesForm.ReplaceAllString(text, ""))
	if d.labelled(text, &p) {
		return p
	}
	if g := roleForm.FindStringSubmatch(text); g != nil {
		p.Lead, p.Partners = d.list(g[1], &p), d.list(g[2], &p)
		return p
	}
	if g := withForm.FindStringSubmatch(text); g != nil {
		p.Lead, p.Partners = d.list(g[1], &p), d.list(g[2], &p)
		return p
	}
	if first, rest, ok := strings.Cut(text, ","); ok && !strings.ContainsAny(first, "、;\n") && !strings.Contains(rest, ",") && strings.Contains(rest, "、") {
		p.Comma = true
	}
	p.Lead = d.list(text, &p)
	return p
}

// labelled reads 牵头单位：A；责任单位：B、C.
func (d *directory) labelled(text string, p *people) bool {
	at := labelForm.FindAllStringSubmatchIndex(text, -1)
	if at == nil || at[0][0] > 0 {
		return false
	}
	lead := strings.Contains(text, "牵头")
	for i, g := range at {
		end := len(text)
		if i+1 < len(at) {
			end = at[i+1][0]
		}
		names := d.list(strings.Trim(text[g[1]:end], " \n;。,"), p)
		label := text[g[2]:g[3]]
		if strings.Contains(label, "牵头") || !lead && !strings.ContainsAny(label, "协配参") {
			p.Lead = append(p.Lead, names...)
		} else {
			p.Partners = append(p.Partners, names...)
		}
	}
	return true
}

// list reads names that signs, line ends and words stand between.
func (d *directory) list(text string, p *people) (out []named) {
	pieces := hardPieces(text)
	for i := 0; i < len(pieces); {
		n, ref := d.longest(pieces[i:])
		if ref != "" {
			out = add(out, named{Name: joined(strings.Join(pieces[i:i+n], "、")), Ref: ref})
			i += n
			continue
		}
		for _, one := range d.soft(pieces[i]) {
			if off := endingForm.FindString(one.Name); off != "" && one.Ref == "" {
				p.Open = true
				one.Name = strings.TrimSuffix(one.Name, off)
				one.Ref = d.find(one.Name)
			}
			if !nobodyForm.MatchString(one.Name) {
				out = add(out, one)
			}
		}
		i++
	}
	return out
}

// add adds a name that is not there yet.
func add(all []named, one named) []named {
	if slices.ContainsFunc(all, func(o named) bool { return o.Ref != "" && o.Ref == one.Ref || o.Name == one.Name }) {
		return all
	}
	return append(all, one)
}

// held stands for a sign within a name that separates nothing.
const heldSign = '\ue000'

// hardPieces are what stands between signs, none of them within brackets or
// within 各县、市、区政府.
func hardPieces(text string) (out []string) {
	text = groupForm.ReplaceAllStringFunc(text, func(s string) string { return strings.ReplaceAll(s, "、", string(heldSign)) })
	depth, start := 0, 0
	cut := func(end int) {
		if s := strings.Trim(text[start:end], " \n。."); s != "" {
			out = append(out, strings.ReplaceAll(s, string(heldSign), "、"))
		}
	}
	for i, r := range text {
		switch {
		case r == '(':
			depth++
		case r == ')':
			depth = max(0, depth-1)
		case depth == 0 && strings.ContainsRune("、,;/|", r):
			cut(i)
			start = i + utf8.RuneLen(r)
		}
	}
	cut(len(text))
	return out
}

// mostJoined is how many pieces a name that holds signs may have been cut into.
const mostJoined = 5

// longest is how many of the first pieces are one known name together.
func (d *directory) longest(pieces []string) (int, string) {
	for n := min(mostJoined, len(pieces)); n > 0; n-- {
		for _, sign := range []string{"、", ",", "", ";", "/"} {
			if ref := d.find(strings.Join(pieces[:n], sign)); ref != "" {
				return n, ref
			}
		}
	}
	return 0, ""
}

// joined is a name without the breaks of its lines.
func joined(s string) string {
	s = strings.ReplaceAll(s, "\n", "")
	if strings.IndexFunc(s, func(r rune) bool { return r >= 0x2E80 }) >= 0 {
		s = strings.ReplaceAll(s, " ", "")
	}
	return strings.TrimSpace(s)
}

// soft reads a piece that holds no sign: lines, words between names, spaces.
func (d *directory) soft(piece string) []named {
	if lines := linesOf(piece); len(lines) > 1 {
		return d.lines(lines)
	}
	return d.words(piece)
}

// lines tells the lines of one name from names: by those that are known, else by
// how they end.
func (d *directory) lines(lines []string) []named {
	type way struct {
		cost int
		from int
	}
	best := make([]way, len(lines)+1) // to read the first so many lines
	for end := 1; end <= len(lines); end++ {
		best[end].cost = 1 << 30
		for from := max(0, end-4); from < end; from++ {
			if cost := best[from].cost + d.cost(lines[from:end]); cost < best[end].cost {
				best[end] = way{cost, from}
			}
		}
	}
	var out []named
	for end := len(lines); end > 0; end = best[end].from {
		part := lines[best[end].from:end]
		var names []named
		if len(part) == 1 {
			names = d.words(part[0])
		} else {
			name := joined(strings.Join(part, ""))
			names = []named{{Name: name, Ref: d.find(name)}}
		}
		for i := range names {
			names[i].Asked = names[i].Ref == "" && len(lines) > 1
		}
		out = append(names, out...)
	}
	return out
}

// cost is how unlikely it is that these lines are one name.
func (d *directory) cost(lines []string) int {
	name := joined(strings.Join(lines, ""))
	cost := 0
	switch {
	case d.find(name) != "":
		return 0
	case len(lines) == 1 && !strings.HasPrefix(lines[0], "(") && (likeUnit(name) || likeGroup(name) || d.knownAll(name)):
		return 10
	case !likeUnit(name):
		cost = 30
	default:
		cost = 12
	}
	for _, l := range lines[:len(lines)-1] {
		if likeUnit(l) {
			cost += 10
		}
	}
	if len(lines) == 1 {
		cost += 5
	}
	return cost
}

func (d *directory) knownAll(s string) bool {
	return !slices.ContainsFunc(d.words(s), func(n named) bool { return n.Ref == "" })
}

// words reads one line: names with 和 or spaces between. 和 stands within names
// too: 市教育和体育局.
func (d *directory) words(s string) []named {
	name := joined(s)
	if ref := d.find(name); ref != "" {
		return []named{{Name: name, Ref: ref}}
	}
	if parts := strings.Fields(s); len(parts) > 1 {
		all := true
		for _, p := range parts {
			all = all && utf8.RuneCountInString(p) > 2 && (d.find(p) != "" || likeUnit(p))
		}
		if all {
			var out []named
			for _, p := range parts {
				out = append(out, d.words(p)...)
			}
			return out
		}
	}
	for _, and := range listAnd {
		for at := 0; ; {
			i := strings.Index(name[at:], and)
			if i < 0 {
				break
			}
			left, right := name[:at+i], name[at+i+len(and):]
			if d.stands(left) && d.stands(right) && !slices.Contains(noUnitBefore, left) {
				return append(d.words(left), d.words(right)...)
			}
			at += i + len(and)
		}
	}
	return []named{{Name: name}}
}

// stands tells whether a name can stand by itself.
func (d *directory) stands(s string) bool {
	return s != "" && (d.find(s) != "" || likeUnit(s) && utf8.RuneCountInString(s) > 2)
}
