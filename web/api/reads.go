package api

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"slices"
	"strconv"

	"github.com/danielgtaylor/huma/v2"
	"github.com/rs/zerolog"

	"duban/ledger"
	"duban/rules"
	"duban/rules/calendar"
	"duban/rules/problem"
	"duban/scheduler/engine"
	"duban/scheduler/figures"
	"duban/scheduler/views"
)

// reads answers what is asked, and changes nothing.
type reads struct {
	ledger ledger.Store
	view   func() engine.View
}

func (s *reads) register(a huma.API) {
	get := func(path, id, tag, summary, description string) huma.Operation {
		return operation(http.MethodGet, path, id, tag, summary, description)
	}
	huma.Register(a, get("/plans", "listPlans", "rules", "The plans", "Drafts among them."), answering(s.plans))
	huma.Register(a, get("/obligations", "listObligations", "rules", "The obligations", "Groups are resolved into units. The same as duban rules --json."), answering(s.obligations))
	huma.Register(a, get("/preview", "preview", "rules", "What will be due", "The deadlines and reminders that the plans produce, without the ledger: from today for a year, where nothing else is asked for. The same as duban preview --json."), answering(s.preview))
	huma.Register(a, get("/occurrences", "listOccurrences", "occurrences", "How it stands", "Every occurrence that the ledger has, by due date. The same as duban status --json."), answering(s.occurrences))
	huma.Register(a, known(a, get("/occurrences/{id}", "getOccurrence", "occurrences", "One occurrence", "With an ETag, which an act on it can name in If-Match: it is refused where the occurrence has changed meanwhile.")), answering(s.occurrence))
	huma.Register(a, get("/notices", "listNotices", "notices", "The notices", "What was sent, waits, or failed. The same as duban mail list --json."), answering(s.notices))
	huma.Register(a, get("/events", "listEvents", "events", "The events", "What was recorded that starts clocks, by its day. The same as duban event list --json."), answering(s.events))
	huma.Register(a, get("/journal", "listJournal", "journal", "The journal", "Every change, in order. Who asks again later with the seq of the last entry that he has as after gets what is new. The same as duban journal --json."), answering(s.journal))
	huma.Register(a, get("/report", "report", "figures", "Who was on time", "Figures a unit and obligation, of what was due up to today where nothing else is asked for. The same as duban report --json."), answering(s.report))
	huma.Register(a, get("/calendar/{year}", "getYear", "rules", "A year of the working-day calendar", "The days that are not as the day of the week says. The same as duban calendar YEAR --json."), answering(s.year))
}

// answering makes a problem of a handler's error.
func answering[I, O any](f func(context.Context, *I) (*O, error)) func(context.Context, *I) (*O, error) {
	return func(ctx context.Context, in *I) (*O, error) {
		out, err := f(ctx, in)
		if err == nil {
			return out, nil
		}
		var said *Problem
		if errors.As(err, &said) {
			return nil, said
		}
		e := Explain(err)
		if e.Code.Status() >= http.StatusInternalServerError && ctx.Err() == nil {
			zerolog.Ctx(ctx).Error().Err(err).Msg("api")
		}
		return nil, newProblem(e, languageOf(ctx))
	}
}

func (s *reads) plans(_ context.Context, in *Paging) (*listed[views.Plan], error) {
	return after(s.view().Rules.Plans, *in, func(p *rules.Plan) string { return p.ID }, views.NewPlan)
}

func (s *reads) obligations(_ context.Context, in *Paging) (*listed[views.Obligation], error) {
	var all []*rules.Obligation
	for _, p := range s.view().Rules.Plans {
		all = append(all, p.Obligations...)
	}
	return after(all, *in, func(o *rules.Obligation) string { return o.Plan.ID + ":" + o.ID }, views.NewObligation)
}

