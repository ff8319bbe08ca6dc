package web

import (
	"cmp"
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"duban/ledger"
	"duban/rules"
	"duban/rules/calendar"
	"duban/rules/problem"
	"duban/scheduler/desk"
	"duban/scheduler/engine"
)

// listPage is a list of occurrences.
type listPage struct {
	Filter     filter
	Choices    choices
	Month, Day string
	DueFrom    calendar.Date // both included; zero: open
	DueTo      calendar.Date
	Query      string // of the address: the same list as a file or on paper
	Error      error
	Rows       []itemRow
	Total      int
	Next       string // the address of the next page, or empty
}

// listRows is how many occurrences one page lists.
const listRows = 200

func (s *standing) occurrences(w http.ResponseWriter, r *http.Request) error {
	q := r.URL.Query()
	f, view, lang := filterOf(q), s.view(), wordsOf(s.frame.lang(w, r))
	set := view.Rules
	if s.named(w, r, f.Search) {
		return nil
	}
	searched, some := f.searched(set)
	p := listPageOf(q, f, set)
	after, err := listMarkOf(q.Get("after"))
	if p.Error = cmp.Or(p.Error, err); p.Error != nil || !some {
		return s.frame.show(w, r, http.StatusOK, "occurrences", p)
	}
	now, err := s.snapshot.look(r.Context())
	if err != nil {
		return err
	}
	found, before := s.listOngoing(now, searched, &p, after, view)
	past, total, err := s.listEnded(r.Context(), now, searched, p, after, listRows+1-len(found), set)
	if err != nil {
		return err
	}
	p.Total = before + total
	found = append(found, past...)
	lights := newLighter(view)
	if len(found) > listRows {
		found = found[:listRows]
		last := found[listRows-1]
		q.Set("after", listMark{lightIndex(lights.light(last)), *last}.String())
		p.Next = "/occurrences?" + q.Encode()
	}
	for _, b := range found {
		p.Rows = append(p.Rows, lights.row(b, lang))
	}
	return s.frame.show(w, r, http.StatusOK, "occurrences", p)
}

// listPageOf is what an address asks for.
func listPageOf(q url.Values, f filter, set *rules.Set) listPage {
	p := listPage{Filter: f, Choices: choicesOf(set), Month: q.Get("month"), Day: q.Get("day"), Query: q.Encode()}
	if p.DueFrom, p.Error = formDateOf("due_from", q.Get("due_from")); p.Error == nil {
		p.DueTo, p.Error = formDateOf("due_to", q.Get("due_to"))
	}
	return p
}

// due tells whether the list has what is due on a day.
func (p *listPage) due(d calendar.Date) bool {
	return (p.Month == "" || monthName(monthOf(d)) == p.Month) && (p.Day == "" || d.String() == p.Day) && d >= p.DueFrom && (p.DueTo.IsZero() || d <= p.DueTo)
}

// bounds narrows a query to the days that the list has; not ok: there are none.
func (p *listPage) bounds(q *ledger.Query) (ok bool) {
	q.DueFrom, q.DueTo = p.DueFrom, p.DueTo
	narrow := func(from, to calendar.Date) {
		if q.DueFrom = max(q.DueFrom, from); q.DueTo.IsZero() || to < q.DueTo {
			q.DueTo = to
		}
	}
	if p.Month != "" {
		first, err := calendar.ParseDate(p.Month + "-01")
		if err != nil {
			return false
		}
		narrow(first, lastOfMonth(first))
	}
	if p.Day != "" {
		d, err := calendar.ParseDate(p.Day)
		if err != nil {
			return false
		}
		narrow(d, d)
	}
	return q.DueTo.IsZero() || q.DueFrom <= q.DueTo
}

// listOngoing is the part of what goes on that a page shows, one more than that, and how
// many there are in all. Of a province's it keeps no more than it shows.
func (s *standing) listOngoing(now *picture, f filter, p *listPage, after *listMark, view engine.View) (rows []*ledger.Brief, total int) {
	lights := newLighter(view)
	var found []listMark
	keep := func() {
		slices.SortFunc(found, listMark.compare)
		found = found[:min(len(found), listRows+1)]
	}
	for b := range now.ongoing() {
		if !p.due(b.Due) {
			continue
		}
		light, ok := lights.has(f, &b)
		if !ok {
			continue
		}
		total++
		if m := (listMark{lightIndex(light), b}); after == nil || after.compare(m) < 0 {
			if found = append(found, m); len(found) > 10*listRows {
				keep()
			}
		}
	}
	keep()
	for i := range found {
		rows = append(rows, &found[i].of)
	}
	return rows, total
}

