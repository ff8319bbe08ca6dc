package desk

import (
	"context"
	"net/url"
	"slices"
	"strings"
	"time"

	"duban/ledger"
	"duban/rules"
	"duban/rules/calendar"
	"duban/rules/problem"
	"duban/scheduler/engine"
)

// Verb is what somebody does to an occurrence.
type Verb string

// The verbs.
const (
	Done   Verb = "done"   // reports it: it is closed, or waits for the supervisor where the plan says so
	Accept Verb = "accept" // closes what was reported
	Return Verb = "return" // opens what was reported again, with the reason
	Waive  Verb = "waive"  // ends it without its being done
	Reopen Verb = "reopen" // opens what was ended
	Extend Verb = "extend" // moves the due date; the first one is kept
	Pause  Verb = "pause"  // stops its clock at the end of the day
	Resume Verb = "resume" // starts the clock again on the day after

	Transfer Verb = "transfer" // moves it to another unit
	Retract  Verb = "retract"  // takes a report back
	Progress Verb = "progress" // says how far it has come
)

// verbs are what each does, and what the journal calls it.
var verbs = map[Verb]struct {
	journal string
	do      func(*action) error
}{
	Done:   {"reported", (*action).done},
	Accept: {"accepted", (*action).accept},
	Return: {"returned", (*action).giveBack},
	Waive:  {"waived", (*action).waive},
	Reopen: {"reopened", (*action).reopen},
	Extend: {"extended", (*action).extend},
	Pause:  {"paused", (*action).pause},
	Resume: {"resumed", (*action).resume},

	Transfer: {"transferred", (*action).transfer},
	Retract:  {"retracted", (*action).retract},
	Progress: {"progress", (*action).progress},
}

// Known tells whether there is such a verb.
func (v Verb) Known() bool { _, ok := verbs[v]; return ok }

// Act is who does it, when and why.
type Act struct {
	By       string        // who; empty: the caller's default
	Date     calendar.Date // when it was so; 0: now
	Evidence string        // a link
	Note     string
	Reason   string
	To       calendar.Date // extend: to that day
	More     *rules.Within // extend: by so much
	Unit     string        // transfer: to that one
	Files    []*Upload     // done, progress, requests: what comes with it
}

// Do does something to the occurrence of that name, with all that follows from it.
// It returns what became of it: where it was transferred, that of the other unit.
func (d *Desk) Do(ctx context.Context, verb Verb, key string, in Act) (*ledger.Occurrence, error) {
	all, err := d.DoAll(ctx, verb, []string{key}, in)
	if err != nil {
		return nil, err
	}
	return all[0], nil
}

// DoAll does the same to several occurrences: to all of them, or to none. A unit hears
// of all of its own by one letter.
func (d *Desk) DoAll(ctx context.Context, verb Verb, keys []string, in Act) (out []*ledger.Occurrence, err error) {
	err = d.ledger.Update(ctx, func(tx ledger.Tx) error {
		out = nil
		v, letters := d.view(), &engine.Letters{}
		for _, key := range keys {
			o, err := tx.Find(tx.Context(), key)
			if err != nil {
				return err
			}
			if o, err = do(tx, v, letters, o, verb, in); err != nil {
				return err
			}
			out = append(out, o)
		}
		return letters.Post(tx, v)
	})
	if err != nil {
		return nil, err
	}
	for _, o := range out {
		d.log.Info().Str("occurrence", o.FullKey()).Str("unit", o.Unit).Str("state", string(o.State)).Stringer("due", o.Due).Msg(verbs[verb].journal)
	}
	return out, nil
}

// Do does something to an occurrence in a transaction.
func Do(tx ledger.Tx, v engine.View, o *ledger.Occurrence, verb Verb, in Act) error {
	letters := &engine.Letters{}
	if _, err := do(tx, v, letters, o, verb, in); err != nil {
		return err
	}
	return letters.Post(tx, v)
}

func do(tx ledger.Tx, v engine.View, letters *engine.Letters, o *ledger.Occurrence, verb Verb, in Act) (*ledger.Occurrence, error) {
	if err := in.check(); err != nil {
		return nil, err
	}
	if !verb.Known() {
		return nil, problem.Refuse("", "nothing that can be done is called %q", verb)
	}
	a := newAction(tx, v, o, in)
	a.letters = letters
	err := a.run(verb)
	return a.o, err
}

