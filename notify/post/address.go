package post

import (
	"net/url"
	"os"
	"slices"
	"strings"

	"duban/rules/problem"
)

// Address is where a channel or a webhook leads, with what signs what goes there. It
// is a secret as a whole: it has no form that shows it.
type Address struct {
	URL    string
	Secret string // signs; empty: nothing does
}

// Read reads an address from a file: the address on its first line, what signs on its
// second, if the service signs.
func Read(file string) (a Address, err error) {
	b, err := os.ReadFile(file)
	if err != nil {
		return a, err
	}
	lines := strings.FieldsFunc(string(b), func(r rune) bool { return r == '\n' || r == '\r' || r == '\ufeff' })
	lines = slices.DeleteFunc(lines, func(s string) bool { return strings.TrimSpace(s) == "" })
	if len(lines) == 0 {
		return a, problem.Errorf("%s is empty: its first line is the address", file)
	}
	if len(lines) > 2 {
		return a, problem.Errorf("%s has %d lines: the first is the address, a second what signs", file, len(lines))
	}
	a.URL = strings.TrimSpace(lines[0])
	if len(lines) == 2 {
		a.Secret = strings.TrimSpace(lines[1])
	}
	return a, nil
}

// HTTP is an error where the address is none that a POST can go to. It does not say
// what stands there.
func (a Address) HTTP() error {
	u, err := url.Parse(a.URL)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" {
		return problem.Errorf("its first line is no address: it begins with https://")
	}
	return nil
}

// Host is the one part of an address that may be told; empty: it has none.
func (a Address) Host() string {
	u, err := url.Parse(a.URL)
	if err != nil {
		return ""
	}
	return u.Hostname()
}

// String, GoString and MarshalText keep an address out of all that is printed.
func (Address) String() string { return "(secret)" }

// GoString is String.
func (Address) GoString() string { return "(secret)" }

// MarshalText is String.
func (Address) MarshalText() ([]byte, error) { return []byte("(secret)"), nil }

// shortest is the length from which a part of an address is held for a secret.
const shortest = 6

// secrets are the parts of an address that are, the longest first.
func (a Address) secrets() (out []string) {
	add := func(s string) {
		if len(s) >= shortest && !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	add(a.URL)
	add(a.Secret)
	if u, err := url.Parse(a.URL); err == nil {
		add(u.RequestURI())
		add(u.RawQuery)
		add(u.User.String())
		add(u.User.Username())
		password, _ := u.User.Password()
		add(password)
		for _, values := range u.Query() {
			for _, v := range values {
				add(v)
				add(url.QueryEscape(v))
			}
		}
		for _, part := range strings.Split(u.EscapedPath(), "/") {
			if len(part) >= 16 || strings.Contains(u.Scheme, "+") {
				add(part)
			}
		}
		if u.Scheme != "http" && u.Scheme != "https" {
			add(u.Host) // of a service's own scheme: a token, as a rule
			add(u.Opaque)
			for _, part := range strings.Split(u.Path, "/") {
				add(part)
			}
		}
	} else { // it cannot be taken apart: nothing of it is told
		for _, part := range strings.FieldsFunc(a.URL, func(r rune) bool { return strings.ContainsRune(":/?&=@#", r) }) {
			add(part)
		}
	}
	slices.SortStableFunc(out, func(a, b string) int { return len(b) - len(a) })
	return out
}

// Clean takes all that is secret in the address from words.
func (a Address) Clean(said string) string {
	for _, s := range a.secrets() {
		said = strings.ReplaceAll(said, s, "***")
	}
	return said
}
