package ledger

import (
	"context"
	"time"
)

// Token lets a program in, with the rights of a role.
type Token struct {
	Name    string // under which the journal has what it did
	Role    Role
	Hash    string // SHA-256 of what the program sends: that itself is kept nowhere
	Created time.Time
}

// TokenReader answers which programs are let in.
type TokenReader interface {
	// Tokens are those in force, by name.
	Tokens(ctx context.Context) ([]*Token, error)

	// Token is the one of that hash; ErrNotFound: there is none in force.
	Token(ctx context.Context, hash string) (*Token, error)
}

// TokenWriter changes which.
type TokenWriter interface {
	// AddToken lets a program in.
	AddToken(t *Token, e Entry) error

	// RemoveToken ends a token; its name stays in the journal.
	RemoveToken(name string, e Entry) error
}
