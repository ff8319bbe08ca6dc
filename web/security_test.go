package web

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"duban/ledger"
)

// writes are all addresses that change something for who is signed in.
var writes = []string{
	"/occurrence/p/1.1-budget/a/2026-05/done", "/occurrence/p/1.1-budget/a/2026-05/waive", "/occurrence/p/1.1-budget/a/2026-05/extend",
	"/requests/1/grant", "/requests/1/accept", "/events", "/events/withdraw", "/outbox/1/retry", "/outbox/1/drop", "/outbox/held/release", "/webhooks/oa/retry",
	"/edit/p/obligation", "/edit/p/obligation/preview", "/edit/p/unit", "/calendar", "/import", "/publish/p", "/plans/new", "/plans/p/units", "/accounts", "/accounts/root/remove", "/accounts/root/role", "/accounts/root/password", "/tokens", "/tokens/oa/remove", "/bulletin/send",
}

// fields fit all of them.
var fields = []string{
	"evidence", "https://x.example/", "reason", "r", "to", "2026-07-01", "name", "mallory", "role", "admin", "password", "mallorymallory", "unit", "a", "date", "2026-05-01",
	"id", "1.1-budget", "base", "x", "do", "save", "text", "[[obligation]]\nid = \"1.1-budget\"", "mode", "text", "key", "k",
}

func TestEveryWriteIsInTheListAbove(t *testing.T) {
	source, err := os.ReadFile("web.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range regexp.MustCompile(`admin\("POST (\S+)"`).FindAllStringSubmatch(string(source), -1) {
		pattern := regexp.MustCompile("^" + regexp.MustCompile(`\\\{[a-z]+\\\}`).ReplaceAllString(regexp.QuoteMeta(m[1]), `[^/]+`) + "$")
		found := false
		for _, path := range writes {
			found = found || pattern.MatchString(path)
		}
		if !found {
			t.Errorf("no test writes to %s", m[1])
		}
	}
}

func TestWhoMayNotWriteChangesNothing(t *testing.T) {
	w := newWorld(t)
	w.addUser("root", ledger.RoleAdmin)
	viewer, nobody := w.signedInAs("viewer", ledger.RoleViewer), w.browser()
	root := w.browser()
	if code, _ := root.post("/signin", "name", "root", "password", strings.Repeat("root", 5)); code != 303 {
		t.Fatal("root cannot sign in")
	}
	mark := w.ledgerMark()
	for _, path := range writes {
		code, body := viewer.post(path, fields...)
		wants(t, code, body, http.StatusForbidden, "You may look")
		code, body = nobody.post(path, fields...)
		wants(t, code, body, http.StatusUnauthorized, "sign in again")
		// An administrator's browser, but another site's page.
		for name, value := range map[string]string{"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"} {
			r := root.request(http.MethodPost, path, fields...)
			r.Header.Set(name, value)
			code, body = root.do(r)
			wants(t, code, body, http.StatusForbidden, "another site")
		}
	}
	for _, path := range []string{"/edit/p/obligation?id=1.1-budget"} {
		code, body := viewer.get(path)
		wants(t, code, body, http.StatusForbidden)
	}
	for _, path := range []string{"/", "/occurrences", "/work", "/rules", "/journal", "/outbox/1", "/report/duban.csv", "/accounts"} {
		code, body := nobody.get(path)
		wants(t, code, body, http.StatusSeeOther, "/signin?next=")
		if code, _ := viewer.get(path); code != 200 {
			t.Errorf("a viewer's GET %s: %d", path, code)
		}
	}
	if w.ledgerMark() != mark {
		t.Error("somebody who may not has changed something")
	}
}

