package sheet

import (
	"slices"
	"strings"
	"unicode/utf8"

	"duban/rules/problem"
)

// levels are the letters of the levels of government that names begin with, or not.
var levels = []string{"国家", "省", "市", "区", "县", "州", "镇"}

// officeEndings are what offices are, from the longest.
var officeEndings = []string{"委员会办公室", "委员会", "办公室", "管理局", "局", "委", "办", "厅", "部", "院", "中心", "处", "科", "室", "站", "所"}

// core is a name without its level and without what kind of office it is.
func core(name string) string {
	s := withoutBrackets(plain(name))
	for _, l := range levels {
		if rest, ok := strings.CutPrefix(s, l); ok && utf8.RuneCountInString(rest) > 2 {
			s = rest
			break
		}
	}
	for _, e := range officeEndings {
		if rest, ok := strings.CutSuffix(s, e); ok && utf8.RuneCountInString(rest) >= 2 {
			return rest
		}
	}
	return s
}

// within tells whether the letters of a short name stand in the long one, in
// order, the first of all first: 发改 in 发展改革.
func within(short, long string) bool {
	s, l := []rune(short), []rune(long)
	if len(s) < 2 || len(s) >= len(l) || s[0] != l[0] {
		return false
	}
	i := 0
	for _, r := range l {
		if i < len(s) && r == s[i] {
			i++
		}
	}
	return i == len(s)
}

// byLetters is the score of a name of which some letters differ.
const byLetters = 20

// mostNear is how many names are proposed.
const mostNear = 3

// near are the names of units that may be meant by one that nobody has: the same
// but for its level, an abbreviation, or nearly written so.
func (d *directory) near(name string) []string {
	type found struct {
		name  string
		score int
	}
	var all []found
	mine := core(name)
	group := likeGroup(name)
	for _, k := range d.names {
		if isGroup := strings.HasPrefix(k.ref, "@"); isGroup != group || strings.HasPrefix(k.name, "@") || utf8.RuneCountInString(k.name) < 2 {
			continue
		}
		theirs := core(k.name)
		switch {
		case theirs == mine:
			all = append(all, found{d.called(k.ref), 0})
		case within(mine, theirs):
			all = append(all, found{d.called(k.ref), 1 + utf8.RuneCountInString(theirs) - utf8.RuneCountInString(mine)})
		case within(theirs, mine):
			all = append(all, found{d.called(k.ref), 10})
		default:
			if n := problem.Distance(plain(name), plain(k.name)); n <= max(1, utf8.RuneCountInString(name)/4) && (utf8.RuneCountInString(name) > 3 || group) {
				all = append(all, found{d.called(k.ref), byLetters + n})
			}
		}
	}
	slices.SortStableFunc(all, func(a, b found) int { return a.score - b.score })
	var out []string
	for _, f := range all {
		if f.score >= byLetters && all[0].score < byLetters {
			break // some letters alike are no hint beside an abbreviation
		}
		if !slices.Contains(out, f.name) && len(out) < mostNear {
			out = append(out, f.name)
		}
	}
	return out
}

// called is the first name that a unit or group is known by.
func (d *directory) called(ref string) string {
	for _, k := range d.names {
		if k.ref == ref {
			return k.name
		}
	}
	return ref
}
