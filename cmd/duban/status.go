package main

import (
	"context"
	"time"

	"github.com/spf13/cobra"

	"duban/cmd/duban/app"
	"duban/ledger"
	"duban/rules"
	"duban/rules/calendar"
	"duban/scheduler/engine"
)

// statusRow is one occurrence of the ledger in status --json.
type statusRow struct {
	occurrenceRow
	State        ledger.State `json:"state"`
	Light        rules.Light  `json:"light"`
	FirstDue     string       `json:"first_due"`
	ReportedAt   *string      `json:"reported_at"`
	ClosedAt     *string      `json:"closed_at"`
	Late         bool         `json:"late"`
	Evidence     string       `json:"evidence"`
	NextReminder *string      `json:"next_reminder"`
	Extended     bool         `json:"extended"`
	PausedOn     *string      `json:"paused_on"`
	Note         string       `json:"note"`
	Reason       string       `json:"reason"`
	Damage       string       `json:"damage,omitempty"` // dates of it that cannot be read
}

func statusCommand(a *env) *cobra.Command {
	var sel selection
	var state ledger.State
	var light rules.Light
	var as sheets
	cmd := jsonFlag(a, &cobra.Command{
		Use:   "status",
		Short: "Show what the ledger holds",
		Long: `status lists occurrences by due date: without filters those that are open or
wait for the supervisor, with --state those in that state; --json lists all.
With --format they are the register (督办台账) as a table, a sheet a plan.`,
		Args: exactly(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.look(cmd.Context(), func(l *app.Site, b *app.Book) error {
				if err := sel.check(l.Rules); err != nil {
					return err
				}
				table, err := as.asked(a)
				if err != nil {
					return err
				}
				q := ledger.Query{Unit: sel.unit, DueFrom: sel.from, DueTo: sel.to}
				if state != "" {
					q.States = []ledger.State{state}
				} else if !a.asJSON && !table && light != rules.Grey {
					q.States = []ledger.State{ledger.StateOpen, ledger.StateReported}
				}
				if sel.obligation != "" {
					o, err := l.Rules.FindObligation(sel.obligation)
					if err != nil {
						return err
					}
					q.Plan, q.Obligation = o.Plan.ID, o.ID
				}
				rows, err := statusRows(cmd.Context(), b, q, light)
				if err != nil {
					return err
				}
				switch {
				case table:
					return as.write(a, registers(l.Rules, rows, readersLanguage(l.Config)))
				case a.asJSON:
					return printJSON(a.out, rows)
				}
				printStatus(a, rows)
				return nil
			})
		},
	})
	sel.flags(a, cmd)
	as.flags(cmd)
	cmd.Flags().Var(choiceValue[ledger.State]{&state, ledger.States}, "state", "open, reported, closed, waived or cancelled")
	cmd.Flags().Var(choiceValue[rules.Light]{&light, rules.Lights}, "light", "red, yellow, green or grey")
	return cmd
}

func statusRows(ctx context.Context, b *app.Book, q ledger.Query, light rules.Light) ([]statusRow, error) {
	found, err := ledger.AllOccurrences(ctx, b, q)
	if err != nil {
		return nil, err
	}
	rows, v := []statusRow{}, b.View()
	texts := map[int64]ledger.RuleText{}
	for _, o := range found {
		if light != "" && v.Light(o) != light {
			continue
		}
		text, ok := texts[o.Rule]
		if !ok {
			if text, err = b.RuleText(ctx, o.Rule); err != nil {
				return nil, err
			}
			texts[o.Rule] = text
		}
		rows = append(rows, newStatusRow(v, o, text))
	}
	return rows, nil
}

func newStatusRow(v engine.View, o *ledger.Occurrence, text ledger.RuleText) statusRow {
	zone := v.Settings.Timezone
	r := statusRow{
		occurrenceRow: occurrenceRow{
			ID: o.Key(), Plan: o.Plan, Obligation: o.Obligation, Ref: text.Ref, Title: text.Title, Unit: o.Unit, UnitName: o.Unit,
			Period: o.Period, Anchor: o.Anchor, Due: o.Due, Named: o.Named.String(), Basis: text.Basis, Provisional: o.Provisional, Reminders: []rules.Reminder{},
		},
		State: o.State, Light: v.Light(o), FirstDue: o.FirstDue.String(),
		ReportedAt: timeOrNull(o.ReportedAt, zone), ClosedAt: timeOrNull(o.ClosedAt, zone),
		Late: o.State != ledger.StateOpen && v.Late(o), Evidence: o.Evidence, NextReminder: dateOrNull(o.NextReminder),
		Extended: o.Extended(), PausedOn: dateOrNull(o.PausedOn), Note: o.Note, Reason: o.Reason, Damage: o.Damage,
	}
	if u := v.Rules.Unit(o.Unit); u != nil {
		r.UnitName = u.Name
	}
	if ob := v.Obligation(o); ob != nil {
		r.Deadline = inWords(ob)
		r.Reminders = ob.Timeline(v.Settings.Weekends).Named(o.Named).Reminders(o.Due)
	}
	return r
}

func timeOrNull(t time.Time, zone *time.Location) *string {
	if t.IsZero() {
		return nil
	}
	s := t.In(zone).Format(time.RFC3339)
	return &s
}

func dateOrNull(d calendar.Date) *string {
	if d.IsZero() {
		return nil
	}
	s := d.String()
	return &s
}

func orDash(s *string) string {
	if s == nil || *s == "" {
		return "-"
	}
	return *s
}

func printStatus(a *env, rows []statusRow) {
	var table [][]any
	for _, r := range rows {
		state := string(r.State)
		if r.PausedOn != nil {
			state += ", paused"
		}
		if r.Extended {
			state += ", extended"
		}
		if r.Late {
			state += ", late"
		}
		if r.Damage != "" {
			state += ", cannot be read: " + r.Damage
		}
		table = append(table, []any{a.name("light", string(r.Light)), a.due(r.Due, r.Provisional), r.ID, r.Title, r.UnitName, state, orDash(r.NextReminder)})
	}
	a.table([]column{{head: "LIGHT"}, {head: "DUE"}, {head: "OCCURRENCE"}, {head: "TITLE", width: 40}, {head: "UNIT", width: 20}, {head: "STATE"}, {head: "NEXT REMINDER"}}, table)
}
