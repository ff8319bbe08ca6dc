package rules

import (
	"slices"
	"strings"

	"duban/rules/problem"
)

// Event is what an event is called where people read of it. Plans know it, and
// count from it, by its id; one that no plan names is called by its id.
type Event struct {
	ID     string
	Name   string
	NameEn string

	pos problem.Pos
}

// DisplayName is the event's name in that language.
func (e Event) DisplayName(language string) string {
	if language == "en" && e.NameEn != "" {
		return e.NameEn
	}
	return e.Name
}

// Pos is where the event stands.
func (e Event) Pos() problem.Pos { return e.pos }

// Event is the one with that id.
func (p *Plan) Event(id string) (Event, bool) {
	i := slices.IndexFunc(p.Events, func(e Event) bool { return e.ID == id })
	if i < 0 {
		return Event{}, false
	}
	return p.Events[i], true
}

// EventName is what people call the event with that id: its id, where no plan
// names it.
func (p *Plan) EventName(id, language string) string {
	if e, ok := p.Event(id); ok {
		return e.DisplayName(language)
	}
	return id
}

// eventCalled is the id of the event with that name, in either language; empty:
// none has it.
func (p *Plan) eventCalled(name string) string {
	for _, e := range p.Events {
		if sameName(name, e.Name) || sameName(name, e.NameEn) || name == e.ID {
			return e.ID
		}
	}
	return ""
}

// sameName tells whether two names are one: spaces and the case of letters do not
// matter in words.
func sameName(a, b string) bool {
	return strings.EqualFold(strings.ReplaceAll(a, " ", ""), strings.ReplaceAll(b, " ", ""))
}

// eventNames are all names that eventCalled knows.
func (p *Plan) eventNames() []string {
	var names []string
	for _, e := range p.Events {
		names = append(names, e.ID, e.Name)
		if e.NameEn != "" {
			names = append(names, e.NameEn)
		}
	}
	return names
}

// EventCalled is the id of the event that a plan calls so, in either language;
// empty: none does.
func (s *Set) EventCalled(name string) string {
	for _, p := range s.Plans {
		if id := p.eventCalled(name); id != "" {
			return id
		}
	}
	return ""
}

// EventName is what the first plan that names it calls the event; its id, where
// none does.
func (s *Set) EventName(id, language string) string {
	for _, p := range s.Plans {
		if e, ok := p.Event(id); ok {
			return e.DisplayName(language)
		}
	}
	return id
}

func (p *Plan) addEvent(entry *Entry, problems *problem.List) {
	r := read(entry, problems)
	e := Event{ID: r.text("id"), Name: r.text("name"), NameEn: r.text("name_en"), pos: r.at("id")}
	for _, key := range []string{"id", "name", "name_en"} {
		name := r.text(key)
		if other, ok := p.Event(p.eventCalled(name)); ok && name != "" {
			r.errorf(key, "%q is already what the event at %s is called", name, other.pos)
			return
		}
	}
	if e.ID != "" && e.Name != "" {
		p.Events = append(p.Events, e)
	}
}
