package app

import (
	"context"
	"fmt"
	"net"

	"github.com/jackc/pgx/v5"

	"duban/cmd/duban/config"
	"duban/ledger"
	"duban/ledger/postgres"
	"duban/ledger/sqlite"
	"duban/ledger/tables"
	"duban/rules/problem"
)

// keeper keeps ledgers of a kind. Each is at some place: a path, or the address of a
// database.
type keeper struct {
	open    func(ctx context.Context, at string, to Access) (kept, error)
	hold    func(at string) (release func(), err error) // that nobody else works with it; nil: several may
	migrate func(ctx context.Context, at string) error
	schema  func() int64
	copy    func(ctx context.Context, at string) (target, error) // begins one
	name    func(at string) string                               // without what is secret
}

// kept is a ledger as its keeper has it: it may be copied.
type kept interface {
	ledger.Store
	Snapshot(ctx context.Context, f func(tables.Questions) error) error
}

// target is a copy that was begun.
type target interface {
	tables.Target
	Close() error
}

// files keeps a ledger in a file.
var files = keeper{
	open: func(ctx context.Context, at string, to Access) (kept, error) {
		return sqlite.Open(ctx, at, sqlite.Options{ReadOnly: to == ToRead, MustExist: to == ToWrite, Sole: to == ToWork})
	},
	hold:    sqlite.Lock,
	migrate: sqlite.Migrate,
	schema:  func() int64 { return int64(sqlite.Schema()) },
	copy:    func(ctx context.Context, at string) (target, error) { return sqlite.BeginCopy(ctx, at) },
	name:    func(at string) string { return at },
}

// databases keeps a ledger in one of config.Databases, by its key.
var databases = map[string]keeper{
	"postgres": {
		open: func(ctx context.Context, at string, to Access) (kept, error) {
			return postgres.Open(ctx, at, postgres.Options{ReadOnly: to == ToRead, MustExist: to == ToWrite})
		},
		migrate: postgres.Migrate,
		schema:  postgres.Schema,
		copy:    func(ctx context.Context, at string) (target, error) { return postgres.BeginCopy(ctx, at) },
		name: func(at string) string {
			c, err := pgx.ParseConfig(at)
			if err != nil {
				return "PostgreSQL"
			}
			return fmt.Sprintf("postgres://%s/%s", net.JoinHostPort(c.Host, fmt.Sprint(c.Port)), c.Database)
		},
	},
}

// keeperOf keeps the ledger that the configuration names.
func keeperOf(c *config.Config) keeper {
	if !c.Shared() {
		return files
	}
	return databases[c.Database.Key]
}

// place is where the ledger is that the configuration names.
func place(c *config.Config) (at string, err error) {
	if !c.Shared() {
		return c.Ledger, nil
	}
	if at, err = c.Address(); err == nil && at == "" {
		err = problem.Errorf("no database is named: set [ledger] %s_file, the credential %s or %s", c.Database.Key, c.Database.Key, c.Database.Variable())
	}
	return at, err
}

// hold takes a ledger for a process that works with it, until release is called; where
// several may share it, that takes nothing.
func hold(c *config.Config) (release func(), err error) {
	take := keeperOf(c).hold
	if take == nil {
		return func() {}, nil
	}
	at, err := place(c)
	if err != nil {
		return nil, err
	}
	return take(at)
}
