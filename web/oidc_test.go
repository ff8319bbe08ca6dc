package web

import (
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"testing"
	"time"

	"duban/internal/oidctest"
	"duban/ledger"
	"duban/web/signon"
)

const signOnCallback = "http://127.0.0.1:1/signin/oidc/callback"

// signOnWorld is a page whose people sign in at a provider.
func signOnWorld(t *testing.T, admins ...string) (*world, *oidctest.Provider, *signOnBrowser) {
	t.Helper()
	at := oidctest.Start(t, signOnCallback)
	var w *world
	w = newWorld(t, func(o *Options) {
		o.SignOn = signon.New(signon.Options{
			Issuer: at.URL, ClientID: oidctest.Client, Secret: func() (string, error) { return oidctest.Secret, nil },
			Callback: signOnCallback, Admins: admins, Clock: func() time.Time { return w.now() },
		})
	})
	return w, at, newSignOnBrowser(t, w, at)
}

// signOnBrowser is one that keeps cookies and follows nothing by itself.
type signOnBrowser struct {
	t      *testing.T
	w      *world
	at     *oidctest.Provider
	client *http.Client
}

func newSignOnBrowser(t *testing.T, w *world, at *oidctest.Provider) *signOnBrowser {
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &signOnBrowser{t, w, at, &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
}

// get asks for a page: its status, its text, and where it leads.
func (b *signOnBrowser) get(path string) (code int, text, to string) {
	b.t.Helper()
	res, err := b.client.Get(b.w.http.URL + path)
	if err != nil {
		b.t.Fatal(err)
	}
	return b.answer(res)
}

func (b *signOnBrowser) answer(res *http.Response) (int, string, string) {
	b.t.Helper()
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	return res.StatusCode, string(text), res.Header.Get("Location")
}

// signIn goes to the provider and back.
func (b *signOnBrowser) signIn(user, next string) (code int, text, to string) {
	b.t.Helper()
	_, _, there := b.get("/signin/oidc?next=" + url.QueryEscape(next))
	return b.get("/signin/oidc/callback?" + b.at.SignIn(b.t, there, user).Encode())
}

func TestSomebodySignsInAtAProvider(t *testing.T) {
	w, at, b := signOnWorld(t, "duban-admins")
	w.addUser("admin", ledger.RoleAdmin)
	if _, text, _ := b.get("/signin"); !strings.Contains(text, "/signin/oidc?next=") || !strings.Contains(text, `name="password"`) {
		t.Errorf("the form has not both ways:\n%s", text)
	}
	code, _, to := b.signIn("li", "/work?x=1")
	if code != http.StatusSeeOther || to != "/work?x=1" {
		t.Fatalf("signed in: %d to %q", code, to)
	}
	if code, _, _ := b.get("/work"); code != http.StatusOK {
		t.Errorf("looking: %d", code)
	}
	if code, _, _ := b.get("/plans/new"); code != http.StatusForbidden {
		t.Errorf("a newcomer edits: %d", code)
	}
	a, err := w.ledger.Account(t.Context(), "li")
	if err != nil || a.Role != ledger.RoleViewer || !a.SignsOn() {
		t.Fatalf("the account is %+v, %v", a, err)
	}
	// A group that is given, and taken away.
	for _, step := range []struct {
		groups []string
		want   int
	}{{[]string{"duban-admins"}, http.StatusOK}, {nil, http.StatusForbidden}} {
		at.Groups("li", step.groups...)
		if code, _, _ := b.signIn("li", "/"); code != http.StatusSeeOther {
			t.Fatalf("%v: %d", step.groups, code)
		}
		if code, _, _ := b.get("/plans/new"); code != step.want {
			t.Errorf("in %v: %d, want %d", step.groups, code, step.want)
		}
	}
	all, err := w.ledger.Accounts(t.Context())
	if err != nil || len(all) != 2 {
		t.Errorf("%d accounts, %v", len(all), err)
	}
	// After some hours the provider is asked again.
	w.at(w.now().Add(signOnTime + time.Minute).Format("2006-01-02 15:04"))
	if code, _, to := b.get("/work"); code != http.StatusSeeOther || !strings.HasPrefix(to, "/signin?next=") {
		t.Errorf("after a night: %d to %q", code, to)
	}
}

// Whoever is called as an account with a password is not that account.
func TestNobodyComesIntoALocalAccount(t *testing.T) {
	w, _, b := signOnWorld(t)
	w.addUser("li", ledger.RoleAdmin)
	if code, _, _ := b.signIn("li", "/"); code != http.StatusSeeOther {
		t.Fatal(code)
	}
	if code, _, _ := b.get("/plans/new"); code != http.StatusForbidden {
		t.Errorf("a stranger is the administrator li: %d", code)
	}
	a, err := w.ledger.Account(t.Context(), "li@127.0.0.1")
	if err != nil || a.Role != ledger.RoleViewer {
		t.Errorf("the stranger's account: %+v, %v", a, err)
	}
	// And what stands in place of a password is none.
	for _, password := range []string{"", a.Password} {
		res, err := b.client.PostForm(w.http.URL+"/signin", url.Values{"name": {a.Name}, "password": {password}})
		if err != nil {
			t.Fatal(err)
		}
		if code, _, _ := b.answer(res); code != http.StatusUnauthorized {
			t.Errorf("with %q: %d", password, code)
		}
	}
	if _, err := w.desk.ChangePassword(t.Context(), a.Name, "a new password", "li"); err == nil {
		t.Error("it is given a password")
	}
	// Its role is an administrator's to change where groups decide nothing, and stays.
	if err := w.desk.SetRole(t.Context(), a.Name, ledger.RoleAdmin, "li"); err != nil {
		t.Fatal(err)
	}
	if code, _, _ := b.signIn("li", "/"); code != http.StatusSeeOther {
		t.Fatal(code)
	}
	if code, _, _ := b.get("/plans/new"); code != http.StatusOK {
		t.Errorf("the role that was given is gone: %d", code)
	}
	if err := w.desk.RemoveAccount(t.Context(), a.Name, "li"); err != nil {
		t.Fatal(err)
	}
	if code, _, _ := b.get("/work"); code != http.StatusSeeOther {
		t.Errorf("its account is gone, and yet: %d", code)
	}
}

// What was not begun in this browser, or does not fit, lets nobody in, and says why
// beside the form for passwords.
func TestASignOnThatDoesNotFit(t *testing.T) {
	w, at, b := signOnWorld(t)
	w.addUser("admin", ledger.RoleAdmin)
	stranger := newSignOnBrowser(t, w, at)
	_, _, there := stranger.get("/signin/oidc")
	back := at.SignIn(t, there, "li")
	refused := func(what, path, says string, status int) {
		t.Helper()
		code, text, _ := b.get(path)
		if code != status || !strings.Contains(text, says) || !strings.Contains(text, `name="password"`) {
			t.Errorf("%s: %d\n%s", what, code, text)
		}
		if code, _, _ := b.get("/work"); code != http.StatusSeeOther {
			t.Errorf("%s: and yet somebody is in: %d", what, code)
		}
	}
	refused("another browser's answer", "/signin/oidc/callback?"+back.Encode(), "不是在此浏览器中发起", http.StatusForbidden)
	refused("nothing", "/signin/oidc/callback", "不是在此浏览器中发起", http.StatusForbidden)
	_, _, there = b.get("/signin/oidc")
	back = at.SignIn(t, there, "li")
	back.Set("code", "x")
	refused("another code", "/signin/oidc/callback?"+back.Encode(), "无法核实", http.StatusForbidden)
	refused("the same again", "/signin/oidc/callback?"+back.Encode(), "不是在此浏览器中发起", http.StatusForbidden)
	if all, err := w.ledger.Accounts(t.Context()); err != nil || len(all) != 1 {
		t.Errorf("%d accounts, %v", len(all), err)
	}
	if _, _, to := b.signIn("li", "https://evil.example/"); to != "/" {
		t.Errorf("it leads to %q", to)
	}
}

func TestTheProviderIsAway(t *testing.T) {
	w := newWorld(t, func(o *Options) {
		o.SignOn = signon.New(signon.Options{Issuer: "http://127.0.0.1:1", ClientID: "x", Callback: signOnCallback})
	})
	w.addUser("admin", ledger.RoleAdmin)
	b := newSignOnBrowser(t, w, nil)
	code, text, _ := b.get("/signin/oidc?next=/work")
	if code != http.StatusServiceUnavailable || !strings.Contains(text, "暂时无法连接") || !strings.Contains(text, `value="/work"`) {
		t.Errorf("%d\n%s", code, text)
	}
	res, err := b.client.PostForm(w.http.URL+"/signin", url.Values{"name": {"admin"}, "password": {strings.Repeat("admin", 5)}, "next": {"/work"}})
	if err != nil {
		t.Fatal(err)
	}
	if code, _, to := b.answer(res); code != http.StatusSeeOther || to != "/work" {
		t.Errorf("a local account: %d to %q", code, to)
	}
	for range 30 {
		if code, _, _ = b.get("/signin/oidc"); code == http.StatusTooManyRequests {
			return
		}
	}
	t.Errorf("a provider is asked without end: %d", code)
}

// Who signs out is signed out there too.
func TestSigningOutAtTheProvider(t *testing.T) {
	w, at, b := signOnWorld(t)
	if code, _, _ := b.signIn("li", "/"); code != http.StatusSeeOther {
		t.Fatal(code)
	}
	res, err := b.client.PostForm(w.http.URL+"/signout", nil)
	if err != nil {
		t.Fatal(err)
	}
	policy := res.Header.Get("Content-Security-Policy")
	code, _, to := b.answer(res)
	if code != http.StatusSeeOther || !strings.HasPrefix(to, at.URL+"/") || !strings.Contains(to, url.QueryEscape(w.http.URL+"/signin")) {
		t.Errorf("%d to %q", code, to)
	}
	if !strings.Contains(policy, "form-action 'self' "+at.URL+";") {
		t.Errorf("a browser would not follow: %s", policy)
	}
	if code, _, _ := b.get("/work"); code != http.StatusSeeOther {
		t.Errorf("still in: %d", code)
	}
}

// Who is first by a provider is no administrator: the first link goes on working.
func TestTheFirstLinkOutlivesAViewer(t *testing.T) {
	w, _, b := signOnWorld(t)
	if code, _, _ := b.signIn("li", "/"); code != http.StatusSeeOther {
		t.Fatal(code)
	}
	first, err := FirstLink(t.Context(), w.ledger, w.http.URL)
	if err != nil || first == "" {
		t.Fatalf("%q, %v", first, err)
	}
	res, err := newSignOnBrowser(t, w, nil).client.PostForm(first, url.Values{"name": {"admin"}, "password": {"a long enough password"}})
	if err != nil {
		t.Fatal(err)
	}
	if code, text, _ := b.answer(res); code != http.StatusSeeOther {
		t.Errorf("%d\n%s", code, text)
	}
	if first, err = FirstLink(t.Context(), w.ledger, w.http.URL); err != nil || first != "" {
		t.Errorf("there is an administrator, and yet %q, %v", first, err)
	}
}
