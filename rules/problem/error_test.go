package problem

import (
	"errors"
	"fmt"
	"io/fs"
	"testing"
)

func TestWhatACodeComesTo(t *testing.T) {
	inner := New(NotFound, "no unit %q", "x")
	for _, tc := range []struct {
		what         string
		err          error
		code         Code
		exit, status int
	}{
		{"what is wrong in itself", Errorf("is empty"), Invalid, 1, 422},
		{"a command line", New(Usage, "no command %q", "x"), Usage, 2, 400},
		{"what cannot be done as things stand", Refuse("to", "it is closed"), Conflict, 1, 409},
		{"nothing is there", inner, NotFound, 1, 404},
		{"one within another's words", fmt.Errorf("in a folder: %w", inner), NotFound, 1, 404},
		{"the outer one counts", New(Usage, "--unit: %w", inner), Usage, 2, 400},
		{"what others say", fs.ErrPermission, Internal, 1, 500},
	} {
		code := CodeOf(tc.err)
		if code != tc.code || code.Exit() != tc.exit || code.Status() != tc.status {
			t.Errorf("%s: %s, exit %d, status %d", tc.what, code, code.Exit(), code.Status())
		}
	}
	if !errors.Is(New(Usage, "--unit: %w", inner), inner) {
		t.Error("the inner error is lost")
	}
	for code, r := range results {
		if r.exit < 1 || r.status < 400 || r.status > 599 {
			t.Errorf("%s: exit %d, status %d", code, r.exit, r.status)
		}
	}
}

func TestWhatAnErrorSays(t *testing.T) {
	for want, err := range map[string]error{
		"100% done":                        Errorf("100% done"),
		`no unit "x" (did you mean "xy"?)`: Errorf("no unit %q%s", "x", DidYouMean("x", []string{"xy"})),
		`no unit "x"`:                      Errorf("no unit %q%s", "x", DidYouMean("x", nil)),
	} {
		if got := err.Error(); got != want {
			t.Errorf("says %q, want %q", got, want)
		}
	}
	p := Problem{Pos: Pos{"f.toml", 3, 7}, Said: &Error{Field: "units", Key: "is empty"}}
	if got, want := p.String(), "f.toml:3:7: units: is empty"; got != want {
		t.Errorf("says %q, want %q", got, want)
	}
}
