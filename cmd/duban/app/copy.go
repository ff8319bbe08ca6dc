package app

import (
	"context"
	"fmt"

	"duban/cmd/duban/config"
	"duban/ledger"
	"duban/ledger/tables"
	"duban/scheduler/delivery"
)

// Copy copies the ledger that the configuration names to another place, a database
// (postgres://…) or a file, and tells of what it has done so far. No daemon may have
// the ledger meanwhile: what it wrote would be in one of the two alone.
func Copy(ctx context.Context, c *config.Config, to string, tell tables.Progress) error {
	release, err := hold(c)
	if err != nil {
		return err
	}
	defer release()
	l, err := OpenLedger(ctx, c, ToRead)
	if err != nil {
		return err
	}
	defer l.Close()
	if err := nobodyLives(ctx, l); err != nil {
		return err
	}
	copied, err := begin(ctx, to)
	if err != nil {
		return err
	}
	defer copied.Close()
	return l.(source).Snapshot(ctx, func(q tables.Questions) error { return tables.Copy(ctx, q, copied, tell) })
}

// nobodyLives is an error while daemons have a ledger that several share.
func nobodyLives(ctx context.Context, l ledger.Store) error {
	shared, ok := l.(ledger.Shared)
	if !ok {
		return nil
	}
	now, err := shared.Now(ctx)
	if err != nil {
		return err
	}
	living, err := delivery.Living(ctx, l, now)
	for _, held := range living {
		return fmt.Errorf("%s: another duban %w", held.Owner, ledger.ErrTaken)
	}
	return err
}
