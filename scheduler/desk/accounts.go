package desk

import (
	"context"
	"regexp"
	"slices"
	"sync"
	"unicode/utf8"

	"github.com/alexedwards/argon2id"

	"duban/ledger"
	"duban/rules/problem"
)

// passwordCost is the second choice of RFC 9106, section 4: 64 MiB, 3 passes.
var passwordCost = &argon2id.Params{Memory: 64 * 1024, Iterations: 3, Parallelism: 4, SaltLength: 16, KeyLength: 32}

// minPassword is the fewest characters of a password.
const minPassword = 10

// FactFirst is a hash of the one-time link that makes the first administrator.
const FactFirst = "first account"

var accountForm = regexp.MustCompile(`^[\p{L}\p{N}][\p{L}\p{N}._@-]{0,63}$`)

// hashPassword makes a password into what the ledger keeps.
func hashPassword(password string) (string, error) {
	switch n := utf8.RuneCountInString(password); {
	case n < minPassword:
		return "", problem.Refuse("password", "The password needs at least %d characters.", minPassword)
	case len(password) > 1000:
		return "", problem.Refuse("password", "The password is too long.")
	}
	return argon2id.CreateHash(password, passwordCost)
}

// AddAccount lets somebody use the page. allowed, in the same transaction, may have
// something against it; nil: nothing has.
func (d *Desk) AddAccount(ctx context.Context, name string, role ledger.Role, password, by string, allowed func(ledger.Tx) error) (*ledger.Account, error) {
	switch {
	case !accountForm.MatchString(name):
		return nil, problem.Refuse("name", "A name has letters, digits, “.”, “-”, “_” and “@”, at most 64.")
	case !slices.Contains(ledger.Roles, role):
		return nil, problem.Refuse("role", "A role is admin or viewer.")
	}
	hash, err := hashPassword(password)
	if err != nil {
		return nil, err
	}
	now := d.view().Now
	a := &ledger.Account{Name: name, Role: role, Password: hash, Created: now}
	return a, d.ledger.Update(ctx, func(tx ledger.Tx) error {
		if allowed != nil {
			if err := allowed(tx); err != nil {
				return err
			}
		}
		if err := nameIsFree(tx, name); err != nil {
			return err
		}
		return tx.SaveAccount(a, ledger.Entry{At: now, Actor: by, Action: "account added"})
	})
}

// ChangePassword gives an account another password, and ends its sessions.
func (d *Desk) ChangePassword(ctx context.Context, name, password, by string) (*ledger.Account, error) {
	hash, err := hashPassword(password)
	if err != nil {
		return nil, err
	}
	var a *ledger.Account
	return a, d.ledger.Update(ctx, func(tx ledger.Tx) error {
		if a, err = tx.Account(tx.Context(), name); err != nil {
			return err
		}
		if a.SignsOn() {
			return problem.Refuse("name", "%s signs in at the sign-on service, which has the password.", name)
		}
		a.Password = hash
		return tx.SaveAccount(a, ledger.Entry{At: d.view().Now, Actor: by, Action: "password changed"})
	})
}

// RemoveAccount ends an account and its sessions; the last administrator stays.
func (d *Desk) RemoveAccount(ctx context.Context, name, by string) error {
	return d.changeAccount(ctx, name, func(tx ledger.Tx, _ *ledger.Account) error {
		return tx.RemoveAccount(name, ledger.Entry{At: d.view().Now, Actor: by})
	})
}

// SetRole changes what an account may do; the last administrator stays one.
func (d *Desk) SetRole(ctx context.Context, name string, role ledger.Role, by string) error {
	if !slices.Contains(ledger.Roles, role) {
		return problem.Refuse("role", "A role is admin or viewer.")
	}
	return d.changeAccount(ctx, name, func(tx ledger.Tx, a *ledger.Account) error {
		a.Role = role
		return tx.SaveAccount(a, ledger.Entry{At: d.view().Now, Actor: by, Action: "role changed"})
	})
}

// changeAccount changes one in force, and keeps at least one administrator.
func (d *Desk) changeAccount(ctx context.Context, name string, change func(ledger.Tx, *ledger.Account) error) error {
	return d.ledger.Update(ctx, func(tx ledger.Tx) error {
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

// nobody is compared with where there is no such account, so that the answer
// takes as long.
var nobody = sync.OnceValues(func() (string, error) { return argon2id.CreateHash("nobody has this password", passwordCost) })

// PasswordFits compares a password with an account's, which may be nil. It takes a
// while, and 64 MB.
func PasswordFits(a *ledger.Account, password string) (bool, error) {
	hash, err := nobody()
	if err != nil {
		return false, err
	}
	local := a != nil && !a.SignsOn()
	if local {
		hash = a.Password
	}
	ok, err := argon2id.ComparePasswordAndHash(password, hash)
	return ok && local, err
}
