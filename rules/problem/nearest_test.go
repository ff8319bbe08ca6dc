package problem

import (
	"testing"

	"pgregory.net/rapid"
)

// apart is the definition: the fewest steps of one character.
func apart(a, b []rune) int {
	switch {
	case len(a) == 0:
		return len(b)
	case len(b) == 0:
		return len(a)
	case a[0] == b[0]:
		return apart(a[1:], b[1:])
	}
	return 1 + min(apart(a[1:], b), apart(a, b[1:]), apart(a[1:], b[1:]))
}

func TestHowFarTwoWordsAreApart(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		few := rapid.StringOfN(rapid.RuneFrom([]rune("ab局市")), 0, 6, -1)
		a, b := few.Draw(t, "a"), few.Draw(t, "b")
		if got, want := Distance(a, b), apart([]rune(a), []rune(b)); got != want {
			t.Fatalf("%q and %q are %d apart, want %d", a, b, got, want)
		}
	})
}

func TestTheNearestNameIsProposed(t *testing.T) {
	names := []string{"czj", "zfb", "month", "市财政局"}
	for word, want := range map[string]string{
		"czjj": "czj", "cz": "czj", "monht": "month", "市财正局": "市财政局", "fortnight": "", "": "", "abcdef": "",
	} {
		said := ""
		if want != "" {
			said = " (did you mean \"" + want + "\"?)"
		}
		if got := DidYouMean(word, names).Error(); got != said {
			t.Errorf("%q: %q, want %q", word, got, said)
		}
	}
}
