package api

import (
	"context"
	"errors"
	"net/http"
	"reflect"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/rs/zerolog"

	"duban/ledger"
	"duban/rules"
	"duban/rules/problem"
	"duban/scheduler/desk"
	"duban/scheduler/engine"
	"duban/scheduler/views"
)

// acts are what programs do: the desk does it, under the token's name.
type acts struct {
	ledger ledger.Store
	view   func() engine.View
	desk   *desk.Desk
	log    zerolog.Logger
}

// mostBody is how much a body may hold.
const mostBody = 64 << 10

func (s *acts) register(a huma.API) {
	for _, v := range []struct{ verb, summary string }{
		{"done", "Report it done"}, {"waive", "End what need not be done"}, {"reopen", "Open it again"},
		{"pause", "Stop its clock at the end of the day"}, {"resume", "Start its clock again on the day after"},
		{"accept", "Close what was reported"}, {"return", "Open what was reported again"},
		{"retract", "Take a report back"}, {"progress", "Say how far it has come"},
	} {
		switch verb := desk.Verb(v.verb); verb {
		case desk.Done:
			actOn(a, s, verb, v.summary, func(b doneBody) (desk.Act, error) {
				day, err := dated("date", b.Date)
				return desk.Act{Evidence: b.Evidence, Note: b.Note, Date: day}, err
			})
		case desk.Return, desk.Retract:
			actOn(a, s, verb, v.summary, func(b whyBody) (desk.Act, error) { return desk.Act{Reason: b.Reason}, nil })
		case desk.Progress:
			actOn(a, s, verb, v.summary, func(b noteBody) (desk.Act, error) { return desk.Act{Note: b.Note}, nil })
		default:
			actOn(a, s, verb, v.summary, func(b actBody) (desk.Act, error) {
				day, err := dated("date", b.Date)
				return desk.Act{Reason: b.Reason, Note: b.Note, Date: day}, err
			})
		}
	}
	actOn(a, s, desk.Extend, "Move its due date", extendBody.act)
	actOn(a, s, desk.Transfer, "Move it to another unit", func(b transferBody) (desk.Act, error) {
		return desk.Act{Unit: b.To, Reason: b.Reason}, nil
	})
	huma.Register(a, act("/occurrences/{id}/urge", "urge", "occurrences", "Urge its unit", "A letter to the unit, at most one a day; what was urged already is nothing new."), answering(s.urge))
	event := act("/events", "addEvent", "events", "Record what starts clocks", "The same name, unit and key again is the same event: recorded already. With @GROUP as unit it is recorded of each member that owes what it starts.")
	event.Responses = map[string]*huma.Response{"201": {Description: http.StatusText(http.StatusCreated), Content: map[string]*huma.MediaType{
		"application/json": {Schema: a.OpenAPI().Components.Schemas.Schema(reflect.TypeFor[Recorded](), true, "")},
	}}, "default": failed(a)}
	huma.Register(a, event, answering(s.addEvent))
	huma.Register(a, act("/events/{key}/withdraw", "withdrawEvent", "events", "Say that an event did not count", "What it started and is open is cancelled."), answering(s.withdrawEvent))
	huma.Register(a, act("/notices/{id}/retry", "retryNotice", "notices", "Send a notice again, now", "One that failed, waits or was dropped."), answering(s.retry))
	huma.Register(a, act("/notices/{id}/drop", "dropNotice", "notices", "Discard a notice", "One that has not been sent."), answering(s.drop))
}

// act is an operation that does something.
func act(path, id, tag, summary, description string) huma.Operation {
	op := operation(http.MethodPost, path, id, tag, summary, description)
	op.MaxBodyBytes = mostBody
	return op
}

// The bodies of acts on an occurrence.
type (
	doneBody struct {
		Evidence string `json:"evidence,omitempty" doc:"A link to what was published"`
		Note     string `json:"note,omitempty"`
		Date     string `json:"date,omitempty" format:"date" doc:"The day it was so; without it today"`
	}
	actBody struct {
		Reason string `json:"reason,omitempty"`
		Note   string `json:"note,omitempty"`
		Date   string `json:"date,omitempty" format:"date" doc:"The day it was so; without it today"`
	}
	whyBody struct {
		Reason string `json:"reason"`
	}
	noteBody struct {
		Note string `json:"note"`
	}
	extendBody struct {
		To     string `json:"to,omitempty" format:"date" doc:"The new due date; or else by"`
		By     string `json:"by,omitempty" doc:"How much to add to the due date: 5 working days, 10 days, 1 month"`
		Reason string `json:"reason"`
	}
	transferBody struct {
		To     string `json:"to" doc:"The unit that is to do it"`
		Reason string `json:"reason"`
	}
	urgeBody struct {
		Note string `json:"note,omitempty" doc:"A text for the unit"`
	}
)

