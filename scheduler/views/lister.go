package views

import (
	"context"

	"duban/ledger"
	"duban/scheduler/engine"
)

// Lister shows what a ledger has, as it stands at a view's moment. What many things
// share, such as the text of a rule, it asks the ledger for once.
type Lister struct {
	from  ledger.Reader
	view  engine.View
	texts map[int64]ledger.RuleText
}

// NewLister shows what r has.
func NewLister(r ledger.Reader, v engine.View) *Lister {
	return &Lister{r, v, map[int64]ledger.RuleText{}}
}

// Text is that of a rule.
func (l *Lister) Text(ctx context.Context, rule int64) (ledger.RuleText, error) {
	text, ok := l.texts[rule]
	if ok {
		return text, nil
	}
	text, err := l.from.RuleText(ctx, rule)
	if err == nil {
		l.texts[rule] = text
	}
	return text, err
}

// Occurrence is how one stands.
func (l *Lister) Occurrence(ctx context.Context, o *ledger.Occurrence) (Occurrence, error) {
	text, err := l.Text(ctx, o.Rule)
	if err != nil {
		return Occurrence{}, err
	}
	return NewOccurrence(l.view, o, text), nil
}

// Occurrences are how several stand.
func (l *Lister) Occurrences(ctx context.Context, all []*ledger.Occurrence) ([]Occurrence, error) {
	out := make([]Occurrence, len(all))
	for i, o := range all {
		var err error
		if out[i], err = l.Occurrence(ctx, o); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// Notices are how notices stand, with whom they go to and what they carry.
func (l *Lister) Notices(ctx context.Context, all []*ledger.Notice) ([]Notice, error) {
	keys, err := l.from.ItemKeys(ctx, all)
	if err != nil {
		return nil, err
	}
	to, err := l.from.Addresses(ctx, all)
	if err != nil {
		return nil, err
	}
	out := make([]Notice, len(all))
	for i, n := range all {
		out[i] = NewNotice(n, to[n.ID], keys[n.ID], l.view.Settings.Timezone)
	}
	return out, nil
}

// Event is one with what it started.
func (l *Lister) Event(ctx context.Context, e *ledger.Event) (Event, error) {
	started, err := l.from.StartedBy(ctx, e.ID)
	return NewEvent(e, started, l.view.Settings.Timezone), err
}
