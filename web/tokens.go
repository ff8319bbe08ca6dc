package web

import (
	"errors"
	"net/http"
	"strings"

	"duban/ledger"
)

// tokensPage is what is shown of the tokens on the page of the accounts.
type tokensPage struct {
	Tokens []*ledger.Token
	New    string // what was just made: shown this once
	Remove string // the token that is to go, if that is meant; empty: none is
	Name   string
	Error  error
}

// tokens are those in force, for those who may know them.
func (s *signing) tokens(r *http.Request, p tokensPage) (tokensPage, error) {
	if user(r).Role != ledger.RoleAdmin {
		return p, nil
	}
	var err error
	p.Tokens, err = s.ledger.Tokens(r.Context())
	for _, t := range p.Tokens {
		t.Created = t.Created.In(s.view().Settings.Timezone)
	}
	return p, err
}

func (s *signing) addToken(w http.ResponseWriter, r *http.Request) error {
	name := strings.TrimSpace(r.PostFormValue("name"))
	made, err := s.desk.AddToken(r.Context(), name, ledger.Role(r.PostFormValue("role")), user(r).Name)
	if err != nil {
		field := asField(err)
		if field == nil {
			return err
		}
		return s.showAccounts(w, r, http.StatusUnprocessableEntity, accountsPage{Programs: tokensPage{Name: name, Error: field}})
	}
	return s.showAccounts(w, r, http.StatusOK, accountsPage{Programs: tokensPage{New: made, Name: name}})
}

func (s *signing) removeToken(w http.ResponseWriter, r *http.Request) error {
	name := r.PathValue("name")
	if r.PostFormValue("sure") != "yes" {
		return s.showAccounts(w, r, http.StatusOK, accountsPage{Programs: tokensPage{Remove: name}})
	}
	err := s.desk.RemoveToken(r.Context(), name, user(r).Name)
	if errors.Is(err, ledger.ErrNotFound) {
		err = errNotFound
	}
	return s.frame.done(w, r, err, "Saved.", "/accounts")
}
