package problem

import (
	"cmp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// DidYouMean is ` (did you mean "x"?)` for the candidate nearest to word, among the
// arguments of an error; when none is near it says nothing.
func DidYouMean(word string, candidates []string) *Error {
	best, most := "", max(2, len(word)/3)+1
	for _, c := range candidates {
		if d := Distance(word, c); d < most {
			best, most = c, d
		}
	}
	if best == "" {
		return &Error{}
	}
	return &Error{Key: " (did you mean %q?)", Args: []any{best}}
}

// Distance is the number of characters to put in, take out or change that makes
// one text of another (Levenshtein).
func Distance(a, b string) int {
	to := []rune(b)
	row := make([]int, len(to)+1) // from what of a was seen to each beginning of b
	for j := range row {
		row[j] = j
	}
	for i, r := range []rune(a) {
		corner := row[0]
		row[0] = i + 1
		for j := range to {
			change := corner
			if to[j] != r {
				change++
			}
			corner = row[j+1]
			row[j+1] = min(change, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(to)]
}

// mostRepeated is how many characters of what somebody wrote are repeated to him.
const mostRepeated = 40

// Clip is as much of a text as is repeated in what is said of it.
func Clip(s string) string {
	s = strings.Map(func(r rune) rune { // what moves the cursor is not repeated
		if unicode.IsControl(r) {
			return utf8.RuneError
		}
		return r
	}, s)
	if utf8.RuneCountInString(s) <= mostRepeated {
		return s
	}
	return string([]rune(s)[:mostRepeated]) + "…"
}

// Nearest are the candidates near to a word, the nearest first, at most so many:
// those that a slip of the hand makes of it, and those that hold it or are in it.
func Nearest(word string, candidates []string, most int) []string {
	type near struct {
		word string
		far  int
	}
	var found []near
	length := utf8.RuneCountInString(word)
	for _, c := range candidates {
		d := Distance(word, c)
		inside := length > 1 && utf8.RuneCountInString(c) > 1 && (strings.Contains(c, word) || strings.Contains(word, c))
		if d <= max(1, length/3) || inside {
			found = append(found, near{c, d})
		}
	}
	slices.SortFunc(found, func(a, b near) int { return cmp.Or(cmp.Compare(a.far, b.far), strings.Compare(a.word, b.word)) })
	var out []string
	for _, f := range found[:min(most, len(found))] {
		out = append(out, f.word)
	}
	return out
}