// after is a page of a list that is in memory, in its own order.
func after[T, V any](all []T, in Paging, key func(T) string, show func(T) V) (*listed[V], error) {
	last, err := readCursor(in.After, 1)
	if err != nil {
		return nil, err
	}
	if last != nil {
		i := slices.IndexFunc(all, func(v T) bool { return key(v) == last[0] })
		if i < 0 { // it was taken away meanwhile
			return nil, badCursor(in.After)
		}
		all = all[i+1:]
	}
	all = all[:min(len(all), in.Limit+1)]
	var shown []V
	for _, v := range all {
		shown = append(shown, show(v))
	}
	return paged(all, in.Limit, shown, func(v T) []string { return []string{key(v)} }), nil
}

type previewIn struct {
	Span
	Paging
	Unit       string `query:"unit" doc:"Only that unit's, by its id"`
	Obligation string `query:"obligation" doc:"Only of that obligation: its id, or PLAN:ID"`
}

func (s *reads) preview(_ context.Context, in *previewIn) (*listed[views.Planned], error) {
	v := s.view()
	from, to, err := in.dates()
	if err != nil {
		return nil, err
	}
	sel := views.Selection{From: from, To: to, Unit: in.Unit, Obligation: in.Obligation}
	sel.Bound(v.Rules, v.Now)
	if err := sel.Check(v.Rules); err != nil {
		return nil, err
	}
	last, err := readCursor(in.After, 2)
	if err != nil {
		return nil, err
	}
	if last != nil {
		if sel.From, err = calendar.ParseDate(last[0]); err != nil {
			return nil, badCursor(in.After)
		}
	}
	key := func(p views.Planned) []string { return []string{p.Due.String(), p.Plan + ":" + p.ID} }
	found := sel.First(v, in.Limit+1, func(p views.Planned) bool { return last != nil && slices.Compare(key(p), last) <= 0 })
	return paged(found, in.Limit, found, key), nil
}

type occurrencesIn struct {
	Span
	Paging
	Plan       string `query:"plan" doc:"Only of that plan"`
	Unit       string `query:"unit" doc:"Only that unit's, by its id"`
	Obligation string `query:"obligation" doc:"Only of that obligation: its id, or PLAN:ID"`
	State      string `query:"state" enum:"open,reported,closed,waived,cancelled" doc:"Only in that state"`
	Light      string `query:"light" enum:"red,yellow,green,grey" doc:"Only with that light"`
}

// query is what is asked of the ledger.
func (in *occurrencesIn) query(v engine.View) (q ledger.Query, err error) {
	q = ledger.Query{Plan: in.Plan, Unit: in.Unit, Limit: in.Limit + 1}
	if q.DueFrom, q.DueTo, err = in.dates(); err != nil {
		return q, err
	}
	sel := views.Selection{Unit: in.Unit, Obligation: in.Obligation}
	if err := sel.Check(v.Rules); err != nil {
		return q, err
	}
	if in.Plan != "" && !slices.ContainsFunc(v.Rules.Plans, func(p *rules.Plan) bool { return p.ID == in.Plan }) {
		return q, &problem.Error{Code: problem.Invalid, Field: "plan", Key: "no plan %q", Args: []any{problem.Clip(in.Plan)}}
	}
	if in.Obligation != "" {
		o, err := v.Rules.FindObligation(in.Obligation)
		if err != nil {
			return q, of("obligation", err)
		}
		q.Obligation = o.ID
		if q.Plan = cmp.Or(in.Plan, o.Plan.ID); q.Plan != o.Plan.ID {
			return q, &problem.Error{Code: problem.Invalid, Field: "obligation", Key: "no obligation %q", Args: []any{problem.Clip(in.Obligation)}}
		}
	}
	switch {
	case in.State != "":
		q.States = []ledger.State{ledger.State(in.State)}
	case in.Light == string(rules.Grey):
		q.States = []ledger.State{ledger.StateClosed, ledger.StateWaived, ledger.StateCancelled}
	case in.Light != "":
		q.States = []ledger.State{ledger.StateOpen, ledger.StateReported}
	}
	last, err := readCursor(in.After, 5)
	if last == nil || err != nil {
		return q, err
	}
	q.After = &ledger.Occurrence{Plan: last[1], Obligation: last[2], Unit: last[3], Period: last[4]}
	if q.After.Due, err = calendar.ParseDate(last[0]); err != nil {
		return q, badCursor(in.After)
	}
	return q, nil
}