func TestAHundredWrongPasswords(t *testing.T) {
	w := newWorld(t)
	w.addUser("root", ledger.RoleAdmin)
	b, slowed := w.browser(), 0
	for i := range 100 {
		switch code, body := b.post("/signin", "name", "root", "password", fmt.Sprint("guess", i)); code {
		case http.StatusUnauthorized:
			wants(t, code, body, code, "The name or the password is wrong.")
		case http.StatusTooManyRequests:
			slowed++
		default:
			t.Fatalf("guess %d: %d", i, code)
		}
	}
	if slowed < 85 {
		t.Errorf("only %d of 100 guesses were slowed down", slowed)
	}
	// Even the right one has to wait now, from there; and the next day it works.
	if code, _ := b.post("/signin", "name", "root", "password", strings.Repeat("root", 5)); code != http.StatusTooManyRequests {
		t.Errorf("the right password right after: %d", code)
	}
	w.at("2026-06-01 09:05")
	if code, _ := b.post("/signin", "name", "root", "password", strings.Repeat("root", 5)); code != http.StatusSeeOther {
		t.Errorf("five minutes later: %d", code)
	}
	// Right ones do not count: a whole office comes from one address.
	for i := range 30 {
		if code, _ := w.browser().post("/signin", "name", "root", "password", strings.Repeat("root", 5)); code != http.StatusSeeOther {
			t.Fatalf("sign-in %d from one address: %d", i, code)
		}
	}
	// Whether there is such an account is not to be learned.
	code, body := w.browser().post("/signin", "name", "nobody", "password", "x")
	wants(t, code, body, http.StatusUnauthorized, "The name or the password is wrong.")
}

func TestBehindAProxyTheClientIsWhoTheProxySaw(t *testing.T) {
	trusting := peers{loopback}
	for rule, c := range map[string]struct {
		from                  peers
		remote, header, wants string
	}{
		"no proxy is trusted":             {peers{}, "127.0.0.1:1", "203.0.113.9", "127.0.0.1"},
		"a trusted proxy's word":          {trusting, "127.0.0.1:1", "203.0.113.9", "203.0.113.9"},
		"what the client itself claims":   {trusting, "127.0.0.1:1", "198.51.100.1, 203.0.113.9", "203.0.113.9"},
		"two trusted proxies":             {trusting, "127.0.0.1:1", "203.0.113.9, 127.0.0.2", "203.0.113.9"},
		"nonsense":                        {trusting, "127.0.0.1:1", "unknown", "127.0.0.1"},
		"a stranger who claims something": {trusting, "203.0.113.7:1", "198.51.100.1", "203.0.113.7"},
	} {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.RemoteAddr = c.remote
		r.Header.Set("X-Forwarded-For", c.header)
		if got := c.from.client(r); got != c.wants {
			t.Errorf("%s: %s, want %s", rule, got, c.wants)
		}
	}
}

func TestSessionsEndWithThePasswordTheAccountAndTime(t *testing.T) {
	w := newWorld(t)
	w.addUser("root", ledger.RoleAdmin)
	in := func(b *browser) bool { code, _ := b.get("/"); return code == 200 }

	b := w.signedInAs("ann", ledger.RoleAdmin)
	again := w.browser()
	if code, _ := again.post("/signin", "name", "ann", "password", strings.Repeat("ann", 5)); code != 303 {
		t.Fatal("a second sign-in")
	}
	code, body := b.post("/password", "old", "wrong", "password", "another password")
	wants(t, code, body, 422, "The password is wrong.")
	code, body = b.post("/password", "old", strings.Repeat("ann", 5), "password", "short")
	wants(t, code, body, 422, "at least 10")
	code, body = b.post("/password", "old", strings.Repeat("ann", 5), "password", "another password")
	wants(t, code, body, 303)
	if !in(b) || in(again) {
		t.Errorf("after a new password: this session %v, want true; others %v, want false", in(b), in(again))
	}
	if err := w.desk.RemoveAccount(t.Context(), "ann", "t"); err != nil {
		t.Fatal(err)
	}
	if in(b) {
		t.Error("a removed account is still in")
	}
	if err := w.desk.RemoveAccount(t.Context(), "root", "t"); err == nil {
		t.Error("the last administrator was removed")
	}
	if err := w.desk.SetRole(t.Context(), "root", ledger.RoleViewer, "t"); err == nil {
		t.Error("the last administrator became a viewer")
	}
	// Signing out ends it on the server too: a kept cookie opens nothing.
	root := w.browser()
	root.post("/signin", "name", "root", "password", strings.Repeat("root", 5))
	stolen := w.browser()
	stolen.Jar = copyJar(t, root)
	if !in(root) || !in(stolen) {
		t.Fatal("not in")
	}
	root.post("/signout")
	if in(root) || in(stolen) {
		t.Error("signed out, and still in")
	}
	// Somebody who does nothing for long is out.
	idle := w.browser()
	idle.post("/signin", "name", "root", "password", strings.Repeat("root", 5))
	w.mu.Lock()
	w.time = time.Now().Add(idleTime + time.Minute) // cookies count by the machine's clock
	w.mu.Unlock()
	if in(idle) {
		t.Error("in after a long time of doing nothing")
	}
}