// action is an Act under way on one occurrence.
type action struct {
	tx   ledger.Tx
	view engine.View
	in   Act
	o    *ledger.Occurrence
	rule *rules.Obligation
	name string // for the journal

	letters *engine.Letters // that it makes
	answers *ledger.Request // whose answer tells the unit; nil: it is none
}

func newAction(tx ledger.Tx, v engine.View, o *ledger.Occurrence, in Act) *action {
	in.Reason, in.Note = strings.TrimSpace(in.Reason), strings.TrimSpace(in.Note) // blanks are no reason
	return &action{tx: tx, view: v, in: in, o: o, rule: v.Obligation(o), letters: &engine.Letters{}}
}

// run changes the occurrence and writes the change with its journal entry and all
// that follows from it.
func (a *action) run(verb Verb) error {
	before := *a.o
	if a.in.Reason == "" {
		a.in.Reason = a.in.Note
	}
	if _, err := engine.Mend(a.tx, a.view, a.rule, a.o); err != nil {
		return err
	}
	a.name = verbs[verb].journal
	if err := verbs[verb].do(a); err != nil || verb == Transfer { // which has written two
		return err
	}
	if err := a.attach(string(verb), a.in.Files); err != nil {
		return err
	}
	a.o.NextReminder = a.view.NextReminder(a.rule, a.o)
	e := a.view.Entry(a.in.By)
	e.Action, e.Reason = a.name, a.in.Reason
	if err := engine.Save(a.tx, a.view, &before, a.o, e); err != nil {
		return err
	}
	if before.State == a.o.State || before.State != ledger.StateClosed && a.o.State != ledger.StateClosed {
		return nil
	}
	if a.o.State == ledger.StateClosed {
		if err := engine.TellPartners(a.tx, a.view, a.o); err != nil {
			return err
		}
	}
	return engine.Follow(a.tx, a.view, a.o, a.in.By)
}

func (in *Act) check() error {
	for field, s := range map[string]string{"note": in.Note, "reason": in.Reason} {
		if err := rules.CheckNote(s); err != nil {
			return problem.Refuse(field, "the text %w", err)
		}
	}
	if err := rules.CheckLine(in.By); err != nil {
		return problem.Refuse("by", "--by %w", err)
	}
	if in.To != 0 && in.More != nil {
		return problem.Refuse("to", "give a day or a distance, not both")
	}
	if in.Evidence == "" {
		return nil
	}
	u, err := url.Parse(in.Evidence)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || rules.CheckNote(in.Evidence) != nil {
		return problem.Refuse("evidence", "evidence %.60q is no link: give the address of what was published, starting with https:// or http://", in.Evidence)
	}
	return nil
}

// want refuses an action in the wrong state, saying what to do instead.
func (a *action) want(states ...ledger.State) error {
	if slices.Contains(states, a.o.State) {
		return nil
	}
	hint := ""
	switch a.o.State {
	case ledger.StateClosed, ledger.StateWaived:
		hint = ": duban reopen opens it again"
	case ledger.StateReported:
		hint = ": duban accept or duban return decides on the report"
	case ledger.StateCancelled:
		hint = ": " + a.o.Reason
		if a.o.Transferred != "" {
			_, key, _ := strings.Cut(a.o.TransferredTo(), ":")
			hint = ": it was transferred to " + key
		}
	}
	return problem.Refuse("", "%s is %s%s", a.o.Key(), a.o.State, hint)
}

// when is the moment an act counts for: now, or close of business of its date.
func (a *action) when() (time.Time, error) {
	if a.in.Date == 0 || a.in.Date == dayOfAct(a, a.view.Now) {
		return a.view.Now, nil
	}
	if a.in.Date > dayOfAct(a, a.view.Now) {
		return time.Time{}, problem.Refuse("date", "%s has not come yet", a.in.Date)
	}
	if err := notBefore(a, a.in.Date); err != nil {
		return time.Time{}, err
	}
	if a.rule == nil {
		return a.in.Date.At(12*60, a.view.Settings.Timezone), nil
	}
	return a.rule.Plan.Closing(a.in.Date), nil
}

