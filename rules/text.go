package rules

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"duban/rules/problem"
)

// maxLine is the most characters a title or name may have; what is longer does
// not fit a subject line and is a slip.
const maxLine = 200

// maxNote is the most characters of a note that mails carry along.
const maxNote = 2000

// maxIdentifier is the most characters of an id.
const maxIdentifier = 64

var identifierForm = regexp.MustCompile(`^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$`)

// CheckID refuses what cannot be an id: it goes into occurrence ids and
// the ledger.
func CheckID(id string) error {
	switch {
	case id == "":
		return problem.Errorf("is empty")
	case !identifierForm.MatchString(id) || len(id) > maxIdentifier:
		return problem.Errorf(`%q is no id: up to 64 small letters, digits, "." and "-", as in "1.3-budget"`, problem.Clip(id))
	}
	return nil
}

// hidden tells the characters that break lines or hide what a text says:
// control characters and marks that change the direction of reading.
func hidden(r rune) bool {
	return unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) || r == '\u2028' || r == '\u2029' || r == utf8.RuneError
}

// CheckLine refuses a text that would not stand on one line of a mail as it
// reads: line breaks, control and bidirectional characters, over 200 characters.
func CheckLine(s string) error {
	if i := strings.IndexFunc(s, hidden); i >= 0 {
		r, _ := utf8.DecodeRuneInString(s[i:])
		return problem.Errorf("has the character %U, which breaks or disguises a line: take it out", r)
	}
	if n := utf8.RuneCountInString(s); n > maxLine {
		return problem.Errorf("has %d characters; %d are the most", n, maxLine)
	}
	return nil
}

// CheckNote refuses a note that would not read in a mail as it was written;
// line breaks and tabs are fine.
func CheckNote(s string) error {
	if i := strings.IndexFunc(s, func(r rune) bool { return hidden(r) && r != '\n' && r != '\t' }); i >= 0 {
		r, _ := utf8.DecodeRuneInString(s[i:])
		return problem.Errorf("has the character %U, which disguises the text: take it out", r)
	}
	if n := utf8.RuneCountInString(s); n > maxNote {
		return problem.Errorf("has %d characters; %d are the most", n, maxNote)
	}
	return nil
}
