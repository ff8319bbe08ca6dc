package app

import (
	"context"
	"fmt"
	"strings"

	"duban/cmd/duban/config"
	"duban/ledger"
	"duban/ledger/tables"
	"duban/rules/problem"
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
	l, err := open(ctx, c, ToRead)
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
	return l.Snapshot(ctx, func(q tables.Questions) error { return tables.Copy(ctx, q, copied, tell) })
}

// begin opens the place where a copy is made.
func begin(ctx context.Context, to string) (target, error) {
	if d := config.DatabaseOf(to); d != nil {
		return databases[d.Key].copy(ctx, to)
	}
	if strings.Contains(to, "://") {
		return nil, problem.Errorf("%q is neither a file nor a database: write %sUSER@HOST/DATABASE or the path of a new file", to, config.Databases[0].Begin[0])
	}
	return files.copy(ctx, to)
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