// listEnded is the part of what has ended that a page shows, and how many that are in all.
func (s *standing) listEnded(ctx context.Context, now *picture, f filter, p listPage, after *listMark, most int, set *rules.Set) (rows []*ledger.Brief, total int, err error) {
	q, ok := f.ended(set)
	ok = ok && p.bounds(&q)
	if !ok {
		return nil, 0, nil
	}
	if total, err = s.countEnded(ctx, now, f, q, set); err != nil || most <= 0 {
		return nil, total, err
	}
	if after != nil && after.light == lightIndex(rules.Grey) {
		b := after.of
		q.After = &ledger.Occurrence{Due: b.Due, Plan: b.Plan, Obligation: b.Obligation, Unit: b.Unit, Period: b.Period}
	}
	q.Limit = most
	found, err := s.ledger.Occurrences(ctx, q)
	for _, o := range found {
		rows = append(rows, o.Brief())
	}
	return rows, total, err
}

// countEnded is how many of what has ended a query has, which follows from a filter.
func (s *standing) countEnded(ctx context.Context, now *picture, f filter, q ledger.Query, set *rules.Set) (n int, err error) {
	switch {
	case f.Obligation != "" || f.items != nil:
		return s.ledger.CountOccurrences(ctx, q)
	case q.DueFrom.IsZero() && q.DueTo.IsZero():
		all, err := s.ended(ctx, now, f, set)
		for _, e := range all {
			n += e.N
		}
		return n, err
	}
	err = s.ledger.CountEnded(ctx, ledger.EndedQuery{DueFrom: q.DueFrom, DueTo: q.DueTo}, func(e ledger.Ended) {
		if f.hasSome(e.Plan, e.Unit, e.State, set) {
			n += e.N
		}
	})
	return n, err
}

// occurrenceView is all there is to say of one occurrence.
type occurrenceView struct {
	O          *ledger.Occurrence
	Key, Path  string
	Title      string
	Ref        string
	UnitName   string
	Reporter   string // who reported it
	Note       string
	Basis      rules.Basis
	Light      rules.Light
	Late       bool
	Today      calendar.Date
	Days       int
	Deadline   time.Time
	Rule       *rules.Obligation // nil: it is gone
	Supervisor string
	Unit       *rules.Unit // for who may know its people; nil: not for this reader
	Steps      []rules.Step
	Reminders  []rules.Reminder
	Pauses     []rules.Pause
	Requests   []*ledger.Request
	Asking     bool // an extension has been asked for and waits
	Disputing  bool // the unit has said that it is not theirs
	History    []ledger.Entry
	Notices    []*ledger.Notice
	Files      []fileView
	Units      []*rules.Unit // to which it may be transferred
	Form       actForm
}

// actForm is what the reader put into a form, and what is wrong with it.
type actForm struct {
	What  string // which form
	Act   map[string]string
	Error error
}

// described gathers what there is to say.
func described(ctx context.Context, q ledger.Reader, view engine.View, o *ledger.Occurrence, lang string) (occurrenceView, error) {
	v := occurrenceView{
		O: o, Key: o.Key(), Path: occurrencePath(o.Plan, o.Obligation, o.Unit, o.Period), UnitName: o.Unit, Reporter: who(view.Rules, o.ReportedBy, lang),
		Light: view.Light(o), Late: view.Late(o), Rule: view.Obligation(o), Today: view.Today(),
	}
	text, err := q.RuleText(ctx, o.Rule)
	if err != nil {
		return v, err
	}
	v.Title, v.Ref, v.Basis = text.Title, text.Ref, rules.Basis(text.Basis)
	if lang == "en" && text.TitleEn != "" {
		v.Title = text.TitleEn
	}
	if u := view.Rules.Unit(o.Unit); u != nil {
		v.UnitName = u.DisplayName(lang)
		if boss := view.Rules.Unit(u.Supervisor); boss != nil {
			v.Supervisor = boss.DisplayName(lang)
		}
	}
	if v.Pauses, err = q.Pauses(ctx, o.ID); err != nil {
		return v, err
	}
	if ob := v.Rule; ob != nil {
		v.Note, v.Today = ob.Note, ob.Plan.Day(view.Now)
		v.Deadline = ob.Plan.Deadline(o.Due)
		v.Days = ob.Plan.Calendar.Count(v.Today, o.Due)
		v.Steps = ob.Explain(o.Anchor, o.Granted, v.Pauses...)
		v.Reminders = ob.Timeline(view.Settings.Weekends).Named(o.Named).Reminders(o.Due)
	}
	if v.Requests, err = q.RequestsAbout(ctx, o.ID); err != nil {
		return v, err
	}
	for _, q := range v.Requests {
		v.Asking = v.Asking || q.State == ledger.RequestOpen && q.Kind == ledger.ExtensionRequest
		v.Disputing = v.Disputing || q.State == ledger.RequestOpen && q.Kind == ledger.NotOursRequest
	}
	return v, nil
}

func (s *standing) find(r *http.Request) (*ledger.Occurrence, error) {
	parts := []string{r.PathValue("obligation"), r.PathValue("unit"), r.PathValue("period")}
	found, err := s.ledger.Occurrences(r.Context(), ledger.Query{Plan: r.PathValue("plan"), Obligation: parts[0], Unit: parts[1], Period: parts[2]})
	if err == nil && len(found) == 0 {
		err = errNotFound
	}
	if err != nil {
		return nil, err
	}
	return found[0], nil
}

