package desk

import (
	"cmp"
	"context"

	"duban/ledger"
	"duban/rules"
	"duban/rules/calendar"
	"duban/rules/problem"
)

// Ask records what a unit asks about an occurrence, before its due date where
// it is an extension, and tells its supervisor. While one request of that kind
// waits for an answer there is no second.
func (d *Desk) Ask(ctx context.Context, kind ledger.RequestKind, key string, in Act) (*ledger.Request, error) {
	if err := in.check(); err != nil {
		return nil, err
	}
	var r *ledger.Request
	err := d.ledger.Update(ctx, func(tx ledger.Tx) error {
		o, err := tx.Find(tx.Context(), key)
		if err != nil {
			return err
		}
		a := newAction(tx, d.view(), o, in)
		if r, err = a.ask(kind); err != nil {
			return err
		}
		return a.letters.Post(tx, a.view)
	})
	if err == nil {
		d.log.Info().Str("occurrence", key).Int64("request", r.ID).Str("kind", string(kind)).Msg("asked")
	}
	return r, err
}

func (a *action) ask(kind ledger.RequestKind) (*ledger.Request, error) {
	if err := a.want(ledger.StateOpen); err != nil {
		return nil, err
	}
	if a.in.Reason == "" {
		return nil, problem.Refuse("reason", "say why: add --reason")
	}
	r := &ledger.Request{Occurrence: a.o.ID, Kind: kind, To: a.in.To, Reason: a.in.Reason, By: a.in.By, At: a.view.Now, State: ledger.RequestOpen}
	if kind == ledger.ExtensionRequest {
		if err := mayAskFor(a, a.in.To); err != nil {
			return nil, err
		}
	} else {
		r.To = 0
		if err := mayBeOf(a, a.in.Unit); err != nil {
			return nil, err
		}
		r.Unit = a.in.Unit
	}
	earlier, err := a.tx.RequestsAbout(a.tx.Context(), a.o.ID)
	if err != nil {
		return nil, err
	}
	for _, e := range earlier {
		if e.Kind == kind && e.State == ledger.RequestOpen {
			return nil, problem.Refuse("", "%s: this was asked on %s already and waits for an answer", a.o.Key(), calendar.DayOf(e.At.In(a.view.Settings.Timezone)))
		}
	}
	if err := a.tx.AddRequest(r, a.o, a.view.Entry(a.in.By)); err != nil {
		return nil, err
	}
	if err := a.attach(string(kind), a.in.Files); err != nil {
		return nil, err
	}
	return r, a.tell().ofRequest(r)
}

// mayAskFor refuses what could not be granted: a unit hears it at once.
func mayAskFor(a *action, to calendar.Date) error {
	switch {
	case a.view.Late(a.o):
		return problem.Refuse("to", "an extension has to be asked for before the due date, %s", a.o.Due)
	case to == 0:
		return problem.Refuse("to", "say until when: add --to DATE")
	}
	return a.mayExtend(to)
}

// mayBeOf refuses a unit that an item cannot be of; empty: who asks does not know.
func mayBeOf(a *action, unit string) error {
	switch {
	case unit == a.o.Unit && unit != "":
		return problem.Refuse("unit", "%s has it already", unit)
	case unit == "":
		return nil
	}
	_, err := a.unit(unit)
	return err
}

// Decide grants or refuses a request. Granting an extension moves the due date;
// granting that an item is not the unit's transfers it to the unit that the answer
// names, else to the one that was proposed.
func (d *Desk) Decide(ctx context.Context, id int64, grant bool, in Act) (*ledger.Request, error) {
	if err := in.check(); err != nil {
		return nil, err
	}
	var r *ledger.Request
	err := d.ledger.Update(ctx, func(tx ledger.Tx) error {
		var err error
		if r, err = tx.Request(tx.Context(), id); err != nil {
			return err
		}
		if r.State != ledger.RequestOpen {
			return problem.Refuse("", "request %d was %s already, by %s", id, r.State, r.DecidedBy)
		}
		o, err := tx.Occurrence(tx.Context(), r.Occurrence)
		if err != nil {
			return err
		}
		a := newAction(tx, d.view(), o, in)
		if err := a.decide(r, grant); err != nil {
			return err
		}
		return a.letters.Post(tx, a.view)
	})
	if err == nil {
		d.log.Info().Int64("request", id).Str("kind", string(r.Kind)).Str("state", string(r.State)).Msg("decided")
	}
	return r, err
}

func (a *action) decide(r *ledger.Request, grant bool) error {
	answer := a.in.Reason
	r.State, r.Answer, r.DecidedBy, r.DecidedAt = ledger.RequestGranted, answer, a.in.By, a.view.Now
	switch {
	case !grant && answer == "":
		return problem.Refuse("reason", "say why: add --reason")
	case !grant:
		r.State = ledger.RequestRefused
	case r.Kind == ledger.ExtensionRequest:
		if a.in.To == 0 && a.in.More == nil {
			a.in.To = r.To
		}
		a.in.Reason, a.answers = r.Reason, r
		if err := a.run(Extend); err != nil {
			return err
		}
		r.To = a.o.Granted // the supervisor may grant another day than was asked for
	default:
		if a.in.Unit == "" {
			a.in.Unit = r.Unit
		}
		a.in.Reason, r.Unit = cmp.Or(answer, r.Reason), a.in.Unit
		asked := a.o
		a.answers = r
		if err := a.run(Transfer); err != nil {
			return err
		}
		a.o = asked // the entry about the answer is the request's
	}
	if err := a.tx.DecideRequest(r, a.o, a.view.Entry(a.in.By)); err != nil {
		return err
	}
	return a.tell().ofAnswer(r)
}

// settleRequests answers what waits about an item that goes to another unit: that it
// is not the first one's is granted by it, and the extension that was asked for falls
// with it, which the letter about the transfer says.
func (a *action) settleRequests(o *ledger.Occurrence, to *rules.Unit) error {
	asked, err := a.tx.RequestsAbout(a.tx.Context(), o.ID)
	if err != nil {
		return err
	}
	for _, r := range asked {
		if r.State != ledger.RequestOpen || a.answers != nil && a.answers.ID == r.ID {
			continue
		}
		r.Answer, r.DecidedBy, r.DecidedAt = a.in.Reason, a.in.By, a.view.Now
		if r.Kind == ledger.NotOursRequest {
			r.State, r.Unit = ledger.RequestGranted, to.ID
		} else {
			r.State = ledger.RequestRefused
		}
		if err := a.tx.DecideRequest(r, o, a.view.Entry(a.in.By)); err != nil {
			return err
		}
	}
	return nil
}
