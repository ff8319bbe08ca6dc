package web

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/alexedwards/argon2id"

	"duban/ledger"
	"duban/rules/problem"
)

// passwordCost is the second choice of RFC 9106, section 4: 64 MiB, 3 passes.
var passwordCost = &argon2id.Params{Memory: 64 * 1024, Iterations: 3, Parallelism: 4, SaltLength: 16, KeyLength: 32}

// minPassword is the fewest characters of a password.
const minPassword = 10

var accountForm = regexp.MustCompile(`^[\p{L}\p{N}][\p{L}\p{N}._@-]{0,63}$`)

// HashPassword makes a password into what the ledger keeps.
func HashPassword(password string) (string, error) {
	switch n := utf8.RuneCountInString(password); {
	case n < minPassword:
		return "", problem.Refuse("password", "The password needs at least %d characters.", minPassword)
	case len(password) > 1000:
		return "", problem.Refuse("password", "The password is too long.")
	}
	return argon2id.CreateHash(password, passwordCost)
}

// AddAccount lets somebody use the page.
func AddAccount(ctx context.Context, l ledger.Store, now time.Time, name string, role ledger.Role, password, by string) (*ledger.Account, error) {
	return addAccount(ctx, l, now, name, role, password, by, func(ledger.Tx) error { return nil })
}

// addAccount does that if first, in the same transaction, has nothing against it.
func addAccount(ctx context.Context, l ledger.Store, now time.Time, name string, role ledger.Role, password, by string, first func(ledger.Tx) error) (*ledger.Account, error) {
	switch {
	case !accountForm.MatchString(name):
		return nil, problem.Refuse("name", "A name has letters, digits, “.”, “-”, “_” and “@”, at most 64.")
	case !slices.Contains(ledger.Roles, role):
		return nil, problem.Refuse("role", "A role is admin or viewer.")
	}
	hash, err := HashPassword(password)
	if err != nil {
		return nil, err
	}
	a := &ledger.Account{Name: name, Role: role, Password: hash, Created: now}
	return a, l.Update(ctx, func(tx ledger.Tx) error {
		if err := first(tx); err != nil {
			return err
		}
		if _, err := tx.Account(tx.Context(), name); !errors.Is(err, ledger.ErrNotFound) {
			if err == nil {
				err = problem.Refuse("name", "There is an account %q already.", name)
			}
			return err
		}
		return tx.SaveAccount(a, ledger.Entry{At: now, Actor: by, Action: "account added"})
	})
}

// ChangePassword gives an account another password, and ends its sessions.
func ChangePassword(ctx context.Context, l ledger.Store, now time.Time, name, password, by string) (*ledger.Account, error) {
	hash, err := HashPassword(password)
	if err != nil {
		return nil, err
	}
	var a *ledger.Account
	return a, l.Update(ctx, func(tx ledger.Tx) error {
		if a, err = tx.Account(tx.Context(), name); err != nil {
			return err
		}
		a.Password = hash
		return tx.SaveAccount(a, ledger.Entry{At: now, Actor: by, Action: "password changed"})
	})
}

// changeAccountIn changes one in force, and keeps at least one administrator.
func changeAccountIn(ctx context.Context, l ledger.Store, name string, change func(ledger.Tx, *ledger.Account) error) error {
	return l.Update(ctx, func(tx ledger.Tx) error {
		a, err := tx.Account(tx.Context(), name)
		if err != nil {
			return err
		}
		if err := change(tx, a); err != nil {
			return err
		}
		left, err := tx.Accounts(tx.Context())
		if err != nil {
			return err
		}
		if !slices.ContainsFunc(left, func(a *ledger.Account) bool { return a.Role == ledger.RoleAdmin }) {
			return problem.Refuse("name", "%s is the last administrator: make another one first.", name)
		}
		return nil
	})
}

// RemoveAccount ends an account and its sessions; the last administrator stays.
func RemoveAccount(ctx context.Context, l ledger.Store, now time.Time, name, by string) error {
	return changeAccountIn(ctx, l, name, func(tx ledger.Tx, _ *ledger.Account) error {
		return tx.RemoveAccount(name, ledger.Entry{At: now, Actor: by})
	})
}

// SetRole changes what an account may do; the last administrator stays one.
func SetRole(ctx context.Context, l ledger.Store, now time.Time, name string, role ledger.Role, by string) error {
	if !slices.Contains(ledger.Roles, role) {
		return problem.Refuse("role", "A role is admin or viewer.")
	}
	return changeAccountIn(ctx, l, name, func(tx ledger.Tx, a *ledger.Account) error {
		a.Role = role
		return tx.SaveAccount(a, ledger.Entry{At: now, Actor: by, Action: "role changed"})
	})
}

// nobody is compared with where there is no such account, so that the answer
// takes as long.
var nobody = sync.OnceValues(func() (string, error) { return argon2id.CreateHash("nobody has this password", passwordCost) })

// matches compares a password with an account's, which may be nil.
func (g *guard) matches(ctx context.Context, a *ledger.Account, password string) (bool, error) {
	select {
	case g.hashing <- struct{}{}:
		defer func() { <-g.hashing }()
	case <-ctx.Done():
		return false, ctx.Err()
	}
	hash, err := nobody()
	if err != nil {
		return false, err
	}
	if a != nil {
		hash = a.Password
	}
	ok, err := argon2id.ComparePasswordAndHash(password, hash)
	return ok && a != nil, err
}

// passwordMark changes with the password.
func passwordMark(a *ledger.Account) string {
	h := sha256.Sum256([]byte(a.Password))
	return hex.EncodeToString(h[:8])
}

// FirstLink makes the one-time address under which the first account is made;
// empty: there are accounts. An earlier one no longer works.
func FirstLink(ctx context.Context, l ledger.Store, base string) (string, error) {
	accounts, err := l.Accounts(ctx)
	if err != nil || len(accounts) > 0 {
		return "", err
	}
	token := newToken()
	err = l.Update(ctx, func(tx ledger.Tx) error { return tx.SetFact(factFirst, hashToken(token)) })
	return fmt.Sprintf("%s/first/%s", base, token), err
}

const factFirst = "first account"