// notBefore refuses a day on which the occurrence could not have been done.
func notBefore(a *action, day calendar.Date) error {
	switch {
	case a.o.Event != 0 && day < a.o.Anchor:
		return problem.Refuse("date", "%s is before the event that started %s, on %s", day, a.o.Key(), a.o.Anchor)
	case a.o.Cause != 0 && day < a.o.Anchor:
		return problem.Refuse("date", "%s is before the closing that started %s, on %s", day, a.o.Key(), a.o.Anchor)
	case a.rule != nil && day < a.rule.Plan.Starts:
		return problem.Refuse("date", "%s is before the plan starts, on %s", day, a.rule.Plan.Starts)
	}
	return nil
}

// day is the date where the occurrence's plan applies.
func dayOfAct(a *action, t time.Time) calendar.Date {
	if a.rule != nil {
		return a.rule.Plan.Day(t)
	}
	return calendar.DayOf(t.In(a.view.Settings.Timezone))
}

func (a *action) done() error {
	if err := a.want(ledger.StateOpen); err != nil {
		return err
	}
	if a.rule != nil && a.rule.EvidenceRequired && a.in.Evidence == "" {
		return problem.Refuse("evidence", "%s needs a link to what was published: add --evidence URL", a.o.Key())
	}
	at, err := a.when()
	if err != nil {
		return err
	}
	a.o.ReportedAt, a.o.ReportedBy, a.o.Evidence, a.o.Note = at, a.in.By, a.in.Evidence, a.in.Note
	if a.rule != nil && a.rule.Plan.Review {
		a.o.State = ledger.StateReported
		return a.tell().ofReport()
	}
	a.name = "closed"
	a.o.State, a.o.ClosedAt = ledger.StateClosed, at
	return a.endPause(dayOfAct(a, at))
}

func (a *action) accept() error {
	if a.o.State != ledger.StateReported {
		return problem.Refuse("", "%s is %s: only what was reported and waits can be accepted", a.o.Key(), a.o.State)
	}
	at, err := a.when()
	if err != nil {
		return err
	}
	a.o.State, a.o.ClosedAt = ledger.StateClosed, at
	return a.endPause(dayOfAct(a, at))
}

func (a *action) giveBack() error {
	if a.o.State != ledger.StateReported {
		return problem.Refuse("", "%s is %s: only what was reported and waits can be returned", a.o.Key(), a.o.State)
	}
	if a.in.Reason == "" {
		return problem.Refuse("reason", "say what is missing: add --reason")
	}
	a.o.State, a.o.ReportedAt, a.o.Reason = ledger.StateOpen, time.Time{}, a.in.Reason
	if err := a.recount(); err != nil {
		return err
	}
	return a.tell().ofReturn()
}

func (a *action) waive() error {
	if err := a.want(ledger.StateOpen, ledger.StateReported); err != nil {
		return err
	}
	at, err := a.when()
	if err != nil {
		return err
	}
	knows := a.view.Light(a.o) != rules.Green
	a.o.State, a.o.ClosedAt, a.o.Reason = ledger.StateWaived, at, a.in.Reason
	if err := a.endPause(dayOfAct(a, at)); err != nil || !knows {
		return err
	}
	return a.tell().ofWaiver()
}

func (a *action) reopen() error {
	switch {
	case a.o.State == ledger.StateOpen:
		return problem.Refuse("", "%s is open already", a.o.Key())
	case a.o.Transferred != "":
		return problem.Refuse("", "%s was transferred: it goes on as %s", a.o.Key(), a.o.TransferredTo())
	}
	a.o.State, a.o.ReportedAt, a.o.ClosedAt, a.o.Reason = ledger.StateOpen, time.Time{}, time.Time{}, a.in.Reason
	return a.recount()
}

// recount dates what is open again by the rule as it now stands, and refuses
// what nobody owes any more.
func (a *action) recount() error {
	if a.rule == nil || a.o.Origin == "" && !a.rule.Owes(a.o.Unit) {
		return problem.Refuse("", "%s cannot be opened again: no rule asks for it any more", a.o.Key())
	}
	in, whyNot, err := engine.Again(a.tx, a.view, a.rule, a.o)
	if err != nil {
		return err
	}
	if whyNot != "" {
		return problem.Refuse("", "%s cannot be opened again: %s", a.o.Key(), whyNot)
	}
	rule, err := a.tx.Rule(a.rule, a.view.Now)
	if err != nil {
		return err
	}
	engine.Count(a.rule, a.o, in)
	a.o.Rule = rule
	return nil
}
