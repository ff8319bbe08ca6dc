package engine

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"duban/ledger"
	"duban/rules"
	"duban/rules/calendar"
)

// adoption brings the ledger to what the rules, the calendar and the events
// say: new duties, recounts of what is open, cancellations of what is no longer
// owed, and what is owed again.
type adoption struct {
	tx       ledger.Tx
	view     View
	backfill *Backfill // nil: nothing past due is made
	upgrade  bool      // the version that wrote the ledger counts otherwise
	isBack   bool      // the last ticks were ahead of the clock

	assign      map[string][]ledger.Item // the duties of plans that first meet the ledger, by unit
	made        []made                   // by the calendar, not in the ledger yet
	recountsAll bool                     // not only what the edit touched
	standing    standing                 // of the obligation under way
	followed    followed                 // by the duties of one obligation
	followers   followers                // duties that follow another rule now, which materialise writes
	extents     map[int64]string         // of rules, as they were asked for
	changes     []Change                 // of what had been made
	waiting     []Change                 // cancelled, past due and held by the rules: for Backfill
}

// run adopts every plan that is not as the ledger last adopted it.
func (a *adoption) run() error {
	a.assign = map[string][]ledger.Item{}
	drafts, err := draftsAmong(a.tx.Context(), a.tx, a.view.Rules)
	if err != nil {
		return err
	}
	for _, p := range a.view.Rules.Plans {
		if drafts[p.ID] {
			continue
		}
		signature, met, err := a.tx.PlanSignature(a.tx.Context(), p.ID)
		if err != nil {
			return err
		}
		if signature == p.Signature() && a.backfill == nil && !a.upgrade && !a.isBack {
			continue
		}
		a.recountsAll = a.upgrade || a.isBack || a.backfill != nil || !strings.HasPrefix(signature, p.CountsBy()+"/")
		if err := a.plan(p, signature, met); err != nil {
			return err
		}
		if err := a.tx.SavePlan(p.ID, p.Signature(), a.view.Now); err != nil {
			return err
		}
		if err := noteAdopted(a.tx, p); err != nil {
			return err
		}
	}
	known, err := a.tx.Plans(a.tx.Context())
	if err != nil {
		return err
	}
	for _, id := range known {
		if a.view.Rules.Plan(id) == nil {
			if err := a.retirePlan(id); err != nil {
				return err
			}
			e := a.view.Entry(ByDaemon)
			e.Action, e.Subject, e.Reason = "plan retired", ledger.Subject{Kind: ledger.AboutPlan, Ref: id}, "it is no longer in the configuration"
			if err := a.tx.Journal(e); err != nil {
				return err
			}
		}
	}
	return nil
}

func (a *adoption) plan(p *rules.Plan, signature string, met bool) error {
	differ, known, err := a.differing(p, signature)
	if err != nil {
		return err
	}
	var all []ledger.Standing
	if !known || len(differ) > 0 {
		if all, err = a.tx.Standings(a.tx.Context(), p.ID, differ...); err != nil {
			return err
		}
	}
	standing := make(map[string]ledger.Standing, len(all))
	for _, s := range all {
		standing[s.Obligation] = s
	}
	for _, o := range byKey(p.Obligations, func(o *rules.Obligation) string { return o.ID }) {
		if known && !slices.Contains(differ, o.ID) {
			continue
		}
		if err := a.obligation(o, standing[o.ID], met); err != nil {
			return err
		}
		delete(standing, o.ID)
	}
	if err := a.addMade(); err != nil {
		return err
	}
	for _, s := range all {
		if _, left := standing[s.Obligation]; left && s.Retired < s.Duties {
			if err := a.retireAll(p.ID, s.Obligation); err != nil {
				return err
			}
		}
	}
	if !met {
		e := a.view.Entry(ByDaemon)
		e.Action, e.Subject, e.After = "plan adopted", ledger.Subject{Kind: ledger.AboutPlan, Ref: p.ID}, p.Signature()
		return a.tx.Journal(e)
	}
	return nil
}

// byKey are these by their keys, as the ledger has them: where each is written beside the
// last, a first tick takes PostgreSQL an eighth less than in the order of a document.
func byKey[T any](all []T, key func(T) string) []T {
	return slices.SortedFunc(slices.Values(all), func(a, b T) int { return cmp.Compare(key(a), key(b)) })
}