func occurrenceKey(o *ledger.Occurrence) []string {
	return []string{o.Due.String(), o.Plan, o.Obligation, o.Unit, o.Period}
}

// errEnough ends a list that is long enough.
var errEnough = errors.New("enough")

func (s *reads) occurrences(ctx context.Context, in *occurrencesIn) (out *listed[views.Occurrence], err error) {
	v := s.view()
	q, err := in.query(v)
	if err != nil {
		return nil, err
	}
	err = ledger.AsOfOneMoment(ctx, s.ledger, func(r ledger.Reader) error {
		var found []*ledger.Occurrence
		if in.Light != "" {
			q.Limit = 0 // which of them have that light, the rules say
		}
		err := r.EachOccurrence(ctx, q, func(o *ledger.Occurrence) error {
			if in.Light != "" && v.Light(o) != rules.Light(in.Light) {
				return nil
			}
			if found = append(found, o); len(found) > in.Limit {
				return errEnough
			}
			return nil
		})
		if err != nil && !errors.Is(err, errEnough) {
			return err
		}
		shown, err := views.NewLister(r, v).Occurrences(ctx, found)
		out = paged(found, in.Limit, shown, occurrenceKey)
		return err
	})
	return out, err
}

type oneIn struct {
	ID          string `path:"id" doc:"OBLIGATION/UNIT/PERIOD, percent-encoded: 1.3-budget%2Fczj%2F2017-07; with PLAN: before it where several plans have one of that name"`
	IfNoneMatch string `header:"If-None-Match" doc:"ETags: of one of these nothing is sent again"`
}

// tagged is an answer with its mark.
type tagged[T any] struct {
	Status int
	ETag   string `header:"ETag"`
	Body   T
}

func (s *reads) occurrence(ctx context.Context, in *oneIn) (*tagged[views.Occurrence], error) {
	out := &tagged[views.Occurrence]{Status: http.StatusOK}
	err := ledger.AsOfOneMoment(ctx, s.ledger, func(r ledger.Reader) error {
		o, err := r.Find(ctx, in.ID)
		if err != nil {
			return err
		}
		out.Body, err = views.NewLister(r, s.view()).Occurrence(ctx, o)
		return err
	})
	if err != nil {
		return nil, err
	}
	out.ETag = markOf(out.Body)
	if matches(in.IfNoneMatch, out.ETag) {
		out.Status = http.StatusNotModified
	}
	return out, nil
}

type noticesIn struct {
	Paging
	State string `query:"state" enum:"pending,sending,sent,failed,held,dropped" doc:"Only in that state"`
}

func (s *reads) notices(ctx context.Context, in *noticesIn) (out *listed[views.Notice], err error) {
	q := ledger.NoticeQuery{State: ledger.MailState(in.State), Limit: in.Limit + 1}
	last, err := readCursor(in.After, 1)
	if err != nil {
		return nil, err
	}
	if last != nil {
		if q.After, err = strconv.ParseInt(last[0], 10, 64); err != nil || q.After < 0 {
			return nil, badCursor(in.After)
		}
	}
	err = ledger.AsOfOneMoment(ctx, s.ledger, func(r ledger.Reader) error {
		found, err := r.Notices(ctx, q)
		if err != nil {
			return err
		}
		shown, err := views.NewLister(r, s.view()).Notices(ctx, found)
		out = paged(found, in.Limit, shown, func(n *ledger.Notice) []string { return []string{strconv.FormatInt(n.ID, 10)} })
		return err
	})
	return out, err
}

type eventsIn struct {
	Paging
	Unit string `query:"unit" doc:"Only that unit's, by its id"`
}

