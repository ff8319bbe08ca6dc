// Package engine decides what is owed and who is told what when. All of it is
// functions of a transaction and a View: the rules, the settings and the moment
// that an operation goes by. It keeps nothing, logs nothing, sends nothing and asks
// no clock; what it did stands in its Outcome and in the ledger.
//
// An evaluation goes this way, and so do a rehearsal and a simulation:
//
//	Look          is there anything to do? (work.go)
//	believe       can the clock be right? (clock.go)
//	adoption      rules, calendar and events as they now stand → duties (adopt.go),
//	              and what the ledger has of each to what is owed (owed.go)
//	materialise   duties → occurrences, ahead of time (materialise.go)
//	digest        occurrences whose reminder has come → at most one notice a unit and
//	              a supervisor a day (digest.go); what the administrators have to
//	              know (admin.go, held.go, damage.go)
//
// Beside it stands what desk and delivery need of the same rules:
//
//	View          how an occurrence stands: late, its light, its next reminder
//	clocks        what an event starts, and a withdrawal stops (clocks.go)
//	chain         a closing → the next step; taken back or redated with it (chain.go)
//	Say           what a notice says if it leaves now (say.go, letter.go)
//	Verify        the dates in the ledger follow from the rules (verify.go)
package engine

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"duban/ledger"
	"duban/rules/calendar"
)

// Outcome is what an evaluation did to the ledger.
type Outcome struct {
	Changes []Change         // open occurrences recounted, cancelled or owed again
	Made    []*ledger.Notice // put into the outbox
	Held    int              // of them, kept back for a person to look at
	Flood   bool             // they are held because they are too many
	Absent  bool             // nobody had evaluated for so long that what is overdue is held
	Damaged []Damage         // dates that could not be read
	Doubt   bool             // the clock was not believed: nothing was made
	SetBack *SetBack         // what a clock that was ahead had noted; nil: none was
}

// Change is what happened to one occurrence.
type Change struct {
	Action      string // made, recounted, cancelled or owed again
	Occurrence  string // OBLIGATION/UNIT/PERIOD, PLAN: before it
	Due         calendar.Date
	Before      calendar.Date // where it was recounted
	Provisional bool
	ID          int64 // of the occurrence, in the ledger
}

// Evaluate does in one transaction all that is to be done at the view's moment.
// What it decides follows from what the ledger says was made and told, so that it
// may be repeated, missed or come late.
func Evaluate(tx ledger.Tx, v View, w Work) (*Outcome, error) {
	out := &Outcome{}
	believed, isBack, err := believe(tx, v, w.Last, out)
	if err != nil {
		return nil, err
	}
	if !believed {
		out.Doubt = true
		return out, nil
	}
	w.Adopt = w.Adopt || isBack
	a := &adoption{tx: tx, view: v, backfill: w.Backfill, isBack: isBack}
	if err := a.bring(w); err != nil {
		return nil, err
	}
	if w.NewDay {
		if err := beginDay(tx, v); err != nil {
			return nil, err
		}
	}
	out.Absent = v.Now.Sub(w.Last) > longAbsence && !w.Last.IsZero()
	d := &digest{tx: tx, view: v, today: v.Today(), out: out}
	if err := d.run(a.assign); err != nil {
		return nil, err
	}
	out.Changes = a.changes
	return out, tx.SetFact(factTick, v.Now.UTC().Format(time.RFC3339))
}

// bring makes the ledger hold what is owed: adoption where the rules, the calendar
// or the clock ask for it, then the occurrences that are near.
func (a *adoption) bring(w Work) (err error) {
	if a.upgrade, err = countsOtherwise(a.tx.Context(), a.tx); err != nil {
		return err
	}
	if w.Adopt {
		if err := judgePast(a.tx, a.view); err != nil {
			return err
		}
	}
	if w.Adopt || w.Backfill != nil {
		if err := a.run(); err != nil {
			return fmt.Errorf("adopting the rules: %w", err)
		}
	}
	if w.Adopt || w.NewDay || w.Backfill != nil {
		if err := a.materialise(); err != nil {
			return fmt.Errorf("making occurrences: %w", err)
		}
	}
	if w.Adopt {
		return a.endUpgrade()
	}
	return nil
}

// mostForgotten bounds what one day removes, so that no evaluation takes long.
const mostForgotten = 20_000

// beginDay notes that the day's occurrences are made, and removes the bytes of mail
// that are older than they are to be kept.
func beginDay(tx ledger.Tx, v View) error {
	if err := tx.SetFact(factDay, v.days()); err != nil || v.Settings.KeepMailDays == 0 {
		return err
	}
	_, err := tx.DropBodies(v.Now.AddDate(0, 0, -v.Settings.KeepMailDays), mostForgotten, v.Entry(ByDaemon))
	return err
}

// What an evaluation keeps for the next ones.
const (
	factDay         = "day"            // on which occurrences were last made, in each zone
	factTick        = "tick"           // when the last evaluation was, or one less than an hour before
	factDoubt       = "clock doubted"  // when an evaluation first found the last one ahead
	factCounting    = "counting"       // the way of counting that the ledger's dates are of
	factHeldTold    = "held told"      // the day on which the administrators last heard of held notices
	factAsked       = "calendar asked" // when the administrators were last asked for a missing year
	factFailuresDay = "failures day"   // when failed mail was told last
)

// days is what day it is where each plan applies, and where the ticks are.
func (v View) days() string {
	out := []string{v.Today().String()}
	for _, p := range v.Rules.Plans {
		if day := p.Day(v.Now).String(); !slices.Contains(out, day) {
			out = append(out, day)
		}
	}
	return strings.Join(out, " ")
}

// lastDay is the latest day that it is anywhere.
func (v View) lastDay() calendar.Date {
	day := v.Today()
	for _, p := range v.Rules.Plans {
		day = max(day, p.Day(v.Now))
	}
	return day
}
