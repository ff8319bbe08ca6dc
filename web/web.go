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
// Server is the page whole: its addresses (web.go), and what every request goes
// through (security.go, serve.go, connections.go). Its parts hold what they need
// and no more:
//
//	frame      the language of the reader, the layout, errors    render.go, errors.go, words*.go
//	signing    who is there, and what they may do                session.go, signin.go, oidc.go, tokens.go, guard.go
//	visits     what signed links open                            links.go, item.go, unit.go, supervisor.go, upload.go, lost.go
//	standing   how it stands                                     board.go, maker.go, part.go, board_rows.go, months.go, filter.go, listmark.go, fragments.go, light.go, snapshot.go, goingon.go, charts.go, year.go, occurrence.go, register.go
//	office     what is to be done, and was                       work.go, decisions.go, events.go, outbox.go, webhooks.go, journal.go, report.go, bulletin.go
//	ruleBook   the rules and the years                           plans.go, units.go, rules.go, years.go; the editor: edit.go, preview.go, asked.go; its fields: form.go, naming.go, deadline.go, away.go, fix.go
//	tables     plans out of tables: read, checked, published      table.go, grid.go, grid_form.go
//	probes     for those who watch                               health.go, metrics.go
//
// What programs ask is duban/web/api's; reference.go tells people of it.
package web

import (
	"context"
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
	"duban/scheduler/delivery"
	"duban/scheduler/desk"
	"duban/scheduler/editor"
	"duban/scheduler/engine"
	"duban/scheduler/webhook"
	"duban/web/api"
	"duban/web/signon"
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
	SignOn      *signon.Provider // nil: people sign in with passwords alone
	Spool       string           // where files lie that arrive; empty: as the system has it
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
	Requests    int           // of a program by one token at once; then a sixth of it a second
	FromOne     int           // of them from one address, unless it is this machine's or a proxy's
}

func (l Limits) orDefaults() Limits {
	d := Limits{Body: 1 << 20, Header: 10 * time.Second, Read: 30 * time.Second, Write: time.Minute, Ready: 10 * time.Second, Connections: 512, FromOne: 64, Requests: 600}
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
	if l.Requests > 0 {
		d.Requests = l.Requests
	}
	if l.FromOne > 0 {
		d.FromOne = l.FromOne
	}
	return d
}

// Server is the page: its parts, and what every request goes through.
type Server struct {
	limits   Limits
	peers    peers
	frame    *frame
	signing  *signing
	visits   *visits
	standing *standing
	office   *office
	rules    *ruleBook
	tables   *tables
	probes   *probes
	api      *api.Server
	handler  http.Handler
	patterns []string // of the addresses that it answers
}

// The parts of the page, each with what it needs.
type (
	// signing knows who is there: accounts, sessions, the way in.
	signing struct {
		frame    *frame
		ledger   ledger.Store
		desk     *desk.Desk
		view     func() engine.View
		sessions *scs.SessionManager
		guard    *guard
		links    *Links
		peers    peers
		signOn   *signon.Provider // nil: passwords alone
	}
	// visits are what signed links open, for units and supervisors.
	visits struct {
		frame     *frame
		ledger    ledger.Store
		desk      *desk.Desk
		view      func() engine.View
		links     *Links
		snapshot  *snapshot
		decisions decisions
		uploads   chan struct{} // who sends files just now
		spool     string        // where they lie until they are in the ledger
		guard     *guard
		peers     peers
	}
	// standing shows how it stands: the board, a year, occurrences.
	standing struct {
		frame    *frame
		ledger   ledger.Store
		desk     *desk.Desk
		view     func() engine.View
		snapshot *snapshot
		boards   *fragments
		parts    *boardMakers
		// downloads are made of what the ledger has.
		downloads downloads
	}
	// office is what an administrator has to do: decisions, events, mail; and what
	// was done.
	office struct {
		frame     *frame
		ledger    ledger.Store
		desk      *desk.Desk
		view      func() engine.View
		mail      func(context.Context, *ledger.Notice) ([]byte, error) // as it would leave now
		lanes     func() []*delivery.Lane
		hooks     []webhook.Hook
		decisions decisions
	}
	// ruleBook shows and edits rules and calendar years.
	ruleBook struct {
		frame       *frame
		editor      *editor.Editor
		view        func() engine.View
		calendarDir string
	}
	// probes answer those who watch.
	probes struct {
		frame       *frame
		scheduler   *scheduler.Scheduler
		peers       peers
		metricsFrom []netip.Prefix
		patience    time.Duration
		probing     chan struct{}
		registry    *prometheus.Registry
	}
)

