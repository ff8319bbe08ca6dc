package signon_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"duban/internal/oidctest"
	"duban/web/signon"
)

const callback = "http://127.0.0.1:1/signin/oidc/callback"

// between changes what the provider answers at its place for tokens.
type between struct{ change func(map[string]any) }

func (b between) RoundTrip(r *http.Request) (*http.Response, error) {
	res, err := http.DefaultTransport.RoundTrip(r)
	if err != nil || b.change == nil || !strings.HasSuffix(r.URL.Path, "/token") {
		return res, err
	}
	defer res.Body.Close()
	answer := map[string]any{}
	if err := json.NewDecoder(res.Body).Decode(&answer); err != nil {
		return nil, err
	}
	b.change(answer)
	text, err := json.Marshal(answer)
	res.Body, res.ContentLength = io.NopCloser(bytes.NewReader(text)), int64(len(text))
	res.Header.Del("Content-Length")
	return res, err
}

// provider is ours at the one of the test.
func provider(at *oidctest.Provider, change ...func(*signon.Options)) *signon.Provider {
	o := signon.Options{
		Issuer: at.URL, ClientID: oidctest.Client, Secret: func() (string, error) { return oidctest.Secret, nil },
		Callback: callback, Admins: []string{"duban-admins"}, Clock: time.Now,
	}
	for _, f := range change {
		f(&o)
	}
	return signon.New(o)
}

// signIn goes all the way.
func signIn(t *testing.T, at *oidctest.Provider, p *signon.Provider, user string) (*signon.Identity, error) {
	t.Helper()
	a, address, err := p.Begin(t.Context(), "/work")
	if err != nil {
		return nil, err
	}
	return p.Finish(t.Context(), a, at.SignIn(t, address, user))
}

func TestWhoSomebodyIs(t *testing.T) {
	at := oidctest.Start(t, callback)
	p := provider(at)
	for _, tc := range []struct {
		groups []string
		admin  bool
	}{{nil, false}, {[]string{"staff"}, false}, {[]string{"staff", "duban-admins"}, true}, {[]string{"duban-admins2"}, false}, {nil, false}} {
		at.Groups("li", tc.groups...)
		who, err := signIn(t, at, p, "li")
		if err != nil {
			t.Fatal(err)
		}
		if who.Issuer != at.URL || who.Subject != "id-li" || who.Name != "li" || !who.Decides || who.Admin != tc.admin {
			t.Errorf("in %v: %+v", tc.groups, who)
		}
	}
	who, err := signIn(t, at, provider(at, func(o *signon.Options) { o.Admins = nil }), "wang")
	if err != nil || who.Decides || who.Admin || who.Subject != "id-wang" {
		t.Errorf("where groups decide nothing: %+v, %v", who, err)
	}
}

// What comes back is believed only if all of it is right.
func TestWhatIsNotBelieved(t *testing.T) {
	at, other := oidctest.Start(t, callback), oidctest.Start(t, callback)
	tokenOf := func(from *oidctest.Provider, client string) (token string) { // one that was issued to somebody else, or by another
		p := provider(from, func(o *signon.Options) {
			o.ClientID, o.RoundTripper = client, between{func(answer map[string]any) { token, _ = answer["id_token"].(string) }}
		})
		if _, err := signIn(t, from, p, "li"); err != nil {
			t.Fatal(err)
		}
		return token
	}
	swap := func(token string) func(*signon.Options) {
		return func(o *signon.Options) {
			o.RoundTripper = between{func(answer map[string]any) { answer["id_token"] = token }}
		}
	}
	for name, tc := range map[string]struct {
		change func(*signon.Options)
		back   func(*signon.Attempt, url.Values)
		says   string
	}{
		"another audience":   {change: swap(tokenOf(at, oidctest.Other)), says: "audience"},
		"another issuer":     {change: swap(tokenOf(other, oidctest.Client)), says: "signature"},
		"an older token":     {change: swap(tokenOf(at, oidctest.Client)), says: "nonce"},
		"a signature cut":    {change: swap(tokenOf(at, oidctest.Client)[:400]), says: "malformed"},
		"no token":           {change: swap(""), says: "malformed"},
		"expired":            {change: func(o *signon.Options) { o.Clock = func() time.Time { return time.Now().Add(48 * time.Hour) } }, says: "expired"},
		"a wrong secret":     {change: func(o *signon.Options) { o.Secret = func() (string, error) { return "wrong", nil } }, says: "invalid_client"},
		"another nonce":      {back: func(a *signon.Attempt, _ url.Values) { a.Nonce = "x" }, says: "nonce"},
		"another verifier":   {back: func(a *signon.Attempt, _ url.Values) { a.Verifier = strings.Repeat("x", 43) }, says: "invalid_grant"},
		"another code":       {back: func(_ *signon.Attempt, v url.Values) { v.Set("code", "x") }, says: "invalid_"},
		"refused there":      {back: func(_ *signon.Attempt, v url.Values) { v.Set("error", "access_denied") }, says: "access_denied"},
		"another state":      {back: func(_ *signon.Attempt, v url.Values) { v.Set("state", "x") }, says: "not begun in this browser"},
		"no state at all":    {back: func(a *signon.Attempt, v url.Values) { a.State = ""; v.Del("state") }, says: "not begun in this browser"},
		"a secret is unread": {change: func(o *signon.Options) { o.Secret = func() (string, error) { return "", errors.New("no such file") } }, says: "no such file"},
	} {
		t.Run(name, func(t *testing.T) {
			change := tc.change
			if change == nil {
				change = func(*signon.Options) {}
			}
			p := provider(at, change)
			a, address, err := p.Begin(t.Context(), "/")
			if err != nil {
				t.Fatal(err)
			}
			back := at.SignIn(t, address, "li")
			if tc.back != nil {
				tc.back(&a, back)
			}
			who, err := p.Finish(t.Context(), a, back)
			if err == nil || !strings.Contains(err.Error(), tc.says) {
				t.Errorf("%+v, %v; it should say %q", who, err, tc.says)
			}
			var away *signon.AwayError
			if errors.As(err, &away) {
				t.Errorf("%v: the provider is there", err)
			}
		})
	}
	if who, err := signIn(t, at, provider(at), "li"); err != nil {
		t.Errorf("all is right, and yet: %+v, %v", who, err)
	}
}

