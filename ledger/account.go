package ledger

import (
	"context"
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
	Password string // Argon2id, as a PHC string
	Created  time.Time
}

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
