package api

import (
	"context"
	"errors"
	"math"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/klauspost/compress/gzhttp"
	"golang.org/x/text/language"
	"golang.org/x/time/rate"

	"duban/ledger"
	"duban/rules/catalogue"
	"duban/rules/problem"
	"duban/scheduler/desk"
)

// gate is what every request goes through: it tells who asks, and whether he may.
type gate struct {
	options Options
	pace    *pace
}

func newGate(o Options) *gate {
	return &gate{o, &pace{atOnce: o.AtOnce, of: map[string]*rate.Limiter{}}}
}

// mostPaced are the tokens whose pace is known at once.
const mostPaced = 1000

// fewBytes are not worth compressing.
const fewBytes = 1024

// open are the addresses that need no token: they say nothing but what everybody knows
// who has the binary.
var open = map[string]bool{"/api/openapi.json": true, "/api/openapi-3.0.json": true}

// protect lets through who may ask, and answers the others.
func (g *gate) protect(mux *http.ServeMux) http.Handler {
	compressed, err := gzhttp.NewWrapper(gzhttp.MinSize(fewBytes), gzhttp.ContentTypes([]string{"application/json", "application/openapi+json", "application/problem+json"}))
	if err != nil {
		panic(err) // of these options none is wrong
	}
	return compressed(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "no-store")
		ctx := g.options.Log.WithContext(context.WithValue(r.Context(), languageKey{}, g.language(r)))
		r = r.WithContext(ctx)
		if !isText(r) {
			Refuse(w, r, problem.New(problem.Unreadable, "The address is no text in UTF-8."))
			return
		}
		if _, pattern := mux.Handler(r); pattern == "" {
			g.lost(w, r, mux)
			return
		}
		if open[r.URL.Path] {
			mux.ServeHTTP(w, r)
			return
		}
		t, err := g.admit(w, r)
		if err != nil {
			g.refuse(w, r, err)
			return
		}
		mux.ServeHTTP(w, r.WithContext(context.WithValue(ctx, tokenKey{}, t)))
	}))
}

// isText tells whether an address is UTF-8 without what no text has: no database takes
// it.
func isText(r *http.Request) bool {
	query, err := url.QueryUnescape(r.URL.RawQuery)
	return err == nil && utf8.ValidString(r.URL.Path) && utf8.ValidString(query) && !strings.ContainsRune(r.URL.Path+query, 0)
}

// lost answers where nothing is, or where something else can be done.
func (g *gate) lost(w http.ResponseWriter, r *http.Request, mux *http.ServeMux) {
	var can []string
	for _, method := range []string{http.MethodGet, http.MethodPost, http.MethodPut} {
		other := r.Clone(r.Context())
		other.Method = method
		if _, pattern := mux.Handler(other); pattern != "" {
			can = append(can, method)
		}
	}
	if len(can) == 0 {
		Refuse(w, r, problem.New(problem.NotFound, "There is nothing here."))
		return
	}
	w.Header().Set("Allow", strings.Join(can, ", "))
	Refuse(w, r, problem.New(problem.Method, "This takes %s alone.", strings.Join(can, ", ")))
}

// admit is the token that a request comes with.
func (g *gate) admit(w http.ResponseWriter, r *http.Request) (*ledger.Token, error) {
	scheme, sent, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, "Bearer") {
		w.Header().Set("WWW-Authenticate", `Bearer realm="duban"`)
		return nil, problem.New(problem.SignedOut, "Send a token: Authorization: Bearer duban_…")
	}
	t, err := desk.TokenOf(r.Context(), g.options.Ledger, strings.TrimSpace(sent))
	switch {
	case errors.Is(err, ledger.ErrNotFound):
		w.Header().Set("WWW-Authenticate", `Bearer realm="duban", error="invalid_token"`)
		return nil, problem.New(problem.SignedOut, "This token is not known, or was removed.")
	case err != nil:
		return nil, err
	}
	if wait := g.pace.wait(t.Hash, g.options.View().Now); wait > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(int(math.Ceil(wait.Seconds()))))
		return nil, problem.New(problem.TooMany, "Too many requests with this token: wait %d s.", int(math.Ceil(wait.Seconds())))
	}
	if r.Method != http.MethodGet && r.Method != http.MethodHead && t.Role != ledger.RoleAdmin {
		w.Header().Set("WWW-Authenticate", `Bearer realm="duban", error="insufficient_scope"`)
		return nil, problem.New(problem.Forbidden, "This token may read, but not change anything.")
	}
	return t, nil
}

// refuse answers with what is wrong; what is wrong with us stands in the log.
func (g *gate) refuse(w http.ResponseWriter, r *http.Request, err error) {
	if Explain(err).Code.Status() >= http.StatusInternalServerError && r.Context().Err() == nil {
		g.options.Log.Error().Err(err).Str("path", r.URL.Path).Msg("api")
	}
	Refuse(w, r, err)
}

// Refuse answers a request under /api/ with what is wrong.
func Refuse(w http.ResponseWriter, r *http.Request, err error) {
	write(w, newProblem(Explain(err), languageOf(r.Context())))
}

// Is tells whether a request is for here.
func Is(r *http.Request) bool { return strings.HasPrefix(r.URL.Path, "/api/") }

var matcher = language.NewMatcher([]language.Tag{language.English, language.SimplifiedChinese})

// language is that in which a program wants to be told what is wrong: without a word of
// it that of the configuration.
func (g *gate) language(r *http.Request) string {
	wants := r.Header.Get("Accept-Language")
	if wants == "" {
		return g.options.View().Settings.Language
	}
	if _, i := language.MatchStrings(matcher, wants); i == 1 {
		return catalogue.Chinese
	}
	return catalogue.English
}

type tokenKey struct{}

// tokenOf is the token that a request came with.
func tokenOf(ctx context.Context) *ledger.Token { return ctx.Value(tokenKey{}).(*ledger.Token) }

// pace is how often each token has asked.
type pace struct {
	atOnce int
	lock   sync.Mutex
	of     map[string]*rate.Limiter
}

// wait is how long a token has to wait before it is answered; 0: not at all.
func (p *pace) wait(token string, now time.Time) time.Duration {
	p.lock.Lock()
	defer p.lock.Unlock()
	l := p.of[token]
	if l == nil {
		if len(p.of) >= mostPaced { // of tokens that were removed, too
			clear(p.of)
		}
		l = rate.NewLimiter(rate.Limit(float64(p.atOnce)/6), p.atOnce)
		p.of[token] = l
	}
	r := l.ReserveN(now, 1)
	d := r.DelayFrom(now)
	if d > 0 {
		r.CancelAt(now)
	}
	return d
}
