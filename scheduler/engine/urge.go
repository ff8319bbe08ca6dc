package engine

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strconv"

	"duban/ledger"
	"duban/notify"
	"duban/rules"
	"duban/rules/calendar"
	"duban/rules/problem"
)

// An urging (催办) is a letter about open occurrences, at most one a unit and day: what
// is urged later that day joins it as long as it has not left.

// Urge puts open occurrences of one unit into the letter of the next day on which mail
// leaves, which it tells; fresh are those that were not in it yet.
func Urge(tx ledger.Tx, v View, unit *rules.Unit, about []*ledger.Occurrence, u Urging) (day calendar.Date, fresh []*ledger.Occurrence, err error) {
	day = v.leaves()
	id, letters, err := urgings(tx, v, unit, day)
	if err != nil {
		return day, nil, err
	}
	for _, o := range about {
		if len(letters) == 0 || !slices.ContainsFunc(letters[0].Items, func(it ledger.Item) bool { return it.Occurrence == o.ID }) {
			fresh = append(fresh, o)
		}
	}
	if len(fresh) == 0 {
		return day, nil, addWord(tx, v, letters, u)
	}
	if len(letters) == 0 {
		l := Letter{Act: notify.Urge, Urged: []Urging{u}}
		return day, fresh, l.post(tx, v, unit, fresh, u.By, id)
	}
	for _, n := range letters {
		err := joinUrging(tx, v, n, fresh, u)
		if errors.Is(err, ledger.ErrMoved) {
			return day, nil, problem.Refuse("", "the letter of %s that urges %s has left: it can be urged again from %s on", day, unit.Name, nextMailDay(v, day))
		}
		if err != nil {
			return day, nil, err
		}
	}
	return day, fresh, nil
}

// urgings are the letters of that day to a unit, one a channel; where there is none,
// or none that reaches anybody, the Message-ID of another.
func urgings(tx ledger.Tx, v View, unit *rules.Unit, day calendar.Date) (id string, letters []*ledger.Notice, err error) {
	for i := 1; ; i++ {
		id = notify.MessageID(v.Settings.From.ASCIIHost(), "urge", unit.ID, day.String(), strconv.Itoa(i))
		one := outgoing(v, ledger.Letter)
		one.Unit, one.MessageID = unit.ID, id
		known := false
		for _, n := range byEach(v, one) {
			there, err := tx.NoticeByMessageID(tx.Context(), n.MessageID)
			switch {
			case errors.Is(err, ledger.ErrNotFound):
				continue
			case err != nil:
				return "", nil, err
			}
			known = true
			if there.State != ledger.Dropped && there.State != ledger.Failed {
				letters = append(letters, there)
			}
		}
		if !known || len(letters) > 0 {
			return id, letters, nil
		}
	}
}

// addWord puts what is said by who urges the same again into the letters that have
// not left.
func addWord(tx ledger.Tx, v View, letters []*ledger.Notice, u Urging) error {
	if u.Note == "" {
		return nil
	}
	for _, n := range letters {
		if err := joinUrging(tx, v, n, nil, u); err != nil && !errors.Is(err, ledger.ErrMoved) {
			return err
		}
	}
	return nil
}

// joinUrging puts more into a letter that has not left.
func joinUrging(tx ledger.Tx, v View, n *ledger.Notice, fresh []*ledger.Occurrence, u Urging) error {
	var l Letter
	if err := json.Unmarshal([]byte(n.Letter), &l); err != nil {
		return err
	}
	if slices.Contains(l.Urged, u) {
		if len(fresh) == 0 {
			return nil
		}
	} else {
		l.Urged = append(l.Urged, u)
	}
	facts, err := json.Marshal(l)
	if err != nil {
		return err
	}
	had := len(n.Items)
	n.Letter = string(facts)
	for _, o := range fresh {
		n.Items = append(n.Items, l.item(o))
	}
	said, err := Say(tx.Context(), tx, v, n, nil)
	if err != nil {
		return err
	}
	n.Subject = said.Subject()
	added := n.Items[had:]
	n.Items = n.Items[:had:had]
	return tx.Join(n, added, v.Entry(u.By))
}

// urging is what a letter says of what is still open; nil: nothing is.
func (t teller) urging(ctx context.Context, l Letter, n *ledger.Notice, language string) (*notify.Letter, error) {
	said := &notify.Letter{Act: notify.Urge, Owner: t.name(n.Unit, language)}
	for _, it := range n.Items {
		o, err := t.occurrence(ctx, it.Occurrence)
		if err != nil {
			return nil, err
		}
		if one, ok := t.item(o, it, language); ok && o.Unit == n.Unit {
			said.Items = append(said.Items, one)
		}
	}
	if len(said.Items) == 0 {
		return nil, nil
	}
	for _, u := range l.Urged {
		said.Said = append(said.Said, notify.Quote{By: u.By, Text: u.Note})
	}
	if t.view.Settings.Links.Unit != nil {
		said.Link = t.view.Settings.Links.Unit(n.Unit, t.view.Now)
	}
	return said, nil
}