// New makes the page; Handler answers its requests.
func New(o Options) (*Server, error) {
	limits := o.Limits.orDefaults()
	templates, err := parseTemplates()
	if err != nil {
		return nil, err
	}
	static, err := fs.Sub(files, "static")
	if err != nil {
		return nil, err
	}
	kept := o.Scheduler.Ledger
	view := func() engine.View { return here(o.Scheduler.View()) }
	snapshot := newSnapshot(kept)
	decisions := decisions{kept, o.Desk, view, snapshot}
	f := &frame{templates, view, o.Secure, limits.Body, o.Log, decisions.waiting}
	sessions := newSessions(kept, func() time.Time { return o.Scheduler.View().Now }, o.Secure, f.trouble)
	s := &Server{
		limits: limits, peers: o.Proxies, frame: f,
		signing:  &signing{f, kept, o.Desk, view, sessions, newGuard(), o.Links, o.Proxies, o.SignOn},
		visits:   &visits{f, kept, o.Desk, view, o.Links, snapshot, decisions, make(chan struct{}, uploadsTogether), o.Spool, newGuard(), o.Proxies},
		standing: &standing{f, kept, o.Desk, view, snapshot, newFragments(), &boardMakers{}, downloads{o.Spool, limits.Write}},
		office:   &office{f, kept, o.Desk, view, o.Scheduler.Courier.Bytes, o.Scheduler.Courier.Lanes, o.Scheduler.Webhooks.Hooks, decisions},
		rules:    &ruleBook{f, o.Editor, view, o.CalendarDir},
		tables:   &tables{f, o.Editor, view},
		probes:   &probes{f, o.Scheduler, o.Proxies, o.MetricsFrom, limits.Ready, make(chan struct{}, 1), nil},
	}
	if s.api, err = api.New(api.Options{Ledger: kept, View: view, Desk: o.Desk, Editor: o.Editor, Version: o.Version, Log: o.Log, AtOnce: limits.Requests}); err != nil {
		return nil, err
	}
	o.Scheduler.Observer, s.probes.registry = newFiguresFor(o.Scheduler, snapshot, o.Version)
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
	sessioned := func(pattern string, p page) { handle(pattern, s.signing.sessions.LoadAndSave(s.frame.answer(p))) }
	open := func(pattern string, p page) { sessioned(pattern, parsed(strangersForm, p)) }
	view := func(pattern string, p page) { sessioned(pattern, s.signing.signedIn(ledger.RoleViewer, p)) }
	admin := func(pattern string, p page) { sessioned(pattern, s.signing.signedIn(ledger.RoleAdmin, p)) }

	handle("GET /static/", http.StripPrefix("/static/", cached(static)))
	handle("GET /healthz", http.HandlerFunc(s.probes.alive))
	handle("GET /readyz", http.HandlerFunc(s.probes.ready))
	handle("GET /metrics", s.probes.metrics())
	open("GET /first/{token}", s.signing.firstPage)
	open("POST /first/{token}", s.signing.firstAccount)
	open("GET /signin", s.signing.signinPage)
	open("POST /signin", s.signing.signin)
	open("POST /signout", s.signing.signout)
	handle("/api/", s.api.Handler())
	s.patterns = append(s.patterns, s.api.Patterns()...)
	open("GET /api/{$}", s.frame.reference(s.api.Groups()))
	open("GET /signin/oidc", s.signing.beginSignOn)
	open("GET /signin/oidc/callback", s.signing.finishSignOn)
	open("/", func(http.ResponseWriter, *http.Request) error { return errNotFound })

	// Units: no session, only the signature in the address.
	link := func(pattern string, p page) { handle(pattern, s.frame.answer(private(parsed(unitsForm, p)))) }
	link("GET /o/{id}/{expires}/{mac}", s.visits.itemPage)
	files := func(pattern string, check func(*http.Request) error, p page) {
		handle(pattern, s.frame.answer(private(s.visits.receiving(check, p))))
	}
	files("POST /o/{id}/{expires}/{mac}/{what}", s.visits.isItem, s.visits.itemAct)
	link("GET /o/{id}/{expires}/{mac}/file/{file}", s.visits.itemFile)
	link("GET /u/{unit}/{expires}/{mac}", s.visits.unitPage)
	files("POST /u/{unit}/{expires}/{mac}/{what}", s.visits.isUnit, s.visits.unitAct)
	link("GET /s/{unit}/{expires}/{mac}", s.visits.supervisorPage)
	link("POST /s/{unit}/{expires}/{mac}/{what}", s.visits.supervisorAct)
	link("GET /s/{unit}/{expires}/{mac}/file/{file}", s.visits.supervisorFile)
	open("GET /link", s.visits.lostPage)
	open("POST /link", s.visits.lost)
	link("GET /feed/{unit}/{mac}/duban.ics", s.visits.feed)
	link("GET /feed/{unit}/{expires}/{mac}/duban.ics", s.visits.feed)

	view("GET /{$}", s.standing.board)
	view("GET /year/{year}", s.standing.year)
	view("GET /occurrences", s.standing.occurrences)
	view("GET /register", s.standing.register)
	view("GET /register/{file}", s.standing.registerFile)
	view("GET /occurrence/{plan}/{obligation}/{unit}/{period}", s.standing.occurrence)
	admin("POST /occurrence/{plan}/{obligation}/{unit}/{period}/{what}", s.standing.occurrenceAct)

	view("GET /file/{file}", s.standing.file)
	view("GET /files/{plan}/{period}", s.standing.archive)

	view("GET /work", s.office.work)
	admin("POST /requests/{id}/{what}", s.office.decide)
	view("GET /events", s.office.events)
	admin("POST /events", s.office.addEvent)
	admin("POST /events/withdraw", s.office.withdrawEvent)
	view("GET /webhooks", s.office.webhooks)
	admin("POST /webhooks/{name}/retry", s.office.retryWebhook)
	view("GET /outbox", s.office.outbox)
	view("GET /outbox/{id}", s.office.notice)
	admin("POST /outbox/{id}/{what}", s.office.moveNotice)
	view("GET /journal", s.office.journal)
	view("GET /bulletin", s.office.bulletin)
	view("GET /bulletin/{file}", s.office.bulletinFile)
	admin("POST /bulletin/send", s.office.sendBulletin)
	view("GET /report", s.office.report)
	view("GET /report/{file}", s.office.reportFile)

	view("GET /plans", s.rules.plans)
	admin("GET /plans/new", s.rules.newPlanForm)
	admin("POST /plans/new", s.rules.makePlan)
	admin("GET /plans/{plan}/units", s.rules.unitsForm)
	admin("POST /plans/{plan}/units", s.rules.saveUnits)
	view("GET /rules", s.rules.rules)
	view("GET /rules/{plan}/{kind}/{id}", s.rules.rule)
	admin("GET /edit/{plan}/{kind}", s.rules.edit)
	admin("POST /edit/{plan}/{kind}", s.rules.save)
	admin("POST /edit/{plan}/{kind}/preview", s.rules.preview)
	view("GET /calendar", s.rules.years)
	admin("POST /calendar", s.rules.saveYear)
	admin("GET /import", s.tables.start)
	admin("POST /import", s.tables.send)
	admin("GET /publish/{plan}", s.tables.publishPage)
	admin("POST /publish/{plan}", s.tables.publish)

	view("GET /accounts", s.signing.accounts)
	admin("POST /accounts", s.signing.addAccount)
	admin("POST /accounts/{name}/{what}", s.signing.changeAccount)
	admin("POST /tokens", s.signing.addToken)
	admin("POST /tokens/{name}/remove", s.signing.removeToken)
	view("POST /password", s.signing.changePassword)
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

// here is what a request that begins now goes by; its time is that where the
// ticks are.
func here(v engine.View) engine.View {
	v.Now = v.Now.In(v.Settings.Timezone)
	return v
}

func (f *frame) trouble(w http.ResponseWriter, r *http.Request, err error) {
	f.log.Error().Err(err).Str("path", CutLinks(r.URL.Path)).Msg("page")
	http.Error(w, fmt.Sprint(http.StatusInternalServerError, " ", http.StatusText(http.StatusInternalServerError)), http.StatusInternalServerError)
}
