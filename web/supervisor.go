package web

import (
	"cmp"
	"net/http"
	"slices"

	"duban/ledger"
	"duban/rules"
	"duban/scheduler/desk"
)

// supervisorView is what a supervisor's units owe and ask.
type supervisorView struct {
	Name    string
	Address string
	Decide  []pending
	Open    []supervisedRow
	More    int // open ones, due later, that are not listed
	Form    actForm
	Done    string
}

type supervisedRow struct {
	itemRow
	ID int64
}

// pending is what waits for a supervisor's word: a request, or a report.
type pending struct {
	itemRow
	Request *ledger.Request // nil: a report
	O       *ledger.Occurrence
}

func (s *Server) supervisorPage(w http.ResponseWriter, r *http.Request) error {
	return s.showSupervisor(w, r, http.StatusOK, actForm{}, r.URL.Query().Get("done"))
}

func (s *Server) showSupervisor(w http.ResponseWriter, r *http.Request, code int, form actForm, done string) error {
	u, err := s.unit(r, forSupervisor)
	if err != nil {
		return err
	}
	lang := s.unitLang(w, r, u.ID)
	v := supervisorView{Name: u.DisplayName(lang), Form: form, Done: done, Address: "/s/" + u.ID + "/" + r.PathValue("expires") + "/" + r.PathValue("mac")}
	mine, lights, words := s.supervisedBy(u), newLighter(s.view()), wordsOf(lang)
	err = s.snapshot.look(r.Context(), func(rows []*ledger.Brief, _ int64) error {
		var open []*ledger.Brief
		for _, b := range rows {
			if o := b.Occurrence(); b.State == ledger.StateOpen && mine(&o) {
				open = append(open, b)
			}
		}
		slices.SortFunc(open, func(a, b *ledger.Brief) int { return cmp.Or(cmp.Compare(a.Due, b.Due), cmp.Compare(a.ID, b.ID)) })
		v.More = max(0, len(open)-listRows)
		for _, b := range open[:len(open)-v.More] {
			v.Open = append(v.Open, supervisedRow{lights.row(b, words), b.ID})
		}
		return nil
	})
	if err != nil {
		return err
	}
	if v.Decide, err = s.pending(r, lang, mine); err != nil {
		return err
	}
	return s.showIn(w, r, lang, code, "supervisor", "layout", v)
}

// supervisedBy tells which occurrences a unit decides on.
func (s *Server) supervisedBy(u *rules.Unit) func(*ledger.Occurrence) bool {
	return func(o *ledger.Occurrence) bool {
		owner := s.view().Rules.Unit(o.Unit)
		return owner != nil && owner.Supervisor == u.ID
	}
}

// pending are the requests and reports that wait, of the occurrences that mine
// picks.
func (s *Server) pending(r *http.Request, lang string, mine func(*ledger.Occurrence) bool) ([]pending, error) {
	var out []pending
	lights, words := newLighter(s.view()), wordsOf(lang)
	asked, err := s.ledger.OpenRequests(r.Context())
	if err != nil {
		return nil, err
	}
	for _, q := range asked {
		o, err := s.ledger.Occurrence(r.Context(), q.Occurrence)
		if err != nil {
			return nil, err
		}
		if mine(o) {
			out = append(out, pending{lights.row(o.Brief(), words), q, o})
		}
	}
	reported, err := ledger.AllOccurrences(r.Context(), s.ledger, ledger.Query{States: []ledger.State{ledger.StateReported}})
	if err != nil {
		return nil, err
	}
	for _, o := range reported {
		if mine(o) {
			o.ReportedAt = o.ReportedAt.In(s.view().Settings.Timezone)
			out = append(out, pending{lights.row(o.Brief(), words), nil, o})
		}
	}
	return out, nil
}

// supervisorAct is what a supervisor does, under its own name: it grants or
// refuses a request, accepts or returns a report, extends what is open.
func (s *Server) supervisorAct(w http.ResponseWriter, r *http.Request) error {
	u, err := s.unit(r, forSupervisor)
	if err != nil {
		return err
	}
	in, err := readAct(r, u.ID)
	in.Date = 0
	what := r.PathValue("what")
	if err == nil {
		err = s.decideAs(r, what, in, s.supervisedBy(u))
	}
	if field := asField(err); field != nil {
		return s.showSupervisor(w, r, http.StatusUnprocessableEntity, actForm{what, formValues(r), field}, "")
	}
	if err != nil {
		return err
	}
	if what == "extend" {
		what = "extended"
	}
	http.Redirect(w, r, "/s/"+u.ID+"/"+r.PathValue("expires")+"/"+r.PathValue("mac")+"?done="+what, http.StatusSeeOther)
	return nil
}

// decideAs does what the form says to a request (its number) or a report (an
// occurrence's), if it is one that may be decided on here.
func (s *Server) decideAs(r *http.Request, what string, in desk.Act, mine func(*ledger.Occurrence) bool) error {
	id := int64(number(r.PostFormValue("id")))
	occurrence := id
	if what == "grant" || what == "refuse" {
		q, err := s.ledger.Request(r.Context(), id)
		if err != nil {
			return err
		}
		occurrence = q.Occurrence
	}
	o, err := s.ledger.Occurrence(r.Context(), occurrence)
	if err != nil {
		return err
	}
	if !mine(o) {
		return errNotFound
	}
	switch what {
	case "grant", "refuse":
		_, err = s.desk.Decide(r.Context(), id, what == "grant", in)
	case "accept":
		_, err = s.desk.Do(r.Context(), desk.Accept, o.FullKey(), in)
	case "return":
		_, err = s.desk.Do(r.Context(), desk.Return, o.FullKey(), in)
	case "extend":
		_, err = s.desk.Do(r.Context(), desk.Extend, o.FullKey(), in)
	default:
		err = errNotFound
	}
	return err
}
