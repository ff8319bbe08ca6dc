// Package address reads mail addresses, each once: what people wrote is kept,
// and what goes over the wire is made of it here and nowhere else.
package address

import (
	"fmt"
	netmail "net/mail"
	"strings"
	"unicode"

	"golang.org/x/net/idna"

	"duban/rules/problem"
)

// Address is a mail address (RFC 5322, 3.4), with or without a name.
type Address struct {
	Name   string
	Local  string // before the @, without quotes
	Domain string // as written
	wire   string // local part, quoted where it has to be, and the domain in A-labels
}

// Octets that an address may have (RFC 5321, 4.5.3.1).
const (
	maxLocal = 64
	maxPath  = 254
)

// Parse reads "name <local@domain>" or "local@domain".
func Parse(s string) (Address, error) {
	if strings.ContainsFunc(s, func(r rune) bool { return unicode.IsControl(r) || unicode.Is(unicode.Cf, r) }) {
		return Address{}, problem.Errorf("it holds characters that nobody sees")
	}
	p, err := netmail.ParseAddress(s)
	if err != nil {
		return Address{}, problem.Errorf("it is not of the form office@example.org")
	}
	at := strings.LastIndexByte(p.Address, '@')
	a := Address{Name: p.Name, Local: p.Address[:at], Domain: p.Address[at+1:]}
	domain, err := ASCIIDomain(a.Domain)
	if err != nil {
		return Address{}, err
	}
	a.wire = strings.Trim((&netmail.Address{Address: a.Local + "@" + domain}).String(), "<>")
	if len(a.Local) > maxLocal || len(a.wire) > maxPath {
		return Address{}, problem.Errorf("it is too long: at most %d bytes before the @, %d in all", maxLocal, maxPath)
	}
	return a, nil
}

// ASCIIDomain is a domain in A-labels (RFC 5890, 2.3.2.1); one in ASCII stays as
// it is.
func ASCIIDomain(domain string) (string, error) {
	if isASCII(domain) {
		return domain, nil
	}
	ascii, err := idna.Lookup.ToASCII(domain)
	if err != nil {
		return "", problem.Errorf("%s is no domain: %w", domain, err)
	}
	return ascii, nil
}

// IsZero tells whether there is none.
func (a Address) IsZero() bool { return a.Domain == "" }

// Bare is the address without a name, as people write it.
func (a Address) Bare() string {
	if a.IsZero() {
		return ""
	}
	return a.Local + "@" + a.Domain
}

// Wire is the address as servers and headers have it.
func (a Address) Wire() string { return a.wire }

// NeedsUTF8 tells whether only a server that knows SMTPUTF8 takes it (RFC 6531, 3.2).
func (a Address) NeedsUTF8() bool { return !isASCII(a.Local) }

// Header is the address with its name, as a header has it.
func (a Address) Header() string {
	return (&netmail.Address{Name: a.Name, Address: a.Local + "@" + a.ASCIIHost()}).String()
}

// ASCIIHost is the domain in A-labels.
func (a Address) ASCIIHost() string { return a.wire[strings.LastIndexByte(a.wire, '@')+1:] }

// Must reads an address that is known to be one.
func Must(s string) Address {
	a, err := Parse(s)
	if err != nil {
		panic(fmt.Sprintf("%s: %v", s, err))
	}
	return a
}

// Same tells whether two bare addresses mean the same mailbox: domains know no
// case, and both forms of an internationalised one are one domain.
func Same(a, b string) bool {
	x, errX := Parse(a)
	y, errY := Parse(b)
	if errX != nil || errY != nil {
		return strings.EqualFold(a, b)
	}
	return strings.EqualFold(x.wire, y.wire)
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}
