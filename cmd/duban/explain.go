package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"duban/rules"
	"duban/rules/calendar"
)

// explanation is how one due date was counted.
type explanation struct {
	occurrenceRow
	Within string       `json:"within"`
	Steps  []rules.Step `json:"steps"`
}

func (a *app) explainCommand() *cobra.Command {
	var unit, period string
	var eventDate calendar.Date
	cmd := a.jsonFlag(&cobra.Command{
		Use:   "explain OBLIGATION",
		Short: "Show how a due date is counted, day by day",
		Long: `explain counts the deadline of a period (--period), or of what happened on a
day (--event-date), day by day. Without either it takes the next one. An
occurrence id, OBLIGATION/UNIT/PERIOD, is understood too.`,
		Args:              exactly("OBLIGATION"),
		ValidArgsFunction: a.completeObligations,
		RunE: func(_ *cobra.Command, args []string) error {
			if period != "" && eventDate != 0 {
				return usagef("--period and --event-date cannot go together")
			}
			name := args[0]
			if parts := strings.SplitN(name, "/", 3); len(parts) == 3 {
				name = parts[0]
				if unit == "" {
					unit = parts[1]
				}
				if period == "" && eventDate == 0 {
					period = parts[2]
				}
			}
			l, err := a.load()
			if err != nil {
				return err
			}
			o, err := l.rules.FindObligation(name)
			if err != nil {
				return err
			}
			in, err := a.instance(o, period, eventDate)
			if err != nil {
				return err
			}
			e, err := l.explain(o, unit, in)
			if err != nil {
				return err
			}
			if a.asJSON {
				return printJSON(a.out, e)
			}
			a.printExplanation(o, e)
			return nil
		},
	})
	f := cmd.Flags()
	f.StringVar(&unit, "unit", "", "the `unit`; the count is the same for all")
	f.StringVar(&period, "period", "", "the `period`: 2017-07, 2017-Q3, 2017-H2, 2017, 2017-W28 or a date")
	f.Var(dateValue{&eventDate}, "event-date", "the day the event happened, or what comes before was closed")
	_ = cmd.RegisterFlagCompletionFunc("unit", a.completeUnits) // the flag was just made
	return cmd
}

// instance is the one asked for, else the next, else the last.
func (a *app) instance(o *rules.Obligation, period string, eventDate calendar.Date) (rules.Instance, error) {
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
				return rules.Instance{}, fmt.Errorf("%s does not count what happened on %s: it counts from %s", o.ID, eventDate, starts)
			}
			return rules.Instance{}, fmt.Errorf("%s does not count what happened on %s: it counts from %s to %s", o.ID, eventDate, starts, ends)
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
	for in := range o.Between(o.Plan.Starts-4000, day) {
		last = in
	}
	if last.Due == 0 {
		return last, fmt.Errorf("%s is never due", o.ID)
	}
	return last, nil
}

func (l *loaded) explain(o *rules.Obligation, unit string, in rules.Instance) (explanation, error) {
	if unit == "" {
		unit = o.Units[0].ID
	}
	u, err := l.rules.FindUnit(unit)
	if err != nil {
		return explanation{}, err
	}
	if !o.Owes(unit) {
		return explanation{}, fmt.Errorf("%s does not owe %s", unit, o.ID)
	}
	return explanation{
		occurrenceRow: occurrenceRow{
			ID: o.ID + "/" + unit + "/" + in.Period, Plan: o.Plan.ID, Obligation: o.ID, Ref: o.Ref, Title: o.Title,
			Unit: unit, UnitName: u.Name, Period: in.Period, Anchor: in.Anchor, Due: in.Due, Basis: string(o.Basis),
			Provisional: in.Provisional, Reminders: o.Timeline(l.weekends).Reminders(in.Due),
		},
		Within: o.Within.String(),
		Steps:  o.Explain(in.Anchor),
	}, nil
}

func (a *app) printExplanation(o *rules.Obligation, e explanation) {
	who := map[rules.Basis]string{rules.InText: "the document fixes it", rules.Assumed: "the administrator set it"}[o.Basis]
	fmt.Fprintf(a.out, "%s  %s\n%s %q; within %s of %s (%s)\n\n", o.ID, o.Title, o.Cadence.Kind, o.Cadence.Value, e.Within, e.Anchor, who)
	for _, s := range e.Steps {
		n := "-"
		if s.Counted > 0 {
			n = fmt.Sprint(s.Counted)
		}
		why := s.Why
		if s.Holiday != "" {
			why += " (" + s.Holiday + ")"
		}
		fmt.Fprintf(a.out, "  %s %s %5s  %s\n", s.Date, s.Date.Weekday().String()[:3], n, why)
	}
	fmt.Fprintf(a.out, "\ndue %s, %s %s", dueText(e.Due, e.Provisional), o.Plan.Deadline(e.Due).Format("15:04"), o.Plan.Timezone)
	if e.Provisional {
		fmt.Fprint(a.out, "\nprovisional: the count touches a year whose public holidays are not published yet")
	}
	fmt.Fprintln(a.out)
	for _, r := range e.Reminders {
		fmt.Fprintf(a.out, "  %-10s %s\n", r.Kind, dueText(r.Date, false))
	}
}
