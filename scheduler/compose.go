package scheduler

import (
	"context"
	netmail "net/mail"
	"time"

	"duban/ledger"
	"duban/notify"
	"duban/rules"
	"duban/rules/calendar"
)

// composer turns a notice in the outbox into what its mail says at a moment.
type composer struct {
	*Scheduler
	db interface {
		Occurrence(context.Context, int64) (*ledger.Occurrence, error)
	}
	known map[int64]*ledger.Occurrence // read already
}

// notice is what n says if it leaves now: only what is true now, which may be
// nothing.
func (c composer) notice(ctx context.Context, n *ledger.Notice, now time.Time) (*notify.Notice, error) {
	unit := c.Rules().Unit(n.Unit)
	out := &notify.Notice{Kind: notify.Kind(n.Kind), Language: c.language(unit), Day: c.today(now)}
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
	if c.UnitLink != nil {
		out.All = c.UnitLink(unit.ID, now)
	}
	if boss := c.supervisor(unit); boss != nil {
		out.Supervisor = boss.DisplayName(out.Language)
	}
	for _, it := range n.Items {
		if it.Occurrence == 0 {
			if ob := c.Rules().Obligation(it.Plan, it.Obligation); ob != nil && ob.Owes(n.Unit) {
				out.Duties = append(out.Duties, duty(ob, out.Language, out.Day))
			}
			continue
		}
		o := c.known[it.Occurrence]
		if o == nil {
			var err error
			if o, err = c.db.Occurrence(ctx, it.Occurrence); err != nil {
				return nil, err
			}
		}
		if said, ok := c.item(o, it, out.Language, now); ok {
			out.Items = append(out.Items, said)
		}
	}
	out.Sort()
	return out, nil
}

// item is what is true of an occurrence now; not ok: there is nothing to say.
func (c composer) item(o *ledger.Occurrence, it ledger.Item, language string, now time.Time) (notify.Item, bool) {
	ob, unit, late := c.rule(o), c.Rules().Unit(o.Unit), c.Late(o, now)
	if o.State != ledger.StateOpen || !o.PausedOn.IsZero() || ob == nil || unit == nil {
		return notify.Item{}, false
	}
	if it.Kind == string(rules.Escalation) && !late {
		return notify.Item{}, false // extended since
	}
	today := ob.Plan.Day(now)
	days := ob.Plan.Calendar.Count(today, o.Due)
	said := notify.Item{
		ID: o.Key(), UID: UID(o.Plan, o.Key()), Kind: kindNow(o, late, today), Light: c.Light(o, now), Plan: ob.Plan.Title,
		Title: ob.DisplayTitle(language), Ref: ob.Ref, Unit: unit.DisplayName(language), Period: o.Period,
		Due: o.Due, Deadline: c.deadline(o).In(ob.Plan.Timezone), Days: days, Basis: ob.Basis, Provisional: o.Provisional,
		Extended: o.Extended(), New: it.New, Note: ob.Note, Sequence: o.Sequence,
	}
	if c.Link != nil {
		said.Link = c.Link(o, now)
	}
	return said, true
}

// UID is that of an occurrence's entry in calendars (RFC 5545, 3.8.4.7).
func UID(plan, key string) string { return plan + ":" + key + "@duban" }

// datesAhead is how many dates an assignment shows of each duty.
const datesAhead = 3

// duty is one obligation with its next dates.
func duty(ob *rules.Obligation, language string, from calendar.Date) notify.Duty {
	d := notify.Duty{
		Plan: ob.Plan.Title, Title: ob.DisplayTitle(language), Ref: ob.Ref, Cadence: ob.Cadence, Within: ob.Within,
		Basis: ob.Basis, Note: ob.Note,
	}
	if p := ob.Predecessor(); p != nil {
		d.Predecessor = p.DisplayTitle(language)
	}
	for in := range ob.From(from) {
		if len(d.Next) == datesAhead {
			break
		}
		d.Next = append(d.Next, notify.NextDate{Period: in.Period, Due: in.Due, Provisional: in.Provisional})
	}
	return d
}

// envelope is what the mail of n says of itself.
func (c composer) envelope(ctx context.Context, n *ledger.Notice, now time.Time) (notify.Envelope, error) {
	e := notify.Envelope{MessageID: n.MessageID, Date: now.In(c.Timezone), From: c.From}
	for _, r := range n.Recipients {
		if r.Copy {
			e.CC = append(e.CC, r.Address)
		} else {
			e.To = append(e.To, r.Address)
		}
	}
	if boss := c.supervisor(c.Rules().Unit(n.Unit)); boss != nil && n.Kind != ledger.Escalation {
		e.ReplyTo = boss.Mail[0]
	} else if n.Kind != ledger.Admin && len(c.Admins) > 0 {
		if a, err := netmail.ParseAddress(c.Admins[0]); err == nil {
			e.ReplyTo = a.Address
		}
	}
	if len(n.Items) != 1 || n.Items[0].Occurrence == 0 {
		return e, nil
	}
	previous, err := c.Ledger.PreviousMessage(ctx, n.Items[0].Occurrence, n.Unit, n.ID)
	if previous != "" {
		e.References = []string{previous}
	}
	return e, err
}

// Mail is the bytes that n would leave with now; nil where nothing in it is
// true any more. What may have reached a server already stays as it is.
func (s *Scheduler) Mail(ctx context.Context, n *ledger.Notice, now time.Time) (raw []byte, subject string, err error) {
	return composer{s, s.Ledger, nil}.mail(ctx, n, now)
}

func (c composer) mail(ctx context.Context, n *ledger.Notice, now time.Time) (raw []byte, subject string, err error) {
	if n.Body != nil && (n.MayHave || n.State == ledger.Sent) {
		return n.Body, n.Subject, nil
	}
	if n.State == ledger.Sent {
		return nil, n.Subject, nil // it was sent, and its bytes are no longer kept
	}
	said, err := c.notice(ctx, n, now)
	if err != nil {
		return nil, "", err
	}
	if n.Kind != ledger.Admin && len(said.Items) == 0 && len(said.Duties) == 0 {
		return nil, n.Subject, nil
	}
	e, err := c.envelope(ctx, n, now)
	if err != nil {
		return nil, "", err
	}
	raw, err = notify.Compose(said, e)
	if err == nil && c.Signer != nil {
		raw, err = c.Signer.Sign(raw)
	}
	return raw, said.Subject(), err
}