func copyJar(t *testing.T, b *browser) http.CookieJar {
	t.Helper()
	other := b.w.browser()
	home, err := http.NewRequest(http.MethodGet, b.w.http.URL, nil)
	if err != nil {
		t.Fatal(err)
	}
	other.Jar.SetCookies(home.URL, b.Jar.Cookies(home.URL))
	return other.Jar
}

func TestTheFirstAccountIsMadeOnceByTheLastLink(t *testing.T) {
	w := newWorld(t)
	old, err := FirstLink(t.Context(), w.ledger, w.http.URL)
	if err != nil {
		t.Fatal(err)
	}
	link, err := FirstLink(t.Context(), w.ledger, w.http.URL)
	if err != nil {
		t.Fatal(err)
	}
	b := w.browser()
	for _, bad := range []string{old, w.http.URL + "/first/x"} {
		code, body := b.post(bad, "name", "mallory", "password", "mallorymallory")
		wants(t, code, body, 403)
	}
	code, body := b.get(link)
	wants(t, code, body, 200)
	code, body = b.post(link, "name", "root", "password", "short")
	wants(t, code, body, 422, "at least 10")
	code, body = b.post(link, "name", "ro ot", "password", "long enough password")
	wants(t, code, body, 422, "A name has")
	code, body = b.post(link, "name", "root", "password", "long enough password")
	wants(t, code, body, 303)
	code, body = b.get("/accounts")
	wants(t, code, body, 200, "root")
	code, body = w.browser().post(link, "name", "mallory", "password", "mallorymallory")
	wants(t, code, body, 403)
	if again, err := FirstLink(t.Context(), w.ledger, w.http.URL); err != nil || again != "" {
		t.Errorf("with an account there is a first link: %q, %v", again, err)
	}
}

func TestCookiesAndHeaders(t *testing.T) {
	for _, secure := range []bool{false, true} {
		w := newWorld(t, func(o *Options) { o.Secure = secure })
		w.addUser("root", ledger.RoleAdmin)
		res, err := w.browser().Do(w.browser().request(http.MethodPost, "/signin", "name", "root", "password", strings.Repeat("root", 5)))
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		c := res.Header.Get("Set-Cookie")
		if !strings.Contains(c, "; HttpOnly") || !strings.Contains(c, "; SameSite=Lax") || strings.Contains(c, "; Secure") != secure || strings.HasPrefix(c, "__Host-") != secure {
			t.Errorf("secure %v: cookie %s", secure, c)
		}
		for name, want := range map[string]string{"Content-Security-Policy": contentPolicy, "X-Content-Type-Options": "nosniff", "Referrer-Policy": "same-origin", "Cache-Control": ""} {
			if got := res.Header.Get(name); want != "" && got != want {
				t.Errorf("%s: %q", name, got)
			}
		}
		if got := res.Header.Get("Strict-Transport-Security") != ""; got != secure {
			t.Errorf("secure %v: Strict-Transport-Security %v", secure, got)
		}
	}
}

func TestNoPageCarriesWhatItsOwnPolicyForbids(t *testing.T) {
	w := newWorld(t)
	b := w.signedInAs("root", ledger.RoleAdmin)
	for _, path := range []string{"/", "/occurrences", "/rules", "/edit/p/obligation?id=1.2-answer", "/occurrence/p/1.1-budget/a/2026-05", "/journal", "/calendar"} {
		code, body := b.get(path)
		wants(t, code, body, 200)
		for _, bad := range []string{"<style", " style=", "javascript:", "onclick", "<script>", "http://cdn", "https://cdn"} {
			if strings.Contains(strings.ToLower(body), bad) {
				t.Errorf("%s holds %q", path, bad)
			}
		}
	}
	code, body := b.get("/rules/p/obligation/1.2-answer")
	wants(t, code, body, 200, "&lt;script&gt;alert(1)&lt;/script&gt;")
}

