package catalogue

import (
	"regexp"
	"testing"
)

// halfWidth is a mark as Latin text has it right after a Chinese character.
var halfWidth = regexp.MustCompile(`[\x{3400}-\x{9fff}\x{201d}\x{300d}\x{300b}\x{ff09}][,:;(!?]`)

// Chinese is set with its own marks: what looks like them can become ASCII on its way
// into a file.
func TestChineseHasItsOwnMarks(t *testing.T) {
	seen := 0
	for key, text := range In(Chinese).texts {
		if seen++; halfWidth.MatchString(text) {
			t.Errorf("%q: %q", key, text)
		}
	}
	if seen < 1000 {
		t.Errorf("only %d texts were looked at", seen)
	}
}
