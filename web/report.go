package web

import (
	"bytes"
	"net/http"
	"strings"

	"duban/rules/calendar"
	"duban/rules/problem"
	"duban/scheduler/figures"
)

// reportPage is the on-time figures of what was due in a time.
type reportPage struct {
	From, To calendar.Date
	Figures  []figures.Figure
	Units    []figures.Figure // summed up
	Error    error
}

// period is what the address asks for: by default the year up to today.
func (s *office) period(r *http.Request) (from, to calendar.Date, err error) {
	from, err = formDateOf("from", r.URL.Query().Get("from"))
	if err == nil {
		to, err = formDateOf("to", r.URL.Query().Get("to"))
	}
	if to.IsZero() {
		to = calendar.DayOf(s.view().Now)
	}
	if from.IsZero() {
		from = calendar.DateOf(to.Year(), 1, 1)
	}
	if err == nil && from > to {
		err = problem.Refuse("to", "%s is before %s.", to, from)
	}
	return from, to, err
}

func (s *office) report(w http.ResponseWriter, r *http.Request) error {
	p, code := reportPage{}, http.StatusOK
	p.From, p.To, p.Error = s.period(r)
	if p.Error != nil {
		code = http.StatusUnprocessableEntity
		return s.frame.show(w, r, code, "report", p)
	}
	var err error
	if p.Figures, err = figures.Of(r.Context(), s.ledger, s.view(), p.From, p.To); err != nil {
		return err
	}
	p.Units = figures.ByUnit(p.Figures)
	return s.frame.show(w, r, code, "report", p)
}

func (s *office) reportFile(w http.ResponseWriter, r *http.Request) error {
	from, to, err := s.period(r)
	if err != nil {
		return err
	}
	found, err := figures.Of(r.Context(), s.ledger, s.view(), from, to)
	if err != nil {
		return err
	}
	var b bytes.Buffer
	format := strings.TrimPrefix(r.PathValue("file"), "duban.")
	switch format {
	case "csv":
		w.Header().Set("Content-Type", "text/csv; charset=utf-8")
		b.WriteString("\ufeff") // spreadsheets take UTF-8 for GBK without it
		err = figures.WriteCSV(&b, found)
	case "xlsx":
		w.Header().Set("Content-Type", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")
		err = figures.WriteXLSX(&b, found)
	default:
		return errNotFound
	}
	if err != nil {
		return err
	}
	w.Header().Set("Content-Disposition", `attachment; filename="duban-`+from.String()+"-"+to.String()+"."+format+`"`)
	_, _ = w.Write(b.Bytes()) // the client has gone
	return nil
}
