// Package editor is where people change rules and calendars.
//
//	Rehearse   what an edit would do: the engine does it and takes it back (edit.go)
//	Save       one entry of one file, if the rules are right with it; SaveYear
//	           a calendar year (year.go), for page and command alike
//	NewPlan    a plan's folder, named among the plans (plan.go)
//	Publish    a draft comes into force, or goes back to one (publish.go)
//	Versions   how an entry once stood: the journal keeps it
//	Finish     a change that a power cut interrupted (keep.go)
//	Push       folders brought into a ledger that has the files itself (push.go)
//
// A file is the old one or the new one whole, and the journal tells of the change
// once the file has its name. Where the ledger has the files (held.go), file and
// journal change in one transaction.
package editor

import (
	"context"
	"crypto/rand"
	"errors"
	"sync"
	"time"

	"github.com/rs/zerolog"

	"duban/ledger"
	"duban/rules"
	"duban/rules/planfile"
	"duban/rules/problem"
	"duban/scheduler/engine"
)

// Loader reads the rules as they now stand on disk; change, if not nil, may
// alter what they are loaded from: an edit that has not been saved.
type Loader func(change func(*planfile.Sources)) (*rules.Set, *problem.List)

// Editor is where people change rules and calendars.
type Editor struct {
	ledger   ledger.Store
	view     func() engine.View
	load     Loader
	takeOver func(context.Context)
	log      zerolog.Logger
	home     Home // nil: no plan is made here
	held     bool // the ledger has the files, and no disk

	editing sync.Mutex // held while a file is read, changed and written
	owner   string     // of the lease that keeps other processes from doing that meanwhile
}

// New makes an editor. takeOver puts what was saved in force; nil: nothing is
// in force here, as in a command beside the daemon.
func New(l ledger.Store, view func() engine.View, load Loader, takeOver func(context.Context), log zerolog.Logger) *Editor {
	return &Editor{ledger: l, view: view, load: load, takeOver: takeOver, log: log, owner: rand.Text()}
}

// InLedger makes an editor of files that lie in the ledger.
func (ed *Editor) InLedger() *Editor {
	ed.held = true
	return ed
}

// loaded is what the loader says, of which the ledger knows what is a draft.
func (ed *Editor) loaded(ctx context.Context, change func(*planfile.Sources)) (*rules.Set, *problem.List, error) {
	set, problems := ed.load(change)
	if problems.Err() != nil {
		return set, problems, nil
	}
	_, err := engine.MarkDrafts(ctx, ed.ledger, set, problems)
	return set, problems, err
}

// The lease of who changes files; how long it lasts where its process dies, and how
// often another asks for it. A change takes a part of a second.
const (
	editing    = "edit"
	longestUse = ledger.LongestLease
	askAgain   = 50 * time.Millisecond
)

// begin waits until nobody else changes files, in this process or in a command
// beside it; done lets the next one.
func (ed *Editor) begin(ctx context.Context) (done func(), err error) {
	ed.editing.Lock()
	take := func(ctx context.Context, until time.Duration) error {
		return ed.ledger.Update(ctx, func(tx ledger.Tx) error {
			now := ed.view().Now
			return tx.TakeLease(editing, ledger.Lease{Owner: ed.owner, Until: now.Add(until)}, now)
		})
	}
	for err = take(ctx, longestUse); errors.Is(err, ledger.ErrTaken); err = take(ctx, longestUse) {
		select {
		case <-ctx.Done():
			ed.editing.Unlock()
			return nil, ctx.Err()
		case <-time.After(askAgain):
		}
	}
	if err != nil {
		ed.editing.Unlock()
		return nil, err
	}
	return func() {
		if err := take(context.WithoutCancel(ctx), 0); err != nil {
			ed.log.Error().Err(err).Msg("who edits next has to wait a while")
		}
		ed.editing.Unlock()
	}, nil
}

// inForce puts what was saved in force.
func (ed *Editor) inForce(ctx context.Context) {
	if ed.takeOver != nil {
		ed.takeOver(ctx)
	}
}
