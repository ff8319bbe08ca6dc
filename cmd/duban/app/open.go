package app

import (
	"cmp"
	"context"
	"errors"
	"time"

	"duban/cmd/duban/config"
	"duban/ledger"
	"duban/rules/planfile"
	"duban/rules/problem"
)

// Access is what a command wants a ledger for.
type Access int

// The kinds of access. Of the schema nobody changes anything by any of them.
const (
	ToRead  Access = iota // it only shows something
	ToWrite               // it records something beside the daemon
	ToAdmit               // likewise, also where there is no ledger yet
	ToWork                // it evaluates and delivers: one in a file is its alone
)

// OpenLedger opens the ledger that the configuration names, without the rules. The
// caller closes it.
func OpenLedger(ctx context.Context, c *config.Config, to Access) (ledger.Store, error) {
	return open(ctx, c, to)
}

func open(ctx context.Context, c *config.Config, to Access) (kept, error) {
	at, err := place(c)
	if err != nil {
		return nil, err
	}
	return keeperOf(c).open(ctx, at, to)
}

// startsWithin is how long a database may take to answer that is started together with
// the daemons.
const startsWithin = time.Minute

// AwaitLedger waits for a database that does not answer yet; waiting is told once. What
// else is wrong whoever opens it will find.
func AwaitLedger(ctx context.Context, c *config.Config, waiting func(error)) error {
	if !c.Shared() {
		return nil
	}
	patience, cancel := context.WithTimeout(ctx, startsWithin)
	defer cancel()
	for told := false; ; told = true {
		l, err := OpenLedger(patience, c, ToRead)
		if err == nil {
			return l.Close()
		}
		if !errors.Is(err, ledger.ErrAway) {
			return nil
		}
		if !told {
			waiting(err)
		}
		select {
		case <-patience.Done():
			return cmp.Or(ctx.Err(), err)
		case <-time.After(time.Second):
		}
	}
}

// File is the ledger's, for what only a ledger in a file can do.
func File(c *config.Config, what string) (string, error) {
	if d := c.Database; d != nil {
		return "", problem.New(problem.Conflict, "the ledger lies in %s: %s is for one in a file; use the database's own tools (%s), docs/scaling.md says how", d.Name, what, d.Tools)
	}
	return c.Ledger, nil
}

// Where names the ledger, without what is secret of its address.
func Where(c *config.Config) string {
	at, err := place(c)
	if err != nil {
		return c.Database.Name
	}
	return keeperOf(c).name(at)
}

// Migrate brings the schema up to this version's.
func Migrate(ctx context.Context, c *config.Config) error {
	at, err := place(c)
	if err != nil {
		return err
	}
	return keeperOf(c).migrate(ctx, at)
}

// MigrateHeld is Migrate beside no daemon that has the ledger alone.
func MigrateHeld(ctx context.Context, c *config.Config) error {
	release, err := hold(c)
	if err != nil {
		return err
	}
	defer release()
	return Migrate(ctx, c)
}

// Schema is the number of this version's.
func Schema(c *config.Config) int64 { return keeperOf(c).schema() }

// Sources are what the rules are loaded from; what is wrong with them is told by whoever
// loads them whole.
func Sources(c *config.Config) planfile.Sources { return sources(c, nil, &problem.List{}) }

// sources are what the rules are loaded from: folders, or files in the ledger, which
// from asks for; nil: the ledger is opened for it.
func sources(c *config.Config, from func(context.Context) ([]*ledger.RuleFile, error), problems *problem.List) planfile.Sources {
	if !c.Shared() {
		return c.Sources(problems)
	}
	ctx := context.Background()
	if from == nil {
		from = func(ctx context.Context) ([]*ledger.RuleFile, error) {
			files, _, err := ruleFiles(ctx, c)
			return files, err
		}
	}
	files, err := from(ctx)
	if err != nil && !errors.Is(err, ledger.ErrMissing) {
		problems.Add(problem.Pos{File: c.File}, "%v", err)
		return planfile.Sources{Held: map[string][]byte{}}
	}
	texts := map[string][]byte{}
	for _, f := range files {
		texts[f.Path] = f.Text
	}
	return planfile.FromHeld(texts, problems)
}

// ruleFiles asks the ledger for them, and for the version that they are of.
func ruleFiles(ctx context.Context, c *config.Config) (files []*ledger.RuleFile, version int64, err error) {
	l, err := OpenLedger(ctx, c, ToRead)
	if err != nil {
		return nil, 0, err
	}
	defer l.Close()
	err = l.View(ctx, func(r ledger.Reader) (err error) {
		if version, err = r.RuleFilesVersion(ctx); err == nil {
			files, err = r.RuleFiles(ctx)
		}
		return err
	})
	return files, version, err
}
