package web

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"duban/internal/engines"
	"duban/ledger"
	"duban/notify/post"
	"duban/scheduler/desk"
	"duban/scheduler/webhook"

	"github.com/robfig/cron/v3"
)

// running lets the daemon's loops turn, by the machine's clock, until the end
// of the test.
func (w *world) running() {
	w.t.Helper()
	w.mu.Lock()
	w.time = time.Now()
	w.mu.Unlock()
	w.clock = func() time.Time { return time.Now().Add(time.Duration(w.ahead.Load())) }
	ctx, cancel := context.WithCancel(w.t.Context())
	ended := make(chan error, 1)
	go func() { ended <- w.s.Run(ctx, cron.Every(time.Hour), make(chan struct{}), w.load) }()
	w.t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			w.t.Error(err)
		}
	})
	<-w.s.Health.Started()
}

func TestHealthTellsWhetherTheDaemonTurns(t *testing.T) {
	engines.InFiles(t)
	w := newWorld(t, func(o *Options) { o.Limits.Ready = 300 * time.Millisecond })
	b := w.browser()
	code, body := b.get("/healthz")
	wants(t, code, body, http.StatusServiceUnavailable, "not started")
	code, body = b.get("/readyz")
	wants(t, code, body, http.StatusServiceUnavailable, "no tick")
	w.running()
	for _, path := range []string{"/healthz", "/readyz"} {
		code := 0
		for limit := time.Now().Add(time.Minute); code != 200 && time.Now().Before(limit); {
			code, body = b.get(path) // the loops may be about to turn for the first time
		}
		wants(t, code, body, 200, "ok")
	}
	// Somebody has the ledger locked: alive, but not ready, and said so in time.
	db, err := sql.Open("sqlite3", w.path("ledger.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	db.SetMaxOpenConns(1)
	if _, err := db.Exec("BEGIN IMMEDIATE"); err != nil {
		t.Fatal(err)
	}
	code, body = b.get("/readyz") // it has committed a moment ago
	wants(t, code, body, 200, "ok")
	w.ahead.Store(int64(11 * time.Second))
	for range 3 {
		code, body = b.get("/readyz")
		wants(t, code, body, http.StatusServiceUnavailable, "does not answer")
	}
	code, body = b.get("/healthz")
	wants(t, code, body, 200)
	if _, err := db.Exec("ROLLBACK"); err != nil {
		t.Fatal(err)
	}
	w.ahead.Store(int64(22 * time.Second))
	for limit := time.Now().Add(time.Minute); code != 200 || time.Now().After(limit); {
		code, _ = b.get("/readyz")
	}
}

var sample = regexp.MustCompile(`(?m)^(duban_[a-z_]+(?:\{[^}]*\})?) (\S+)$`)

// scrape reads the metrics.
func (b *browser) scrape() map[string]string {
	b.w.t.Helper()
	code, body := b.get("/metrics")
	wants(b.w.t, code, body, 200)
	out := map[string]string{}
	for _, m := range sample.FindAllStringSubmatch(body, -1) {
		out[m[1]] = m[2]
	}
	return out
}

func TestMetricsAgreeWithTheLedger(t *testing.T) {
	engines.InFiles(t)
	w := newWorld(t, func(o *Options) {
		o.MetricsFrom, o.Version = []netip.Prefix{loopback}, "1.2.3"
		o.Scheduler.Backups.Plan.Dir = t.TempDir()
		o.Scheduler.Backups.Plan.Keep = 1
	})
	w.at("2026-06-12 17:31") // three items of May are late, June's are green
	w.tick()
	if _, err := w.desk.Do(t.Context(), desk.Done, "1.1-budget/a/2026-05", desk.Act{By: "t", Evidence: "https://x.example/"}); err != nil {
		t.Fatal(err)
	}
	if _, err := w.s.Backups.Make(t.Context()); err != nil {
		t.Fatal(err)
	}
	got := w.browser().scrape()
	for name, want := range map[string]string{
		`duban_occurrences{light="red"}`: "1", `duban_occurrences{light="grey"}`: "1", `duban_occurrences{light="yellow"}`: "0",
		`duban_notices{state="pending"}`: "0", `duban_oldest_pending_notice_seconds`: "0", `duban_calendar_last_year`: "2026", `duban_open_requests`: "0",
		`duban_last_backup_timestamp_seconds`: fmt.Sprintf("%g", float64(w.now().Unix())), `duban_mail_window_open`: "1",
		`duban_mail_attempts_total{outcome="failed"}`: "0",
	} {
		if got[name] != want {
			t.Errorf("%s is %q, want %q", name, got[name], want)
		}
	}
	if n := len(w.mail.mails); got[`duban_mail_attempts_total{outcome="sent"}`] != fmt.Sprint(n) || got[`duban_notices{state="sent"}`] != fmt.Sprint(n) {
		t.Errorf("%d mails were sent; told: %s attempts, %s notices", n, got[`duban_mail_attempts_total{outcome="sent"}`], got[`duban_notices{state="sent"}`])
	}
	if !slices.ContainsFunc(slicesOf(got), func(s string) bool { return strings.Contains(s, `version="1.2.3"`) }) {
		t.Error("the version is not told")
	}
	// Nobody is named.
	code, body := w.browser().get("/metrics")
	wants(t, code, body, 200)
	for _, name := range []string{"甲局", "a@x.example", "公布"} {
		if strings.Contains(body, name) {
			t.Errorf("the metrics tell of %q", name)
		}
	}
}

// What is told of a webhook: how far it is behind while it fails, that it caught up, and
// that it wants nothing any more.
func TestMetricsOfWebhooksAgreeWithTheLedger(t *testing.T) {
	var answer atomic.Int32
	program := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(int(answer.Load())) }))
	defer program.Close()
	hook := webhook.Hook{Name: "oa", On: []string{webhook.Closed}, Address: func() (post.Address, error) {
		return post.Address{URL: program.URL, Secret: "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwAAAA"}, nil
	}}
	w := newWorld(t, func(o *Options) {
		o.MetricsFrom = []netip.Prefix{loopback}
		o.Scheduler.Webhooks.Hooks = []webhook.Hook{hook}
	})
	w.at("2026-06-12 17:31")
	w.tick()
	round := func() {
		t.Helper()
		if err := w.s.Webhooks.Round(t.Context(), hook); err != nil {
			t.Fatal(err)
		}
	}
	done := func(key string) {
		t.Helper()
		if _, err := w.desk.Do(t.Context(), desk.Done, key, desk.Act{By: "t", Evidence: "https://x.example/"}); err != nil {
			t.Fatal(err)
		}
	}
	told := func(when, behind, age, paused, sent, retry, given string) {
		t.Helper()
		got := w.browser().scrape()
		for name, want := range map[string]string{
			`duban_webhook_behind_entries{webhook="oa"}`: behind, `duban_webhook_behind_seconds{webhook="oa"}`: age, `duban_webhook_paused{webhook="oa"}`: paused,
			`duban_webhook_posts_total{outcome="sent",webhook="oa"}`: sent, `duban_webhook_posts_total{outcome="retry",webhook="oa"}`: retry,
			`duban_webhook_posts_total{outcome="paused",webhook="oa"}`: given,
		} {
			if got[name] != want {
				t.Errorf("%s: %s is %q, want %q", when, name, got[name], want)
			}
		}
	}
	b := w.signedInAs("li", ledger.RoleAdmin)
	told("before the first round", "0", "0", "0", "0", "0", "0")
	round()
	answer.Store(http.StatusBadGateway)
	done("1.1-budget/a/2026-05")
	round()
	w.at("2026-06-12 17:41")
	last, err := w.ledger.LastEntry(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	hookAt, _, err := w.ledger.Webhook(t.Context(), "oa")
	if err != nil {
		t.Fatal(err)
	}
	code, body := b.get("/webhooks?lang=zh-CN")
	wants(t, code, body, 200, "\u81ea 2026-06-12 17:31", "2026-06-12 17:31:00")
	if strings.Contains(body, "%!") {
		t.Errorf("the page has a value that its words do not fit: %s", body)
	}
	told("while it fails", fmt.Sprint(last-hookAt.Seq), "600", "0", "0", "1", "0")
	answer.Store(http.StatusNoContent)
	round()
	told("mended", "0", "0", "0", "1", "1", "0")
	answer.Store(http.StatusGone)
	done("1.1-budget/a/2026-06")
	round()
	got := w.browser().scrape()
	if got[`duban_webhook_behind_entries{webhook="oa"}`] == "0" {
		t.Error("what it was not told is not counted while it is paused")
	}
	if got[`duban_webhook_paused{webhook="oa"}`] != "1" || got[`duban_webhook_posts_total{outcome="paused",webhook="oa"}`] != "1" {
		t.Errorf("paused: %v", got)
	}
}

