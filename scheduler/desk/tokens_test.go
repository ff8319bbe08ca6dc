package desk

import (
	"context"
	"errors"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"duban/ledger"
)

func TestATokenIsKnownByItsForm(t *testing.T) {
	one := newToken()
	if !IsToken(one) || one == newToken() || !strings.HasPrefix(one, "duban_") {
		t.Fatalf("%q is no token", one)
	}
	rapid.Check(t, func(t *rapid.T) {
		at := rapid.IntRange(0, len(one)-1).Draw(t, "at")
		c := rapid.ByteRange('!', '~').Draw(t, "c")
		if changed := one[:at] + string(c) + one[at+1:]; changed != one && IsToken(changed) {
			t.Fatalf("%q is taken for a token", changed)
		}
	})
	for _, s := range []string{"", "duban_", one[:len(one)-1], one + "A", one[6:], strings.ToLower(one)} {
		if IsToken(s) {
			t.Errorf("%q is taken for a token", s)
		}
	}
}

// asked is a ledger that must not be asked.
type asked struct{ ledger.TokenReader }

func (asked) Token(context.Context, string) (*ledger.Token, error) { panic("the ledger is asked") }

func TestWhatIsNoTokenCostsNoQuestion(t *testing.T) {
	if _, err := TokenOf(t.Context(), asked{}, "duban_guess"); !errors.Is(err, ledger.ErrNotFound) {
		t.Error(err)
	}
}
