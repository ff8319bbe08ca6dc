package web

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/http"
	"net/url"
	"reflect"
	"time"

	"github.com/alexedwards/scs/v2"

	"duban/ledger"
	"duban/rules/problem"
	"duban/scheduler"
)

// How long somebody stays signed in: without doing anything, and at most.
const (
	idleTime    = 12 * time.Hour
	sessionTime = 7 * 24 * time.Hour
)

// newSessions keeps sessions in the ledger, under a hash of what the browser
// holds.
func newSessions(l ledger.Store, clock scheduler.Clock, secure bool, trouble func(http.ResponseWriter, *http.Request, error)) *scs.SessionManager {
	m := scs.New()
	m.Store = &sessionStore{l, clock}
	m.Lifetime, m.IdleTimeout, m.HashTokenInStore, m.ErrorFunc = sessionTime, idleTime, true, trouble
	m.Cookie.Name, m.Cookie.HttpOnly, m.Cookie.SameSite, m.Cookie.Secure = "duban", true, http.SameSiteLaxMode, secure
	if secure {
		m.Cookie.Name = "__Host-duban" // nobody but this host can set it (RFC 6265bis, 4.1.3.2)
	}
	return m
}

// sessionStore is the ledger as scs wants it.
type sessionStore struct {
	ledger ledger.Store
	clock  scheduler.Clock
}

func (s *sessionStore) FindCtx(ctx context.Context, token string) ([]byte, bool, error) {
	return s.ledger.Session(ctx, token, s.clock())
}

func (s *sessionStore) CommitCtx(ctx context.Context, token string, data []byte, expires time.Time) error {
	if s.has(ctx, token, data, expires.Add(-idleRenewal)) {
		return nil // seen a moment ago: not worth a write
	}
	err := s.ledger.Update(ctx, func(tx ledger.Tx) error { return tx.SaveSession(token, data, expires, s.clock()) })
	if err != nil && s.has(ctx, token, data, s.clock()) {
		return nil // it only ends earlier: whoever looks can go on looking
	}
	return err
}

// has tells whether the ledger holds a session with that in it which lasts
// beyond a moment. Maps are encoded in any order: what is in them counts.
func (s *sessionStore) has(ctx context.Context, token string, data []byte, beyond time.Time) bool {
	old, found, err := s.ledger.Session(ctx, token, beyond)
	if err != nil || !found {
		return false
	}
	oldEnd, oldValues, oldErr := scs.GobCodec{}.Decode(old)
	end, values, err := scs.GobCodec{}.Decode(data)
	return oldErr == nil && err == nil && oldEnd.Equal(end) && reflect.DeepEqual(oldValues, values)
}

func (s *sessionStore) DeleteCtx(ctx context.Context, token string) error {
	return s.ledger.Update(ctx, func(tx ledger.Tx) error { return tx.EndSession(token) })
}

// scs calls those above; these complete its interface.
func (s *sessionStore) Find(token string) ([]byte, bool, error) {
	return s.FindCtx(context.Background(), token)
}
func (s *sessionStore) Commit(token string, b []byte, expires time.Time) error {
	return s.CommitCtx(context.Background(), token, b, expires)
}
func (s *sessionStore) Delete(token string) error { return s.DeleteCtx(context.Background(), token) }

// idleRenewal is how often the end of an idle session is put off: a page that is
// looked at does not write to the ledger each time.
const idleRenewal = 10 * time.Minute

type userKey struct{}

// visitor is who a request comes from; it is known once the session is read.
type visitor struct{ account *ledger.Account }

// user is who is signed in, or nil.
func user(r *http.Request) *ledger.Account {
	if v, ok := r.Context().Value(userKey{}).(*visitor); ok {
		return v.account
	}
	return nil
}

// signedIn lets p answer those who may; others sign in first.
func (s *signing) signedIn(role ledger.Role, p page) page {
	return func(w http.ResponseWriter, r *http.Request) error {
		w.Header().Set("Cache-Control", "no-store")
		a, err := s.account(r)
		r.Context().Value(userKey{}).(*visitor).account = a // answer has put it there
		switch {
		case err != nil:
			return err
		case a == nil && r.Method != http.MethodGet && r.Method != http.MethodHead:
			return problem.New(problem.SignedOut, "Your session has ended: sign in again. Nothing was changed.")
		case a == nil:
			http.Redirect(w, r, "/signin?next="+url.QueryEscape(r.URL.RequestURI()), http.StatusSeeOther)
			return nil
		case role == ledger.RoleAdmin && a.Role != ledger.RoleAdmin:
			return problem.New(problem.Forbidden, "You may look, but not change anything: ask an administrator.")
		}
		return parsed(s.frame.most(r), p)(w, r)
	}
}

// account is whose session it is, or nil. A session ends with its account, and
// when the password changes.
func (s *signing) account(r *http.Request) (*ledger.Account, error) {
	name := s.sessions.GetString(r.Context(), "account")
	if until := s.sessions.GetInt64(r.Context(), "until"); name == "" || until != 0 && s.view().Now.Unix() >= until {
		return nil, nil
	}
	a, err := s.ledger.Account(r.Context(), name)
	if errors.Is(err, ledger.ErrNotFound) || err == nil && passwordMark(a) != s.sessions.GetString(r.Context(), "password") {
		return nil, nil
	}
	return a, err
}

// begin signs somebody in, under a new token.
func (s *signing) begin(w http.ResponseWriter, r *http.Request, a *ledger.Account) error {
	if err := s.sessions.RenewToken(r.Context()); err != nil {
		return err
	}
	s.sessions.Put(r.Context(), "account", a.Name)
	s.sessions.Put(r.Context(), "password", passwordMark(a))
	s.sessions.Remove(r.Context(), "until")
	s.remember(w, a.Name)
	return nil
}

// messageCookie carries what is to be said on the next page. It is not in the
// session: a page that is asked for at the same time would write an older one.
const messageCookie = "message"

// say shows a message on the next page.
func (f *frame) say(w http.ResponseWriter, message string) {
	http.SetCookie(w, &http.Cookie{Name: messageCookie, Value: url.QueryEscape(message), Path: "/", MaxAge: 60, HttpOnly: true, SameSite: http.SameSiteLaxMode, Secure: f.secure})
}

// said takes the message that is to be shown now; empty: none.
func (f *frame) said(w http.ResponseWriter, r *http.Request) string {
	c, err := r.Cookie(messageCookie)
	if err != nil {
		return ""
	}
	http.SetCookie(w, &http.Cookie{Name: messageCookie, Path: "/", MaxAge: -1, HttpOnly: true, SameSite: http.SameSiteLaxMode, Secure: f.secure})
	message, _ := url.QueryUnescape(c.Value) // garbled: nothing to say
	return message
}

// passwordMark changes with the password.
func passwordMark(a *ledger.Account) string {
	h := sha256.Sum256([]byte(a.Password))
	return hex.EncodeToString(h[:8])
}
