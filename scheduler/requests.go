package scheduler

import (
	"context"
	"fmt"
	"time"

	"duban/ledger"
	"duban/rules"
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
	err := s.Ledger.Update(ctx, func(tx *ledger.Tx) error {
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
	err := s.Ledger.Update(ctx, func(tx *ledger.Tx) error {
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
		if a.To == 0 {
			a.To = r.To
		}
		r.To = a.To // the supervisor may grant another day than was asked for
		a.name, a.Reason = "extended", r.Reason
		if _, err := a.run((*action).extend); err != nil {
			return err
		}
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

// tellOfRequest tells the supervisor, or where a unit has none the
// administrators, that they are asked something.
func (a *action) tellOfRequest(r *ledger.Request) error {
	unit := a.Rules().Unit(a.o.Unit)
	to, language := a.supervisor(unit), a.Language
	if to != nil {
		language = a.language(to)
	}
	what := a.sayIn(language, "asks "+string(r.Kind))
	text := fmt.Sprintf(a.sayIn(language, "asks text"), unitName(unit, a.o.Unit, language), a.title(language), a.o.Key(), a.o.Due, what, r.Reason)
	if r.To != 0 {
		text += fmt.Sprintf(a.sayIn(language, "asks to"), r.To)
	}
	if to == nil {
		return a.tellAdmins(a.tx, a.now, fmt.Sprintf(a.sayIn(language, "asks"), unitName(unit, a.o.Unit, language), what), text)
	}
	if a.UnitLink != nil {
		text += fmt.Sprintf(a.sayIn(language, "decide there"), a.UnitLink(to.ID, a.now))
	}
	return a.tell(to, a.now, fmt.Sprintf(a.sayIn(language, "asks"), unitName(unit, a.o.Unit, language), what), text, fmt.Sprint("request ", r.ID))
}

// tellOfAnswer tells the unit.
func (a *action) tellOfAnswer(r *ledger.Request) error {
	unit := a.Rules().Unit(a.o.Unit)
	if unit == nil {
		return nil // nobody to tell any more
	}
	language := a.language(unit)
	verdict := a.sayIn(language, string(r.State)+" "+string(r.Kind))
	text := fmt.Sprintf(a.sayIn(language, "answer text"), a.title(language), a.o.Key(), verdict, a.o.Due, r.DecidedBy)
	if r.Answer != "" {
		text += fmt.Sprintf(a.sayIn(language, "answer reason"), r.Answer)
	}
	return a.tell(unit, a.now, fmt.Sprintf(a.sayIn(language, "answer"), unit.DisplayName(language), verdict), text, fmt.Sprint("answer ", r.ID))
}

// tellOfReport tells the supervisor that a report waits for a decision.
func (a *action) tellOfReport() error {
	unit := a.Rules().Unit(a.o.Unit)
	to := a.supervisor(unit)
	if a.UnitLink == nil || to == nil {
		return nil // no page to decide on
	}
	language := a.language(to)
	title := fmt.Sprintf(a.sayIn(language, "reported"), unitName(unit, a.o.Unit, language))
	text := fmt.Sprintf(a.sayIn(language, "reported text"), unitName(unit, a.o.Unit, language), a.title(language), a.o.Key(), a.o.Due, a.o.Evidence, a.o.Note) +
		fmt.Sprintf(a.sayIn(language, "decide there"), a.UnitLink(to.ID, a.now))
	return a.tell(to, a.now, title, text, a.o.FullKey()+a.now.String())
}

// tellOfReturn tells the unit what is missing.
func (a *action) tellOfReturn() error {
	unit := a.Rules().Unit(a.o.Unit)
	if a.Link == nil || unit == nil {
		return nil // the next reminder tells it
	}
	language := a.language(unit)
	text := fmt.Sprintf(a.sayIn(language, "returned text"), a.title(language), a.o.Key(), a.o.Due, a.By, a.Reason) +
		fmt.Sprintf(a.sayIn(language, "report there"), a.Link(a.o, a.now))
	return a.tell(unit, a.now, fmt.Sprintf(a.sayIn(language, "returned"), unit.DisplayName(language)), text, a.o.FullKey()+a.now.String())
}

// tell puts a letter to one unit into the outbox.
func (a *action) tell(unit *rules.Unit, now time.Time, title, text, what string) error {
	n := a.letter(now, a.language(unit), title, text, unit.ID, what)
	n.Unit = unit.ID
	for _, address := range unit.Mail {
		n.Recipients = append(n.Recipients, ledger.Recipient{Address: address})
	}
	return a.tx.AddNotice(n, entry(now, a.By))
}

// title is the obligation's, from the rules or as the ledger remembers it.
func (a *action) title(language string) string {
	if a.rule != nil {
		return a.rule.DisplayTitle(language)
	}
	return a.o.Obligation
}

func unitName(u *rules.Unit, id, language string) string {
	if u == nil {
		return id
	}
	return u.DisplayName(language)
}
