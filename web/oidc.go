package web

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/http"
	"time"

	"duban/ledger"
	"duban/rules/problem"
	"duban/scheduler/desk"
	"duban/web/signon"
)

// Single sign-on: the way to the provider and back. What is believed of what comes
// back is signon's to say, whose account it is the desk's.

// signOnTime is how long somebody stays signed in before the provider is asked again:
// who has lost a group there, or his place, has lost it here by then.
const signOnTime = 10 * time.Hour

// attemptTime is how long somebody may take at the provider.
const attemptTime = 15 * time.Minute

// attemptCookie keeps an attempt in the browser that began it: nothing is written for
// strangers.
func (s *signing) attemptCookie(value string, age time.Duration) *http.Cookie {
	name := "signon"
	if s.frame.secure {
		name = "__Host-signon"
	}
	return &http.Cookie{Name: name, Value: value, Path: "/", MaxAge: int(age.Seconds()), HttpOnly: true, SameSite: http.SameSiteLaxMode, Secure: s.frame.secure}
}

// maySignOn refuses where there is no provider, or too much is asked of it; right
// gives the try back to who was let in.
func (s *signing) maySignOn(w http.ResponseWriter, r *http.Request) (right func(), err error) {
	w.Header().Set("Cache-Control", "no-store")
	if s.signOn == nil {
		return nil, errNotFound
	}
	allowed, right := s.guard.allow(s.peers.client(r), "", false, s.view().Now)
	if !allowed {
		w.Header().Set("Retry-After", "60")
		return nil, problem.New(problem.TooMany, "Too many attempts: wait a minute.")
	}
	return right, nil
}

func (s *signing) beginSignOn(w http.ResponseWriter, r *http.Request) error {
	right, err := s.maySignOn(w, r)
	if err != nil {
		return err
	}
	next := safeNext(r.FormValue("next"))
	attempt, address, err := s.signOn.Begin(r.Context(), next)
	if err != nil {
		return s.notSignedOn(w, r, next, err)
	}
	right() // nobody was asked anything
	kept, err := json.Marshal(attempt)
	if err != nil {
		return err
	}
	http.SetCookie(w, s.attemptCookie(base64.RawURLEncoding.EncodeToString(kept), attemptTime))
	http.Redirect(w, r, address, http.StatusSeeOther)
	return nil
}

func (s *signing) finishSignOn(w http.ResponseWriter, r *http.Request) error {
	right, err := s.maySignOn(w, r)
	if err != nil {
		return err
	}
	attempt := s.attempt(r)
	http.SetCookie(w, s.attemptCookie("", -time.Second)) // it serves once
	who, err := s.signOn.Finish(r.Context(), attempt, r.URL.Query())
	if err != nil {
		return s.notSignedOn(w, r, safeNext(attempt.Next), err)
	}
	n := desk.Newcomer{Issuer: who.Issuer, Subject: who.Subject, Name: who.Name}
	if who.Decides {
		n.Role = ledger.RoleViewer
		if who.Admin {
			n.Role = ledger.RoleAdmin
		}
	}
	a, err := s.desk.SignOn(r.Context(), n)
	if err != nil {
		return err
	}
	right()
	if err := s.begin(w, r, a); err != nil {
		return err
	}
	s.sessions.Put(r.Context(), "until", s.view().Now.Add(signOnTime).Unix())
	http.Redirect(w, r, safeNext(attempt.Next), http.StatusSeeOther)
	return nil
}

// attempt is what the browser has kept; of none, or a garbled one, nothing comes.
func (s *signing) attempt(r *http.Request) (a signon.Attempt) {
	c, err := r.Cookie(s.attemptCookie("", 0).Name)
	if err != nil {
		return a
	}
	kept, err := base64.RawURLEncoding.DecodeString(c.Value)
	if err != nil || json.Unmarshal(kept, &a) != nil {
		return signon.Attempt{}
	}
	return a
}

// notSignedOn says on the form what went wrong: there is the way for who has a
// password.
func (s *signing) notSignedOn(w http.ResponseWriter, r *http.Request, next string, err error) error {
	form, code := signinForm{Next: next}, http.StatusForbidden
	var away *signon.AwayError
	var refused *signon.RefusedError
	switch {
	case errors.As(err, &away):
		code, form.Error = http.StatusServiceUnavailable, problem.Errorf("The sign-on service cannot be reached: try again later, or sign in with a password.")
	case errors.As(err, &refused):
		form.Error = problem.Errorf("The sign-on service did not let you in, or what it sent cannot be believed: try again.")
	case problem.CodeOf(err) == problem.Forbidden:
		form.Error = err
	default:
		return err
	}
	s.frame.log.Warn().Str("from", s.peers.client(r)).Str("error", CutLinks(err.Error())).Msg("nobody was signed on")
	return s.showSignin(w, r, code, form)
}
