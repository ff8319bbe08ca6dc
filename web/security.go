package web

import (
	"errors"
	"net"
	"net/http"
	"net/netip"
	"runtime/debug"
	"strings"

	"duban/rules/problem"
	"duban/web/api"
)

// contentPolicy lets a page load what this site serves, and nothing else
// (W3C, Content Security Policy Level 3).
const contentPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// protect is what every request goes through.
func (s *Server) protect(next http.Handler) http.Handler {
	crossOrigin := http.NewCrossOriginProtection()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", s.policy())
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "same-origin")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
		h.Set("X-Robots-Tag", "noindex")
		if s.frame.secure {
			h.Set("Strict-Transport-Security", "max-age=31536000")
		}
		if err := crossOrigin.Check(r); err != nil {
			s.frame.log.Warn().Str("path", CutLinks(r.URL.Path)).Err(err).Msg("refused a request from another site")
			s.fail(w, r, &problem.Error{Code: problem.Forbidden, Key: "This was sent from another site: nothing was changed."})
			return
		}
		r.Body = http.MaxBytesReader(w, r.Body, s.frame.most(r))
		defer s.recovered(w, r)
		next.ServeHTTP(w, r)
	})
}

// policy is contentPolicy; where people sign out at a provider too, a form may lead there.
func (s *Server) policy() string {
	if s.signing.signOn == nil {
		return contentPolicy
	}
	return strings.Replace(contentPolicy, "form-action 'self'", strings.TrimSpace("form-action 'self' "+s.signing.signOn.SignOutOrigin()), 1)
}

// recovered logs a panic, with where it was, and answers.
func (s *Server) recovered(w http.ResponseWriter, r *http.Request) {
	p := recover()
	if p == nil {
		return
	}
	if p == http.ErrAbortHandler {
		panic(p) // net/http's own way to end a connection
	}
	s.frame.log.Error().Interface("panic", p).Str("path", CutLinks(r.URL.Path)).Bytes("stack", debug.Stack()).Msg("page")
	s.fail(w, r, errInternal)
}

// fail answers that something is not so: people by a page, programs by a problem.
func (s *Server) fail(w http.ResponseWriter, r *http.Request, e *problem.Error) {
	if api.Is(r) {
		api.Refuse(w, r, e)
		return
	}
	s.frame.fail(w, r, e)
}

// The bytes of a form from somebody whom nobody knows, and from somebody who came
// by a link; those who are signed in may send Limits.Body.
const (
	strangersForm = 8 << 10
	unitsForm     = 64 << 10
)

// parsed reads a form before p sees it: one that is too large or that is none is
// refused at once.
func parsed(most int64, p page) page {
	return func(w http.ResponseWriter, r *http.Request) error {
		if r.Method != http.MethodPost {
			return p(w, r)
		}
		r.Body = http.MaxBytesReader(w, r.Body, most)
		err := r.ParseForm()
		var tooLarge *http.MaxBytesError
		switch {
		case errors.As(err, &tooLarge):
			return err
		case err != nil:
			return problem.New(problem.Unreadable, "This form cannot be read: nothing was changed.")
		}
		return p(w, r)
	}
}

// private keeps what an address with a signature in it shows out of caches. The
// address itself goes to no other site (Referrer-Policy).
func private(p page) page {
	return func(w http.ResponseWriter, r *http.Request) error {
		w.Header().Set("Cache-Control", "no-store")
		return p(w, r)
	}
}

// peers are the proxies that are trusted.
type peers []netip.Prefix

// client is the address a request comes from: the one that the last proxy we
// trust saw.
func (p peers) client(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for i := len(hops) - 1; i >= 0 && p.trusts(host); i-- {
		hop := strings.TrimSpace(hops[i])
		if _, err := netip.ParseAddr(hop); err != nil {
			break
		}
		host = hop
	}
	return host
}

func (p peers) trusts(host string) bool { return within(host, p) }

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
