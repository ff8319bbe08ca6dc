package webhook

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"duban/ledger"
	"duban/rules"
	"duban/rules/problem"
	"duban/scheduler/views"
)

// What a webhook may be told of an occurrence; Met is a plan's first meeting with the
// ledger, in place of all that it makes then, and goes to who hears of Made.
const (
	Made        = "made"
	Met         = "met"
	Reported    = "reported"
	Closed      = "closed"
	Overdue     = "overdue" // its first overdue reminder is told
	Extended    = "extended"
	Transferred = "transferred"
)

// event is one thing that an entry of the journal says.
type event struct {
	kind  string
	about string // for people: the occurrence, or the plan
	data  any
}

// on is the word of the configuration by which it is asked for.
func (e event) on() string {
	if e.kind == Met {
		return Made
	}
	return e.kind
}

// id is the same each time the same is posted, to whichever webhook.
func (e event) id(of ledger.Entry) string {
	id := fmt.Sprintf("msg_%d_%.12s_%s", of.Seq, of.Hash, e.kind)
	if o, ok := e.data.(occurrence); ok && e.kind == Overdue { // of which an entry may tell several
		id += "_" + strconv.FormatInt(o.number, 10)
	}
	return id
}

// occurrence is what is posted of one: as --json shows it.
type occurrence struct {
	Occurrence views.Occurrence `json:"occurrence"`

	number int64
}

// met is what is posted of a plan's first meeting.
type met struct {
	Plan  string `json:"plan"`
	Title string `json:"title"`
	Count int    `json:"count"` // of occurrences that were made
}

func (e event) body(of ledger.Entry, zone *time.Location) ([]byte, error) {
	return json.Marshal(struct {
		Type      string `json:"type"`
		Timestamp string `json:"timestamp"`
		Data      any    `json:"data"`
	}{e.kind, of.At.In(zone).Format(time.RFC3339), e.data})
}

// mayConcern tells whether an entry may say something that is asked for, without
// looking at more than the entry.
func mayConcern(e ledger.Entry, on []string) bool {
	has := func(words ...string) bool {
		return slices.ContainsFunc(words, func(w string) bool { return slices.Contains(on, w) })
	}
	switch e.Subject.Kind {
	case ledger.AboutOccurrence:
		switch e.Action {
		case "made":
			return has(Made)
		case "extended":
			return has(Extended)
		case "transferred":
			return has(Transferred)
		}
		return has(Reported, Closed)
	case ledger.AboutNotice:
		return has(Overdue)
	case ledger.AboutPlan:
		return has(Made)
	}
	return false
}

// eventsOf is what an entry says, in order.
func (p *Poster) eventsOf(ctx context.Context, e ledger.Entry) (out []event, err error) {
	switch e.Subject.Kind {
	case ledger.AboutOccurrence:
		kinds, err := p.kindsOf(ctx, e)
		for _, kind := range kinds {
			if err != nil {
				break
			}
			if ev, there, looked := p.ofOccurrence(ctx, kind, e.Subject.Ref); there {
				out = append(out, ev)
			} else {
				err = looked
			}
		}
		return out, err
	case ledger.AboutNotice:
		if leaves(e) {
			return p.overdue(ctx, e)
		}
	case ledger.AboutPlan:
		if e.Action == adopted {
			n, err := p.ledger.MadeBefore(ctx, e.Subject.Ref, e)
			m := met{Plan: e.Subject.Ref, Title: e.Subject.Ref, Count: n}
			if plan := p.view().Rules.Plan(e.Subject.Ref); plan != nil {
				m.Title = plan.Title
			}
			return []event{{Met, e.Subject.Ref, m}}, err
		}
	}
	return nil, nil
}

// adopted is the action of a plan's first meeting.
const adopted = "plan adopted"

// kindsOf are what an entry about an occurrence tells: a report may close it as well.
func (p *Poster) kindsOf(ctx context.Context, e ledger.Entry) (kinds []string, err error) {
	switch e.Action {
	case "made":
		first, err := p.firstMeeting(ctx, e)
		if err != nil || first {
			return nil, err
		}
		return []string{Made}, nil
	case "extended":
		return []string{Extended}, nil
	case "transferred":
		var o struct{ Transferred string }
		if err := json.Unmarshal([]byte(e.After), &o); err != nil || o.Transferred != "" {
			return nil, nil //nolint:nilerr // the other of the two entries, about the unit that has it now, tells it
		}
		return []string{Transferred}, nil
	}
	before, known := standIn(e.Before)
	after, alike := standIn(e.After)
	if !known || !alike || after.State == before.State {
		return nil, nil
	}
	if after.Reported != "" && after.Reported != before.Reported {
		kinds = append(kinds, Reported)
	}
	if after.State == ledger.StateClosed {
		kinds = append(kinds, Closed)
	}
	return kinds, nil
}

