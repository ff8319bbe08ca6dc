package desk

import (
	"context"
	"fmt"

	"duban/ledger"
	"duban/notify"
	"duban/scheduler/engine"
)

// tell is what an act has others hear of it: a letter each, which leaves with the act.
type tell struct{ *action }

func (a *action) tell() tell { return tell{a} }

// ofRequest tells the supervisor, or where a unit has none the
// administrators, that they are asked something.
func (a tell) ofRequest(r *ledger.Request) error {
	l := engine.Letter{Act: notify.Review, Request: r.ID}
	to := a.view.Supervisor(a.view.Rules.Unit(a.o.Unit))
	if to == nil {
		return l.PostToAdmins(a.tx, a.view, r, a.o)
	}
	return a.letters.Add(l, to, a.o, a.in.By, fmt.Sprint("request ", r.ID))
}

// ofAnswer tells the unit.
func (a tell) ofAnswer(r *ledger.Request) error {
	unit := a.view.Rules.Unit(a.o.Unit)
	if unit == nil {
		return nil // nobody to tell any more
	}
	l := engine.Letter{Act: notify.Extension, Request: r.ID}
	if r.Kind == ledger.NotOursRequest {
		if r.State == ledger.RequestGranted {
			return nil // the letter about the transfer says it
		}
		l.Act = notify.Transfer
	}
	return a.letters.Add(l, unit, a.o, a.in.By, fmt.Sprint("answer ", r.ID))
}

// ofExtension tells the unit of one that it did not ask for.
func (a tell) ofExtension() error {
	unit := a.view.Rules.Unit(a.o.Unit)
	if unit == nil {
		return nil
	}
	l := engine.Letter{Act: notify.Extension, By: a.in.By, Reason: a.in.Reason}
	return a.letters.Add(l, unit, a.o, a.in.By, "extension "+a.o.FullKey()+a.view.Now.String())
}

// ofWaiver tells the unit that it need not do what it was reminded of.
func (a tell) ofWaiver() error {
	unit := a.view.Rules.Unit(a.o.Unit)
	if unit == nil {
		return nil
	}
	l := engine.Letter{Act: notify.Waived, By: a.in.By, Reason: a.in.Reason}
	return a.letters.Add(l, unit, a.o, a.in.By, "waiver "+a.o.FullKey()+a.view.Now.String())
}

// ofRetraction tells the supervisor that a report which it heard of is none.
func (a tell) ofRetraction() error {
	to := a.view.Supervisor(a.view.Rules.Unit(a.o.Unit))
	if to == nil {
		return nil
	}
	l := engine.Letter{Act: notify.Retracted, By: a.in.By, Reason: a.in.Reason}
	return a.letters.Add(l, to, a.o, a.in.By, "retraction "+a.o.FullKey()+a.view.Now.String())
}

// ofTransfer tells both units.
func (a tell) ofTransfer(from, to *ledger.Occurrence) error {
	for _, o := range []*ledger.Occurrence{from, to} {
		unit := a.view.Rules.Unit(o.Unit)
		if unit == nil {
			continue // whoever it is taken from may be in no plan any more
		}
		l := engine.Letter{Act: notify.Transfer, By: a.in.By, Reason: a.in.Reason}
		if o == to {
			l.From = from.Unit
		}
		if err := a.letters.Add(l, unit, o, a.in.By, "transfer "+o.FullKey()+a.view.Now.String()); err != nil {
			return err
		}
	}
	return nil
}

// ofNoSupervisor tells the administrators that nobody hears any more when an item
// that was transferred is late.
func (a tell) ofNoSupervisor(from, to *ledger.Occurrence) error {
	had, has := a.view.Supervisor(a.view.Rules.Unit(from.Unit)), a.view.Supervisor(a.view.Rules.Unit(to.Unit))
	if a.rule.Policy.Escalate == nil || had == nil || has != nil {
		return nil
	}
	language := a.view.Settings.Language
	name := a.view.Rules.Unit(to.Unit).DisplayName(language)
	return engine.TellAdmins(a.tx, a.view, a.view.Text("unsupervised", name),
		a.view.Text("unsupervised text", a.rule.DisplayTitle(language), name, to.Key(), had.DisplayName(language)))
}

// ofReport tells the supervisor that a report waits for a decision.
func (a tell) ofReport() error {
	to := a.view.Supervisor(a.view.Rules.Unit(a.o.Unit))
	if a.view.Settings.Links.Supervisor == nil || to == nil {
		return nil // no page to decide on
	}
	l := engine.Letter{Act: notify.Review, At: a.o.ReportedAt}
	return a.letters.Add(l, to, a.o, a.in.By, "report "+a.o.FullKey()+a.view.Now.String())
}

// ofReturn tells the unit what is missing.
func (a tell) ofReturn() error {
	unit := a.view.Rules.Unit(a.o.Unit)
	if a.view.Settings.Links.Item == nil || unit == nil {
		return nil // the next reminder tells it
	}
	l := engine.Letter{Act: notify.Returned, By: a.in.By, Reason: a.in.Reason}
	return a.letters.Add(l, unit, a.o, a.in.By, "return "+a.o.FullKey()+a.view.Now.String())
}

// SendLink sends a unit new links, to its own addresses, at most once a day: somebody
// has lost them.
func (d *Desk) SendLink(ctx context.Context, unit string) error {
	return d.ledger.Update(ctx, func(tx ledger.Tx) error {
		v := d.view()
		u, err := v.Rules.FindUnit(unit)
		if err != nil {
			return err
		}
		return engine.PostLink(tx, v, u, engine.ByDaemon)
	})
}