func slicesOf(m map[string]string) []string {
	var out []string
	for k := range m {
		out = append(out, k)
	}
	return out
}

func TestMetricsAreForThoseWhoMayWatch(t *testing.T) {
	w := newWorld(t, func(o *Options) {
		o.MetricsFrom, o.Proxies = []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}, []netip.Prefix{netip.MustParsePrefix("192.0.2.1/32")}
	})
	for _, c := range []struct {
		remote, forwarded string
		code              int
	}{
		{"10.1.2.3:1", "", 200}, {"127.0.0.1:1", "", 403}, {"203.0.113.7:1", "", 403},
		{"192.0.2.1:1", "10.1.2.3", 200}, {"192.0.2.1:1", "203.0.113.7", 403},
		{"10.1.2.3:1", "203.0.113.7", 403}, // a proxy that nobody has named
	} {
		r := httptest.NewRequest(http.MethodGet, "/metrics", nil)
		r.RemoteAddr = c.remote
		if c.forwarded != "" {
			r.Header.Set("X-Forwarded-For", c.forwarded)
		}
		res := httptest.NewRecorder()
		w.Handler().ServeHTTP(res, r)
		if res.Code != c.code {
			t.Errorf("from %s for %q: %d, want %d", c.remote, c.forwarded, res.Code, c.code)
		}
	}
}

