package web

import (
	"fmt"
	"net/http"
	"slices"

	"duban/ledger"
	"duban/rules"
	"duban/rules/calendar"
	"duban/rules/problem"
)

// eventsPage is what happened, and the form to say so.
type eventsPage struct {
	Events []*ledger.Event
	Names  []option // those that start something
	Units  []*rules.Unit
	Groups []*rules.Group
	Today  calendar.Date
	Form   actForm
	Older  string // the address of the next page; empty: there is none

	called, unit func(id string) string
}

// UnitName is what the unit with that id is called.
func (p eventsPage) UnitName(id string) string { return p.unit(id) }

// Called is what the event with that id is called.
func (p eventsPage) Called(id string) string { return p.called(id) }

func (s *office) events(w http.ResponseWriter, r *http.Request) error {
	return s.showEvents(w, r, http.StatusOK, actForm{})
}

func (s *office) showEvents(w http.ResponseWriter, r *http.Request, code int, form actForm) (err error) {
	view, lang := s.view(), s.frame.lang(w, r)
	p := eventsPage{Units: view.Rules.Units, Groups: view.Rules.Groups, Today: calendar.DayOf(view.Now), Form: form}
	p.called = func(id string) string { return view.Rules.EventName(id, lang) }
	p.unit = func(id string) string { return who(view.Rules, id, lang) }
	q := ledger.EventQuery{Latest: true, Limit: listRows + 1}
	if after := r.URL.Query().Get("after"); after != "" {
		if q.After, err = s.ledger.Event(r.Context(), int64(number(after))); err != nil {
			return err
		}
	}
	if p.Events, err = s.ledger.Events(r.Context(), q); err != nil {
		return err
	}
	if len(p.Events) > listRows {
		p.Events = p.Events[:listRows]
		p.Older = fmt.Sprint("/events?after=", p.Events[listRows-1].ID)
	}
	for _, plan := range view.Rules.InForce() {
		for _, o := range plan.Obligations {
			name := option{Value: o.Cadence.Value, Label: p.Called(o.Cadence.Value)}
			if o.Cadence.Kind == rules.ByEvent && !slices.Contains(p.Names, name) {
				p.Names = append(p.Names, name)
			}
		}
	}
	return s.frame.showIn(w, r, lang, code, "events", "layout", p)
}

func (s *office) addEvent(w http.ResponseWriter, r *http.Request) error {
	e := &ledger.Event{Name: formText(r, "name"), Unit: formText(r, "unit"), Key: formText(r, "key"), Title: formText(r, "title")}
	var err error
	if e.Day, err = formDate(r, "date"); err == nil {
		if e.Day.IsZero() {
			e.Day = calendar.DayOf(s.view().Now)
		}
		err = s.recordEvent(r, e)
	}
	return s.eventDone(w, r, "add", err)
}

// recordEvent records an event. Where one of that name, unit and day is there
// already it asks before it records a second.
func (s *office) recordEvent(r *http.Request, e *ledger.Event) error {
	byDay, added := e.Key == "", false
	all, err := s.desk.AddEvents(r.Context(), e, formText(r, "another") != "", user(r).Name)
	for _, one := range all {
		added = added || one.Added
	}
	switch {
	case err != nil || added:
		return err
	case byDay:
		return problem.Refuse("another", "This event is recorded already. If it happened to the unit twice on that day, record a second one.")
	}
	return problem.Refuse("key", "An event with this key is recorded already. If this is another one, give it another key.")
}

func (s *office) withdrawEvent(w http.ResponseWriter, r *http.Request) error {
	_, err := s.desk.WithdrawEvent(r.Context(), formText(r, "key"), formText(r, "reason"), user(r).Name)
	return s.eventDone(w, r, "withdraw", err)
}

func (s *office) eventDone(w http.ResponseWriter, r *http.Request, what string, err error) error {
	if field := asField(err); field != nil {
		return s.showEvents(w, r, http.StatusUnprocessableEntity, actForm{what, formValues(r), field})
	}
	return s.frame.done(w, r, err, "Saved.", "/events")
}
