package web

import (
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"duban/internal/engines"
	"duban/ledger"
	"duban/notify"
	"duban/notify/mail"
	"duban/rules"
	"duban/rules/address"
	"duban/rules/calendar"
	"duban/rules/planfile"
	"duban/rules/problem"
	"duban/scheduler"
	"duban/scheduler/desk"
	"duban/scheduler/editor"
	"duban/scheduler/engine"
)

const planText = `# The plan of the tests.
id = "p"
title = "方案"
starts = 2026-01-01

# for figures
[policy.standard]
remind = ["3 working days before", "on the day"] # enough
overdue = "every 2 working days"
escalate = "3 working days after"
`

const unitsText = `[[unit]]
id = "boss"
name = "市政府办公室"
mail = ["boss@x.example"]

[[unit]]
id = "a"
name = "甲局"
name_en = "Bureau A"
kind = "department"
mail = ["a@x.example"]
supervisor = "boss"

[[unit]]
id = "b"
name = "乙镇"
kind = "town"
mail = ["b@x.example"]
supervisor = "boss"
language = "en"

[[group]]
id = "all"
name = "全部"
members = ["a", "b"]
`

const obligationsText = `# 一、公开

# monthly figures: agreed with 甲局
[[obligation]]
id       = "1.1-budget"
ref      = "1.1"
title    = "公布收支"
title_en = "Publish figures"
units    = ["@all"]
every    = "month"   # as the document says
within   = "10 working days"
policy   = "standard"
evidence = "required"

# apart from all

[[obligation]]
id    = "1.2-answer"
title = "答复<script>alert(1)</script>"
units = ["a"]
event = "request"
within = "20 working days"
pausable = true
extendable = "20 working days"
policy = "standard"
`

// world is a page on a ledger with a clock that the test turns.
type world struct {
	ahead atomic.Int64 // how far the clock of a daemon that runs is before the machine's
	*Server
	s      *scheduler.Scheduler
	ledger ledger.Store
	desk   *desk.Desk
	editor *editor.Editor
	Links  *Links
	t      testing.TB
	dir    string
	mu     sync.Mutex
	time   time.Time
	mail   *mailbox
	http   *httptest.Server
	load   editor.Loader
	clock  func() time.Time
}

type mailbox struct {
	mu     sync.Mutex
	mails  []notify.Message
	refuse map[string]error // by address
}

func (m *mailbox) Send(_ context.Context, sent notify.Message) notify.Outcome {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.mails = append(m.mails, sent)
	return notify.Outcome{Reply: "250 ok", Refused: m.refuse}
}
func (m *mailbox) Parallel() int { return 1 }
func (m *mailbox) Close() error  { return nil }

var shanghai = func() *time.Location {
	l, err := time.LoadLocation("Asia/Shanghai")
	if err != nil {
		panic(err)
	}
	return l
}()

// newWorld starts on Monday, 1 June 2026, at nine; change may alter the options.
func newWorld(t testing.TB, change ...func(*Options)) *world {
	t.Helper()
	w := &world{t: t, dir: t.TempDir(), mail: &mailbox{}}
	w.at("2026-06-01 09:00")
	for name, text := range map[string]string{"plan/plan.toml": planText, "plan/units.toml": unitsText, "plan/obligations/01.toml": obligationsText} {
		w.write(name, text)
	}
	w.load = func(change func(*planfile.Sources)) (*rules.Set, *problem.List) {
		src := planfile.Sources{Plans: []string{filepath.Join(w.dir, "plan")}}
		if made, err := filepath.Glob(w.path("plans/*")); err == nil {
			src.Plans = append(src.Plans, made...)
		}
		problems := &problem.List{}
		if _, err := os.Stat(w.path("calendar")); err == nil {
			src.Years = planfile.ReadYears(w.path("calendar"), problems)
		}
		if change != nil {
			change(&src)
		}
		set, more := planfile.Load(src)
		problems.Join(more)
		return set, problems
	}
	set, problems := w.load(nil)
	if err := problems.Err(); err != nil {
		t.Fatal(err)
	}
	l := engines.Open(t, w.path("ledger.db"))
	w.clock = func() time.Time { w.mu.Lock(); defer w.mu.Unlock(); return w.time }
	links := &Links{Key: FileKey(w.path("link.key"))}
	s := scheduler.New(scheduler.Options{Settings: engine.Settings{
		Language: "zh-CN", Timezone: shanghai, WindowFrom: 0, WindowTo: 24 * 60, Weekends: true, MaxNoticesPerTick: 500, AssignOnStart: true,
		From: address.Must("督办提醒 <duban@x.example>"), Admins: []address.Address{address.Must("admin@x.example")},
		Links: engine.Links{Item: links.Item, Unit: links.Unit, Supervisor: links.Supervisor},
	}}, set, l, mail.NewChannel(w.mail, nil), zerolog.Nop(), func() time.Time { return w.clock() })
	takeOver := func(ctx context.Context) { s.TakeOver(ctx, w.load) }
	o := Options{
		Scheduler: s, Desk: desk.New(l, s.View, zerolog.Nop()), Editor: editor.New(l, s.View, w.load, takeOver, zerolog.Nop()).At(shelf{w}),
		Links: links, CalendarDir: w.path("calendar"), Log: zerolog.Nop(),
	}
	for _, f := range change {
		f(&o)
	}
	var err error
	if w.Server, err = New(o); err != nil {
		t.Fatal(err)
	}
	w.http = httptest.NewServer(w.Handler())
	t.Cleanup(w.http.Close)
	w.s, w.ledger, w.desk, w.editor, w.Links = o.Scheduler, l, o.Desk, o.Editor, o.Links
	w.Links.Base = w.http.URL
	w.tick()
	return w
}

