package views

import (
	"strings"

	"duban/ledger"
	"duban/rules"
	"duban/rules/calendar"
	"duban/scheduler/engine"
)

// Planned is a due date that the rules give: what preview shows.
type Planned struct {
	ID          string           `json:"id"`
	Plan        string           `json:"plan"`
	Obligation  string           `json:"obligation"`
	Ref         string           `json:"ref"`
	Title       string           `json:"title"`
	Unit        string           `json:"unit"`
	UnitName    string           `json:"unit_name"`
	Period      string           `json:"period"`
	Anchor      calendar.Date    `json:"anchor"`
	Due         calendar.Date    `json:"due"`
	Named       string           `json:"named,omitempty"` // late begins after that day, where it is not Due
	Basis       string           `json:"basis"`
	Deadline    string           `json:"deadline"` // in words; empty: the rule is gone
	Provisional bool             `json:"provisional"`
	Partners    []string         `json:"partners,omitempty"` // units that are kept informed
	Reminders   []rules.Reminder `json:"reminders"`
}

// NewPlanned is an instance of an obligation, of one unit; weekends: mail leaves on
// days off too.
func NewPlanned(o *rules.Obligation, unit, name string, in rules.Instance, weekends bool) Planned {
	return Planned{
		ID: o.ID + "/" + unit + "/" + in.Period, Plan: o.Plan.ID, Obligation: o.ID, Ref: o.Ref, Title: o.Title,
		Unit: unit, UnitName: name, Period: in.Period, Anchor: in.Anchor, Due: in.Due, Named: in.Named.String(),
		Basis: string(o.Basis), Deadline: Deadline(o), Partners: partnersOf(o), Provisional: in.Provisional,
		Reminders: list(o.Timeline(weekends).Named(in.Named).Reminders(in.Due)),
	}
}

// Occurrence is one that the ledger has: what status shows.
type Occurrence struct {
	Planned
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
	Damage       string       `json:"damage,omitempty"`         // dates of it that cannot be read
	Transferred  string       `json:"transferred_to,omitempty"` // the id under which it goes on
}

// NewOccurrence is how an occurrence stands at the view's moment; text is that of
// its rule, as the ledger keeps it.
func NewOccurrence(v engine.View, o *ledger.Occurrence, text ledger.RuleText) Occurrence {
	zone := v.Settings.Timezone
	out := Occurrence{
		Planned: Planned{
			ID: o.Key(), Plan: o.Plan, Obligation: o.Obligation, Ref: text.Ref, Title: text.Title, Unit: o.Unit, UnitName: o.Unit,
			Period: o.Period, Anchor: o.Anchor, Due: o.Due, Named: o.Named.String(), Basis: text.Basis, Provisional: o.Provisional, Reminders: []rules.Reminder{},
		},
		State: o.State, Light: v.Light(o), FirstDue: o.FirstDue.String(),
		ReportedAt: Time(o.ReportedAt, zone), ClosedAt: Time(o.ClosedAt, zone),
		Late: o.State != ledger.StateOpen && v.Late(o), Evidence: o.Evidence, NextReminder: Date(o.NextReminder),
		Transferred: strings.TrimPrefix(o.TransferredTo(), o.Plan+":"),
		Extended:    o.Extended(), PausedOn: Date(o.PausedOn), Note: o.Note, Reason: o.Reason, Damage: o.Damage,
	}
	if u := v.Rules.Unit(o.Unit); u != nil {
		out.UnitName = u.Name
	}
	if ob := v.Obligation(o); ob != nil {
		out.Deadline, out.Partners = Deadline(ob), partnersOf(ob)
		out.Reminders = list(ob.Timeline(v.Settings.Weekends).Named(o.Named).Reminders(o.Due))
	}
	return out
}
