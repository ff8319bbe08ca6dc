package scheduler

import (
	"context"

	"duban/ledger"
	"duban/rules/calendar"
)

// Ask records what a unit asks about an occurrence, before its due date where
// it is an extension, and tells its supervisor. While one request of that kind
// waits for an answer there is no second.
func (s *Scheduler) Ask(ctx context.Context, kind ledger.RequestKind, key string, in Act) (*ledger.Request, error) {
	now := s.Clock()
	if err := in.check(); err != nil {
		return nil, err
	}
	var r *ledger.Request
	err := s.Ledger.Update(ctx, func(tx ledger.Tx) error {
		o, err := tx.Find(tx.Context(), key)
		if err != nil {
			return err
		}
		a := &action{s, in, tx, now, o, s.rule(o), ""}
		r, err = a.ask(kind)
		return err
	})
	if err == nil {
		s.Log.Info().Str("occurrence", key).Int64("request", r.ID).Str("kind", string(kind)).Msg("asked")
	}
	return r, err
}

func (a *action) ask(kind ledger.RequestKind) (*ledger.Request, error) {
	if err := a.want(ledger.StateOpen); err != nil {
		return nil, err
	}
	if a.Reason == "" {
		return nil, refuse("reason", "say why: add --reason")
	}
	r := &ledger.Request{Occurrence: a.o.ID, Kind: kind, To: a.To, Reason: a.Reason, By: a.By, At: a.now, State: ledger.RequestOpen}
	if kind == ledger.ExtensionRequest {
		if err := a.mayAskFor(a.To); err != nil {
			return nil, err
		}
	} else {
		r.To = 0
	}
	earlier, err := a.tx.RequestsAbout(a.tx.Context(), a.o.ID)
	if err != nil {
		return nil, err
	}
	for _, e := range earlier {
		if e.Kind == kind && e.State == ledger.RequestOpen {
			return nil, refuse("", "%s: this was asked on %s already and waits for an answer", a.o.Key(), calendar.DayOf(e.At.In(a.Timezone)))
		}
	}
	if err := a.tx.AddRequest(r, a.o, entry(a.now, a.By)); err != nil {
		return nil, err
	}
	return r, a.tellOfRequest(r)
}

// mayAskFor refuses what could not be granted: a unit hears it at once.
func (a *action) mayAskFor(to calendar.Date) error {
	switch {
	case a.Late(a.o, a.now):
		return refuse("to", "an extension has to be asked for before the due date, %s", a.o.Due)
	case to == 0:
		return refuse("to", "say until when: add --to DATE")
	}
	return a.mayExtend(to)
}

// Decide grants or refuses a request. Granting an extension moves the due date;
// granting that an item is not the unit's waives it.
func (s *Scheduler) Decide(ctx context.Context, id int64, grant bool, in Act) (*ledger.Request, error) {
	if err := in.check(); err != nil {
		return nil, err
	}
	now := s.Clock()
	var r *ledger.Request
	err := s.Ledger.Update(ctx, func(tx ledger.Tx) error {
		var err error
		if r, err = tx.Request(tx.Context(), id); err != nil {
			return err
		}
		if r.State != ledger.RequestOpen {
			return refuse("", "request %d was %s already, by %s", id, r.State, r.DecidedBy)
		}
		o, err := tx.Occurrence(tx.Context(), r.Occurrence)
		if err != nil {
			return err
		}
		a := &action{s, in, tx, now, o, s.rule(o), ""}
		return a.decide(r, grant)
	})
	if err == nil {
		s.Log.Info().Int64("request", id).Str("kind", string(r.Kind)).Str("state", string(r.State)).Msg("decided")
	}
	return r, err
}

func (a *action) decide(r *ledger.Request, grant bool) error {
	answer := a.Reason
	r.State, r.Answer, r.DecidedBy, r.DecidedAt = ledger.RequestGranted, answer, a.By, a.now
	switch {
	case !grant && answer == "":
		return refuse("reason", "say why: add --reason")
	case !grant:
		r.State = ledger.RequestRefused
	case r.Kind == ledger.ExtensionRequest:
		if a.To == 0 && a.More == nil {
			a.To = r.To
		}
		a.name, a.Reason = "extended", r.Reason
		if _, err := a.run((*action).extend); err != nil {
			return err
		}
		r.To = a.o.Granted // the supervisor may grant another day than was asked for
	default:
		a.name, a.Reason = "waived", r.Reason
		if _, err := a.run((*action).waive); err != nil {
			return err
		}
	}
	if err := a.tx.DecideRequest(r, a.o, entry(a.now, a.By)); err != nil {
		return err
	}
	return a.tellOfAnswer(r)
}
