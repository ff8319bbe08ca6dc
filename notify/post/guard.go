package post

import (
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"syscall"
	"time"
)

// What is posted by configuration may go anywhere but into networks that a name only
// seems to lead out of: a name that turns into 127.0.0.1 or 169.254.169.254 would make
// duban the hand of whoever owns the name. Asked is what is dialled, after all names
// are resolved.

// inner are the networks that are nobody's outside (RFC 6890 and its kin).
var inner = func() (out []netip.Prefix) {
	for _, s := range []string{
		"0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24",
		"192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/3",
		"::/96", "64:ff9b:1::/48", "100::/64", "2001::/23", "2001:db8::/32", "2002::/16", "fc00::/7", "fe80::/10", "fec0::/10", "ff00::/8",
	} {
		out = append(out, netip.MustParsePrefix(s))
	}
	return out
}()

// nat64 is how an IPv4 address is written for a gateway (RFC 6052).
var nat64 = netip.MustParsePrefix("64:ff9b::/96")

// isInner tells whether an address lies in such a network.
func isInner(a netip.Addr) bool {
	a = a.Unmap().WithZone("")
	if nat64.Contains(a) {
		b := a.As16()
		a = netip.AddrFrom4([4]byte(b[12:]))
	}
	for _, p := range inner {
		if p.Contains(a) {
			return true
		}
	}
	return !a.IsValid() || a.IsUnspecified()
}

// RefusedAddressError says that what would be dialled is in a network that nobody has
// named.
type RefusedAddressError struct{ Address netip.Addr }

// Error says the way out.
func (e *RefusedAddressError) Error() string {
	return fmt.Sprintf(`its name leads to %s, inside: write that address itself, or allow = ["%s"]`, e.Address, netip.PrefixFrom(e.Address, e.Address.BitLen()))
}

// mayDial tells whether an address may be dialled for a URL.
func mayDial(a netip.Addr, literal netip.Addr, allow []netip.Prefix) bool {
	a = a.Unmap().WithZone("")
	if !isInner(a) || literal.IsValid() && a == literal {
		return true
	}
	for _, p := range allow {
		if p.Contains(a) {
			return true
		}
	}
	return false
}

// Guarded is a client for one address, which dials nothing inside that neither the
// address itself nor allow names. It follows nobody, and asks no proxy: a proxy would
// dial whatever it is told.
func Guarded(to Address, allow []netip.Prefix) *http.Client {
	var literal netip.Addr
	if u, err := url.Parse(to.URL); err == nil {
		if a, err := netip.ParseAddr(u.Hostname()); err == nil {
			literal = a.Unmap().WithZone("")
		}
	}
	d := dialer()
	d.Control = func(_, address string, _ syscall.RawConn) error {
		at, err := netip.ParseAddrPort(address)
		if err != nil {
			return err
		}
		if !mayDial(at.Addr(), literal, allow) {
			return &RefusedAddressError{at.Addr().Unmap().WithZone("")}
		}
		return nil
	}
	c := client(d)
	c.Transport.(*http.Transport).Proxy = nil
	return c
}

// Open is a client for the addresses of chat services. It follows nobody.
func Open() *http.Client { return client(dialer()) }

func dialer() *net.Dialer { return &net.Dialer{Timeout: 10 * time.Second} }

func client(d *net.Dialer) *http.Client {
	return &http.Client{
		Transport: &http.Transport{
			Proxy: http.ProxyFromEnvironment, DialContext: d.DialContext, DisableKeepAlives: true,
			TLSHandshakeTimeout: 10 * time.Second, MaxResponseHeaderBytes: MostAnswer,
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}
