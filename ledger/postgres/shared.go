package postgres

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"duban/ledger"
	"duban/ledger/tables"
)

var _ ledger.Shared = (*Ledger)(nil)

func (l *Ledger) Now(ctx context.Context) (now time.Time, err error) {
	err = l.db.QueryRowContext(ctx, `SELECT clock_timestamp()`).Scan(&now)
	return now, explain(err)
}

// channel is the one of LISTEN and NOTIFY: every transaction with an entry in the
// journal tells of itself by it.
const channel = "duban"

func (l *Ledger) Await(ctx context.Context) (err error) {
	var c *pgx.Conn
	select {
	case c = <-l.listening: // one at a time
	case <-ctx.Done():
		return ctx.Err()
	}
	defer func() { l.listening <- c }()
	if c == nil || c.IsClosed() {
		if c, err = pgx.ConnectConfig(ctx, l.config.ConnConfig.Copy()); err != nil {
			c = nil
			return explain(err)
		}
		if _, err = c.Exec(ctx, `LISTEN `+channel); err != nil {
			_ = c.Close(ctx) // the first error is the one to tell
			c = nil
			return explain(err)
		}
		return nil // what was committed before it heard anything
	}
	_, err = c.WaitForNotification(ctx)
	if err != nil && ctx.Err() == nil {
		_ = c.Close(ctx) // it heard something that it should not have missed: the next call asks anew
		c = nil
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return explain(err)
}

func (l *Ledger) Mark(ctx context.Context) (ledger.Mark, error) {
	return l.MarkOf(ctx, l.changes.Load())
}

func (l *Ledger) ChangedHere(m ledger.Mark) bool { return l.changes.Load() != m.Here }

func (l *Ledger) Changed(ctx context.Context, m ledger.Mark) (bool, error) {
	if l.ChangedHere(m) {
		return true, nil
	}
	return l.ChangedSince(ctx, m)
}

// Verify proves also that the schema's guards are there; that its files are whole the
// database's own tools prove.
func (l *Ledger) Verify(ctx context.Context, checks ...ledger.Checks) (v ledger.Verdict, err error) {
	err = l.view(ctx, forAll, func(q tables.Questions) error {
		v, err = tables.NewProof(q, true, checks...).Prove(ctx)
		return err
	})
	return v, err
}
