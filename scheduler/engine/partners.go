package engine

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"duban/ledger"
	"duban/notify"
	"duban/rules"
	"duban/rules/calendar"
)

// Partners (配合单位) owe nothing and are kept informed: of an item of others they hear
// in their notice of the day when it turns yellow, when it is due, once when it is
// overdue, and when it is closed; of what nobody is reminded of they do not hear. What
// they have yet to hear waits in a fact of the ledger, since they hear it on the next
// day where they have had that day's notice.

// partnerItem is what an item of a notice is that is there for a partner.
const partnerItem = "partner"

// factPartners is what partners have yet to hear.
const factPartners = "partner news"

// partnerNews is an occurrence that a partner has to hear of.
type partnerNews struct {
	Occurrence int64  `json:"o"`
	Unit       string `json:"u"`
}

func readPartnerNews(ctx context.Context, r ledger.Reader) (all []partnerNews, err error) {
	text, err := r.Fact(ctx, factPartners)
	if err != nil || text == "" {
		return nil, err
	}
	if err := json.Unmarshal([]byte(text), &all); err != nil {
		return nil, fmt.Errorf("the fact %q cannot be read: %w", factPartners, err)
	}
	return all, nil
}

func writePartnerNews(tx ledger.Tx, all []partnerNews) error {
	if len(all) == 0 {
		return tx.SetFact(factPartners, "")
	}
	text, err := json.Marshal(all)
	if err != nil {
		return err
	}
	return tx.SetFact(factPartners, string(text))
}

// partners are those of an occurrence that hear of it.
func partnersOf(v View, o *ledger.Occurrence) (out []string) {
	ob := v.Obligation(o)
	if ob == nil || !ob.Policy.Tells() {
		return nil
	}
	for _, u := range ob.Partners {
		if u.ID != o.Unit {
			out = append(out, u.ID)
		}
	}
	return out
}

// TellPartners has the partners of occurrences hear how these stand on the next mail
// day that has a notice for them.
func TellPartners(tx ledger.Tx, v View, about ...*ledger.Occurrence) error {
	var news []partnerNews
	for _, o := range about {
		for _, unit := range partnersOf(v, o) {
			news = append(news, partnerNews{o.ID, unit})
		}
	}
	if len(news) == 0 {
		return nil
	}
	all, err := readPartnerNews(tx.Context(), tx)
	if err != nil {
		return err
	}
	known := make(map[partnerNews]bool, len(all))
	for _, n := range all {
		known[n] = true
	}
	for _, n := range news {
		if !known[n] {
			known[n], all = true, append(all, n)
		}
	}
	return writePartnerNews(tx, all)
}

// partnersHear tells whether a reminder to the unit is one that its partners hear of
// too; told is up to when the unit has been reminded already.
func partnersHear(kind rules.ReminderKind, o *ledger.Occurrence, told calendar.Date) bool {
	switch kind {
	case rules.Upcoming:
		return told.IsZero()
	case rules.Overdue:
		return told <= max(o.Due, o.Named)
	}
	return true
}

// hasPartnerNews tells whether a partner has something to hear today.
func hasPartnerNews(ctx context.Context, r ledger.Reader, v View) (bool, error) {
	all, err := readPartnerNews(ctx, r)
	asked := map[string]bool{}
	for _, n := range all {
		if asked[n.Unit] {
			continue
		}
		asked[n.Unit] = true
		busy, err := r.HaveNotice(ctx, []string{n.Unit}, v.Today(), v.Now, ledger.Assignment, ledger.Reminder)
		if err != nil || !busy[n.Unit] {
			return err == nil, err
		}
	}
	return false, err
}

// tellPartners puts what partners have to hear into their notices of the day.
func (d *digest) tellPartners() error {
	all, err := readPartnerNews(d.tx.Context(), d.tx)
	if err != nil || len(all) == 0 {
		return err
	}
	var later []partnerNews
	for _, n := range all {
		busy, err := d.hasHadOne("unit", n.Unit)
		if err != nil {
			return err
		}
		if busy {
			later = append(later, n)
			continue
		}
		o, err := d.tx.Occurrence(d.tx.Context(), n.Occurrence)
		if err != nil {
			return err
		}
		if slices.Contains(partnersOf(d.view, o), n.Unit) && d.view.Rules.Unit(n.Unit) != nil {
			d.units[n.Unit] = append(d.units[n.Unit], d.item(o, partnerItem))
			d.occurrences[o.ID] = o
		}
	}
	return writePartnerNews(d.tx, later)
}

// partnerItem is what a partner hears of an occurrence; not ok: there is nothing to
// say any more.
func (t teller) partnerItem(o *ledger.Occurrence, unit, language string) (notify.Item, bool) {
	ob, owner := t.view.Obligation(o), t.view.Rules.Unit(o.Unit)
	closed := o.State == ledger.StateClosed
	if ob == nil || owner == nil || !slices.Contains(partnersOf(t.view, o), unit) || !closed && o.State != ledger.StateOpen && o.State != ledger.StateReported {
		return notify.Item{}, false
	}
	late, today := t.view.Late(o), ob.Plan.Day(t.view.Now)
	return notify.Item{
		ID: o.Key(), UID: UID(o.Plan, o.Key()), Kind: kindNow(o, late, today), Light: t.view.Light(o), Plan: ob.Plan.Title,
		Title: ob.DisplayTitle(language), Ref: ob.Ref, Unit: owner.DisplayName(language), Period: o.Period,
		Due: o.Due, Deadline: t.view.deadline(o).In(ob.Plan.Timezone), Days: ob.Plan.Calendar.Count(today, o.Due), Basis: ob.Basis, Provisional: o.Provisional,
		Extended: o.Extended(), Note: ob.Note, Partner: true, Closed: closed,
	}, true
}
