// Package signon is single sign-on with OpenID Connect: somebody is who a provider
// says he is (OpenID Connect Core 1.0, the authorization code flow of section 3.1,
// with PKCE of RFC 7636 and a nonce).
//
// Begin sends a browser to the provider and gives it an Attempt to keep; Finish takes
// what the provider sends back by the same browser, and is the only place that
// believes it: signature, issuer, audience, expiry, nonce and state all have to be
// right. What it returns is an Identity, which says who somebody is there and whether
// one of his groups makes him an administrator here. Whether that is an account, and
// what it may do, is the desk's.
//
// The provider is asked for its addresses when somebody first comes by it, not when
// the daemon starts: one that is away keeps nobody else out.
package signon

import (
	"context"
	"crypto/subtle"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"duban/rules/problem"
)

// patience is how long the provider may take for one answer.
const patience = 10 * time.Second

// mostAnswer is how many bytes an answer of the provider may have.
const mostAnswer = 1 << 20

// Options say which provider, and as whom it is asked.
type Options struct {
	Issuer       string
	ClientID     string
	Secret       func() (string, error) // read anew each time; nil, or empty: a public client
	Callback     string                 // where it sends browsers back to
	GroupsClaim  string                 // which claim has the groups; dots lead into what it holds; empty: "groups"
	Admins       []string               // groups whose members are administrators; none: groups decide nothing
	Clock        func() time.Time
	RoundTripper http.RoundTripper // nil: http.DefaultTransport
}

// Provider is one that says who people are.
type Provider struct {
	options Options
	client  *http.Client

	mu    sync.Mutex
	found *discovered // nil: it was not reached yet
}

// discovered is what a provider says of itself (OpenID Connect Discovery 1.0).
type discovered struct {
	*oidc.Provider
	verifier   *oidc.IDTokenVerifier
	scopes     []string
	endSession string
}

// New names a provider; it asks nothing yet.
func New(o Options) *Provider {
	if o.GroupsClaim == "" {
		o.GroupsClaim = "groups"
	}
	rt := o.RoundTripper
	if rt == nil {
		rt = http.DefaultTransport
	}
	return &Provider{options: o, client: &http.Client{Transport: bounded{rt}, Timeout: patience}}
}

// Attempt is what a browser keeps while somebody is at the provider.
type Attempt struct {
	State, Nonce, Verifier string
	Next                   string // where he goes then
}

// Identity is who somebody is at the provider.
type Identity struct {
	Issuer, Subject string
	Name            string // what he is called there: not unique, and his own choice
	Admin           bool   // one of his groups makes him an administrator
	Decides         bool   // groups decide what he may do: else that is said here
}

// Begin is the address at the provider to which a browser goes.
func (p *Provider) Begin(ctx context.Context, next string) (Attempt, string, error) {
	d, err := p.discover(ctx)
	if err != nil {
		return Attempt{}, "", err
	}
	a := Attempt{State: oauth2.GenerateVerifier(), Nonce: oauth2.GenerateVerifier(), Verifier: oauth2.GenerateVerifier(), Next: next}
	return a, p.config(d, "").AuthCodeURL(a.State, oidc.Nonce(a.Nonce), oauth2.S256ChallengeOption(a.Verifier)), nil
}

// Finish tells who came back with those values in the address.
func (p *Provider) Finish(ctx context.Context, a Attempt, values url.Values) (*Identity, error) {
	if a.State == "" || subtle.ConstantTimeCompare([]byte(a.State), []byte(values.Get("state"))) != 1 {
		return nil, problem.New(problem.Forbidden, "This sign-in was not begun in this browser, or too long ago: begin again.")
	}
	if code := values.Get("error"); code != "" { // section 3.1.2.6
		return nil, &RefusedError{errors.New(code + ": " + values.Get("error_description"))}
	}
	d, err := p.discover(ctx)
	if err != nil {
		return nil, err
	}
	secret := ""
	if p.options.Secret != nil {
		if secret, err = p.options.Secret(); err != nil {
			return nil, err
		}
	}
	ctx, cancel := context.WithTimeout(oidc.ClientContext(ctx, p.client), patience)
	defer cancel()
	token, err := p.config(d, secret).Exchange(ctx, values.Get("code"), oauth2.VerifierOption(a.Verifier))
	if err != nil {
		return nil, refusedOrAway(err)
	}
	raw, _ := token.Extra("id_token").(string) // none: the verifier says so
	id, err := d.verifier.Verify(ctx, raw)
	if err != nil {
		return nil, refusedOrAway(err)
	}
	if subtle.ConstantTimeCompare([]byte(id.Nonce), []byte(a.Nonce)) != 1 {
		return nil, &RefusedError{errors.New("the nonce is another")}
	}
	claims := map[string]any{}
	if err := id.Claims(&claims); err != nil {
		return nil, &RefusedError{err}
	}
	_, groups := find(claims, p.options.GroupsClaim)
	if needs := nameIn(claims) == "" || !groups && len(p.options.Admins) > 0; needs && d.UserInfoEndpoint() != "" {
		if err := addUserInfo(ctx, d, token, id.Subject, claims); err != nil {
			return nil, err
		}
	}
	return p.identity(id, claims), nil
}

