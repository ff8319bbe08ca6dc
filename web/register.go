package web

import (
	"bytes"
	"context"
	"net/http"
	"strings"
	"time"

	"duban/ledger"
	"duban/rules/calendar"
	"duban/rules/problem"
	"duban/rules/sheet"
	"duban/scheduler/views"
)

// The register (督办台账) is the list of occurrences with what was reported: on paper,
// or as a file.

// mostOnPaper is how many a page on paper lists, mostInFile a file.
const (
	mostOnPaper = 3000
	mostInFile  = 200_000
)

// registerPage is the register as it is printed.
type registerPage struct {
	listPage
	About   []string // what the filter has, in words
	Entries []registerEntry
	Counts  [4]int // in the order of rules.Lights
	More    int    // that are not listed
	At      time.Time
	By      string
}

type registerEntry struct {
	itemRow
	Ref              string
	Reported, Closed calendar.Date
	Evidence, Note   string
}

// registered calls f with what the address lists, by due date.
func (s *standing) registered(ctx context.Context, p *listPage, f func(*ledger.Occurrence, ledger.RuleText) error) error {
	view := s.view()
	searched, some := p.Filter.searched(view.Rules)
	q, _ := searched.ended(view.Rules)
	if q.Ended = false; searched.State == "" {
		q.States = nil
	}
	if !some || !p.bounds(&q) || (searched.Kind != "" || searched.units != nil) && len(q.Units) == 0 {
		return nil
	}
	lights := newLighter(view)
	return ledger.AsOfOneMoment(ctx, s.ledger, func(l ledger.Reader) error {
		by := views.NewLister(l, view)
		return l.EachOccurrence(ctx, q, func(o *ledger.Occurrence) error {
			if _, ok := lights.has(searched, o.Brief()); !ok {
				return nil
			}
			text, err := by.Text(ctx, o.Rule)
			if err != nil {
				return err
			}
			return f(o, text)
		})
	})
}

func (s *standing) register(w http.ResponseWriter, r *http.Request) error {
	view, q := s.view(), r.URL.Query()
	lang := wordsOf(s.frame.lang(w, r))
	p := registerPage{listPage: listPageOf(q, filterOf(q), view.Rules), At: view.Now, By: user(r).Name}
	if p.Error != nil {
		return s.frame.show(w, r, http.StatusUnprocessableEntity, "register", p)
	}
	p.about(lang)
	lights := newLighter(view)
	err := s.registered(r.Context(), &p.listPage, func(o *ledger.Occurrence, text ledger.RuleText) error {
		e := registerEntry{itemRow: lights.row(o.Brief(), lang), Ref: text.Ref, Evidence: o.Evidence, Note: o.Note}
		if view.Obligation(o) == nil {
			e.Title = text.Title
		}
		if o.Reason != "" && o.State != ledger.StateReported && o.State != ledger.StateClosed { // of these it is of before
			e.Note = lang.in.Reason(o.Reason)
		}
		e.Reported, e.Closed = dayIn(o.ReportedAt, view.Settings.Timezone), dayIn(o.ClosedAt, view.Settings.Timezone)
		p.Counts[lightIndex(e.Light)]++
		if p.Total++; p.Total > mostOnPaper {
			p.More++
			return nil
		}
		p.Entries = append(p.Entries, e)
		return nil
	})
	if err != nil {
		return err
	}
	return s.frame.show(w, r, http.StatusOK, "register", p)
}

// about says in words what is listed.
func (p *registerPage) about(w *words) {
	f := p.Filter
	for _, plan := range p.Choices.Plans {
		if plan.ID == f.Plan || f.Plan == "" && len(p.Choices.Plans) == 1 {
			p.About = append(p.About, plan.Title)
		}
		if o := plan.Obligation(f.Obligation); o != nil && (f.Plan == "" || f.Plan == plan.ID) {
			p.About = append(p.About, o.DisplayTitle(w.lang))
		}
	}
	for _, u := range p.Choices.Units {
		if u.ID == f.Unit {
			p.About = append(p.About, u.DisplayName(w.lang))
		}
	}
	if f.Kind != "" {
		p.About = append(p.About, w.t(f.Kind))
	}
	if f.Light != "" {
		p.About = append(p.About, w.light(f.Light))
	}
	if f.State != "" {
		p.About = append(p.About, w.state(f.State))
	}
	for _, text := range []string{f.Search, p.Month, p.Day} {
		if text != "" {
			p.About = append(p.About, text)
		}
	}
	switch {
	case !p.DueFrom.IsZero() && !p.DueTo.IsZero():
		p.About = append(p.About, w.t("due from %s to %s", p.DueFrom, p.DueTo))
	case !p.DueFrom.IsZero():
		p.About = append(p.About, w.t("due from %s", p.DueFrom))
	case !p.DueTo.IsZero():
		p.About = append(p.About, w.t("due until %s", p.DueTo))
	}
}

func dayIn(t time.Time, zone *time.Location) calendar.Date {
	if t.IsZero() {
		return 0
	}
	return calendar.DayOf(t.In(zone))
}

func (s *standing) registerFile(w http.ResponseWriter, r *http.Request) error {
	view, q := s.view(), r.URL.Query()
	p := listPageOf(q, filterOf(q), view.Rules)
	if p.Error != nil {
		return p.Error
	}
	var rows []views.Occurrence
	err := s.registered(r.Context(), &p, func(o *ledger.Occurrence, text ledger.RuleText) error {
		if len(rows) == mostInFile {
			return problem.Refuse("", "That is more than %d: choose a unit, an item or a time.", mostInFile)
		}
		rows = append(rows, views.NewOccurrence(view, o, text))
		return nil
	})
	if err != nil {
		return err
	}
	tables := views.Registers(view.Rules, rows, s.frame.lang(w, r))
	var b bytes.Buffer
	format := strings.TrimPrefix(r.PathValue("file"), "duban.")
	switch format {
	case "csv":
		w.Header().Set("Content-Type", "text/csv; charset=utf-8")
		b.WriteString("\ufeff") // spreadsheets take UTF-8 for GBK without it
		err = sheet.WriteCSV(&b, sheet.Join(tables))
	case "xlsx":
		w.Header().Set("Content-Type", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")
		err = sheet.WriteXLSX(&b, tables)
	default:
		return errNotFound
	}
	if err != nil {
		return err
	}
	w.Header().Set("Content-Disposition", `attachment; filename="duban-register-`+view.Today().String()+"."+format+`"`)
	_, _ = w.Write(b.Bytes()) // the client has gone
	return nil
}
