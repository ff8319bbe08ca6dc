package sheet

import (
	"regexp"
	"strings"

	"duban/rules/words"
)

var (
	// The units of an item stand in a bracket at its end, or in lines below it.
	bracketForm = regexp.MustCompile(`[(\x{FF08}]((?:牵头|责任|负责|主办|承办|配合)(?:责任|负责)?(?:单位|部门)[:\x{FF1A}][^()\x{FF08}\x{FF09}]*(?:[(\x{FF08}][^()\x{FF08}\x{FF09}]*[)\x{FF09}][^()\x{FF08}\x{FF09}]*)*)[)\x{FF09}][。.]?\s*$`)
	belowForm   = regexp.MustCompile(`(?s)[\n。.]\s*((?:牵头|责任|负责|主办|承办)(?:责任|负责)?(?:单位|部门)[:\x{FF1A}].*)$`)
	leaderForm  = regexp.MustCompile(`(?m)^\s*(?:牵头|分管)?(?:负责)?(?:领导|责任人|联系人)[:\x{FF1A}].*$\n?`)
)

// fromText takes units, and the deadline in the last clause beside them, out of a
// row's own text: （牵头单位：A；责任单位：B、C，6月底完成）.
func (l *line) fromText() {
	c := l.row.Cells
	for _, column := range []Column{Note, Title} {
		text := leaderForm.ReplaceAllString(c[column], "")
		g := bracketForm.FindStringSubmatchIndex(text)
		if g == nil {
			g = belowForm.FindStringSubmatchIndex(text)
		}
		if g == nil || strings.TrimSpace(text[:g[0]]) == "" {
			continue
		}
		said := width(text[g[2]:g[3]])
		if i := strings.LastIndexAny(said, ",;"); i > 0 && c[Deadline] == "" {
			if _, err := words.Parse(said[i+1:], l.r.words); err == nil {
				c[Deadline], said = said[i+1:], said[:i]
			}
		}
		c[Units], c[column] = said, strings.TrimRight(text[:g[0]], " \n")
		return
	}
}
