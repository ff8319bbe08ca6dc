package web

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"duban/ledger"
)

// doors is a page with somebody of every kind before it, and what each may
// change.
type doors struct {
	*world
	visitors []caller
	accounts map[string]ledger.Account // as they began
}

// caller is somebody who asks: by a session, by a link, or as nobody.
type caller struct {
	name    string
	account string         // that it has signed in with
	link    string         // the address that it came by
	token   string         // that it sends
	may     *regexp.Regexp // the patterns under which it may change something
}

func newDoors(t testing.TB) *doors {
	w := newWorld(t, func(o *Options) { o.Limits.Requests = 1 << 30 })
	token := map[ledger.Role]string{}
	for _, role := range ledger.Roles {
		var err error
		if token[role], err = w.desk.AddToken(t.Context(), "program-"+string(role), role, "root"); err != nil {
			t.Fatal(err)
		}
	}
	accounts := map[string]ledger.Account{}
	for name, role := range map[string]ledger.Role{"viewer": ledger.RoleViewer, "root": ledger.RoleAdmin} {
		w.addUser(name, role)
		a, err := w.ledger.Account(t.Context(), name)
		if err != nil {
			t.Fatal(err)
		}
		accounts[name] = *a
	}
	item := w.find("1.1-budget/a/2026-05")
	none := regexp.MustCompile(`^POST /link$`) // a unit gets a new link whoever asks for it
	return &doors{w, []caller{
		{"nobody", "", "", "", none},
		{"a viewer", "viewer", "", "", regexp.MustCompile(`^POST /(password|link)$`)},
		{"an administrator", "root", "", "", regexp.MustCompile(`^POST |^GET /first|^/`)},
		{"an item's link", "", w.after(w.Links.Item(item, w.now())), "", regexp.MustCompile(`^POST /(o/|link$)`)},
		{"a unit's link", "", w.after(w.Links.Unit("a", w.now())), "", regexp.MustCompile(`^POST /(u/|link$)`)},
		{"a supervisor's link", "", w.after(w.Links.Supervisor("boss", w.now())), "", regexp.MustCompile(`^POST /(s/|link$)`)},
		{"a feed's link", "", w.after(w.Links.Feed("a", lastDay(w.now()))), "", none},
		{"an old link", "", w.after(w.Links.Item(item, w.now().AddDate(-1, 0, 0))), "", none},
		{"another unit's link", "", w.after(w.Links.Supervisor("a", w.now())), "", none},
		{"a token of a viewer", "", "", token[ledger.RoleViewer], none},
		{"a token of an administrator", "", "", token[ledger.RoleAdmin], regexp.MustCompile(`^(POST|PUT) /api/|^POST /link$`)},
	}, accounts}
}

// session signs somebody in, whatever has become of the account since.
func (d *doors) session(t *testing.T, name string) []*http.Cookie {
	t.Helper()
	a := d.accounts[name]
	if now, err := d.ledger.Account(t.Context(), name); err != nil || *now != a {
		if err := d.ledger.Update(t.Context(), func(tx ledger.Tx) error { return tx.SaveAccount(&a, ledger.Entry{At: d.now()}) }); err != nil {
			t.Fatal(err)
		}
	}
	rec := httptest.NewRecorder()
	d.signing.sessions.LoadAndSave(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := d.signing.begin(w, r, &a); err != nil {
			t.Fatal(err)
		}
	})).ServeHTTP(rec, httptest.NewRequest(http.MethodPost, "/", nil))
	return rec.Result().Cookies()
}

