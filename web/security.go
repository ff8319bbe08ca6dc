package web

import (
	"net"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// contentPolicy lets a page load what this site serves, and nothing else
// (W3C, Content Security Policy Level 3).
const contentPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// protect is what every request goes through.
func (s *Server) protect(next http.Handler) http.Handler {
	crossOrigin := http.NewCrossOriginProtection()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", contentPolicy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "same-origin")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
		h.Set("X-Robots-Tag", "noindex")
		if s.Secure {
			h.Set("Strict-Transport-Security", "max-age=31536000")
		}
		if err := crossOrigin.Check(r); err != nil {
			s.Log.Warn().Str("path", r.URL.Path).Err(err).Msg("refused a request from another site")
			s.fail(w, r, http.StatusForbidden, "This was sent from another site: nothing was changed.")
			return
		}
		r.Body = http.MaxBytesReader(w, r.Body, s.Limits.Body)
		next.ServeHTTP(w, r)
	})
}

// private keeps what an address with a signature in it shows out of caches. The
// address itself goes to no other site (Referrer-Policy).
func private(p page) page {
	return func(w http.ResponseWriter, r *http.Request) error {
		w.Header().Set("Cache-Control", "no-store")
		return p(w, r)
	}
}

// client is the address a request comes from: the one that the last proxy we
// trust saw.
func (s *Server) client(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for i := len(hops) - 1; i >= 0 && s.trusts(host); i-- {
		hop := strings.TrimSpace(hops[i])
		if _, err := netip.ParseAddr(hop); err != nil {
			break
		}
		host = hop
	}
	return host
}

func (s *Server) trusts(host string) bool { return within(host, s.Proxies) }

// within tells whether an address is in one of these networks.
func within(host string, networks []netip.Prefix) bool {
	a, err := netip.ParseAddr(host)
	if err != nil {
		return false
	}
	for _, p := range networks {
		if p.Contains(a.Unmap()) {
			return true
		}
	}
	return false
}

// guard slows down those who guess passwords: by where they come from, and more
// loosely by the account they try, so that nobody can be locked out for long.
type guard struct {
	mu      sync.Mutex
	buckets map[string]*rate.Limiter
	hashing chan struct{} // a password costs 64 MB: so many at once
}

// The pace at which passwords may be tried.
const (
	triesFromAddress  = 10 // at once, then one in 10 s
	triesForAccount   = 30 // at once, then one in 5 s
	mostBuckets       = 10000
	addressEvery      = 10 * time.Second
	accountEvery      = 5 * time.Second
	passwordsTogether = 2
)

func newGuard() *guard {
	return &guard{buckets: map[string]*rate.Limiter{}, hashing: make(chan struct{}, passwordsTogether)}
}

// allow tells whether a password may be tried now. One that was right does not
// count: right gives the try back, for many people may come from one address.
func (g *guard) allow(address, account string, now time.Time) (ok bool, right func()) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if len(g.buckets) > mostBuckets {
		for k, b := range g.buckets {
			if b.TokensAt(now) >= float64(b.Burst()) {
				delete(g.buckets, k) // as good as new
			}
		}
		if len(g.buckets) > mostBuckets {
			clear(g.buckets)
		}
	}
	tries := []*rate.Reservation{
		g.bucket("from "+address, addressEvery, triesFromAddress).ReserveN(now, 1),
		g.bucket("to "+account, accountEvery, triesForAccount).ReserveN(now, 1),
	}
	back := func() {
		for _, r := range tries {
			r.CancelAt(now)
		}
	}
	for _, r := range tries {
		if !r.OK() || r.DelayFrom(now) > 0 {
			back()
			return false, nil
		}
	}
	return true, back
}

func (g *guard) bucket(key string, every time.Duration, burst int) *rate.Limiter {
	b := g.buckets[key]
	if b == nil {
		b = rate.NewLimiter(rate.Every(every), burst)
		g.buckets[key] = b
	}
	return b
}
