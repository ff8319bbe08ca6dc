package problem

import (
	"fmt"
	"unicode/utf8"

	"github.com/agnivade/levenshtein"
)

// DidYouMean is ` (did you mean "x"?)` for the candidate nearest to word, or
// nothing when none is near.
func DidYouMean(word string, candidates []string) string {
	best, distance := "", max(2, len(word)/3)+1
	for _, c := range candidates {
		if d := levenshtein.ComputeDistance(word, c); d < distance {
			best, distance = c, d
		}
	}
	if best == "" {
		return ""
	}
	return fmt.Sprintf(" (did you mean %q?)", best)
}

// mostRepeated is how many characters of what somebody wrote are repeated to him.
const mostRepeated = 40

// Clip is as much of a text as is repeated in what is said of it.
func Clip(s string) string {
	if utf8.RuneCountInString(s) <= mostRepeated {
		return s
	}
	return string([]rune(s)[:mostRepeated]) + "…"
}
