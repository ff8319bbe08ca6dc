package desk

import (
	"cmp"
	"context"
	"net/url"
	"strconv"
	"strings"
	"unicode/utf8"

	"duban/ledger"
	"duban/scheduler/engine"
)

// Newcomer is somebody who has signed in at a provider.
type Newcomer struct {
	Issuer, Subject string      // who it is, for good
	Name            string      // what he is called there
	Role            ledger.Role // what his groups make him; empty: they decide nothing
}

// SignOn is the account of somebody who has signed in at a provider: his own from
// before, brought to what his groups say now, or a new one, which looks and changes
// nothing unless they say more. It is never one with a password, whatever he is
// called.
func (d *Desk) SignOn(ctx context.Context, n Newcomer) (a *ledger.Account, err error) {
	credential := ledger.SignOn(n.Issuer, n.Subject)
	err = d.ledger.Update(ctx, func(tx ledger.Tx) error {
		all, err := tx.Accounts(tx.Context())
		if err != nil {
			return err
		}
		taken := map[string]bool{}
		a = nil
		for _, one := range all {
			taken[one.Name] = true
			if one.Password == credential {
				a = one
			}
		}
		v := d.view()
		if err := others(tx, v, taken); err != nil {
			return err
		}
		now, action := v.Now, "role changed"
		switch {
		case a == nil:
			a = &ledger.Account{Name: freeName(n, taken), Role: cmp.Or(n.Role, ledger.RoleViewer), Password: credential, Created: now}
			action = "account added"
		case n.Role == "" || n.Role == a.Role:
			return nil
		default:
			a.Role = n.Role // also the last administrator's: who is one is the groups' to say
		}
		if a.Role == ledger.RoleAdmin { // nobody needs the first link any more
			if err := tx.SetFact(FactFirst, ""); err != nil {
				return err
			}
		}
		return tx.SaveAccount(a, ledger.Entry{At: now, Actor: a.Name, Action: action, Reason: "signed in at " + n.Issuer})
	})
	return a, err
}

// others adds the names under which others act: the journal tells by a name who did
// something.
func others(tx ledger.Tx, v engine.View, taken map[string]bool) error {
	tokens, err := tx.Tokens(tx.Context())
	if err != nil {
		return err
	}
	for _, t := range tokens {
		taken[t.Name] = true
	}
	for _, u := range v.Rules.Units {
		taken[u.ID], taken[u.Name] = true, true
	}
	taken[engine.ByDaemon] = true
	return nil
}

// freeName makes the name of somebody at a provider into one of an account that
// nobody has.
func freeName(n Newcomer, taken map[string]bool) string {
	name := strings.Map(func(r rune) rune {
		if accountForm.MatchString("a" + string(r)) {
			return r
		}
		return '-'
	}, n.Name)
	name = strings.TrimLeft(name, "._@-")
	if name == "" {
		name = "user"
	}
	host := ""
	if u, err := url.Parse(n.Issuer); err == nil {
		host = "@" + strings.ReplaceAll(u.Hostname(), ":", "-")
	}
	for i := 0; ; i++ {
		end := ""
		switch {
		case i == 1:
			end = host
		case i > 1:
			end = "-" + strconv.Itoa(i)
		}
		if one := cut(name, 64-utf8.RuneCountInString(end)) + end; accountForm.MatchString(one) && !taken[one] {
			return one
		}
	}
}

// cut is the first so many characters of a text.
func cut(s string, most int) string {
	r := []rune(s)
	return string(r[:max(0, min(most, len(r)))])
}