// shelf is where new plans go.
type shelf struct{ w *world }

func (s shelf) Folder(id string) string                { return s.w.path("plans/" + id) }
func (s shelf) Listing(string) (string, []byte, error) { return "", nil, nil } // a pattern names them
func (s shelf) Line(string) string                     { return "plans/*" }

func (w *world) now() time.Time { return here(w.s.View()).Now }

func (w *world) path(name string) string { return filepath.Join(w.dir, name) }

func (w *world) write(name, text string) {
	w.t.Helper()
	if err := os.MkdirAll(filepath.Dir(w.path(name)), 0o755); err != nil {
		w.t.Fatal(err)
	}
	if err := os.WriteFile(w.path(name), []byte(text), 0o644); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) read(name string) string {
	w.t.Helper()
	data, err := os.ReadFile(w.path(name))
	if err != nil {
		w.t.Fatal(err)
	}
	return string(data)
}

func (w *world) at(s string) {
	w.t.Helper()
	now, err := time.ParseInLocation("2006-01-02 15:04", s, shanghai)
	if err != nil {
		w.t.Fatal(err)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.time = now
}

func (w *world) tick() {
	w.t.Helper()
	if _, err := w.s.Tick(w.t.Context(), w.now()); err != nil {
		w.t.Fatal(err)
	}
	if _, err := w.s.Courier.Deliver(w.t.Context()); err != nil {
		w.t.Fatal(err)
	}
}

// account makes one; its password is its name, often enough.
func (w *world) addUser(name string, role ledger.Role) {
	w.t.Helper()
	if _, err := w.desk.AddAccount(w.t.Context(), name, role, strings.Repeat(name, 5), "test", nil); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) find(key string) *ledger.Occurrence {
	w.t.Helper()
	o, err := w.ledger.Find(w.t.Context(), key)
	if err != nil {
		w.t.Fatal(err)
	}
	return o
}

// browser keeps cookies, and follows no redirects unless asked to.
type browser struct {
	w *world
	http.Client
}

func (w *world) browser() *browser {
	jar, err := cookiejar.New(nil)
	if err != nil {
		w.t.Fatal(err)
	}
	home, err := url.Parse(w.http.URL)
	if err != nil {
		w.t.Fatal(err)
	}
	jar.SetCookies(home, []*http.Cookie{{Name: languageCookie, Value: "en"}})
	return &browser{w, http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
}

// signedInAs is a browser with somebody at it.
func (w *world) signedInAs(name string, role ledger.Role) *browser {
	w.t.Helper()
	w.addUser(name, role)
	b := w.browser()
	if code, _ := b.post("/signin", "name", name, "password", strings.Repeat(name, 5)); code != http.StatusSeeOther {
		w.t.Fatalf("signing in as %s: %d", name, code)
	}
	return b
}

func (b *browser) do(r *http.Request) (int, string) {
	b.w.t.Helper()
	res, err := b.Do(r)
	if err != nil {
		b.w.t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		b.w.t.Fatal(err)
	}
	return res.StatusCode, string(body) + res.Header.Get("Location")
}

func (b *browser) request(method, address string, fields ...string) *http.Request {
	b.w.t.Helper()
	if strings.HasPrefix(address, "/") {
		address = b.w.http.URL + address
	}
	form := url.Values{}
	for i := 0; i+1 < len(fields); i += 2 {
		form.Add(fields[i], fields[i+1])
	}
	r, err := http.NewRequest(method, address, strings.NewReader(form.Encode()))
	if err != nil {
		b.w.t.Fatal(err)
	}
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	r.Header.Set("Accept-Language", "en")
	return r
}

func (b *browser) get(address string) (int, string) {
	b.w.t.Helper()
	return b.do(b.request(http.MethodGet, address))
}

func (b *browser) post(address string, fields ...string) (int, string) {
	b.w.t.Helper()
	return b.do(b.request(http.MethodPost, address, fields...))
}

// wants checks an answer's code, and that its body holds all these words.
func wants(t testing.TB, code int, body string, want int, words ...string) {
	t.Helper()
	if code != want {
		t.Errorf("answered %d, want %d:\n%s", code, want, plain(body))
		return
	}
	for _, word := range words {
		if !strings.Contains(body, word) {
			t.Errorf("the answer lacks %q:\n%s", word, plain(body))
		}
	}
}

var tags = regexp.MustCompile(`(?s)<[^>]*>`)

// plain is what is left of a page without its tags.
func plain(body string) string {
	return strings.Join(strings.Fields(tags.ReplaceAllString(body, " ")), " ")
}

// ledgerMark changes with anything that the ledger holds, sessions aside.
func (w *world) ledgerMark() string {
	w.t.Helper()
	h := sha256.New()
	err := w.ledger.Entries(w.t.Context(), ledger.Subject{}, func(e ledger.Entry) error {
		fmt.Fprintln(h, e.Hash)
		return nil
	})
	if err == nil {
		err = w.ledger.Briefs(w.t.Context(), func(b *ledger.Brief) { fmt.Fprintln(h, *b) })
	}
	if err != nil {
		w.t.Fatal(err)
	}
	asked, err := w.ledger.OpenRequests(w.t.Context())
	if err != nil {
		w.t.Fatal(err)
	}
	fmt.Fprintln(h, len(asked), w.read("plan/obligations/01.toml"), w.read("plan/units.toml"), w.read("plan/plan.toml"))
	return fmt.Sprintf("%x", h.Sum(nil))
}

func day(t testing.TB, s string) calendar.Date {
	t.Helper()
	d, err := calendar.ParseDate(s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

var loopback = netip.MustParsePrefix("127.0.0.0/8")
