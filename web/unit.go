package web

import (
	"cmp"
	"net/http"
	"slices"

	"duban/ledger"
	"duban/notify"
	"duban/rules"
	"duban/rules/calendar"
	"duban/scheduler"
)

// unitView is all that a unit owes, and what it has to decide on.
type unitView struct {
	Unit    *rules.Unit
	Name    string
	Address string
	Open    []linkedRow
	Past    []linkedRow // what has ended
	Feed    string
	Decide  []pending
	Form    actForm
	Done    string
}

type linkedRow struct {
	itemRow
	Link string
}

// pending is what waits for a supervisor's word: a request, or a report.
type pending struct {
	itemRow
	Request *ledger.Request // nil: a report
	O       *ledger.Occurrence
}

// pastShown is how many ended items a unit's page lists, the latest due first.
const pastShown = 30

func (s *Server) unit(r *http.Request) (*rules.Unit, error) {
	if err := s.Links.check(r, forUnit, r.PathValue("unit"), s.now()); err != nil {
		return nil, err
	}
	u := s.s.Rules().Unit(r.PathValue("unit"))
	if u == nil {
		return nil, refused(http.StatusGone, "This unit is no longer in any plan.")
	}
	return u, nil
}

func (s *Server) unitPage(w http.ResponseWriter, r *http.Request) error {
	return s.showUnit(w, r, http.StatusOK, actForm{}, r.URL.Query().Get("done"))
}

func (s *Server) showUnit(w http.ResponseWriter, r *http.Request, code int, form actForm, done string) error {
	u, err := s.unit(r)
	if err != nil {
		return err
	}
	lang, now := s.unitLang(w, r, u.ID), s.now()
	v := unitView{
		Unit: u, Name: u.DisplayName(lang), Feed: s.Links.Feed(u.ID), Form: form, Done: done,
		Address: "/u/" + u.ID + "/" + r.PathValue("expires") + "/" + r.PathValue("mac"),
	}
	set, lights, words := s.s.Rules(), s.lighter(now), wordsOf(lang)
	err = s.snapshot.look(r.Context(), func(rows []*ledger.Brief, _ int64) error {
		var open, past []*ledger.Brief
		for _, b := range rows {
			switch {
			case b.Unit != u.ID || b.State == ledger.StateCancelled:
			case b.State == ledger.StateOpen || b.State == ledger.StateReported:
				open = append(open, b)
			default:
				past = append(past, b)
			}
		}
		linked := func(list []*ledger.Brief) (out []linkedRow) {
			for _, b := range list {
				o := b.Occurrence()
				out = append(out, linkedRow{s.row(b, lights, set, words), s.Links.Item(&o, now)})
			}
			return out
		}
		byDue := func(a, b *ledger.Brief) int {
			return cmp.Or(cmp.Compare(a.Due, b.Due), cmp.Compare(a.Obligation, b.Obligation), cmp.Compare(a.ID, b.ID))
		}
		slices.SortFunc(open, byDue)
		slices.SortFunc(past, func(a, b *ledger.Brief) int { return byDue(b, a) })
		v.Open, v.Past = linked(open), linked(past[:min(len(past), pastShown)])
		return nil
	})
	if err != nil {
		return err
	}
	if v.Decide, err = s.pending(r, lang, s.supervisedBy(u)); err != nil {
		return err
	}
	return s.showIn(w, r, lang, code, "unit", "layout", v)
}

// supervisedBy tells which occurrences a unit decides on.
func (s *Server) supervisedBy(u *rules.Unit) func(*ledger.Occurrence) bool {
	return func(o *ledger.Occurrence) bool {
		owner := s.s.Rules().Unit(o.Unit)
		return owner != nil && owner.Supervisor == u.ID
	}
}

// pending are the requests and reports that wait, of the occurrences that mine
// picks.
func (s *Server) pending(r *http.Request, lang string, mine func(*ledger.Occurrence) bool) ([]pending, error) {
	var out []pending
	set, lights, words := s.s.Rules(), s.lighter(s.now()), wordsOf(lang)
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
			out = append(out, pending{s.row(o.Brief(), lights, set, words), q, o})
		}
	}
	reported, err := s.ledger.Occurrences(r.Context(), ledger.Query{States: []ledger.State{ledger.StateReported}})
	if err != nil {
		return nil, err
	}
	for _, o := range reported {
		if mine(o) {
			o.ReportedAt = o.ReportedAt.In(s.s.Timezone)
			out = append(out, pending{s.row(o.Brief(), lights, set, words), nil, o})
		}
	}
	return out, nil
}

// unitAct is a supervisor's decision: grant or refuse a request, accept or
// return a report.
func (s *Server) unitAct(w http.ResponseWriter, r *http.Request) error {
	u, err := s.unit(r)
	if err != nil {
		return err
	}
	in, err := readAct(r, u.ID)
	in.Date = 0
	if err == nil {
		err = s.decideAs(r, r.PathValue("what"), in, s.supervisedBy(u))
	}
	if field := asField(err); field != nil {
		return s.showUnit(w, r, http.StatusUnprocessableEntity, actForm{r.PathValue("what"), formValues(r), field}, "")
	}
	if err != nil {
		return err
	}
	http.Redirect(w, r, "/u/"+u.ID+"/"+r.PathValue("expires")+"/"+r.PathValue("mac")+"?done="+r.PathValue("what"), http.StatusSeeOther)
	return nil
}

// decideAs does what the form says to a request (its number) or a report (an
// occurrence's), if it is one that may be decided on here.
func (s *Server) decideAs(r *http.Request, what string, in scheduler.Act, mine func(*ledger.Occurrence) bool) error {
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
		_, err = s.s.Decide(r.Context(), id, what == "grant", in)
	case "accept":
		_, err = s.s.Accept(r.Context(), o.FullKey(), in)
	case "return":
		_, err = s.s.Return(r.Context(), o.FullKey(), in)
	default:
		err = errNotFound
	}
	return err
}

// feed is a unit's due dates as a calendar to subscribe to (RFC 5545).
func (s *Server) feed(w http.ResponseWriter, r *http.Request) error {
	unit := r.PathValue("unit")
	if err := s.Links.check(r, forFeed, unit, s.now()); err != nil {
		return err
	}
	u := s.s.Rules().Unit(unit)
	if u == nil {
		return errNotFound
	}
	lang := u.Language
	if lang == "" {
		lang = s.s.Language
	}
	now := s.now()
	found, err := s.ledger.Occurrences(r.Context(), ledger.Query{Unit: unit, DueFrom: calendar.DayOf(now) - 366})
	if err != nil {
		return err
	}
	words, lights := wordsOf(lang), s.lighter(now)
	var entries []notify.CalendarEntry
	for _, o := range found {
		if o.State == ledger.StateCancelled {
			continue
		}
		row := s.row(o.Brief(), lights, s.s.Rules(), words)
		entries = append(entries, notify.CalendarEntry{
			UID: scheduler.UID(o.Plan, o.Key()), Sequence: o.Sequence, Due: o.Due, Summary: row.Title + " · " + o.Period,
			Description: words.t("Light") + ": " + words.light(row.Light) + "\n" + o.Key(), Provisional: o.Provisional, Link: s.feedLink(o),
		})
	}
	w.Header().Set("Content-Type", "text/calendar; charset=utf-8")
	return notify.WriteCalendar(w, u.DisplayName(lang), entries, now)
}

// feedLink is where an open item of a feed is reported; what has ended has none.
func (s *Server) feedLink(o *ledger.Occurrence) string {
	if o.State != ledger.StateOpen {
		return ""
	}
	return s.Links.Item(o, s.now())
}