// An answer serves once.
func TestACodeServesOnce(t *testing.T) {
	at := oidctest.Start(t, callback)
	p := provider(at)
	a, address, err := p.Begin(t.Context(), "/")
	if err != nil {
		t.Fatal(err)
	}
	back := at.SignIn(t, address, "li")
	if _, err := p.Finish(t.Context(), a, back); err != nil {
		t.Fatal(err)
	}
	if who, err := p.Finish(t.Context(), a, back); err == nil {
		t.Errorf("a second time: %+v", who)
	}
}

// A provider that is away is asked again: it keeps nobody out for longer than it is.
func TestAProviderThatIsAway(t *testing.T) {
	at := oidctest.Start(t, callback)
	down := true
	p := provider(at, func(o *signon.Options) {
		o.RoundTripper = roundTrip(func(r *http.Request) (*http.Response, error) {
			if down {
				return nil, errors.New("no route to host")
			}
			return http.DefaultTransport.RoundTrip(r)
		})
	})
	var away *signon.AwayError
	if _, _, err := p.Begin(t.Context(), "/"); !errors.As(err, &away) || p.SignOut("http://x/") != "" {
		t.Errorf("away: %v", err)
	}
	down = false
	a, address, err := p.Begin(t.Context(), "/")
	if err != nil {
		t.Fatal(err)
	}
	back := at.SignIn(t, address, "li")
	down = true
	if _, err := p.Finish(context.Background(), a, back); !errors.As(err, &away) {
		t.Errorf("it went away in the middle: %v", err)
	}
	u, err := url.Parse(p.SignOut("https://duban.example/signin"))
	if err != nil || !strings.HasPrefix(u.String(), at.URL) || u.Query().Get("client_id") != oidctest.Client || u.Query().Get("post_logout_redirect_uri") != "https://duban.example/signin" {
		t.Errorf("signing out leads to %v", u)
	}
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// Groups stand where providers put them.
func TestWhereGroupsStand(t *testing.T) {
	for claims, want := range map[string]bool{
		`{"groups":["x","admins"]}`:                            true,
		`{"groups":"admins"}`:                                  true,
		`{"groups":["x",7]}`:                                   false,
		`{"groups":{"admins":true}}`:                           false,
		`{"realm_access":{"roles":["admins"]}}`:                false,
		`{"realm_access.roles":["admins"],"groups":["other"]}`: false,
	} {
		if got := signon.IsAdmin(claims, "groups", "admins"); got != want {
			t.Errorf("%s: %v", claims, got)
		}
	}
	for claims, want := range map[string]bool{
		`{"realm_access":{"roles":["admins"]}}`: true,
		`{"realm_access.roles":["admins"]}`:     true,
		`{"realm_access":"admins"}`:             false,
		`{"realm_access":{"roles":null}}`:       false,
		`{"roles":["admins"]}`:                  false,
	} {
		if got := signon.IsAdmin(claims, "realm_access.roles", "admins"); got != want {
			t.Errorf("%s: %v", claims, got)
		}
	}
}
