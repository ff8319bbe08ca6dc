// Package web is the page: administrators see the lights, edit the rules and do
// what is to be done; units open the link in their mail and report.
//
//	a request → limits, headers, cross-origin check → session → a handler
//	a handler → scheduler or ledger → a template in the reader's language
//
// All works without JavaScript; htmx only spares page loads. Everything is in
// the binary and nothing is fetched from elsewhere. Opening an address changes
// nothing, ever: mail scanners and browsers open links by themselves. What
// changes something is a POST from a page of this site.
//
//	web.go        what the page is made of, and its addresses
//	security.go   what every request goes through    serve.go, connections.go    the server
//	session.go, account.go, signin.go, guard.go    who is there, and what they may do
//	links.go, item.go, unit.go, supervisor.go    signed links, and what they open
//	board.go, snapshot.go, charts.go, year.go, occurrence.go    how it stands
//	work.go, events.go, outbox.go, journal.go, report.go        what is to be done
//	rules.go, form.go, edit.go, years.go                        the rules
//	health.go, metrics.go                                       for those who watch
package web

import (
	"embed"
	"fmt"
	"io/fs"
	"net/http"
	"net/netip"
	"time"

	"github.com/alexedwards/scs/v2"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/rs/zerolog"

	"duban/ledger"
	"duban/scheduler"
	"duban/scheduler/desk"
	"duban/scheduler/editor"
	"duban/scheduler/engine"
)

//go:embed templates static
var files embed.FS

// Options are what the page is given.
type Options struct {
	Scheduler   *scheduler.Scheduler
	Desk        *desk.Desk
	Editor      *editor.Editor
	Links       *Links
	CalendarDir string // where added calendar years are kept
	Secure      bool   // browsers reach it by https only
	// Proxies are those whose X-Forwarded-For is believed.
	Proxies []netip.Prefix
	// MetricsFrom are the addresses that may read /metrics.
	MetricsFrom []netip.Prefix
	Version     string
	Log         zerolog.Logger
	Limits      Limits
}

// Limits bound what one client can take. Zero values are replaced by defaults.
type Limits struct {
	Body        int64         // bytes of a request
	Header      time.Duration // to send the head of a request
	Read        time.Duration // to send a request
	Write       time.Duration // to take the answer
	Ready       time.Duration // for the answer of /readyz
	Connections int           // at once
	FromOne     int           // of them from one address, unless it is this machine's or a proxy's
}

func (l Limits) orDefaults() Limits {
	d := Limits{Body: 1 << 20, Header: 10 * time.Second, Read: 30 * time.Second, Write: time.Minute, Ready: 10 * time.Second, Connections: 512, FromOne: 64}
	if l.Body > 0 {
		d.Body = l.Body
	}
	if l.Header > 0 {
		d.Header = l.Header
	}
	if l.Read > 0 {
		d.Read = l.Read
	}
	if l.Write > 0 {
		d.Write = l.Write
	}
	if l.Ready > 0 {
		d.Ready = l.Ready
	}
	if l.Connections > 0 {
		d.Connections = l.Connections
	}
	if l.FromOne > 0 {
		d.FromOne = l.FromOne
	}
	return d
}

// Server is the page.
type Server struct {
	Options
	s         *scheduler.Scheduler
	ledger    ledger.Store
	desk      *desk.Desk
	editor    *editor.Editor
	sessions  *scs.SessionManager
	templates map[string]*pages // by language
	guard     *guard
	snapshot  *snapshot
	boards    *fragments
	probing   chan struct{}
	registry  *prometheus.Registry
	handler   http.Handler
	patterns  []string // of the addresses that it answers
}

// New makes the page; Handler answers its requests.
func New(o Options) (*Server, error) {
	o.Limits = o.Limits.orDefaults()
	s := &Server{
		Options: o, s: o.Scheduler, ledger: o.Scheduler.Ledger, desk: o.Desk, editor: o.Editor,
		guard: newGuard(), boards: newFragments(),
	}
	s.snapshot = newSnapshot(s.ledger)
	s.sessions = newSessions(s.ledger, s.s.Clock, o.Secure, s.trouble)
	var err error
	if s.templates, err = parseTemplates(); err != nil {
		return nil, err
	}
	static, err := fs.Sub(files, "static")
	if err != nil {
		return nil, err
	}
	s.probing = make(chan struct{}, 1)
	s.s.Observer, s.registry = newFiguresFor(s, o.Version)
	s.handler = s.protect(s.routes(http.FileServerFS(static)))
	return s, nil
}