func (s *reads) events(ctx context.Context, in *eventsIn) (out *listed[views.Event], err error) {
	v := s.view()
	q := ledger.EventQuery{Unit: in.Unit, Limit: in.Limit + 1}
	if err := (views.Selection{Unit: in.Unit}).Check(v.Rules); err != nil {
		return nil, err
	}
	last, err := readCursor(in.After, 2)
	if err != nil {
		return nil, err
	}
	if last != nil {
		day, wrong := calendar.ParseDate(last[0])
		id, err := strconv.ParseInt(last[1], 10, 64)
		if wrong != nil || err != nil {
			return nil, badCursor(in.After)
		}
		q.After = &ledger.Event{Day: day, ID: id}
	}
	err = ledger.AsOfOneMoment(ctx, s.ledger, func(r ledger.Reader) error {
		found, err := r.Events(ctx, q)
		if err != nil {
			return err
		}
		shown, by := make([]views.Event, len(found)), views.NewLister(r, v)
		for i, e := range found {
			if shown[i], err = by.Event(ctx, e); err != nil {
				return err
			}
		}
		out = paged(found, in.Limit, shown, func(e *ledger.Event) []string { return []string{e.Day.String(), strconv.FormatInt(e.ID, 10)} })
		return nil
	})
	return out, err
}

type journalIn struct {
	Limit      int    `query:"limit" minimum:"1" maximum:"1000" default:"100" doc:"How many items at most"`
	After      string `query:"after" pattern:"^[0-9]{1,18}$" doc:"The seq of an entry: only those that follow it"`
	Occurrence string `query:"occurrence" doc:"Only of that occurrence: OBLIGATION/UNIT/PERIOD"`
}

func (s *reads) journal(ctx context.Context, in *journalIn) (*listed[views.Entry], error) {
	since := int64(0)
	if in.After != "" {
		var err error
		if since, err = strconv.ParseInt(in.After, 10, 64); err != nil {
			return nil, badCursor(in.After)
		}
	}
	v, may := s.view(), tokenOf(ctx).Role == ledger.RoleAdmin
	out := &listed[views.Entry]{List[views.Entry]{Items: []views.Entry{}}}
	take := func(e ledger.Entry) error {
		if e.OnlyRows() || e.Seq <= since {
			return nil
		}
		if len(out.Body.Items) == in.Limit {
			last := strconv.FormatInt(out.Body.Items[in.Limit-1].Seq, 10)
			out.Body.After = &last
			return errEnough
		}
		if !may {
			e.Before, e.After = views.WithoutPeople(e.Before), views.WithoutPeople(e.After)
		}
		out.Body.Items = append(out.Body.Items, views.NewEntry(e, v.Settings.Timezone))
		return nil
	}
	err := ledger.AsOfOneMoment(ctx, s.ledger, func(r ledger.Reader) error {
		if in.Occurrence == "" {
			return r.EntriesSince(ctx, since, take)
		}
		o, err := r.Find(ctx, in.Occurrence)
		if err != nil {
			return of("occurrence", err)
		}
		return r.Entries(ctx, o.Subject(), take)
	})
	if err != nil && !errors.Is(err, errEnough) {
		return nil, err
	}
	return out, nil
}

type reportIn struct {
	Span
	Paging
}

func (s *reads) report(ctx context.Context, in *reportIn) (*listed[figures.Figure], error) {
	v := s.view()
	from, to, err := in.dates()
	if err != nil {
		return nil, err
	}
	if to == 0 {
		to = v.Rules.Plans[0].Day(v.Now)
	}
	found, err := figures.Of(ctx, s.ledger, v, from, to)
	if err != nil {
		return nil, err
	}
	key := func(f figures.Figure) []string { return []string{f.Unit, f.Obligation, f.Plan} }
	last, err := readCursor(in.After, 3)
	if err != nil {
		return nil, err
	}
	found = slices.DeleteFunc(found, func(f figures.Figure) bool { return last != nil && slices.Compare(key(f), last) <= 0 })
	found = found[:min(len(found), in.Limit+1)]
	return paged(found, in.Limit, found, key), nil
}

type yearIn struct {
	Year int `path:"year" minimum:"1970" maximum:"2199"`
}

func (s *reads) year(_ context.Context, in *yearIn) (*struct{ Body views.Year }, error) {
	return &struct{ Body views.Year }{views.NewYear(s.view().Workdays(), in.Year, true)}, nil
}
