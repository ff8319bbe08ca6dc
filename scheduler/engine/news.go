package engine

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"duban/ledger"
	"duban/notify"
	"duban/rules"
	"duban/rules/calendar"
)

// A unit hears once of what edits made it responsible for, or relieved it of: on
// the next mail day, so that a morning of typing is one notice; earlier only of what
// is due before that day ends, once the edits have rested. What was added and taken
// away before that it never hears of. An event that is recorded is told of likewise.

// rest is how long nobody has edited what concerns a unit before it is told at once.
const rest = 30 * time.Minute

// relieved is the kind of an item about a duty that is the unit's no longer.
const relieved = string(notify.Relieved)

// news are the duties whose units have yet to hear how it stands with them.
type news struct {
	now   map[string][]*ledger.Duty // to be told, by unit
	later map[[3]string]bool        // not yet: plan, obligation, unit
	extra map[string]bool           // units that have today's notice and get another
}

// waits tells whether an occurrence is of a duty that its unit hears of later.
func (n news) waits(o *ledger.Occurrence) bool {
	return n.later[[3]string{o.Plan, o.Obligation, o.Unit}]
}

// hasNews tells whether a unit is to hear now of what edits changed.
func hasNews(ctx context.Context, r ledger.Reader, v View) (bool, error) {
	untold, err := r.UntoldDuties(ctx)
	if err != nil {
		return false, err
	}
	for _, duties := range byUnit(untold) {
		if v.Rules.Unit(duties[0].Unit) == nil {
			continue
		}
		if slices.ContainsFunc(duties, func(d *ledger.Duty) bool { return v.dayOf(d.Changed) < v.Today() }) {
			return true, nil
		}
		if urgent, err := isUrgent(ctx, r, v, duties); err != nil || urgent {
			return urgent, err
		}
	}
	return false, nil
}

// byUnit parts duties that come by unit.
func byUnit(duties []*ledger.Duty) [][]*ledger.Duty {
	return chunk(duties, func(a, b *ledger.Duty) bool { return a.Unit == b.Unit })
}

// nextMailDay is the first day after d on which mail leaves.
func nextMailDay(v View, d calendar.Date) calendar.Date {
	for d++; !v.isMailDay(d); d++ {
	}
	return d
}

// newsOf parts what is to be told now from what waits.
func newsOf(tx ledger.Tx, v View) (news, error) {
	n := news{map[string][]*ledger.Duty{}, map[[3]string]bool{}, map[string]bool{}}
	untold, err := tx.UntoldDuties(tx.Context())
	if err == nil {
		untold, err = known(tx, untold)
	}
	if err != nil {
		return n, err
	}
	for _, duties := range byUnit(untold) {
		unit := duties[0].Unit
		if v.Rules.Unit(unit) == nil {
			continue // there is nobody to tell; if it comes back it may have nothing to hear of
		}
		urgent, err := isUrgent(tx.Context(), tx, v, duties)
		if err != nil {
			return n, err
		}
		for _, duty := range duties {
			if urgent || v.dayOf(duty.Changed) < v.Today() {
				n.now[unit] = append(n.now[unit], duty)
			} else {
				n.later[[3]string{duty.Plan, duty.Obligation, unit}] = true
			}
		}
		n.extra[unit] = urgent
	}
	return n, nil
}

// known leaves out the duties that were taken away before their units had heard of
// them: of these nobody hears any more. A notice that was made need not have left.
func known(tx ledger.Tx, untold []*ledger.Duty) ([]*ledger.Duty, error) {
	var out []*ledger.Duty
	for _, duty := range untold {
		if duty.Retired {
			heard, err := tx.HasHeard(tx.Context(), duty)
			if err != nil {
				return nil, err
			}
			if !heard {
				if err := tx.DutyTold(duty); err != nil {
					return nil, err
				}
				continue
			}
		}
		out = append(out, duty)
	}
	return out, nil
}

// isUrgent tells whether something that a unit was made responsible for today is
// due before the next mail day ends, and nobody has edited for a while what concerns
// the unit.
func isUrgent(ctx context.Context, r ledger.Reader, v View, duties []*ledger.Duty) (bool, error) {
	for _, duty := range duties {
		if v.Now.Sub(duty.Changed) < rest && v.dayOf(duty.Changed) >= v.Today() {
			return false, nil
		}
	}
	for _, duty := range duties {
		if duty.Retired || v.dayOf(duty.Changed) < v.Today() {
			continue
		}
		open, err := ledger.AllOccurrences(ctx, r, ledger.Query{
			Plan: duty.Plan, Obligation: duty.Obligation, Unit: duty.Unit, States: []ledger.State{ledger.StateOpen},
		})
		if err != nil {
			return false, err
		}
		for _, o := range open {
			if o.Due <= nextMailDay(v, v.Today()) && o.PausedOn.IsZero() {
				return true, nil
			}
		}
	}
	return false, nil
}

