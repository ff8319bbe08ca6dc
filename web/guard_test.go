package web

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"runtime"
	"strings"
	"sync"
	"testing"

	"duban/ledger"
)

// signinFrom posts a sign-in as if from an address.
func (w *world) signinFrom(address, name, password string, cookies ...*http.Cookie) *http.Response {
	r := httptest.NewRequest(http.MethodPost, "/signin", strings.NewReader(url.Values{"name": {name}, "password": {password}}.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.RemoteAddr = address
	for _, c := range cookies {
		r.AddCookie(c)
	}
	rec := httptest.NewRecorder()
	w.Handler().ServeHTTP(rec, r)
	return rec.Result()
}

// password is that of root in these tests.
var password = strings.Repeat("root", 5)

func TestNobodyLocksOutABrowserThatHasSignedInBefore(t *testing.T) {
	w := newWorld(t)
	w.addUser("root", ledger.RoleAdmin)
	var known *http.Cookie
	for _, c := range w.signinFrom("[2001:db8::1]:1", "root", password).Cookies() {
		if c.Name == "known" {
			known = c
		}
	}
	if known == nil || !known.HttpOnly || known.SameSite != http.SameSiteLaxMode {
		t.Fatalf("cookie %v", known)
	}
	for i := range triesForAccount + 5 { // somebody else guesses, from many addresses
		w.signinFrom(fmt.Sprintf("10.0.%d.1:1", i), "root", "wrong password")
	}
	if res := w.signinFrom("10.1.0.1:1", "root", password); res.StatusCode != http.StatusTooManyRequests {
		t.Errorf("a browser that nobody knows: %d", res.StatusCode)
	}
	if res := w.signinFrom("10.1.0.2:1", "root", password, known); res.StatusCode != http.StatusSeeOther {
		t.Errorf("a browser that is known: %d", res.StatusCode)
	}
	// The cookie is for that account, for so long, and cannot be made up.
	for what, c := range map[string]*http.Cookie{
		"another's": {Name: "known", Value: known.Value}, "made up": {Name: "known", Value: "99999." + strings.Split(known.Value, ".")[1]}, "nonsense": {Name: "known", Value: "x"},
	} {
		name := "root"
		if what == "another's" {
			name = "other"
			for i := range triesForAccount + 5 {
				w.signinFrom(fmt.Sprintf("10.2.%d.1:1", i), name, "wrong password")
			}
		}
		if res := w.signinFrom("10.1.0.3:1", name, "wrong password", c); res.StatusCode != http.StatusTooManyRequests {
			t.Errorf("%s: %d", what, res.StatusCode)
		}
	}
	// One subscriber of IPv6 has a whole network to come from.
	limited := 0
	for i := range triesFromAddress + 5 {
		if res := w.signinFrom(fmt.Sprintf("[2001:db8:1::%x]:1", i), fmt.Sprint("n", i), "wrong password"); res.StatusCode == http.StatusTooManyRequests {
			limited++
		}
	}
	if limited == 0 {
		t.Error("a network of IPv6 counts as many addresses")
	}
}

func TestWhoeverAsksTakesLittleRoom(t *testing.T) {
	w := newWorld(t)
	before := memory()
	for i := range 300 {
		res := w.signinFrom(fmt.Sprintf("10.0.%d.%d:1", i/200, i%200), strings.Repeat("n", 1<<20)+fmt.Sprint(i), "p")
		if res.StatusCode != http.StatusRequestEntityTooLarge {
			t.Fatalf("a name of 1 MB: %d", res.StatusCode)
		}
	}
	if grown := memory() - before; grown > 20<<20 {
		t.Errorf("300 names of 1 MB took %d MB", grown>>20)
	}
	before = memory()
	for i := range 5 * mostBuckets {
		w.signing.guard.allow(fmt.Sprint("10.", i>>16, ".", i>>8&255, ".", i&255), strings.Repeat("n", 5000)+fmt.Sprint(i), false, w.now())
	}
	if n := len(w.signing.guard.buckets); n > mostBuckets+2 {
		t.Errorf("%d buckets", n)
	}
	if grown := memory() - before; grown > 20<<20 {
		t.Errorf("guesses took %d MB", grown>>20)
	}
}

func memory() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

func TestOfSixWhoUseTheFirstLinkAtOnceOneSucceeds(t *testing.T) {
	w := newWorld(t)
	link, err := FirstLink(t.Context(), w.ledger, w.http.URL)
	if err != nil {
		t.Fatal(err)
	}
	var wait sync.WaitGroup
	codes := make([]int, 6)
	for i := range codes {
		b := w.browser()
		wait.Go(func() { codes[i], _ = b.post(link, "name", fmt.Sprint("admin", i), "password", password) })
	}
	wait.Wait()
	accounts, err := w.ledger.Accounts(t.Context())
	if err != nil || len(accounts) != 1 {
		t.Errorf("%d administrators (%v), answers %v", len(accounts), err, codes)
	}
	made := 0
	for _, c := range codes {
		if c == http.StatusSeeOther {
			made++
		} else if c != http.StatusForbidden {
			t.Errorf("answered %d", c)
		}
	}
	if made != 1 {
		t.Errorf("answers %v", codes)
	}
}

func TestAfterSigningInOneStaysHere(t *testing.T) {
	for next, want := range map[string]string{
		"/": "/", "/occurrences?light=red": "/occurrences?light=red", "/a%20b": "/a%20b",
		"/\t/evil.example": "/", "/\n/evil.example": "/", "/\r//evil.example": "/", "\t//evil.example": "/", `/\evil.example`: "/", `\/evil.example`: "/", "//evil.example": "/",
		"https://evil.example": "/", "javascript:alert(1)": "/", "evil": "/", "": "/", "/ /evil.example": "/", "/\x00": "/", "/%zz": "/", "///evil.example": "/",
	} {
		if got := safeNext(next); got != want {
			t.Errorf("%q leads to %q, want %q", next, got, want)
		}
	}
	w := newWorld(t)
	code, body := w.browser().get("/signin?next=/%09/evil.example")
	wants(t, code, body, 200, `name="next" value="/"`)
}

func TestMetricsAreForThisMachineAlone(t *testing.T) {
	w := newWorld(t, func(o *Options) {
		o.MetricsFrom = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128"), netip.MustParsePrefix("10.0.0.9/32")}
		o.Proxies = []netip.Prefix{netip.MustParsePrefix("10.0.0.1/32")}
	})
	for what, c := range map[string]struct {
		from, host string
		headers    map[string]string
		code       int
	}{
		"this machine":                           {"127.0.0.1:1", "127.0.0.1:8417", nil, 200},
		"this machine, by IPv6":                  {"[::1]:1", "[::1]:8417", nil, 200},
		"this machine, by name":                  {"[::1]:1", "localhost:8417", nil, 200},
		"a proxy on it that nobody named":        {"127.0.0.1:1", "127.0.0.1:8417", map[string]string{"X-Forwarded-For": "8.8.8.8"}, 403},
		"the same by IPv6":                       {"[::1]:1", "[::1]:8417", map[string]string{"X-Forwarded-For": "::1"}, 403},
		"one that says so otherwise":             {"127.0.0.1:1", "127.0.0.1:8417", map[string]string{"Via": "1.1 proxy"}, 403},
		"one that says nothing":                  {"127.0.0.1:1", "duban.example", nil, 403},
		"one that says nothing, by IPv6":         {"[::1]:1", "duban.example:443", nil, 403},
		"who may watch":                          {"10.0.0.9:1", "duban.example", nil, 200},
		"who may watch, through our proxy":       {"10.0.0.1:1", "duban.example", map[string]string{"X-Forwarded-For": "10.0.0.9"}, 200},
		"somebody else through our proxy":        {"10.0.0.1:1", "duban.example", map[string]string{"X-Forwarded-For": "8.8.8.8"}, 403},
		"who says that it is this machine":       {"10.0.0.1:1", "duban.example", map[string]string{"X-Forwarded-For": "127.0.0.1"}, 403},
		"our proxy, which does not say for whom": {"10.0.0.1:1", "127.0.0.1", nil, 403},
	} {
		r := httptest.NewRequest(http.MethodGet, "/metrics", nil)
		r.RemoteAddr, r.Host = c.from, c.host
		for k, v := range c.headers {
			r.Header.Set(k, v)
		}
		rec := httptest.NewRecorder()
		w.Handler().ServeHTTP(rec, r)
		if rec.Code != c.code {
			t.Errorf("%s: %d, want %d", what, rec.Code, c.code)
		}
	}
}

func TestWhatCannotBeReadIsSaidAndNothingFails(t *testing.T) {
	w := newWorld(t)
	root := w.signedInAs("root", ledger.RoleAdmin)
	for _, after := range []string{"9223372036854775807", "red+2026-05-29", "red+2026-05-32+p:a/b/c", "x"} {
		code, body := root.get("/occurrences?after=" + after)
		wants(t, code, body, 200)
	}
	mark := w.ledgerMark()
	code, body := root.post("/events", "name", "request", "unit", "nobody", "date", "2026-05-29")
	wants(t, code, body, 422)
	code, body = root.post("/events", "name", "nothing", "unit", "a", "date", "2026-05-29")
	wants(t, code, body, 422)
	code, body = root.post("/events", "name", "request", "unit", "a", "date", "2026-05-29", "title", strings.Repeat("x", 2<<20))
	wants(t, code, body, 413)
	r := root.request(http.MethodPost, "/events")
	r.Body = http.NoBody
	r.URL.RawQuery = "name=%zz"
	code, body = root.do(r)
	wants(t, code, body, 400)
	if w.ledgerMark() != mark {
		t.Error("something was changed")
	}
}

func TestAnAccountThatGoesIsAskedAboutFirst(t *testing.T) {
	w := newWorld(t)
	root := w.signedInAs("root", ledger.RoleAdmin)
	w.addUser("other", ledger.RoleViewer)
	code, body := root.post("/accounts/other/remove")
	wants(t, code, body, 200, "Remove the account other?")
	if _, err := w.ledger.Account(t.Context(), "other"); err != nil {
		t.Errorf("it went without a question: %v", err)
	}
	code, body = root.post("/accounts/other/remove", "sure", "yes")
	wants(t, code, body, 303)
	if _, err := w.ledger.Account(t.Context(), "other"); err == nil {
		t.Error("it is still there")
	}
	// Times are those of the place, and not of UTC.
	code, body = root.get("/accounts")
	wants(t, code, body, 200, "2026-06-01 09:00")
}

func TestAPanicIsLoggedAndAnswered(t *testing.T) {
	var log strings.Builder
	w := newWorld(t, func(o *Options) { o.Log = logTo(&log) })
	w.handler = w.protect(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic("boom") }))
	rec := httptest.NewRecorder()
	w.Handler().ServeHTTP(rec, httptest.NewRequest(http.MethodGet, "/o/1/2/"+strings.Repeat("A", 43), nil))
	if rec.Code != 500 || !strings.Contains(log.String(), "boom") || !strings.Contains(log.String(), "guard_test.go") {
		t.Errorf("%d, log %s", rec.Code, log.String())
	}
	if strings.Contains(log.String(), strings.Repeat("A", 43)) {
		t.Error("the log has the link")
	}
	log.Reset()
	for text, level := range map[string]string{"http: panic serving 1.2.3.4: x": "error", "http: TLS handshake error from 1.2.3.4": "debug"} {
		if _, err := (serverLog{logTo(&log)}).Write([]byte(text)); err != nil || !strings.Contains(log.String(), `"level":"`+level+`"`) {
			t.Errorf("%s: %s", text, log.String())
		}
	}
}
