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
	ID          string           `json:"id" doc:"OBLIGATION/UNIT/PERIOD"`
	Plan        string           `json:"plan" doc:"The plan, by its id"`
	Obligation  string           `json:"obligation" doc:"The obligation, by its id"`
	Ref         string           `json:"ref" doc:"Its place in the document"`
	Title       string           `json:"title" doc:"What is to be done"`
	Unit        string           `json:"unit" doc:"The unit that owes it, by its id"`
	UnitName    string           `json:"unit_name" doc:"What the unit is called"`
	Period      string           `json:"period" doc:"Which period, or the key of its event"`
	Anchor      calendar.Date    `json:"anchor" doc:"The day the count starts from; never counted itself"`
	Due         calendar.Date    `json:"due" doc:"The last day"`
	Named       string           `json:"named,omitempty" doc:"Late begins after that day, where it is not due"` // late begins after that day, where it is not Due
	Basis       string           `json:"basis" doc:"text: the document fixes the deadline; assumed: the administrator set it"`
	Deadline    string           `json:"deadline" doc:"The deadline in words"` // in words; empty: the rule is gone
	Provisional bool             `json:"provisional" doc:"The due date may still move: a calendar year is missing"`
	Partners    []string         `json:"partners,omitempty" doc:"Units that are kept informed"` // units that are kept informed
	Reminders   []rules.Reminder `json:"reminders" doc:"When people are reminded"`
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
	State        ledger.State `json:"state" doc:"Where it stands in its life"`
	Light        rules.Light  `json:"light" doc:"How urgent it is"`
	FirstDue     string       `json:"first_due" doc:"The due date before any extension"`
	ReportedAt   *string      `json:"reported_at" doc:"When it was reported"`
	ClosedAt     *string      `json:"closed_at" doc:"When it was closed"`
	Late         bool         `json:"late" doc:"Whether it was done after the deadline"`
	Evidence     string       `json:"evidence" doc:"A link to what was published"`
	NextReminder *string      `json:"next_reminder" doc:"When somebody is reminded next"`
	Extended     bool         `json:"extended" doc:"Whether an extension was granted"`
	PausedOn     *string      `json:"paused_on" doc:"Its clock stands still since the end of that day"`
	Note         string       `json:"note" doc:"What the unit wrote"`
	Reason       string       `json:"reason" doc:"Why it was last moved"`
	Damage       string       `json:"damage,omitempty" doc:"Dates of it that cannot be read"`       // dates of it that cannot be read
	Transferred  string       `json:"transferred_to,omitempty" doc:"The id under which it goes on"` // the id under which it goes on
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
