package sheet

import (
	"errors"
	"regexp"
	"strings"

	"duban/rules/words"
)

// several stands between the deadlines of one cell.
var several = regexp.MustCompile(`[;\n]`)

// deadlines reads a cell of deadlines: one, or one a line, or a list of dates. The
// refusal is of the whole.
func deadlines(cell string, c words.Context) ([]found, *words.Refusal) {
	whole := oneLine(cell)
	m, err := words.Parse(whole, c)
	if err == nil {
		return []found{{whole, m}}, nil
	}
	var refusal *words.Refusal
	errors.As(err, &refusal) // all that it returns are
	var out []found
	if parts := several.Split(width(cell), -1); len(parts) > 1 {
		for _, part := range parts {
			if part = strings.TrimSpace(part); part == "" {
				continue
			}
			m, err := words.Parse(part, c)
			if err != nil {
				return nil, refusal
			}
			out = append(out, found{part, m})
		}
		return out, nil
	}
	if refusal.Several && len(refusal.Readings) > 1 {
		for _, r := range refusal.Readings {
			out = append(out, found{words.Say(r, "zh-CN", c), words.Meaning{Rule: r, Dated: true}})
		}
		return out, nil
	}
	return nil, refusal
}

// oneLine is a text of several lines as one. Lines of Chinese are broken anywhere.
func oneLine(s string) string {
	lines := linesOf(s)
	var b strings.Builder
	for i, l := range lines {
		if i > 0 && !han(lastRune(lines[i-1])) && !han(firstRune(l)) {
			b.WriteByte(' ')
		}
		b.WriteString(l)
	}
	return b.String()
}

func firstRune(s string) rune {
	for _, r := range s {
		return r
	}
	return 0
}

func han(r rune) bool { return r >= 0x2E80 }
