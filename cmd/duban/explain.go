package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"duban/cmd/duban/app"
	"duban/ledger"
	"duban/rules"
	"duban/rules/calendar"
	"duban/rules/catalogue"
	"duban/rules/problem"
	"duban/scheduler/views"
)

// explanation is how one due date was counted.
type explanation struct {
	views.Planned
	Within   string       `json:"within"`
	FirstDue string       `json:"first_due,omitempty"` // of an occurrence of the ledger
	Extended bool         `json:"extended,omitempty"`
	Pauses   []pauseRow   `json:"pauses,omitempty"`
	Steps    []rules.Step `json:"steps"`
}

type pauseRow struct {
	From string `json:"from"` // the clock stops at the end of that day
	To   string `json:"to"`   // and at the end of that one it goes on; empty: it stands still
}

// asked is what explain is to explain.
type asked struct {
	occurrence, obligation, unit, period string
	eventDate                            calendar.Date
}

func explainCommand(a *env) *cobra.Command {
	var q asked
	var phrase string
	var issued calendar.Date
	cmd := jsonFlag(a, &cobra.Command{
		Use:   "explain OBLIGATION | --words PHRASE",
		Short: "Show how a due date is counted, day by day",
		Long: `explain counts the deadline of a period (--period), or of what happened on a
day (--event-date), day by day. Without either it takes the next one. An
occurrence id, OBLIGATION/UNIT/PERIOD, is understood too: one that the ledger
has is shown with its pauses and extensions.

With --words it tells how a deadline in words is understood, as it may stand in
a plan: deadline = "每季度结束后10个工作日内".`,
		Args: func(cmd *cobra.Command, args []string) error {
			if cmd.Flags().Changed("words") {
				return exactly()(cmd, args)
			}
			return exactly("OBLIGATION")(cmd, args)
		},
		ValidArgsFunction: a.completeObligations,
		RunE: func(cmd *cobra.Command, args []string) error {
			if cmd.Flags().Changed("words") {
				return explainWords(a, phrase, issued)
			}
			if q.period != "" && q.eventDate != 0 {
				return usagef("--period and --event-date cannot go together")
			}
			q.obligation = args[0]
			if parts := strings.SplitN(args[0], "/", 3); len(parts) == 3 {
				q.obligation = parts[0]
				if q.unit == "" {
					q.unit = parts[1]
				}
				if q.period == "" && q.eventDate == 0 {
					q.period, q.occurrence = parts[2], args[0]
				}
			}
			return explainOne(cmd.Context(), a, q)
		},
	})
	f := cmd.Flags()
	f.StringVar(&q.unit, "unit", "", "the `unit`; the count is the same for all")
	f.StringVar(&q.period, "period", "", "the `period`: 2017-07, 2017-Q3, 2017-H2, 2017, 2017-W28 or a date")
	f.Var(dateValue{&q.eventDate}, "event-date", "the day the event happened, or what comes before was closed")
	f.StringVar(&phrase, "words", "", "a deadline in `words`, Chinese or English")
	f.Var(dateValue{&issued}, "issued", "with --words: the day the plan was issued (default: today)")
	_ = cmd.RegisterFlagCompletionFunc("unit", a.completeUnits) // the flag was just made
	return cmd
}

func explainOne(ctx context.Context, a *env, q asked) error {
	l, err := a.load()
	if err != nil {
		return err
	}
	ob, err := l.Rules.FindObligation(q.obligation)
	if err != nil {
		return err
	}
	e, err := fromLedger(ctx, a, l, ob, q.occurrence)
	if e == nil && err == nil {
		var in rules.Instance
		if in, err = instance(a, ob, q.period, q.eventDate); err == nil {
			e, err = explain(l, ob, q.unit, in)
		}
	}
	if err != nil {
		return err
	}
	if a.asJSON {
		return printJSON(a.out, e)
	}
	printExplanation(a, ob, e)
	return nil
}

// fromLedger explains an occurrence that the ledger has; nil: it has none of
// that name, or there is no ledger.
func fromLedger(ctx context.Context, a *env, l *app.Site, ob *rules.Obligation, name string) (e *explanation, err error) {
	if name == "" {
		return nil, nil
	}
	err = a.on(ctx, l, app.ToRead, func(_ *app.Site, b *app.Book) error {
		o, err := b.Find(ctx, ob.Plan.ID+":"+name[strings.Index(name, ":")+1:])
		if err != nil {
			return nil // the rule alone is explained
		}
		pauses, err := b.Pauses(ctx, o.ID)
		if err != nil {
			return err
		}
		in := rules.Instance{Period: o.Period, Anchor: o.Anchor, Due: o.Due, Named: o.Named, Provisional: o.Provisional}
		e = newExplanation(l, ob, o.Unit, in, ob.Explain(o.Anchor, o.Granted, pauses...))
		e.FirstDue, e.Extended = o.FirstDue.String(), o.Extended()
		for _, p := range pauses {
			e.Pauses = append(e.Pauses, pauseRow{p.From.String(), p.To.String()})
		}
		return nil
	})
	if errors.Is(err, ledger.ErrMissing) {
		err = nil
	}
	return e, err
}

