package engine

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"duban/ledger"
	"duban/notify"
	"duban/rules"
)

// Letter is what the ledger keeps of a letter until it leaves: what it is about.
// Its words, its language and what it says of the item are those of that moment.
type Letter struct {
	Act     notify.Act `json:"act"`
	Request int64      `json:"request,omitempty"` // it asks for, or gives, an answer to that
	At      time.Time  `json:"at,omitzero"`       // of the report it is about
	By      string     `json:"by,omitempty"`
	Reason  string     `json:"reason,omitempty"`
	From    string     `json:"from,omitempty"` // a transfer: the unit that had it, for the one that has it
	Urged   []Urging   `json:"urged,omitempty"`
}

// Urging is who urges, and what he says.
type Urging struct {
	By   string `json:"by"`
	Note string `json:"note,omitempty"`
}

// post puts a letter to one unit into the outbox.
func (l Letter) post(tx ledger.Tx, v View, to *rules.Unit, about []*ledger.Occurrence, by, id string) error {
	facts, err := json.Marshal(l)
	if err != nil {
		return err
	}
	n := outgoing(v, ledger.Letter)
	n.Unit, n.Letter = to.ID, string(facts)
	known := map[int64]*ledger.Occurrence{}
	for _, o := range about {
		known[o.ID] = o
		n.Items = append(n.Items, l.item(o))
	}
	n.MessageID = id
	said, err := Say(tx.Context(), tx, v, n, known)
	if err != nil {
		return err
	}
	n.Subject = said.Subject()
	for _, one := range byEach(v, n) {
		if err := tx.AddNotice(one, v.Entry(by)); err != nil {
			return err
		}
	}
	return nil
}

func (l Letter) item(o *ledger.Occurrence) ledger.Item {
	return ledger.Item{Kind: string(l.Act), Plan: o.Plan, Obligation: o.Obligation, Occurrence: o.ID}
}

// PostToAdmins puts it to the administrators, for a unit that has no supervisor.
func (l Letter) PostToAdmins(tx ledger.Tx, v View, r *ledger.Request, o *ledger.Occurrence) error {
	language := v.Settings.Language
	title, text := teller{view: v, from: tx}.aboutRequest(l, r, o, language).Words(language, "")
	return TellAdmins(tx, v, title, text)
}

// letter is what a letter says if it leaves now; nil: it is settled already.
func (t teller) letter(ctx context.Context, n *ledger.Notice, language string) (*notify.Letter, error) {
	var l Letter
	err := json.Unmarshal([]byte(n.Letter), &l)
	if err == nil && l.Act == notify.NewLink {
		return t.newLink(n.Unit, language), nil
	}
	if err != nil || len(n.Items) == 0 {
		return nil, fmt.Errorf("notice %d: what its letter is about cannot be read: %w", n.ID, err)
	}
	if l.Act == notify.Urge {
		return t.urging(ctx, l, n, language)
	}
	var each []*notify.Letter
	for _, it := range n.Items {
		o, err := t.occurrence(ctx, it.Occurrence)
		if err != nil {
			return nil, err
		}
		said, err := t.aboutOne(ctx, l, o, n, language)
		if err != nil {
			return nil, err
		}
		if said != nil {
			each = append(each, said)
		}
	}
	return t.together(l, each, n), nil
}

// together is the letter that says what these do; nil: they are none.
func (t teller) together(l Letter, each []*notify.Letter, n *ledger.Notice) *notify.Letter {
	switch len(each) {
	case 0:
		return nil
	case 1:
		return each[0]
	}
	out := *each[0]
	out.Each = each
	switch {
	case l.Act == notify.Review || l.Act == notify.Retracted || out.Link == "": // one place for all of them, or none
		for _, said := range each {
			said.Link = ""
		}
	case t.view.Settings.Links.Unit != nil:
		out.Link = t.view.Settings.Links.Unit(n.Unit, t.view.Now)
	}
	return &out
}

