package web

import (
	"cmp"
	"net/http"
	"slices"

	"duban/ledger"
	"duban/rules"
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

func (s *visits) supervisorPage(w http.ResponseWriter, r *http.Request) error {
	return s.showSupervisor(w, r, http.StatusOK, actForm{}, r.URL.Query().Get("done"))
}

func (s *visits) showSupervisor(w http.ResponseWriter, r *http.Request, code int, form actForm, done string) error {
	u, err := s.unit(r, forSupervisor)
	if err != nil {
		return err
	}
	lang := s.unitLang(w, r, u.ID)
	v := supervisorView{Name: u.DisplayName(lang), Form: form, Done: done, Address: "/s/" + u.ID + "/" + r.PathValue("expires") + "/" + r.PathValue("mac")}
	mine, lights, words := s.supervisedBy(u), newLighter(s.view()), wordsOf(lang)
	now, err := s.snapshot.look(r.Context())
	if err != nil {
		return err
	}
	var open []*ledger.Brief
	for _, b := range now.rows {
		if o := b.Occurrence(); b.State == ledger.StateOpen && mine(&o) {
			open = append(open, b)
		}
	}
	slices.SortFunc(open, func(a, b *ledger.Brief) int { return cmp.Or(cmp.Compare(a.Due, b.Due), cmp.Compare(a.ID, b.ID)) })
	v.More = max(0, len(open)-listRows)
	for _, b := range open[:len(open)-v.More] {
		v.Open = append(v.Open, supervisedRow{lights.row(b, words), b.ID})
	}
	if v.Decide, err = s.decisions.pending(r, lang, mine); err != nil {
		return err
	}
	return s.frame.showIn(w, r, lang, code, "supervisor", "layout", v)
}

// supervisedBy tells which occurrences a unit decides on.
func (s *visits) supervisedBy(u *rules.Unit) func(*ledger.Occurrence) bool {
	return func(o *ledger.Occurrence) bool {
		owner := s.view().Rules.Unit(o.Unit)
		return owner != nil && owner.Supervisor == u.ID
	}
}

// supervisorAct is what a supervisor does, under its own name: it grants or
// refuses a request, accepts or returns a report, extends what is open.
func (s *visits) supervisorAct(w http.ResponseWriter, r *http.Request) error {
	u, err := s.unit(r, forSupervisor)
	if err != nil {
		return err
	}
	in, err := readAct(r, u.ID)
	in.Date = 0
	what := r.PathValue("what")
	if err == nil {
		err = s.decisions.make(r, what, in, s.supervisedBy(u))
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
