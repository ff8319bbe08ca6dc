package engine

import (
	"duban/ledger"
)

// Save writes what became of an occurrence. One that is closed was on time or late
// by the rules of that moment: a later edit changes no figure of the past.
func Save(tx ledger.Tx, v View, before, o *ledger.Occurrence, e ledger.Entry) error {
	o.Late = o.State == ledger.StateClosed && v.judge(o)
	return tx.SaveOccurrence(before, o, e)
}

// factJudged says that the ledger tells of all that is closed whether it was late.
const factJudged = "lateness kept"

// judgePast tells of what an older version closed whether it was late, by the rules
// as they are.
func judgePast(tx ledger.Tx, v View) error {
	judged, err := tx.Fact(tx.Context(), factJudged)
	if err != nil || judged != "" {
		return err
	}
	var late []int64
	err = tx.Briefs(tx.Context(), func(b *ledger.Brief) {
		if o := b.Occurrence(); b.State == ledger.StateClosed && v.judge(&o) {
			late = append(late, b.ID)
		}
	})
	if err != nil {
		return err
	}
	if err := tx.ClosedLate(late); err != nil {
		return err
	}
	if len(late) > 0 {
		e := v.Entry(ByDaemon)
		e.Action, e.Subject, e.Reason = "lateness kept", ledger.Subject{Kind: ledger.AboutLedger}, "of what an older version closed, by the rules as they are"
		if err := tx.Journal(e); err != nil {
			return err
		}
	}
	return tx.SetFact(factJudged, "yes")
}