// Handler answers every request.
func (s *Server) Handler() http.Handler { return s.handler }

// page is a handler that may fail; what it returns becomes an answer in words.
type page func(w http.ResponseWriter, r *http.Request) error

func (s *Server) routes(static http.Handler) http.Handler {
	mux := http.NewServeMux()
	handle := func(pattern string, h http.Handler) {
		s.patterns = append(s.patterns, pattern)
		mux.Handle(pattern, h)
	}
	sessioned := func(pattern string, p page) { handle(pattern, s.sessions.LoadAndSave(s.answer(p))) }
	open := func(pattern string, p page) { sessioned(pattern, parsed(strangersForm, p)) }
	view := func(pattern string, p page) { sessioned(pattern, s.signedIn(ledger.RoleViewer, p)) }
	admin := func(pattern string, p page) { sessioned(pattern, s.signedIn(ledger.RoleAdmin, p)) }

	handle("GET /static/", http.StripPrefix("/static/", cached(static)))
	handle("GET /healthz", http.HandlerFunc(s.alive))
	handle("GET /readyz", http.HandlerFunc(s.ready))
	handle("GET /metrics", s.metrics())
	open("GET /first/{token}", s.firstPage)
	open("POST /first/{token}", s.firstAccount)
	open("GET /signin", s.signinPage)
	open("POST /signin", s.signin)
	open("POST /signout", s.signout)
	open("/", func(http.ResponseWriter, *http.Request) error { return errNotFound })

	// Units: no session, only the signature in the address.
	link := func(pattern string, p page) { handle(pattern, s.answer(private(parsed(unitsForm, p)))) }
	link("GET /o/{id}/{expires}/{mac}", s.itemPage)
	link("POST /o/{id}/{expires}/{mac}/{what}", s.itemAct)
	link("GET /u/{unit}/{expires}/{mac}", s.unitPage)
	link("GET /s/{unit}/{expires}/{mac}", s.supervisorPage)
	link("POST /s/{unit}/{expires}/{mac}/{what}", s.supervisorAct)
	link("GET /feed/{unit}/{mac}/duban.ics", s.feed)
	link("GET /feed/{unit}/{expires}/{mac}/duban.ics", s.feed)

	view("GET /{$}", s.board)
	view("GET /year/{year}", s.year)
	view("GET /occurrences", s.occurrences)
	view("GET /occurrence/{plan}/{obligation}/{unit}/{period}", s.occurrence)
	admin("POST /occurrence/{plan}/{obligation}/{unit}/{period}/{what}", s.occurrenceAct)

	view("GET /work", s.work)
	admin("POST /requests/{id}/{what}", s.decide)
	view("GET /events", s.events)
	admin("POST /events", s.addEvent)
	admin("POST /events/withdraw", s.withdrawEvent)
	view("GET /outbox", s.outbox)
	view("GET /outbox/{id}", s.notice)
	admin("POST /outbox/{id}/{what}", s.moveNotice)
	view("GET /journal", s.journal)
	view("GET /report", s.report)
	view("GET /report/{file}", s.reportFile)

	view("GET /rules", s.rules)
	view("GET /rules/{plan}/{kind}/{id}", s.rule)
	admin("GET /edit/{plan}/{kind}", s.edit)
	admin("POST /edit/{plan}/{kind}", s.save)
	admin("POST /edit/{plan}/{kind}/preview", s.preview)
	view("GET /calendar", s.years)
	admin("POST /calendar", s.saveYear)

	view("GET /accounts", s.accounts)
	admin("POST /accounts", s.addAccount)
	admin("POST /accounts/{name}/{what}", s.changeAccount)
	view("POST /password", s.changePassword)
	return mux
}

// cached lets browsers keep what only changes with the binary: its address
// carries a hash of all of it.
func cached(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.RawQuery == staticHash {
			w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
		}
		h.ServeHTTP(w, r)
	})
}

// view is what a request that begins now goes by; its time is that where the
// ticks are.
func (s *Server) view() engine.View {
	v := s.s.View()
	v.Now = v.Now.In(v.Settings.Timezone)
	return v
}

func (s *Server) now() time.Time { return s.view().Now }

func (s *Server) trouble(w http.ResponseWriter, r *http.Request, err error) {
	s.Log.Error().Err(err).Str("path", CutLinks(r.URL.Path)).Msg("page")
	http.Error(w, fmt.Sprint(http.StatusInternalServerError, " ", http.StatusText(http.StatusInternalServerError)), http.StatusInternalServerError)
}
