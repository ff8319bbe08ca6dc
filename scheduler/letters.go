package scheduler

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"duban/ledger"
	"duban/notify"
	"duban/rules"
)

// letter is what the ledger keeps of a letter until it leaves: what it is about.
// Its words, its language and what it says of the item are those of that moment.
type letter struct {
	Act     notify.Act `json:"act"`
	Request int64      `json:"request,omitempty"` // it asks for, or gives, an answer to that
	At      time.Time  `json:"at,omitzero"`       // of the report it is about
	By      string     `json:"by,omitempty"`
	Reason  string     `json:"reason,omitempty"`
}

// send puts a letter to one unit into the outbox; what sets it apart from others
// about the same item.
func (a *action) send(to *rules.Unit, l letter, what string) error {
	facts, err := json.Marshal(l)
	if err != nil {
		return err
	}
	n := a.outgoing(ledger.Letter, a.now)
	n.Unit, n.Letter = to.ID, string(facts)
	n.Items = []ledger.Item{{Kind: string(l.Act), Plan: a.o.Plan, Obligation: a.o.Obligation, Occurrence: a.o.ID}}
	n.Recipients = a.recipients(n)
	n.MessageID = notify.MessageID(a.From.ASCIIHost(), "letter", to.ID, what)
	said, err := composer{a.Scheduler, a.tx, map[int64]*ledger.Occurrence{a.o.ID: a.o}}.notice(a.tx.Context(), n, a.now)
	if err != nil {
		return err
	}
	n.Subject = said.Subject()
	return a.tx.AddNotice(n, entry(a.now, a.By))
}

// tellOfRequest tells the supervisor, or where a unit has none the
// administrators, that they are asked something.
func (a *action) tellOfRequest(r *ledger.Request) error {
	l := letter{Act: notify.Review, Request: r.ID}
	if to := a.supervisor(a.Rules().Unit(a.o.Unit)); to != nil {
		return a.send(to, l, fmt.Sprint("request ", r.ID))
	}
	c := composer{a.Scheduler, a.tx, nil}
	title, text := c.aboutRequest(l, r, a.o, a.Language).Words(a.Language, "")
	return a.tellAdmins(a.tx, a.now, title, text)
}

// tellOfAnswer tells the unit.
func (a *action) tellOfAnswer(r *ledger.Request) error {
	unit := a.Rules().Unit(a.o.Unit)
	if unit == nil {
		return nil // nobody to tell any more
	}
	act := notify.Extension
	if r.Kind == ledger.NotOursRequest {
		act = notify.Transfer
	}
	return a.send(unit, letter{Act: act, Request: r.ID}, fmt.Sprint("answer ", r.ID))
}

// tellOfReport tells the supervisor that a report waits for a decision.
func (a *action) tellOfReport() error {
	to := a.supervisor(a.Rules().Unit(a.o.Unit))
	if a.SupervisorLink == nil || to == nil {
		return nil // no page to decide on
	}
	return a.send(to, letter{Act: notify.Review, At: a.o.ReportedAt}, "report "+a.o.FullKey()+a.now.String())
}

// tellOfReturn tells the unit what is missing.
func (a *action) tellOfReturn() error {
	unit := a.Rules().Unit(a.o.Unit)
	if a.Link == nil || unit == nil {
		return nil // the next reminder tells it
	}
	return a.send(unit, letter{Act: notify.Returned, By: a.By, Reason: a.Reason}, "return "+a.o.FullKey()+a.now.String())
}

// letter is what a letter says if it leaves now; nil: it is settled already.
func (c composer) letter(ctx context.Context, n *ledger.Notice, language string, now time.Time) (*notify.Letter, error) {
	var l letter
	if err := json.Unmarshal([]byte(n.Letter), &l); err != nil || len(n.Items) == 0 {
		return nil, fmt.Errorf("notice %d: what its letter is about cannot be read: %w", n.ID, err)
	}
	o, err := c.occurrence(ctx, n.Items[0].Occurrence)
	if err != nil {
		return nil, err
	}
	switch {
	case l.Request != 0:
		r, err := c.db.Request(ctx, l.Request)
		if err != nil {
			return nil, err
		}
		if l.Act == notify.Review && (r.State != ledger.RequestOpen || o.State != ledger.StateOpen) {
			return nil, nil // decided, or over
		}
		said := c.aboutRequest(l, r, o, language)
		if l.Act == notify.Review && c.SupervisorLink != nil {
			said.Link = c.SupervisorLink(n.Unit, now)
		}
		return said, nil
	case l.Act == notify.Review:
		if o.State != ledger.StateReported || !o.ReportedAt.Equal(l.At.Truncate(time.Second)) {
			return nil, nil // decided, or reported anew
		}
		said := c.aboutItem(l, o, language)
		said.Evidence, said.Note = o.Evidence, o.Note
		if c.SupervisorLink != nil {
			said.Link = c.SupervisorLink(n.Unit, now)
		}
		return said, nil
	}
	if o.State != ledger.StateOpen {
		return nil, nil // reported again, or over
	}
	said := c.aboutItem(l, o, language)
	said.By, said.Reason = l.By, l.Reason
	if c.Link != nil {
		said.Link = c.Link(o, now)
	}
	return said, nil
}

func (c composer) aboutItem(l letter, o *ledger.Occurrence, language string) *notify.Letter {
	said := &notify.Letter{Act: l.Act, Owner: o.Unit, Item: o.Obligation, ID: o.Key(), Due: o.Due}
	if u := c.Rules().Unit(o.Unit); u != nil {
		said.Owner = u.DisplayName(language)
	}
	if ob := c.rule(o); ob != nil {
		said.Item = ob.DisplayTitle(language)
	}
	return said
}

func (c composer) aboutRequest(l letter, r *ledger.Request, o *ledger.Occurrence, language string) *notify.Letter {
	said := c.aboutItem(l, o, language)
	said.Request, said.Granted = string(r.Kind), r.State == ledger.RequestGranted
	if l.Act == notify.Review {
		said.Until, said.Reason = r.To, r.Reason
	} else {
		said.By, said.Reason = r.DecidedBy, r.Answer
	}
	return said
}
