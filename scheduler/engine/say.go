package engine

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"strings"

	"duban/ledger"
	"duban/notify"
	"duban/rules"
	"duban/rules/calendar"
)

// Say is what a notice says if it leaves now: only what is true now, which may be
// nothing. known are occurrences that were read already.
func Say(ctx context.Context, from ledger.Reader, v View, n *ledger.Notice, known map[int64]*ledger.Occurrence) (*notify.Notice, error) {
	return teller{view: v, from: from, known: known}.notice(ctx, n)
}

// teller turns a notice in the outbox into what it says at the view's moment.
type teller struct {
	view   View
	from   ledger.Reader
	known  map[int64]*ledger.Occurrence // read already
	duties duties                       // told already; nil: none is kept
}

func (t teller) notice(ctx context.Context, n *ledger.Notice) (*notify.Notice, error) {
	unit := t.view.Rules.Unit(n.Unit)
	out := &notify.Notice{Kind: notify.Kind(n.Kind), Language: t.view.LanguageOf(n), Day: t.view.Today()}
	if day := n.Day; day > out.Day {
		out.Day = day // made ahead, for the next day on which mail leaves
	}
	if n.Kind == ledger.Admin {
		out.Title, out.Text = n.Subject, n.Text
		return out, nil
	}
	if unit == nil {
		return out, nil // nobody to say it to any more
	}
	out.Unit = unit.DisplayName(out.Language)
	if n.Kind == ledger.Letter {
		if n.Letter == "" {
			out.Title, out.Text = n.Subject, n.Text // of an older version
			return out, nil
		}
		var err error
		out.Letter, err = t.letter(ctx, n, out.Language)
		return out, err
	}
	if n.Kind == ledger.Bulletin {
		var err error
		out.Bulletin, err = t.bulletin(ctx, n, out.Language)
		return out, err
	}
	switch {
	case n.Kind == ledger.Escalation: // its own, never a unit's
		out.All = t.supervisorLink(unit.ID)
		var err error
		if out.Waiting, err = t.waiting(ctx, unit.ID); err != nil {
			return nil, err
		}
	case t.view.Settings.Links.Unit != nil:
		out.All = t.view.Settings.Links.Unit(unit.ID, t.view.Now)
	}
	if boss := t.view.Supervisor(unit); boss != nil {
		out.Supervisor = boss.DisplayName(out.Language)
	}
	if err := t.items(ctx, n, out); err != nil {
		return nil, err
	}
	out.Sort()
	return out, nil
}

// items puts in what is still true of what the notice carries.
func (t teller) items(ctx context.Context, n *ledger.Notice, out *notify.Notice) error {
	told, err := t.toldSince(ctx, n)
	if err != nil {
		return err
	}
	for _, it := range t.inOrder(n.Items) {
		if it.Occurrence == 0 {
			if err := t.duty(ctx, n, it, out); err != nil {
				return err
			}
			continue
		}
		o, err := t.occurrence(ctx, it.Occurrence)
		if err != nil {
			return err
		}
		said, ok := t.item(o, it, out.Language)
		if it.Kind == partnerItem {
			said, ok = t.partnerItem(o, n.Unit, out.Language)
		}
		if !ok {
			continue
		}
		if told[o.ID] {
			continue
		}
		if n.Kind == ledger.Escalation {
			said.Link = "" // the unit's; the supervisor's own shows the item
			if out.All != "" {
				said.Link = fmt.Sprintf("%s#o%d", out.All, o.ID)
			}
		}
		out.Items = append(out.Items, said)
	}
	return nil
}

// inOrder are items as their plans have them: each month's in the order of the document,
// whenever they were made. What the plans have no more is last of its plan.
func (t teller) inOrder(items []ledger.Item) []ledger.Item {
	place := func(it ledger.Item) int {
		if p := t.view.Rules.Plan(it.Plan); p != nil && p.Obligation(it.Obligation) != nil {
			return p.Obligation(it.Obligation).Place
		}
		return math.MaxInt
	}
	return slices.SortedStableFunc(slices.Values(items), func(a, b ledger.Item) int {
		return cmp.Or(cmp.Compare(a.Plan, b.Plan), cmp.Compare(place(a), place(b)))
	})
}

// toldSince is what of a notice a newer one of the same kind says: of a week's reminders
// that were held while a robot was refused, the last one says it. Digests take over what
// waits (takeOver), so that this is asked of what is left of another day alone.
func (t teller) toldSince(ctx context.Context, n *ledger.Notice) (map[int64]bool, error) {
	if n.ID == 0 || n.Day >= t.view.Today() || n.Kind != ledger.Reminder && n.Kind != ledger.Escalation {
		return nil, nil
	}
	return t.from.CarriedSince(ctx, n)
}

// waiting is how many requests and reports wait for a supervisor's word.
func (t teller) waiting(ctx context.Context, boss string) (n int, err error) {
	supervised := func(unit string) bool {
		u := t.view.Rules.Unit(unit)
		return u != nil && u.Supervisor == boss
	}
	asked, err := t.from.OpenRequests(ctx)
	if err != nil {
		return 0, err
	}
	for _, r := range asked {
		o, err := t.occurrence(ctx, r.Occurrence)
		if err != nil {
			return 0, err
		}
		if supervised(o.Unit) {
			n++
		}
	}
	var units []string
	for _, u := range t.view.Rules.Units {
		if u.Supervisor == boss {
			units = append(units, u.ID)
		}
	}
	if len(units) == 0 { // of a query that means all
		return n, nil
	}
	reported, err := t.from.CountOccurrences(ctx, ledger.Query{Units: units, States: []ledger.State{ledger.StateReported}})
	return n + reported, err
}

