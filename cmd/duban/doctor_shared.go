package main

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"duban/cmd/duban/app"
	"duban/ledger"
	"duban/scheduler/delivery"
)

// shared looks at a ledger that daemons share, and at who they are.
func (d *doctor) shared(ctx context.Context) {
	book, err := app.OpenLedger(ctx, d.site.Config, app.ToRead)
	if err != nil {
		d.add("ledger", resultWrong, err.Error(), "check [ledger], and ask who runs the database; docs/scaling.md says what it needs")
		return
	}
	defer book.Close()
	d.daemons(ctx, book)
	d.proof(ctx, book, app.Where(d.site.Config), "restore a backup with the database's own tools")
}

// daemons tells which live, and which of them evaluates.
func (d *doctor) daemons(ctx context.Context, book ledger.Store) {
	living, evaluator, err := whoLives(ctx, book)
	switch {
	case err != nil:
		d.add("daemon", resultWarning, "which daemons run is not to be learned: "+err.Error(), "")
	case len(living) == 0:
		d.add("daemon", resultWarning, "none runs", "systemctl start duban, or duban serve, on each machine")
	case evaluator == "":
		d.add("daemon", resultWrong, fmt.Sprintf("%s run, and none evaluates", strings.Join(living, ", ")), "look into their logs")
	default:
		d.add("daemon", resultOK, fmt.Sprintf("%s run; %s evaluates", strings.Join(living, ", "), evaluator), "")
	}
	if shared, ok := book.(ledger.Shared); ok && err == nil {
		d.serverTime(ctx, shared)
	}
}

// aside is how far a machine's clock may be from the server's before it is told; leases
// go by the server's in any case.
const aside = 5 * time.Second

func (d *doctor) serverTime(ctx context.Context, shared ledger.Shared) {
	there, err := shared.Now(ctx)
	if off := time.Since(there).Abs(); err == nil && off > aside {
		d.add("clock", resultWarning, fmt.Sprintf("the database's clock is %s from this machine's; the daemons go by the database's", off.Round(time.Second)), "keep both right by NTP")
	}
}

// whoLives are the daemons that share a ledger, and which of them evaluates; empty: none.
func whoLives(ctx context.Context, book ledger.Store) (living []string, evaluator string, err error) {
	shared, ok := book.(ledger.Shared)
	if !ok {
		return nil, "", nil
	}
	now, err := shared.Now(ctx)
	if err != nil {
		return nil, "", err
	}
	all, err := delivery.Living(ctx, book, now)
	if err != nil {
		return nil, "", err
	}
	for _, name := range slices.Sorted(maps.Keys(all)) {
		living = append(living, strings.TrimPrefix(name, delivery.Daemons))
	}
	lease, err := book.LeaseOf(ctx, ledger.Evaluating)
	if err == nil && lease.Lasts(now) {
		evaluator = lease.Owner
	}
	return living, evaluator, err
}

// sayWhoLives says which daemons share a ledger; of one that is not shared nothing.
func sayWhoLives(ctx context.Context, a *env, book ledger.Store) error {
	if _, shared := book.(ledger.Shared); !shared {
		return nil
	}
	living, evaluator, err := whoLives(ctx, book)
	switch {
	case err != nil:
		return err
	case len(living) == 0:
		a.say("no daemon runs")
	case evaluator == "":
		a.say("daemons: %s; none evaluates", strings.Join(living, ", "))
	default:
		a.say("daemons: %s; %s evaluates", strings.Join(living, ", "), evaluator)
	}
	return nil
}
