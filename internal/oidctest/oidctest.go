// Package oidctest is an OpenID provider of a test's own: that of zitadel/oidc, with
// people whose groups the test says.
package oidctest

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/zitadel/oidc/v3/example/server/exampleop"
	"github.com/zitadel/oidc/v3/example/server/storage"
	"github.com/zitadel/oidc/v3/pkg/oidc"
	"github.com/zitadel/oidc/v3/pkg/op"
)

// The clients that it knows, and what both have as their secret.
const (
	Client = "duban"
	Other  = "another"
	Secret = "a secret"
)

// password is everybody's.
const password = "verysecure"

// Provider is one that is running.
type Provider struct {
	URL      string // its issuer
	callback string

	mu     sync.Mutex
	groups map[string][]string // by user
}

// Start runs a provider until the test ends, which knows li and wang; callback is
// where it may send browsers.
func Start(t testing.TB, callback string) *Provider {
	t.Helper()
	p := &Provider{callback: callback, groups: map[string][]string{}}
	var handler http.Handler
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { handler.ServeHTTP(w, r) }))
	t.Cleanup(server.Close)
	p.URL = server.URL
	clients := map[string]*storage.Client{}
	for _, id := range []string{Client, Other} {
		clients[id] = storage.WebClient(id, Secret, callback)
	}
	kept := withGroups{storage.NewStorageWithClients(people{}, clients), p}
	handler = exampleop.SetupServer(p.URL, kept, slog.New(slog.NewTextHandler(io.Discard, nil)), false)
	return p
}

// Groups puts a user into those groups, and into no others.
func (p *Provider) Groups(user string, groups ...string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.groups[user] = groups
}

// SignIn is a browser in which somebody signs in at that address of the provider: what
// it carries back.
func (p *Provider) SignIn(t testing.TB, address, user string) url.Values {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	browser := &http.Client{Jar: jar, CheckRedirect: func(r *http.Request, _ []*http.Request) error {
		if strings.HasPrefix(r.URL.String(), p.callback) {
			return http.ErrUseLastResponse
		}
		return nil
	}}
	res, err := browser.Get(address)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if back := p.back(res); back != nil { // refused before anybody could sign in
		return back
	}
	form := url.Values{"id": {res.Request.URL.Query().Get("authRequestID")}, "username": {user}, "password": {password}}
	res, err = browser.PostForm(p.URL+"/login/username", form)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	back := p.back(res)
	if back == nil {
		body, _ := io.ReadAll(res.Body)
		t.Fatalf("%s was not signed in: %s\n%s", user, res.Status, body)
	}
	return back
}

func (p *Provider) back(res *http.Response) url.Values {
	at, err := res.Location()
	if err != nil || !strings.HasPrefix(at.String(), p.callback) {
		return nil
	}
	return at.Query()
}

// people are its users.
type people struct{}

func (people) GetUserByID(id string) *storage.User {
	if id != "id-li" && id != "id-wang" {
		return nil
	}
	name := strings.TrimPrefix(id, "id-")
	return &storage.User{ID: id, Username: name, Password: password, FirstName: name, LastName: "x", Email: name + "@zs.example", EmailVerified: true}
}

func (p people) GetUserByUsername(name string) *storage.User { return p.GetUserByID("id-" + name) }
func (people) ExampleClientID() string                       { return "service" }

// withGroups tells groups beside what the storage tells.
type withGroups struct {
	*storage.Storage
	p *Provider
}

func (s withGroups) tell(info *oidc.UserInfo, subject string) error {
	s.p.mu.Lock()
	defer s.p.mu.Unlock()
	if groups := s.p.groups[strings.TrimPrefix(subject, "id-")]; len(groups) > 0 {
		info.AppendClaims("groups", groups)
	}
	return nil
}

func (s withGroups) SetUserinfoFromRequest(ctx context.Context, info *oidc.UserInfo, token op.IDTokenRequest, scopes []string) error {
	return errors.Join(s.Storage.SetUserinfoFromRequest(ctx, info, token, scopes), s.tell(info, token.GetSubject()))
}

func (s withGroups) SetUserinfoFromToken(ctx context.Context, info *oidc.UserInfo, tokenID, subject, origin string) error {
	return errors.Join(s.Storage.SetUserinfoFromToken(ctx, info, tokenID, subject, origin), s.tell(info, subject))
}
