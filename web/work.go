package web

import (
	"net/http"
	"strconv"

	"duban/ledger"
)

// workPage is what waits for an administrator.
type workPage struct {
	Pending []pending
	Held    int
	Failed  int
	Form    actForm
}

func (s *office) work(w http.ResponseWriter, r *http.Request) error {
	return s.showWork(w, r, http.StatusOK, actForm{})
}

func (s *office) showWork(w http.ResponseWriter, r *http.Request, code int, form actForm) error {
	p := workPage{Form: form}
	var err error
	if p.Pending, err = s.decisions.pending(r, s.frame.lang(w, r), "", func(*ledger.Occurrence) bool { return true }); err != nil {
		return err
	}
	counts, err := s.ledger.OutboxCounts(r.Context(), ledger.Held, ledger.Failed)
	if err != nil {
		return err
	}
	p.Held, p.Failed = counts[ledger.Held], counts[ledger.Failed]
	return s.frame.show(w, r, code, "work", p)
}

// decide is an administrator's word on a request or a report.
func (s *office) decide(w http.ResponseWriter, r *http.Request) error {
	in, err := readAct(r, user(r).Name)
	if err == nil {
		r.PostForm.Set("id", r.PathValue("id"))
		r.Form.Set("id", r.PathValue("id"))
		err = s.decisions.make(r, r.PathValue("what"), in, func(*ledger.Occurrence) bool { return true })
	}
	if field := asField(err); field != nil {
		return s.showWork(w, r, http.StatusUnprocessableEntity, actForm{r.PathValue("what"), formValues(r), field})
	}
	return s.frame.done(w, r, err, "Saved.", "/work")
}

// number is a whole number from a form or an address; 0: it is none.
func number(s string) int {
	n, err := strconv.Atoi(s)
	if err != nil {
		return 0
	}
	return n
}

func itoa(n int) string { return strconv.Itoa(n) }
