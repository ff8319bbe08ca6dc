package sheet

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Renamed is a cell of units in which one of them is called otherwise: only where
// the name stands by itself, not within a longer one.
func Renamed(cell, from, to string) string {
	if from == "" {
		return cell
	}
	var b strings.Builder
	for rest := cell; ; {
		i := strings.Index(rest, from)
		if i < 0 {
			b.WriteString(rest)
			return b.String()
		}
		before, _ := utf8.DecodeLastRuneInString(cell[:len(cell)-len(rest)+i])
		after, _ := utf8.DecodeRuneInString(rest[i+len(from):])
		b.WriteString(rest[:i])
		if endsName(before) && endsName(after) {
			b.WriteString(to)
		} else {
			b.WriteString(from)
		}
		rest = rest[i+len(from):]
	}
}

// endsName tells whether a name may end beside that character; none is there, too.
func endsName(r rune) bool {
	return r == utf8.RuneError || unicode.IsSpace(r) || unicode.IsPunct(r) || strings.ContainsRune("和及与牵配等", r)
}
