package engine

import (
	"context"

	"duban/ledger"
	"duban/rules/calendar"
)

// What ended years ago is put aside, if the configuration says so: it lies in tables of
// its year, and the table that everybody works with stays small. It is found as before.

// factAside is the day for which all was put aside that is old by then.
const factAside = "put aside"

// asideAtOnce is how many one transaction moves, so that nobody waits for long.
const asideAtOnce = 1000

// HasOld tells whether it is still to be looked for what has become old.
func HasOld(ctx context.Context, r ledger.Reader, v View) (bool, error) {
	if v.Settings.OccurrenceYears == 0 {
		return false, nil
	}
	day, err := r.Fact(ctx, factAside)
	return day != v.Today().String(), err
}

// PutAside moves some of what is old, and tells how many.
func PutAside(tx ledger.Tx, v View) (int, error) {
	if has, err := HasOld(tx.Context(), tx, v); err != nil || !has {
		return 0, err
	}
	today := v.Today()
	before := calendar.DateOf(today.Year()-v.Settings.OccurrenceYears, today.Month(), today.Day())
	n, err := tx.PutAside(before, asideAtOnce, v.Entry(ByDaemon))
	if err != nil || n > 0 {
		return n, err
	}
	return 0, tx.SetFact(factAside, today.String())
}
