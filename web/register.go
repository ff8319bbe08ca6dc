package web

import (
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

// registered gives f what the address lists, as of one moment, with who shows it.
func (s *standing) registered(ctx context.Context, p *listPage, f func(views.Rows, *views.Lister) error) error {
	view := s.view()
	searched, some := p.Filter.searched(view.Rules)
	q, _ := searched.ended(view.Rules)
	if q.Ended = false; searched.State == "" {
		q.States = nil
	}
	none := !some || !p.bounds(&q) || (searched.Kind != "" || searched.units != nil) && len(q.Units) == 0
	lights := newLighter(view)
	return ledger.AsOfOneMoment(ctx, s.ledger, func(l ledger.Reader) error {
		return f(func(plan string, f func(*ledger.Occurrence) error) error {
			of := q
			if plan != "" {
				of.Plan = plan
			}
			if none {
				return nil
			}
			return l.EachOccurrence(ctx, of, func(o *ledger.Occurrence) error {
				if _, ok := lights.has(searched, o.Brief()); !ok {
					return nil
				}
				return f(o)
			})
		}, views.NewLister(l, view))
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
	add := func(o *ledger.Occurrence, text ledger.RuleText) {
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
			return
		}
		p.Entries = append(p.Entries, e)
	}
	err := s.registered(r.Context(), &p.listPage, func(rows views.Rows, by *views.Lister) error {
		return rows("", func(o *ledger.Occurrence) error {
			text, err := by.Text(r.Context(), o.Rule)
			if err == nil {
				add(o, text)
			}
			return err
		})
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
	format := strings.TrimPrefix(r.PathValue("file"), "duban.")
	if format != "csv" && format != "xlsx" {
		return errNotFound
	}
	file, err := s.downloads.begin()
	if err != nil {
		return err
	}
	defer file.Close()
	err = s.registered(r.Context(), &p, func(rows views.Rows, by *views.Lister) error {
		tooMany := problem.Refuse("", "That is more than %d: choose a unit, an item or a time.", mostInFile)
		register, err := by.NewRegister(rows, s.frame.lang(w, r), mostInFile, tooMany)
		if err != nil {
			return err
		}
		fill := func(to sheet.Sink) error { return register.Write(r.Context(), to) }
		if format == "csv" {
			return file.csv(register.Several(), fill)
		}
		return file.xlsx(fill)
	})
	if err != nil {
		return err
	}
	return file.send(w, "duban-register-"+view.Today().String()+"."+format)
}
