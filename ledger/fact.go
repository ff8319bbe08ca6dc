package ledger

import "context"

// FactReader reads the ledger's facts.
type FactReader interface {
	// Fact is a value the ledger keeps by name, or empty.
	Fact(ctx context.Context, name string) (string, error)
}

// FactWriter keeps them.
type FactWriter interface {
	// SetFact keeps a value by name.
	SetFact(name, value string) error
}