func (t teller) occurrence(ctx context.Context, id int64) (*ledger.Occurrence, error) {
	if o := t.known[id]; o != nil {
		return o, nil
	}
	return t.from.Occurrence(ctx, id)
}

// LanguageOf is that of the notice's first attempt, else that of its unit now.
func (v View) LanguageOf(n *ledger.Notice) string {
	if n.Language != "" {
		return n.Language
	}
	return v.Language(v.Rules.Unit(n.Unit))
}

// Recipients are whom a notice goes to by its channel as the rules are now. What
// is not mail has one, which has the channel's name: the configuration says where
// that leads.
func (v View) Recipients(n *ledger.Notice) []ledger.Recipient {
	var out []ledger.Recipient
	if n.Channel != "" && n.Channel != ledger.ByMail {
		if u := v.Rules.Unit(n.Unit); u != nil && slices.Contains(u.Channels, n.Channel) {
			out = append(out, ledger.Recipient{Address: n.Channel, State: ledger.Pending})
		}
		return out
	}
	if n.Kind == ledger.Admin {
		for _, a := range v.Settings.Admins {
			out = append(out, ledger.Recipient{Address: a.Bare(), State: ledger.Pending})
		}
		return out
	}
	unit := v.Rules.Unit(n.Unit)
	if unit == nil {
		return nil
	}
	add := func(addresses []string, isCopy bool) {
		for _, a := range addresses {
			if !slices.ContainsFunc(out, func(r ledger.Recipient) bool { return r.Address == a }) {
				out = append(out, ledger.Recipient{Address: a, Copy: isCopy, State: ledger.Pending})
			}
		}
	}
	add(unit.Mail, false)
	add(unit.Deputies(v.Today()), false)
	if n.Kind != ledger.Letter {
		add(unit.CC, true)
	}
	return out
}

// item is what is true of an occurrence now; not ok: there is nothing to say.
func (t teller) item(o *ledger.Occurrence, it ledger.Item, language string) (notify.Item, bool) {
	ob, unit, late := t.view.Obligation(o), t.view.Rules.Unit(o.Unit), t.view.Late(o)
	if o.State != ledger.StateOpen || !o.PausedOn.IsZero() || ob == nil || unit == nil {
		return notify.Item{}, false
	}
	if it.Kind == string(rules.Escalation) && !late {
		return notify.Item{}, false // extended since
	}
	today := ob.Plan.Day(t.view.Now)
	days := ob.Plan.Calendar.Count(today, o.Due)
	said := notify.Item{
		ID: o.Key(), UID: UID(o.Plan, o.Key()), Kind: kindNow(o, late, today), Light: t.view.Light(o), Plan: ob.Plan.Title,
		Title: ob.DisplayTitle(language), Ref: ob.Ref, Unit: unit.DisplayName(language), Period: o.Period,
		Due: o.Due, Deadline: t.view.deadline(o).In(ob.Plan.Timezone), Days: days, Basis: ob.Basis, Provisional: o.Provisional,
		Extended: o.Extended(), New: it.New, Note: ob.Note, Sequence: o.Sequence, Link: t.itemLink(o),
	}
	return said, true
}

// UID is that of an occurrence's entry in calendars (RFC 5545, 3.8.4.7).
func UID(plan, key string) string { return plan + ":" + key + "@duban" }

// datesAhead is how many dates an assignment shows of each duty.
const datesAhead = 3

// duties are obligations as they were told of, for those who tell many units.
type duties map[toldDuty]notify.Duty

type toldDuty struct {
	obligation *rules.Obligation
	language   string
	from       calendar.Date
}

func (d duties) duty(ob *rules.Obligation, language string, from calendar.Date) notify.Duty {
	key := toldDuty{ob, language, from}
	told, ok := d[key]
	if !ok {
		if told = duty(ob, language, from); d != nil {
			d[key] = told
		}
	}
	return told
}

// duty is one obligation with its next dates.
func duty(ob *rules.Obligation, language string, from calendar.Date) notify.Duty {
	d := notify.Duty{
		Plan: ob.Plan.Title, Title: ob.DisplayTitle(language), Ref: ob.Ref, Deadline: ob.Words(language),
		Basis: ob.Basis, Note: ob.Note,
	}
	if p := ob.Predecessor(); p != nil {
		d.Deadline = strings.Replace(d.Deadline, p.ID, p.DisplayTitle(language), 1) // people know it by that
	}
	for in := range ob.From(from) {
		if len(d.Next) == datesAhead {
			break
		}
		d.Next = append(d.Next, notify.NextDate{Period: in.Period, Due: in.Due, Provisional: in.Provisional})
	}
	return d
}

// itemLink is where the unit reports an occurrence; empty: there is no page.
func (t teller) itemLink(o *ledger.Occurrence) string {
	if t.view.Settings.Links.Item == nil {
		return ""
	}
	return t.view.Settings.Links.Item(o, t.view.Now)
}

// supervisorLink is where a supervisor sees all that its units owe.
func (t teller) supervisorLink(unit string) string {
	if t.view.Settings.Links.Supervisor == nil {
		return ""
	}
	return t.view.Settings.Links.Supervisor(unit, t.view.Now)
}