// heard writes that units know how it stands with duties.
func heard(tx ledger.Tx, duties []*ledger.Duty) error {
	for _, duty := range duties {
		if err := tx.DutyTold(duty); err != nil {
			return err
		}
	}
	return nil
}

// announce tells units of what edits made them responsible for, or relieved them
// from: in the notice they get today, else in one of its own.
func (d *digest) announce() error {
	for _, unit := range slices.Sorted(maps.Keys(d.news.now)) {
		duties := d.news.now[unit]
		if len(d.units[unit]) > 0 {
			d.announceIn(unit, duties)
			if err := heard(d.tx, duties); err != nil {
				return err
			}
			continue
		}
		busy, err := d.hasHadOne("unit", unit)
		if err != nil {
			return err
		}
		if busy && !d.news.extra[unit] {
			continue
		}
		if err := heard(d.tx, duties); err != nil {
			return err
		}
		items := make([]ledger.Item, len(duties))
		for i, duty := range duties {
			items[i] = assigned(duty, false)
		}
		if err := d.assign(unit, items); err != nil {
			return err
		}
	}
	return nil
}

// announceIn adds duties to the notice that the unit gets anyway.
func (d *digest) announceIn(unit string, duties []*ledger.Duty) {
	items := d.units[unit]
	for _, duty := range duties {
		shown := false
		for i := range items {
			if items[i].Plan == duty.Plan && items[i].Obligation == duty.Obligation {
				items[i].New, shown = true, true
			}
		}
		if !shown {
			items = append(items, assigned(duty, true))
		}
	}
	d.units[unit] = items
}

// assigned is what a notice says of a duty that the unit has to hear of.
func assigned(duty *ledger.Duty, isNew bool) ledger.Item {
	kind := string(notify.Assignment)
	if duty.Retired {
		kind = relieved
	}
	return ledger.Item{Kind: kind, Plan: duty.Plan, Obligation: duty.Obligation, New: isNew}
}

// tellsNext is the day on which a unit hears of an occurrence next; 0: on none. That
// an event started it the unit hears first: on the next mail day after it was
// recorded, or, where it is due by then, that very day.
func tellsNext(v View, ob *rules.Obligation, line rules.Timeline, o *ledger.Occurrence) calendar.Date {
	if o.Started == 0 {
		return line.UnitAfter(o.Due, o.ToldThrough)
	}
	next := o.Started + 1
	if !v.Settings.Weekends {
		next = ob.Plan.Calendar.Add(o.Started, 1)
	}
	if o.Due <= next {
		return o.Started
	}
	return next
}

// startRested tells whether the event that started an occurrence was recorded long
// enough ago to be told of at once.
func startRested(tx ledger.Tx, v View, o *ledger.Occurrence) (bool, error) {
	ev, err := tx.Event(tx.Context(), o.Event)
	if err != nil {
		return false, err
	}
	return v.Now.Sub(ev.Recorded) >= rest, nil
}

// duty puts in what a notice says of a duty as a whole, if it is still true: that
// it is the unit's, or no longer.
func (t teller) duty(ctx context.Context, n *ledger.Notice, it ledger.Item, out *notify.Notice) error {
	ob := t.view.Rules.Obligation(it.Plan, it.Obligation)
	owes := ob != nil && !ob.Plan.Draft && ob.Owes(n.Unit)
	switch {
	case it.Kind != relieved && owes:
		d := t.duties.duty(ob, out.Language, out.Day)
		if over, err := t.over(ctx, ob, n.Unit, d); err != nil || over {
			return err
		}
		out.Duties = append(out.Duties, d)
	case it.Kind == relieved && !owes:
		d, err := t.from.Duty(ctx, it.Plan, it.Obligation, n.Unit)
		if err != nil {
			return fmt.Errorf("what %s is relieved of: %w", n.Unit, err)
		}
		was, err := t.from.RuleText(ctx, d.Rule)
		if err != nil {
			return err
		}
		gone := notify.Duty{Title: was.Title, Ref: was.Ref}
		if out.Language == "en" && was.TitleEn != "" {
			gone.Title = was.TitleEn
		}
		if p := t.view.Rules.Plan(it.Plan); p != nil {
			gone.Plan = p.Title
		}
		out.Relieved = append(out.Relieved, gone)
	}
	return nil
}

// over tells whether nothing is left to do of a duty: no date of it is to come, and
// nothing of it is open. Who is told that he owes it would be told wrongly.
func (t teller) over(ctx context.Context, ob *rules.Obligation, unit string, d notify.Duty) (bool, error) {
	if !ob.Cadence.Recurs() || len(d.Next) > 0 {
		return false, nil
	}
	n, err := t.from.CountOccurrences(ctx, ledger.Query{Plan: ob.Plan.ID, Obligation: ob.ID, Unit: unit, States: ongoing})
	return n == 0, err
}