// mark changes with whatever the journal covers, and with the rules on the disk.
func (d *doors) mark(t *testing.T) string {
	t.Helper()
	var b strings.Builder
	seq, err := d.ledger.LastEntry(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	fmt.Fprintln(&b, seq)
	for _, dir := range []string{"plan", "plan/obligations", "calendar"} {
		entries, _ := os.ReadDir(d.path(dir)) // there may be no calendar yet
		for _, e := range entries {
			data, _ := os.ReadFile(filepath.Join(d.path(dir), e.Name())) // a folder has no text
			fmt.Fprintf(&b, "%s %s %q\n", dir, e.Name(), data)
		}
	}
	return b.String()
}

var parameter = regexp.MustCompile(`\{(\w+)\}`)

// address fills in a pattern: with the caller's own link where it fits, else with
// what was thrown.
func (c caller) address(pattern, what, thrown string) string {
	_, path, _ := strings.Cut(pattern, " ")
	if path == "" {
		path = pattern
	}
	path = strings.TrimSuffix(path, "{$}")
	own := strings.Split(c.link, "/")
	i := 0
	parts := strings.Split(path, "/")
	fits := len(own) > 2 && len(parts) > 3 && own[1] == parts[1]
	for k, part := range parts {
		m := parameter.FindStringSubmatch(part)
		switch {
		case m == nil:
		case fits && k < len(own) && m[1] != "what":
			parts[k] = own[k]
		case m[1] == "what":
			parts[k] = what
		default:
			id := "1.1-budget"
			if strings.HasPrefix(path, "/api/v1/occurrences") {
				id = url.PathEscape("1.1-budget/a/2026-05")
			}
			if strings.HasPrefix(path, "/o") || strings.HasPrefix(path, "/requests") || strings.HasPrefix(path, "/api/v1/notices") {
				id = "1"
			}
			known := map[string]string{"plan": "p", "obligation": "1.1-budget", "unit": "a", "period": "2026-05", "kind": "obligation", "id": id, "key": "k", "name": "viewer", "year": "2026", "file": "report.csv", "token": "x", "expires": "20700", "mac": strings.Repeat("A", 43)}
			if parts[k] = known[m[1]]; thrown != "" && len(thrown)%3 == i%3 {
				parts[k] = url.PathEscape(thrown)
			}
			i++
		}
	}
	return strings.Join(parts, "/")
}

// ask sends a request past the network.
func (d *doors) ask(cookies []*http.Cookie, token, method, address, query, body, contentType string) *http.Response {
	u, err := url.Parse(address)
	if err != nil {
		return nil // no address at all
	}
	u.RawQuery = query
	r := httptest.NewRequest(method, "http://duban.example/", strings.NewReader(body))
	r.URL, r.RequestURI = u, u.RequestURI()
	r.Header.Set("Content-Type", contentType)
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	if method == http.MethodPut {
		r.Header.Set("If-Match", "*")
	}
	for _, k := range cookies {
		r.AddCookie(k)
	}
	rec := httptest.NewRecorder()
	d.Handler().ServeHTTP(rec, r)
	checkAnswer(d.t, r, rec) // of the API: as it is described
	return rec.Result()
}

// acts are the last part of addresses that do something.
var acts = []string{"done", "extend", "not-ours", "progress", "retract", "urge", "transfer", "grant", "refuse", "accept", "return", "waive", "reopen", "pause", "resume", "remove", "role", "password", "retry", "drop", "release", "nothing"}

// good is a form that whoever may could send.
var good = url.Values{
	"name": {"request"}, "unit": {"a"}, "date": {"2026-05-29"}, "key": {"k"}, "reason": {"r"}, "to": {"2026-06-26"}, "evidence": {"https://x.example/"}, "id": {"1"}, "sure": {"yes"}, "role": {"viewer"},
	"password": {"correct horse battery"}, "old": {"x"}, "do": {"save"}, "text": {"year = 2027\nsource = [\"s\"]\n[[holiday]]\nname = \"n\"\noff = [2027-01-01]\nwork = []\n"},
}.Encode()

// goodJSON is the same of a program, by the last part of the address.
var goodJSON = map[string]string{
	"done": `{"evidence": "https://x.example/"}`, "extend": `{"by": "5 working days", "reason": "r"}`, "transfer": `{"to": "b", "reason": "r"}`, "progress": `{"note": "n"}`,
	"urge": `{"note": "n"}`, "events": `{"name": "request", "unit": "a", "date": "2026-05-29", "key": "k"}`, "{id}": `{"text": "[[obligation]]\n", "reason": "r"}`,
	"accept": "", "retry": "", "drop": "", "pause": `{}`, "resume": `{}`,
}

// programBody is the body that a program could send there.
func programBody(pattern string) string {
	body, known := goodJSON[pattern[strings.LastIndex(pattern, "/")+1:]]
	if !known {
		return `{"reason": "r"}`
	}
	return body
}

// fields that forms have, with something in each.
func form(thrown string) string {
	v := url.Values{}
	for i, name := range []string{"name", "unit", "date", "key", "title", "reason", "to", "by", "note", "evidence", "id", "text", "base", "start", "do", "mode", "password", "role", "old", "sure", "kind", "deadline", "s-period", "s-n", "fix", "pattern", "units"} {
		value := []string{thrown, "a", "2026-06-20", "1", "save", "x", ""}[(len(thrown)+i)%7]
		v.Set(name, value)
	}
	if len(thrown)%2 == 0 {
		v.Set("id", "1")
	}
	return v.Encode()
}

// FuzzDoors throws at every address, as everybody: nothing fails on our side,
// nobody changes what is not his, and little room is taken.
func FuzzDoors(f *testing.F) {
	d := newDoors(f)
	before := memory()
	thrown := []string{"", "x", "1", "-1", "9223372036854775807", "2026-05-29", "../../etc/passwd", "a/b", "\x00", "\xff", "%zz", strings.Repeat("长", 500), "'; DROP TABLE occurrence; --", "<script>alert(1)</script>", "@all", "0 0 29 2 *"}
	for route := range d.patterns {
		for who := range d.visitors {
			for k := range 3 {
				x := thrown[(route+5*who+7*k)%len(thrown)]
				f.Add(uint8(route), uint8(who), uint8(route+who+k), x, form(x), uint8(k))
			}
			if strings.HasSuffix(d.visitors[who].name, "an administrator") {
				continue // may do all; that would end what the others are to try
			}
			for what := range acts {
				if what == 0 || strings.HasSuffix(d.patterns[route], "{what}") {
					f.Add(uint8(route), uint8(who), uint8(what), "", good, uint8(0))
				}
			}
		}
	}
	f.Fuzz(func(t *testing.T, route, who, what uint8, thrown, body string, kind uint8) {
		pattern := d.patterns[int(route)%len(d.patterns)]
		c := d.visitors[int(who)%len(d.visitors)]
		method, _, ok := strings.Cut(pattern, " ")
		if !ok {
			method = http.MethodPost
		}
		types := []string{"application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "text/plain"}
		if strings.Contains(pattern, " /api/") {
			types = []string{"application/json", "application/json", ""}
			if body == good {
				body = programBody(pattern)
			}
		}
		var cookies []*http.Cookie
		if c.account != "" {
			cookies = d.session(t, c.account)
		}
		mark := d.mark(t)
		address := c.address(pattern, acts[int(what)%len(acts)], thrown)
		query := url.Values{"skip": {thrown}, "id": {thrown}, "from": {thrown}, "done": {thrown}, "lang": {"en"}}
		if strings.Contains(pattern, " /api/") { // where what nobody knows is refused
			query = map[bool]url.Values{true: {"after": {thrown}}}[method == http.MethodGet && kind%2 == 1]
		}
		res := d.ask(cookies, c.token, method, address, query.Encode(), body, types[int(kind)%len(types)])
		if res == nil {
			return
		}
		if n, err := io.Copy(io.Discard, res.Body); err != nil || n > 5<<20 {
			t.Errorf("%s %s answers with %d bytes (%v)", method, address, n, err)
		}
		starting := pattern == "GET /healthz" || pattern == "GET /readyz" // no daemon runs here
		if res.StatusCode >= 500 && !starting {
			t.Errorf("%s: %s %s: %d", c.name, method, address, res.StatusCode)
		}
		if !c.may.MatchString(pattern) && d.mark(t) != mark {
			t.Errorf("%s: %s %s changed something, and answered %d", c.name, method, address, res.StatusCode)
		}
	})
	f.Cleanup(func() {
		if grown := memory() - before; grown > 100<<20 {
			f.Errorf("it took %d MB", grown>>20)
		}
		if v, err := d.ledger.Verify(context.Background()); err != nil || len(v.Problems) > 0 {
			f.Errorf("verify: %v %v", v.Problems, err)
		}
	})
}
