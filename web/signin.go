package web

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"duban/ledger"
	"duban/rules/problem"
	"duban/scheduler/desk"
)

func newToken() string { return rand.Text() }

func hashToken(token string) string {
	h := sha256.Sum256([]byte(token))
	return hex.EncodeToString(h[:])
}

// signinForm is what both forms show again after a mistake.
type signinForm struct {
	Name, Next string
	Error      error
	SignOn     bool // there is a provider to sign in at
}

func (s *signing) signinPage(w http.ResponseWriter, r *http.Request) error {
	return s.showSignin(w, r, http.StatusOK, signinForm{Next: safeNext(r.FormValue("next"))})
}

func (s *signing) showSignin(w http.ResponseWriter, r *http.Request, code int, form signinForm) error {
	form.SignOn = s.signOn != nil
	return s.frame.show(w, r, code, "signin", form)
}

// safeNext is a place on this site. Browsers leave out tabs and line ends, and
// take a backslash for a slash (WHATWG URL, 4.4).
func safeNext(next string) string {
	u, err := url.Parse(next)
	odd := func(r rune) bool { return r <= ' ' || r == 0x7f || r == '\\' }
	if err != nil || u.Scheme != "" || u.Host != "" || !strings.HasPrefix(next, "/") || strings.HasPrefix(next, "//") || strings.ContainsFunc(next, odd) {
		return "/"
	}
	return next
}

func (s *signing) signin(w http.ResponseWriter, r *http.Request) error {
	form := signinForm{Name: strings.TrimSpace(r.PostFormValue("name")), Next: safeNext(r.PostFormValue("next"))}
	allowed, right := s.guard.allow(s.peers.client(r), form.Name, s.knows(r, form.Name), s.view().Now)
	if !allowed {
		s.frame.log.Warn().Str("from", s.peers.client(r)).Msg("too many passwords tried")
		w.Header().Set("Retry-After", "60")
		form.Error = problem.Errorf("Too many attempts: wait a minute.")
		return s.showSignin(w, r, http.StatusTooManyRequests, form)
	}
	a, err := s.ledger.Account(r.Context(), form.Name)
	if err != nil && !errors.Is(err, ledger.ErrNotFound) {
		return err
	}
	if err != nil {
		a = nil
	}
	ok, err := s.guard.matches(r.Context(), a, r.PostFormValue("password"))
	if err != nil {
		return err
	}
	if !ok {
		s.frame.log.Warn().Str("from", s.peers.client(r)).Msg("wrong password")
		form.Error = problem.Errorf("The name or the password is wrong.")
		return s.showSignin(w, r, http.StatusUnauthorized, form)
	}
	right()
	if err := s.begin(w, r, a); err != nil {
		return err
	}
	http.Redirect(w, r, form.Next, http.StatusSeeOther)
	return nil
}

func (s *signing) signout(w http.ResponseWriter, r *http.Request) error {
	next := "/signin"
	if s.signOn != nil && s.sessions.GetInt64(r.Context(), "until") != 0 {
		if there := s.signOn.SignOut(s.links.Base + next); there != "" {
			next = there
		}
	}
	if err := s.sessions.Destroy(r.Context()); err != nil {
		return err
	}
	http.Redirect(w, r, next, http.StatusSeeOther)
	return nil
}

// mayBeFirst tells whether the one-time link to make the first account is good.
func (s *signing) mayBeFirst(r *http.Request) error {
	accounts, err := s.ledger.Accounts(r.Context())
	if err != nil {
		return err
	}
	want, err := s.ledger.Fact(r.Context(), desk.FactFirst)
	if err != nil {
		return err
	}
	return firstFits(accounts, want, r.PathValue("token"))
}

// hasAdmin tells whether somebody is an administrator: who came by a provider may all
// be viewers.
func hasAdmin(accounts []*ledger.Account) bool {
	return slices.ContainsFunc(accounts, func(a *ledger.Account) bool { return a.Role == ledger.RoleAdmin })
}

func firstFits(accounts []*ledger.Account, want, token string) error {
	if hasAdmin(accounts) || want == "" || subtle.ConstantTimeCompare([]byte(hashToken(token)), []byte(want)) != 1 {
		return problem.New(problem.Forbidden, "This link is used up or was replaced: the last one that serve printed works, once.")
	}
	return nil
}

// addFirst makes the first account and uses up the link, in one transaction: of
// several who post at once one succeeds.
func (s *signing) addFirst(r *http.Request, name string) (*ledger.Account, error) {
	return s.desk.AddAccount(r.Context(), name, ledger.RoleAdmin, r.PostFormValue("password"), name, func(tx ledger.Tx) error {
		accounts, err := tx.Accounts(tx.Context())
		if err != nil {
			return err
		}
		want, err := tx.Fact(tx.Context(), desk.FactFirst)
		if err == nil {
			err = firstFits(accounts, want, r.PathValue("token"))
		}
		if err != nil {
			return err
		}
		return tx.SetFact(desk.FactFirst, "")
	})
}

