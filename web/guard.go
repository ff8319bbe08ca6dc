package web

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"fmt"
	"net/http"
	"net/netip"
	"strconv"
	"strings"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"duban/ledger"
	"duban/rules/calendar"
	"duban/scheduler/desk"
)

// guard slows down those who guess passwords: by where they come from, and more
// loosely by the account they try. A browser that has signed in to the account
// before is not among those: nobody is locked out by others.
type guard struct {
	mu      sync.Mutex
	buckets map[bucketKey]*rate.Limiter
	hashing chan struct{} // a password costs 64 MB: so many at once
}

// bucketKey is a hash: what somebody sends takes no more room than that.
type bucketKey [16]byte

func keyOf(kind, of string) bucketKey {
	h := sha256.Sum256([]byte(kind + " " + of))
	return bucketKey(h[:16])
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
	return &guard{buckets: map[bucketKey]*rate.Limiter{}, hashing: make(chan struct{}, passwordsTogether)}
}

// network is what one client can come from: an address, or what is one
// subscriber's in IPv6 (RFC 6177).
func network(address string) string {
	a, err := netip.ParseAddr(address)
	if err != nil || a.Unmap().Is4() {
		return address
	}
	p, err := a.Prefix(64)
	if err != nil {
		return address
	}
	return p.String()
}

// allow tells whether a password may be tried now. One that was right does not
// count: right gives the try back, for many people may come from one address.
// known: the browser has signed in to the account before. Without an account, where a
// provider knows whose it is, only the address counts.
func (g *guard) allow(address, account string, known bool, now time.Time) (ok bool, right func()) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.makeRoom(now)
	kind := "to"
	if known {
		kind = "known to"
	}
	tries := []*rate.Reservation{g.bucket(keyOf("from", network(address)), addressEvery, triesFromAddress).ReserveN(now, 1)}
	if account != "" {
		tries = append(tries, g.bucket(keyOf(kind, account), accountEvery, triesForAccount).ReserveN(now, 1))
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

// makeRoom forgets buckets that are as good as new and, where that is not
// enough, any half.
func (g *guard) makeRoom(now time.Time) {
	if len(g.buckets) < mostBuckets {
		return
	}
	for k, b := range g.buckets {
		if b.TokensAt(now) >= float64(b.Burst()) {
			delete(g.buckets, k)
		}
	}
	for k := range g.buckets {
		if len(g.buckets) <= mostBuckets/2 {
			return
		}
		delete(g.buckets, k)
	}
}

func (g *guard) bucket(key bucketKey, every time.Duration, burst int) *rate.Limiter {
	b := g.buckets[key]
	if b == nil {
		b = rate.NewLimiter(rate.Every(every), burst)
		g.buckets[key] = b
	}
	return b
}

// knownDays is how long a browser is known after it has signed in.
const knownDays = 180

const forBrowser = "browser"

func (s *signing) knownCookie() string {
	if s.frame.secure {
		return "__Host-known"
	}
	return "known"
}

// remember makes a browser known to an account.
func (s *signing) remember(w http.ResponseWriter, account string) {
	key, err := s.links.Key()
	if err != nil {
		return // it is only asked to wait like others
	}
	day := calendar.DayOf(s.view().Now).Epoch() + knownDays
	http.SetCookie(w, &http.Cookie{
		Name: s.knownCookie(), Value: fmt.Sprint(day, ".", mac(key, forBrowser, account, day)), Path: "/", MaxAge: knownDays * 24 * 60 * 60,
		HttpOnly: true, SameSite: http.SameSiteLaxMode, Secure: s.frame.secure,
	})
}

// knows tells whether the browser has signed in to the account before.
func (s *signing) knows(r *http.Request, account string) bool {
	c, err := r.Cookie(s.knownCookie())
	if err != nil {
		return false
	}
	text, sum, _ := strings.Cut(c.Value, ".")
	day, err := strconv.Atoi(text)
	if err != nil || day < calendar.DayOf(s.view().Now).Epoch() {
		return false
	}
	key, err := s.links.Key()
	return err == nil && hmac.Equal([]byte(mac(key, forBrowser, account, day)), []byte(sum))
}

// matches compares a password with an account's, which may be nil.
func (g *guard) matches(ctx context.Context, a *ledger.Account, password string) (bool, error) {
	select {
	case g.hashing <- struct{}{}:
		defer func() { <-g.hashing }()
	case <-ctx.Done():
		return false, ctx.Err()
	}
	return desk.PasswordFits(a, password)
}