func (b extendBody) act() (desk.Act, error) {
	out := desk.Act{Reason: b.Reason}
	if (b.To == "") == (b.By == "") {
		return out, &problem.Error{Code: problem.Invalid, Field: "to", Key: "give a day or a distance, not both"}
	}
	var err error
	if out.To, err = dated("to", b.To); err != nil || b.By == "" {
		return out, err
	}
	more, err := rules.ParseWithin(b.By)
	if err == nil && more.N <= 0 {
		err = problem.Errorf(`%q: write "15 working days", "10 days" or "1 month"`, problem.Clip(b.By))
	}
	out.More = &more
	return out, of("by", err)
}

// inBody names the field of the body that an error is about, where the desk calls it
// otherwise.
func inBody(verb desk.Verb, err error) error {
	var e *problem.Error
	if verb != desk.Transfer || !errors.As(err, &e) || e.Field != "unit" {
		return err
	}
	c := *e
	c.Field = "to"
	return &c
}

// onOne is an act on the occurrence of that id.
type onOne[B any] struct {
	Conditions
	ID   string `path:"id" doc:"OBLIGATION/UNIT/PERIOD, percent-encoded: 1.3-budget%2Fczj%2F2017-07; with PLAN: before it where several plans have one of that name"`
	Body *B
}

// body is what was sent; nothing is a body without fields.
func (in *onOne[B]) body() B {
	if in.Body == nil {
		var none B
		return none
	}
	return *in.Body
}

// actOn registers a verb, with the body that it takes.
func actOn[B any](a huma.API, s *acts, verb desk.Verb, summary string, read func(B) (desk.Act, error)) {
	op := act("/occurrences/{id}/"+string(verb), string(verb), "occurrences", summary, "The same as the command of that name: the answer is the occurrence as it is then.")
	huma.Register(a, op, answering(func(ctx context.Context, in *onOne[B]) (*answer[views.Occurrence], error) {
		what, err := read(in.body())
		if err != nil {
			return nil, err
		}
		what.By = tokenOf(ctx).Name
		v := s.view()
		out, err := once(ctx, s.ledger, v.Now, in.Conditions, []any{op.OperationID, in.ID, in.body()}, func(tx ledger.Tx) (out done[views.Occurrence], err error) {
			if err := s.unchanged(tx, v, in.ID, in.IfMatch); err != nil {
				return out, err
			}
			o, err := s.desk.Within(tx, v).Do(tx.Context(), verb, in.ID, what)
			if err != nil {
				return out, inBody(verb, err)
			}
			return s.shown(tx, v, o)
		})
		s.told(ctx, string(verb), in.ID, err)
		return out, err
	}))
}

// unchanged refuses an act on an occurrence that is not as the program has seen it.
func (s *acts) unchanged(tx ledger.Tx, v engine.View, id, ifMatch string) error {
	if ifMatch == "" {
		return nil
	}
	o, err := tx.Find(tx.Context(), id)
	if err != nil {
		return err
	}
	now, err := s.shown(tx, v, o)
	if err != nil {
		return err
	}
	return unchanged(ifMatch, now.body)
}

func (s *acts) shown(tx ledger.Tx, v engine.View, o *ledger.Occurrence) (done[views.Occurrence], error) {
	shown, err := views.NewLister(tx, v).Occurrence(tx.Context(), o)
	return done[views.Occurrence]{http.StatusOK, shown}, err
}

// told says in the log what a program has done.
func (s *acts) told(ctx context.Context, what, of string, err error) {
	if err == nil {
		s.log.Info().Str("token", tokenOf(ctx).Name).Str("act", what).Str("of", of).Msg("api")
	}
}

func (s *acts) urge(ctx context.Context, in *onOne[urgeBody]) (*answer[views.Occurrence], error) {
	v := s.view()
	what := desk.Act{By: tokenOf(ctx).Name, Note: in.body().Note}
	out, err := once(ctx, s.ledger, v.Now, in.Conditions, []any{"urge", in.ID, in.body()}, func(tx ledger.Tx) (out done[views.Occurrence], err error) {
		if err := s.unchanged(tx, v, in.ID, in.IfMatch); err != nil {
			return out, err
		}
		if _, err := s.desk.Within(tx, v).Urge(tx.Context(), []string{in.ID}, what); err != nil {
			return out, err
		}
		o, err := tx.Find(tx.Context(), in.ID)
		if err != nil {
			return out, err
		}
		return s.shown(tx, v, o)
	})
	s.told(ctx, "urge", in.ID, err)
	return out, err
}

// eventBody is an event.
type eventBody struct {
	Name  string `json:"name" doc:"Which event, by its id in the plans"`
	Unit  string `json:"unit" doc:"The unit it happened to, or @GROUP for all its members"`
	Date  string `json:"date" format:"date" doc:"The day it happened; not counted itself"`
	Title string `json:"title,omitempty" doc:"What it is, for people"`
	Key   string `json:"key,omitempty" doc:"What tells it from others of its name and unit; without it the date"`
}

