package engine

import (
	"context"
	"time"

	"duban/ledger"
	"duban/rules/calendar"
)

// Work is what there is to do.
type Work struct {
	Adopt    bool      // rules or calendar differ from those last adopted
	NewDay   bool      // somewhere another day has begun
	Say      bool      // somebody has to be told of something
	Note     bool      // that there was an evaluation is worth writing down
	Last     time.Time // the last one that was noted
	Backfill *Backfill // nil: what was past due is not made
}

// None tells whether nothing has to be done.
func (w Work) None() bool { return !w.Adopt && !w.NewDay && !w.Say && !w.Note }

// Backfill asks for what was past due when the rules first asked for it.
type Backfill struct {
	From calendar.Date // only what is due on that day or later; 0: all
}

// Look asks the ledger what there is to do; mostly that is nothing. adopted says
// that it is known to stand as the rules say.
func Look(ctx context.Context, r ledger.Reader, v View, adopted bool) (w Work, err error) {
	if w.Last, err = lastTick(ctx, r, v); err != nil {
		return w, err
	}
	w.Note = v.Now.Sub(w.Last) >= noteEvery || w.Last.Sub(v.Now) > clockSlack
	if !adopted {
		if w.Adopt, err = NeedsAdoption(ctx, r, v); err != nil {
			return w, err
		}
	}
	day, err := r.Fact(ctx, factDay)
	if err != nil {
		return w, err
	}
	w.NewDay = day != v.days()
	quiet, err := isQuiet(ctx, r, v)
	w.Say = !quiet
	return w, err
}

// NeedsAdoption tells whether anything in force differs from what the ledger last
// adopted.
func NeedsAdoption(ctx context.Context, r ledger.Reader, v View) (bool, error) {
	if old, err := countsOtherwise(ctx, r); err != nil || old {
		return old, err
	}
	if judged, err := r.Fact(ctx, factJudged); err != nil || judged == "" {
		return true, err
	}
	known, err := r.Plans(ctx)
	if err != nil {
		return false, err
	}
	drafts, err := draftsAmong(ctx, r, v.Rules)
	if err != nil {
		return false, err
	}
	if len(known) != len(v.Rules.Plans)-len(drafts) {
		return true, nil
	}
	for _, p := range v.Rules.Plans {
		if drafts[p.ID] {
			continue
		}
		signature, _, err := r.PlanSignature(ctx, p.ID)
		if err != nil || signature != p.Signature() {
			return true, err
		}
	}
	return false, nil
}

// isQuiet tells whether there is nothing to say: the question of every tick, and
// the only one of most.
func isQuiet(ctx context.Context, r ledger.Reader, v View) (bool, error) {
	if !v.MailMayLeave() {
		return true, nil
	}
	if news, err := hasNews(ctx, r, v); err != nil || news {
		return false, err
	}
	if waiting, err := r.AnyWaiting(ctx, v.lastDay()); err != nil || waiting {
		return false, err
	}
	for _, question := range []func(context.Context, ledger.Reader, View) (bool, error){asksForCalendar, wantsBulletin, hasPartnerNews, hasFailures, hasHeld} {
		if ask, err := question(ctx, r, v); err != nil || ask {
			return false, err
		}
	}
	return true, nil
}
