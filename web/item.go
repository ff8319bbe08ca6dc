package web

import (
	"errors"
	"net/http"
	"strconv"

	"duban/ledger"
	"duban/rules"
	"duban/scheduler/desk"
)

// itemView is what a unit sees behind the link in its mail.
type itemView struct {
	occurrenceView
	Address string // of this page
	Open    bool   // it can be reported
	Done    string // what was just done, or empty
}

// item checks the link and finds what it is about.
func (s *visits) item(r *http.Request) (*ledger.Occurrence, error) {
	id, err := strconv.ParseInt(r.PathValue("id"), 10, 64)
	if err != nil {
		return nil, errBadLink
	}
	o, err := s.ledger.Occurrence(r.Context(), id)
	if err != nil {
		if errors.Is(err, ledger.ErrNotFound) {
			return nil, errBadLink // whoever guesses learns nothing
		}
		return nil, err
	}
	return o, s.links.check(r, forItem, itemName(o), s.view().Now)
}

func (s *visits) itemPage(w http.ResponseWriter, r *http.Request) error {
	return s.showItem(w, r, http.StatusOK, actForm{}, r.URL.Query().Get("done"))
}

func (s *visits) showItem(w http.ResponseWriter, r *http.Request, code int, form actForm, done string) error {
	o, err := s.item(r)
	if err != nil {
		return err
	}
	lang := s.unitLang(w, r, o.Unit)
	d, err := described(r.Context(), s.ledger, s.view(), o, lang)
	if err != nil {
		return err
	}
	d.Form = form
	v := itemView{
		occurrenceView: d, Open: o.State == ledger.StateOpen && d.Rule != nil, Done: done,
		Address: "/o/" + r.PathValue("id") + "/" + r.PathValue("expires") + "/" + r.PathValue("mac"),
	}
	return s.frame.showIn(w, r, lang, code, "item", "layout", v)
}

// unitLang is the language of a unit's pages: what was chosen, else the unit's.
func (s *visits) unitLang(w http.ResponseWriter, r *http.Request, unit string) string {
	if _, err := r.Cookie(languageCookie); err == nil || r.URL.Query().Has("lang") {
		return s.frame.lang(w, r)
	}
	if u := s.view().Rules.Unit(unit); u != nil && u.Language != "" {
		return u.Language
	}
	if s.view().Settings.Language == "" {
		return rules.Languages[0]
	}
	return s.view().Settings.Language
}

// itemAct is what a unit may do: report, ask for an extension, say that it is
// not theirs. It is always as of now: nobody reports into the past.
func (s *visits) itemAct(w http.ResponseWriter, r *http.Request) error {
	o, err := s.item(r)
	if err != nil {
		return err
	}
	in, err := readAct(r, o.Unit)
	in.Date = 0
	what := r.PathValue("what")
	if err == nil {
		switch what {
		case "done":
			_, err = s.desk.Do(r.Context(), desk.Done, o.FullKey(), in)
		case "extend":
			_, err = s.desk.Ask(r.Context(), ledger.ExtensionRequest, o.FullKey(), in)
		case "not-ours":
			_, err = s.desk.Ask(r.Context(), ledger.NotOursRequest, o.FullKey(), desk.Act{By: in.By, Reason: in.Reason, Unit: in.Unit})
		default:
			return errNotFound
		}
	}
	if field := asField(err); field != nil {
		return s.showItem(w, r, http.StatusUnprocessableEntity, actForm{what, formValues(r), field}, "")
	}
	if err != nil {
		return err
	}
	http.Redirect(w, r, "/o/"+r.PathValue("id")+"/"+r.PathValue("expires")+"/"+r.PathValue("mac")+"?done="+what, http.StatusSeeOther)
	return nil
}