func TestPathsLeadNowhereElse(t *testing.T) {
	w := newWorld(t)
	for _, path := range []string{"/static/../web.go", "/static/..%2f..%2fetc/passwd", "/static/%2e%2e/%2e%2e/go.mod", "//etc/passwd", "/static/", "/.git/config", "/rules/p/../../etc/passwd/x", "/feed/..%2f/x/duban.ics"} {
		r, err := http.NewRequest(http.MethodGet, w.http.URL, nil)
		if err != nil {
			t.Fatal(err)
		}
		r.URL.Opaque = "//" + strings.TrimPrefix(w.http.URL, "http://") + path
		code, body := w.browser().do(r)
		if code == 200 && path != "/static/" || strings.Contains(body, "root:") || strings.Contains(body, "package web") {
			t.Errorf("%s: %d %s", path, code, body)
		}
	}
	for _, next := range []string{"https://evil.example/", "//evil.example/", `/\evil.example/`, "evil"} {
		if got := safeNext(next); got != "/" {
			t.Errorf("after signing in one lands on %q", got)
		}
	}
	b := w.signedInAs("root", ledger.RoleAdmin)
	mark := w.ledgerMark()
	for _, file := range []string{"/etc/passwd", "../../x.toml", w.path("elsewhere.toml")} {
		b.post("/edit/p/obligation", "id", "9.9-new", "file", file, "base", "", "start", "[[obligation]]", "mode", "text", "text", "[[obligation]]\nid=\"9.9-new\"\ntitle=\"T\"\nunits=[\"a\"]\nevery=\"month\"\n", "do", "preview")
		if _, err := os.Stat(w.path("elsewhere.toml")); err == nil {
			t.Errorf("%s was written", file)
		}
	}
	if w.ledgerMark() != mark {
		t.Error("something was changed")
	}
}

// endless is a body of 100 MB, and how much of it was taken; the client may go
// on reading it while the test looks.
type endless struct{ taken atomic.Int64 }

func (e *endless) Read(p []byte) (int, error) {
	n := min(int64(len(p)), 100<<20-e.taken.Load())
	if n <= 0 {
		return 0, io.EOF
	}
	copy(p, bytes.Repeat([]byte("a"), int(n)))
	e.taken.Add(n)
	return int(n), nil
}

func TestAHundredMegabytesAreRefusedEarly(t *testing.T) {
	w := newWorld(t)
	root := w.signedInAs("root", ledger.RoleAdmin)
	item := w.after(w.Links.Item(w.find("1.1-budget/a/2026-05"), w.now()))
	for _, path := range []string{"/signin", item + "/done", "/calendar", "/edit/p/obligation"} {
		body := &endless{}
		r, err := http.NewRequest(http.MethodPost, w.http.URL+path, body)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		res, err := root.Do(r)
		if err == nil {
			res.Body.Close()
			if res.StatusCode != http.StatusRequestEntityTooLarge {
				t.Errorf("%s answered %d", path, res.StatusCode)
			}
		} // else the connection was closed on the sender, which is as good
		if read := body.taken.Load(); read > 20<<20 {
			t.Errorf("%s took %d MB", path, read>>20)
		}
	}
}

func TestSlowClientsAreCutOff(t *testing.T) {
	w := newWorld(t, func(o *Options) {
		o.Limits = Limits{Header: 300 * time.Millisecond, Read: 600 * time.Millisecond, Connections: 4}
	})
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	ctx, cancel := contextWithCancel(t)
	go func() { ended <- w.Serve(ctx, l, nil) }()
	var slow []net.Conn
	for range 4 { // all the connections there are
		c, err := net.Dial("tcp", l.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		fmt.Fprint(c, "POST /signin HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\nX: ")
		slow = append(slow, c)
	}
	fmt.Fprint(slow[3], "1\r\n\r\nname=") // one has sent its head, and stalls in its body
	// Whoever comes after them is answered all the same, once they are cut off.
	res, err := (&http.Client{Timeout: time.Minute}).Get("http://" + l.Addr().String() + "/signin")
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	for _, c := range slow {
		if err := c.SetReadDeadline(time.Now().Add(time.Minute)); err != nil {
			t.Fatal(err)
		}
		if _, err := io.Copy(io.Discard, bufio.NewReader(c)); err != nil && !strings.Contains(err.Error(), "reset") {
			t.Errorf("a slow client was not cut off: %v", err)
		}
	}
	cancel()
	if err := <-ended; err != nil {
		t.Errorf("the page ended with %v", err)
	}
}
