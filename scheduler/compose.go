package scheduler

import (
	"context"
	"errors"
	"fmt"
	"time"

	"duban/ledger"
	"duban/notify"
	"duban/rules"
	"duban/rules/address"
	"duban/rules/calendar"
)

// composer turns a notice in the outbox into what its mail says at a moment.
type composer struct {
	*Scheduler
	db interface {
		Occurrence(context.Context, int64) (*ledger.Occurrence, error)
		Request(context.Context, int64) (*ledger.Request, error)
	}
	known map[int64]*ledger.Occurrence // read already
}

// notice is what n says if it leaves now: only what is true now, which may be
// nothing.
func (c composer) notice(ctx context.Context, n *ledger.Notice, now time.Time) (*notify.Notice, error) {
	unit := c.Rules().Unit(n.Unit)
	out := &notify.Notice{Kind: notify.Kind(n.Kind), Language: c.languageOf(n), Day: c.today(now)}
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
		out.Letter, err = c.letter(ctx, n, out.Language, now)
		return out, err
	}
	switch {
	case n.Kind == ledger.Escalation && c.SupervisorLink != nil: // its own, never a unit's
		out.All = c.SupervisorLink(unit.ID, now)
	case n.Kind != ledger.Escalation && c.UnitLink != nil:
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
		o, err := c.occurrence(ctx, it.Occurrence)
		if err != nil {
			return nil, err
		}
		if said, ok := c.item(o, it, out.Language, now); ok {
			if n.Kind == ledger.Escalation {
				said.Link = "" // the unit's; the supervisor's own shows the item
			}
			if n.Kind == ledger.Escalation && out.All != "" {
				said.Link = fmt.Sprintf("%s#o%d", out.All, o.ID)
			}
			out.Items = append(out.Items, said)
		}
	}
	out.Sort()
	return out, nil
}

func (c composer) occurrence(ctx context.Context, id int64) (*ledger.Occurrence, error) {
	if o := c.known[id]; o != nil {
		return o, nil
	}
	return c.db.Occurrence(ctx, id)
}

// languageOf is that of the notice's first attempt, else that of its unit now.
func (s *Scheduler) languageOf(n *ledger.Notice) string {
	if n.Language != "" {
		return n.Language
	}
	return s.language(s.Rules().Unit(n.Unit))
}

// recipients are whom a notice goes to as the rules are now.
func (s *Scheduler) recipients(n *ledger.Notice) []ledger.Recipient {
	var out []ledger.Recipient
	if n.Kind == ledger.Admin {
		for _, a := range s.Admins {
			out = append(out, ledger.Recipient{Address: a.Bare(), State: ledger.Pending})
		}
		return out
	}
	unit := s.Rules().Unit(n.Unit)
	if unit == nil {
		return nil
	}
	for _, a := range unit.Mail {
		out = append(out, ledger.Recipient{Address: a, State: ledger.Pending})
	}
	if n.Kind == ledger.Letter {
		return out
	}
	for _, a := range unit.CC {
		out = append(out, ledger.Recipient{Address: a, Copy: true, State: ledger.Pending})
	}
	return out
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
		a, err := c.named(r.Address)
		if err != nil {
			return e, err
		}
		if r.Copy {
			e.CC = append(e.CC, a)
		} else {
			e.To = append(e.To, a)
		}
	}
	if boss := c.supervisor(c.Rules().Unit(n.Unit)); boss != nil && n.Kind != ledger.Escalation && len(boss.Mail) > 0 {
		var err error
		if e.ReplyTo, err = address.Parse(boss.Mail[0]); err != nil {
			return e, &unsendable{fmt.Errorf("%s: %w", boss.Mail[0], err)}
		}
	} else if n.Kind != ledger.Admin && len(c.Admins) > 0 {
		e.ReplyTo = c.Admins[0]
	}
	if len(n.Items) != 1 || n.Items[0].Occurrence == 0 {
		return e, nil
	}
	var err error
	e.References, err = c.Ledger.PreviousMessages(ctx, n.Items[0].Occurrence, n.Unit, n.ID)
	return e, err
}

// named is a recipient's address, with its name where the configuration has one.
func (c composer) named(bare string) (address.Address, error) {
	for _, a := range c.Admins {
		if a.Bare() == bare {
			return a, nil
		}
	}
	a, err := address.Parse(bare)
	if err != nil {
		return a, &unsendable{fmt.Errorf("%s: %w", bare, err)}
	}
	return a, nil
}

// unsendable is a notice that no mail can be made of: a fault of its own, which
// holds back no other.
type unsendable struct{ error }

func (e *unsendable) Unwrap() error { return e.error }

// Mail is the bytes that n would leave with now; nil where nothing in it is
// true any more. What may have reached a server already stays as it is.
func (s *Scheduler) Mail(ctx context.Context, n *ledger.Notice, now time.Time) (raw []byte, subject string, err error) {
	raw, subject, _, err = composer{s, s.Ledger, nil}.mail(ctx, n, now)
	return raw, subject, err
}

// mail is the bytes of n, its subject and what it says.
func (c composer) mail(ctx context.Context, n *ledger.Notice, now time.Time) (raw []byte, subject string, said *notify.Notice, err error) {
	if n.Body != nil && (n.MayHave || n.State == ledger.Sent) {
		return n.Body, n.Subject, nil, nil
	}
	if n.State == ledger.Sent {
		return nil, n.Subject, nil, nil // it was sent, and its bytes are no longer kept
	}
	if said, err = c.notice(ctx, n, now); err != nil {
		return nil, n.Subject, nil, err
	}
	if nothingToSay(said) {
		return nil, n.Subject, said, nil
	}
	if len(n.Recipients) == 0 {
		return nil, n.Subject, said, &unsendable{errors.New("there is no address to send it to")}
	}
	e, err := c.envelope(ctx, n, now)
	if err != nil {
		return nil, n.Subject, said, err
	}
	raw, err = notify.Compose(said, e)
	if err == nil && c.Signer != nil {
		raw, err = c.Signer.Sign(raw)
	}
	if err != nil {
		err = &unsendable{err}
	}
	return raw, said.Subject(), said, err
}

// nothingToSay tells whether a notice has nothing in it that is true.
func nothingToSay(said *notify.Notice) bool {
	return len(said.Items) == 0 && len(said.Duties) == 0 && said.Letter == nil && said.Text == ""
}