// instance is the one asked for, else the next, else the last.
func instance(a *env, o *rules.Obligation, period string, eventDate calendar.Date) (rules.Instance, error) {
	if !o.Cadence.Recurs() {
		if eventDate == 0 && period != "" {
			d, err := calendar.ParseDate(period)
			if err != nil {
				return rules.Instance{}, usagef("%s starts from %s %q: say when with --event-date", o.ID, o.Cadence.Kind, o.Cadence.Value)
			}
			eventDate = d
		}
		if eventDate == 0 {
			return rules.Instance{}, usagef("%s starts from %s %q: say when with --event-date", o.ID, o.Cadence.Kind, o.Cadence.Value)
		}
		if !o.Counts(eventDate) {
			starts, ends := o.Span()
			if ends == 0 {
				return rules.Instance{}, problem.Errorf("%s does not count what happened on %s: it counts from %s", o.ID, eventDate, starts)
			}
			return rules.Instance{}, problem.Errorf("%s does not count what happened on %s: it counts from %s to %s", o.ID, eventDate, starts, ends)
		}
		return o.At(eventDate.String(), eventDate), nil
	}
	if eventDate != 0 {
		return rules.Instance{}, usagef("%s recurs by %s, not from an event: use --period", o.ID, o.Cadence.Kind)
	}
	if period != "" {
		return o.Period(period)
	}
	day := o.Plan.Day(a.now())
	for in := range o.From(day) {
		return in, nil
	}
	var last rules.Instance
	for in := range o.Between(calendar.First, day) {
		last = in
	}
	if last.Due == 0 {
		return last, problem.Errorf("%s is never due", o.ID)
	}
	return last, nil
}

func explain(l *app.Site, o *rules.Obligation, unit string, in rules.Instance) (*explanation, error) {
	if unit == "" {
		unit = o.Units[0].ID
	}
	if _, err := l.Rules.FindUnit(unit); err != nil {
		return nil, err
	}
	if !o.Owes(unit) {
		return nil, problem.Errorf("%s does not owe %s", unit, o.ID)
	}
	return newExplanation(l, o, unit, in, o.Explain(in.Anchor, 0)), nil
}

func newExplanation(l *app.Site, o *rules.Obligation, unit string, in rules.Instance, steps []rules.Step) *explanation {
	name := unit
	if u := l.Rules.Unit(unit); u != nil {
		name = u.Name
	}
	return &explanation{
		Planned: views.NewPlanned(o, unit, name, in, l.Config.Weekends),
		Within:  o.Within.String(),
		Steps:   steps,
	}
}

func printExplanation(a *env, o *rules.Obligation, e *explanation) {
	language := catalogue.English
	if a.words.Chinese() {
		language = catalogue.Chinese
	}
	a.say("%s  %s\n%s; counted from %s; deadline set by: %s\n", o.ID, o.DisplayTitle(language), o.Words(language), e.Anchor, a.words.Say("basis "+string(o.Basis)))
	for _, s := range e.Steps {
		n := "-"
		if s.Counted > 0 {
			n = fmt.Sprint(s.Counted)
		}
		why := a.words.Say(s.Why)
		if s.Holiday != "" {
			why += " (" + s.Holiday + ")"
		}
		fmt.Fprintf(a.out, "  %s %5s  %s\n", a.words.Date(s.Date), n, why)
	}
	fmt.Fprintln(a.out)
	a.say("due %s, %s %s", a.due(e.Due, e.Provisional), e.Due.Clock(o.Plan.Deadline(e.Due)), o.Plan.Timezone)
	if e.Named != "" {
		a.say("late after the end of %s, the day that the rule names", e.Named)
	}
	if last := e.Steps[len(e.Steps)-1].Date; last != e.Due {
		a.say("the rule as it now stands counts to %s; the ledger holds %s", last, e.Due)
	}
	if e.Provisional {
		a.say("provisional: the count touches days that a notice of public holidays may still move")
	}
	for _, r := range e.Reminders {
		fmt.Fprintf(a.out, "  %-10s %s\n", a.name("reminder", string(r.Kind)), a.due(r.Date, false))
	}
}