func (p *Provider) identity(id *oidc.IDToken, claims map[string]any) *Identity {
	out := &Identity{Issuer: id.Issuer, Subject: id.Subject, Name: nameIn(claims), Decides: len(p.options.Admins) > 0}
	held, _ := find(claims, p.options.GroupsClaim)
	for _, group := range groupsIn(held) {
		out.Admin = out.Admin || slices.Contains(p.options.Admins, group)
	}
	return out
}

// nameIn is what somebody is called; empty: it is not said.
func nameIn(claims map[string]any) string {
	for _, claim := range []string{"preferred_username", "email", "name"} {
		if name, _ := claims[claim].(string); name != "" {
			return name
		}
	}
	return ""
}

// SignOut is where a browser goes to sign out at the provider too, which then sends it
// back (OpenID Connect RP-Initiated Logout 1.0); empty: the provider has no such
// place, or was not reached yet.
func (p *Provider) SignOut(back string) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.found == nil || p.found.endSession == "" {
		return ""
	}
	u, err := url.Parse(p.found.endSession)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" {
		return ""
	}
	q := u.Query()
	q.Set("client_id", p.options.ClientID)
	q.Set("post_logout_redirect_uri", back)
	u.RawQuery = q.Encode()
	return u.String()
}

// SignOutOrigin is the scheme and host of where SignOut leads; empty: nowhere.
func (p *Provider) SignOutOrigin() string {
	u, err := url.Parse(p.SignOut(""))
	if err != nil || u.Host == "" {
		return ""
	}
	return u.Scheme + "://" + u.Host
}

// Reach asks the provider for its addresses, for who wants to know whether it answers.
func (p *Provider) Reach(ctx context.Context) error {
	_, err := p.discover(ctx)
	return err
}

// discover asks once for the provider's addresses; while it does not answer, each time.
func (p *Provider) discover(ctx context.Context) (*discovered, error) {
	p.mu.Lock()
	found := p.found
	p.mu.Unlock()
	if found != nil {
		return found, nil
	}
	// Keys are fetched later, as long as the daemon runs: not by this request's context.
	provider, err := oidc.NewProvider(oidc.ClientContext(context.WithoutCancel(ctx), p.client), p.options.Issuer)
	if err != nil {
		return nil, &AwayError{err}
	}
	var also struct {
		EndSession string   `json:"end_session_endpoint"`
		Scopes     []string `json:"scopes_supported"`
	}
	if err := provider.Claims(&also); err != nil {
		return nil, &AwayError{err}
	}
	d := &discovered{Provider: provider, scopes: []string{oidc.ScopeOpenID}, endSession: also.EndSession}
	for _, scope := range []string{"profile", "email", "groups"} {
		if slices.Contains(also.Scopes, scope) || len(also.Scopes) == 0 && scope != "groups" {
			d.scopes = append(d.scopes, scope)
		}
	}
	d.verifier = provider.Verifier(&oidc.Config{ClientID: p.options.ClientID, Now: p.options.Clock})
	p.mu.Lock()
	defer p.mu.Unlock()
	p.found = d
	return d, nil
}

func (p *Provider) config(d *discovered, secret string) *oauth2.Config {
	return &oauth2.Config{ClientID: p.options.ClientID, ClientSecret: secret, Endpoint: d.Endpoint(), RedirectURL: p.options.Callback, Scopes: d.scopes}
}

// addUserInfo adds the claims that a provider tells only when it is asked for them.
func addUserInfo(ctx context.Context, d *discovered, token *oauth2.Token, subject string, claims map[string]any) error {
	info, err := d.UserInfo(ctx, oauth2.StaticTokenSource(token))
	if err != nil {
		return refusedOrAway(err)
	}
	if info.Subject != subject { // section 5.3.2
		return &RefusedError{errors.New("the user info is of somebody else")}
	}
	more := map[string]any{}
	if err := info.Claims(&more); err != nil {
		return &RefusedError{err}
	}
	for key, value := range more {
		if _, known := claims[key]; !known {
			claims[key] = value
		}
	}
	return nil
}

// find is what a claim holds; dots lead into objects, as in realm_access.roles.
func find(claims map[string]any, name string) (value any, has bool) {
	if value, has = claims[name]; has { // also one that has dots in its name
		return value, true
	}
	first, rest, inside := strings.Cut(name, ".")
	object, ok := claims[first].(map[string]any)
	if !inside || !ok {
		return nil, false
	}
	return find(object, rest)
}

// groupsIn reads a list of groups, or the only one.
func groupsIn(value any) (out []string) {
	switch v := value.(type) {
	case string:
		return []string{v}
	case []any:
		for _, one := range v {
			if s, ok := one.(string); ok {
				out = append(out, s)
			}
		}
	}
	return out
}
