package problem

import (
	"strings"
	"testing"
)

func TestAsMuchIsRepeatedAsThereIsRoomFor(t *testing.T) {
	for n, want := range map[int]int{0: 0, 1: 1, mostRepeated - 1: mostRepeated - 1, mostRepeated: mostRepeated, mostRepeated + 1: mostRepeated + 1} {
		if got := []rune(Clip(strings.Repeat("字", n))); len(got) != want || n <= mostRepeated && strings.HasSuffix(string(got), "…") {
			t.Errorf("of %d characters %d are repeated", n, len(got))
		}
	}
}
