package engine

import (
	"fmt"
	"strings"

	"duban/ledger"
	"duban/rules"
)

// An occurrence whose dates cannot be read is told of and shown with the others;
// it is dated anew by its rule when its reminder comes, or when somebody acts on
// it.

// Damage is a date that could not be read.
type Damage struct {
	Occurrence string // its full key
	Text       string // what stands there
	Due        string // what became of it; "-": no rule counts it
}

// Mend dates a damaged occurrence by its rule; what the rule no longer asks for
// stays as it is. It tells whether it did.
func Mend(tx ledger.Tx, v View, ob *rules.Obligation, o *ledger.Occurrence) (bool, error) {
	if o.Damage == "" || ob == nil {
		return false, nil
	}
	in, whyNot, err := Again(tx, v, ob, o)
	if err != nil || whyNot != "" {
		return false, err
	}
	Count(ob, o, in)
	return true, nil
}

// mend dates a damaged occurrence whose reminder has come, and notes it for the
// administrators; undatable ones are told of nobody but them.
func (d *digest) mend(ob *rules.Obligation, o *ledger.Occurrence) (bool, error) {
	before := *o
	mended, err := Mend(d.tx, d.view, ob, o)
	if err != nil {
		return false, err
	}
	found := Damage{Occurrence: o.FullKey(), Text: before.Damage, Due: "-"}
	if mended {
		found.Due = o.Due.String()
	} else {
		o.NextReminder = 0
	}
	d.out.Damaged = append(d.out.Damaged, found)
	e := d.view.Entry(ByDaemon)
	e.Action, e.Reason = "recounted", "could not be read: "+before.Damage
	return mended, Save(d.tx, d.view, &before, o, e)
}

// tellDamage tells the administrators of dates that could not be read.
func (d *digest) tellDamage() error {
	if len(d.out.Damaged) == 0 {
		return nil
	}
	lines := make([]string, len(d.out.Damaged))
	for i, found := range d.out.Damaged {
		lines[i] = fmt.Sprintf("%s  %s → %s", found.Occurrence, found.Text, found.Due)
	}
	return TellAdmins(d.tx, d.view, d.view.Text("damage", len(lines)), d.view.Text("damage text", strings.Join(lines, "\n")))
}

// noHolder notes what was transferred to a unit that no plan has any more: nobody can
// be reminded of it, so the administrators are, each day.
func (d *digest) noHolder(o *ledger.Occurrence) error {
	d.unheld = append(d.unheld, o.FullKey())
	o.NextReminder = d.today + 1
	return d.tx.SaveReminder(o)
}

// factUnheldTold is the day on which the administrators were told of such.
const factUnheldTold = "no holder told"

func (d *digest) tellNoHolder() error {
	if len(d.unheld) == 0 {
		return nil
	}
	return TellOnceADay(d.tx, d.view, factUnheldTold, d.view.Text("no holder", len(d.unheld)), d.view.Text("no holder text", strings.Join(d.unheld, "\n")))
}