// Recorded are the events that were recorded.
type Recorded struct {
	views.Event
	Message string        `json:"message,omitempty" doc:"recorded already, where it was"`
	Items   []views.Event `json:"items,omitempty" doc:"Those of all members, where the unit was @GROUP; the rest is that of the first"`
}

type eventIn struct {
	Key  string `header:"Idempotency-Key" maxLength:"255" doc:"A text of your own: who asks again with it within three days gets the first answer, and nothing is done twice"`
	Body eventBody
}

func (s *acts) addEvent(ctx context.Context, in *eventIn) (*answer[Recorded], error) {
	day, err := dated("date", in.Body.Date)
	if err != nil {
		return nil, err
	}
	v := s.view()
	out, err := once(ctx, s.ledger, v.Now, Conditions{Key: in.Key}, []any{"addEvent", in.Body}, func(tx ledger.Tx) (out done[Recorded], err error) {
		e := &ledger.Event{Name: in.Body.Name, Unit: in.Body.Unit, Key: in.Body.Key, Title: in.Body.Title, Day: day}
		all, err := s.desk.Within(tx, v).AddEvents(tx.Context(), e, false, tokenOf(ctx).Name)
		if err != nil {
			return out, err
		}
		return recorded(v, all, strings.HasPrefix(in.Body.Unit, "@")), nil
	})
	s.told(ctx, "event", in.Body.Name+"/"+in.Body.Unit, err)
	return out, err
}

// recorded is what recording came to.
func recorded(v engine.View, all []desk.Recorded, group bool) done[Recorded] {
	added := false
	out := Recorded{}
	for i, r := range all {
		added = added || r.Added
		shown := views.NewEvent(r.Event, r.Started, v.Settings.Timezone)
		if i == 0 {
			out.Event = shown
		}
		if group {
			out.Items = append(out.Items, shown)
		}
	}
	if !added {
		out.Message = "recorded already"
	}
	return done[Recorded]{created(added), out}
}

type withdrawIn struct {
	Key  string `header:"Idempotency-Key" maxLength:"255" doc:"A text of your own: who asks again with it within three days gets the first answer, and nothing is done twice"`
	Of   string `path:"key" doc:"The event's key, or NAME/UNIT/KEY where several have it, percent-encoded"`
	Body whyBody
}

func (s *acts) withdrawEvent(ctx context.Context, in *withdrawIn) (*answer[views.Event], error) {
	v := s.view()
	out, err := once(ctx, s.ledger, v.Now, Conditions{Key: in.Key}, []any{"withdrawEvent", in.Of, in.Body}, func(tx ledger.Tx) (out done[views.Event], err error) {
		e, err := s.desk.Within(tx, v).WithdrawEvent(tx.Context(), in.Of, in.Body.Reason, tokenOf(ctx).Name)
		if err != nil {
			return out, err
		}
		out.status = http.StatusOK
		out.body, err = views.NewLister(tx, v).Event(tx.Context(), e)
		return out, err
	})
	s.told(ctx, "withdraw", in.Of, err)
	return out, err
}

type noticeIn struct {
	Key string `header:"Idempotency-Key" maxLength:"255" doc:"A text of your own: who asks again with it within three days gets the first answer, and nothing is done twice"`
	ID  int64  `path:"id" minimum:"1" doc:"Its number"`
}

func (s *acts) retry(ctx context.Context, in *noticeIn) (*answer[views.Notice], error) {
	return s.move(ctx, in, ledger.Pending, ledger.Failed, ledger.Pending, ledger.Dropped)
}

func (s *acts) drop(ctx context.Context, in *noticeIn) (*answer[views.Notice], error) {
	return s.move(ctx, in, ledger.Dropped, ledger.Pending, ledger.Held, ledger.Failed)
}

// move is a hand in the outbox.
func (s *acts) move(ctx context.Context, in *noticeIn, to ledger.MailState, from ...ledger.MailState) (*answer[views.Notice], error) {
	v := s.view()
	out, err := once(ctx, s.ledger, v.Now, Conditions{Key: in.Key}, []any{"notice", in.ID, to}, func(tx ledger.Tx) (out done[views.Notice], err error) {
		if err := s.desk.Within(tx, v).MoveNotice(tx.Context(), in.ID, to, tokenOf(ctx).Name, from...); err != nil {
			return out, err
		}
		n, err := tx.Notice(tx.Context(), in.ID)
		if err != nil {
			return out, err
		}
		shown, err := views.NewLister(tx, v).Notices(tx.Context(), []*ledger.Notice{n})
		if err != nil {
			return out, err
		}
		return done[views.Notice]{http.StatusOK, shown[0]}, nil
	})
	s.told(ctx, "notice "+string(to), strconv.FormatInt(in.ID, 10), err)
	return out, err
}
