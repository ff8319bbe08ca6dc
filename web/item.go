package web

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"slices"
	"strconv"

	"duban/ledger"
	"duban/rules"
	"duban/rules/calendar"
	"duban/scheduler/desk"
	"duban/scheduler/engine"
)

// itemView is what a unit sees behind the link in its mail.
type itemView struct {
	occurrenceView
	Address string // of this page
	Open    bool   // it can be reported
	Done    string // what was just done, or empty
	Files   []fileView
	Units   []*rules.Unit  // to one of which it may belong
	Went    string         // the unit that it was transferred to
	Retract bool           // its report may be taken back,
	Until   calendar.Date  // until the end of that day; 0: until it is accepted
	Story   []ledger.Entry // what has happened to it, the newest first
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

// isItem tells whether the link is good, before anything is read.
func (s *visits) isItem(r *http.Request) error {
	_, err := s.item(r)
	return err
}

func (s *visits) itemPage(w http.ResponseWriter, r *http.Request) error {
	return s.showItem(w, r, http.StatusOK, actForm{}, r.URL.Query().Get("done"))
}

func (s *visits) showItem(w http.ResponseWriter, r *http.Request, code int, form actForm, done string) error {
	o, err := s.item(r)
	if err != nil {
		return err
	}
	lang, view := s.unitLang(w, r, o.Unit), s.view()
	d, err := described(r.Context(), s.ledger, view, o, lang)
	if err != nil {
		return err
	}
	d.Form = form
	v := itemView{
		occurrenceView: d, Open: o.State == ledger.StateOpen && d.Rule != nil, Done: done, Units: otherUnits(view.Rules, o.Unit),
		Address: "/o/" + r.PathValue("id") + "/" + r.PathValue("expires") + "/" + r.PathValue("mac"),
	}
	v.Until, v.Retract = desk.MayRetract(view, o)
	if o.Transferred != "" {
		v.Went = who(view.Rules, o.Transferred, lang)
	}
	if v.Files, err = filesOf(r.Context(), s.ledger, o.ID, v.Address); err != nil {
		return err
	}
	if v.Story, err = story(r.Context(), s.ledger, view, o, lang); err != nil {
		return err
	}
	return s.frame.showIn(w, r, lang, code, "item", "layout", v)
}

// otherUnits are all but one, in the order of their files.
func otherUnits(set *rules.Set, but string) []*rules.Unit {
	return slices.DeleteFunc(slices.Clone(set.Units), func(u *rules.Unit) bool { return u.ID == but })
}

// mostStory is how much of what has happened a page of a unit tells.
const mostStory = 20

// story is what has happened to an occurrence, the newest first.
func story(ctx context.Context, r ledger.Reader, view engine.View, o *ledger.Occurrence, lang string) ([]ledger.Entry, error) {
	var out []ledger.Entry
	for _, kind := range []ledger.Subject{o.Subject(), {Kind: ledger.AboutRequest, Ref: o.FullKey()}, {Kind: ledger.AboutAttachment, Ref: o.FullKey()}} {
		err := r.Entries(ctx, kind, func(e ledger.Entry) error {
			e.At, e.Actor = e.At.In(view.Settings.Timezone), who(view.Rules, e.Actor, lang)
			out = append(out, e)
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	slices.SortFunc(out, func(a, b ledger.Entry) int { return cmp.Compare(b.Seq, a.Seq) })
	return out[:min(mostStory, len(out))], nil
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

// itemAct is what a unit may do: report, take that back, say how far it is, ask for
// an extension, say that it is not theirs. It is always as of now: nobody reports
// into the past.
func (s *visits) itemAct(w http.ResponseWriter, r *http.Request) error {
	o, err := s.item(r)
	if err != nil {
		return err
	}
	in, err := readAct(r, o.Unit)
	in.Date = 0
	what := r.PathValue("what")
	if err == nil {
		if in.Files, err = cameWith(r); err == nil {
			err = s.unitDoes(r.Context(), what, o, in)
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

func (s *visits) unitDoes(ctx context.Context, what string, o *ledger.Occurrence, in desk.Act) (err error) {
	switch what {
	case "done":
		_, err = s.desk.Do(ctx, desk.Done, o.FullKey(), in)
	case "progress":
		_, err = s.desk.Do(ctx, desk.Progress, o.FullKey(), in)
	case "retract":
		_, err = s.desk.Do(ctx, desk.Retract, o.FullKey(), in)
	case "extend":
		_, err = s.desk.Ask(ctx, ledger.ExtensionRequest, o.FullKey(), in)
	case "not-ours":
		_, err = s.desk.Ask(ctx, ledger.NotOursRequest, o.FullKey(), desk.Act{By: in.By, Reason: in.Reason, Unit: in.Unit, Files: in.Files})
	default:
		err = errNotFound
	}
	return err
}