// aboutOne is what a letter says of one of its occurrences; nil: that is settled.
func (t teller) aboutOne(ctx context.Context, l Letter, o *ledger.Occurrence, n *ledger.Notice, language string) (*notify.Letter, error) {
	switch {
	case l.Act == notify.Retracted || l.Act == notify.Transfer && o.Transferred != "" && l.From == "":
		return t.noLonger(ctx, l, o, n, language)
	case l.Act == notify.Withdrawn || l.Act == notify.Waived:
		if want := map[notify.Act]ledger.State{notify.Withdrawn: ledger.StateCancelled, notify.Waived: ledger.StateWaived}; o.State != want[l.Act] {
			return nil, nil // recorded, or opened, again since
		}
		said := t.aboutItem(l, o, language)
		said.By, said.Reason = l.By, l.Reason
		return said, nil
	case l.Request != 0:
		r, err := t.from.Request(ctx, l.Request)
		if err != nil {
			return nil, err
		}
		if l.Act == notify.Review && (r.State != ledger.RequestOpen || o.State != ledger.StateOpen) {
			return nil, nil // decided, or over
		}
		said := t.aboutRequest(l, r, o, language)
		if l.Act == notify.Review {
			said.Link = t.supervisorLink(n.Unit)
		}
		return said, nil
	case l.Act == notify.Review:
		if o.State != ledger.StateReported || !o.ReportedAt.Equal(l.At.Truncate(time.Second)) {
			return nil, nil // decided, or reported anew
		}
		said := t.aboutItem(l, o, language)
		said.Evidence, said.Note = o.Evidence, o.Note
		said.Link = t.supervisorLink(n.Unit)
		return said, nil
	}
	if o.State != ledger.StateOpen {
		return nil, nil // reported again, or over
	}
	said := t.aboutItem(l, o, language)
	said.By, said.Reason = l.By, l.Reason
	said.Link = t.itemLink(o)
	if l.From != "" {
		said.From = t.name(l.From, language)
	}
	return said, nil
}

// PostLink sends a unit the links that mails carry, to its own addresses, at most once
// a day.
func PostLink(tx ledger.Tx, v View, unit *rules.Unit, by string) error {
	if v.Settings.Links.Unit == nil {
		return nil
	}
	id := notify.MessageID(v.Settings.From.ASCIIHost(), "link", unit.ID, v.leaves().String())
	return Letter{Act: notify.NewLink}.post(tx, v, unit, nil, by, id)
}

// newLink is what a letter says that has only links.
func (t teller) newLink(unit, language string) *notify.Letter {
	said := &notify.Letter{Act: notify.NewLink, Owner: t.name(unit, language)}
	if t.view.Settings.Links.Unit != nil {
		said.Link = t.view.Settings.Links.Unit(unit, t.view.Now)
	}
	if slices.ContainsFunc(t.view.Rules.Units, func(u *rules.Unit) bool { return u.Supervisor == unit }) {
		said.Desk = t.supervisorLink(unit)
	}
	return said
}

// noLonger tells a unit that it has no longer what it had, or a supervisor that what
// was reported is not.
func (t teller) noLonger(ctx context.Context, l Letter, o *ledger.Occurrence, n *ledger.Notice, language string) (*notify.Letter, error) {
	if l.Act == notify.Retracted && o.State != ledger.StateOpen {
		return nil, nil // reported again, or over
	}
	said := t.aboutItem(l, o, language)
	said.By, said.Reason = l.By, l.Reason
	if l.Act == notify.Retracted {
		said.Link = t.supervisorLink(n.Unit)
		return said, nil
	}
	said.To = t.name(o.Transferred, language)
	asked, err := t.from.RequestsAbout(ctx, o.ID)
	said.Fell = slices.ContainsFunc(asked, func(r *ledger.Request) bool {
		return r.Kind == ledger.ExtensionRequest && r.DecidedAt.Equal(o.ClosedAt.Truncate(time.Second)) // by the transfer
	})
	return said, err
}

// name is a unit's in that language, or its id where it is in no plan any more.
func (t teller) name(unit, language string) string {
	if u := t.view.Rules.Unit(unit); u != nil {
		return u.DisplayName(language)
	}
	return unit
}

func (t teller) aboutItem(l Letter, o *ledger.Occurrence, language string) *notify.Letter {
	said := &notify.Letter{Act: l.Act, Owner: t.name(o.Unit, language), Item: o.Obligation, ID: o.Key(), Due: o.Due}
	if ob := t.view.Obligation(o); ob != nil {
		said.Item = ob.DisplayTitle(language)
	}
	return said
}

func (t teller) aboutRequest(l Letter, r *ledger.Request, o *ledger.Occurrence, language string) *notify.Letter {
	said := t.aboutItem(l, o, language)
	said.Request, said.Granted = string(r.Kind), r.State == ledger.RequestGranted
	if l.Act == notify.Review {
		said.Until, said.Reason = r.To, r.Reason
		if r.Unit != "" {
			said.To = t.name(r.Unit, language)
		}
	} else {
		said.By, said.Reason = r.DecidedBy, r.Answer
	}
	return said
}
