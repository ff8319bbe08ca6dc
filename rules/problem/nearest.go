package problem

import (
	"fmt"

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
