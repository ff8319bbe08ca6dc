package web

import (
	"net/http"
	"regexp"
	"strings"

	"duban/rules"
	"duban/rules/problem"
)

// lostView asks whose link is lost; Sent: the answer, which is the same whoever asks
// for whom.
type lostView struct {
	Unit string
	Sent bool
}

func (s *visits) lostPage(w http.ResponseWriter, r *http.Request) error {
	return s.frame.show(w, r, http.StatusOK, "lost", lostView{Unit: r.URL.Query().Get("unit"), Sent: r.URL.Query().Has("sent")})
}

// lost sends a new link to a unit's own addresses, at most once a day; never to an
// address that somebody types. Whether there is such a unit nobody learns.
func (s *visits) lost(w http.ResponseWriter, r *http.Request) error {
	ok, _ := s.guard.allow(s.peers.client(r), "link", false, s.view().Now)
	if !ok {
		return problem.New(problem.TooMany, "Too many attempts: wait a minute.")
	}
	if u := namedUnit(s.view().Rules, formText(r, "unit")); u != nil {
		if err := s.desk.SendLink(r.Context(), u.ID); err != nil {
			return err
		}
	}
	http.Redirect(w, r, "/link?sent", http.StatusSeeOther)
	return nil
}

// namedUnit is the unit of that id or name.
func namedUnit(set *rules.Set, name string) *rules.Unit {
	if u := set.Unit(name); u != nil {
		return u
	}
	for _, u := range set.Units {
		if name != "" && (strings.EqualFold(u.Name, name) || strings.EqualFold(u.NameEn, name)) {
			return u
		}
	}
	return nil
}

// lostLink is the address of a link that somebody came by.
var lostLink = regexp.MustCompile(`^/[ous]/`)
