package ledger

import (
	"context"
	"time"

	"duban/rules/calendar"
)

// Duty is one obligation of one unit: what the ledger knows of it before and
// between its occurrences.
type Duty struct {
	Plan       string
	Obligation string
	Unit       string
	Rule       int64
	From       time.Time     // since when that rule is followed
	MadeTo     calendar.Date // up to that anchor all has been made
	Wake       calendar.Date // when the next occurrence is to be made; 0: events make them
	Told       bool          // the unit knows it for its own
	Retired    bool          // no rule asks for it any more
	Changed    time.Time     // since when it is asked for, or no longer; only read
}

// Standing is how the duties of one obligation stand together.
type Standing struct {
	Obligation      string
	Duties, Retired int
	Rule            int64 // that all of them follow; 0: they follow several
}

// Followed is a rule that a duty followed for a time, and no longer does.
type Followed struct {
	From, To time.Time // the rule held from the one until the other
	Extent   string    // of the rule; empty: an older version did not keep it
	MadeTo   calendar.Date
}

// DutyReader finds duties.
type DutyReader interface {
	// Standings tell how the duties of each obligation of a plan stand together; of
	// these obligations, or of all.
	Standings(ctx context.Context, plan string, obligations ...string) ([]Standing, error)

	// Duties are those of one obligation, by unit.
	Duties(ctx context.Context, plan, obligation string) ([]*Duty, error)

	// Duty is that of one obligation of one unit.
	Duty(ctx context.Context, plan, obligation, unit string) (*Duty, error)

	// WakingDuties are those of a plan with occurrences to be made by that day.
	WakingDuties(ctx context.Context, plan string, today calendar.Date) ([]*Duty, error)

	// UntoldDuties are those whose units have yet to hear that they are their own,
	// or no longer, by unit.
	UntoldDuties(ctx context.Context) ([]*Duty, error)

	// HasHeard tells whether any notice about a duty has gone to its unit, or may
	// have.
	HasHeard(ctx context.Context, d *Duty) (bool, error)

	// Followed are the rules that the duties of an obligation followed before their
	// present ones, by unit, the latest first.
	Followed(ctx context.Context, plan, obligation string) (map[string][]Followed, error)
}

// DutyWriter writes how far a duty has come.
type DutyWriter interface {
	// SaveDuty writes a duty, new or changed.
	SaveDuty(d *Duty, now time.Time) error

	// DutyMade writes only how far a duty's occurrences have been made.
	DutyMade(d *Duty) error

	// DutyTold writes only that the unit has heard how it stands with a duty: it is
	// its own, or no longer.
	DutyTold(d *Duty) error

	// DutyUntold takes back that the unit has heard of a change; own: it took the
	// duty for its own before.
	DutyUntold(plan, obligation, unit string, own bool) error

	// EndFollowed keeps that d followed its rule from d.From until now.
	EndFollowed(d *Duty, now time.Time) error

	// FollowedBy brings back to now whatever a clock that was ahead says of when
	// rules were followed.
	FollowedBy(now time.Time) error
}