// obligation brings the duties of one obligation up to date; those of units that
// it does not ask any more are retired. A rule has its units in it: where as many
// duties as it has units follow it, there is nothing to do.
func (a *adoption) obligation(o *rules.Obligation, stands ledger.Standing, met bool) error {
	rule, err := a.tx.Rule(o, a.view.Now)
	if err != nil {
		return err
	}
	if stands.Rule == rule && stands.Duties == len(o.Units) && stands.Retired == 0 && !a.recountsAll {
		return nil
	}
	var old []*ledger.Duty
	if stands.Duties > 0 {
		if old, err = a.tx.Duties(a.tx.Context(), o.Plan.ID, o.ID); err != nil {
			return err
		}
	}
	a.standing = nil
	known := make(map[string]*ledger.Duty, len(old))
	for _, d := range old {
		known[d.Unit] = d
	}
	touched := false
	for _, u := range byKey(o.Units, func(u *rules.Unit) string { return u.ID }) {
		d := known[u.ID]
		delete(known, u.ID)
		if d != nil && !d.Retired && d.Rule == rule && !a.recountsAll {
			continue
		}
		touched = true
		if err := a.duty(o, u, d, rule, met); err != nil {
			return err
		}
	}
	if touched && o.Cadence.Kind == rules.After {
		if err := a.pastClosings(o); err != nil {
			return err
		}
	}
	for _, d := range old {
		if known[d.Unit] != nil && !d.Retired {
			if err := a.retire(d); err != nil {
				return err
			}
		}
	}
	if stands.Duties == 0 {
		return nil
	}
	return a.adjustReceived(o, rule)
}

// retireAll ends the duties of an obligation.
func (a *adoption) retireAll(plan, obligation string) error {
	duties, err := a.tx.Duties(a.tx.Context(), plan, obligation)
	if err != nil {
		return err
	}
	for _, d := range duties {
		if !d.Retired {
			if err := a.retire(d); err != nil {
				return err
			}
		}
	}
	return a.dropReceived(plan, obligation)
}

// duty makes or adjusts what the ledger knows of one obligation of one unit.
func (a *adoption) duty(o *rules.Obligation, u *rules.Unit, d *ledger.Duty, rule int64, met bool) error {
	isNew := d == nil
	if isNew {
		d = &ledger.Duty{Plan: o.Plan.ID, Obligation: o.ID, Unit: u.ID, Rule: rule, From: a.view.Now}
		tells := o.Policy.Tells() // what is only tracked nobody hears of
		d.Told = !met || !tells   // by the assignment notice made in this very transaction, or by none
		if !met && tells && a.view.Settings.AssignOnStart {
			a.assign[u.ID] = append(a.assign[u.ID], assigned(d, false))
		}
		d.MadeTo = judgedTo(a.view, o)
	} else if err := a.follow(o, d, rule); err != nil {
		return err
	}
	if a.backfill != nil {
		starts, _ := o.Span()
		from := max(starts, a.backfill.From)
		if at := from.Time(o.Plan.Timezone); at.Before(d.From) {
			d.From = at // as if it had been followed since
		}
		d.MadeTo = min(d.MadeTo, starts-1)
	}
	d.Wake = 0
	if o.Cadence.Recurs() {
		d.Wake = o.Plan.Day(a.view.Now) // at once
	}
	if d.Wake != 0 && isNew && a.backfill == nil { // nothing of it is there to be looked at before
		if err := a.makeNear(o, d, d.Wake); err != nil {
			return err
		}
	}
	if d.Wake != 0 && !isNew && a.backfill == nil {
		return a.followLater(o, d)
	}
	if err := a.tx.SaveDuty(d, a.view.Now); err != nil {
		return err
	}
	if !isNew || a.backfill != nil {
		if err := a.adjustAll(o, d); err != nil {
			return err
		}
	}
	if o.Cadence.Kind == rules.ByEvent {
		return a.pastEvents(o, d)
	}
	return nil
}

// extent is which periods a rule held.
func (a *adoption) extent(rule int64) (string, error) {
	if known, ok := a.extents[rule]; ok {
		return known, nil
	}
	is, err := a.tx.Extent(a.tx.Context(), rule)
	if a.extents == nil {
		a.extents = map[int64]string{}
	}
	a.extents[rule] = is
	return is, err
}

// follow makes a known duty follow the rule from now on. MadeTo goes back to
// where the ledger has judged every period of the rule.
func (a *adoption) follow(o *rules.Obligation, d *ledger.Duty, rule int64) error {
	was, err := a.extent(d.Rule)
	if err != nil {
		return err
	}
	is := o.Extent()
	switch {
	case d.Retired:
		d.Retired = false // whether its unit knows it for its own is as it was
		d.From = a.view.Now
	case was != is && d.Rule != rule:
		if err := a.endFollowed(d); err != nil {
			return err
		}
		d.From = a.view.Now
	}
	judged := judgedTo(a.view, o)
	past, err := a.past(d)
	if err != nil {
		return err
	}
	if rules.SameCadence(was, is) {
		past = slices.Insert(slices.Clone(past), 0, ledger.Followed{Extent: was, MadeTo: d.MadeTo})
	}
	for _, f := range past {
		if rules.SameCadence(f.Extent, is) {
			judged = min(judged, f.MadeTo)
			break
		}
	}
	d.MadeTo, d.Rule = judged, rule
	if a.upgrade {
		d.MadeTo = judgedTo(a.view, o) // an older version counted due dates there
	}
	return nil
}

