package ledger

import "time"

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
