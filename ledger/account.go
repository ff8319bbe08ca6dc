package ledger

import (
	"context"
	"strings"
	"time"
)

// Role is what an account may do on the page.
type Role string

// The roles.
const (
	RoleAdmin  Role = "admin"
	RoleViewer Role = "viewer" // looks, changes nothing
)

// Roles in the order of what they may do.
var Roles = []Role{RoleAdmin, RoleViewer}

// Account is somebody who may use the page.
type Account struct {
	Name     string
	Role     Role
	Password string // what proves who it is: Argon2id as a PHC string, or as SignOn makes it
	Created  time.Time
}

// signOn begins what stands in place of a password where a provider says who it is.
const signOn = "openid "

// SignOn is what an account has in place of a password, whose holder signs in at a
// provider: no password ever equals it.
func SignOn(issuer, subject string) string { return signOn + issuer + " " + subject }

// SignsOn tells whether its holder signs in at a provider, not by a password.
func (a *Account) SignsOn() bool { return strings.HasPrefix(a.Password, signOn) }

// AccountReader answers who may use the page.
type AccountReader interface {
	// Accounts are those in force, by name.
	Accounts(ctx context.Context) ([]*Account, error)

	// Account is the one of that name; ErrNotFound: there is none in force.
	Account(ctx context.Context, name string) (*Account, error)
}

// AccountWriter changes who may.
type AccountWriter interface {
	// SaveAccount adds an account, or changes its role or password.
	SaveAccount(a *Account, e Entry) error

	// RemoveAccount ends an account; its name stays in the journal.
	RemoveAccount(name string, e Entry) error
}