func TestWhatAlertsAndTheDashboardAskForIsThere(t *testing.T) {
	w := newWorld(t, func(o *Options) {
		o.MetricsFrom = []netip.Prefix{loopback}
		o.Scheduler.Webhooks.Hooks = []webhook.Hook{{Name: "oa"}}
	})
	code, body := w.browser().get("/metrics")
	wants(t, code, body, 200)
	for _, file := range []string{"duban.rules.yml", "duban-dashboard.json"} {
		data, err := os.ReadFile("../packaging/prometheus/" + file)
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasSuffix(file, ".json") && !json.Valid(data) {
			t.Errorf("%s is no JSON", file)
		}
		names := regexp.MustCompile(`duban_[a-z_]+[a-z]`).FindAllString(string(data), -1)
		if len(names) < 5 {
			t.Errorf("%s asks for %v", file, names)
		}
		for _, name := range names {
			if !strings.Contains(body, "\n"+name) {
				t.Errorf("%s asks for %s, which there is not", file, name)
			}
		}
	}
}

func TestAPlanThatMayNotBeWrittenIsSaid(t *testing.T) {
	w := newWorld(t)
	res := httptest.NewRecorder()
	r := httptest.NewRequest(http.MethodPost, "/edit/p/obligation?lang=en", nil)
	w.frame.answer(func(http.ResponseWriter, *http.Request) error {
		return fmt.Errorf("saving: %w", &fs.PathError{Op: "open", Path: "/etc/duban/plans/p/plan.toml", Err: fs.ErrPermission})
	}).ServeHTTP(res, r)
	wants(t, res.Code, res.Body.String(), http.StatusConflict, "may not write there", "/etc/duban/plans/p/plan.toml")
}
