package web

import (
	"net/http"
	"strings"

	"duban/notify"
	"duban/scheduler/engine"
	"duban/scheduler/figures"
)

// bulletinPage is the bulletin of some months, as it is printed.
type bulletinPage struct {
	engine.Months
	Bulletin *notify.Bulletin
	Error    error
}

// bulletinOf makes what the address asks for.
func (s *office) bulletinOf(w http.ResponseWriter, r *http.Request) (p bulletinPage, err error) {
	view := s.view()
	if p.Months, p.Error = engine.ReadMonths(r.FormValue("from"), r.FormValue("to"), view.Today()); p.Error != nil {
		p.Months = engine.Months{From: r.FormValue("from"), To: r.FormValue("to")}
		return p, nil
	}
	p.Bulletin, err = figures.Say(r.Context(), s.ledger, view, p.Months, s.frame.lang(w, r))
	return p, err
}

func (s *office) bulletin(w http.ResponseWriter, r *http.Request) error {
	p, err := s.bulletinOf(w, r)
	if err != nil {
		return err
	}
	code := http.StatusOK
	if p.Error != nil {
		code = http.StatusUnprocessableEntity
	}
	return s.frame.show(w, r, code, "bulletin", p)
}

func (s *office) bulletinFile(w http.ResponseWriter, r *http.Request) error {
	if strings.TrimPrefix(r.PathValue("file"), "duban.") != "xlsx" {
		return errNotFound
	}
	p, err := s.bulletinOf(w, r)
	if err == nil {
		err = p.Error
	}
	if err != nil {
		return err
	}
	book, err := p.Bulletin.Workbook()
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", notify.WorkbookType)
	w.Header().Set("Content-Disposition", `attachment; filename="`+p.Bulletin.File+`.xlsx"`)
	_, _ = w.Write(book) // the client has gone
	return nil
}

func (s *office) sendBulletin(w http.ResponseWriter, r *http.Request) error {
	m, err := engine.ReadMonths(formText(r, "from"), formText(r, "to"), s.view().Today())
	if err == nil {
		_, err = s.desk.SendBulletin(r.Context(), m, user(r).Name)
	}
	return s.frame.done(w, r, err, "It is in the outbox.", "/bulletin?from="+m.From+"&to="+m.To)
}
