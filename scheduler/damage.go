package scheduler

import (
	"fmt"
	"strings"

	"duban/ledger"
	"duban/rules"
)

// An occurrence whose dates cannot be read is told of and shown with the others;
// it is dated anew by its rule when its reminder comes, or when somebody acts on
// it.

// mend dates a damaged occurrence by its rule; what the rule no longer asks for
// stays as it is. It tells whether it did.
func mend(s *Scheduler, tx ledger.Tx, ob *rules.Obligation, o *ledger.Occurrence) (bool, error) {
	if o.Damage == "" || ob == nil {
		return false, nil
	}
	in, whyNot, err := again(s, tx, ob, o)
	if err != nil || whyNot != "" {
		return false, err
	}
	count(ob, o, in)
	return true, nil
}

// mend dates a damaged occurrence whose reminder has come, and notes it for the
// administrators; undatable ones are told of nobody but them.
func (d *digest) mend(ob *rules.Obligation, o *ledger.Occurrence) (bool, error) {
	before := *o
	mended, err := mend(d.Scheduler, d.tx, ob, o)
	if err != nil {
		return false, err
	}
	after := "-"
	if mended {
		after = o.Due.String()
	} else {
		o.NextReminder = 0
	}
	d.damaged = append(d.damaged, fmt.Sprintf("%s  %s → %s", o.FullKey(), before.Damage, after))
	d.Log.Warn().Str("occurrence", o.FullKey()).Str("damage", before.Damage).Str("due", after).Msg("a date in the ledger cannot be read")
	e := entry(d.now, byDaemon)
	e.Action, e.Reason = "recounted", "could not be read: "+before.Damage
	return mended, d.tx.SaveOccurrence(&before, o, e)
}

// tellDamage tells the administrators of dates that could not be read.
func (d *digest) tellDamage() error {
	if len(d.damaged) == 0 {
		return nil
	}
	return d.tellAdmins(d.tx, d.now, fmt.Sprintf(d.say("damage"), len(d.damaged)), fmt.Sprintf(d.say("damage text"), strings.Join(d.damaged, "\n")))
}