func (s *signing) firstPage(w http.ResponseWriter, r *http.Request) error {
	if err := s.mayBeFirst(r); err != nil {
		return err
	}
	return s.frame.show(w, r, http.StatusOK, "first", signinForm{})
}

func (s *signing) firstAccount(w http.ResponseWriter, r *http.Request) error {
	if err := s.mayBeFirst(r); err != nil { // before the password costs anything
		return err
	}
	form := signinForm{Name: strings.TrimSpace(r.PostFormValue("name"))}
	a, err := s.addFirst(r, form.Name)
	if err != nil {
		if form.Error = asField(err); form.Error == nil {
			return err
		}
		return s.frame.show(w, r, http.StatusUnprocessableEntity, "first", form)
	}
	if err := s.begin(w, r, a); err != nil {
		return err
	}
	http.Redirect(w, r, "/", http.StatusSeeOther)
	return nil
}

// accountsPage is what the accounts template shows.
type accountsPage struct {
	Accounts []*ledger.Account
	Remove   string // the account that is to go, if that is meant; empty: none is
	Name     string
	Error    error
	Programs tokensPage
	Password bool // who looks has one
}

func (s *signing) accounts(w http.ResponseWriter, r *http.Request) error {
	return s.showAccounts(w, r, http.StatusOK, accountsPage{})
}

func (s *signing) showAccounts(w http.ResponseWriter, r *http.Request, code int, p accountsPage) (err error) {
	if p.Accounts, err = s.ledger.Accounts(r.Context()); err != nil {
		return err
	}
	p.Password = !user(r).SignsOn()
	for _, a := range p.Accounts {
		a.Created = a.Created.In(s.view().Settings.Timezone)
	}
	if p.Programs, err = s.tokens(r, p.Programs); err != nil {
		return err
	}
	return s.frame.show(w, r, code, "accounts", p)
}

func (s *signing) addAccount(w http.ResponseWriter, r *http.Request) error {
	name := strings.TrimSpace(r.PostFormValue("name"))
	_, err := s.desk.AddAccount(r.Context(), name, ledger.Role(r.PostFormValue("role")), r.PostFormValue("password"), user(r).Name, nil)
	return s.accountChanged(w, r, name, err)
}

func (s *signing) changeAccount(w http.ResponseWriter, r *http.Request) (err error) {
	name, by := r.PathValue("name"), user(r).Name
	switch r.PathValue("what") {
	case "remove":
		if r.PostFormValue("sure") != "yes" {
			return s.showAccounts(w, r, http.StatusOK, accountsPage{Remove: name})
		}
		err = s.desk.RemoveAccount(r.Context(), name, by)
	case "role":
		err = s.desk.SetRole(r.Context(), name, ledger.Role(r.PostFormValue("role")), by)
	case "password":
		_, err = s.desk.ChangePassword(r.Context(), name, r.PostFormValue("password"), by)
	default:
		err = errNotFound
	}
	return s.accountChanged(w, r, name, err)
}

func (s *signing) accountChanged(w http.ResponseWriter, r *http.Request, name string, err error) error {
	if field := asField(err); field != nil {
		return s.showAccounts(w, r, http.StatusUnprocessableEntity, accountsPage{Name: name, Error: field})
	}
	return s.frame.done(w, r, err, "Saved.", "/accounts")
}

// changePassword is for one's own; the old one has to be known.
func (s *signing) changePassword(w http.ResponseWriter, r *http.Request) error {
	me := user(r)
	if allowed, _ := s.guard.allow(s.peers.client(r), me.Name, true, s.view().Now); !allowed {
		return problem.New(problem.TooMany, "Too many attempts: wait a minute.")
	}
	ok, err := s.guard.matches(r.Context(), me, r.PostFormValue("old"))
	if err != nil {
		return err
	}
	if !ok {
		return s.showAccounts(w, r, http.StatusUnprocessableEntity, accountsPage{Error: problem.Refuse("old", "The password is wrong.")})
	}
	a, err := s.desk.ChangePassword(r.Context(), me.Name, r.PostFormValue("password"), me.Name)
	if err == nil {
		err = s.begin(w, r, a) // this session goes on
	}
	return s.accountChanged(w, r, "", err)
}

// FirstLink makes the one-time address under which the first account is made;
// empty: there is an administrator. An earlier one no longer works.
func FirstLink(ctx context.Context, l ledger.Store, base string) (string, error) {
	accounts, err := l.Accounts(ctx)
	if err != nil || hasAdmin(accounts) {
		return "", err
	}
	token := newToken()
	err = l.Update(ctx, func(tx ledger.Tx) error { return tx.SetFact(desk.FactFirst, hashToken(token)) })
	return fmt.Sprintf("%s/first/%s", base, token), err
}