// followed is what the duties of an obligation followed before, read at once for all.
type followed struct {
	plan, obligation string
	by               map[string][]ledger.Followed // by unit, the latest first
}

// past is what a duty followed before, the latest first.
func (a *adoption) past(d *ledger.Duty) ([]ledger.Followed, error) {
	if a.followed.by == nil || a.followed.plan != d.Plan || a.followed.obligation != d.Obligation {
		all, err := a.tx.Followed(a.tx.Context(), d.Plan, d.Obligation)
		if err != nil {
			return nil, err
		}
		a.followed = followed{d.Plan, d.Obligation, all}
	}
	return a.followed.by[d.Unit], nil
}

// endFollowed ends what a duty follows now.
func (a *adoption) endFollowed(d *ledger.Duty) error {
	past, err := a.past(d)
	if err != nil {
		return err
	}
	extent, err := a.extent(d.Rule)
	if err != nil {
		return err
	}
	ended := ledger.Followed{From: d.From, To: a.view.Now.Truncate(time.Second), Extent: extent, MadeTo: d.MadeTo}
	at := slices.IndexFunc(past, func(f ledger.Followed) bool { return !f.To.After(ended.To) })
	if at < 0 {
		at = len(past)
	}
	if at == len(past) || !past[at].To.Equal(ended.To) { // else it was followed at no moment
		a.followed.by[d.Unit] = slices.Insert(past, at, ended)
	}
	return a.tx.EndFollowed(d, a.view.Now)
}

// judgedTo is the day before the anchor of the first instance that is not past
// due: what comes before is not made.
func judgedTo(v View, o *rules.Obligation) calendar.Date {
	today := o.Plan.Day(v.Now)
	from := today
	if o.Roll == rules.Backward {
		from -= mostRolledBack // what was due then may name a day that is still to come
	}
	for in := range o.From(from) {
		if o.Plan.LateAfter(in.Due, in.Named).After(v.Now) {
			return in.Anchor - 1
		}
	}
	return today
}

// mostRolledBack is more days than any due date is rolled backward by.
const mostRolledBack = 100

// pastEvents starts the clocks of events that were recorded before the
// obligation was there.
func (a *adoption) pastEvents(o *rules.Obligation, d *ledger.Duty) error {
	events, err := ledger.AllEvents(a.tx.Context(), a.tx, ledger.EventQuery{Name: o.Cadence.Value, Unit: d.Unit})
	if err != nil {
		return err
	}
	for _, e := range events {
		if !e.Withdrawn.IsZero() || !o.Counts(e.Day) {
			continue
		}
		if a.waitsForBackfill(o, o.At(e.Key, e.Day)) {
			continue
		}
		if err := startClock(a.tx, a.view, o, e, source{event: e.ID}, d.Rule, a.view.Entry(ByDaemon)); err != nil {
			return err
		}
	}
	return nil
}

// pastClosings starts a step of a chain whose causes closed before it was there.
func (a *adoption) pastClosings(o *rules.Obligation) error {
	p := o.Predecessor()
	closed, err := ledger.AllOccurrences(a.tx.Context(), a.tx, ledger.Query{Plan: p.Plan.ID, Obligation: p.ID, States: []ledger.State{ledger.StateClosed}})
	if err != nil {
		return err
	}
	c := chain{a.tx, a.view, ByDaemon, a.waitsForBackfill}
	for _, cause := range closed {
		if err := c.follow(cause); err != nil {
			return err
		}
	}
	return nil
}

// waitsForBackfill tells whether an instance that nobody made is past due in a
// ledger that another version wrote: it is made only when somebody asks.
func (a *adoption) waitsForBackfill(o *rules.Obligation, in rules.Instance) bool {
	return a.upgrade && a.backfill == nil && !o.Plan.LateAfter(in.Due, in.Named).After(a.view.Now)
}

// retirePlan ends all duties of a plan.
func (a *adoption) retirePlan(id string) error {
	all, err := a.tx.Standings(a.tx.Context(), id)
	if err != nil {
		return err
	}
	for _, s := range all {
		if err := a.retireAll(id, s.Obligation); err != nil {
			return err
		}
	}
	return a.tx.SavePlan(id, "", a.view.Now)
}

// retire ends a duty that no rule asks for any more; what is open, or reported
// and not accepted, is cancelled.
func (a *adoption) retire(d *ledger.Duty) error {
	if err := a.endFollowed(d); err != nil {
		return err
	}
	d.Retired = true
	if err := a.tx.SaveDuty(d, a.view.Now); err != nil {
		return err
	}
	open, err := ledger.AllOccurrences(a.tx.Context(), a.tx, ledger.Query{Plan: d.Plan, Obligation: d.Obligation, Unit: d.Unit, States: ongoing})
	if err != nil {
		return err
	}
	for _, o := range open {
		if o.Origin != "" {
			continue // whoever the rules ask, it is his who received it
		}
		if err := a.drop(o, "no rule asks for it any more"); err != nil {
			return err
		}
	}
	return nil
}
