package sqlite

import (
	"context"

	"duban/ledger"
	"duban/ledger/tables"
)

// Verify proves also that the file is whole and the schema's guards are there.
func (l *Ledger) Verify(ctx context.Context, checks ...ledger.Checks) (ledger.Verdict, error) {
	return l.prove(ctx, (*tables.Proof).Prove, checks...)
}

// prove takes a proof, all of one moment.
func (l *Ledger) prove(ctx context.Context, how func(*tables.Proof, context.Context) (ledger.Verdict, error), checks ...ledger.Checks) (ledger.Verdict, error) {
	tx, err := l.read.BeginTx(ctx, nil)
	if err != nil {
		return ledger.Verdict{}, explain(err)
	}
	defer func() { _ = tx.Rollback() }() // nothing was written
	p := tables.NewProof(tables.Questions{DB: tables.Asking{DB: tx}, Dialect: dialect{}}, false, checks...)
	if p.All() {
		if err := integrity(ctx, tables.Asking{DB: l.read}); err != nil {
			p.Wrong(err)
		}
	}
	return how(p, ctx)
}