func (s *standing) occurrence(w http.ResponseWriter, r *http.Request) error {
	return s.showOccurrence(w, r, http.StatusOK, actForm{})
}

func (s *standing) showOccurrence(w http.ResponseWriter, r *http.Request, code int, form actForm) error {
	o, err := s.find(r)
	if err != nil {
		return err
	}
	v, err := described(r.Context(), s.ledger, s.view(), o, s.frame.lang(w, r))
	if err != nil {
		return err
	}
	v.Form, v.Units = form, otherUnits(s.view().Rules, o.Unit)
	if v.Files, err = filesOf(r.Context(), s.ledger, o.ID, ""); err != nil {
		return err
	}
	if user(r).Role == ledger.RoleAdmin {
		v.Unit = s.view().Rules.Unit(o.Unit)
	}
	for _, subject := range []ledger.Subject{o.Subject(), {Kind: ledger.AboutRequest, Ref: o.FullKey()}, {Kind: ledger.AboutAttachment, Ref: o.FullKey()}} {
		err := s.ledger.Entries(r.Context(), subject, func(e ledger.Entry) error {
			e.At = e.At.In(s.view().Settings.Timezone)
			e.Actor = who(s.view().Rules, e.Actor, s.frame.lang(w, r))
			v.History = append(v.History, e)
			return nil
		})
		if err != nil {
			return err
		}
	}
	slices.SortFunc(v.History, func(a, b ledger.Entry) int { return cmp.Compare(b.Seq, a.Seq) })
	if v.Notices, err = s.ledger.NoticesAbout(r.Context(), o.ID); err != nil {
		return err
	}
	return s.frame.show(w, r, code, "occurrence", v)
}

// actOn does something to an occurrence, and tells what became of it.
func (s *standing) actOn(ctx context.Context, verb desk.Verb, o *ledger.Occurrence, in desk.Act) (*ledger.Occurrence, error) {
	after, err := s.desk.Do(ctx, verb, o.FullKey(), in)
	if err != nil {
		return o, err
	}
	return after, nil
}

func (s *standing) occurrenceAct(w http.ResponseWriter, r *http.Request) error {
	verb := desk.Verb(r.PathValue("what"))
	if !verb.Known() && verb != "urge" {
		return errNotFound
	}
	o, err := s.find(r)
	if err != nil {
		return err
	}
	in, err := readAct(r, user(r).Name)
	switch {
	case err != nil:
	case verb == "urge":
		_, err = s.desk.Urge(r.Context(), []string{o.FullKey()}, in)
	default:
		o, err = s.actOn(r.Context(), verb, o, in)
	}
	if field := asField(err); field != nil {
		return s.showOccurrence(w, r, http.StatusUnprocessableEntity, actForm{string(verb), formValues(r), field})
	}
	return s.frame.done(w, r, err, "Saved.", occurrencePath(o.Plan, o.Obligation, o.Unit, o.Period))
}

// readAct reads a form whose fields bear the names of the command's flags.
func readAct(r *http.Request, by string) (desk.Act, error) {
	if err := r.ParseForm(); err != nil {
		return desk.Act{}, err
	}
	in := desk.Act{By: by, Evidence: formText(r, "evidence"), Note: formText(r, "note"), Reason: formText(r, "reason"), Unit: formText(r, "unit")}
	var err error
	if in.Date, err = formDate(r, "date"); err != nil {
		return in, err
	}
	in.To, err = formDate(r, "to")
	if more := formText(r, "by"); err == nil && more != "" {
		w, err := rules.ParseWithin(more)
		if err != nil {
			return in, problem.Refuse("by", "%v", err)
		}
		if w.N <= 0 {
			return in, problem.Refuse("by", "%q is no distance: write “15 working days”, “10 days” or “1 month”.", more)
		}
		in.More = &w
	}
	return in, err
}

// formText is a field without spaces around it; browsers end lines with CR LF.
func formText(r *http.Request, name string) string {
	return strings.TrimSpace(strings.ReplaceAll(r.PostFormValue(name), "\r\n", "\n"))
}

func formDate(r *http.Request, name string) (calendar.Date, error) {
	return formDateOf(name, formText(r, name))
}

// formDateOf reads a field that holds a day, or nothing.
func formDateOf(field, s string) (calendar.Date, error) {
	if s == "" {
		return 0, nil
	}
	d, err := calendar.ParseDate(s)
	if err == nil {
		return d, nil
	}
	if _, e := time.Parse(time.DateOnly, s); e != nil {
		return 0, problem.Refuse(field, "%q is no date: write it like 2017-07-21.", s)
	}
	return 0, problem.Refuse(field, "%v", err)
}

func formValues(r *http.Request) map[string]string {
	out := map[string]string{}
	for k := range r.PostForm {
		out[k] = r.PostForm.Get(k)
	}
	return out
}