// stand is how the journal says that an occurrence stood.
type stand struct {
	State    ledger.State
	Reported string `json:"reported_at"`
}

// standIn reads it; not known: the entry is of an older version, or has none.
func standIn(snapshot string) (s stand, known bool) {
	err := json.Unmarshal([]byte(snapshot), &s)
	return s, err == nil && s.State != ""
}

// firstMeeting tells whether an occurrence was made as its plan first met the ledger:
// one transaction at one moment, which the plan's own entry ends. The moment alone does
// not tell: the journal keeps seconds, and people act within the same one.
func (p *Poster) firstMeeting(ctx context.Context, e ledger.Entry) (bool, error) {
	type meeting struct {
		at  int64
		seq int64 // of the plan's own entry; 0: at that moment it did not meet the ledger
	}
	of := ledger.Subject{Kind: ledger.AboutPlan, Ref: planOf(e.Subject.Ref)}
	if last, ok := p.met.Load(of.Ref); ok && last.(meeting).at == e.At.UnixNano() {
		return e.Seq < last.(meeting).seq, nil
	}
	m := meeting{at: e.At.UnixNano()}
	err := p.ledger.Entries(ctx, of, func(plan ledger.Entry) error {
		if plan.Action == adopted && plan.At.Equal(e.At) {
			m.seq = plan.Seq
		}
		return nil
	})
	if err == nil {
		p.met.Store(of.Ref, m)
	}
	return e.Seq < m.seq, err
}

func planOf(fullKey string) string {
	for i := range fullKey {
		if fullKey[i] == ':' {
			return fullKey[:i]
		}
	}
	return fullKey
}

// ofOccurrence is an event about the occurrence of a full key, as it stands now; not
// there: the ledger does not have it any more.
func (p *Poster) ofOccurrence(ctx context.Context, kind, fullKey string) (ev event, there bool, err error) {
	o, err := p.ledger.Find(ctx, fullKey)
	if problem.CodeOf(err) == problem.NotFound || errors.Is(err, ledger.ErrNotFound) {
		return ev, false, nil
	}
	if err != nil {
		return ev, false, err
	}
	ev, err = p.of(ctx, kind, o)
	return ev, err == nil, err
}

func (p *Poster) of(ctx context.Context, kind string, o *ledger.Occurrence) (event, error) {
	text, err := p.ledger.RuleText(ctx, o.Rule)
	return event{kind, o.FullKey(), occurrence{views.NewOccurrence(p.view(), o, text), o.ID}}, err
}

// leaves tells whether an entry lets a notice go: as it was made, or, where it was held
// then, as it was released.
func leaves(e ledger.Entry) bool {
	var was, is struct{ State ledger.MailState }
	switch e.Action {
	case "notice made":
		return json.Unmarshal([]byte(e.After), &is) == nil && is.State != ledger.Held
	case "notice " + string(ledger.Pending):
		return json.Unmarshal([]byte(e.Before), &was) == nil && was.State == ledger.Held
	}
	return false
}

// overdue are the occurrences whose first overdue reminder a notice is.
func (p *Poster) overdue(ctx context.Context, e ledger.Entry) (out []event, err error) {
	id, err := strconv.ParseInt(e.Subject.Ref, 10, 64)
	if err != nil {
		return nil, nil //nolint:nilerr // no notice of ours
	}
	n, err := p.ledger.Notice(ctx, id)
	if err != nil {
		return nil, err
	}
	for _, it := range n.Items {
		if it.Kind != string(rules.Overdue) || it.Occurrence == 0 || n.Kind != ledger.Reminder {
			continue
		}
		first, err := p.ledger.FirstNotice(ctx, it.Occurrence, it.Kind)
		if err != nil {
			return nil, err
		}
		if first != n.ID {
			continue
		}
		o, err := p.ledger.Occurrence(ctx, it.Occurrence)
		if err != nil {
			return nil, err
		}
		ev, err := p.of(ctx, Overdue, o)
		if err != nil {
			return nil, err
		}
		out = append(out, ev)
	}
	return out, nil
}
