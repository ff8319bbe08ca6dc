package engine

import (
	"encoding/json"

	"duban/ledger"
	"duban/notify"
	"duban/rules"
)

// Letters are those of one act, by one hand: what it says to one unit of several
// occurrences is one letter, which names each.
type Letters struct{ all []*draftLetter }

// draftLetter is one that is not in the outbox yet.
type draftLetter struct {
	letter Letter
	key    lettersTogether
	to     *rules.Unit
	about  []*ledger.Occurrence
	apart  []string // what sets it apart from others about the same
}

// lettersTogether is what letters have in common that are one.
type lettersTogether struct{ facts, to, of, by string }

// Add has a letter about an occurrence to one unit, or one more line in the letter to
// that unit which says the same.
func (ls *Letters) Add(l Letter, to *rules.Unit, o *ledger.Occurrence, by, apart string) error {
	facts, err := json.Marshal(l)
	if err != nil {
		return err
	}
	key := lettersTogether{facts: string(facts), to: to.ID, by: by}
	if l.Act == notify.Review || l.Act == notify.Retracted {
		key.of = o.Unit // a supervisor reads whose it is
	}
	for _, d := range ls.all {
		if d.key == key {
			d.about, d.apart = append(d.about, o), append(d.apart, apart)
			return nil
		}
	}
	ls.all = append(ls.all, &draftLetter{l, key, to, []*ledger.Occurrence{o}, []string{apart}})
	return nil
}

// Post puts them into the outbox.
func (ls *Letters) Post(tx ledger.Tx, v View) error {
	for _, d := range ls.all {
		id := notify.MessageID(v.Settings.From.ASCIIHost(), append([]string{"letter", d.to.ID}, d.apart...)...)
		if err := d.letter.post(tx, v, d.to, d.about, d.key.by, id); err != nil {
			return err
		}
	}
	ls.all = nil
	return nil
}
